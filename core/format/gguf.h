// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/file/mapped_file.h"
#include "core/format/tensor_view.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace pissarro::core::inline format {

// One value of a GGUF header. Arrays of numbers are widened to the widest type of their kind.
using GgufValue =
    std::variant<std::uint64_t, std::int64_t, double, bool, std::string, std::vector<std::int64_t>,
                 std::vector<double>, std::vector<std::string>>;

// A GGUF file (version 2 or 3, little-endian), mapped: key-value header, tensor table, aligned tensor data.
// Tensors keep llama.cpp's names ("blk.0.attn_q.weight"); shapes are turned to slowest axis first.
// One that was split ("x-00001-of-00003.gguf") is one file here: values of the first part, tensors of all.
class GgufFile {
public:
    // Reads the header only, of each part where `path` is any part of several. Types without a number in allDTypes() are
    // refused by name.
    // Throws: Error{Io}; Error{Format} naming the file and what is wrong, or the part that is missing.
    static GgufFile open(const std::filesystem::path& path);

    const std::vector<TensorView>& tensors() const { return m_tensors.all(); }
    const TensorView* find(std::string_view name) const;
    const std::map<std::string, GgufValue, std::less<>>& values() const { return m_values; }

    // Typed look-ups; nullopt when absent. Throws: Error{Format} when the value is of another kind.
    std::optional<std::int64_t> integer(std::string_view key) const;
    std::optional<double> number(std::string_view key) const;
    std::optional<bool> boolean(std::string_view key) const;
    std::optional<std::string> text(std::string_view key) const;
    const std::vector<std::string>* texts(std::string_view key) const;
    const std::vector<std::int64_t>* integers(std::string_view key) const;
    const std::vector<double>* numbers(std::string_view key) const;
    // Of the first part.
    const std::shared_ptr<const MappedFile>& file() const { return m_files.front(); }
    const std::vector<std::shared_ptr<const MappedFile>>& files() const { return m_files; }

private:
    static GgufFile openOne(const std::filesystem::path& path);
    static GgufFile openParts(GgufFile&& given, std::int64_t count);

    std::vector<std::shared_ptr<const MappedFile>> m_files;
    TensorTable m_tensors;
    std::map<std::string, GgufValue, std::less<>> m_values;
};

} // namespace pissarro::core::inline format
