// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/quant_error.h"

#include "core/analysis/quant_error_tensors.h"
#include "core/base/error.h"
#include "core/linalg/spectrum.h"
#include "core/tensor/guarded.h"
#include "core/tensor/parallel_tasks.h"
#include "core/tensor/runtime.h"
#include "core/weights/weights.h"

#include <ATen/ATen.h>

#include <cmath>
#include <numeric>

namespace pissarro::core {

namespace {

ModuleQuantError measureOne(const ModelFiles& files, const LinearModule& module,
                            const QuantErrorOptions& options, const JobContext& job)
{
    ModuleQuantError result;
    result.module = module.name;
    result.rows = module.rows;
    result.cols = module.cols;
    const at::Tensor w_OI = loadWeight(files, module.name + ".weight", at::kFloat, job);
    StartInput how = startInput(options, module, w_OI);
    const Spectrum base = computeSpectrum(w_OI, {}, job);
    result.nuclearNorm = std::accumulate(base.values.begin(), base.values.end(), 0.0);
    const auto left = [&](const QuantOptions& quant) {
        return normsOf(w_OI - dequantize(quantize(w_OI, quant), at::kFloat), job);
    };
    result.qlora = left(how.quant);
    if (options.otherTypes) {
        result.others["fp4"] = left({QuantType::Fp4, options.blockSize, options.doubleQuant});
        result.others["int8"] = normsOf(w_OI - throughInt8(w_OI), job);
    }
    const auto keep = [&](std::vector<QuantError>& errors) {
        return [&](int iteration, const MethodStart& start) {
            job.throwIfCancelled();
            if (options.eachIteration || iteration == options.iters) {
                errors.push_back(normsOf(quantResidual(w_OI, start, how.scale), job));
            }
        };
    };
    if (options.loftq) {
        how.each = keep(result.loftq);
        methodNamed("loftq")->start(how, job);
    }
    if (options.qpissa) {
        how.each = keep(result.qpissa);
        methodNamed("qpissa")->start(how, job);
    }
    return result;
}

std::string typeOf(const std::string& module)
{
    return module.substr(module.rfind('.') + 1);
}

} // namespace

QuantError normsOf(const at::Tensor& e_OI, const JobContext& job)
{
    QuantError error;
    error.largest = e_OI.abs().max().item<double>();
    if (error.largest == 0.0) {
        return error;
    }
    const Spectrum spectrum = computeSpectrum(e_OI, {}, job);
    error.nuclear = std::accumulate(spectrum.values.begin(), spectrum.values.end(), 0.0);
    error.frobenius = std::sqrt(spectrum.squaredNorm);
    error.spectral = spectrum.values.front();
    return error;
}

StartInput startInput(const QuantErrorOptions& options, const LinearModule& module,
                      const at::Tensor& w_OI)
{
    StartInput input;
    input.module = module;
    input.weight = [w_OI] { return w_OI; };
    input.rank = options.rank;
    input.how.svd = options.svd;
    input.how.niter = options.niter;
    input.how.oversampling = options.oversampling;
    input.how.seed = options.seed;
    input.how.device = "cpu";
    input.iters = options.iters;
    input.quant = {options.type, options.blockSize, options.doubleQuant};
    return input;
}

double normOf(const QuantError& error, ErrorNorm norm)
{
    switch (norm) {
    case ErrorNorm::Nuclear:
        return error.nuclear;
    case ErrorNorm::Frobenius:
        return error.frobenius;
    case ErrorNorm::Spectral:
        return error.spectral;
    case ErrorNorm::Largest:
        return error.largest;
    }
    throw Error(ErrorKind::Internal, "a norm without a number");
}

double errorReduction(const QuantError& error, const QuantError& qlora, ErrorNorm norm)
{
    const double whole = normOf(qlora, norm);
    return whole > 0.0 ? 100.0 * (1.0 - normOf(error, norm) / whole) : 0.0;
}

QuantReductions reductionsOf(const std::vector<ModuleQuantError>& errors, ErrorNorm norm,
                             int iteration)
{
    QuantReductions result;
    std::map<std::string, double> counts;
    const auto reduction = [&](const std::vector<QuantError>& each, const QuantError& qlora) {
        const auto place = static_cast<std::size_t>(iteration > 0 ? iteration : each.size()) - 1;
        return place < each.size() ? errorReduction(each[place], qlora, norm) : 0.0;
    };
    for (const ModuleQuantError& one : errors) {
        const QuantReductions::Pair pair {reduction(one.loftq, one.qlora),
                                          reduction(one.qpissa, one.qlora)};
        QuantReductions::Pair& sum = result.byType[typeOf(one.module)];
        sum.loftq += pair.loftq;
        sum.qpissa += pair.qpissa;
        result.average.loftq += pair.loftq;
        result.average.qpissa += pair.qpissa;
        result.loftqAhead += pair.loftq > pair.qpissa ? 1 : 0;
        for (const auto& [type, error] : one.others) {
            result.others[type] += errorReduction(error, one.qlora, norm);
        }
        counts[typeOf(one.module)] += 1.0;
    }
    for (auto& [type, sum] : result.byType) {
        sum.loftq /= counts[type];
        sum.qpissa /= counts[type];
    }
    result.matrices = static_cast<std::int64_t>(errors.size());
    const double all = std::max<double>(1.0, static_cast<double>(errors.size()));
    result.average.loftq /= all;
    result.average.qpissa /= all;
    for (auto& [type, sum] : result.others) {
        sum /= all;
    }
    return result;
}

void measureQuantErrors(const ModelFiles& files, const std::vector<LinearModule>& modules,
                        const QuantErrorOptions& options,
                        const std::function<void(ModuleQuantError)>& onResult,
                        const JobContext& job)
{
    guarded([&] {
        const ThreadBudget threads(options.threads);
        keepFreedMemory();
        forEachInParallel(
            static_cast<std::int64_t>(modules.size()), {job, "Quantizing"},
            [&](std::int64_t i) {
                const LinearModule& module = modules[static_cast<std::size_t>(i)];
                try {
                    return measureOne(files, module, options, job);
                } catch (const Error& error) {
                    throw error.within(module.name);
                }
            },
            [&](std::int64_t, ModuleQuantError result) { onResult(std::move(result)); });
    });
}

} // namespace pissarro::core
