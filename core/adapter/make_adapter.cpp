// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/make_adapter_tensors.h"
#include "core/adapter/method_start_tensors.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/linalg/svd_tensors.h"
#include "core/tensor/parallel_tasks.h"
#include "core/weights/weights.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace pissarro::core::inline adapter {

PissaFactors pissaFactors(const TruncatedSvd& svd, double scale)
{
    const at::Tensor half_R = (svd.s_R / scale).sqrt();
    PissaFactors factors;
    factors.a_RI = (svd.v_IR * half_R).t().contiguous();
    factors.b_OR = (svd.u_OR * half_R).contiguous();
    return factors;
}

std::int64_t sliceStart(double slice, std::int64_t smallerSide, std::int64_t rank)
{
    return std::llround(slice * static_cast<double>(smallerSide - rank));
}

PissaFactors pissaFactors(const at::Tensor& w_OI, std::int64_t rank, double scale,
                          const AdapterOptions& options, std::uint64_t seed, const JobContext& job)
{
    const std::int64_t smaller = std::min(w_OI.size(0), w_OI.size(1));
    return pissaFactors(options.svd.kind == SvdKind::Exact
                            ? exactSvd(w_OI, rank, sliceStart(options.slice, smaller, rank), job)
                            : randomizedSvd(w_OI, {rank, options.svd.fast, seed}, job),
                        scale);
}

PissaFactors pissaFactors(const at::Tensor& w_OI, const SvdFactors& factors, std::int64_t rank,
                          double scale)
{
    return pissaFactors(takeTriplets(w_OI, factors, rank, 0), scale);
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
                      const AdapterOptions& options, const JobContext& job)
{
    const auto [rank, alpha] =
        rankAndAlphaOf(module.name, options.rank, options.alpha, options.patterns);
    const std::string weight = module.name + ".weight";
    bool isRead = false;
    StartInput input;
    input.module = module;
    input.weight = [&] {
        isRead = true;
        return readWeight(files, weight,
                          NotFinite::Keep); // whoever decomposes finds NaN and Inf by itself
    };
    input.rank = rank;
    input.scale = adapterScale(alpha, rank, options.rslora);
    input.how = options;
    try {
        const MethodStart start = options.method->start(input, job);
        if (isRead) {
            files.release(weight);
        }
        return {module.name, start.a_RI, start.b_OR, input.scale};
    } catch (const Error& e) {
        if (e.kind() == ErrorKind::Numeric) {
            files.requireFinite(weight); // names the file
        }
        throw e.within(module.name);
    }
}

AdapterSet makeFactors(const ModelFiles& files, const std::vector<LinearModule>& modules,
                       const AdapterOptions& options, const PieceReport& report)
{
    AdapterSet adapters(modules.size());
    forEachInParallel(
        static_cast<std::int64_t>(modules.size()), report,
        [&](std::int64_t i) {
            return makeFactorsOf(files, modules[static_cast<std::size_t>(i)], options, report.job);
        },
        [&](std::int64_t i, Adapter made) {
            adapters[static_cast<std::size_t>(i)] = std::move(made);
        });
    return adapters;
}

at::Tensor subtractAdapter(const at::Tensor& w_OI, const Adapter& adapter)
{
    return subtractAdapter(w_OI, adapter.a_RI, adapter.b_OR, adapter.scale);
}

at::Tensor subtractAdapter(const at::Tensor& w_OI, const at::Tensor& a_RI, const at::Tensor& b_OR,
                           double scale)
{
    return at::addmm(w_OI, b_OR, a_RI, 1, -scale);
}

at::Tensor mergedWeight(const at::Tensor& w_OI, const Adapter& adapter)
{
    const AdapterTerm term = adapter.kind->term(adapter);
    const at::Tensor whole_OI = at::addmm(w_OI, term.s_OR, term.a_RI);
    return adapter.kind->norm == nullptr
        ? whole_OI
        : whole_OI * (adapter.magnitude_O / adapter.kind->norm(adapter, w_OI)).unsqueeze(1);
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
        at::Tensor result;
        if (adapter.kind->norm != nullptr) {
            result = mergedWeight(readWeight(files, name, notFinite), adapter);
        } else {
            adapter.scale *= -factor;
            result = subtractAdapter(readWeight(files, name, notFinite), adapter);
        }
        files.release(name);
        return result;
    };
}

AdapterSet takenFromBase(const PeftAdapter& adapter, const ModelFiles& files, const JobContext& job)
{
    if (adapter.takenStart.empty()) {
        return {};
    }
    if (files.isFourBit()) {
        throw Error(
            ErrorKind::Format,
            fmt::format("the adapter has init_lora_weights \"{}\", which takes its start out of "
                        "the base; {} is in four bits, of which nothing can be taken "
                        "(expected the base as it was trained on, and true)",
                        adapter.initLoraWeights, files.path().string()));
    }
    AdapterOptions options;
    const auto method = std::find_if(allMethods().begin(), allMethods().end(), [&](Method one) {
        return one->peftStart == adapter.takenStart;
    });
    if (method == allMethods().end()) {
        throw Error(ErrorKind::Internal, "no method begins as PEFT's " + adapter.takenStart);
    }
    options.method = *method;
    options.device = "cpu";
    AdapterSet taken(adapter.adapters.size());
    forEachInParallel(static_cast<std::int64_t>(taken.size()), [&](std::int64_t i) {
        job.throwIfCancelled();
        const Adapter& one = adapter.adapters[static_cast<std::size_t>(i)];
        Adapter& start = taken[static_cast<std::size_t>(i)];
        const auto& modules = files.linearModules();
        const auto module = std::find_if(modules.begin(), modules.end(),
                                         [&](const auto& m) { return m.name == one.module; });
        AdapterOptions own = options;
        own.rank = one.rank();
        own.alpha = one.scale * static_cast<double>(one.rank());
        start = makeFactorsOf(files, *module, own, job);
        start.scale = one.scale;
    });
    return taken;
}

AdapterSet plainAdapters(const PeftAdapter& adapter, const ModelFiles& files, const JobContext& job)
{
    const AdapterSet taken = takenFromBase(adapter, files, job);
    return taken.empty() ? adapter.adapters : convertToLora(adapter.adapters, taken);
}

Adapter convertToLora(const Adapter& trained, const Adapter& initial)
{
    Adapter lora = trained; // what it has beyond the factors is of all of W, which stays
    lora.a_RI = at::cat({trained.a_RI, initial.a_RI.to(trained.a_RI.options())}, 0);
    const double share =
        initial.scale / trained.scale; // 1 unless the two are of different ranks or alphas
    lora.b_OR = at::cat({trained.b_OR, initial.b_OR.to(trained.b_OR.options()).mul(-share)}, 1);
    return lora;
}

AdapterSet convertToLora(const AdapterSet& trained, const AdapterSet& initial)
{
    std::map<std::string_view, const Adapter*> starts;
    for (const Adapter& adapter : initial) {
        starts.emplace(adapter.module, &adapter);
    }
    AdapterSet plain;
    for (const Adapter& adapter : trained) {
        const auto start = starts.find(adapter.module);
        if (start == starts.end() || trained.size() != initial.size()) {
            throw Error(ErrorKind::Internal, "factors of other modules than they began on");
        }
        plain.push_back(convertToLora(adapter, *start->second));
    }
    return plain;
}

} // namespace pissarro::core::inline adapter
