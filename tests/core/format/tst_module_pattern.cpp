// SPDX-License-Identifier: GPL-3.0-or-later
// Keys of rank_pattern and alpha_pattern: which modules one names, and values by key in their order.
#include "core/format/module_pattern.h"
#include "core/format/pattern_values.h"
#include "tests/core/file/test_files.h"

#include <QTest>

using namespace pissarro;
using namespace pissarro::core;

class TestModulePattern : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // re.match(rf"(.*\.)?({key})$", module), as PEFT asks; each row was asked of Python's re.
    void matches_asPeftDoes_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("module");
        QTest::addColumn<bool>("matches");
        const auto row = [](const char* key, const char* module, bool matches) {
            QTest::addRow("%s of %s", key, module) << QString(key) << QString(module) << matches;
        };
        const char* const query = "model.layers.1.self_attn.q_proj";
        row("q_proj", query, true);
        row("self_attn.q_proj", query, true);
        row(query, query, true);
        row("_proj", query, false); // begins behind a dot, or nowhere
        row("q_proj", "model.layers.1.self_attn.q_proj.extra", false);
        row("q_projx", query, false);
        row("layers.1.self_attn.q_proj", "model.layers.11.self_attn.q_proj", false);
        row(".*_proj", query, true);
        row("[qv]_proj", query, true);
        row("layers\\.[0-3]\\..*", query, true);
        row("q_proj|v_proj", query, true);
        row("(?i)Q_PROJ", query, true);
    }
    void matches_asPeftDoes()
    {
        QFETCH(QString, key);
        QFETCH(QString, module);
        QFETCH(bool, matches);
        const ModulePattern pattern(key.toStdString());
        QCOMPARE(pattern.key(), key.toStdString());
        QCOMPARE(pattern.matches(module.toStdString()), matches);
        QVERIFY(isModulePattern(key.toStdString()));
    }

    void refuses_whatPythonWould()
    {
        for (const char* key : {"(q_proj", "[q", "*q"}) {
            QVERIFY(!isModulePattern(key));
            const auto error = test::errorOf([&] { ModulePattern pattern(key); });
            QVERIFY(error && error->kind() == ErrorKind::Format);
            QVERIFY(std::string(error->what()).find(key) != std::string::npos);
        }
    }

    void values_keepTheOrderOfTheirKeys()
    {
        PatternValues<int> values {{"v_proj", 1}, {"model.layers.0.mlp.up_proj", 2}};
        values["model.layers.*"] = 3;
        values["v_proj"] = 4; // its own place
        QCOMPARE(values.size(), 3U);
        QCOMPARE(values.placeOf("v_proj"), 0U);
        QCOMPARE(values.at(0).second, 4);
        QCOMPARE(values.placeOf("model.layers.*"), 2U);
        QCOMPARE(values.placeOf("nowhere"), values.size());
        // Those that can name more than one module.
        const std::vector<std::size_t> wide {0, 2};
        QVERIFY(values.wide() == wide);
        values.eraseIf([](const auto& entry) { return entry.first == "v_proj"; });
        QCOMPARE(values.placeOf("model.layers.*"), 1U);
        QCOMPARE(values.wide().front(), 1U);
        const PatternValues<int> same {{"model.layers.0.mlp.up_proj", 2}, {"model.layers.*", 3}};
        const PatternValues<int> turned {{"model.layers.*", 3}, {"model.layers.0.mlp.up_proj", 2}};
        QVERIFY(values == same);
        QVERIFY(!(values == turned));
        values.clear();
        QVERIFY(values.empty() && values.wide().empty() && values.begin() == values.end());
    }

    void aWholeModulePath_namesOne()
    {
        QVERIFY(!namesMany("model.layers.0.mlp.up_proj"));
        QVERIFY(namesMany("up_proj"));
        QVERIFY(namesMany("model.layers.[01].mlp.up_proj"));
    }
};

QTEST_GUILESS_MAIN(TestModulePattern)
#include "tst_module_pattern.moc"
