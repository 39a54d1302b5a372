// SPDX-License-Identifier: GPL-3.0-or-later
// Caches that are joined and repeated, and what is said of tokens that are fed: each sequence against the decoder's own
// logits of the whole of it. float32: 1e-5 of logits of size 1 is what sums in another order leave.
#include "core/decoder/decoder_tensors.h"
#include "tests/core/decoder/ops/backends.h"
#include "tests/tools/golden.h"

#include <ATen/ATen.h>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

using Ids = std::vector<std::int32_t>;

Ids someIds(std::size_t count, std::size_t which)
{
    Ids ids;
    for (std::size_t i = 0; i < count; ++i) {
        ids.push_back(static_cast<std::int32_t>((11 * i + 17 * which) % 60 + 3));
    }
    return ids;
}

// Behind the last token of each place, [T, V].
at::Tensor logitsOf(const Decoder& decoder, const Ids& ids)
{
    const std::vector<std::int64_t> wide(ids.begin(), ids.end());
    return decoder.logits(at::tensor(wide, at::kLong).unsqueeze(0), {})[0];
}

Ids joined(const Ids& a, const Ids& b)
{
    Ids both = a;
    both.insert(both.end(), b.begin(), b.end());
    return both;
}

} // namespace

class KvCacheTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { eachBackend(); }

    // Sequences that come later stand behind those that are there; each goes on as if it were alone.
    void sequences_areJoined()
    {
        const Decoder decoder = opened();
        KvCache first;
        KvCache second;
        decoder.feed({someIds(3, 1), someIds(70, 2)}, first); // rooms of different size
        decoder.feed({someIds(9, 3)}, second);
        first.append(second);
        first.append(KvCache());
        KvCache empty;
        empty.append(first);
        QCOMPARE(empty.lengths, (std::vector<std::int64_t> {3, 70, 9}));
        const std::vector<Ids> next {{5}, {6}, {7}};
        const at::Tensor logits_BV = decoder.feed(next, empty);
        const std::vector<Ids> before {someIds(3, 1), someIds(70, 2), someIds(9, 3)};
        for (std::size_t row = 0; row < before.size(); ++row) {
            const at::Tensor wanted_V = logitsOf(decoder, joined(before[row], next[row]))[-1];
            QVERIFY(maxDifference(logits_BV[static_cast<std::int64_t>(row)], wanted_V) < 1e-5);
        }
    }

    // What several have in common is read once; each goes on behind it with tokens of its own, several at a time.
    void aBeginning_isRepeated()
    {
        const Decoder decoder = opened();
        const Ids beginning = someIds(40, 1);
        KvCache once;
        decoder.feed({beginning}, once);
        KvCache many = once.repeated(3);
        const std::vector<Ids> rests {someIds(1, 2), someIds(7, 3), someIds(3, 4)};
        const at::Tensor logits_BV = decoder.feed(rests, many);
        const at::Tensor more_BV = decoder.feed({{8}, {9}, {10}}, many);
        for (std::size_t row = 0; row < rests.size(); ++row) {
            const auto at = static_cast<std::int64_t>(row);
            const Ids whole = joined(beginning, rests[row]);
            QVERIFY(maxDifference(logits_BV[at], logitsOf(decoder, whole)[-1]) < 1e-5);
            const Ids longer = joined(whole, {static_cast<std::int32_t>(8 + row)});
            QVERIFY(maxDifference(more_BV[at], logitsOf(decoder, longer)[-1]) < 1e-5);
        }
        QCOMPARE(once.lengths.front(), 40); // and is there for the next
        const at::Tensor again_V = decoder.feed({{8}}, once)[0];
        QVERIFY(maxDifference(again_V, logitsOf(decoder, joined(beginning, {8}))[-1]) < 1e-5);
    }

    // -log p of what follows each token that is asked, behind what was fed before.
    void losses_areTheLogits()
    {
        const Decoder decoder = opened();
        const Ids beginning = someIds(5, 1);
        KvCache cache;
        decoder.feed({beginning, beginning}, cache);
        const std::vector<Ids> ids {someIds(4, 2), someIds(3, 3)};
        const std::vector<Ids> labels {{kIgnoreLabel, 7, kIgnoreLabel, 9}, {1, 2, kIgnoreLabel}};
        const at::Tensor losses_M = decoder.lossesOfFed(ids, labels, cache);
        QCOMPARE(losses_M.scalar_type(), at::kDouble);
        const std::vector<Ids> wholes {joined(beginning, ids[0]), joined(beginning, ids[1])};
        std::vector<Ids> ofWholes;
        for (const Ids& own : labels) {
            ofWholes.push_back(joined(Ids(beginning.size(), kIgnoreLabel), own));
        }
        const at::Tensor without_M = // the same without a cache
            decoder.losses(flatten(wholes, ofWholes, {}, decoder.device()));
        QVERIFY(maxDifference(losses_M, without_M) < 1e-5);
        QCOMPARE(losses_M.size(0), 4);
        std::int64_t at = 0;
        for (std::size_t row = 0; row < ids.size(); ++row) {
            const at::Tensor log_TV =
                at::log_softmax(logitsOf(decoder, joined(beginning, ids[row])).to(at::kDouble), 1);
            for (std::size_t t = 0; t < labels[row].size(); ++t) {
                if (labels[row][t] != kIgnoreLabel) {
                    const double wanted =
                        -log_TV[static_cast<std::int64_t>(beginning.size() + t)][labels[row][t]]
                             .item<double>();
                    QVERIFY(std::abs(losses_M[at++].item<double>() - wanted) < 1e-5);
                }
            }
        }
    }

private:
    static Decoder opened()
    {
        const Backend& by = thisBackend();
        return Decoder(ModelFiles::open(golden() / "tiny" / "llama"), at::kFloat, by.device,
                       JobContext(), by.plan());
    }
};

QTEST_GUILESS_MAIN(KvCacheTest)
#include "tst_kv_cache.moc"
