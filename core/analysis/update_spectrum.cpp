// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/update_spectrum.h"

#include "core/adapter/make_adapter_tensors.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/linalg/svd_tensors.h"
#include "core/session/open_model_tensors.h"
#include "core/tensor/guarded.h"
#include "core/tensor/host_pointer_tensors.h"
#include "core/tensor/parallel_tasks.h"
#include "core/tensor/threads.h"
#include "core/text/message_text.h"
#include "core/text/said.h"
#include "core/weights/weights.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace pissarro::core::inline analysis {

namespace {

constexpr double kNoDirection = 1e-6; // s_i below this share of s_1 is rounding, not an update

// The tuned weights, from a model or as base plus adapter.
class Tuned {
public:
    Tuned(const std::shared_ptr<const ModelFiles>& base, const std::filesystem::path& path,
          const std::vector<LinearModule>& modules, const JobContext& job)
    {
        TunedForm form = openTuned(path, *base, job);
        for (Adapter& adapter : form.adapters) {
            const std::string module = adapter.module;
            m_adapters.emplace(module, std::move(adapter));
        }
        m_model = std::move(form.model);
        if (!m_model) {
            return;
        }
        for (const LinearModule& module : modules) {
            const TensorView* other = m_model->find(module.name + ".weight");
            if (other == nullptr
                || other->shape != std::vector<std::int64_t> {module.rows, module.cols}) {
                throw Error(ErrorKind::InvalidArgument,
                            fmt::format("{}: has no {} of {} x {}; is it a fine-tuned form of {}?",
                                        path.string(), module.name, module.rows, module.cols,
                                        base->displayName()));
            }
        }
    }

    // The update in full and its singular triplets, float64.
    struct Update {
        at::Tensor delta_OI;
        TruncatedSvd svd;
    };

    Update updateOf(const LinearModule& module, const at::Tensor& w_OI, const JobContext& job) const
    {
        if (m_model) {
            const at::Tensor delta =
                loadWeight(*m_model, module.name + ".weight", at::kDouble, job).sub_(w_OI);
            const auto [u, s, vh] = at::linalg_svd(delta, /*full_matrices=*/false);
            return {delta, {u, s, vh.t()}};
        }
        const auto found = m_adapters.find(module.name);
        if (found == m_adapters.end()) {
            return {at::zeros_like(w_OI),
                    {w_OI.new_zeros({module.rows, 0}), w_OI.new_zeros({0}),
                     w_OI.new_zeros({module.cols, 0})}};
        }
        const Adapter& adapter = found->second;
        if (adapter.kind->norm != nullptr) { // no thin product: row by row another length
            Adapter wide = adapter;
            for (const AdapterTensor& tensor : wide.kind->tensors) {
                at::Tensor& value = wide.*tensor.value;
                value = value.to(at::kDouble);
            }
            const at::Tensor delta = mergedWeight(w_OI, wide).sub_(w_OI);
            const auto [u, s, vh] = at::linalg_svd(delta, /*full_matrices=*/false);
            return {delta, {u, s, vh.t()}};
        }
        const at::Tensor b_OR = adapter.b_OR.to(at::kDouble) * adapter.scale;
        const at::Tensor a_RI = adapter.a_RI.to(at::kDouble);
        return {b_OR.mm(a_RI), svdOfProduct(b_OR, a_RI)};
    }

private:
    std::shared_ptr<const ModelFiles> m_model; // null: adapters
    std::map<std::string, Adapter> m_adapters;
};

std::vector<double> toVector(const at::Tensor& values)
{
    const at::Tensor flat = values.to(at::kDouble).contiguous();
    return {in<double>(flat), in<double>(flat) + flat.numel()};
}

Spectrum spectrumOf(const LinearModule& module, const at::Tensor& values)
{
    Spectrum spectrum;
    spectrum.rows = module.rows;
    spectrum.cols = module.cols;
    spectrum.values = toVector(values);
    spectrum.values.resize(static_cast<std::size_t>(module.smallerSide()), 0.0);
    spectrum.squaredNorm = values.to(at::kDouble).square().sum().item<double>();
    return spectrum;
}

UpdateSpectrum compareOne(const Tuned& tuned, const ModelFiles& base, const LinearModule& module,
                          const UpdateOptions& options, const JobContext& job)
{
    UpdateSpectrum result;
    result.module = module.name;
    const at::Tensor w_OI = loadWeight(base, module.name + ".weight", at::kDouble, job);
    const Tuned::Update update = tuned.updateOf(module, w_OI, job);
    result.delta = spectrumOf(module, update.svd.s_R);
    job.throwIfCancelled();
    result.tuned = computeSpectrum(w_OI + update.delta_OI, {}, job);
    const SvdFactors factors = svdFactors(w_OI, job);
    result.base = computeSpectrum(w_OI, {}, job); // small values are kept honest there
    if (result.base.squaredNorm > 0.0) {
        result.relativeNorm = std::sqrt(result.delta.squaredNorm / result.base.squaredNorm);
    }
    const auto& values = result.delta.values;
    const auto directions = std::count_if(values.begin(), values.end(), [&](double value) {
        return value > kNoDirection * values.front();
    });
    const std::int64_t rank = std::min<std::int64_t>(options.rank, directions);
    if (rank > 0) {
        const TruncatedSvd leading =
            takeTriplets(w_OI, factors, std::min(options.rank, module.smallerSide()), 0);
        result.outputCosines = principalCosines(leading.u_OR, update.svd.u_OR.narrow(1, 0, rank));
        result.inputCosines = principalCosines(leading.v_IR, update.svd.v_IR.narrow(1, 0, rank));
    }
    return result;
}

} // namespace

void compareWithTuned(const std::shared_ptr<const ModelFiles>& base,
                      const std::filesystem::path& tuned, const std::vector<LinearModule>& modules,
                      const UpdateOptions& options,
                      const std::function<void(UpdateSpectrum)>& onResult, const JobContext& job)
{
    guarded("comparison with " + shownPath(tuned), [&] {
        const Tuned other(base, tuned, modules, job);
        const ThreadBudget threads;
        forEachInParallel(
            static_cast<std::int64_t>(modules.size()),
            {job, PISSARRO_SAID("pissarro::core", "Comparing weights")},
            [&](std::int64_t i) {
                return compareOne(other, *base, modules[static_cast<std::size_t>(i)], options, job);
            },
            [&](std::int64_t, UpdateSpectrum result) { onResult(std::move(result)); });
    });
}

} // namespace pissarro::core::inline analysis
