// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/decoder/blocks/projection_tensors.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace pissarro::core::inline decoder::inline blocks {

namespace {

std::int64_t even(std::int64_t ranks) // bfloat16 takes pairs
{
    return ranks + ranks % 2;
}

// Sets the offset of each; returns the sum of their rows.
std::int64_t stackParts(std::vector<Projection::Part>& parts)
{
    std::int64_t rows = 0;
    for (Projection::Part& part : parts) {
        part.offset = rows;
        rows += part.rows;
    }
    return rows;
}

} // namespace

Projection::Projection(std::vector<Part> parts, std::int64_t in, at::TensorOptions options,
                       const Ops& ops)
    : m_ops(&ops)
    , m_parts(std::move(parts))
    , m_rows(stackParts(m_parts))
    , m_in(in)
    , m_options(options)
{
    const bool held = std::none_of(m_parts.begin(), m_parts.end(),
                                   [](const Part& part) { return bool(part.make); });
    if (held) {
        m_w_OI = at::empty({m_rows, in}, options);
    }
}

Projection Projection::sharing(const Projection& other, const Ops& ops)
{
    Projection mine = other;
    mine.m_ops = &ops;
    mine.detachAll();
    mine.m_completions.clear();
    mine.m_trained.clear();
    return mine;
}

at::Tensor Projection::heldWeight(std::size_t part) const
{
    if (!isHeld()) {
        throw Error(ErrorKind::Internal, m_parts[part].module + " is not held: it cannot change");
    }
    return m_w_OI.narrow(0, m_parts[part].offset, m_parts[part].rows);
}

at::Tensor Projection::weightOf(std::size_t part) const
{
    if (isHeld()) {
        return heldWeight(part);
    }
    at::Tensor made_OI = at::empty({m_parts[part].rows, m_in}, m_options);
    m_parts[part].make(made_OI);
    return made_OI;
}

at::Tensor Projection::weight() const
{
    if (isHeld()) {
        return m_w_OI;
    }
    at::Tensor made_OI = at::empty({m_rows, m_in}, m_options);
    for (const Part& part : m_parts) {
        at::Tensor rows_OI = made_OI.narrow(0, part.offset, part.rows);
        part.make(rows_OI);
    }
    return made_OI;
}

at::Tensor Projection::biasOf(std::size_t part) const
{
    return m_bias_O.narrow(0, m_parts[part].offset, m_parts[part].rows);
}

at::TensorOptions Projection::masterOptions() const
{
    return m_options.dtype(masterTypeOf(c10::typeMetaToScalarType(m_options.dtype())));
}

void Projection::checkFits(const Part& part, const Adapter& adapter) const
{
    if (adapter.a_RI.size(1) != m_in || adapter.b_OR.size(0) != part.rows
        || adapter.b_OR.size(1) != adapter.rank()) {
        throw Error(ErrorKind::Format,
                    "the adapter of " + part.module + " does not fit its matrix");
    }
}

void Projection::attach(std::size_t part, Adapter adapter)
{
    Part& place = m_parts[part];
    checkFits(place, adapter);
    const auto options = masterOptions();
    place.adapter = static_cast<int>(m_adapters.size());
    place.rankOffset = 0;
    for (const Adapter& before : m_adapters) {
        place.rankOffset += before.rank();
    }
    std::vector<Trainable> factors;
    for (const AdapterTensor& tensor : adapter.kind->tensors) {
        at::Tensor& value = adapter.*tensor.value;
        // Copies: two runs may start from one set of factors.
        value = value.defined()
            ? value.to(options, /*non_blocking=*/false, /*copy=*/true).contiguous()
            : adapter.kind->norm(adapter,
                                 frozenOf(part)); // a magnitude, which stands behind A and B
        const bool isA = factors.empty(); // its gradient: by refresh()
        factors.push_back({masterName(place.module, tensor),
                           value,
                           {},
                           isA ? at::Tensor() : at::zeros_like(value)});
    }
    m_factors.push_back(std::move(factors));
    m_slopes.emplace_back();
    m_adapters.push_back(std::move(adapter));
}

void Projection::complete(std::size_t part, const Adapter& term)
{
    checkFits(m_parts[part], term);
    m_completions.push_back({part, term});
}

void Projection::detachAll()
{
    m_adapters.clear();
    m_factors.clear();
    m_slopes.clear();
    m_gain_VO = at::Tensor();
    m_a_RI = at::Tensor();
    m_s_OR = at::Tensor();
    m_silent_VR = at::Tensor();
    m_da_RI = at::Tensor();
    for (Part& part : m_parts) {
        part.adapter = -1;
    }
}

void Projection::attachVoices(const std::vector<Voiced>& terms, std::int64_t voices)
{
    detachAll();
    std::int64_t ranks = 0;
    for (const Voiced& term : terms) {
        checkFits(m_parts[term.part], *term.adapter);
        ranks += term.adapter->rank();
    }
    if (terms.empty()) {
        return;
    }
    m_a_RI = at::zeros({even(ranks), m_in}, m_options);
    m_s_OR = at::zeros({m_rows, even(ranks)}, m_options);
    m_silent_VR = at::ones({voices, even(ranks)}, m_options.dtype(at::kBool));
    std::int64_t rank = 0;
    for (const Voiced& term : terms) {
        place(m_parts[term.part], rank, *term.adapter);
        m_silent_VR[term.voice].narrow(0, rank, term.adapter->rank()).fill_(false);
        rank += term.adapter->rank();
        placeGain(term, voices);
    }
}

void Projection::placeGain(const Voiced& term, std::int64_t voices)
{
    Adapter adapter = *term.adapter;
    if (adapter.kind->norm == nullptr) {
        return;
    }
    for (const AdapterTensor& tensor : adapter.kind->tensors) {
        at::Tensor& value = adapter.*tensor.value;
        value = value.to(masterOptions());
    }
    if (!m_gain_VO.defined()) {
        m_gain_VO = at::ones({voices, m_rows}, masterOptions());
    }
    const Part& part = m_parts[term.part];
    m_gain_VO[term.voice]
        .narrow(0, part.offset, part.rows)
        .copy_(adapter.magnitude_O / adapter.kind->norm(adapter, frozenOf(term.part)));
}

void Projection::refresh()
{
    for (const TrainedPart& trained : m_trained) {
        refreshFrom(trained.weight, heldWeight(trained.part));
        if (trained.bias.value.defined()) { // else there is none to be copied into
            refreshFrom(trained.bias, biasOf(trained.part));
        }
    }
    if (m_adapters.empty() && m_completions.empty()) {
        return;
    }
    if (!m_a_RI.defined()) {
        allocateFactors();
    }
    for (std::size_t i = 0; i < m_parts.size(); ++i) {
        const Part& part = m_parts[i];
        if (part.adapter < 0) {
            continue;
        }
        const Adapter& adapter = m_adapters[static_cast<std::size_t>(part.adapter)];
        place(part, part.rankOffset, adapter);
        if (adapter.kind->norm != nullptr) {
            refreshGain(i);
        }
    }
}

at::Tensor Projection::frozenOf(std::size_t part) const
{
    at::Tensor w_OI = weightOf(part);
    for (const Completion& completion : m_completions) {
        if (completion.part == part) {
            const AdapterTerm term = completion.term.kind->term(completion.term);
            const auto options = masterOptions();
            w_OI = at::addmm(w_OI.to(options), term.s_OR.to(options), term.a_RI.to(options));
        }
    }
    return w_OI;
}

void Projection::refreshGain(std::size_t part)
{
    const Part& place = m_parts[part];
    const auto index = static_cast<std::size_t>(place.adapter);
    const Adapter& adapter = m_adapters[index];
    if (!m_gain_VO.defined()) {
        m_gain_VO = at::ones({1, m_rows}, masterOptions());
    }
    const at::Tensor norm_O = adapter.kind->norm(adapter, frozenOf(part));
    m_slopes[index] = norm_O.reciprocal();
    m_gain_VO[0].narrow(0, place.offset, place.rows).copy_(adapter.magnitude_O / norm_O);
}

void Projection::place(const Part& part, std::int64_t rankOffset, const Adapter& adapter)
{
    const AdapterTerm term = adapter.kind->term(adapter);
    m_a_RI.narrow(0, rankOffset, adapter.rank()).copy_(term.a_RI);
    m_s_OR.narrow(0, part.offset, part.rows).narrow(1, rankOffset, adapter.rank()).copy_(term.s_OR);
}

void Projection::allocateFactors()
{
    std::int64_t trained = 0;
    for (const Adapter& adapter : m_adapters) {
        trained += adapter.rank();
    }
    trained = even(trained);
    std::int64_t all = trained;
    for (const Completion& completion : m_completions) {
        all += completion.term.rank();
    }
    m_a_RI = at::zeros({even(all), m_in}, m_options);
    m_s_OR = at::zeros({m_rows, even(all)}, m_options);
    std::int64_t rank = trained;
    for (const Completion& completion : m_completions) {
        place(m_parts[completion.part], rank, completion.term);
        rank += completion.term.rank();
    }
    // The gradients of all A are one tensor, so that one product makes them.
    m_da_RI = at::zeros({trained, m_in}, masterOptions());
    for (const Part& part : m_parts) {
        if (part.adapter >= 0) {
            const auto index = static_cast<std::size_t>(part.adapter);
            m_factors[index].front().gradient =
                m_da_RI.narrow(0, part.rankOffset, m_adapters[index].rank());
        }
    }
}

at::Tensor Projection::keptOf(const Part& part, const at::Tensor& x_NI) const
{
    return x_NI * keptNumbers(m_dropout, part.module, x_NI);
}

at::Tensor Projection::factorOf(const Part& part) const
{
    const auto index = static_cast<std::size_t>(part.adapter);
    return m_a_RI.narrow(0, part.rankOffset, m_adapters[index].rank());
}

at::Tensor Projection::columnsOf(const Part& part, const at::Tensor& stacked_NR) const
{
    const auto index = static_cast<std::size_t>(part.adapter);
    return stacked_NR.narrow(1, part.rankOffset, m_adapters[index].rank());
}

at::Tensor Projection::lowOfDropped(const at::Tensor& x_NI) const
{
    at::Tensor low_NR = m_ops->product(x_NI, m_a_RI, Side::Rows); // stays where nothing trains
    for (const Part& part : m_parts) {
        if (part.adapter >= 0) {
            columnsOf(part, low_NR)
                .copy_(m_ops->product(keptOf(part, x_NI), factorOf(part), Side::Rows)
                           .mul_(m_dropout.gain()));
        }
    }
    return low_NR;
}

at::Tensor Projection::inputGradientOfDropped(const at::Tensor& dy_NO,
                                              const at::Tensor& ds_NR) const
{
    const std::int64_t trained = m_da_RI.size(0);
    const std::int64_t frozen = ds_NR.size(1) - trained;
    ExtraTerm whole;
    if (frozen > 0) {
        whole = {ds_NR.narrow(1, trained, frozen), m_a_RI.narrow(0, trained, frozen)};
    }
    at::Tensor dx_NI = m_ops->product(dy_NO, weight(), Side::Columns, whole);
    for (const Part& part : m_parts) {
        if (part.adapter >= 0) {
            const at::Tensor through_NI =
                m_ops->product(columnsOf(part, ds_NR), factorOf(part), Side::Columns);
            dx_NI.add_(keptOf(part, through_NI), m_dropout.gain());
        }
    }
    return dx_NI;
}

at::Tensor Projection::lowOf(const at::Tensor& x_NI, const at::Tensor& voices_N) const
{
    at::Tensor low_NR = m_ops->product(x_NI, m_a_RI, Side::Rows);
    if (m_silent_VR.defined()) {
        // Filled, not multiplied by 0: what overflows under another adapter is not this row's.
        low_NR.masked_fill_(voices_N.defined() ? m_silent_VR.index_select(0, voices_N)
                                               : m_silent_VR.narrow(0, 0, 1),
                            0.0);
    }
    return low_NR;
}

at::Tensor Projection::forward(const at::Tensor& x_NI, const at::Tensor& add_NO, at::Tensor* xa_NR,
                               const at::Tensor& voices_N) const
{
    ExtraTerm lowRank;
    if (m_a_RI.defined()) {
        lowRank = {m_dropout.rate > 0.0 ? lowOfDropped(x_NI) : lowOf(x_NI, voices_N), m_s_OR};
        if (xa_NR != nullptr) {
            *xa_NR = lowRank.x_NR;
        }
    }
    if (!m_gain_VO.defined()) {
        return m_ops->product(x_NI, weight(), Side::Rows, lowRank, m_bias_O, add_NO);
    }
    at::Tensor y_NO = m_ops->product(x_NI, weight(), Side::Rows, lowRank);
    y_NO.mul_(voices_N.defined() ? m_gain_VO.index_select(0, voices_N) : m_gain_VO.narrow(0, 0, 1));
    if (m_bias_O.defined()) {
        y_NO.add_(m_bias_O);
    }
    if (add_NO.defined()) {
        y_NO.add_(add_NO);
    }
    return y_NO;
}

at::Tensor Projection::gained(const at::Tensor& dy_NO) const
{
    return m_gain_VO.defined() ? dy_NO.clone().mul_(m_gain_VO.narrow(0, 0, 1)) : dy_NO;
}

Projection::InputGradient Projection::inputGradient(const at::Tensor& dy_NO, bool needsInput) const
{
    const at::Tensor scaled_NO = gained(dy_NO);
    InputGradient gradient;
    ExtraTerm lowRank;
    if (m_a_RI.defined()) {
        gradient.ds_NR = m_ops->product(scaled_NO, m_s_OR, Side::Columns);
        lowRank = {gradient.ds_NR, m_a_RI};
    }
    if (needsInput && m_dropout.rate > 0.0 && !m_adapters.empty()) {
        gradient.dx_NI = inputGradientOfDropped(scaled_NO, gradient.ds_NR);
    } else if (needsInput) {
        gradient.dx_NI = m_ops->product(scaled_NO, weight(), Side::Columns, lowRank);
    }
    return gradient;
}

void Projection::addMagnitudeGradients(const at::Tensor& dy_NO, const at::Tensor& x_NI,
                                       const at::Tensor& xa_NR)
{
    // The sum that the gain stands before is not kept: made again, as the weight is where it is made.
    const at::Tensor sum_NO = m_ops->product(x_NI, weight(), Side::Rows, {xa_NR, m_s_OR});
    const auto type = masterTypeOf(dy_NO.scalar_type());
    const at::Tensor each_O = at::sum(dy_NO.to(type) * sum_NO, {0}, false);
    for (const Part& part : m_parts) {
        const auto index = static_cast<std::size_t>(std::max(part.adapter, 0));
        if (part.adapter < 0 || m_adapters[index].kind->norm == nullptr) {
            continue;
        }
        const auto magnitude = std::find_if(
            m_factors[index].begin(), m_factors[index].end(),
            [&](const Trainable& one) { return one.value.is_same(m_adapters[index].magnitude_O); });
        magnitude->gradient.addcmul_(each_O.narrow(0, part.offset, part.rows), m_slopes[index]);
    }
}

void Projection::addGradients(const at::Tensor& dy_NO, const at::Tensor& x_NI,
                              const at::Tensor& xa_NR, const at::Tensor& ds_NR)
{
    if (m_gain_VO.defined() && !m_adapters.empty()) {
        addMagnitudeGradients(dy_NO, x_NI, xa_NR);
    }
    const at::Tensor scaled_NO = gained(dy_NO);
    const bool drops = m_dropout.rate > 0.0;
    if (!m_adapters.empty() && !drops) {
        m_ops->addOuterProduct(m_da_RI, ds_NR.narrow(1, 0, m_da_RI.size(0)), x_NI, 1.0);
    }
    for (const Part& part : m_parts) {
        if (part.adapter < 0) {
            continue;
        }
        const auto index = static_cast<std::size_t>(part.adapter);
        if (drops) {
            m_ops->addOuterProduct(m_factors[index][0].gradient, columnsOf(part, ds_NR),
                                   keptOf(part, x_NI), m_dropout.gain());
        }
        m_ops->addOuterProduct(
            m_factors[index][1].gradient, scaled_NO.narrow(1, part.offset, part.rows),
            xa_NR.narrow(1, part.rankOffset, m_adapters[index].rank()), m_adapters[index].scale);
    }
    for (TrainedPart& trained : m_trained) {
        const Part& part = m_parts[trained.part];
        const at::Tensor dy_part = dy_NO.narrow(1, part.offset, part.rows);
        m_ops->addOuterProduct(trained.weight.sum(), dy_part, x_NI, 1.0);
        if (trained.bias.value.defined()) {
            at::Tensor& sum_O = trained.bias.sum();
            sum_O.add_(at::sum(dy_part, {0}, false, sum_O.scalar_type()));
        }
    }
}

void Projection::trainWeights(const std::function<bool(const std::string&)>& wanted)
{
    m_trained.clear();
    for (std::size_t part = 0; part < m_parts.size(); ++part) {
        if (!wanted(m_parts[part].module)) {
            continue;
        }
        TrainedPart trained {
            part, trainableWeight(m_parts[part].module + ".weight", heldWeight(part)), {}};
        if (m_bias_O.defined()) {
            trained.bias = trainableWeight(m_parts[part].module + ".bias", biasOf(part));
        }
        m_trained.push_back(std::move(trained));
    }
}

void Projection::collect(std::vector<Trainable*>& out)
{
    for (std::vector<Trainable>& factors : m_factors) {
        for (Trainable& factor : factors) {
            out.push_back(&factor);
        }
    }
    for (TrainedPart& trained : m_trained) {
        out.push_back(&trained.weight);
        if (trained.bias.value.defined()) {
            out.push_back(&trained.bias);
        }
    }
}

} // namespace pissarro::core::inline decoder::inline blocks
