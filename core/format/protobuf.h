// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pissarro::core::inline format {

// Messages of protocol buffers, field by field, without their .proto: whoever reads one knows the numbers it wants.

enum class ProtoType : std::uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

// One field of a message: its number, and its value or its bytes.
struct ProtoField {
    std::uint64_t number = 0;
    ProtoType type = ProtoType::Varint;
    std::uint64_t value = 0; // of a Varint
    std::string_view
        bytes; // of the others, little-endian where it is a number; they stay where the message lies
};

// Walks the fields of a message that may be hostile: it looks at no byte behind the end, and takes no memory.
class ProtoReader {
public:
    explicit ProtoReader(std::string_view bytes)
        : m_rest(bytes)
    {
    }

    bool next(ProtoField& field); // false at the end, and where the bytes are no message any more
    bool failed() const { return m_failed; } // they were none

private:
    std::uint64_t varint();
    std::string_view take(std::uint64_t size);

    std::string_view m_rest;
    bool m_failed = false;
};

// The same to write: each appends to `out`.
void putVarint(std::string& out, std::uint64_t value);
void putVarintField(std::string& out, unsigned number, std::uint64_t value);
void putBytesField(std::string& out, unsigned number, std::string_view bytes);
void putDoubleField(std::string& out, unsigned number, double value);
void putFloatField(std::string& out, unsigned number, float value);

} // namespace pissarro::core::inline format
