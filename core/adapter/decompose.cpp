// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/decompose_tensors.h"
#include "core/adapter/make_adapter_tensors.h"
#include "core/base/error.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace pissarro::core {

namespace {

void check(const at::Tensor& w_OI, const QuantStartOptions& options)
{
    if (options.iters < 1) {
        throw Error(ErrorKind::InvalidArgument,
                    "iters is " + std::to_string(options.iters)
                        + " (expected 1 or more): without one there is no low-rank part, which is "
                          "QLoRA");
    }
    const std::int64_t smaller = std::min(w_OI.size(0), w_OI.size(1));
    if (options.rank < 1 || options.rank > smaller) {
        throw Error(ErrorKind::InvalidArgument,
                    "rank is " + std::to_string(options.rank) + " (expected 1 to "
                        + std::to_string(smaller) + ", the matrix's smaller side)");
    }
}

class Alternation {
public:
    Alternation(const at::Tensor& w_OI, const QuantStartOptions& options, const JobContext& job)
        : m_w_OI(w_OI)
        , m_options(options)
        , m_job(job)
    {
        check(w_OI, options);
        m_init.svd = options.svd;
        m_init.niter = options.niter;
        m_init.oversampling = options.oversampling;
    }

    // The best rank-r approximation of `r_OI` becomes the adapter.
    void fit(const at::Tensor& r_OI, int iteration)
    {
        const bool known =
            iteration == 1 && m_options.firstFit != nullptr && m_options.svd == SvdKind::Exact;
        const PissaFactors factors = known
            ? pissaFactors(r_OI, *m_options.firstFit, m_options.rank, m_options.scale)
            : pissaFactors(r_OI.to(m_options.device), m_options.rank, m_options.scale, m_init,
                           m_options.seed, m_job);
        m_start.a_RI = factors.a_RI.cpu();
        m_start.b_OR = factors.b_OR.cpu();
    }

    // W without the adapter becomes the base; without one, W itself.
    void quantizeRest()
    {
        m_start.base =
            quantize(m_start.a_RI.defined()
                         ? at::addmm(m_w_OI, m_start.b_OR, m_start.a_RI, 1, -m_options.scale)
                         : m_w_OI,
                     m_options.quant);
    }

    at::Tensor unquantized() const { return m_w_OI - dequantize(m_start.base, at::kFloat); }
    const QuantStart& start() const { return m_start; }

private:
    const at::Tensor& m_w_OI;
    const QuantStartOptions& m_options;
    const JobContext& m_job;
    InitOptions m_init;
    QuantStart m_start;
};

void tell(const EachIteration& each, int iteration, const Alternation& state)
{
    if (each) {
        each(iteration, state.start());
    }
}

} // namespace

QuantStart qpissaStart(const at::Tensor& w_OI, const QuantStartOptions& options,
                       const EachIteration& each, const JobContext& job)
{
    Alternation state(w_OI, options, job);
    for (int t = 1; t <= options.iters; ++t) {
        state.fit(t == 1 ? w_OI : state.unquantized(), t);
        state.quantizeRest();
        tell(each, t, state);
    }
    return state.start();
}

QuantStart loftqStart(const at::Tensor& w_OI, const QuantStartOptions& options,
                      const EachIteration& each, const JobContext& job)
{
    Alternation state(w_OI, options, job);
    for (int t = 1; t <= options.iters; ++t) {
        state.quantizeRest();
        state.fit(state.unquantized(), t);
        tell(each, t, state);
    }
    return state.start();
}

at::Tensor quantResidual(const at::Tensor& w_OI, const QuantStart& start, double scale)
{
    at::Tensor rest_OI = w_OI - dequantize(start.base, at::kFloat);
    if (start.a_RI.defined()) {
        rest_OI.addmm_(start.b_OR, start.a_RI, 1, -scale);
    }
    return rest_OI;
}

} // namespace pissarro::core
