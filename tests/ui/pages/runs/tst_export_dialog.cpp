// SPDX-License-Identifier: GPL-3.0-or-later
// The export of a run that was trained for real: the state that is chosen, what has none, Esc.
#include "tests/tools/patience.h"
#include "tests/ui/pages/runs/runs_page_bench.h"
#include "ui/pages/runs/runs_page.h"
#include "ui/services/services.h"

#include <QAbstractButton>
#include <QComboBox>
#include <QDialog>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QTest>

#include <filesystem>

using namespace pissarro;
using namespace pissarro::tests;
using namespace pissarro::ui;

namespace {

const QString kTinyModel = QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama");
const QString kDemoData = QStringLiteral(PISSARRO_SOURCE "/resources/demo/demo_train.jsonl");

} // namespace

class TestExportDialog : public RunsPageBench {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { beginTests("tst_export_dialog"); }
    void init() { beginTest(); }
    void cleanup() { endTest(); }

    // A run whose best step is not its last one leaves by the best, by another one where a person says so.
    void theStateToExport_isChosen()
    {
        if (!QDir(kTinyModel).exists()) {
            QSKIP("shared/golden is not there");
        }
        trainThreeSteps();
        makeBest(2);
        openExport();
        auto* state = child<QComboBox>("export.state");
        QTRY_VERIFY_WITH_TIMEOUT(state->isEnabled(), hangMs());
        QCOMPARE(state->currentText(), QStringLiteral("best, step 2 of 3"));
        QCOMPARE(state->count(), 3);
        QCOMPARE(state->itemText(1), QStringLiteral("last, step 3 of 3"));
        QCOMPARE(state->itemText(2), QStringLiteral("step 1 of 3"));
        const QByteArray best = exportTo(QStringLiteral("best"));
        QVERIFY2(child<QLabel>("export.line")->text().contains(QStringLiteral("best, step 2 of 3")),
                 qPrintable(child<QLabel>("export.line")->text()));
        state->setCurrentIndex(1);
        const QByteArray last = exportTo(QStringLiteral("last"));
        QVERIFY(last == adapterIn(folderOf("trained/adapter")));
        state->setCurrentIndex(2);
        const QByteArray first = exportTo(QStringLiteral("first"));
        QVERIFY(!best.isEmpty() && best != last && best != first && last != first);
        closeExport();
    }

    // Grey after an export, the button wakes while another folder is typed: a click on it could not leave the field.
    void anotherFolder_wakesTheButton_whileItIsTyped()
    {
        if (!QDir(kTinyModel).exists()) {
            QSKIP("shared/golden is not there");
        }
        trainThreeSteps();
        openExport();
        QTRY_VERIFY_WITH_TIMEOUT(child<QWidget>("export.state")->isEnabled(), hangMs());
        QVERIFY(!exportTo(QStringLiteral("one")).isEmpty());
        auto* start = child<QAbstractButton>("export.start");
        QVERIFY(!start->isEnabled());
        auto* field = child<QLineEdit>("export.folder");
        field->setFocus();
        field->clear();
        QTest::keyClicks(field, m_folder->filePath(QStringLiteral("two")));
        QVERIFY(start->isEnabled());
        QVERIFY(!child<QWidget>("export.open")->isVisible()); // it is of another folder
        QTest::mouseClick(start, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(child<QWidget>("export.open")->isVisible(), hangMs());
        QVERIFY(!adapterIn(m_folder->filePath(QStringLiteral("two"))).isEmpty());
        closeExport();
    }

    void whatHasNoState_isNotExported()
    {
        showThreeRuns();
        m_page->tree()->selectRun(0);
        openExport();
        auto* line = child<QLabel>("export.line");
        QTRY_VERIFY_WITH_TIMEOUT(line->text().contains(QStringLiteral("has no checkpoint")),
                                 hangMs());
        QVERIFY(!child<QAbstractButton>("export.start")->isEnabled());
        child<QAbstractButton>("export.form.merged")->click();
        QVERIFY(line->isVisible() && !child<QAbstractButton>("export.start")->isEnabled());
        const auto* dialog = child<QDialog>("dialog.export");
        const int least = dialog->minimumSizeHint().width();
        line->setText(QString(300, QLatin1Char('x'))); // a path may be as long
        QCOMPARE(dialog->minimumSizeHint().width(), least);
        closeExport();
    }

    void escAsks_beforeItDropsAnExport()
    {
        if (!QDir(kTinyModel).exists()) {
            QSKIP("shared/golden is not there");
        }
        trainThreeSteps();
        openExport();
        QTRY_VERIFY_WITH_TIMEOUT(child<QWidget>("export.state")->isEnabled(), hangMs());
        auto* dialog = child<QDialog>("dialog.export");
        child<QAbstractButton>("export.start")->click();
        dialog->reject(); // before the outcome can have come
        QVERIFY(dialog->isVisible());
        auto* question = child<QMessageBox>("drop.question");
        for (QAbstractButton* button : question->buttons()) {
            if (button->text() == QStringLiteral("Go on")) {
                button->click();
            }
        }
        QTRY_VERIFY_WITH_TIMEOUT(child<QWidget>("export.open")->isVisible(), hangMs());
        closeExport();
    }

private:
    static QByteArray adapterIn(const QString& folder)
    {
        QFile file(folder + QStringLiteral("/adapter_model.safetensors"));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    void trainThreeSteps()
    {
        core::RunSpec spec;
        spec.model = kTinyModel.toStdString();
        spec.data = kDemoData.toStdString();
        spec.rank = 4;
        spec.alpha = 4;
        spec.batchSize = 1;
        spec.maxLength = 256;
        spec.steps = 3;
        spec.learningRate = 1e-3;
        spec.schedule = core::Schedule::Constant;
        spec.warmupRatio = 0.0;
        spec.checkpointEvery = 1;
        spec.keepCheckpoints = 3;
        spec.dtype = core::BaseDType::Float32;
        m_bench->training.setTrainsInProcess(false);
        m_bench->training.start(spec, {}, folderOf("trained"), false);
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), hangMs());
        QTRY_COMPARE_WITH_TIMEOUT(rowCount(), 1, hangMs());
        m_page->tree()->selectRun(0);
        QTRY_VERIFY_WITH_TIMEOUT(child<QWidget>("runs.export")->isEnabled(), hangMs());
    }

    // As an evaluation leaves it that liked a step best.
    void makeBest(int step) const
    {
        const std::filesystem::path run = folderOf("trained").toStdString();
        std::filesystem::copy(run / "checkpoints" / ("step-" + std::to_string(step)), run / "best",
                              std::filesystem::copy_options::recursive);
    }

    void openExport()
    {
        trigger(QStringLiteral("Export…"));
        QVERIFY(m_page->findChild<QDialog*>(QStringLiteral("dialog.export")));
    }

    QByteArray exportTo(const QString& name)
    {
        auto* field = child<QLineEdit>("export.folder");
        const QString folder = m_folder->filePath(name);
        field->setText(folder);
        field->setModified(true);
        Q_EMIT field->editingFinished();
        child<QAbstractButton>("export.start")->click();
        const bool done = QTest::qWaitFor(
            [this] { return child<QWidget>("export.open")->isVisible(); }, hangMs());
        return done ? adapterIn(folder) : QByteArray();
    }

    void closeExport()
    {
        child<QAbstractButton>("export.close")->click();
        QTRY_VERIFY(m_page->findChild<QDialog*>(QStringLiteral("dialog.export")) == nullptr);
    }
};

QTEST_MAIN(TestExportDialog)
#include "tst_export_dialog.moc"
