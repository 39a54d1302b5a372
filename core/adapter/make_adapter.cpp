// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/make_adapter_tensors.h"
#include "core/base/error.h"
#include "core/base/torch/runtime.h"
#include "core/base/torch/weights.h"
#include "core/linalg/factor_cache_tensors.h"
#include "core/linalg/svd_tensors.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

namespace pissarro::core {

namespace {

PissaFactors factorsOf(const TruncatedSvd& svd, double scale)
{
    const at::Tensor half_R = (svd.s_R / scale).sqrt();
    PissaFactors factors;
    factors.a_RI = (svd.v_IR * half_R).t().contiguous();
    factors.b_OR = (svd.u_OR * half_R).contiguous();
    return factors;
}

} // namespace

std::int64_t sliceStart(double slice, std::int64_t smallerSide, std::int64_t rank)
{
    return std::llround(slice * static_cast<double>(smallerSide - rank));
}

PissaFactors pissaFactors(const at::Tensor& w_OI, std::int64_t rank, double scale,
                          const InitOptions& options, std::uint64_t seed, const JobContext& job)
{
    const std::int64_t smaller = std::min(w_OI.size(0), w_OI.size(1));
    return factorsOf(
        options.svd == SvdKind::Exact
            ? exactSvd(w_OI, rank, sliceStart(options.slice, smaller, rank), job)
            : randomizedSvd(w_OI, {rank, options.niter, options.oversampling, seed}, job),
        scale);
}

PissaFactors pissaFactors(const at::Tensor& w_OI, const SvdFactors& factors, std::int64_t rank,
                          double scale)
{
    return factorsOf(takeTriplets(w_OI, factors, rank, 0), scale);
}

Adapter loraFactors(const LinearModule& module, std::int64_t rank, double scale, std::uint64_t seed)
{
    auto generator = at::make_generator<at::CPUGeneratorImpl>(moduleSeed(seed, module.name));
    const double bound = 1.0 / std::sqrt(static_cast<double>(module.cols));
    Adapter adapter;
    adapter.module = module.name;
    adapter.scale = scale;
    adapter.a_RI = at::empty({rank, module.cols}, at::kFloat).uniform_(-bound, bound, generator);
    adapter.b_OR = at::zeros({module.rows, rank}, at::kFloat);
    return adapter;
}

std::uint64_t moduleSeed(std::uint64_t seed, const std::string& module)
{
    std::uint64_t hash = 1469598103934665603ULL ^ seed; // FNV-1a
    for (const char c : module) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    }
    return hash;
}

Adapter makeFactorsOf(const ModelFiles& files, const LinearModule& module,
                      const InitOptions& options, const JobContext& job)
{
    const auto [rank, alpha] =
        rankAndAlphaOf(module.name, options.rank, options.alpha, options.patterns);
    const double scale = adapterScale(alpha, rank, options.rslora);
    if (options.method == Method::Lora) {
        return loraFactors(module, rank, scale, options.seed);
    }
    const std::string weight = module.name + ".weight";
    try {
        // The decomposition finds NaN and Inf by itself.
        const at::Tensor w_OI = readWeight(files, weight, NotFinite::Keep);
        const c10::Device device = parseDevice(options.device);
        const PissaFactors factors = options.svd == SvdKind::Exact
            ? factorsOf(
                FactorCache().exactSvd(
                    w_OI, rank, sliceStart(options.slice, module.smallerSide(), rank), device, job),
                scale)
            : pissaFactors(w_OI.to(device), rank, scale, options,
                           moduleSeed(options.seed, module.name), job);
        files.release(weight);
        return {module.name, factors.a_RI.cpu(), factors.b_OR.cpu(), scale};
    } catch (const Error& e) {
        if (e.kind() == ErrorKind::Numeric) {
            files.requireFinite(weight); // names the file
        }
        throw e.within(module.name);
    }
}

at::Tensor subtractAdapter(const at::Tensor& w_OI, const Adapter& adapter)
{
    return at::addmm(w_OI, adapter.b_OR, adapter.a_RI, 1, -adapter.scale);
}

WeightProvider weightsPlus(const ModelFiles& files, const AdapterSet& adapters, double factor,
                           NotFinite notFinite)
{
    std::unordered_map<std::string, const Adapter*> byWeight;
    for (const Adapter& adapter : adapters) {
        byWeight.emplace(adapter.module + ".weight", &adapter);
    }
    return [&files, factor, notFinite,
            places = std::move(byWeight)](const std::string& name) -> at::Tensor {
        const auto found = places.find(name);
        if (found == places.end()) {
            return {};
        }
        Adapter adapter = *found->second;
        adapter.scale *= -factor;
        at::Tensor result = subtractAdapter(readWeight(files, name, notFinite), adapter);
        files.release(name);
        return result;
    };
}

Adapter convertToLora(const Adapter& trained, const Adapter& initial)
{
    Adapter lora;
    lora.module = trained.module;
    lora.scale = trained.scale;
    lora.a_RI = at::cat({trained.a_RI, initial.a_RI.to(trained.a_RI.options())}, 0);
    lora.b_OR = at::cat({trained.b_OR, initial.b_OR.to(trained.b_OR.options()).neg()}, 1);
    return lora;
}

} // namespace pissarro::core
