// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/ops/relative_attention_tensors.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace pissarro::core::inline decoder::inline ops {

namespace {

constexpr std::int64_t kScores = 1 << 22; // that exist at once
constexpr std::int64_t kFewestRows = 16;

at::Tensor toReal(const at::Tensor& t)
{
    return !t.defined() ? t : t.to(t.scalar_type() == at::kDouble ? at::kDouble : at::kFloat);
}

RelativeHeads realOf(const RelativeHeads& heads)
{
    return {toReal(heads.q_HTD), toReal(heads.k_HTD), toReal(heads.v_HTD),
            toReal(heads.distanceKeys_HPD), toReal(heads.distanceQueries_HPD)};
}

struct Rows {
    std::int64_t first = 0; // of queries
    std::int64_t count = 0;
};

std::vector<Rows> rowsOf(const RelativeHeads& heads)
{
    const std::int64_t tokens = heads.q_HTD.size(1);
    const std::int64_t most =
        std::max(kFewestRows, kScores / std::max<std::int64_t>(1, heads.q_HTD.size(0) * tokens));
    std::vector<Rows> all;
    for (std::int64_t first = 0; first < tokens; first += most) {
        all.push_back({first, std::min(most, tokens - first)});
    }
    return all;
}

class Scores {
public:
    Scores(const RelativeHeads& heads, const at::Tensor& rows, double scale,
           const at::Tensor& keyMask_T)
        : m_heads(heads)
        , m_rows(rows)
        , m_scale(scale)
        , m_keyMask_T(keyMask_T)
    {
        if (heads.distanceQueries_HPD.defined()) {
            m_keysMeet_HTP = at::matmul(heads.k_HTD, heads.distanceQueries_HPD.transpose(-2, -1));
        }
    }

    // The table's row of each query and key. [H, rows, T]
    at::Tensor places(const Rows& rows) const
    {
        const std::int64_t tokens = m_heads.q_HTD.size(1);
        const auto options = m_rows.options();
        const at::Tensor query =
            at::arange(rows.first, rows.first + rows.count, options).unsqueeze(1);
        const at::Tensor distance = query - at::arange(tokens, options).unsqueeze(0);
        return m_rows.index_select(0, (distance + (tokens - 1)).flatten())
            .view({rows.count, tokens})
            .unsqueeze(0)
            .expand({m_heads.q_HTD.size(0), rows.count, tokens});
    }

    // What the scores of some queries became. [H, rows, T]
    at::Tensor softmaxOf(const Rows& rows, const at::Tensor& places) const
    {
        const at::Tensor q = m_heads.q_HTD.narrow(1, rows.first, rows.count);
        at::Tensor s = at::matmul(q, m_heads.k_HTD.transpose(-2, -1));
        if (m_heads.distanceKeys_HPD.defined()) {
            s.add_(at::matmul(q, m_heads.distanceKeys_HPD.transpose(-2, -1)).gather(2, places));
        }
        if (m_keysMeet_HTP.defined()) {
            s.add_(m_keysMeet_HTP.gather(2, places.transpose(1, 2)).transpose(1, 2));
        }
        s.mul_(m_scale);
        if (m_keyMask_T.defined()) {
            s.masked_fill_((m_keyMask_T == 0).unsqueeze(0).unsqueeze(0),
                           s.scalar_type() == at::kDouble
                               ? std::numeric_limits<double>::lowest()
                               : static_cast<double>(std::numeric_limits<float>::lowest()));
        }
        return at::softmax(s, -1);
    }

private:
    const RelativeHeads& m_heads;
    const at::Tensor& m_rows;
    double m_scale;
    const at::Tensor& m_keyMask_T;
    at::Tensor m_keysMeet_HTP;
};

} // namespace

at::Tensor distanceRows(const RelativePositions& positions, std::int64_t length, at::Device device)
{
    const auto options = at::TensorOptions().dtype(at::kLong).device(device);
    const at::Tensor distance = at::arange(1 - length, length, options);
    at::Tensor place = distance;
    if (positions.buckets > 0) {
        const std::int64_t middle = positions.buckets / 2;
        const at::Tensor far = at::abs(distance);
        const at::Tensor isNear = far.le(middle);
        // Near ones are not looked up: any number above 0 serves.
        const at::Tensor apart = far.clamp_min(middle).to(at::kFloat);
        const double furthest =
            static_cast<double>(positions.furthest - 1) / static_cast<double>(middle);
        const at::Tensor whole = at::scalar_tensor(furthest, apart.options()).log();
        const at::Tensor shared = ((apart / middle).log() / whole * (middle - 1)).ceil() + middle;
        place = at::where(isNear, distance, (shared * distance.sign()).to(at::kLong));
    }
    return (place + positions.span).clamp(0, 2 * positions.span - 1);
}

at::Tensor attendRelative(const RelativeHeads& narrow, const at::Tensor& rows, double scale,
                          const at::Tensor& keyMask_T)
{
    const RelativeHeads heads = realOf(narrow);
    const Scores scores(heads, rows, scale, keyMask_T);
    at::Tensor y_HTD = at::empty(narrow.q_HTD.sizes(), narrow.q_HTD.options());
    for (const Rows& some : rowsOf(heads)) {
        y_HTD.narrow(1, some.first, some.count)
            .copy_(at::matmul(scores.softmaxOf(some, scores.places(some)), heads.v_HTD));
    }
    return y_HTD;
}

RelativeHeads attendRelativeBackward(const at::Tensor& dyNarrow_HTD, const RelativeHeads& narrow,
                                     const at::Tensor& y_HTD, const at::Tensor& rows, double scale)
{
    const RelativeHeads heads = realOf(narrow);
    const at::Tensor dyAll = toReal(dyNarrow_HTD);
    const at::Tensor sums = (dyAll * toReal(y_HTD)).sum(-1, true);
    const at::Tensor unmasked;
    const Scores scores(heads, rows, scale, unmasked);
    const auto zerosLike = [](const at::Tensor& t) { return t.defined() ? at::zeros_like(t) : t; };
    RelativeHeads d {at::empty(heads.q_HTD.sizes(), heads.q_HTD.options()),
                     at::zeros_like(heads.k_HTD),
                     at::zeros_like(heads.v_HTD),
                     zerosLike(heads.distanceKeys_HPD),
                     {}};
    const bool keysMeet = heads.distanceQueries_HPD.defined();
    at::Tensor dkeysMeet_HTP = !keysMeet
        ? at::Tensor()
        : at::zeros({heads.k_HTD.size(0), heads.k_HTD.size(1), heads.distanceQueries_HPD.size(1)},
                    heads.k_HTD.options());
    for (const Rows& some : rowsOf(heads)) {
        const auto queriesOf = [&](const at::Tensor& t) {
            return t.narrow(1, some.first, some.count);
        };
        const at::Tensor places = scores.places(some);
        const at::Tensor p = scores.softmaxOf(some, places);
        const at::Tensor dy = queriesOf(dyAll);
        at::Tensor ds = at::matmul(dy, heads.v_HTD.transpose(-2, -1));
        ds.sub_(queriesOf(sums)).mul_(p).mul_(scale);
        at::Tensor dq = at::matmul(ds, heads.k_HTD);
        d.k_HTD.add_(at::matmul(ds.transpose(-2, -1), queriesOf(heads.q_HTD)));
        d.v_HTD.add_(at::matmul(p.transpose(-2, -1), dy));
        if (heads.distanceKeys_HPD.defined()) {
            const at::Tensor dmeet =
                at::zeros({ds.size(0), some.count, heads.distanceKeys_HPD.size(1)}, ds.options())
                    .scatter_add_(2, places, ds);
            dq.add_(at::matmul(dmeet, heads.distanceKeys_HPD));
            d.distanceKeys_HPD.add_(at::matmul(dmeet.transpose(-2, -1), queriesOf(heads.q_HTD)));
        }
        if (keysMeet) {
            dkeysMeet_HTP.scatter_add_(2, places.transpose(1, 2), ds.transpose(1, 2));
        }
        queriesOf(d.q_HTD).copy_(dq);
    }
    if (keysMeet) {
        d.k_HTD.add_(at::matmul(dkeysMeet_HTP, heads.distanceQueries_HPD));
        d.distanceQueries_HPD = at::matmul(dkeysMeet_HTP.transpose(-2, -1), heads.k_HTD);
    }
    return d;
}

} // namespace pissarro::core::inline decoder::inline ops
