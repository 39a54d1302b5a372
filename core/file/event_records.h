// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pissarro::core::inline file {

// The framing of TensorFlow's record files, which TensorBoard's event files are: a record is its length (8 bytes), the
// masked CRC-32C of these 8 bytes (4), the data, the masked CRC-32C of the data (4); little-endian, one after the other.

std::uint32_t crc32c(std::string_view bytes); // Castagnoli, as iSCSI's
std::uint32_t maskedCrc32c(std::string_view bytes); // as records hold it
std::string eventRecord(std::string_view data); // framed

// Walks the records of a file that may be torn or hostile: it looks at no byte behind the end, and takes no memory.
class EventRecords {
public:
    enum class End {
        None, // not there yet, or where the file ends
        Torn, // the file ends within a record: it is being written, or its writer was killed
        Damaged, // a length that its checksum denies: where the next record would begin is not known
    };

    explicit EventRecords(std::string_view file)
        : m_file(file)
    {
    }

    // The data of the next record into `data`. False: there is none, and end() says why. A record whose data its checksum
    // denies is passed over and counted.
    bool next(std::string_view& data);
    End end() const { return m_end; }
    std::uint64_t at() const
    {
        return m_at;
    } // byte of the record that is read next, or that ended it
    std::int64_t damaged() const { return m_damaged; } // records passed over so far

private:
    std::string_view m_file;
    std::uint64_t m_at = 0;
    std::int64_t m_damaged = 0;
    End m_end = End::None;
};

} // namespace pissarro::core::inline file
