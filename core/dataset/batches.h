// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/dataset.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace pissarro::core::inline dataset {

// A micro-batch, padded on the right to its longest row.
// Shapes: B rows, T tokens; the three vectors hold B*T values, row-major.
struct Batch {
    std::int64_t rows = 0; // B
    std::int64_t length = 0; // T
    std::vector<std::int64_t> ids;
    std::vector<std::int64_t> labels; // kIgnoreLabel where no loss is taken
    std::vector<std::int64_t> mask; // 1: a token, 0: padding
    std::vector<std::int64_t> types =
        {}; // which text of two a token is of; empty: all of the first
    // Of texts that are judged as a whole, a row's class or number: `labels` are all kIgnoreLabel then. Empty: tokens count.
    std::vector<double> targets = {};
    bool regression = false; // targets are numbers, not classes

    std::int64_t tokens() const; // without padding
};

// 64-bit FNV-1a over the token ids of the micro-batches of one step (shape included), as 16 hex digits.
std::string batchHash(const std::vector<Batch>& batches);

// Where the next batch comes from; the state is two numbers, so that a resumed run goes on exactly.
struct DataCursor {
    std::int64_t epoch = 0;
    std::int64_t position = 0; // examples of this epoch already given
};

// An endless stream of micro-batches.
// Threads: one user at a time.
class BatchSource {
public:
    virtual ~BatchSource() = default;
    virtual Batch next() = 0;
    virtual std::int64_t batchesPerEpoch() const = 0;
    virtual std::int64_t rows() const = 0; // of a full micro-batch
    // Tokens of the largest of the first `batches` micro-batches, at most those of one epoch, padding left out.
    virtual std::int64_t largest(std::int64_t batches) const = 0;
    virtual DataCursor cursor() const = 0;
    virtual void seek(const DataCursor& cursor) = 0;
};

// Examples in an order shuffled anew for each epoch by `seed` and the epoch's number; the last, short batch is kept.
// A batch never crosses an epoch. padId fills.
std::unique_ptr<BatchSource> shuffledBatches(std::shared_ptr<const TokenizedData> data,
                                             std::int64_t batchSize, std::uint64_t seed,
                                             std::int32_t padId);

// largest() of what shuffledBatches() would give, by the lengths of the examples alone.
std::int64_t largestBatch(const std::vector<std::int32_t>& lengths, std::int64_t batchSize,
                          std::uint64_t seed, std::int64_t batches);

// What the labels of ready batches are of.
enum class BatchesOf {
    Tokens, // each token's next one
    Classes, // a row's class
    Numbers // a row's number
};

// The micro-batches of a safetensors file (input_ids, labels, attention_mask [N, B, T], I64 or I32), in order, over
// and over; columns that are padding in every row are trimmed at the end. Of rows as a whole the labels are [N, B], of numbers
// perhaps F32, and token_type_ids may stand beside. For parity with peers.
// Throws: Error{Format} naming the file.
std::unique_ptr<BatchSource> fileBatches(const std::filesystem::path& path,
                                         BatchesOf what = BatchesOf::Tokens);

} // namespace pissarro::core::inline dataset
