// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/dataset.h"
#include "core/file/cache.h"

#include <filesystem>
#include <optional>

namespace pissarro::core::inline dataset {

// The tokens of a data file, none cut, kept between runs (core/file/cache.h): known by the file (name, size, time), how its rows
// are read, and the tokenizer (its vocabulary, its settings, and what it makes of the file's beginning).
// Threads: immutable.
class TokenCache {
public:
    // Of a file that is too small for it, or cannot be looked at, nothing is kept or read.
    TokenCache(const std::filesystem::path& data, const DataOptions& options,
               const Tokenizer& tokenizer);

    bool isOn() const { return !m_file.empty(); }
    // Never throws: what cannot be read, or holds what cannot be, is no entry.
    std::optional<TokenizedData> read() const;
    void keep(const TokenizedData& whole) const;

private:
    Cache m_cache;
    std::filesystem::path m_file; // empty: none
    std::int64_t m_vocabulary;
};

} // namespace pissarro::core::inline dataset
