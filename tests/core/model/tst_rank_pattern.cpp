// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/format/module_pattern.h"
#include "core/format/peft_config.h"
#include "core/model/rank_pattern.h"
#include "core/run/run_spec.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/patience.h"

#include <QtTest>

using namespace pissarro::core;

namespace {

LinearModule moduleAt(int layer, const char* type)
{
    LinearModule module;
    module.name = "model.layers." + std::to_string(layer) + ".self_attn." + type;
    module.rows = module.cols = 64;
    return module;
}

} // namespace

// What PEFT 0.21.2 does with the same keys: peft.utils.other.get_pattern_key.
class TestRankPattern : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void matchesAsPeft_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<bool>("matches");
        QTest::newRow("type") << "q_proj" << true;
        QTest::newRow("end") << "layers.1.self_attn.q_proj" << true;
        QTest::newRow("whole") << "model.layers.1.self_attn.q_proj" << true;
        QTest::newRow("half a name") << "proj" << false;
        QTest::newRow("beginning") << "model.layers.1" << false;
        QTest::newRow("longer") << "x.model.layers.1.self_attn.q_proj" << false;
        QTest::newRow("a dot stands for any character") << "self.attn.q.proj" << true;
        QTest::newRow("empty") << "" << false;
        QTest::newRow("anchored") << "^model.layers.1.self_attn.q_proj" << true;
        QTest::newRow("anchored end") << "^q_proj" << false;
        QTest::newRow("layers") << ".*\\.layers\\.[02]\\..*q_proj" << false;
        QTest::newRow("Python's own") << "(?P<which>q|v)_proj(?<!v_proj)" << true;
        QTest::newRow("flag") << "(?i)Q_PROJ" << true;
        QTest::newRow("a group of the key's own is the third") << "(self)_attn.q_proj" << true;
    }

    void matchesAsPeft()
    {
        QFETCH(QString, key);
        QTEST(ModulePattern(key.toStdString()).matches("model.layers.1.self_attn.q_proj"),
              "matches");
    }

    void refusesABrokenKey()
    {
        const char* map = R"({"rank_pattern": {"*": 4}})";
        const char* spec =
            "{\"model\": \"m\", \"data\": \"d\", \"rank_pattern\": {\"q_proj[\": 4}}";
        QVERIFY_THROWS_EXCEPTION(Error, ModulePattern("q_proj("));
        QVERIFY_THROWS_EXCEPTION(Error, rankPatternsFromJson(map));
        QVERIFY_THROWS_EXCEPTION(Error, specFromJson(spec));
        const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
        QVERIFY_THROWS_EXCEPTION(Error, rankPatternsFromJson("{\"rank_pattern\": " + deep + "}"));
    }

    void refusesAKeyThatStandsTwice()
    {
        for (const char* pattern : {"rank_pattern", "alpha_pattern"}) {
            const std::string map = std::string(R"({"rank_pattern": {"v_proj": 4, "q_proj": 4)")
                + (pattern == std::string("rank_pattern") ? R"(, "q_proj": 8})" : "}")
                + R"(, "alpha_pattern": {"k_proj": 1)"
                + (pattern == std::string("alpha_pattern") ? R"(, "k_proj": 2}})" : "}}");
            const auto error = pissarro::test::errorOf([&] { rankPatternsFromJson(map); });
            QVERIFY(error);
            QVERIFY2(std::string(error->what()).find("stands twice; keep one") != std::string::npos,
                     error->what());
        }
    }

    // A rank map made `pissarro` hang, deaf to signals: std::regex on such a key.
    void endsAHostileKeyAtOnce()
    {
        const RankPatterns patterns =
            rankPatternsFromJson("{\"rank_pattern\": {\"((([a-z_.0-9]|[a-z_.])+)+)[#!]\": 4}}");
        QVERIFY_THROWS_EXCEPTION(Error, checkRanks({moduleAt(0, "q_proj")}, 8, patterns));
    }

    // Made with PEFT 0.21.2: r and lora_alpha that LoraModel gives layers 0, 1 and 2 of LoraConfig(r=8, lora_alpha=16,
    // target_modules=["q_proj", "v_proj"]) with these patterns (tests/parity/rank_pattern_order.py).
    // As many matrices as a mixture of hundreds of experts has: looking through all keys for each would take minutes.
    void aMapOfEveryMatrix_costsWhatItHolds()
    {
        constexpr int kLayers = 60'000;
        std::string text = R"({"rank_pattern": {)";
        std::vector<LinearModule> modules;
        for (int layer = 0; layer < kLayers; ++layer) {
            modules.push_back(moduleAt(layer, "q_proj"));
            text += '"' + modules.back().name + "\": " + std::to_string(1 + layer % 7) + ", ";
        }
        text += R"("v_proj": 9}})";
        const pissarro::tests::CpuClock clock;
        const RankPatterns patterns = rankPatternsFromJson(text);
        QCOMPARE(patterns.ranks.size(), std::size_t {kLayers + 1});
        for (int layer = 0; layer < kLayers; ++layer) {
            QCOMPARE(rankAndAlphaOf(modules[layer].name, 16, 16.0, patterns).rank, 1 + layer % 7);
        }
        QVERIFY(overlapsOf(modules, patterns).empty());
        RunSpec spec;
        spec.patterns = patterns;
        QVERIFY(specFromJson(specToJson(spec)).patterns == patterns);
        QVERIFY2(clock.seconds() < pissarro::tests::kSoonS,
                 qPrintable(QString::number(clock.seconds())));
    }

    void takesTheFirstKeyAsPeft_data()
    {
        QTest::addColumn<QString>("map");
        QTest::addColumn<QList<int>>("ranks"); // of q_proj, then of v_proj
        QTest::addColumn<QList<double>>("alphas");
        QTest::newRow("type before layer")
            << R"({"rank_pattern": {"q_proj": 2, "layers.0.self_attn.q_proj": 6}})"
            << QList<int> {2, 2, 2, 8, 8, 8} << QList<double> {16, 16, 16, 16, 16, 16};
        QTest::newRow("layer before type")
            << R"({"rank_pattern": {"layers.0.self_attn.q_proj": 6, "q_proj": 2}})"
            << QList<int> {6, 2, 2, 8, 8, 8} << QList<double> {16, 16, 16, 16, 16, 16};
        QTest::newRow("type before a whole path")
            << R"({"rank_pattern": {"q_proj": 2, "model.layers.1.self_attn.q_proj": 5}})"
            << QList<int> {2, 2, 2, 8, 8, 8} << QList<double> {16, 16, 16, 16, 16, 16};
        QTest::newRow("a whole path before type")
            << R"({"rank_pattern": {"model.layers.1.self_attn.q_proj": 5, "q_proj": 2}})"
            << QList<int> {2, 5, 2, 8, 8, 8} << QList<double> {16, 16, 16, 16, 16, 16};
        QTest::newRow("an expression amid")
            << R"({"rank_pattern": {"layers.2.self_attn.v_proj": 3, ".*\\.[12]\\..*": 4, "v_proj": 7}})"
            << QList<int> {8, 4, 4, 7, 4, 3} << QList<double> {16, 16, 16, 16, 16, 16};
        QTest::newRow("alphas in an order of their own")
            << R"({"rank_pattern": {"z": 1, "q_proj": 2}, "alpha_pattern": {"q_proj": 4, "^model.layers.1.*": 6, "v_proj": 1}})"
            << QList<int> {2, 2, 2, 8, 8, 8} << QList<double> {4, 4, 4, 1, 6, 1};
    }

    void takesTheFirstKeyAsPeft()
    {
        QFETCH(QString, map);
        QFETCH(QList<int>, ranks);
        QFETCH(QList<double>, alphas);
        const RankPatterns patterns = rankPatternsFromJson(map.toStdString());
        RunSpec spec; // and as a run keeps them
        spec.model = "m";
        spec.data = "d";
        spec.patterns = patterns;
        QVERIFY(specFromJson(specToJson(spec)).patterns == patterns);
        const PeftConfig config = peftConfigFromJson(
            R"({"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q_proj", "v_proj"], )"
            + map.mid(1).toStdString()); // the same in a folder that is loaded
        for (const char* type : {"q_proj", "v_proj"}) {
            for (int layer = 0; layer < 3; ++layer) {
                const auto found = rankAndAlphaOf(moduleAt(layer, type).name, 8, 16.0, patterns);
                QCOMPARE(found.rank, ranks.first());
                QCOMPARE(found.alpha, alphas.first());
                QCOMPARE(config.rankOf(moduleAt(layer, type).name), ranks.takeFirst());
                QCOMPARE(config.alphaOf(moduleAt(layer, type).name), alphas.takeFirst());
            }
        }
    }

    // What a person may not have meant is said.
    void tellsOfKeysThatDisagree()
    {
        const std::vector<LinearModule> modules {moduleAt(0, "q_proj"), moduleAt(1, "q_proj")};
        const auto told = [&](const char* text) {
            return overlapsOf(modules, rankPatternsFromJson(text));
        };
        const auto apart =
            told(R"({"rank_pattern": {"q_proj": 2, "layers.0.self_attn.q_proj": 6}})");
        QCOMPARE(apart.size(), std::size_t {1});
        for (const char* part :
             {"rank_pattern: ", "both name model.layers.0.self_attn.q_proj; the"}) {
            QVERIFY2(apart[0].find(part) != std::string::npos, apart[0].c_str());
        }
        QVERIFY(told(R"({"rank_pattern": {"q_proj": 2, "layers.0.self_attn.q_proj": 2}})").empty());
        QCOMPARE(
            told(
                R"({"rank_pattern": {"q_proj": 2}, "alpha_pattern": {"q_proj": 2, "^model.layers.1.*q_proj": 6}})")
                .size(),
            std::size_t {1});
        checkRanks(modules, 8,
                   rankPatternsFromJson(
                       R"({"rank_pattern": {"q_proj": 2, "layers.0.self_attn.q_proj": 6}})"));
    }
};

QTEST_GUILESS_MAIN(TestRankPattern)
#include "tst_rank_pattern.moc"
