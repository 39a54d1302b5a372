// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/file/cache.h"
#include "core/linalg/svd_tensors.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace pissarro::core::inline linalg {

// What an entry is known by: the matrix, and who computed its factors, whose last bits depend on it.
struct FactorKey {
    std::string content; // XXH3 of the float32 values, row by row
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    std::string library; // LibTorch with what it brings: "torch2.11.0"
    std::string
        maker; // kind of device, of the CPU the instructions that LibTorch chose: "avx512", "cuda"

    CacheKey parts() const;
};
// Of a matrix that is decomposed on `device`. Requires: w_OI float32 on the CPU, contiguous.
FactorKey factorKeyOf(const at::Tensor& w_OI, c10::Device device);

// Exact decompositions on disk (core/file/cache.h), so that another rank, slice or run of the same weight costs no SVD: one safetensors file a
// matrix, known by its FactorKey, so that what is found has the bits that would be
// computed here: with any number of threads, since each matrix has one. It holds every singular value and the vectors of the
// smaller side; the other side is one product away.
// Of matrices with more than 2,048 on the smaller side the first 512 vectors are kept, more where more were asked for.
//
// A file that is torn counts as absent.
// Threads: any number of users, in this and other programs.
class FactorCache {
public:
    FactorCache(); // of the kind "factors"
    FactorCache(std::filesystem::path directory, std::uint64_t limitBytes);

    // exactSvd() through the cache: the same bits whether the factors were there or not. `device`: where to decompose what
    // was not there; the result is on the CPU.
    // Requires: w_OI float32 on the CPU. Throws: as exactSvd().
    TruncatedSvd exactSvd(const at::Tensor& w_OI, std::int64_t rank, std::int64_t first = 0,
                          c10::Device device = c10::kCPU, const JobContext& job = {}) const;

    std::filesystem::path fileOf(const FactorKey& key) const { return m_cache.fileOf(key.parts()); }

private:
    Cache m_cache;
};

} // namespace pissarro::core::inline linalg
