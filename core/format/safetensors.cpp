// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/safetensors.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/intact.h"
#include "core/text/foreign_text.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace pissarro::core::inline format {

namespace {

constexpr std::uint64_t kPrefixBytes = 8; // the header's length
constexpr std::uint64_t kHeaderLimit = 100'000'000; // as the reference implementation
constexpr std::size_t kTensorLimit = 1'000'000;
constexpr std::size_t kMetadataLimit = 100'000;
constexpr std::size_t kNameLimit = 4096;
constexpr std::size_t kAxisLimit = 32;
constexpr std::uint64_t kSizeLimit = std::uint64_t {1} << 62;

// The type of that name; neither blocks nor codes, which no safetensors file has.
std::optional<DType> dtypeOf(std::string_view name)
{
    const std::optional<DType> found = dtypeNamed(name);
    return found && dtypeSize(*found) != 0 && !found->info().needsScales ? found : std::nullopt;
}

[[noreturn]] void refuse(const std::string& what)
{
    throw Error(ErrorKind::Format, what);
}

// One entry of the header as it stands there.
struct Entry {
    TensorView view;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

// Reads the header without building a JSON tree: it accepts exactly
//   {"__metadata__": {text: text…}, name: {"dtype": text, "shape": [whole…], "data_offsets":
//   [whole, whole]}…}
// and throws at the first token that does not belong there, so a hostile header costs no memory.
class HeaderReader final : public nlohmann::json_sax<nlohmann::json> {
public:
    explicit HeaderReader(std::size_t size)
        : m_size(size)
    {
    }

    std::vector<Entry> entries;
    std::map<std::string, std::string> metadata;

    bool start_object(std::size_t) override
    {
        switch (m_place) {
        case Place::Start:
            m_place = Place::Names;
            return true;
        case Place::Entry:
            m_place = Place::Fields;
            m_hasDType = m_hasShape = m_hasOffsets = false;
            return true;
        case Place::MetadataStart:
            m_place = Place::Metadata;
            return true;
        default:
            unexpected("an object");
        }
    }

    bool end_object() override
    {
        if (m_place == Place::Fields) {
            if (!m_hasDType || !m_hasShape || !m_hasOffsets) {
                refuse(where() + " lacks "
                       + (!m_hasDType       ? "dtype"
                              : !m_hasShape ? "shape"
                                            : "data_offsets")
                       + " (expected dtype, shape and data_offsets)");
            }
            m_place = Place::Names;
        } else if (m_place == Place::Metadata) {
            m_place = Place::Names;
        } else {
            m_place = Place::Done;
        }
        return true;
    }

    bool key(std::string& name) override
    {
        if (name.size() > kNameLimit) {
            refuse(fmt::format("header holds a name of {} bytes (expected at most {})", name.size(),
                               kNameLimit));
        }
        if (m_place == Place::Names) {
            beginName(name);
        } else if (m_place == Place::Metadata) {
            m_key = name;
        } else {
            beginField(name);
        }
        return true;
    }

    bool string(std::string& text) override
    {
        if (m_place == Place::Metadata) {
            if (metadata.size() >= kMetadataLimit) {
                refuse(fmt::format("header has more than {} metadata entries", kMetadataLimit));
            }
            metadata[m_key] = text;
            return true;
        }
        if (m_place != Place::DType) {
            unexpected("the text " + shownText(text, 40));
        }
        const std::optional<DType> dtype = dtypeOf(text);
        if (!dtype) {
            refuse(where() + " has the unknown dtype " + shownText(text, 40)
                   + " (expected F64, F32, F16, BF16, F8_E4M3, F8_E5M2, F8_E8M0, I64, I32, I16, "
                     "I8, U64, "
                     "U32, U16, U8 or BOOL)");
        }
        entries.back().view.dtype = *dtype;
        m_hasDType = true;
        m_place = Place::Fields;
        return true;
    }

    bool start_array(std::size_t) override
    {
        if (m_place != Place::ShapeStart && m_place != Place::OffsetsStart) {
            unexpected("a list");
        }
        m_place = m_place == Place::ShapeStart ? Place::Shape : Place::Offsets;
        m_offsets = 0;
        return true;
    }

    bool end_array() override
    {
        if (m_place == Place::Offsets && m_offsets != 2) {
            refuse(fmt::format("{} has {} data_offsets (expected 2: begin and end)", where(),
                               m_offsets));
        }
        (m_place == Place::Shape ? m_hasShape : m_hasOffsets) = true;
        m_place = Place::Fields;
        return true;
    }

    bool number_unsigned(number_unsigned_t value) override
    {
        Entry* const entry = entries.empty() ? nullptr : &entries.back();
        if (m_place == Place::Shape) {
            if (entry->view.shape.size() == kAxisLimit) {
                refuse(fmt::format("{} has more than {} axes", where(), kAxisLimit));
            }
            if (value >= kSizeLimit) {
                refuse(fmt::format("{} has a side of {} (expected below 2^62)", where(), value));
            }
            entry->view.shape.push_back(static_cast<std::int64_t>(value));
        } else if (m_place == Place::Offsets) {
            if (m_offsets < 2) {
                (m_offsets == 0 ? entry->begin : entry->end) = value;
            }
            ++m_offsets;
        } else {
            unexpected(fmt::format("the number {}", value));
        }
        return true;
    }

    bool number_integer(number_integer_t value) override
    {
        unexpected(fmt::format("the negative number {}", value));
    }
    bool number_float(number_float_t, const string_t& text) override
    {
        unexpected("the number " + shownText(text, 24));
    }
    bool null() override { unexpected("null"); }
    bool boolean(bool) override { unexpected("true or false"); }
    bool binary(binary_t&) override { unexpected("binary data"); }

    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::json::exception& e) override
    {
        if (std::string_view(e.what()).find("UTF-8") != std::string_view::npos) {
            refuse(fmt::format("header is not valid UTF-8 (byte {} of it)", position));
        }
        refuse(position > m_size
                   ? fmt::format("header is not JSON: it ends too early, after byte {}", m_size)
                   : fmt::format("header is not JSON (byte {} of it)", position));
    }

private:
    enum class Place {
        Start,
        Names,
        Entry,
        Fields,
        DType,
        ShapeStart,
        Shape,
        OffsetsStart,
        Offsets,
        MetadataStart,
        Metadata,
        Done
    };

    std::string where() const
    {
        return entries.empty() ? "header" : "tensor " + shownText(entries.back().view.name);
    }

    [[noreturn]] void unexpected(const std::string& found) const
    {
        switch (m_place) {
        case Place::Start:
            refuse("header is JSON but holds " + found + " (expected an object of tensors)");
        case Place::MetadataStart:
        case Place::Metadata:
            refuse("metadata holds " + found + " (expected an object of texts)");
        case Place::DType:
            refuse(where() + " has " + found + " as dtype (expected text)");
        case Place::Shape:
        case Place::ShapeStart:
            refuse(where() + " has " + found + " in its shape (expected whole numbers from 0)");
        case Place::Offsets:
        case Place::OffsetsStart:
            refuse(where() + " has " + found
                   + " in its data_offsets (expected two whole numbers from 0)");
        default:
            refuse(where() + " holds " + found
                   + " (expected an object with dtype, shape and data_offsets)");
        }
    }

    void beginName(const std::string& name)
    {
        if (name == "__metadata__") {
            m_place = Place::MetadataStart;
            return;
        }
        if (entries.size() >= kTensorLimit) {
            refuse(fmt::format("header lists more than {} tensors", kTensorLimit));
        }
        entries.emplace_back();
        entries.back().view.name = name;
        m_place = Place::Entry;
    }

    void beginField(const std::string& field)
    {
        const bool repeated = (field == "dtype" && m_hasDType) || (field == "shape" && m_hasShape)
            || (field == "data_offsets" && m_hasOffsets);
        if (repeated) {
            refuse(where() + " has " + field + " twice");
        }
        if (field == "dtype") {
            m_place = Place::DType;
        } else if (field == "shape") {
            m_place = Place::ShapeStart;
        } else if (field == "data_offsets") {
            m_place = Place::OffsetsStart;
        } else {
            refuse(where() + " has the unknown field " + shownText(field, 40)
                   + " (expected dtype, shape and data_offsets)");
        }
    }

    std::size_t m_size; // of the header
    Place m_place = Place::Start;
    std::string m_key;
    bool m_hasDType = false;
    bool m_hasShape = false;
    bool m_hasOffsets = false;
    int m_offsets = 0;
};

// Bytes of the tensor by its shape. Throws when the product does not fit.
std::uint64_t bytesByShape(const TensorView& view)
{
    std::uint64_t bytes = dtypeSize(view.dtype);
    for (const std::int64_t side : view.shape) {
        if (__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(side), &bytes)
            || bytes >= kSizeLimit) {
            refuse("tensor " + shownText(view.name) + " has the shape " + shownShape(view.shape)
                   + ", whose size overflows");
        }
    }
    return bytes;
}

// Offsets ascend without gap or overlap and end with the file.
void checkCoverage(const std::vector<Entry>& entries, std::uint64_t dataBytes)
{
    std::uint64_t expected = 0;
    for (const Entry& entry : entries) {
        const std::string name = "tensor " + shownText(entry.view.name);
        const std::string range = fmt::format(" (data_offsets [{}, {}])", entry.begin, entry.end);
        if (entry.end < entry.begin) {
            refuse(name + " ends before it begins" + range);
        }
        if (entry.end > dataBytes) {
            refuse(fmt::format("{} ends past the end of the file, which has {} bytes of tensors{}; "
                               "the file is cut or damaged: get it again",
                               name, dataBytes, range));
        }
        if (entry.begin != expected) {
            refuse(fmt::format("{}{}{}: expected to begin at {}", name,
                               entry.begin < expected ? " overlaps the one before it"
                                                      : " leaves a gap before it",
                               range, expected));
        }
        const std::uint64_t bytes = bytesByShape(entry.view);
        if (bytes != entry.end - entry.begin) {
            refuse(fmt::format("{} has {} bytes (expected {} for {} {})", name,
                               entry.end - entry.begin, bytes, dtypeName(entry.view.dtype),
                               shownShape(entry.view.shape)));
        }
        expected = entry.end;
    }
    if (expected != dataBytes) {
        refuse(fmt::format(
            "file has {} bytes of tensors (expected {} by its header); it is damaged: get it again",
            dataBytes, expected));
    }
}

// The header's text. Throws when the length before it cannot be true.
std::string_view headerText(std::span<const std::byte> bytes)
{
    if (bytes.size() < kPrefixBytes) {
        refuse(fmt::format("file has {} bytes (expected a safetensors file: 8 bytes of header "
                           "length, then the header); get it again",
                           bytes.size()));
    }
    if (bytes.size() == kPrefixBytes || bytes[kPrefixBytes] != std::byte {'{'}) {
        refuseForeign(bytes);
    }
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), kPrefixBytes);
    if (length > kHeaderLimit) {
        refuse(fmt::format("header length is {} (expected at most {}); this is no safetensors "
                           "file, or a damaged one",
                           length, kHeaderLimit));
    }
    if (length > bytes.size() - kPrefixBytes) {
        refuse(fmt::format(
            "header length is {}, but only {} bytes follow; the file is cut: get it again", length,
            bytes.size() - kPrefixBytes));
    }
    return {reinterpret_cast<const char*>(bytes.data()) + kPrefixBytes,
            static_cast<std::size_t>(length)};
}

std::vector<Entry> readEntries(std::span<const std::byte> bytes,
                               std::map<std::string, std::string>& metadata)
{
    const std::string_view header = headerText(bytes);
    if (header.empty() || header.front() != '{') {
        refuse("header does not begin with '{' (expected a JSON object)");
    }
    HeaderReader reader(header.size());
    nlohmann::json::sax_parse(header, &reader);
    std::stable_sort(reader.entries.begin(), reader.entries.end(),
                     [](const Entry& a, const Entry& b) {
                         return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
                     });
    checkCoverage(reader.entries, bytes.size() - kPrefixBytes - header.size());
    const std::byte* const base = bytes.data() + kPrefixBytes + header.size();
    for (Entry& entry : reader.entries) {
        entry.view.data = base + entry.begin;
        entry.view.sizeBytes = entry.end - entry.begin;
    }
    metadata = std::move(reader.metadata);
    return std::move(reader.entries);
}

} // namespace

SafetensorsFile SafetensorsFile::open(const std::filesystem::path& path)
{
    SafetensorsFile out;
    out.m_file = MappedFile::open(path);
    try {
        for (Entry& entry : readEntries(out.m_file->bytes(), out.m_metadata)) {
            out.m_tensors.add(std::move(entry.view));
        }
    } catch (const Error& e) {
        requireIntact(out.m_file->bytes().data());
        throw e.within(shownPath(path));
    }
    requireIntact(out.m_file->bytes().data());
    return out;
}

const TensorView* SafetensorsFile::find(std::string_view name) const
{
    return m_tensors.find(name);
}

const TensorView& SafetensorsFile::at(std::string_view name) const
{
    const TensorView* const found = find(name);
    if (found == nullptr) {
        throw Error(ErrorKind::Format, "tensor " + shownText(name) + " is missing")
            .within(shownPath(m_file->path()));
    }
    return *found;
}

} // namespace pissarro::core::inline format
