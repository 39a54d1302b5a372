// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/part_spectra.h"

#include "core/base/fmt.h"
#include "core/model/plan/layer_plan.h"
#include "core/tensor/runtime.h"
#include "core/weights/weights.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace pissarro::core::inline analysis {

namespace {

at::Tensor rowsOf(const at::Tensor& w_OI, const MatrixPart& part)
{
    std::vector<at::Tensor> rows;
    for (const MatrixPart::Rows& some : part.rows) {
        rows.push_back(w_OI.narrow(0, some.first, some.count));
    }
    return at::cat(rows);
}

} // namespace

std::vector<ModuleSpectrum> partSpectra(const ModelFiles& files,
                                        const std::vector<LinearModule>& modules,
                                        const SpectrumOptions& options, const JobContext& job)
{
    std::vector<ModuleSpectrum> all;
    std::int64_t layer = -1; // of `plan`: one of hundreds of experts is not made for each of them
    LayerPlan plan;
    for (const LinearModule& module : modules) {
        if (module.layer != layer) {
            layer = module.layer;
            plan = layerPlan(files.config(), layer);
        }
        const auto parts = partsOf(plan, module.name);
        if (parts.empty()) {
            continue;
        }
        const at::Tensor w_OI = loadWeight(files, module.name + ".weight", at::kFloat, job);
        for (const MatrixPart& part : parts) {
            SpectrumOptions fitted = options;
            fitted.rank = std::min({options.rank, part.count(), module.cols});
            ModuleSpectrum one;
            one.module = fmt::format("{} ({})", module.name, part.title);
            one.spectrum =
                computeSpectrum(rowsOf(w_OI, part).to(parseDevice(options.device)), fitted, job);
            all.push_back(std::move(one));
        }
    }
    return all;
}

} // namespace pissarro::core::inline analysis
