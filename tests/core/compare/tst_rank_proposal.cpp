// SPDX-License-Identifier: GPL-3.0-or-later
// A planted task of rank 4 that was trained at r = 32 must say about 4: made up, and trained.
#include "core/analysis/rank_map_json.h"
#include "core/base/error.h"
#include "core/compare/rank_proposal.h"
#include "core/compare/update_source_tensors.h"
#include "core/format/safetensors.h"
#include "tests/core/compare/compared_runs.h"

#include <ATen/ATen.h>

#include <QTest>

#include <cmath>

using namespace pissarro;
using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

// What a run of r = 32 holds of an update of rank 4, with noise of this size, relative to the update, in all of its directions.
ModuleUpdate planted(double noise, std::int64_t rows = 96, std::int64_t cols = 64)
{
    constexpr std::int64_t kRank = 32;
    constexpr std::int64_t kPlanted = 4;
    at::manual_seed(7);
    const auto normal = [](std::int64_t n, std::int64_t m) {
        return at::randn({n, m}, at::kDouble);
    };
    const at::Tensor u = std::get<0>(at::linalg_qr(normal(rows, kPlanted)));
    const at::Tensor inputs = std::get<0>(at::linalg_qr(normal(cols, kRank))); // that A sees
    const at::Tensor sizes = at::tensor({1.0, 0.9, 0.8, 0.7}, at::kDouble);
    const at::Tensor wanted = (u * sizes).mm(inputs.narrow(1, 0, kPlanted).t());
    const at::Tensor rough = normal(rows, kRank).mm(inputs.t());
    const at::Tensor delta = wanted + noise * wanted.norm() / rough.norm() * rough;
    Adapter start {"layer", normal(kRank, kRank).mm(inputs.t()).to(at::kFloat),
                   at::zeros({rows, kRank}), 1.0};
    Adapter trained = start;
    trained.b_OR = delta.mm(at::linalg_pinv(start.a_RI.to(at::kDouble))).to(at::kFloat);
    const Change change = changeBetween(trained, &start);
    const TruncatedSvd svd = svdOfProduct(change.b_OQ, change.a_QI);
    ModuleUpdate update;
    update.module = {"layer", "q_proj", 0, rows, cols};
    update.rank = kRank;
    update.delta.rows = rows;
    update.delta.cols = cols;
    for (std::int64_t i = 0; i < svd.s_R.size(0); ++i) {
        update.delta.values.push_back(svd.s_R[i].item<double>());
        update.delta.squaredNorm += std::pow(update.delta.values.back(), 2);
    }
    update.delta.values.resize(static_cast<std::size_t>(update.module.smallerSide()), 0.0);
    return update;
}

std::int64_t proposed(const ModuleUpdate& update, double share = kProposedShare)
{
    return ranksByUpdate({40, "step 40", true, {update}}, share).ranks.at(update.module.name);
}

} // namespace

class RankProposalTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPlantedRank_isFound()
    {
        QCOMPARE(proposed(planted(0.0)), std::int64_t {4});
        QCOMPARE(proposed(planted(0.05)), std::int64_t {4});
        QCOMPARE(proposed(planted(0.2)), std::int64_t {4});
        QVERIFY(std::abs(effectiveRank(planted(0.0).delta) - 4.0) < 0.2);
    }

    void aMap_isBoundedAndSays()
    {
        ModuleUpdate first = planted(0.0);
        ModuleUpdate second = planted(0.0);
        second.module.name = "other";
        second.rank = 2; // it had no more
        ModuleUpdate still = planted(0.0);
        still.module.name = "still";
        std::fill(still.delta.values.begin(), still.delta.values.end(), 0.0);
        still.delta.squaredNorm = 0.0;
        const StateUpdate state {40, "step 40, the last one", true, {first, second, still}};
        const RankMap map = ranksByUpdate(state);
        QCOMPARE(map.ranks.at("layer"), std::int64_t {4});
        QCOMPARE(map.ranks.at("other"), std::int64_t {2});
        QCOMPARE(map.ranks.at("still"), std::int64_t {1});
        QCOMPARE(map.parameters, std::int64_t {(4 + 2 + 1) * (96 + 64)});
        QCOMPARE(adapterParameters(state), std::int64_t {(32 + 2 + 32) * (96 + 64)});
        for (const char* word : {"90 %", "step 40, the last one", "ranks 1 to 4", "89 % fewer"}) {
            QVERIFY2(map.reason.find(word) != std::string::npos, map.reason.c_str());
        }
        QVERIFY(proposed(first, 1.0) >= 4);
        ModuleUpdate whole = first;
        whole.rank = 0;
        const auto error = test::errorOf([&] { proposed(whole); });
        QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
        QVERIFY(test::errorOf([&] { proposed(first, 1.5); }));
    }

    // Four positions count in all of the data, so that the gradient of a matrix has four directions of its inputs; with an epsilon
    // of 1 AdamW steps along the gradient itself. The last matrix alone trains: its inputs stay.
    void aTrainedTask_isFound()
    {
        const TinyPlace place;
        writeFourPositions(place / "four.safetensors");
        RunSpec spec = place.spec("lora");
        spec.batches = (place / "four.safetensors").string();
        spec.targets = {"model.layers.1.mlp.down_proj"};
        spec.rank = 32;
        spec.alpha = 32;
        spec.batchSize = 1;
        spec.learningRate = 0.5;
        spec.epsilon = 1.0;
        spec.steps = 30;
        const RunSummary run = place.train(spec, "run");
        const RunUpdate update = updateOfRun(run, {}, JobContext());
        const RankMap map = ranksByUpdate(update.usual());
        const std::int64_t rank = map.ranks.at("model.layers.1.mlp.down_proj");
        QVERIFY2(rank >= 2 && rank <= 5, std::to_string(rank).c_str());
        QVERIFY(ranksByUpdate(update.usual(), 0.999).ranks.begin()->second <= 8);

        // The map is one that the next run takes.
        const RankPatterns patterns = rankPatternsFromJson(rankMapJson(map).dump());
        RunSpec next = spec;
        next.patterns = patterns;
        const RunSummary smaller = place.train(next, "next");
        QCOMPARE(smaller.trainableParameters, map.parameters);
    }

private:
    // One row a batch of which four tokens are scored: the same row each time.
    static void writeFourPositions(const std::filesystem::path& file)
    {
        constexpr std::int64_t kLength = 8;
        constexpr std::int64_t kBatches = 2;
        std::vector<std::int64_t> ids;
        std::vector<std::int64_t> labels;
        for (std::int64_t b = 0; b < kBatches; ++b) {
            for (std::int64_t t = 0; t < kLength; ++t) {
                ids.push_back((7 * t + 3) % kTinyVocabulary);
                labels.push_back(t < kLength - 4 ? -100 : ids.back());
            }
        }
        std::vector<std::int64_t> mask(ids.size(), 1);
        SafetensorsWriter writer(file,
                                 {{"input_ids", DType::I64, {kBatches, 1, kLength}},
                                  {"labels", DType::I64, {kBatches, 1, kLength}},
                                  {"attention_mask", DType::I64, {kBatches, 1, kLength}}});
        for (const auto* values : {&ids, &labels, &mask}) {
            writer.append(values->data(), values->size() * sizeof(std::int64_t));
        }
        writer.commit();
    }
};

QTEST_GUILESS_MAIN(RankProposalTest)
#include "tst_rank_proposal.moc"
