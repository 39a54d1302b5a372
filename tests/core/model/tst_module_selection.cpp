// SPDX-License-Identifier: GPL-3.0-or-later
// Which modules a target names: globs, and what they find in a model.
#include "core/model/model_files.h"
#include "core/model/module_selection.h"
#include "tests/core/model/model_folders.h"

#include <QFile>
#include <QTest>

using namespace pissarro;
using core::ModelFiles;
using test::errorOf;
using test::kTiny;

namespace {

std::vector<std::string> namesOf(const std::vector<core::LinearModule>& modules)
{
    std::vector<std::string> out;
    for (const core::LinearModule& module : modules) {
        out.push_back(module.name);
    }
    return out;
}

} // namespace

class ModuleSelectionTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        if (!QFile::exists(QString::fromStdString(kTiny))) {
            QSKIP("shared/golden is not here");
        }
    }

    void matches_globs_data()
    {
        QTest::addColumn<QString>("glob");
        QTest::addColumn<bool>("matches");
        const auto row = [](const char* glob, bool matches) {
            QTest::newRow(glob) << glob << matches;
        };
        row("model.layers.14.self_attn.q_proj", true);
        row("*", true);
        row("*q_proj", true);
        row("*.self_attn.*", true);
        row("model.layers.1?.self_attn.q_proj", true);
        row("model.layers.?.self_attn.q_proj", false);
        row("*.{q,v}_proj", true);
        row("*.{k,v}_proj", false);
        row("*.{self_attn.{q,k},mlp.up}_proj", true);
        row("*.layers.{1,14}.*", true);
        row("*.layers.{1,4}.*", false);
        row("q_proj", false);
        row("", false);
        row("*{q_proj", false);
        row("*q_proj*{}", true);
        row("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*x", false);
    }

    void matches_globs()
    {
        QFETCH(QString, glob);
        QFETCH(bool, matches);
        QCOMPARE(core::globMatches(glob.toStdString(), "model.layers.14.self_attn.q_proj"),
                 matches);
    }

    void selects_modules()
    {
        const auto files = ModelFiles::open(kTiny + "llama");
        QCOMPARE(core::selectModules(*files, {}).size(), 21U);
        QCOMPARE(core::trySelectModules(*files, {}).modules.size(), 21U);
        QVERIFY(core::trySelectModules(*files, {"q_proj"}).problem.empty());
        QCOMPARE(namesOf(core::selectModules(*files, {"v_proj", "q_proj"})),
                 (std::vector<std::string> {
                     "model.layers.0.self_attn.q_proj", "model.layers.0.self_attn.v_proj",
                     "model.layers.1.self_attn.q_proj", "model.layers.1.self_attn.v_proj",
                     "model.layers.2.self_attn.q_proj", "model.layers.2.self_attn.v_proj"}));
        QCOMPARE(core::selectModules(*files, {"{q,k,v}_proj", "q_proj"}).size(), 9U);
        QCOMPARE(core::selectModules(*files, {"model.layers.1.*"}).size(), 7U);
        QCOMPARE(core::selectModules(*files, {"model.layers.{0,2}.mlp.*_proj"}).size(), 6U);
        for (const std::string& bad : {std::string("qq_proj"), std::string("*.4.*"), std::string(),
                                       std::string("lm_head")}) {
            const auto error = errorOf([&] { core::selectModules(*files, {"q_proj", bad}); });
            QVERIFY2(error && error->kind() == core::ErrorKind::InvalidArgument, bad.c_str());
            QVERIFY(QByteArray(error->what())
                        .contains("q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj"));
            const core::ModuleSelection tried = core::trySelectModules(*files, {"q_proj", bad});
            QVERIFY(tried.modules.empty());
            QCOMPARE(tried.problem, std::string(error->what()));
        }
        std::string explosive;
        for (int i = 0; i < 40; ++i) {
            explosive += "{a,b}";
        }
        QVERIFY(errorOf([&] { core::selectModules(*files, {explosive}); }));
        // Out of a stranger's run.json: a call deeper for each brace ended the program.
        const std::string deep = std::string(200'000, '{') + "q_proj" + std::string(200'000, '}');
        const auto refused = errorOf([&] { core::selectModules(*files, {deep}); });
        QVERIFY(refused && std::string(refused->what()).find("400006 bytes") != std::string::npos);
        QVERIFY(errorOf([&] { core::globMatches(deep, "q_proj"); }));
        QVERIFY(core::globMatches(std::string(2000, '{') + "q_proj" + std::string(2000, '}'),
                                  "q_proj"));
    }
};

QTEST_GUILESS_MAIN(ModuleSelectionTest)
#include "tst_module_selection.moc"
