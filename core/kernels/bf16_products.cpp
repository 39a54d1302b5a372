// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/bf16_products_p.h"
#include "core/kernels/bf16_tile_p.h"

namespace pissarro::core::kernels::bf16 {

namespace {

constexpr std::int64_t kDepth =
    2048; // of one packed block: a panel of it is 192 KiB, a fifth of the second cache
constexpr std::int64_t kChunkRows = 512; // whose sums wait in float32 between two blocks
constexpr std::int64_t kGroup = 8; // panels that take turns at one block of x
constexpr std::int64_t kMinRows = 96; // fewer would not repay the packing

// How a product is cut into tasks.
struct Plan {
    Plan(const Product& p, int threads)
        : panels(p.columns)
    {
        const bool deep = p.main.depth > kDepth;
        group = deep ? smaller(kGroup, ceilDiv(panels.count, threads)) : 1;
        groups = ceilDiv(panels.count, group);
        const std::int64_t wanted = ceilDiv(4 * threads, groups);
        chunks = larger(1, smaller(wanted, p.rows / kMinRows));
        if (deep) {
            chunks = larger(chunks, ceilDiv(p.rows, kChunkRows));
        }
        // Whole tiles: only the last chunk has odd rows.
        chunkRows = ceilDiv(ceilDiv(p.rows, chunks), kRows) * kRows;
        chunks = ceilDiv(p.rows, chunkRows);
    }

    Panels panels;
    std::int64_t group = 1; // panels of a task
    std::int64_t groups = 1;
    std::int64_t chunks = 1;
    std::int64_t chunkRows = 0;
};

// A part of a weight: columns from `column` on, `depth` of each from `first` on.
struct Cut {
    std::int64_t column = 0;
    std::int64_t columns = 0;
    std::int64_t first = 0;
    std::int64_t depth = 0;
};

void pack(const Product::Pair& pair, const Cut& cut, int vectors, Word* packed)
{
    if (pair.byColumns) {
        packColumns(pair.w + cut.first * pair.wStride + cut.column, pair.wStride, cut.columns,
                    cut.depth, vectors, packed);
    } else {
        packRows(pair.w + cut.column * pair.wStride + cut.first, pair.wStride, cut.columns,
                 cut.depth, vectors, packed);
    }
}

template <int MR, int NB>
[[gnu::always_inline]] inline void writeTile(const Product& p, Sums<MR, NB>& sums, std::int64_t row,
                                             std::int64_t column)
{
#pragma GCC unroll 3
    for (int j = 0; j < NB; ++j) {
        const std::int64_t at = column + j * kLanes;
        const __mmask16 mask = firstLanes(p.columns - at);
        const __m512 bias =
            p.bias_O == nullptr ? _mm512_setzero_ps() : widen(loadColumns(p.bias_O + at, mask));
#pragma GCC unroll 16
        for (int i = 0; i < MR; ++i) {
            __m512 value = _mm512_add_ps(sums[i][j], bias);
            if (p.add != nullptr) {
                value = _mm512_add_ps(
                    value, widen(loadColumns(p.add + (row + i) * p.addStride + at, mask)));
            }
            _mm256_mask_storeu_epi16(p.y + (row + i) * p.yStride + at, mask, narrow(value));
        }
    }
}

// One block of the depth of one panel, over rows [firstRow, firstRow + rows).
struct Block {
    std::int64_t firstRow = 0;
    std::int64_t rows = 0;
    std::int64_t firstDepth = 0;
    std::int64_t depth = 0;
    std::int64_t column = 0;
    int vectors = 0;
    bool last = false;
    float* sums = nullptr; // [rows, 48], where a product has several blocks
};

void runBlock(const Product& p, const Block& block, Word* packed)
{
    const std::int64_t words = block.depth / 2;
    Word* packedExtra = packed + words * kLanes * block.vectors;
    const std::int64_t columns = p.columns - block.column;
    const std::int64_t extraDepth = block.last ? p.extra.depth : 0;
    pack(p.main, {block.column, columns, block.firstDepth, block.depth}, block.vectors, packed);
    if (extraDepth > 0) {
        pack(p.extra, {block.column, columns, 0, extraDepth}, block.vectors, packedExtra);
    }
    const Left x =
        rowsOf(p.main.x + block.firstRow * p.main.xStride + block.firstDepth, p.main.xStride);
    const Left xExtra = extraDepth > 0
        ? rowsOf(p.extra.x + block.firstRow * p.extra.xStride, p.extra.xStride)
        : Left {};
    eachTile(block.vectors, block.rows, [&]<int MR, int NB>(std::int64_t row) {
        Sums<MR, NB> sums;
        float* kept = block.sums + row * kVectors * kLanes;
        if (block.firstDepth == 0) {
            clear<MR, NB>(sums);
        } else {
            for (int i = 0; i < MR; ++i) {
                for (int j = 0; j < NB; ++j) {
                    sums[i][j] = _mm512_load_ps(kept + (i * kVectors + j) * kLanes);
                }
            }
        }
        multiply<MR, NB>(sums, x.from(row), words, packed);
        if (!block.last) {
            for (int i = 0; i < MR; ++i) {
                for (int j = 0; j < NB; ++j) {
                    _mm512_store_ps(kept + (i * kVectors + j) * kLanes, sums[i][j]);
                }
            }
            return;
        }
        if (extraDepth > 0) {
            multiply<MR, NB>(sums, xExtra.from(row), extraDepth / 2, packedExtra);
        }
        writeTile<MR, NB>(p, sums, block.firstRow + row, block.column);
    });
}

} // namespace

std::int64_t productTasks(const Product& product, int threads)
{
    const Plan plan(product, threads);
    return plan.groups * plan.chunks;
}

void product(const Product& p, int threads, std::int64_t begin, std::int64_t end)
{
    thread_local Scratch packedMemory;
    thread_local Scratch sumsMemory;
    const Plan plan(p, threads);
    const std::int64_t blocks = ceilDiv(p.main.depth, kDepth);
    const std::int64_t panelSums = plan.chunkRows * kVectors * kLanes;
    Word* packed = packedMemory.get<Word>((smaller(kDepth, p.main.depth) + p.extra.depth) / 2
                                          * kVectors * kLanes);
    float* sums = blocks > 1 ? sumsMemory.get<float>(plan.group * panelSums) : nullptr;
    for (std::int64_t task = begin; task < end; ++task) {
        const std::int64_t firstPanel = task / plan.chunks * plan.group;
        const std::int64_t lastPanel = smaller(firstPanel + plan.group, plan.panels.count);
        Block block;
        block.firstRow = task % plan.chunks * plan.chunkRows;
        block.rows = smaller(plan.chunkRows, p.rows - block.firstRow);
        for (std::int64_t b = 0; b < blocks; ++b) {
            block.firstDepth = b * kDepth;
            block.depth = smaller(kDepth, p.main.depth - block.firstDepth);
            block.last = b + 1 == blocks;
            for (std::int64_t panel = firstPanel; panel < lastPanel; ++panel) {
                block.column = plan.panels.first(panel);
                block.vectors = plan.panels.width(panel);
                block.sums = sums + (panel - firstPanel) * panelSums;
                runBlock(p, block, packed);
            }
        }
    }
}

std::int64_t outerTasks(const OuterProduct& outer)
{
    return Panels(outer.columns).count * ceilDiv(outer.rows, kGroup * kVectors * kLanes);
}

void outer(const OuterProduct& o, std::int64_t begin, std::int64_t end)
{
    constexpr std::int64_t kTokens = 1024; // of one block: two packed panels of it are 192 KiB
    thread_local Scratch memory;
    const std::int64_t block = smaller(kTokens, o.depth + o.depth % 2);
    Word* packedA = memory.get<Word>(block * kVectors * kLanes);
    Word* packedB = packedA + block / 2 * kVectors * kLanes;
    const Panels columns(o.columns);
    const Panels rows(o.rows);
    for (std::int64_t task = begin; task < end; ++task) {
        const std::int64_t panel = task % columns.count;
        const std::int64_t column = columns.first(panel);
        const int vectors = columns.width(panel);
        const std::int64_t firstGroup = task / columns.count * kGroup;
        const std::int64_t lastGroup = smaller(firstGroup + kGroup, rows.count);
        for (std::int64_t token = 0; token < o.depth; token += kTokens) {
            const std::int64_t depth = smaller(kTokens, o.depth - token);
            packColumns(o.b + token * o.bStride + column, o.bStride, o.columns - column, depth,
                        vectors, packedB);
            for (std::int64_t r = firstGroup; r < lastGroup; ++r) {
                const std::int64_t firstRow = rows.first(r);
                const std::int64_t count = smaller(o.rows - firstRow, kLanes * rows.width(r));
                packColumns(o.a + token * o.aStride + firstRow, o.aStride, count, depth,
                            rows.width(r), packedA);
                const Left a = columnsOf(packedA, rows.width(r));
                eachTile(vectors, count, [&]<int MR, int NB>(std::int64_t row) {
                    Sums<MR, NB> sums;
                    clear<MR, NB>(sums);
                    multiply<MR, NB>(sums, a.from(row), ceilDiv(depth, 2), packedB);
                    const __m512 scale = _mm512_set1_ps(o.scale);
                    for (int i = 0; i < MR; ++i) {
                        for (int j = 0; j < NB; ++j) {
                            const std::int64_t at = column + j * kLanes;
                            const __mmask16 mask = firstLanes(o.columns - at);
                            float* g = o.g + (firstRow + row + i) * o.gStride + at;
                            _mm512_mask_storeu_ps(
                                g, mask,
                                _mm512_fmadd_ps(sums[i][j], scale, _mm512_maskz_loadu_ps(mask, g)));
                        }
                    }
                });
            }
        }
    }
}

} // namespace pissarro::core::kernels::bf16
