// SPDX-License-Identifier: GPL-3.0-or-later
// The filters of sampling against transformers' logits processors: golden/eval (scripts/make_eval_sampling.py of
// shared/golden; seed 0, copied whole). Probabilities are float32's there: 1e-5 of each.
#include "core/base/error.h"
#include "core/infer/sampler.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/golden_folder.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

using namespace pissarro;
using namespace pissarro::core;
using nlohmann::json;
using test::errorOf;

namespace {

float logitOf(const json& value)
{
    const std::string name = value.is_string() ? value.get<std::string>() : std::string();
    const float infinity = std::numeric_limits<float>::infinity();
    return name.empty()  ? value.get<float>()
        : name == "nan"  ? std::numeric_limits<float>::quiet_NaN()
        : name == "-inf" ? -infinity
                         : infinity;
}

std::vector<float> logitsOf(const json& one)
{
    std::vector<float> logits;
    for (const json& value : one.at("logits")) {
        logits.push_back(logitOf(value));
    }
    return logits;
}

Sampling settingsOf(const json& settings)
{
    Sampling how;
    const auto take = [&](const char* key, auto& value) {
        if (settings.contains(key) && !settings.at(key).is_null()) {
            settings.at(key).get_to(value);
        }
    };
    take("temperature", how.temperature);
    take("top_k", how.topK);
    take("top_p", how.topP);
    take("min_p", how.minP);
    take("repetition_penalty", how.repetitionPenalty);
    return how;
}

// Empty: as the peer has it.
std::string difference(const std::vector<TokenChance>& found, const json& one)
{
    std::vector<std::int32_t> ids;
    std::vector<double> probabilities;
    for (const TokenChance& chance : found) {
        ids.push_back(chance.id);
        probabilities.push_back(chance.probability);
    }
    auto wanted = one.at("probabilities").get<std::vector<double>>();
    const bool isTie = one.value("tie_at_cut", false); // which of equals stay is the sort's
    if (isTie) {
        std::sort(probabilities.begin(), probabilities.end());
        std::sort(wanted.begin(), wanted.end());
    } else if (ids != one.at("kept").get<std::vector<std::int32_t>>()) {
        return "other ids are kept";
    }
    if (probabilities.size() != wanted.size()) {
        return "another number is kept";
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        // What float32 has no number for is 0 there; ours are float64 of float32's logits.
        const double least = std::numeric_limits<float>::denorm_min();
        if (std::abs(probabilities[i] - wanted[i]) > 1e-5 * wanted[i] + least) {
            return "another probability";
        }
    }
    return {};
}

std::vector<float> someLogits(std::size_t count)
{
    std::vector<float> logits(count);
    for (std::size_t i = 0; i < count; ++i) {
        logits[i] = 5.0F * std::sin(12.9898F * static_cast<float>(i));
    }
    return logits;
}

} // namespace

class TestSampler : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void filters_areThoseOfTransformers()
    {
        const json file = json::parse(test::readBytes(tests::golden() / "eval" / "sampling.json"));
        int compared = 0;
        for (const json& one : file.at("cases")) {
            const Sampling how = settingsOf(one.at("settings"));
            const auto previous = one.at("previous").get<std::vector<std::int32_t>>();
            const std::unordered_set<std::int32_t> occurred(previous.begin(), previous.end());
            const std::vector<float> logits = logitsOf(one);
            const std::string name = one.dump();
            const auto refused = errorOf([&] { checkSampling(how); });
            QVERIFY2(refused.has_value() == one.contains("error"), name.c_str());
            if (refused) {
                QVERIFY(refused->kind() == ErrorKind::InvalidArgument);
                continue;
            }
            std::vector<TokenChance> found;
            const auto none = errorOf([&] { found = chancesOf(logits, how, occurred); });
            QVERIFY2(none.has_value() == one.at("probabilities").is_string(), name.c_str());
            if (none) {
                QVERIFY(none->kind() == ErrorKind::Numeric);
                continue;
            }
            const std::string other = difference(found, one);
            const auto few =
                std::abs(static_cast<int>(found.size()) - static_cast<int>(one.at("kept").size()));
            const bool isBoundary = one.value("boundary", false) && few <= 1;
            QVERIFY2(other.empty() || isBoundary, (other + ": " + name).c_str());
            Sampling greedy;
            greedy.greedy = true;
            QCOMPARE(Sampler(greedy, previous).next(logits), one.at("greedy").get<std::int32_t>());
            ++compared;
        }
        QVERIFY(compared > 100);
    }

    // What is drawn depends on the seed and on the place, not on what was asked between.
    void aSeed_drawsTheSame()
    {
        const std::vector<float> logits = someLogits(100);
        Sampling how;
        how.seed = 7;
        Sampler first(how, {});
        Sampler second(how, {});
        std::vector<std::int32_t> drawn;
        for (int i = 0; i < 50; ++i) {
            drawn.push_back(first.next(logits));
        }
        how.seed = 8;
        Sampler other(how, {});
        int same = 0;
        for (int i = 0; i < 50; ++i) {
            const std::int32_t id = other.next(logits);
            QCOMPARE(second.next(logits), drawn[static_cast<std::size_t>(i)]);
            same += id == drawn[static_cast<std::size_t>(i)] ? 1 : 0;
        }
        QVERIFY(same < 25);
    }

    // 40,000 draws lie within five standard deviations of what they should be, over seeds as over places.
    void draws_haveTheirFrequencies()
    {
        const std::vector<float> logits {0.0F, 1.0F, 2.0F, 3.0F};
        constexpr int kDraws = 40'000;
        const auto chances = chancesOf(logits, {}, {});
        for (const bool overSeeds : {true, false}) {
            std::vector<int> counts(logits.size());
            Sampler one({}, {});
            for (int i = 0; i < kDraws; ++i) {
                Sampling how;
                how.seed = static_cast<std::uint64_t>(i);
                const std::int32_t id =
                    overSeeds ? Sampler(how, {}).next(logits) : one.next(logits);
                ++counts[static_cast<std::size_t>(id)];
            }
            for (std::size_t i = 0; i < counts.size(); ++i) {
                const double p = chances[i].probability;
                const double deviation = std::sqrt(p * (1.0 - p) * kDraws);
                QVERIFY(std::abs(counts[i] - p * kDraws) < 5.0 * deviation);
            }
        }
    }

    // Top-p of a whole vocabulary, by halves, keeps what sorting it all keeps.
    void topP_ofManyTokens_isThatOfTheSorted()
    {
        const std::vector<float> logits = someLogits(49'152);
        for (const double topP : {0.1, 0.5, 0.9, 0.99}) {
            Sampling how;
            how.topP = topP;
            const auto kept = chancesOf(logits, how, {});
            auto all = chancesOf(logits, {}, {});
            std::sort(all.begin(), all.end(), [](const TokenChance& a, const TokenChance& b) {
                return a.probability > b.probability;
            });
            double sum = 0.0;
            std::size_t wanted = 0;
            while (sum < topP) {
                sum += all[wanted++].probability;
            }
            QVERIFY(std::abs(static_cast<double>(kept.size()) - static_cast<double>(wanted)) <= 1);
            const double total =
                std::accumulate(kept.begin(), kept.end(), 0.0,
                                [](double so, const TokenChance& c) { return so + c.probability; });
            QVERIFY(std::abs(total - 1.0) < 1e-9);
        }
    }

    void readings_areTheModels()
    {
        const std::vector<float> logits {0.0F, 2.0F, 1.0F, 2.0F};
        const TokenReading reading = readingOf(logits, 2, 3);
        const double log = std::log(1.0 + 2.0 * std::exp(2.0) + std::exp(1.0));
        QCOMPARE(reading.token.id, 2);
        QVERIFY(std::abs(reading.token.logProbability - (1.0 - log)) < 1e-12);
        QCOMPARE(reading.likeliest.size(), 3U);
        QCOMPARE(reading.likeliest[0].id, 1); // of equals the smaller
        QCOMPARE(reading.likeliest[1].id, 3);
        QCOMPARE(reading.likeliest[2].id, 2);
        QVERIFY(std::abs(reading.likeliest[0].logProbability - (2.0 - log)) < 1e-12);
        QCOMPARE(reading.rank, std::int64_t(3)); // behind both of the largest
        QCOMPARE(readingOf(logits, 3, 0).rank, std::int64_t(2)); // of equals behind the smaller
    }

    // Of several largest the first, wherever they stand in lanes of sixteen; a NaN is never overlooked.
    void likeliest_isTheFirst()
    {
        for (const std::size_t size : {1U, 5U, 16U, 17U, 40U}) {
            for (std::size_t place = 0; place < size; ++place) {
                std::vector<float> logits(size, -1.0F);
                logits[place] = 3.0F;
                logits[size - 1] = 3.0F;
                QCOMPARE(likeliestOf(logits), static_cast<std::int32_t>(place));
                logits[place] = std::numeric_limits<float>::quiet_NaN();
                QVERIFY(errorOf([&] { likeliestOf(logits); }).has_value());
            }
        }
    }

    // A penalty counts what was written as well as the prompt, also where the likeliest is taken.
    void aPenalty_remembers()
    {
        Sampling how;
        how.greedy = true;
        how.repetitionPenalty = 2.0;
        Sampler sampler(how, {0});
        const std::vector<float> logits {3.0F, 2.9F, 2.8F};
        QVERIFY(!sampler.isArgmax());
        QCOMPARE(sampler.next(logits), 1); // 0 stood in the prompt
        QCOMPARE(sampler.next(logits), 2);
        QCOMPARE(sampler.next(logits), 0); // all of them by now
    }
};

QTEST_GUILESS_MAIN(TestSampler)
#include "tst_sampler.moc"
