// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/torch/weights.h"
#include "core/io/cache_folder.h"
#include "core/io/safetensors.h"
#include "core/linalg/factor_cache_tensors.h"

#include <ATen/ATen.h>
#include <ATen/Version.h>
#include <torch/version.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace pissarro::core {

namespace {

namespace fs = std::filesystem;

constexpr const char* kVersion = "1";
constexpr std::int64_t kAllUpTo = 2048; // vectors: smaller matrices are kept whole
constexpr std::int64_t kKept = 512;

std::string hashOf(const void* data, std::size_t size)
{
    const XXH128_hash_t hash = XXH3_128bits(data, size);
    std::array<char, 33> text {};
    std::snprintf(text.data(), text.size(), "%016llx%016llx",
                  static_cast<unsigned long long>(hash.high64),
                  static_cast<unsigned long long>(hash.low64));
    return text.data();
}

std::string hashOf(const at::Tensor& values)
{
    return hashOf(values.const_data_ptr(), values.nbytes());
}

// Who computed the factors, whose last bits depend on it: the kind of device, LibTorch with its libraries, and the
// instructions that it chose.
std::string makerOf(c10::Device device)
{
    std::string maker = device.is_cpu() ? at::get_cpu_capability() : device.str();
    if (!device.is_cpu()) {
        maker = maker.substr(0, maker.find(':')); // a second card of the machine computes alike
    }
    std::transform(maker.begin(), maker.end(), maker.begin(),
                   [](unsigned char c) { return std::isalnum(c) != 0 ? std::tolower(c) : '-'; });
    return "torch" TORCH_VERSION "-" + maker;
}

// The vectors and values of a file that is whole and has at least `needed` vectors.
std::optional<SvdFactors> readFactors(const fs::path& path, std::int64_t smaller,
                                      std::int64_t needed)
{
    std::error_code ignored;
    if (!fs::exists(path, ignored)) {
        return std::nullopt;
    }
    try {
        const auto file = SafetensorsFile::open(path);
        const TensorView& values = file.at("singular_values");
        const TensorView& vectors = file.at("vectors");
        const auto& metadata = file.metadata();
        const auto is = [&](const char* key, const std::string& value) {
            const auto found = metadata.find(key);
            return found != metadata.end() && found->second == value;
        };
        const bool shaped = values.dtype == DType::F64 && vectors.dtype == DType::F32
            && values.shape == std::vector {smaller} && vectors.shape.size() == 2
            && vectors.shape[0] == smaller && vectors.shape[1] >= needed
            && vectors.shape[1] <= smaller;
        if (!shaped || !is("version", kVersion)) {
            return std::nullopt;
        }
        SvdFactors factors {tensorOver(values).clone(), tensorOver(vectors).clone()};
        if (!is("values_hash", hashOf(factors.s_K))
            || !is("vectors_hash", hashOf(factors.near_KC))) {
            return std::nullopt; // a power cut tore it
        }
        touchCacheFile(path);
        return factors;
    } catch (const Error&) {
        return std::nullopt;
    }
}

void writeFactors(const fs::path& path, const SvdFactors& factors)
{
    try {
        fs::create_directories(path.parent_path());
        SafetensorsWriter writer(path,
                                 {{"singular_values", DType::F64, factors.s_K.sizes().vec()},
                                  {"vectors", DType::F32, factors.near_KC.sizes().vec()}},
                                 {{"version", kVersion},
                                  {"values_hash", hashOf(factors.s_K)},
                                  {"vectors_hash", hashOf(factors.near_KC)}});
        writer.append(factors.s_K.const_data_ptr(), factors.s_K.nbytes());
        writer.append(factors.near_KC.const_data_ptr(), factors.near_KC.nbytes());
        writer.commit(Durability::Crash);
    } catch (const Error&) { // a cache that cannot be written is left out
    } catch (const fs::filesystem_error&) {
    }
}

} // namespace

FactorCache::FactorCache()
    : FactorCache(cacheRoot() / "factors", cacheLimitBytes())
{
    m_bounded = cacheRoot(); // together with the spectra
}

FactorCache::FactorCache(fs::path directory, std::uint64_t limitBytes)
    : m_directory(std::move(directory))
    , m_bounded(m_directory)
    , m_limitBytes(limitBytes)
{
}

TruncatedSvd FactorCache::exactSvd(const at::Tensor& w_OI, std::int64_t rank, std::int64_t first,
                                   c10::Device device, const JobContext& job) const
{
    const bool cacheable = m_limitBytes > 0 && w_OI.dim() == 2 && w_OI.numel() > 0
        && w_OI.scalar_type() == at::kFloat && w_OI.device().is_cpu();
    if (!cacheable) {
        const TruncatedSvd svd = core::exactSvd(w_OI.to(device), rank, first, job);
        return {svd.u_OR.cpu(), svd.s_R.cpu(), svd.v_IR.cpu()};
    }
    const at::Tensor whole = w_OI.contiguous();
    const std::int64_t smaller = std::min(w_OI.size(0), w_OI.size(1));
    const fs::path path = m_directory
        / (hashOf(whole) + "-" + std::to_string(w_OI.size(0)) + "x" + std::to_string(w_OI.size(1))
           + "-" + makerOf(device) + ".safetensors");
    if (auto known = readFactors(path, smaller, first + rank)) {
        return takeTriplets(whole, *known, rank, first);
    }
    SvdFactors factors = svdFactors(whole.to(device), job);
    const std::int64_t kept =
        smaller <= kAllUpTo ? smaller : std::min(smaller, std::max(kKept, first + rank));
    factors = {factors.s_K.cpu().contiguous(),
               factors.near_KC.narrow(1, 0, kept).cpu().contiguous()};
    if (first + rank <= kept) {
        writeFactors(path, factors);
        evictFrom(m_bounded, m_limitBytes);
    }
    return takeTriplets(whole, factors, rank, first);
}

} // namespace pissarro::core
