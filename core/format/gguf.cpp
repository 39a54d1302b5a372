// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/gguf.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/intact.h"
#include "core/text/foreign_text.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

namespace pissarro::core::inline format {

namespace {

constexpr std::uint64_t kValueLimit = 65'536; // key-value pairs
constexpr std::uint64_t kTensorLimit = 1'000'000;
constexpr std::uint64_t kKeyLimit = 65'535; // as the specification
constexpr std::uint64_t kNameLimit = 4096;
constexpr std::uint64_t kAxisLimit = 4;
constexpr std::uint64_t kMemoryLimit = 256U << 20; // of everything the header makes us keep
constexpr std::uint64_t kSizeLimit = std::uint64_t {1} << 62;
constexpr std::uint64_t kAlignmentLimit = 1U << 20;
constexpr std::uint64_t kDefaultAlignment = 32;

[[noreturn]] void refuse(const std::string& what)
{
    throw Error(ErrorKind::Format, what);
}

// The value types of the header, numbered as in the file.
enum class ValueType : std::uint32_t {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    F32,
    Bool,
    Text,
    Array,
    U64,
    I64,
    F64
};

std::uint64_t valueBytes(ValueType type)
{
    constexpr std::array<std::uint64_t, 13> kBytes {1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8};
    return kBytes[static_cast<std::size_t>(type)];
}

// ggml's tensor types by number, so that one that is not read is refused by its name.
constexpr std::array<std::string_view, 40> kTypeNames {
    "F32",   "F16",        "Q4_0",       "Q4_1",       "Q4_2",     "Q4_3",     "Q5_0",
    "Q5_1",  "Q8_0",       "Q8_1",       "Q2_K",       "Q3_K",     "Q4_K",     "Q5_K",
    "Q6_K",  "Q8_K",       "IQ2_XXS",    "IQ2_XS",     "IQ3_XXS",  "IQ1_S",    "IQ4_NL",
    "IQ3_S", "IQ2_S",      "IQ4_XS",     "I8",         "I16",      "I32",      "I64",
    "F64",   "IQ1_M",      "BF16",       "Q4_0_4_4",   "Q4_0_4_8", "Q4_0_8_8", "TQ1_0",
    "TQ2_0", "IQ4_NL_4_4", "IQ4_NL_4_8", "IQ4_NL_8_8", "MXFP4"};

DType dtypeOf(std::uint32_t type, const std::string& name)
{
    std::vector<std::string_view> read;
    for (const DType known : allDTypes()) {
        const int number = known.info().ggml;
        if (number >= 0 && static_cast<std::uint32_t>(number) == type) {
            return known;
        }
        if (number >= 0) {
            read.push_back(known.info().name);
        }
    }
    refuse("tensor " + shownText(name) + " has type "
           + (type < kTypeNames.size() ? std::string(kTypeNames[type])
                                       : fmt::format("{}, which is unknown", type))
           + " (expected " + listText(read) + "); convert the model to one of these");
}

// Reads the header front to back; every step is checked against what is left of the file and of the
// memory allowed.
class Cursor {
public:
    explicit Cursor(std::span<const std::byte> bytes)
        : m_bytes(bytes)
    {
    }

    std::span<const std::byte> all() const { return m_bytes; }
    std::uint64_t position() const { return m_at; }
    std::uint64_t left() const { return m_bytes.size() - m_at; }

    template <typename T>
    T number(std::string_view what)
    {
        T value {};
        need(sizeof value, what);
        std::memcpy(&value, m_bytes.data() + m_at, sizeof value);
        m_at += sizeof value;
        return value;
    }

    std::string text(std::uint64_t limit, std::string_view what)
    {
        const auto length = number<std::uint64_t>(what);
        if (length > limit) {
            refuse(fmt::format("{} has a length of {} bytes (expected at most {}); the file is "
                               "damaged: get it again",
                               what, length, limit));
        }
        need(length, what);
        charge(length);
        std::string out(reinterpret_cast<const char*>(m_bytes.data()) + m_at,
                        static_cast<std::size_t>(length));
        m_at += length;
        return out;
    }

    void need(std::uint64_t bytes, std::string_view what) const
    {
        if (bytes > left()) {
            refuse(fmt::format(
                "file is cut inside {}: {} bytes needed at byte {}, {} left; get it again", what,
                bytes, m_at, left()));
        }
    }

    void charge(std::uint64_t bytes)
    {
        m_kept += bytes;
        if (m_kept > kMemoryLimit) {
            refuse(fmt::format(
                "header needs more than {} MiB of memory; the file is damaged: get it again",
                kMemoryLimit >> 20));
        }
    }

private:
    std::span<const std::byte> m_bytes;
    std::uint64_t m_at = 0;
    std::uint64_t m_kept = 0;
};

ValueType readValueType(Cursor& in, const std::string& key)
{
    const auto type = in.number<std::uint32_t>("a value's type");
    if (type > static_cast<std::uint32_t>(ValueType::F64)) {
        refuse(fmt::format("value {} has the unknown type {} (expected 0 to 12)", shownText(key),
                           type));
    }
    return static_cast<ValueType>(type);
}

bool readBool(Cursor& in, const std::string& key)
{
    const auto value = in.number<std::uint8_t>("a value");
    if (value > 1) {
        refuse(
            fmt::format("value {} is the truth value {} (expected 0 or 1)", shownText(key), value));
    }
    return value == 1;
}

template <typename Stored, typename Kept>
std::vector<Kept> readNumbers(Cursor& in, std::uint64_t count)
{
    std::vector<Kept> out;
    out.reserve(static_cast<std::size_t>(count));
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto value = in.number<Stored>("a list");
        if constexpr (std::is_same_v<Stored, std::uint64_t>) {
            if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
                refuse(fmt::format("a list holds {} (expected below 2^63)", value));
            }
        }
        out.push_back(static_cast<Kept>(value));
    }
    return out;
}

GgufValue readArray(Cursor& in, const std::string& key)
{
    const ValueType type = readValueType(in, key);
    const auto count = in.number<std::uint64_t>("a list's length");
    if (type == ValueType::Array) {
        refuse("value " + shownText(key) + " is a list of lists, which is not supported");
    }
    if (count > in.left() / valueBytes(type)) {
        refuse(fmt::format("value {} is a list of {} values, but only {} bytes follow; the file is "
                           "cut or damaged: get it again",
                           shownText(key), count, in.left()));
    }
    if (type != ValueType::Text) {
        in.charge(count * sizeof(std::int64_t));
    }
    switch (type) {
    case ValueType::U8:
    case ValueType::Bool:
        return readNumbers<std::uint8_t, std::int64_t>(in, count);
    case ValueType::I8:
        return readNumbers<std::int8_t, std::int64_t>(in, count);
    case ValueType::U16:
        return readNumbers<std::uint16_t, std::int64_t>(in, count);
    case ValueType::I16:
        return readNumbers<std::int16_t, std::int64_t>(in, count);
    case ValueType::U32:
        return readNumbers<std::uint32_t, std::int64_t>(in, count);
    case ValueType::I32:
        return readNumbers<std::int32_t, std::int64_t>(in, count);
    case ValueType::U64:
        return readNumbers<std::uint64_t, std::int64_t>(in, count);
    case ValueType::I64:
        return readNumbers<std::int64_t, std::int64_t>(in, count);
    case ValueType::F32:
        return readNumbers<float, double>(in, count);
    case ValueType::F64:
        return readNumbers<double, double>(in, count);
    default: {
        std::vector<std::string> texts;
        in.charge(count * sizeof(std::string));
        texts.reserve(static_cast<std::size_t>(count));
        for (std::uint64_t i = 0; i < count; ++i) {
            texts.push_back(in.text(kMemoryLimit, "a list of texts"));
        }
        return texts;
    }
    }
}

GgufValue readValue(Cursor& in, const std::string& key)
{
    switch (readValueType(in, key)) {
    case ValueType::U8:
        return std::uint64_t {in.number<std::uint8_t>("a value")};
    case ValueType::U16:
        return std::uint64_t {in.number<std::uint16_t>("a value")};
    case ValueType::U32:
        return std::uint64_t {in.number<std::uint32_t>("a value")};
    case ValueType::U64:
        return in.number<std::uint64_t>("a value");
    case ValueType::I8:
        return std::int64_t {in.number<std::int8_t>("a value")};
    case ValueType::I16:
        return std::int64_t {in.number<std::int16_t>("a value")};
    case ValueType::I32:
        return std::int64_t {in.number<std::int32_t>("a value")};
    case ValueType::I64:
        return in.number<std::int64_t>("a value");
    case ValueType::F32:
        return double {in.number<float>("a value")};
    case ValueType::F64:
        return in.number<double>("a value");
    case ValueType::Bool:
        return readBool(in, key);
    case ValueType::Text:
        return in.text(kMemoryLimit, "a text");
    case ValueType::Array:
        return readArray(in, key);
    }
    refuse("value " + shownText(key) + " has an unknown type");
}

// A tensor of the table and where its data begins, counted from the start of all data.
struct Entry {
    TensorView view;
    std::uint64_t offset = 0;
};

Entry readTensor(Cursor& in)
{
    Entry entry;
    TensorView& view = entry.view;
    view.name = in.text(kNameLimit, "the tensor table");
    in.charge(sizeof(Entry) + 256); // the table, the index and the shape
    const auto axes = in.number<std::uint32_t>("the tensor table");
    if (axes > kAxisLimit) {
        refuse(
            fmt::format("tensor {} has {} axes (expected at most 4)", shownText(view.name), axes));
    }
    std::uint64_t elements = 1;
    for (std::uint32_t i = 0; i < axes; ++i) {
        const auto side = in.number<std::uint64_t>("the tensor table");
        if (side == 0 || __builtin_mul_overflow(elements, side, &elements)
            || elements >= kSizeLimit / 8) {
            refuse(fmt::format("tensor {} has a side of {}, and its size is zero or overflows",
                               shownText(view.name), side));
        }
        view.shape.insert(view.shape.begin(),
                          static_cast<std::int64_t>(side)); // the file has the fastest axis first
    }
    view.dtype = dtypeOf(in.number<std::uint32_t>("the tensor table"), view.name);
    const std::int64_t block = view.dtype.info().elements;
    if (block > 1 && (view.shape.empty() || view.shape.back() % block != 0)) {
        refuse(fmt::format(
            "tensor {} has the shape {} (expected a last side that is a multiple of {} for {})",
            shownText(view.name), shownShape(view.shape), block, dtypeName(view.dtype)));
    }
    entry.offset = in.number<std::uint64_t>("the tensor table");
    view.sizeBytes = dtypeBytes(view.dtype, elements);
    return entry;
}

std::uint64_t alignmentOf(const GgufFile& file)
{
    const std::int64_t alignment = file.integer("general.alignment").value_or(kDefaultAlignment);
    const auto value = static_cast<std::uint64_t>(alignment);
    if (alignment < 1 || value > kAlignmentLimit || (value & (value - 1)) != 0) {
        refuse(fmt::format("general.alignment is {} (expected a power of two up to {})", alignment,
                           kAlignmentLimit));
    }
    return value;
}

// Every tensor lies inside the file, aligned, and no two share a byte.
void placeTensors(std::vector<Entry>& entries, std::span<const std::byte> bytes,
                  std::uint64_t headerEnd, std::uint64_t alignment)
{
    const std::uint64_t base = (headerEnd + alignment - 1) / alignment * alignment;
    const std::uint64_t available = base < bytes.size() ? bytes.size() - base : 0;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
    for (Entry& entry : entries) {
        if (entry.offset % alignment != 0) {
            refuse(fmt::format(
                "tensor {} begins at offset {} (expected a multiple of the alignment {})",
                shownText(entry.view.name), entry.offset, alignment));
        }
        if (entry.offset > available || entry.view.sizeBytes > available - entry.offset) {
            refuse(fmt::format("tensor {} has {} bytes at offset {}, but the file has {} bytes of "
                               "tensors; it is cut or damaged: get it again",
                               shownText(entry.view.name), entry.view.sizeBytes, entry.offset,
                               available));
        }
        entry.view.data = bytes.data() + base + entry.offset;
        ranges.emplace_back(entry.offset, entry.offset + entry.view.sizeBytes);
    }
    std::sort(ranges.begin(), ranges.end());
    for (std::size_t i = 1; i < ranges.size(); ++i) {
        if (ranges[i].first < ranges[i - 1].second) {
            refuse(
                fmt::format("two tensors overlap at offset {}; the file is damaged: get it again",
                            ranges[i].first));
        }
    }
}

// Magic, version and the two counts; throws for what is no GGUF of version 2 or 3.
std::pair<std::uint64_t, std::uint64_t> readCounts(Cursor& in)
{
    const auto magic = in.number<std::uint32_t>("the first bytes");
    if (magic != 0x46554747U) { // "GGUF"
        refuseForeign(in.all());
        refuse("file does not begin with GGUF (expected a GGUF file of version 2 or 3)");
    }
    const auto version = in.number<std::uint32_t>("the version");
    if (version != 2 && version != 3) {
        const bool swapped = version != 0 && (version & 0xFFFFU) == 0;
        refuse(swapped ? "file is a big-endian GGUF (expected little-endian); convert it"
                       : fmt::format("file has GGUF version {} (expected 2 or 3); convert it",
                                     version));
    }
    const auto tensors = in.number<std::uint64_t>("the number of tensors");
    const auto values = in.number<std::uint64_t>("the number of values");
    if (tensors > kTensorLimit || values > kValueLimit) {
        refuse(fmt::format("header announces {} tensors and {} values (expected at most {} and "
                           "{}); the file is damaged: get it again",
                           tensors, values, kTensorLimit, kValueLimit));
    }
    return {tensors, values};
}

} // namespace

GgufFile GgufFile::openOne(const std::filesystem::path& path)
{
    GgufFile out;
    const std::shared_ptr<const MappedFile> file = MappedFile::open(path);
    out.m_files.push_back(file);
    try {
        Cursor in(file->bytes());
        const auto [tensorCount, valueCount] = readCounts(in);
        for (std::uint64_t i = 0; i < valueCount; ++i) {
            std::string key = in.text(kKeyLimit, "a key");
            in.charge(sizeof(GgufValue) + 96);
            GgufValue value = readValue(in, key);
            const auto [place, isNew] = out.m_values.emplace(std::move(key), std::move(value));
            if (!isNew) {
                refuse("value " + shownText(place->first) + " is given twice");
            }
        }
        std::vector<Entry> entries;
        for (std::uint64_t i = 0; i < tensorCount; ++i) {
            entries.push_back(readTensor(in));
        }
        placeTensors(entries, file->bytes(), in.position(), alignmentOf(out));
        for (Entry& entry : entries) {
            out.m_tensors.add(std::move(entry.view));
        }
    } catch (const Error& e) {
        requireIntact(file->bytes().data());
        throw e.within(shownPath(path));
    }
    requireIntact(file->bytes().data());
    return out;
}

} // namespace pissarro::core::inline format
