// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compare/matrix_pair.h"

#include "core/base/fmt.h"
#include "core/compare/update_source_tensors.h"
#include "core/session/open_model.h"
#include "core/tensor/guarded.h"
#include "core/tensor/parallel_tasks.h"
#include "core/text/message_text.h"
#include "core/weights/weights.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>

namespace pissarro::core::inline compare {

SpectraBesides spectraBesides(const LinearModule& module, const UpdateSource& source,
                              const StateReader& reader, const JobContext& job)
{
    const Change change = reader.changeOf(module, source, job);
    const TruncatedSvd svd = tripletsOf(change, 1, job);
    at::Tensor before_OI = loadWeight(*source.trainedOn, module.name + ".weight", at::kDouble, job);
    const Adapter* start = source.startOf(module.name);
    if (source.isFourBit && start != nullptr) {
        const Change begun = changeBetween(*start, nullptr);
        before_OI.add_(begun.b_OQ.mm(begun.a_QI));
    }
    const at::Tensor delta_OI =
        change.delta_OI.defined() ? change.delta_OI : change.b_OQ.mm(change.a_QI);
    return {module.name, computeSpectrum(before_OI, {}, job),
            computeSpectrum(before_OI + delta_OI, {}, job), spectrumOf(module, svd.s_R)};
}

namespace {

// One side of the pair: its spectra, and the leading directions of its change.
struct Side {
    std::optional<SpectraBesides> spectra;
    at::Tensor out_OK; // undefined: there is no change
    at::Tensor in_IK;
};

// The matrix where it trained; null: it did not.
const LinearModule* trainedModule(const UpdateSource& source, const RunSpec& spec,
                                  const std::string& name)
{
    const auto& all = source.trainedOn->linearModules();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const LinearModule& one) { return one.name == name; });
    if (found == all.end()) {
        return nullptr;
    }
    if (!source.start.empty()) {
        return source.startOf(name) != nullptr ? &*found : nullptr;
    }
    const auto whole = selectModules(*source.trainedOn, spec.targets);
    const bool trained = std::any_of(whole.begin(), whole.end(),
                                     [&](const LinearModule& one) { return one.name == name; });
    return trained ? &*found : nullptr;
}

Side sideOf(const RunAt& one, const std::string& name, std::int64_t directions,
            const JobContext& job)
{
    Side side;
    const UpdateSource source = sourceOf(one.run, /*withBase=*/false, job);
    const LinearModule* module = trainedModule(source, one.run.spec, name);
    if (module == nullptr) {
        return side;
    }
    const StateReader reader(one.run, stateOf(one.run, one.state), source);
    side.spectra = spectraBesides(*module, source, reader, job);
    const TruncatedSvd svd = tripletsOf(reader.changeOf(*module, source, job), directions, job);
    const std::int64_t count = std::min(directions, directionsOf(svd));
    if (count > 0) {
        side.out_OK = svd.u_OR.narrow(1, 0, count);
        side.in_IK = svd.v_IR.narrow(1, 0, count);
    }
    return side;
}

std::vector<double> cosinesOf(const at::Tensor& a_NK, const at::Tensor& b_NK)
{
    const bool comparable = a_NK.defined() && b_NK.defined() && a_NK.size(0) == b_NK.size(0);
    return comparable ? principalCosines(a_NK, b_NK) : std::vector<double>();
}

std::string shapeText(const LinearModule& module)
{
    return fmt::format("{} × {}", module.rows, module.cols);
}

} // namespace

MatrixPair matrixPair(const RunAt& a, const RunAt& b, const std::string& module,
                      std::int64_t directions, const JobContext& job)
{
    MatrixPair pair;
    pair.module = module;
    guarded("comparison of " + module, [&] {
        const c10::NoGradGuard noGrad;
        const ThreadBudget threads;
        Side first = sideOf(a, module, directions, job);
        job.checkpoint(0.5, "Spectra");
        Side second = sideOf(b, module, directions, job);
        pair.a = std::move(first.spectra);
        pair.b = std::move(second.spectra);
        pair.between = {cosinesOf(first.out_OK, second.out_OK),
                        cosinesOf(first.in_IK, second.in_IK)};
    });
    return pair;
}

std::optional<Said> pairFault(const ComparedRun& a, const std::vector<LinearModule>& ofA,
                              const ComparedRun& b, const std::vector<LinearModule>& ofB)
{
    for (const LinearModule& one : ofA) {
        const auto other = std::find_if(ofB.begin(), ofB.end(), [&](const LinearModule& module) {
            return module.name == one.name;
        });
        if (other != ofB.end() && (other->rows != one.rows || other->cols != one.cols)) {
            return Said {
                PISSARRO_SAID("pissarro::core",
                              "%1 is %2 in %3 and %4 in %5: the runs have other models, so "
                              "only their curves and figures can be compared."),
                {},
                0,
                {one.name, shapeText(one), a.name, shapeText(*other), b.name}};
        }
    }
    if (!a.run || !b.run) {
        return std::nullopt;
    }
    const RunInputs& first = a.run->inputs;
    const RunInputs& second = b.run->inputs;
    const bool sameFiles =
        std::equal(first.weights.begin(), first.weights.end(), second.weights.begin(),
                   second.weights.end(), [](const FileMark& one, const FileMark& other) {
                       return one.fingerprint == other.fingerprint;
                   });
    if (first.isKnown() && second.isKnown() && !sameFiles) {
        return Said {PISSARRO_SAID("pissarro::core",
                                   "%1 and %2 began with other weights (%3 and %4): each is told "
                                   "relative to its own, the differences are of two models."),
                     {},
                     0,
                     {a.name, b.name, a.run->spec.model, b.run->spec.model}};
    }
    return std::nullopt;
}

} // namespace pissarro::core::inline compare
