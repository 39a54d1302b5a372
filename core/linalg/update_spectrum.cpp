// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/linalg/update_spectrum.h"

#include "core/adapter/adapter_tensors.h"
#include "core/base/error.h"
#include "core/base/torch/runtime.h"
#include "core/base/torch/weights.h"
#include "core/linalg/svd_tensors.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace pissarro::core {

namespace {

constexpr double kNoDirection = 1e-6; // s_i below this share of s_1 is rounding, not an update

// The tuned weights, from a model or as base plus adapter.
class Tuned {
public:
    Tuned(const std::shared_ptr<const ModelFiles>& base, const std::filesystem::path& path,
          const std::vector<LinearModule>& modules)
        : m_base(base)
    {
        std::error_code ignored;
        if (std::filesystem::exists(path / "adapter_config.json", ignored)) {
            for (Adapter& adapter : readPeftAdapter(path, *base).adapters) {
                const std::string module = adapter.module;
                m_adapters.emplace(module, std::move(adapter));
            }
            return;
        }
        m_model = ModelFiles::open(resolveModel(path.string()));
        for (const LinearModule& module : modules) {
            const TensorView* other = m_model->find(module.name + ".weight");
            if (other == nullptr
                || other->shape != std::vector<std::int64_t> {module.rows, module.cols}) {
                throw Error(ErrorKind::InvalidArgument,
                            path.string() + ": has no " + module.name + " of "
                                + std::to_string(module.rows) + " x " + std::to_string(module.cols)
                                + "; is it a fine-tuned form of " + base->displayName() + "?");
            }
        }
    }

    at::Tensor deltaOf(const LinearModule& module, const at::Tensor& w_OI) const
    {
        if (m_model) {
            return loadWeight(*m_model, module.name + ".weight", at::kDouble).sub_(w_OI);
        }
        const auto found = m_adapters.find(module.name);
        if (found == m_adapters.end()) {
            return at::zeros_like(w_OI);
        }
        const Adapter& adapter = found->second;
        return adapter.b_OR.to(at::kDouble).mm(adapter.a_RI.to(at::kDouble)).mul_(adapter.scale);
    }

private:
    std::shared_ptr<const ModelFiles> m_base;
    std::shared_ptr<const ModelFiles> m_model; // null: adapters
    std::map<std::string, Adapter> m_adapters;
};

std::vector<double> cosinesBetween(const at::Tensor& a_NR, const at::Tensor& b_NR)
{
    const at::Tensor values = at::linalg_svdvals(a_NR.t().mm(b_NR)).clamp_max(1.0).contiguous();
    return {values.const_data_ptr<double>(), values.const_data_ptr<double>() + values.numel()};
}

} // namespace

void compareWithTuned(const std::shared_ptr<const ModelFiles>& base,
                      const std::filesystem::path& tuned, const std::vector<LinearModule>& modules,
                      const UpdateOptions& options,
                      const std::function<void(UpdateSpectrum)>& onResult, const JobContext& job)
{
    guarded([&] {
        const c10::InferenceMode inference;
        const Tuned other(base, tuned, modules);
        std::size_t done = 0;
        for (const LinearModule& module : modules) {
            job.throwIfCancelled();
            UpdateSpectrum result;
            result.module = module.name;
            const at::Tensor w_OI = loadWeight(*base, module.name + ".weight", at::kDouble);
            const at::Tensor delta_OI = other.deltaOf(module, w_OI);
            result.base = computeSpectrum(w_OI, {}, job);
            result.tuned = computeSpectrum(w_OI + delta_OI, {}, job);
            result.delta = computeSpectrum(delta_OI, {}, job);
            const auto& values = result.delta.values;
            const auto directions = std::count_if(values.begin(), values.end(), [&](double value) {
                return value > kNoDirection * values.front();
            });
            const std::int64_t rank = std::min<std::int64_t>(options.rank, directions);
            if (result.base.squaredNorm > 0.0) {
                result.relativeNorm =
                    std::sqrt(result.delta.squaredNorm / result.base.squaredNorm);
            }
            if (rank > 0) {
                const TruncatedSvd ofBase =
                    exactSvd(w_OI, std::min(options.rank, module.smallerSide()));
                const TruncatedSvd ofDelta = exactSvd(delta_OI, rank);
                result.outputCosines = cosinesBetween(ofBase.u_OR, ofDelta.u_OR);
                result.inputCosines = cosinesBetween(ofBase.v_IR, ofDelta.v_IR);
            }
            onResult(std::move(result));
            job.checkpoint(static_cast<double>(++done) / static_cast<double>(modules.size()),
                           "Comparing weights");
        }
    });
}

} // namespace pissarro::core
