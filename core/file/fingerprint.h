// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace pissarro::core::inline file {

// What content is known by: XXH3 of 128 bits, 32 hexadecimal digits. Tells that something changed by accident or by a
// person; it is no protection against an attacker.
// Cost: reading, then 10 GB/s and more.
class Fingerprint {
public:
    Fingerprint();
    ~Fingerprint();
    Fingerprint(const Fingerprint&) = delete;
    Fingerprint& operator=(const Fingerprint&) = delete;

    void add(const void* data, std::size_t sizeBytes);
    void add(std::string_view text); // and its length: ("ab", "c") differs from ("a", "bc")
    void add(std::int64_t number); // little-endian on every machine
    std::string text() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

std::string fingerprintOf(const void* data, std::size_t sizeBytes); // of bytes in memory
// Of a file's content. Throws: Error{Io} naming it; Cancelled, within milliseconds.
std::string fileFingerprint(const std::filesystem::path& path, const JobContext& job = {});

} // namespace pissarro::core::inline file
