// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/protobuf.h"

#include <cstring>

namespace pissarro::core::inline format {

namespace {

template <class T>
void putField(std::string& out, unsigned number, ProtoType type, T value)
{
    putVarint(out, (number << 3U) | static_cast<unsigned>(type));
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof value);
}

} // namespace

bool ProtoReader::next(ProtoField& field)
{
    if (m_failed || m_rest.empty()) {
        return false;
    }
    const std::uint64_t tag = varint();
    field = {tag >> 3U, static_cast<ProtoType>(tag & 7U), 0, {}};
    if (field.number == 0) {
        m_failed = true;
        return false;
    }
    switch (field.type) {
    case ProtoType::Varint:
        field.value = varint();
        break;
    case ProtoType::Fixed64:
        field.bytes = take(8);
        break;
    case ProtoType::Bytes:
        field.bytes = take(varint());
        break;
    case ProtoType::Fixed32:
        field.bytes = take(4);
        break;
    default: // groups, which nobody writes any more
        m_failed = true;
    }
    return !m_failed;
}

std::uint64_t ProtoReader::varint()
{
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !m_rest.empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(m_rest.front());
        m_rest.remove_prefix(1);
        value |= static_cast<std::uint64_t>(byte & 127U) << shift;
        if (byte < 128) {
            return value;
        }
    }
    m_failed = true;
    return 0;
}

std::string_view ProtoReader::take(std::uint64_t size)
{
    if (m_failed || size > m_rest.size()) {
        m_failed = true;
        return {};
    }
    const std::string_view bytes = m_rest.substr(0, size);
    m_rest.remove_prefix(size);
    return bytes;
}

void putVarint(std::string& out, std::uint64_t value)
{
    while (value >= 0x80U) {
        out.push_back(static_cast<char>((value & 0x7fU) | 0x80U));
        value >>= 7U;
    }
    out.push_back(static_cast<char>(value));
}

void putVarintField(std::string& out, unsigned number, std::uint64_t value)
{
    putVarint(out, (number << 3U) | static_cast<unsigned>(ProtoType::Varint));
    putVarint(out, value);
}

void putBytesField(std::string& out, unsigned number, std::string_view bytes)
{
    putVarint(out, (number << 3U) | static_cast<unsigned>(ProtoType::Bytes));
    putVarint(out, bytes.size());
    out.append(bytes);
}

void putDoubleField(std::string& out, unsigned number, double value)
{
    putField(out, number, ProtoType::Fixed64, value);
}

void putFloatField(std::string& out, unsigned number, float value)
{
    putField(out, number, ProtoType::Fixed32, value);
}

} // namespace pissarro::core::inline format
