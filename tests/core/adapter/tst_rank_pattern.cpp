// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/module_pattern.h"
#include "core/adapter/rank_pattern.h"
#include "core/base/error.h"
#include "core/train/run_spec.h"

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

    // A rank map made `pissarro` hang, deaf to signals: std::regex on such a key.
    void endsAHostileKeyAtOnce()
    {
        const RankPatterns patterns =
            rankPatternsFromJson("{\"rank_pattern\": {\"((([a-z_.0-9]|[a-z_.])+)+)[#!]\": 4}}");
        QVERIFY_THROWS_EXCEPTION(Error, checkRanks({moduleAt(0, "q_proj")}, 8, patterns));
    }

    // PEFT takes the first key of the file; a map in the order of its names cannot, and says so.
    void refusesKeysThatDisagree()
    {
        const std::vector<LinearModule> modules {moduleAt(0, "q_proj"), moduleAt(1, "q_proj")};
        const auto check = [&](const char* text) {
            checkRanks(modules, 8, rankPatternsFromJson(text));
        };
        const char* apart = R"({"rank_pattern": {"q_proj": 2, "layers.0.self_attn.q_proj": 6}})";
        const char* alike = R"({"rank_pattern": {"q_proj": 2, "layers.0.self_attn.q_proj": 2}})";
        const char* alphas =
            R"({"rank_pattern": {"q_proj": 2}, "alpha_pattern": {"q_proj": 2, "^model.layers.1.*q_proj": 6}})";
        QVERIFY_THROWS_EXCEPTION(Error, check(apart));
        QVERIFY_THROWS_EXCEPTION(Error, check(alphas));
        check(alike);
    }
};

QTEST_GUILESS_MAIN(TestRankPattern)
#include "tst_rank_pattern.moc"
