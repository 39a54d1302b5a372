// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/output_marker.h"
#include "core/format/safetensors.h"
#include "core/text/message_text.h"

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

namespace pissarro::core::inline format {

namespace {

std::uint64_t bytesOf(const TensorSpec& spec)
{
    std::uint64_t bytes = dtypeSize(spec.dtype);
    if (bytes == 0) {
        throw Error(ErrorKind::InvalidArgument,
                    "tensor " + shownText(spec.name) + " is " + std::string(dtypeName(spec.dtype))
                        + ", which safetensors cannot hold; convert it first");
    }
    for (const std::int64_t side : spec.shape) {
        if (side < 0 || __builtin_mul_overflow(bytes, static_cast<std::uint64_t>(side), &bytes)) {
            throw Error(ErrorKind::InvalidArgument,
                        "tensor " + shownText(spec.name) + " cannot have the shape "
                            + shownShape(spec.shape));
        }
    }
    return bytes;
}

// The header, padded with spaces so that the tensors begin at a multiple of 8. Keys keep the order
// given.
std::string headerOf(const std::vector<TensorSpec>& tensors,
                     std::map<std::string, std::string> metadata)
{
    metadata.insert_or_assign("format", "pt");
    metadata.insert_or_assign(kMarkKey, kMarkValue);
    nlohmann::ordered_json header;
    header["__metadata__"] = metadata;
    std::set<std::string_view> names;
    std::uint64_t offset = 0;
    for (const TensorSpec& spec : tensors) {
        if (spec.name == "__metadata__" || !names.insert(spec.name).second) {
            throw Error(ErrorKind::InvalidArgument,
                        "tensor " + shownText(spec.name)
                            + " is given twice or has a reserved name");
        }
        const std::uint64_t end = offset + bytesOf(spec);
        nlohmann::ordered_json entry;
        entry["dtype"] = dtypeName(spec.dtype);
        entry["shape"] = spec.shape;
        entry["data_offsets"] = {offset, end};
        // push_back, not []: finding a key in an ordered object takes time proportional to its
        // size.
        header.get_ref<nlohmann::ordered_json::object_t&>().push_back(
            {spec.name, std::move(entry)});
        offset = end;
    }
    std::string text = header.dump();
    text.append((8 - text.size() % 8) % 8, ' ');
    return text;
}

} // namespace

SafetensorsWriter::SafetensorsWriter(const std::filesystem::path& path,
                                     std::vector<TensorSpec> tensors,
                                     std::map<std::string, std::string> metadata,
                                     ExistingFile existing)
    : m_out(path, existing)
    , m_tensors(std::move(tensors))
{
    const std::string header = headerOf(m_tensors, std::move(metadata));
    const std::uint64_t length = header.size();
    m_out.write(&length, sizeof length);
    m_out.write(header);
}

void SafetensorsWriter::append(const void* data, std::uint64_t sizeBytes)
{
    if (m_next == m_tensors.size()) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("more tensors were appended than the {} announced", m_next));
    }
    const TensorSpec& spec = m_tensors[m_next];
    const std::uint64_t expected = bytesOf(spec);
    if (sizeBytes != expected) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("tensor {} was given {} bytes (expected {})", shownText(spec.name),
                                sizeBytes, expected));
    }
    m_out.write(data, static_cast<std::size_t>(sizeBytes));
    ++m_next;
}

void SafetensorsWriter::commit(Durability durability)
{
    if (m_next != m_tensors.size()) {
        throw Error(ErrorKind::InvalidArgument,
                    "tensor " + shownText(m_tensors[m_next].name) + " was never appended");
    }
    m_out.commit(durability);
}

} // namespace pissarro::core::inline format
