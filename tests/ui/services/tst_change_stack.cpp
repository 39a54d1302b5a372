// SPDX-License-Identifier: GPL-3.0-or-later
// Ctrl+Z takes back the last change, whichever page made it.
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/pages/pages.h"
#include "ui/pages/train/train_form.h"
#include "ui/pages/train/train_page.h"
#include "ui/services/services.h"
#include "ui/shell/main_window.h"
#include "ui/shell/status_strip.h"

#include <QAbstractButton>
#include <QDir>
#include <QSettings>
#include <QSignalSpy>
#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

const QString kTinyModel = QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama");

class Step : public QUndoCommand {
public:
    explicit Step(int& done)
        : m_done(done)
    {
    }
    void undo() override { --m_done; }
    void redo() override { ++m_done; }

private:
    int& m_done;
};

std::int64_t rankOf(const core::RankMap& map, const std::string& module) // 0: there is no map
{
    return map.ranks.empty() ? 0 : map.ranks.at(module);
}

} // namespace

class TestChangeStack : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_change_stack"));
        QSettings().clear();
        Theme::instance().setMode(ThemeMode::Light);
    }

    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void stepsThatMeanNothing_costNoPress()
    {
        ChangeStack stack;
        int done = 0;
        QVector<Step*> steps;
        for (int i = 0; i < 5; ++i) {
            steps.append(new Step(done));
            stack.push(steps.last());
        }
        steps[4]->setObsolete(true);
        steps[2]->setObsolete(true);
        steps[1]->setObsolete(true);
        stack.dropObsolete();
        QCOMPARE(stack.count(), 4); // those whose turn it is
        stack.undo();
        QCOMPARE(done, 4);
        stack.undo(); // the first one, past two that are gone
        QCOMPARE(done, 3);
        QVERIFY(!stack.canUndo() && stack.canRedo());
        stack.redo();
        stack.redo();
        QCOMPARE(done, 5);
        QVERIFY(!stack.canRedo());
    }

    void theKey_takesBackTheLastChange_whicheverItWas()
    {
        if (!QDir(kTinyModel).exists()) {
            QSKIP("shared/golden is not there");
        }
        Services bench;
        MainWindow window(bench, allPages());
        window.show();
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window, hangMs()));
        QSignalSpy opened(&bench.model, &Model::opened);
        bench.model.open(kTinyModel);
        QVERIFY(opened.wait(hangMs()));
        const std::string module = bench.model.files()->linearModules().front().name;
        const auto setRank = [&](std::int64_t rank) {
            core::RankMap map;
            map.ranks[module] = rank;
            map.reason = "a rule";
            bench.ranks.setMap(map);
        };
        const auto rank = [&] { return rankOf(bench.ranks.map(), module); };
        const auto* form = window.findChild<TrainForm*>();
        auto* page = window.findChild<TrainPage*>();
        setRank(3);
        core::RunSpec other = form->spec();
        other.patterns = {};
        other.learningRate = 7e-4;
        page->useAsTemplate(other);
        QCOMPARE(rank(), std::int64_t {0});
        setRank(4);
        setRank(5);
        setRank(6); // dragged: one step with the one before
        window.showPage(QStringLiteral("model")); // whichever page is in sight
        const auto press = [&window](QKeySequence::StandardKey key) {
            const QKeyCombination keys = QKeySequence(key)[0]; // this platform's own
            QTest::keyClick(&window, keys.key(), keys.keyboardModifiers());
        };
        press(QKeySequence::Undo);
        QCOMPARE(rank(), std::int64_t {4});
        press(QKeySequence::Undo);
        QCOMPARE(rank(), std::int64_t {0});
        QCOMPARE(form->spec().learningRate, 7e-4);
        press(QKeySequence::Undo);
        QCOMPARE(rank(), std::int64_t {3}); // with the form
        QVERIFY(form->spec().learningRate != 7e-4);
        press(QKeySequence::Undo);
        QCOMPARE(rank(), std::int64_t {0});
        QVERIFY(!bench.undoStack.canUndo());
        press(QKeySequence::Redo);
        QCOMPARE(rank(), std::int64_t {3});
        press(QKeySequence::Redo);
        QCOMPARE(form->spec().learningRate, 7e-4);
        // Another model: what was done to the old one's matrices means nothing; the form can still be taken back.
        bench.model.open(QStringLiteral(PISSARRO_SHARED "/golden/tiny/qwen2"));
        QVERIFY(opened.wait(hangMs()));
        QVERIFY(bench.undoStack.canUndo());
        press(QKeySequence::Undo);
        QVERIFY(form->spec().learningRate != 7e-4);
        QVERIFY(!bench.undoStack.canUndo());
    }

    // What goes out of sight by a key is told in the strip, with the way back, until another step is the last.
    void whatIsTold_isTakenBackInTheStrip()
    {
        struct Step : QUndoCommand {
            explicit Step(int& done)
                : QUndoCommand(QStringLiteral("Archived a run"))
                , value(done)
            {
            }
            void redo() override { ++value; }
            void undo() override { --value; }
            int& value;
        };
        Services services;
        StatusStrip strip(services);
        strip.setVisible(true); // its own show() is another
        int done = 0;
        auto* undo = strip.findChild<QAbstractButton*>(QStringLiteral("status.undo"));
        QVERIFY(undo != nullptr && !undo->isVisible());
        services.undoStack.pushTold(new Step(done));
        QVERIFY(done == 1 && undo->isVisible());
        QVERIFY2(undo->text().startsWith(QStringLiteral("Archived a run")),
                 qPrintable(undo->text()));
        undo->click();
        QVERIFY(done == 0 && !undo->isVisible());
        services.undoStack.pushTold(new Step(done));
        QVERIFY(undo->isVisible());
        services.undoStack.push(new Step(done)); // one that says nothing
        QVERIFY(done == 2 && !undo->isVisible());
        services.undoStack.clear();
    }
};

QTEST_MAIN(TestChangeStack)
#include "tst_change_stack.moc"
