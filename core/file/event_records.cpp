// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/event_records.h"

#include <array>
#include <bit>
#include <cstring>

namespace pissarro::core::inline file {

namespace {

constexpr std::uint64_t kLengthBytes = sizeof(std::uint64_t);
constexpr std::uint64_t kCrcBytes = sizeof(std::uint32_t);
constexpr std::uint64_t kHeadBytes = kLengthBytes + kCrcBytes;

template <class T>
void putRaw(std::string& out, T value)
{
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof value);
}

template <class T>
T rawAt(std::string_view bytes, std::uint64_t at)
{
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

} // namespace

std::uint32_t crc32c(std::string_view bytes)
{
    static const auto table = [] {
        std::array<std::uint32_t, 256> t {};
        for (std::uint32_t i = 0; i < 256; ++i) {
            std::uint32_t c = i;
            for (int bit = 0; bit < 8; ++bit) {
                c = (c >> 1U) ^ ((c & 1U) != 0 ? 0x82f63b78U : 0U);
            }
            t[i] = c;
        }
        return t;
    }();
    std::uint32_t crc = ~0U;
    for (const char c : bytes) {
        crc = (crc >> 8U) ^ table[(crc ^ static_cast<unsigned char>(c)) & 0xffU];
    }
    return ~crc;
}

std::uint32_t maskedCrc32c(std::string_view bytes)
{
    return std::rotr(crc32c(bytes), 15) + 0xa282ead8U;
}

std::string eventRecord(std::string_view data)
{
    std::string record;
    putRaw(record, static_cast<std::uint64_t>(data.size()));
    putRaw(record, maskedCrc32c(record));
    record.append(data);
    putRaw(record, maskedCrc32c(data));
    return record;
}

bool EventRecords::next(std::string_view& data)
{
    while (m_end == End::None && m_at < m_file.size()) {
        const std::uint64_t left = m_file.size() - m_at;
        if (left < kHeadBytes) {
            m_end = End::Torn;
            return false;
        }
        if (rawAt<std::uint32_t>(m_file, m_at + kLengthBytes)
            != maskedCrc32c(m_file.substr(m_at, kLengthBytes))) {
            m_end = End::Damaged;
            return false;
        }
        const auto length = rawAt<std::uint64_t>(m_file, m_at);
        if (left - kHeadBytes < kCrcBytes || length > left - kHeadBytes - kCrcBytes) {
            m_end = End::Torn;
            return false;
        }
        const std::string_view found = m_file.substr(m_at + kHeadBytes, length);
        const std::uint64_t behind = m_at + kHeadBytes + length;
        m_at = behind + kCrcBytes;
        if (rawAt<std::uint32_t>(m_file, behind) == maskedCrc32c(found)) {
            data = found;
            return true;
        }
        ++m_damaged;
    }
    return false;
}

} // namespace pissarro::core::inline file
