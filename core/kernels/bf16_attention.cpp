// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/bf16_products_p.h"
#include "core/kernels/bf16_tile_p.h"

#include <cmath>
#include <limits>

namespace pissarro::core::kernels::bf16 {

namespace {

constexpr std::int64_t kKeys = kVectors * kLanes; // keys of a panel
constexpr std::int64_t kQueries = 64; // queries of a block

std::int64_t paddedKeys(std::int64_t length)
{
    return ceilDiv(length, kKeys) * kKeys;
}

// 2^n e^r in float32, within 2 units in the last place (Cephes expf, as kernels_impl.h). A NaN stays one: max and min give
// their second operand back when either is a NaN.
inline __m512 exponential(__m512 x)
{
    x = _mm512_min_ps(_mm512_set1_ps(88.02969F), _mm512_max_ps(_mm512_set1_ps(-87.33654F), x));
    const __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504088896341F)),
                                          _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375F), x);
    r = _mm512_fmadd_ps(n, _mm512_set1_ps(2.12194440e-4F), r);
    __m512 p = _mm512_set1_ps(1.9875691500e-4F);
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.3981999507e-3F));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(8.3334519073e-3F));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(4.1665795894e-2F));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.6666665459e-1F));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(5.0000001201e-1F));
    p = _mm512_fmadd_ps(_mm512_mul_ps(p, r), r, _mm512_add_ps(r, _mm512_set1_ps(1.0F)));
    return _mm512_scalef_ps(p, n);
}

// One segment's keys and values of one head, and the queries that look at them.
struct Part {
    Part(const Attention& a, std::int64_t task)
        : kvHead(task % a.kvHeads)
        , offset(a.offsets[task / a.kvHeads])
        , length(a.lengths[task / a.kvHeads])
        , padded(paddedKeys(length))
        , headDim(a.headDim)
        , width((a.heads + 2 * a.kvHeads) * a.headDim)
        , keyColumn((a.heads + kvHead) * a.headDim)
        , valueColumn((a.heads + a.kvHeads + kvHead) * a.headDim)
    {
    }
    // Keys that a query at `row` sees: [first, row].
    std::int64_t firstKey(const Attention& a, std::int64_t row) const
    {
        return a.window > 0 ? larger(0, row - a.window + 1) : 0;
    }

    std::int64_t kvHead;
    std::int64_t offset;
    std::int64_t length;
    std::int64_t padded; // length, up to whole panels of keys
    std::int64_t headDim;
    std::int64_t width; // of a row of qkv
    std::int64_t keyColumn;
    std::int64_t valueColumn;
};

// Rows of a head-wide matrix packed for products with its transpose, a panel of 48 rows after the other.
void packHeadRows(const Bf16* x, std::int64_t stride, const Part& part, Word* packed)
{
    for (std::int64_t first = 0; first < part.padded; first += kKeys) {
        packRows(x + first * stride, stride, part.length - first, part.headDim, kVectors,
                 packed + first * (part.headDim / 2));
    }
}

// Its columns packed for products with itself, a panel after the other; rows past the length are zeros.
void packHeadColumns(const Bf16* x, std::int64_t stride, std::int64_t rows, std::int64_t paddedRows,
                     std::int64_t headDim, Word* packed)
{
    const Panels panels(headDim);
    for (std::int64_t panel = 0; panel < panels.count; ++panel) {
        const std::int64_t lanes = panels.width(panel) * kLanes;
        packColumns(x + panels.first(panel), stride, lanes, rows, panels.width(panel), packed);
        const std::int64_t full = ceilDiv(rows, 2) * lanes;
        std::memset(packed + full, 0,
                    static_cast<std::size_t>(paddedRows / 2 * lanes - full) * sizeof(Word));
        packed += paddedRows / 2 * lanes;
    }
}

// A block of queries of one head.
struct Queries {
    std::int64_t first = 0; // within the segment
    std::int64_t count = 0;
    std::int64_t firstKey = 0; // whole panels
    // Keys that the tile which begins at `row` of the block needs, in whole panels.
    std::int64_t endKey(std::int64_t row, int rows, std::int64_t padded) const
    {
        return smaller(padded, ceilDiv(first + row + rows, kKeys) * kKeys);
    }
};

Queries queriesAt(const Attention& a, const Part& part, std::int64_t first)
{
    return {first, smaller(kQueries, part.length - first), part.firstKey(a, first) / kKeys * kKeys};
}

// out[row, key] = left[row] . packed[key], for the keys that each tile of rows needs.
void scores(const Queries& q, const Part& part, const Left& left, const Word* packedRows,
            float* out)
{
    const std::int64_t headDim = part.headDim;
    eachTile<kVectors>(q.count, [&]<int MR, int NB>(std::int64_t row) {
        const std::int64_t end = q.endKey(row, MR, part.padded);
        for (std::int64_t key = q.firstKey; key < end; key += kKeys) {
            Sums<MR, NB> sums;
            clear<MR, NB>(sums);
            multiply<MR, NB>(sums, left.from(row), headDim / 2, packedRows + key * (headDim / 2));
            for (int i = 0; i < MR; ++i) {
                for (int j = 0; j < NB; ++j) {
                    _mm512_store_ps(out + (row + i) * part.padded + key + j * kLanes, sums[i][j]);
                }
            }
        }
    });
}

// Rows of a head to be written.
struct Rows {
    Bf16* data = nullptr;
    std::int64_t stride = 0;
    const float* factors = nullptr; // of each row; null: 1
};

// out[row] = left[row] x, where left has a column per key and x (packed by columns) a row per key; row i times its factor.
void mix(const Queries& q, const Part& part, const Left& left, const Word* packedColumns,
         const Rows& to)
{
    Bf16* const out = to.data; // stores of vectors might change what `to` holds
    const std::int64_t outStride = to.stride;
    const float* const factors = to.factors;
    const Panels panels(part.headDim);
    for (std::int64_t panel = 0; panel < panels.count; ++panel) {
        const std::int64_t column = panels.first(panel);
        eachTile(panels.width(panel), q.count, [&]<int MR, int NB>(std::int64_t row) {
            const std::int64_t end = q.endKey(row, MR, part.padded);
            Sums<MR, NB> sums;
            clear<MR, NB>(sums);
            const Left from {left.data + row * left.rowStep + q.firstKey * 2, left.rowStep, 4};
            multiply<MR, NB>(sums, from, (end - q.firstKey) / 2,
                             packedColumns + q.firstKey / 2 * NB * kLanes);
            for (int i = 0; i < MR; ++i) {
                const __m512 factor = _mm512_set1_ps(factors == nullptr ? 1.0F : factors[row + i]);
                for (int j = 0; j < NB; ++j) {
                    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + (row + i) * outStride
                                                                   + column + j * kLanes),
                                        narrow(_mm512_mul_ps(sums[i][j], factor)));
                }
            }
        });
        packedColumns += part.padded / 2 * panels.width(panel) * kLanes;
    }
}

// Lanes of the 16 keys from `key` on that lie in [first, last].
inline __mmask16 seenLanes(std::int64_t key, std::int64_t first, std::int64_t last)
{
    return static_cast<__mmask16>(firstLanes(last + 1 - key) & ~firstLanes(first - key));
}

// The keys of a row of scores: those computed, in whole vectors, and of them those that its query sees.
struct Keys {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::int64_t first = 0;
    std::int64_t last = 0; // itself seen
};

// Softmax of a row of scores in place: p = e^(scale s - max), not yet divided by the sum, which is returned.
float softmaxRow(const float* s, Bf16* p, const Keys& keys, float scale, float* lse)
{
    const auto [begin, end, first, last] = keys;
    // It may pass over a NaN, whose exponential stays in the sum; a row of nothing but -Inf is a NaN, as everywhere.
    const __m512 lowest = _mm512_set1_ps(-std::numeric_limits<float>::infinity());
    __m512 most = lowest;
    for (std::int64_t key = begin; key < end; key += kLanes) {
        const __mmask16 seen = seenLanes(key, first, last);
        most = _mm512_max_ps(most, _mm512_mask_load_ps(lowest, seen, s + key));
    }
    const float top = _mm512_reduce_max_ps(most) * scale;
    const __m512 shift = _mm512_set1_ps(top);
    __m512 sum = _mm512_setzero_ps();
    for (std::int64_t key = begin; key < end; key += kLanes) {
        const __mmask16 seen = seenLanes(key, first, last);
        const __m512 x = _mm512_fmsub_ps(_mm512_load_ps(s + key), _mm512_set1_ps(scale), shift);
        const __m512 e = _mm512_maskz_mov_ps(seen, exponential(x));
        sum = _mm512_add_ps(sum, e);
        _mm256_store_si256(reinterpret_cast<__m256i*>(p + key), narrow(e));
    }
    const float total = _mm512_reduce_add_ps(sum);
    *lse = top + std::log(total);
    return total;
}

void forwardPart(const Attention& a, const Part& part)
{
    thread_local Scratch memory;
    const std::int64_t d = a.headDim;
    const std::int64_t packedWords = part.padded * d / 2;
    Word* keys = memory.get<Word>(2 * packedWords + kQueries * part.padded * 2);
    Word* values = keys + packedWords;
    auto* s = reinterpret_cast<float*>(values + packedWords);
    auto* p = reinterpret_cast<Bf16*>(s + kQueries * part.padded);
    const Bf16* rows = a.qkv + part.offset * part.width;
    packHeadRows(rows + part.keyColumn, part.width, part, keys);
    packHeadColumns(rows + part.valueColumn, part.width, part.length, part.padded, d, values);
    const std::int64_t groups = a.heads / a.kvHeads;
    for (std::int64_t head = part.kvHead * groups; head < (part.kvHead + 1) * groups; ++head) {
        for (std::int64_t first = 0; first < part.length; first += kQueries) {
            const Queries q = queriesAt(a, part, first);
            scores(q, part, rowsOf(rows + first * part.width + head * d, part.width), keys, s);
            float inverse[kQueries];
            for (std::int64_t i = 0; i < q.count; ++i) {
                const std::int64_t row = first + i;
                float* lse = a.lse + (part.offset + row) * a.heads + head;
                // A tile reads up to the end key of its last row.
                const std::int64_t end =
                    smaller(part.padded, ceilDiv(row / kRows * kRows + kRows, kKeys) * kKeys);
                inverse[i] = 1.0F
                    / softmaxRow(s + i * part.padded, p + i * part.padded,
                                 {q.firstKey, end, part.firstKey(a, row), row}, a.scale, lse);
            }
            mix(q, part, rowsOf(p, part.padded), values,
                {a.y + (part.offset + first) * a.heads * d + head * d, a.heads * d, inverse});
        }
    }
}

// What the backward pass of one part works with.
struct BackwardMemory {
    BackwardMemory(const Part& part, std::int64_t d, Scratch& memory)
    {
        const std::int64_t packedWords = part.padded * d / 2;
        const std::int64_t square = kQueries * part.padded;
        keyRows = memory.get<Word>(3 * packedWords + 3 * square + 2 * part.padded * d + kQueries * d
                                   + kQueries * kKeys / 2);
        keyColumns = keyRows + packedWords;
        valueRows = keyColumns + packedWords;
        s = reinterpret_cast<float*>(valueRows + packedWords);
        dp = s + square;
        p = reinterpret_cast<Bf16*>(dp + square);
        ds = p + square;
        dk = reinterpret_cast<float*>(ds + square);
        dv = dk + part.padded * d;
        queryColumns = reinterpret_cast<Word*>(dv + part.padded * d);
        dyColumns = queryColumns + kQueries * d / 2;
        turned = dyColumns + kQueries * d / 2;
    }

    Word* keyRows = nullptr;
    Word* keyColumns = nullptr;
    Word* valueRows = nullptr;
    float* s = nullptr; // [kQueries, padded]
    float* dp = nullptr;
    Bf16* p = nullptr;
    Bf16* ds = nullptr;
    float* dk = nullptr; // [padded, d]
    float* dv = nullptr;
    Word* queryColumns = nullptr; // of the block
    Word* dyColumns = nullptr;
    Word* turned = nullptr; // a panel of keys of p or ds
};

float dot(const Bf16* a, const Bf16* b, std::int64_t count)
{
    __m512 sum = _mm512_setzero_ps();
    for (std::int64_t i = 0; i < count; i += kLanes) {
        sum = _mm512_fmadd_ps(widen(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(a + i))),
                              widen(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(b + i))),
                              sum);
    }
    return _mm512_reduce_add_ps(sum);
}

// What the gradient of a row of scores depends on beside them.
struct RowFacts {
    float scale = 0.0F;
    float lse = 0.0F;
    float delta = 0.0F; // y . dy
};

// p = e^(scale s - lse) and ds = p (dp - delta) scale over the keys that the row sees, zeros elsewhere in [begin, end).
// The row begins at `at` in each of the four.
void softmaxBackwardRow(const BackwardMemory& m, std::int64_t at, const Keys& keys,
                        const RowFacts& facts)
{
    const auto [begin, end, first, last] = keys;
    const auto [scale, lse, delta] = facts;
    const float* s = m.s + at;
    const float* dp = m.dp + at;
    Bf16* p = m.p + at;
    Bf16* ds = m.ds + at;
    for (std::int64_t key = begin; key < end; key += kLanes) {
        const __mmask16 seen = seenLanes(key, first, last);
        const __m512 x = _mm512_fmsub_ps(_mm512_maskz_load_ps(seen, s + key), _mm512_set1_ps(scale),
                                         _mm512_set1_ps(lse));
        const __m512 e = _mm512_maskz_mov_ps(seen, exponential(x));
        const __m512 slope = _mm512_mul_ps(
            _mm512_mul_ps(e, _mm512_set1_ps(scale)),
            _mm512_sub_ps(_mm512_maskz_load_ps(seen, dp + key), _mm512_set1_ps(delta)));
        _mm256_store_si256(reinterpret_cast<__m256i*>(p + key), narrow(e));
        _mm256_store_si256(reinterpret_cast<__m256i*>(ds + key), narrow(slope));
    }
}

// sums[key, :] += square^T x over the block's queries, where square is [query, key] and x is packed by columns.
void addTransposed(const Queries& q, const Part& part, const Bf16* square,
                   const Word* packedColumns, Word* turned, float* sums)
{
    const std::int64_t headDim = part.headDim;
    const Panels panels(headDim);
    const std::int64_t end = q.endKey(0, static_cast<int>(q.count), part.padded);
    const std::int64_t words = ceilDiv(q.count, 2);
    for (std::int64_t key = q.firstKey; key < end; key += kKeys) {
        // Queries before the panel see none of its keys.
        const std::int64_t skipped = larger(0, key - q.first) / 2;
        packColumns(square + 2 * skipped * part.padded + key, part.padded, kKeys,
                    q.count - 2 * skipped, kVectors, turned);
        const Left left = columnsOf(turned, kVectors);
        const Word* packed = packedColumns;
        for (std::int64_t panel = 0; panel < panels.count; ++panel) {
            const std::int64_t lanes = panels.width(panel) * kLanes;
            eachTile(panels.width(panel), kKeys, [&]<int MR, int NB>(std::int64_t row) {
                Sums<MR, NB> tile;
                float* out = sums + (key + row) * headDim + panels.first(panel);
                for (int i = 0; i < MR; ++i) {
                    for (int j = 0; j < NB; ++j) {
                        tile[i][j] = _mm512_loadu_ps(out + i * headDim + j * kLanes);
                    }
                }
                multiply<MR, NB>(tile, left.from(row), words - skipped, packed + skipped * lanes);
                for (int i = 0; i < MR; ++i) {
                    for (int j = 0; j < NB; ++j) {
                        _mm512_storeu_ps(out + i * headDim + j * kLanes, tile[i][j]);
                    }
                }
            });
            packed += kQueries / 2 * lanes;
        }
    }
}

void backwardBlock(const Attention& a, const Part& part, const BackwardMemory& m, std::int64_t head,
                   std::int64_t first)
{
    const std::int64_t d = a.headDim;
    const std::int64_t yWidth = a.heads * d;
    const Queries q = queriesAt(a, part, first);
    const Bf16* query = a.qkv + (part.offset + first) * part.width + head * d;
    const Bf16* y = a.y + (part.offset + first) * yWidth + head * d;
    const Bf16* dy = a.dy + (part.offset + first) * yWidth + head * d;
    scores(q, part, rowsOf(query, part.width), m.keyRows, m.s);
    scores(q, part, rowsOf(dy, yWidth), m.valueRows, m.dp);
    const std::int64_t end = q.endKey(0, static_cast<int>(q.count), part.padded);
    for (std::int64_t i = 0; i < q.count; ++i) {
        const std::int64_t row = first + i;
        softmaxBackwardRow(m, i * part.padded, {q.firstKey, end, part.firstKey(a, row), row},
                           {a.scale, a.lse[(part.offset + row) * a.heads + head],
                            dot(y + i * yWidth, dy + i * yWidth, d)});
    }
    mix(q, part, rowsOf(m.ds, part.padded), m.keyColumns,
        {a.dqkv + (part.offset + first) * part.width + head * d, part.width, nullptr});
    packHeadColumns(query, part.width, q.count, kQueries, d, m.queryColumns);
    packHeadColumns(dy, yWidth, q.count, kQueries, d, m.dyColumns);
    addTransposed(q, part, m.p, m.dyColumns, m.turned, m.dv);
    addTransposed(q, part, m.ds, m.queryColumns, m.turned, m.dk);
}

void writeSums(const float* sums, std::int64_t rows, std::int64_t d, Bf16* out, std::int64_t stride)
{
    for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t i = 0; i < d; i += kLanes) {
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + row * stride + i),
                                narrow(_mm512_loadu_ps(sums + row * d + i)));
        }
    }
}

void backwardPart(const Attention& a, const Part& part)
{
    thread_local Scratch memory;
    const std::int64_t d = a.headDim;
    const BackwardMemory m(part, d, memory);
    const Bf16* rows = a.qkv + part.offset * part.width;
    packHeadRows(rows + part.keyColumn, part.width, part, m.keyRows);
    packHeadRows(rows + part.valueColumn, part.width, part, m.valueRows);
    packHeadColumns(rows + part.keyColumn, part.width, part.length, part.padded, d, m.keyColumns);
    std::memset(m.dk, 0, static_cast<std::size_t>(2 * part.padded * d) * sizeof(float));
    const std::int64_t groups = a.heads / a.kvHeads;
    for (std::int64_t head = part.kvHead * groups; head < (part.kvHead + 1) * groups; ++head) {
        for (std::int64_t first = 0; first < part.length; first += kQueries) {
            backwardBlock(a, part, m, head, first);
        }
    }
    Bf16* out = a.dqkv + part.offset * part.width;
    writeSums(m.dk, part.length, d, out + part.keyColumn, part.width);
    writeSums(m.dv, part.length, d, out + part.valueColumn, part.width);
}

} // namespace

void attention(const Attention& attention, std::int64_t begin, std::int64_t end)
{
    for (std::int64_t task = begin; task < end; ++task) {
        forwardPart(attention, Part(attention, task));
    }
}

void attentionBackward(const Attention& attention, std::int64_t begin, std::int64_t end)
{
    for (std::int64_t task = begin; task < end; ++task) {
        backwardPart(attention, Part(attention, task));
    }
}

} // namespace pissarro::core::kernels::bf16
