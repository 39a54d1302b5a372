// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/session.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace pissarro::core::inline decoder {
struct KvCache; // decoder_tensors.h
} // namespace pissarro::core::inline decoder

namespace pissarro::core::inline infer {

constexpr std::int64_t kKeptBytes = std::int64_t {1} << 30;

struct KeepLimits {
    std::int64_t bytes = kKeptBytes; // of memory; each voice has the same share. 0: nothing is kept
    std::size_t sequences = 1; // of each voice; those used last
};

// Keys and values of what the voices of a choir read and said, kept from one question to the next (EngineOptions::kept): who
// goes on behind the same ids reads what follows them alone. Ids are compared, never texts: a chat template writes the history
// anew, and an answer's text need not be encoded as it was said.
//
// Memory: bytes() of it, within the limit, ModelConfig::keptNumbers() a token and layer. Of a sequence that needs more than
// its voice's share the beginning is kept; what goes on from a sequence that is kept stands in its place.
// Threads: one user at a time, as of the choir.
class KeptKeys {
public:
    // For engines of this choir alone.
    KeptKeys(const session::Choir& choir, const KeepLimits& limits);
    ~KeptKeys();
    KeptKeys(const KeptKeys&) = delete;
    KeptKeys& operator=(const KeptKeys&) = delete;

    void setBytes(std::int64_t limit); // KeepLimits::bytes, from now on
    void clear();
    std::int64_t bytes() const; // that are held
    std::int64_t bytesOfToken() const;

    // How many ids begin one of that voice's sequences as they begin these, at most.
    std::size_t common(std::size_t voice, const std::vector<std::int32_t>& ids) const;
    // Keys and values of the first `tokens` of them, to go on behind: views, which nothing writes to.
    // Requires: tokens <= common().
    KvCache beginning(std::size_t voice, const std::vector<std::int32_t>& ids, std::size_t tokens);
    // Takes a copy of what a sequence of `cache` begins with: `ids`, of that voice. Where there is no memory for it, nothing
    // is kept any more.
    void keep(std::size_t voice, std::vector<std::int32_t> ids, const KvCache& cache,
              std::size_t sequence);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

// How many ids they begin with alike.
std::size_t commonIds(const std::vector<std::int32_t>& a, const std::vector<std::int32_t>& b);

} // namespace pissarro::core::inline infer
