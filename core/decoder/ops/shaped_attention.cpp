// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/ops/shaped_attention_p.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

namespace pissarro::core::inline decoder::inline ops {

namespace {

constexpr std::int64_t kScores = 1 << 22; // that exist at once
constexpr std::int64_t kFewestRows = 16;

at::Tensor toReal(const at::Tensor& t)
{
    return t.to(t.scalar_type() == at::kDouble ? at::kDouble : at::kFloat);
}

// Press et al. 2022: a geometric series for the largest power of two of heads, then every other one of the next series.
at::Tensor slopes(std::int64_t heads)
{
    const auto whole = static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(heads)));
    const auto series = [](double count, std::int64_t power) {
        return std::pow(std::pow(2.0, -std::pow(2.0, 3.0 - std::log2(count))),
                        static_cast<double>(power));
    };
    std::vector<float> all;
    for (std::int64_t i = 1; i <= whole; ++i) {
        all.push_back(static_cast<float>(series(static_cast<double>(whole), i)));
    }
    for (std::int64_t i = 0; i < heads - whole; ++i) {
        all.push_back(static_cast<float>(series(static_cast<double>(2 * whole), 2 * i + 1)));
    }
    return at::tensor(all, at::kFloat);
}

// Of `keys` positions, [heads, 1, keys]: in bfloat16, as transformers makes it whatever the model's dtype.
at::Tensor alibi(const AttentionShape& shape, std::int64_t keys, const at::TensorOptions& options)
{
    const at::Tensor positions = at::arange(keys, at::kLong);
    return (slopes(shape.heads).to(at::kBFloat16).unsqueeze(-1) * positions)
        .to(options)
        .mul_(shape.alibiScale)
        .unsqueeze(1);
}

// Some rows of queries and the keys that they see.
struct Rows {
    std::int64_t first = 0; // of queries
    std::int64_t count = 0;
    std::int64_t firstKey = 0;
    std::int64_t keys = 0;
};

std::vector<Rows> rowsOf(const ShapedHeads& heads, const AttentionShape& shape)
{
    const std::int64_t queries = heads.q.size(2);
    const std::int64_t before = heads.k.size(2) - queries;
    const std::int64_t most =
        std::max(kFewestRows, kScores / std::max<std::int64_t>(1, shape.heads * heads.k.size(2)));
    std::vector<Rows> all;
    for (std::int64_t first = 0; first < queries; first += most) {
        Rows rows {first, std::min(most, queries - first), 0, 0};
        rows.firstKey =
            shape.window > 0 ? std::max<std::int64_t>(0, before + first - shape.window + 1) : 0;
        rows.keys = before + first + rows.count - rows.firstKey;
        all.push_back(rows);
    }
    return all;
}

// What the scores of some rows became.
struct Scored {
    at::Tensor p; // softmax, [1, heads, rows, keys]
    at::Tensor tanh; // of score / cap; undefined without a cap
};

class Scores {
public:
    Scores(const ShapedHeads& heads, const AttentionShape& shape, const at::Tensor& keyMask_S)
        : m_heads(heads)
        , m_shape(shape)
        , m_keyMask_S(keyMask_S)
        , m_before(heads.k.size(2) - heads.q.size(2))
    {
        if (shape.alibiScale != 0.0) {
            m_alibi = alibi(shape, heads.k.size(2), heads.q.options());
        }
    }

    Scored of(const Rows& rows) const
    {
        const at::Tensor q = m_heads.q.narrow(2, rows.first, rows.count);
        const at::Tensor k = m_heads.k.narrow(2, rows.firstKey, rows.keys);
        at::Tensor s = at::matmul(q, k.transpose(-2, -1)).mul_(m_shape.scoreScale());
        Scored scored;
        if (m_shape.softCap > 0.0) {
            scored.tanh = s.div_(m_shape.softCap).tanh_();
            s = scored.tanh * m_shape.softCap;
        }
        if (m_alibi.defined()) {
            s.add_(m_alibi.narrow(2, rows.firstKey, rows.keys));
        }
        // A row of padding may see nothing: with the lowest finite number it stays finite, as in transformers.
        s.masked_fill_(seen(rows).logical_not(),
                       !m_keyMask_S.defined() ? -std::numeric_limits<double>::infinity()
                           : s.scalar_type() == at::kDouble
                           ? std::numeric_limits<double>::lowest()
                           : static_cast<double>(std::numeric_limits<float>::lowest()));
        scored.p = at::softmax(s, -1);
        return scored;
    }

private:
    at::Tensor seen(const Rows& rows) const // [rows, keys]
    {
        const auto options = m_heads.q.options().dtype(at::kLong);
        const at::Tensor key =
            at::arange(rows.firstKey, rows.firstKey + rows.keys, options).unsqueeze(0);
        const std::int64_t first = m_before + rows.first;
        const at::Tensor query = at::arange(first, first + rows.count, options).unsqueeze(1);
        at::Tensor both = key <= query;
        if (m_shape.window > 0) {
            both = both & (key > query - m_shape.window);
        }
        if (m_keyMask_S.defined()) {
            both = both & (m_keyMask_S.narrow(0, rows.firstKey, rows.keys) != 0).unsqueeze(0);
        }
        return both;
    }

    const ShapedHeads& m_heads;
    const AttentionShape& m_shape;
    const at::Tensor& m_keyMask_S;
    std::int64_t m_before;
    at::Tensor m_alibi;
};

} // namespace

at::Tensor attendShaped(const ShapedHeads& narrow, const AttentionShape& shape,
                        const at::Tensor& keyMask_S)
{
    const ShapedHeads heads {toReal(narrow.q), toReal(narrow.k), toReal(narrow.v)};
    const Scores scores(heads, shape, keyMask_S);
    at::Tensor y = at::empty(narrow.q.sizes(), narrow.q.options());
    for (const Rows& rows : rowsOf(heads, shape)) {
        y.narrow(2, rows.first, rows.count)
            .copy_(at::matmul(scores.of(rows).p, heads.v.narrow(2, rows.firstKey, rows.keys)));
    }
    return y;
}

ShapedHeads attendShapedBackward(const at::Tensor& dyNarrow, const ShapedHeads& narrow,
                                 const at::Tensor& yNarrow, const AttentionShape& shape)
{
    const ShapedHeads heads {toReal(narrow.q), toReal(narrow.k), toReal(narrow.v)};
    const at::Tensor dyAll = toReal(dyNarrow);
    const at::Tensor sums = (dyAll * toReal(yNarrow)).sum(-1, true);
    const at::Tensor unmasked;
    const Scores scores(heads, shape, unmasked);
    ShapedHeads d {at::empty_like(heads.q), at::zeros_like(heads.k), at::zeros_like(heads.v)};
    for (const Rows& rows : rowsOf(heads, shape)) {
        const auto queriesOf = [&](const at::Tensor& t) {
            return t.narrow(2, rows.first, rows.count);
        };
        const auto keysOf = [&](const at::Tensor& t) {
            return t.narrow(2, rows.firstKey, rows.keys);
        };
        const Scored scored = scores.of(rows);
        const at::Tensor dy = queriesOf(dyAll);
        at::Tensor ds = at::matmul(dy, keysOf(heads.v).transpose(-2, -1));
        ds.sub_(queriesOf(sums)).mul_(scored.p).mul_(shape.scoreScale());
        if (scored.tanh.defined()) {
            ds.mul_(at::rsub(scored.tanh.square(), 1.0));
        }
        queriesOf(d.q).copy_(at::matmul(ds, keysOf(heads.k)));
        keysOf(d.k).add_(at::matmul(ds.transpose(-2, -1), queriesOf(heads.q)));
        keysOf(d.v).add_(at::matmul(scored.p.transpose(-2, -1), dy));
    }
    return d;
}

} // namespace pissarro::core::inline decoder::inline ops
