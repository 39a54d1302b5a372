// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/fingerprint.h"

#include "core/base/fmt.h"
#include "core/file/mapped_file.h"

#include <array>
#include <cstdio>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace pissarro::core::inline file {

namespace {

constexpr std::size_t kPieceBytes = 8U << 20U; // between two looks at the job

} // namespace

struct Fingerprint::State {
    alignas(64) XXH3_state_t hash;
};

Fingerprint::Fingerprint()
    : m_state(std::make_unique<State>())
{
    XXH3_128bits_reset(&m_state->hash);
}

Fingerprint::~Fingerprint() = default;

void Fingerprint::add(const void* data, std::size_t sizeBytes)
{
    XXH3_128bits_update(&m_state->hash, data, sizeBytes);
}

void Fingerprint::add(std::string_view text)
{
    add(static_cast<std::int64_t>(text.size()));
    add(text.data(), text.size());
}

void Fingerprint::add(std::int64_t number)
{
    std::array<unsigned char, 8> bytes {};
    auto bits = static_cast<std::uint64_t>(number);
    for (unsigned char& byte : bytes) {
        byte = static_cast<unsigned char>(bits & 0xffU);
        bits >>= 8U;
    }
    add(bytes.data(), bytes.size());
}

std::string Fingerprint::text() const
{
    const XXH128_hash_t hash = XXH3_128bits_digest(&m_state->hash);
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::string fingerprintOf(const void* data, std::size_t sizeBytes)
{
    Fingerprint print;
    print.add(data, sizeBytes);
    return print.text();
}

std::string fileFingerprint(const std::filesystem::path& path, const JobContext& job)
{
    const auto file = MappedFile::open(path);
    const auto bytes = file->bytes();
    Fingerprint print;
    for (std::size_t at = 0; at < bytes.size(); at += kPieceBytes) {
        job.throwIfCancelled();
        const std::size_t size = std::min(kPieceBytes, bytes.size() - at);
        print.add(bytes.data() + at, size);
        file->release(bytes.data() + at, size); // a model may be larger than the memory
    }
    return print.text();
}

} // namespace pissarro::core::inline file
