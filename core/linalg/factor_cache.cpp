// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/fingerprint.h"
#include "core/file/intact.h"
#include "core/format/safetensors.h"
#include "core/linalg/cache_files.h"
#include "core/linalg/factor_cache_tensors.h"
#include "core/tensor/dtypes_tensors.h"
#include "core/tensor/host_pointer_tensors.h"

#include <ATen/ATen.h>
#include <ATen/Version.h>
#include <torch/version.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <vector>

namespace pissarro::core::inline linalg {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kAllUpTo = 2048; // vectors: smaller matrices are kept whole
constexpr std::int64_t kKept = 512;

std::string makerOf(c10::Device device)
{
    std::string maker = device.is_cpu() ? at::get_cpu_capability() : device.str();
    if (!device.is_cpu()) {
        maker = maker.substr(0, maker.find(':')); // a second card of the machine computes alike
    }
    std::transform(maker.begin(), maker.end(), maker.begin(),
                   [](unsigned char c) { return std::isalnum(c) != 0 ? std::tolower(c) : '-'; });
    return maker;
}

std::optional<SvdFactors> readFactors(const fs::path& path, std::int64_t smaller,
                                      std::int64_t needed)
{
    const auto known = openFactorFile(path, smaller, needed);
    if (!known) {
        return std::nullopt;
    }
    try {
        SvdFactors factors {tensorOver(known->values).clone(), tensorOver(known->vectors).clone()};
        requireIntact(known->values.data);
        return factors;
    } catch (const Error&) { // cut short meanwhile
        return std::nullopt;
    }
}

void writeFactors(const fs::path& path, const SvdFactors& factors)
{
    const auto values = hostBytes(factors.s_K);
    const auto vectors = hostBytes(factors.near_KC);
    SafetensorsWriter writer(
        path,
        {{"singular_values", DType::F64, factors.s_K.sizes().vec()},
         {"vectors", DType::F32, factors.near_KC.sizes().vec()}},
        factorMetadata(values.data(), values.size(), vectors.data(), vectors.size()));
    writer.append(values.data(), values.size());
    writer.append(vectors.data(), vectors.size());
    writer.commit(Durability::Crash);
}

} // namespace

CacheKey FactorKey::parts() const
{
    return {content, fmt::format("{}", rows), fmt::format("{}", cols), library, maker};
}

FactorKey factorKeyOf(const at::Tensor& w_OI, c10::Device device)
{
    const auto bytes = hostBytes(w_OI);
    return {fingerprintOf(bytes.data(), bytes.size()), w_OI.size(0), w_OI.size(1),
            "torch" TORCH_VERSION, makerOf(device)};
}

FactorCache::FactorCache()
    : m_cache("factors", kCacheFileVersion)
{
}

FactorCache::FactorCache(fs::path directory, std::uint64_t limitBytes)
    : m_cache(std::move(directory), kCacheFileVersion, limitBytes)
{
}

TruncatedSvd FactorCache::exactSvd(const at::Tensor& w_OI, std::int64_t rank, std::int64_t first,
                                   c10::Device device, const JobContext& job) const
{
    const bool cacheable = m_cache.isOn() && w_OI.dim() == 2 && w_OI.numel() > 0
        && w_OI.scalar_type() == at::kFloat && w_OI.device().is_cpu();
    if (!cacheable) {
        const TruncatedSvd svd = core::exactSvd(w_OI.to(device), rank, first, job);
        return {svd.u_OR.cpu(), svd.s_R.cpu(), svd.v_IR.cpu()};
    }
    const at::Tensor whole = w_OI.contiguous();
    const std::int64_t smaller = std::min(w_OI.size(0), w_OI.size(1));
    const fs::path path = fileOf(factorKeyOf(whole, device));
    if (auto known = readFactors(path, smaller, first + rank)) {
        m_cache.touch(path);
        return takeTriplets(whole, *known, rank, first);
    }
    SvdFactors factors = svdFactors(whole.to(device), job);
    const std::int64_t kept =
        smaller <= kAllUpTo ? smaller : std::min(smaller, std::max(kKept, first + rank));
    factors = {factors.s_K.cpu().contiguous(),
               factors.near_KC.narrow(1, 0, kept).cpu().contiguous()};
    if (first + rank <= kept) {
        m_cache.keep(path, [&](const fs::path& file) { writeFactors(file, factors); });
    }
    return takeTriplets(whole, factors, rank, first);
}

} // namespace pissarro::core::inline linalg
