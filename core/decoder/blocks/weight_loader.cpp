// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/blocks/weight_loader_tensors.h"
#include "core/quant/four_bit_maker_tensors.h"
#include "core/weights/weights.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

namespace pissarro::core::inline decoder::inline blocks {

WeightLoader::WeightLoader(std::shared_ptr<const ModelFiles> files, at::TensorOptions options,
                           const JobContext& job, const WeightPlan& plan)
    : m_files(std::move(files))
    , m_options(options)
    , m_type(c10::typeMetaToScalarType(options.dtype()))
    , m_ops(opsFor(options.device(), plan.operations))
    , m_job(job)
    , m_plan(plan)
{
}

at::Tensor WeightLoader::weight(const std::string& module, const std::string& ending) const
{
    return loadWeight(*m_files, module + "." + ending, m_type, m_job).to(m_options.device());
}

bool WeightLoader::shares(const std::string& module) const
{
    return m_plan.donor != nullptr && (!m_plan.shares || m_plan.shares(module));
}

WeightMaker WeightLoader::makerOf(const std::string& module) const
{
    if (m_plan.makes) {
        if (WeightMaker make = m_plan.makes(module)) {
            return make;
        }
    }
    return m_plan.changes && m_plan.changes(module)
        ? WeightMaker()
        : fourBitMaker(m_files, module, m_options.device());
}

WholeWeight WeightLoader::own(const std::string& module, const std::string& ending) const
{
    return {module, weight(module, ending), {}, ending};
}

at::Tensor WeightLoader::precise(const std::string& name) const
{
    return loadWeight(*m_files, name, masterTypeOf(m_type), m_job).to(m_options.device());
}

WholeWeight WeightLoader::matrix(const std::string& module, const WholeWeight* given) const
{
    return given != nullptr && shares(module) ? WholeWeight {module, given->value, {}}
                                              : own(module);
}

Projection WeightLoader::projection(const std::vector<LinearPlan>& stacked,
                                    const Projection* given) const
{
    std::vector<Projection::Part> parts;
    bool biased = false;
    bool shared = given != nullptr;
    for (const LinearPlan& linear : stacked) {
        parts.push_back({linear.name, 0, linear.rows, -1, 0, makerOf(linear.name)});
        biased = biased || linear.bias;
        shared = shared && shares(linear.name);
    }
    if (shared) {
        return Projection::sharing(*given, m_ops);
    }
    const bool made =
        std::any_of(parts.begin(), parts.end(), [](const auto& part) { return bool(part.make); });
    for (Projection::Part& part : parts) {
        if (made && !part.make) { // held beside those that are made
            part.make = [held = weight(part.module)](at::Tensor& out_OI) { out_OI.copy_(held); };
        }
    }
    Projection projection(std::move(parts), stacked.front().cols, m_options, m_ops);
    if (biased) {
        projection.allocateBias();
    }
    for (std::size_t i = 0; i < projection.parts().size(); ++i) {
        const std::string& module = projection.parts()[i].module;
        if (!made) {
            projection.heldWeight(i).copy_(loadWeight(*m_files, module + ".weight", m_type, m_job));
        }
        if (stacked[i].bias) {
            projection.biasOf(i).copy_(loadWeight(*m_files, module + ".bias", m_type));
        }
    }
    return projection;
}

} // namespace pissarro::core::inline decoder::inline blocks
