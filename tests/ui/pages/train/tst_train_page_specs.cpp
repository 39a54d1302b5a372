// SPDX-License-Identifier: GPL-3.0-or-later
// What the Train page saves, copies and takes from elsewhere: specs, commands, templates.
#include "core/file/atomic_file.h"
#include "core/run/run_directory.h"
#include "tests/ui/pages/train/train_page_bench.h"
#include "ui/pages/train/train_form.h"
#include "ui/services/services.h"
#include "ui/widgets/widget_export.h"

#include <QAbstractButton>
#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QProcess>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>
#include <QTextEdit>

using namespace pissarro;
using namespace pissarro::tests;
using namespace pissarro::ui;

class TestTrainPageSpecs : public TrainPageBench {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { beginTests("tst_train_page_specs"); }
    void init() { beginTest(); }
    void cleanup() { endTest(); }

    void copiesTheCommand()
    {
        openBoth();
        setUpRun(20);
        QTest::mouseClick(child<QAbstractButton>("train.copy"), Qt::LeftButton);
        const QString command = QGuiApplication::clipboard()->text();
        QVERIFY2(command.startsWith(QStringLiteral("pissarro-cli train --model ")),
                 qPrintable(command));
        QVERIFY(command.contains(QStringLiteral("--twin lora")));
        QVERIFY(command.contains(QStringLiteral("--steps 20")));
        QVERIFY(
            command.contains(QStringLiteral(" -o ") + m_folder->filePath(QStringLiteral("run"))));
        QCOMPARE(child<QAbstractButton>("train.copy")->text(), QStringLiteral("Copied ✓"));
    }

    void savesAndLoadsSpecs()
    {
        openBoth();
        setUpRun(20);
        child<QSpinBox>("train.rank")->setValue(5);
        const QString path = m_folder->filePath(QStringLiteral("spec.json"));
        const std::string saved = core::specToJson(m_page->form()->spec());
        QSignalSpy written(&SavedFiles::instance(), &SavedFiles::saved);
        m_page->saveSpec(path);
        QTRY_COMPARE_WITH_TIMEOUT(written.count(), 1, kPatienceMs);
        child<QSpinBox>("train.rank")->setValue(9);
        child<QLineEdit>("train.rate")->setText(QStringLiteral("1e-3"));
        m_page->loadSpec(path);
        QTRY_COMPARE_WITH_TIMEOUT(m_bench->ranks.rank(), 5, kPatienceMs);
        QCOMPARE(core::specToJson(m_page->form()->spec()), saved);

        QSignalSpy failed(m_page.get(), &Page::failed);
        const QString broken = m_folder->filePath(QStringLiteral("broken.json"));
        core::writeFileAtomically(broken.toStdString(), "{\"ranc\": 3}");
        m_page->loadSpec(broken);
        QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 1, kPatienceMs);
        const Failed failure = failed[0][0].value<Failed>();
        QCOMPARE(failure.file, broken);
        QVERIFY(failure.why.contains(QStringLiteral("broken.json"))
                && failure.why.contains(QStringLiteral("ranc")));
        m_page->saveSpec(QStringLiteral("/nowhere/at/all.json"));
        QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 2, kPatienceMs);
        QCOMPARE(core::specToJson(m_page->form()->spec()), saved); // nothing lost
    }

    // Filling the form from a run is a step that can be taken back, with its model, data and rank map.
    void aTemplate_canBeTakenBack()
    {
        openBoth();
        child<QSpinBox>("train.rank")->setValue(5);
        child<QLineEdit>("train.rate")->setText(QStringLiteral("3e-4"));
        m_page->form()->setTwins({});
        const core::RankMap map = mapOf(m_bench->model.files()->linearModules().front().name, 3);
        m_bench->ranks.setMap(map);
        const std::string before = core::specToJson(m_page->form()->spec());

        core::RunSpec other;
        other.model = m_bench->model.files()->path().string();
        other.data = m_folder->filePath(QStringLiteral("other.jsonl")).toStdString();
        QVERIFY(QFile::copy(kDemoData, QString::fromStdString(other.data)));
        other.rank = 7;
        other.warmupRatio = 0.0125;
        other.patterns.ranks = {{"q_proj", 2}};
        QSignalSpy told(m_page.get(), &Page::noticed);
        QSignalSpy over(m_page.get(), &Page::noticeOver);
        m_page->take(QVariant::fromValue(other)); // from another page
        QCOMPARE(told.count(), 1);
        const Notice notice = told[0][0].value<Notice>();
        QCOMPARE(notice.action, QStringLiteral("Undo"));
        QCOMPARE(notice.text, QStringLiteral("The run folder has a fresh name.")); // data are read
        QCOMPARE(core::specToJson(m_page->form()->spec()), core::specToJson(other));
        QCOMPARE(m_bench->data.path().toStdString(), other.data);
        over.clear();
        notice.act();
        QCOMPARE(over.value(0).value(0).toString(),
                 notice.headline); // «Undo» would take back another step
        QCOMPARE(core::specToJson(m_page->form()->spec()), before);
        QCOMPARE(m_bench->data.path(), kDemoData);
        QCOMPARE(m_bench->ranks.map().ranks, map.ranks);
        QVERIFY(m_page->form()->twins().isEmpty());
        m_bench->undoStack.redo();
        QCOMPARE(core::specToJson(m_page->form()->spec()), core::specToJson(other));
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.tokenized() != nullptr, kPatienceMs);
    }

    // A spec is trained on its own model and data or not at all: never on what happens to be open.
    void aSpecWhoseModelIsGone_isNotTrainedOnAnother()
    {
        openBoth();
        core::RunSpec gone = m_page->form()->spec();
        gone.model = "/nowhere/model";
        m_page->useAsTemplate(gone);
        QTRY_VERIFY2_WITH_TIMEOUT(
            m_page->form()->problem().contains(QStringLiteral("was not opened")),
            qPrintable(m_page->form()->problem()), kPatienceMs);
        QVERIFY(m_page->form()->problem().contains(QStringLiteral("/nowhere/model")));
        QVERIFY(!child<QAbstractButton>("train.start")->isEnabled());
        m_bench->model.open(kTinyModel); // a person's own choice
        QTRY_COMPARE_WITH_TIMEOUT(m_page->form()->problem(), QString(), kPatienceMs);
    }

    // What is said of model and data is so: nothing before they are open, or where they cannot be.
    void theNotice_saysThatModelAndDataAreOpen_whereTheyAre()
    {
        openBoth();
        const QString isOpen =
            QStringLiteral("Its model and data are open; the run folder has a fresh name.");
        QSignalSpy told(m_page.get(), &Page::noticed);
        core::RunSpec spec = m_page->form()->spec();
        m_page->useAsTemplate(spec);
        QCOMPARE(told.last()[0].value<Notice>().text, isOpen);
        spec.data = "/nowhere/rows.jsonl";
        m_page->useAsTemplate(spec);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.failure() != nullptr, kPatienceMs);
        m_page->useAsTemplate(spec); // the same again: they are known to be missing
        spec.model = "/nowhere/model";
        m_page->useAsTemplate(spec);
        QCOMPARE(told.count(), 4);
        for (int i = 1; i < 4; ++i) {
            QCOMPARE(told[i][0].value<Notice>().text,
                     QStringLiteral("The run folder has a fresh name."));
        }
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.failure() != nullptr, kPatienceMs);
    }

    // A row longer than the spec allows cannot be learned from: the card says so, and shows none of the rows before.
    void aSpecWhoseDataFail_leavesNoRowsOfTheFormBefore()
    {
        openBoth();
        const auto* count = child<QLabel>("train.sample.count");
        const auto* text = child<QTextEdit>("train.sample.text");
        QVERIFY(!count->text().isEmpty() && !text->toPlainText().isEmpty());
        core::RunSpec spec = m_page->form()->spec();
        spec.maxLength = 2;
        m_page->useAsTemplate(spec);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.failure() != nullptr, kPatienceMs);
        QCOMPARE(count->text(), QString());
        QCOMPARE(text->toPlainText(), QString());
        QCOMPARE(text->placeholderText(), m_bench->data.problem());
    }

    void aSpecOfBatches_isNotTrainedOnTheOpenFile()
    {
        openBoth();
        core::RunSpec spec = m_page->form()->spec();
        spec.data.clear();
        spec.batches = "ready.safetensors";
        m_page->useAsTemplate(spec);
        QCOMPARE(core::specToJson(m_page->form()->spec()), core::specToJson(spec));
    }

    // What a spec says of ranks survives the opening of its model.
    void aTemplateOfAnotherModel_keepsItsRankMap()
    {
        m_bench->ranks.setMap(mapOf("some.module", 4));
        core::RunSpec spec;
        spec.model = kTinyModel.toStdString();
        spec.data = kDemoData.toStdString();
        spec.rank = 6;
        spec.patterns.ranks = {{"q_proj", 2}};
        spec.slice = 0.5;
        m_page->useAsTemplate(spec);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files() != nullptr && m_bench->data.tokenized(),
                                 kPatienceMs);
        const core::RunSpec form = m_page->form()->spec();
        QVERIFY(form.patterns.ranks == spec.patterns.ranks);
        QCOMPARE(form.slice, 0.5);
        QCOMPARE(form.rank, std::int64_t(6));
    }

    // A rank map is too long for flags: the command brings the file that it needs.
    void theCommandOfARankMap_runsAsItStands()
    {
        openBoth();
        setUpRun(1);
        m_bench->ranks.setMap(mapOf(m_bench->model.files()->linearModules().front().name, 3));
        QTest::mouseClick(child<QAbstractButton>("train.copy"), Qt::LeftButton);
        QProcess shell;
        shell.setWorkingDirectory(m_folder->path());
        shell.start(QStringLiteral("sh"),
                    {QStringLiteral("-c"), QGuiApplication::clipboard()->text()});
        QVERIFY(shell.waitForFinished(kPatienceMs));
        QVERIFY2(shell.exitCode() == 0, shell.readAllStandardError());
        const core::RunSummary run =
            core::readRun(m_folder->filePath(QStringLiteral("run/pissa")).toStdString());
        QVERIFY(run.spec.patterns.ranks == m_page->form()->spec().patterns.ranks);
        QCOMPARE(run.state, core::RunState::Finished);
    }

    void theCopyButton_saysWhatIsMissing()
    {
        m_bench->model.open(kTinyModel);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files() != nullptr, kPatienceMs);
        const auto* copy = child<QAbstractButton>("train.copy");
        QVERIFY(!copy->isEnabled());
        QVERIFY2(copy->toolTip().contains(QStringLiteral("data file")),
                 qPrintable(copy->toolTip()));
    }
};

QTEST_MAIN(TestTrainPageSpecs)
#include "tst_train_page_specs.moc"
