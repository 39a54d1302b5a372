// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/decoder/blocks/projection_tensors.h"
#include "core/decoder/blocks/whole_weight_tensors.h"
#include "core/decoder/ops/ops_tensors.h"
#include "core/model/model_files.h"
#include "core/model/plan/layer_plan.h"

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pissarro::core::inline decoder {
class Decoder;
} // namespace pissarro::core::inline decoder

namespace pissarro::core::inline decoder::inline blocks {

// Where a decoder's weights come from, module by module ("model.embed_tokens", "model.layers.0.self_attn.q_proj").
struct WeightPlan {
    using Modules = std::function<bool(const std::string& module)>;
    // A decoder of the same dtype and device whose embedding, head and linear matrices are used in place, without a copy,
    // where `shares` says so: neither of the two may change them, and both must read the same numbers. Norms are never
    // shared. Stacked matrices (q, k, v; gate, up) are shared together or not at all.
    const Decoder* donor = nullptr;
    Modules shares; // empty: everything
    Modules changes; // will be written to: never kept in four bits; empty: nothing
    // Linear weights that are not held but made for each product; empty, or an empty maker: held.
    std::function<WeightMaker(const std::string& module)> makes;
    // What the decoder computes with on a CPU; elsewhere it is LibTorch's.
    kernels::Operations operations = kernels::operations();
};

// Gives blocks their weights, and what they compute with. Every block is made from its plan, a loader, and the same block of
// the donor (null: none), whose matrices it uses where the plan of weights says so.
// Requires: job and plan outlive it.
class WeightLoader {
public:
    WeightLoader(std::shared_ptr<const ModelFiles> files, at::TensorOptions options,
                 const JobContext& job, const WeightPlan& plan);

    at::ScalarType type() const { return m_type; }
    at::Device device() const { return m_options.device(); }
    const Ops& ops() const { return m_ops; }
    // A weight of its own, or a bias. Throws: Error{Format}; Cancelled.
    WholeWeight own(const std::string& module, const std::string& ending = "weight") const;
    // A weight by its whole name that is read in float32 (float64 where the model computes in that), and does not train.
    // Throws: as own().
    at::Tensor precise(const std::string& name) const;
    // The same, or the donor's. Throws: as own().
    WholeWeight matrix(const std::string& module, const WholeWeight* given) const;
    // Linear modules that share an input, in this order. Throws: as own().
    Projection projection(const std::vector<LinearPlan>& stacked, const Projection* given) const;

private:
    at::Tensor weight(const std::string& module, const std::string& ending = "weight") const;
    bool shares(const std::string& module) const;
    // Empty: the weight is held.
    WeightMaker makerOf(const std::string& module) const;

    std::shared_ptr<const ModelFiles> m_files;
    at::TensorOptions m_options; // dtype and device
    at::ScalarType m_type;
    const Ops& m_ops;
    const JobContext& m_job;
    const WeightPlan& m_plan;
};

} // namespace pissarro::core::inline decoder::inline blocks
