// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/adapter_tensors.h"
#include "core/decoder/blocks/dropout_tensors.h"
#include "core/decoder/ops/ops_tensors.h"
#include "core/optim/trainable_tensors.h"
#include "core/quant/weight_maker_tensors.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/zeros.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace pissarro::core::inline decoder::inline blocks {

// Linear matrices that share an input (q, k, v; gate, up; o; down), stacked by rows and applied as one product, with
// the low-rank terms of those that carry an adapter.
//
// Formula: y = x W^T + bias + (x A^T) S^T, where A [R, I] stacks the adapters' A and S [O, R] is block-diagonal with
//   scale B: one thin product for all adapters. While a micro-batch trains with dropout, each adapter has one of its own,
//   of x with its mask. Under an adapter with a magnitude (AdapterKind::norm) each row of that sum, the bias left out, is
//   multiplied by magnitude / norm.
// Shapes:  x_NI, y_NO; O the sum of the parts' rows, R the sum of their ranks.
//          Several adapters side by side, of which a row takes its own: x A^T is set to 0 where A is another row's.
// Memory:  the stacked weight is held, or, where a part has a maker, made for each product and dropped after it: one
//   stack at a time, whatever the depth of the model.
// Threads: one user at a time.
class Projection {
public:
    struct Part {
        std::string module;
        std::int64_t offset = 0; // first row
        std::int64_t rows = 0;
        int adapter = -1; // index into m_adapters
        std::int64_t rankOffset = 0; // first column in S
        WeightMaker make; // empty: the weight is held
    };

    // Takes rows and maker of each part. Without makers the weight is allocated, filled by heldWeight().
    Projection(std::vector<Part> parts, std::int64_t in, at::TensorOptions options, const Ops& ops);
    // The same parts on the weight and bias of `other`, in place: neither may be written from then on.
    static Projection sharing(const Projection& other, const Ops& ops);

    bool isHeld() const { return m_w_OI.defined(); }
    // A view [rows, I]: write the frozen weight here. Requires: isHeld().
    at::Tensor heldWeight(std::size_t part) const;
    at::Tensor weightOf(std::size_t part) const; // [rows, I] to read: a view, or made
    at::Tensor biasOf(std::size_t part) const; // a view [rows]; requires a bias
    const std::vector<Part>& parts() const { return m_parts; }
    void allocateBias() { m_bias_O = at::zeros({m_rows}, m_options); }
    const at::Tensor& bias() const { return m_bias_O; }

    // Puts an adapter on a part. refresh() must follow once all are there.
    void attach(std::size_t part, Adapter adapter);
    void detachAll();
    // An adapter of one of several that share the weight, each acting on rows of its own.
    struct Voiced {
        std::size_t part = 0;
        std::int64_t voice = 0;
        const Adapter* adapter = nullptr;
    };
    // Puts them on instead of what was attached; none of them trains. A voice without an adapter here is the weight alone.
    // Requires: nothing that complete() added; voices >= 1. Throws: Error{Format} where one does not fit.
    void attachVoices(const std::vector<Voiced>& terms, std::int64_t voices);
    // Makes W + scale B A the frozen weight of a part without changing W: what shares W with another run keeps the
    // difference as a low-rank term of its own, which does not train. Before attach(); stays through detachAll().
    void complete(std::size_t part, const Adapter& term);
    // Copies the masters into the compute dtype; after every optimizer step.
    void refresh();
    // Of the micro-batch that trains next, forward and backward; its own rate 0 ends it. What complete() added is kept whole.
    void setDropout(const Dropout& dropout) { m_dropout = dropout; }

    // With `add_NO` (may be undefined) the residual is added in the same pass. Where `xa_NR` is given it receives x A^T
    // for the backward pass. `voices_N`: whose adapter acts on each row, after attachVoices(); undefined: the first one's.
    at::Tensor forward(const at::Tensor& x_NI, const at::Tensor& add_NO = {},
                       at::Tensor* xa_NR = nullptr, const at::Tensor& voices_N = {}) const;
    // The backward pass in two halves, since x may be known only after its own gradient: what leads to x first, then
    // what belongs to the trainables.
    struct InputGradient {
        at::Tensor dx_NI; // undefined when `needsInput` is false
        at::Tensor ds_NR; // dy S; undefined without adapters
    };
    InputGradient inputGradient(const at::Tensor& dy_NO, bool needsInput) const;
    void addGradients(const at::Tensor& dy_NO, const at::Tensor& x_NI, const at::Tensor& xa_NR,
                      const at::Tensor& ds_NR);

    // Makes the weights (and biases) of the parts that `wanted` names trainable: float32 masters unless float64.
    void trainWeights(const std::function<bool(const std::string& module)>& wanted);
    void collect(std::vector<Trainable*>& out); // adapters' factors, then weights
    const std::vector<Adapter>& adapters() const { return m_adapters; }

private:
    at::Tensor weight() const; // held or made
    at::Tensor frozenOf(std::size_t part) const; // weightOf(), and what complete() added
    // Magnitude over norm of a part's rows, from its weight as it is now; keeps 1 / norm for the gradient.
    void refreshGain(std::size_t part);
    at::Tensor
    gained(const at::Tensor& dy_NO) const; // times the gain of each row of W, where there is one
    void addMagnitudeGradients(const at::Tensor& dy_NO, const at::Tensor& x_NI,
                               const at::Tensor& xa_NR);
    // x with the mask of a part's adapter; that adapter's A, and its columns of what stacks all. Requires: it has one.
    at::Tensor keptOf(const Part& part, const at::Tensor& x_NI) const;
    at::Tensor factorOf(const Part& part) const;
    at::Tensor columnsOf(const Part& part, const at::Tensor& stacked_NR) const;
    at::Tensor lowOfDropped(const at::Tensor& x_NI) const;
    at::Tensor lowOf(const at::Tensor& x_NI, const at::Tensor& voices_N) const; // x A^T
    at::Tensor inputGradientOfDropped(const at::Tensor& dy_NO, const at::Tensor& ds_NR) const;
    void checkFits(const Part& part, const Adapter& adapter) const;
    void allocateFactors();
    void place(const Part& part, std::int64_t rankOffset, const Adapter& adapter);
    void placeGain(const Voiced& term, std::int64_t voices);
    at::TensorOptions masterOptions() const;

    const Ops* m_ops;
    std::vector<Part> m_parts;
    std::int64_t m_rows = 0;
    std::int64_t m_in = 0;
    at::TensorOptions m_options;
    at::Tensor m_w_OI; // undefined: made at each use
    at::Tensor m_bias_O;
    std::vector<Adapter> m_adapters;
    std::vector<std::vector<Trainable>> m_factors; // of each adapter its kind's tensors: A, B, …
    struct TrainedPart {
        std::size_t part = 0;
        Trainable weight;
        Trainable bias; // undefined tensors without a bias
    };
    std::vector<TrainedPart> m_trained; // full fine-tuning
    struct Completion {
        std::size_t part = 0;
        Adapter term;
    };
    std::vector<Completion> m_completions;
    // Compute dtype; the trained ranks first, then those of the completions.
    at::Tensor m_a_RI;
    at::Tensor m_s_OR; // block-diagonal, scale included
    at::Tensor m_silent_VR; // of each voice which ranks are not its own; undefined: there is one
    at::Tensor m_da_RI; // gradient of the stacked masters of A: those of m_factors are views of it
    // Of each voice, by row of W, in the masters' type; undefined: no adapter here has a magnitude.
    at::Tensor m_gain_VO;
    std::vector<at::Tensor> m_slopes; // 1 / norm_O of each adapter; undefined: it has no magnitude
    Dropout m_dropout;
};

} // namespace pissarro::core::inline decoder::inline blocks
