// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/batches.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/shuffle_p.h"
#include "core/file/intact.h"
#include "core/format/safetensors.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace pissarro::core::inline dataset {
namespace {

// What a row that is judged as a whole has beside its tokens, which begin at `at`.
void addTarget(const Example& from, std::size_t at, Batch& batch)
{
    if (!from.types.empty()) {
        batch.types.resize(batch.ids.size(), 0);
        std::copy(from.types.begin(), from.types.end(),
                  batch.types.begin() + static_cast<std::ptrdiff_t>(at));
    }
    if (from.target) {
        batch.targets.push_back(*from.target);
    }
}

class ShuffledBatches final : public BatchSource {
public:
    ShuffledBatches(std::shared_ptr<const TokenizedData> data, std::int64_t batchSize,
                    std::uint64_t seed, std::int32_t padId)
        : m_data(std::move(data))
        , m_batchSize(batchSize)
        , m_seed(seed)
        , m_padId(padId)
    {
        if (batchSize < 1) {
            throw Error(ErrorKind::InvalidArgument,
                        fmt::format("the batch size is {} (expected at least 1)", batchSize));
        }
        if (!m_data || m_data->examples.empty()
            || m_data->examples.size() > std::numeric_limits<std::uint32_t>::max()) {
            throw Error(ErrorKind::InvalidArgument,
                        "there is no example to make batches of (expected at least 1)");
        }
        seek({});
    }

    Batch next() override;
    std::int64_t batchesPerEpoch() const override
    {
        return (count() + m_batchSize - 1) / m_batchSize;
    }
    std::int64_t rows() const override { return m_batchSize; }
    std::int64_t largest(std::int64_t batches) const override
    {
        std::vector<std::int32_t> lengths;
        for (const Example& example : m_data->examples) {
            lengths.push_back(static_cast<std::int32_t>(example.ids.size()));
        }
        return largestBatch(lengths, m_batchSize, m_seed, batches);
    }
    DataCursor cursor() const override { return m_cursor; }
    void seek(const DataCursor& cursor) override;

private:
    std::int64_t count() const { return static_cast<std::int64_t>(m_data->examples.size()); }
    const Example& example(std::int64_t position) const
    {
        return m_data->examples[m_order[static_cast<std::size_t>(position)]];
    }

    std::shared_ptr<const TokenizedData>
        m_data; // constant after construction, as are the three below
    std::int64_t m_batchSize = 1;
    std::uint64_t m_seed = 0;
    std::int32_t m_padId = 0;
    DataCursor m_cursor;
    std::vector<std::uint32_t> m_order; // of the cursor's epoch
};

void ShuffledBatches::seek(const DataCursor& cursor)
{
    if (cursor.epoch < 0 || cursor.position < 0 || cursor.position > count()) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("the data cursor stands at example {} of epoch {} (expected 0 to "
                                "{}): the data set is not the one of the checkpoint",
                                cursor.position, cursor.epoch, count()));
    }
    m_order = shuffledOrder(static_cast<std::uint32_t>(count()), m_seed,
                            static_cast<std::uint64_t>(cursor.epoch));
    m_cursor = cursor;
}

Batch ShuffledBatches::next()
{
    if (m_cursor.position >= count()) {
        seek({m_cursor.epoch + 1, 0});
    }
    Batch batch;
    batch.regression = m_data->regression;
    batch.rows = std::min(m_batchSize, count() - m_cursor.position);
    for (std::int64_t row = 0; row < batch.rows; ++row) {
        batch.length = std::max(
            batch.length, static_cast<std::int64_t>(example(m_cursor.position + row).ids.size()));
    }
    const auto size = static_cast<std::size_t>(batch.rows * batch.length);
    batch.ids.assign(size, m_padId);
    batch.labels.assign(size, kIgnoreLabel);
    batch.mask.assign(size, 0);
    for (std::int64_t row = 0; row < batch.rows; ++row) {
        const Example& from = example(m_cursor.position + row);
        const auto at = static_cast<std::size_t>(row * batch.length);
        for (std::size_t i = 0; i < from.ids.size(); ++i) {
            batch.ids[at + i] = from.ids[i];
            batch.mask[at + i] = 1;
            if (from.isLearned(i)) {
                batch.labels[at + i] = from.ids[i];
            }
        }
        addTarget(from, at, batch);
    }
    m_cursor.position += batch.rows;
    return batch;
}

// The micro-batches of a file; its tensors stay mapped and are read batch by batch.
class FileBatches final : public BatchSource {
public:
    FileBatches(const std::filesystem::path& path, BatchesOf what)
        : m_file(SafetensorsFile::open(path))
        , m_what(what)
        , m_ids(tensor("input_ids"))
        , m_labels(what == BatchesOf::Tokens ? tensor("labels") : targets())
        , m_mask(tensor("attention_mask"))
        , m_types(what == BatchesOf::Tokens || m_file.find("token_type_ids") == nullptr
                      ? nullptr
                      : tensor("token_type_ids"))
    {
        if (m_types != nullptr && m_types->shape != m_ids->shape) {
            throw Error(ErrorKind::Format,
                        fmt::format("token_type_ids are {} (expected like input_ids, {})",
                                    shownShape(m_types->shape), shownShape(m_ids->shape)));
        }
        if (what != BatchesOf::Tokens) {
            requireTargets();
        } else if (m_labels->shape != m_ids->shape || m_mask->shape != m_ids->shape) {
            throw Error(ErrorKind::Format,
                        fmt::format("labels are {} and attention_mask {} (expected both like "
                                    "input_ids, {})",
                                    shownShape(m_labels->shape), shownShape(m_mask->shape),
                                    shownShape(m_ids->shape)));
        }
    }

    Batch next() override;
    std::int64_t batchesPerEpoch() const override { return m_ids->shape[0]; }
    std::int64_t rows() const override { return m_ids->shape[1]; }
    std::int64_t largest(std::int64_t batches) const override;
    DataCursor cursor() const override { return {m_epoch, m_next * m_ids->shape[1]}; }
    void seek(const DataCursor& cursor) override
    {
        const std::int64_t rows = m_ids->shape[1];
        if (cursor.epoch < 0 || cursor.position < 0 || cursor.position % rows != 0
            || cursor.position / rows > batchesPerEpoch()) {
            throw Error(
                ErrorKind::InvalidArgument,
                fmt::format(
                    "the data cursor stands at example {} (expected a multiple of {} up to {})",
                    cursor.position, rows, rows * batchesPerEpoch()));
        }
        m_epoch = cursor.epoch;
        m_next = cursor.position / rows;
    }

private:
    const TensorView* tensor(const char* name) const;
    const TensorView* targets() const { return &m_file.at("labels"); }
    void requireTargets() const;
    std::int64_t value(const TensorView& view, std::int64_t index) const;
    double target(std::int64_t row) const;

    SafetensorsFile m_file;
    BatchesOf m_what;
    const TensorView* m_ids;
    const TensorView* m_labels;
    const TensorView* m_mask;
    const TensorView* m_types; // null: there are none
    std::int64_t m_epoch = 0;
    std::int64_t m_next = 0;
};

const TensorView* FileBatches::tensor(const char* name) const
{
    const TensorView& view = m_file.at(name);
    const bool integer = view.dtype == DType::I64 || view.dtype == DType::I32;
    if (!integer || view.shape.size() != 3 || view.elements() < 1) {
        throw Error(
            ErrorKind::Format,
            fmt::format("the tensor {} is {} {} (expected I64 or I32 [batches, rows, tokens])",
                        name, dtypeName(view.dtype), shownShape(view.shape)));
    }
    return &view;
}

std::int64_t FileBatches::value(const TensorView& view, std::int64_t index) const
{
    if (view.dtype == DType::I64) {
        std::int64_t wide = 0;
        std::memcpy(&wide, view.data + index * 8, 8);
        return wide;
    }
    std::int32_t narrow = 0;
    std::memcpy(&narrow, view.data + index * 4, 4);
    return narrow;
}

// A class or a number for each row.
void FileBatches::requireTargets() const
{
    const bool integer = m_labels->dtype == DType::I64 || m_labels->dtype == DType::I32;
    const bool number = m_what == BatchesOf::Numbers && m_labels->dtype == DType::F32;
    const std::vector<std::int64_t> rows(m_ids->shape.begin(), m_ids->shape.begin() + 2);
    if ((!integer && !number) || m_labels->shape != rows || m_mask->shape != m_ids->shape) {
        throw Error(ErrorKind::Format,
                    fmt::format("labels are {} {} and attention_mask {} (expected a {} for each "
                                "row, {}, and a mask like input_ids, {})",
                                dtypeName(m_labels->dtype), shownShape(m_labels->shape),
                                shownShape(m_mask->shape),
                                m_what == BatchesOf::Numbers ? "number" : "class", shownShape(rows),
                                shownShape(m_ids->shape)));
    }
}

double FileBatches::target(std::int64_t row) const
{
    if (m_labels->dtype != DType::F32) {
        return static_cast<double>(value(*m_labels, row));
    }
    float number = 0.0F;
    std::memcpy(&number, m_labels->data + row * 4, 4);
    return static_cast<double>(number);
}

std::int64_t FileBatches::largest(std::int64_t batches) const
{
    const std::int64_t size = m_ids->shape[1] * m_ids->shape[2];
    std::int64_t most = 0;
    for (std::int64_t batch = 0; batch < std::min(batches, batchesPerEpoch()); ++batch) {
        std::int64_t tokens = 0;
        for (std::int64_t i = 0; i < size; ++i) {
            tokens += value(*m_mask, batch * size + i) != 0 ? 1 : 0;
        }
        most = std::max(most, tokens);
    }
    return most;
}

Batch FileBatches::next()
{
    if (m_next >= batchesPerEpoch()) {
        ++m_epoch;
        m_next = 0;
    }
    const std::int64_t rows = m_ids->shape[1];
    const std::int64_t columns = m_ids->shape[2];
    const std::int64_t first = m_next * rows * columns;
    Batch batch;
    batch.rows = rows;
    for (std::int64_t i = 0; i < rows * columns; ++i) {
        if (value(*m_mask, first + i) != 0) {
            batch.length = std::max(batch.length, i % columns + 1);
        }
    }
    if (batch.length == 0) {
        throw Error(
            ErrorKind::Format,
            fmt::format("batch {} is all padding (expected a token in attention_mask)", m_next))
            .within(shownPath(m_file.file()->path()));
    }
    for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t column = 0; column < batch.length; ++column) {
            const std::int64_t at = first + row * columns + column;
            batch.ids.push_back(value(*m_ids, at));
            const bool ofTokens = m_what == BatchesOf::Tokens;
            batch.labels.push_back(ofTokens ? value(*m_labels, at) : kIgnoreLabel);
            batch.mask.push_back(value(*m_mask, at) != 0 ? 1 : 0);
            if (m_types != nullptr) {
                batch.types.push_back(value(*m_types, at));
            }
        }
        if (m_what != BatchesOf::Tokens) {
            batch.targets.push_back(target(m_next * rows + row));
        }
    }
    batch.regression = m_what == BatchesOf::Numbers;
    requireIntact(m_ids->data);
    ++m_next;
    return batch;
}

void hashBytes(std::uint64_t& hash, std::int64_t value)
{
    auto bits = static_cast<std::uint64_t>(value);
    for (int i = 0; i < 8; ++i, bits >>= 8U) { // little-endian on every machine
        hash = (hash ^ (bits & 255U)) * 0x100000001B3ULL;
    }
}

} // namespace

std::int64_t Batch::tokens() const
{
    return std::count(mask.begin(), mask.end(), std::int64_t {1});
}

std::string batchHash(const std::vector<Batch>& batches)
{
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const Batch& batch : batches) {
        hashBytes(hash, batch.rows);
        hashBytes(hash, batch.length);
        for (const std::int64_t id : batch.ids) {
            hashBytes(hash, id);
        }
    }
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text(16, '0');
    for (auto digit = text.rbegin(); digit != text.rend(); ++digit, hash >>= 4U) {
        *digit = kDigits[hash & 15U];
    }
    return text;
}

std::int64_t largestBatch(const std::vector<std::int32_t>& lengths, std::int64_t batchSize,
                          std::uint64_t seed, std::int64_t batches)
{
    const auto count = static_cast<std::int64_t>(lengths.size());
    if (count == 0) {
        return 0;
    }
    const auto order = shuffledOrder(static_cast<std::uint32_t>(count), seed, /*epoch=*/0);
    std::int64_t most = 0;
    for (std::int64_t first = 0; first < count && first / batchSize < batches; first += batchSize) {
        std::int64_t tokens = 0;
        for (std::int64_t i = first; i < std::min(count, first + batchSize); ++i) {
            tokens += lengths[order[static_cast<std::size_t>(i)]];
        }
        most = std::max(most, tokens);
    }
    return most;
}

std::unique_ptr<BatchSource> shuffledBatches(std::shared_ptr<const TokenizedData> data,
                                             std::int64_t batchSize, std::uint64_t seed,
                                             std::int32_t padId)
{
    return std::make_unique<ShuffledBatches>(std::move(data), batchSize, seed, padId);
}

std::unique_ptr<BatchSource> fileBatches(const std::filesystem::path& path, BatchesOf what)
{
    try {
        return std::make_unique<FileBatches>(path, what);
    } catch (const Error& e) {
        throw e.withinOnce(shownPath(path));
    }
}

} // namespace pissarro::core::inline dataset
