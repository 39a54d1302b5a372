// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/file/atomic_file.h"
#include "core/file/mapped_file.h"
#include "core/format/tensor_view.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pissarro::core::inline format {

// A safetensors file, mapped: 8 bytes header length, a JSON header, then the tensors without gaps.
// Format: core/format/README.md. Every size is checked before it is used; the tensors must cover the file exactly.
class SafetensorsFile {
public:
    // Reads the header only.
    // Throws: Error{Io} if the file cannot be read; Error{Format} naming the file and what is wrong.
    static SafetensorsFile open(const std::filesystem::path& path);

    const std::vector<TensorView>& tensors() const { return m_tensors.all(); } // in file order
    const TensorView* find(std::string_view name) const; // nullptr when absent
    const TensorView& at(std::string_view name) const; // Throws: Error{Format} when absent
    const std::map<std::string, std::string>& metadata() const { return m_metadata; }
    const std::shared_ptr<const MappedFile>& file() const { return m_file; }

private:
    std::shared_ptr<const MappedFile> m_file;
    TensorTable m_tensors;
    std::map<std::string, std::string> m_metadata;
};

// What a tensor to be written looks like.
struct TensorSpec {
    std::string name;
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;
};

// Writes a safetensors file tensor by tensor, so that one tensor at a time is in memory.
// Metadata {"format": "pt"} is always written: transformers demands it; "generator" too, by which an output is known
// again as ours (output_marker.h).
// Requires: append() is called once for each spec, in the order given, with exactly its bytes.
// Throws:   Error{Io}; Error{InvalidArgument} when the bytes do not fit the spec.
class SafetensorsWriter {
public:
    SafetensorsWriter(const std::filesystem::path& path, std::vector<TensorSpec> tensors,
                      std::map<std::string, std::string> metadata = {},
                      ExistingFile existing = ExistingFile::Replace);
    void append(const void* data, std::uint64_t sizeBytes);
    // Throws: Error{InvalidArgument} while tensors are missing
    void commit(Durability durability = Durability::PowerCut);

private:
    AtomicFile m_out;
    std::vector<TensorSpec> m_tensors;
    std::size_t m_next = 0;
};

} // namespace pissarro::core::inline format
