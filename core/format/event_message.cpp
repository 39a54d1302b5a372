// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/event_message.h"

#include "core/file/output_marker.h"
#include "core/format/protobuf.h"
#include "core/format/stored_numbers.h"

#include <bit>
#include <cstring>

namespace pissarro::core::inline format {

namespace {

// Numbers of the fields: tensorflow's event.proto, summary.proto, tensor.proto, tensor_shape.proto, types.proto.
constexpr unsigned kEventWallTime = 1, kEventStep = 2, kEventVersion = 3, kEventSummary = 5,
                   kEventSession = 7, kEventSource = 10;
constexpr unsigned kSourceWriter = 1;
constexpr unsigned kSessionStatus = 1, kSessionStart = 1;
constexpr unsigned kSummaryValue = 1, kValueTag = 1, kValueSimple = 2, kValueTensor = 8,
                   kValueMetadata = 9;
constexpr unsigned kMetadataPlugin = 1, kPluginName = 1;
constexpr unsigned kTensorType = 1, kTensorShape = 2, kTensorContent = 4, kTensorHalfs = 13;
constexpr unsigned kShapeDim = 2, kShapeUnknown = 3, kDimSize = 1;
constexpr std::string_view kScalars = "scalars"; // the plugin

// How tensors of a type hold their numbers: raw in tensor_content, or in a repeated field of their own.
struct TensorType {
    std::uint64_t number = 0; // DT_…
    unsigned field = 0;
    ProtoType type = ProtoType::Varint; // of one number there
    std::size_t width = 0; // bytes of one in tensor_content
    double (*value)(std::uint64_t bits) = nullptr; // of either
};

double floatOf(std::uint64_t bits)
{
    return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
}

constexpr TensorType kTensorTypes[] {
    {1, 5, ProtoType::Fixed32, 4, floatOf},
    {2, 6, ProtoType::Fixed64, 8, [](std::uint64_t bits) { return std::bit_cast<double>(bits); }},
    {3, 7, ProtoType::Varint, 4,
     [](std::uint64_t bits) { return static_cast<double>(static_cast<std::int32_t>(bits)); }},
    {9, 10, ProtoType::Varint, 8,
     [](std::uint64_t bits) { return static_cast<double>(static_cast<std::int64_t>(bits)); }},
    {14, kTensorHalfs, ProtoType::Varint, 2,
     [](std::uint64_t bits) { return floatOf((bits & 0xFFFFU) << 16U); }},
    {19, kTensorHalfs, ProtoType::Varint, 2,
     [](std::uint64_t bits) {
         return static_cast<double>(halfToFloat(static_cast<std::uint16_t>(bits)));
     }},
};

std::uint64_t littleEndian(std::string_view bytes) // Requires: at most 8
{
    std::uint64_t bits = 0;
    std::memcpy(&bits, bytes.data(), bytes.size());
    return bits;
}

// Whether a shape is that of one number.
bool isOne(std::string_view shape)
{
    ProtoReader reader(shape);
    for (ProtoField field; reader.next(field);) {
        if (field.number == kShapeUnknown && field.value != 0) {
            return false;
        }
        if (field.number != kShapeDim) {
            continue;
        }
        std::uint64_t size = 0;
        ProtoReader dim(field.bytes);
        for (ProtoField part; dim.next(part);) {
            size = part.number == kDimSize ? part.value : size;
        }
        if (size != 1) {
            return false;
        }
    }
    return !reader.failed();
}

// The only number of a repeated field, packed or not; nullopt: there are more, or none.
std::optional<std::uint64_t> onlyNumber(const ProtoField& field, ProtoType type)
{
    if (field.type == type) {
        return type == ProtoType::Varint ? field.value : littleEndian(field.bytes);
    }
    if (field.type != ProtoType::Bytes) {
        return std::nullopt;
    }
    if (type != ProtoType::Varint) {
        const std::size_t width = type == ProtoType::Fixed64 ? 8 : 4;
        return field.bytes.size() == width ? std::optional(littleEndian(field.bytes))
                                           : std::nullopt;
    }
    std::string framed; // as a field of its own, so that one reader reads varints
    putVarint(framed, 1U << 3U);
    framed.append(field.bytes.substr(0, 11)); // one is at most ten bytes
    ProtoReader reader(framed);
    ProtoField only;
    ProtoField more;
    if (!reader.next(only) || reader.next(more) || reader.failed()) {
        return std::nullopt;
    }
    return only.value;
}

// The number of a tensor that holds one; nullopt: another tensor.
std::optional<double> numberOf(std::string_view tensor)
{
    const TensorType* type = nullptr;
    std::string_view content;
    ProtoReader reader(tensor);
    for (ProtoField field; reader.next(field);) {
        if (field.number == kTensorType) {
            for (const TensorType& one : kTensorTypes) {
                type = one.number == field.value ? &one : type;
            }
        } else if (field.number == kTensorShape && !isOne(field.bytes)) {
            return std::nullopt;
        } else if (field.number == kTensorContent) {
            content = field.bytes;
        }
    }
    if (reader.failed() || type == nullptr) {
        return std::nullopt;
    }
    if (!content.empty()) {
        return content.size() == type->width ? std::optional(type->value(littleEndian(content)))
                                             : std::nullopt;
    }
    std::optional<std::uint64_t> bits;
    ProtoReader again(tensor); // the type may stand behind the number
    for (ProtoField field; again.next(field);) {
        if (field.number != type->field) {
            continue;
        }
        if (bits) {
            return std::nullopt; // a second number
        }
        bits = onlyNumber(field, type->type);
        if (!bits) {
            return std::nullopt;
        }
    }
    return bits ? std::optional(type->value(*bits)) : std::nullopt;
}

std::string_view pluginOf(std::string_view metadata)
{
    std::string_view name;
    ProtoReader reader(metadata);
    for (ProtoField field; reader.next(field);) {
        if (field.number != kMetadataPlugin) {
            continue;
        }
        ProtoReader plugin(field.bytes);
        for (ProtoField part; plugin.next(part);) {
            name = part.number == kPluginName ? part.bytes : name;
        }
    }
    return name;
}

bool isStart(std::string_view session)
{
    ProtoReader reader(session);
    std::uint64_t status = 0;
    for (ProtoField field; reader.next(field);) {
        status = field.number == kSessionStatus ? field.value : status;
    }
    return !reader.failed() && status == kSessionStart;
}

std::string head(double wallTime)
{
    std::string message;
    putDoubleField(message, kEventWallTime, wallTime);
    return message;
}

} // namespace

bool EventReader::readValue(std::string_view value, std::vector<EventScalar>& scalars)
{
    std::string_view tag;
    std::string_view plugin;
    std::optional<double> number;
    ProtoReader reader(value);
    for (ProtoField field; reader.next(field);) {
        if (field.number == kValueTag) {
            tag = field.bytes;
        } else if (field.number == kValueMetadata) {
            plugin = pluginOf(field.bytes);
        } else if (field.number == kValueTensor) {
            number = numberOf(field.bytes);
        } else if (field.number == kValueSimple && field.type == ProtoType::Fixed32) {
            number = floatOf(littleEndian(field.bytes));
        }
    }
    if (!plugin.empty() && plugin != kScalars) {
        m_others.emplace(tag);
    }
    if (!reader.failed() && number && !m_others.contains(std::string(tag))) {
        scalars.push_back({tag, *number});
    }
    return !reader.failed();
}

bool EventReader::readSummary(std::string_view summary, std::vector<EventScalar>& scalars)
{
    ProtoReader reader(summary);
    for (ProtoField field; reader.next(field);) {
        if (field.number == kSummaryValue && !readValue(field.bytes, scalars)) {
            return false;
        }
    }
    return !reader.failed();
}

std::optional<Event> EventReader::read(std::string_view message)
{
    Event event;
    ProtoReader reader(message);
    for (ProtoField field; reader.next(field);) {
        if (field.number == kEventWallTime && field.type == ProtoType::Fixed64) {
            event.wallTime = std::bit_cast<double>(littleEndian(field.bytes));
        } else if (field.number == kEventStep) {
            event.step = static_cast<std::int64_t>(field.value);
        } else if (field.number == kEventVersion) {
            event.fileVersion = field.bytes;
        } else if (field.number == kEventSession) {
            event.sessionStart = isStart(field.bytes);
        } else if (field.number == kEventSummary && !readSummary(field.bytes, event.scalars)) {
            return std::nullopt;
        }
    }
    return reader.failed() || event.step < 0 ? std::nullopt : std::optional(std::move(event));
}

std::string versionMessage(double wallTime)
{
    std::string message = head(wallTime);
    putBytesField(message, kEventVersion, "brain.Event:2");
    std::string source; // by which this program knows its own file again
    putBytesField(source, kSourceWriter, kMarkValue);
    putBytesField(message, kEventSource, source);
    return message;
}

std::string scalarMessage(double wallTime, std::int64_t step, std::string_view tag, double value)
{
    std::string one;
    putBytesField(one, kValueTag, tag);
    putFloatField(one, kValueSimple, static_cast<float>(value));
    std::string summary;
    putBytesField(summary, kSummaryValue, one);
    std::string message = head(wallTime);
    putVarintField(message, kEventStep, static_cast<std::uint64_t>(step));
    putBytesField(message, kEventSummary, summary);
    return message;
}

std::string sessionStartMessage(double wallTime, std::int64_t step)
{
    std::string session;
    putVarintField(session, kSessionStatus, kSessionStart);
    std::string message = head(wallTime);
    putVarintField(message, kEventStep, static_cast<std::uint64_t>(step));
    putBytesField(message, kEventSession, session);
    return message;
}

} // namespace pissarro::core::inline format
