// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/quant_error.h"

#include "core/analysis/quant_error_tensors.h"
#include "core/analysis/spectrum_sweep.h"
#include "core/base/error.h"
#include "core/linalg/spectrum.h"
#include "core/tensor/guarded.h"
#include "core/tensor/parallel_tasks.h"
#include "core/tensor/runtime.h"
#include "core/text/message_text.h"
#include "core/text/said.h"
#include "core/weights/weights.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pissarro::core::inline analysis {

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
        QuantOptions fp4 = options.quant;
        fp4.type = QuantType::Fp4;
        result.others["fp4"] = left(fp4);
        result.others["int8"] = normsOf(w_OI - throughInt8(w_OI), job);
    }
    for (const Method method : measuredMethods()) {
        std::vector<QuantError>& errors = result.errors[method];
        how.each = [&](int iteration, const MethodStart& start) {
            job.throwIfCancelled();
            if (options.eachIteration || iteration == options.iters) {
                errors.push_back(normsOf(quantResidual(w_OI, start, how.scale), job));
            }
        };
        method->start(how, job);
    }
    return result;
}

std::string typeOf(const std::string& module)
{
    return module.substr(module.rfind('.') + 1);
}

} // namespace

std::vector<Method> measuredMethods()
{
    std::vector<Method> methods = methodsWhere(iterates);
    std::sort(methods.begin(), methods.end());
    return methods;
}

Method yardstick()
{
    return firstWhere([](Method one) { return isFourBit(one) && !iterates(one); });
}

std::vector<Method> comparedMethods()
{
    std::vector<Method> methods = measuredMethods();
    methods.insert(methods.begin(), yardstick());
    return methods;
}

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
    input.how.seed = options.seed;
    input.how.device = "cpu";
    input.iters = options.iters;
    input.quant = options.quant;
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
    for (const Method method : measuredMethods()) {
        result.average[method] = 0.0;
        result.ahead[method] = 0;
    }
    std::map<std::string, double> counts;
    for (const ModuleQuantError& one : errors) {
        QuantReductions::ByMethod reductions;
        for (const auto& [method, each] : one.errors) {
            const auto place =
                static_cast<std::size_t>(iteration > 0 ? iteration : each.size()) - 1;
            reductions[method] =
                place < each.size() ? errorReduction(each[place], one.qlora, norm) : 0.0;
        }
        for (const auto& [method, reduction] : reductions) {
            result.byType[typeOf(one.module)][method] += reduction;
            result.average[method] += reduction;
            result.ahead[method] += isBest(reductions, method) ? 1 : 0;
        }
        for (const auto& [type, error] : one.others) {
            result.others[type] += errorReduction(error, one.qlora, norm);
        }
        counts[typeOf(one.module)] += 1.0;
    }
    for (auto& [type, sums] : result.byType) {
        for (auto& [method, sum] : sums) {
            sum /= counts[type];
        }
    }
    result.matrices = static_cast<std::int64_t>(errors.size());
    const double all = std::max<double>(1.0, static_cast<double>(errors.size()));
    for (auto& [method, sum] : result.average) {
        sum /= all;
    }
    for (auto& [type, sum] : result.others) {
        sum /= all;
    }
    return result;
}

bool isBest(const QuantReductions::ByMethod& reductions, Method method)
{
    const double own = reductions.at(method);
    return std::all_of(reductions.begin(), reductions.end(), [&](const auto& other) {
        return other.first == method || own > other.second;
    });
}

void measureQuantErrors(const ModelFiles& files, const std::vector<LinearModule>& modules,
                        const QuantErrorOptions& options,
                        const std::function<void(ModuleQuantError)>& onResult,
                        const JobContext& job)
{
    guarded("quantization errors of " + shownPath(files.path()), [&] {
        const ThreadBudget threads(options.threads);
        keepFreedMemory();
        forEachInParallel(
            static_cast<std::int64_t>(modules.size()),
            {job, PISSARRO_SAID("pissarro::core", "Quantizing")},
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

double quantErrorWork(const std::vector<LinearModule>& modules, const QuantErrorOptions& options)
{
    const double methods = static_cast<double>(measuredMethods().size());
    const double decompositions = methods * options.iters;
    const double spectra =
        1.0 + (options.otherTypes ? 2.0 : 0.0) + (options.eachIteration ? decompositions : methods);
    double work = 0.0;
    for (const LinearModule& module : modules) {
        work += spectrumWork(module) * (spectra + decompositions);
    }
    return work;
}

} // namespace pissarro::core::inline analysis
