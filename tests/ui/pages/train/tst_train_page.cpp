// SPDX-License-Identifier: GPL-3.0-or-later
// The Train page on a real tiny model: data, a run with its twin by keyboard, pause and stop.
#include "core/base/error.h"
#include "core/file/atomic_file.h"
#include "core/run/run_directory.h"
#include "core/run/run_lock.h"
#include "core/train/memory_estimate.h"
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/pages/train/sample_card.h"
#include "ui/pages/train/train_form.h"
#include "ui/pages/train/train_page.h"
#include "ui/services/services.h"
#include "ui/views/loss_card.h"
#include "ui/widgets/widget_export.h"

#include <QAbstractButton>
#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QElapsedTimer>
#include <QFileInfo>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QProcess>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>
#include <QTextCursor>
#include <QTextDocument>
#include <QTextEdit>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <unistd.h>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

const QString kTinyModel = QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama");
const QString kDemoData = QStringLiteral(PISSARRO_SOURCE "/resources/demo/demo_train.jsonl");
const int kPatienceMs = hangMs();

core::RankMap mapOf(const std::string& module, std::int64_t rank)
{
    core::RankMap map;
    map.ranks[module] = rank;
    map.reason = "by hand";
    return map;
}

} // namespace

class TestTrainPage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_train_page"));
        QSettings().clear();
        const QString cli = QFileInfo(QStringLiteral(PISSARRO_CLI)).absolutePath();
        m_path = QFile::encodeName(cli) + ':' + qgetenv("PATH");
        Theme::instance().setMode(ThemeMode::Light);
        if (!QDir(kTinyModel).exists()) {
            QSKIP("shared/golden is not there");
        }
    }

    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        QSettings().clear();
        qputenv("PATH", m_path);
        qputenv("XDG_DATA_HOME", QFile::encodeName(m_folder->filePath(QStringLiteral("data"))));
        reopen();
    }

    void cleanup()
    {
        if (m_bench->training.isWatching()) { // a failed test leaves no trainer behind
            ::kill(static_cast<pid_t>(m_bench->training.process()), SIGKILL);
        }
        m_page.reset();
        m_bench.reset();
        m_folder.reset();
        QCOMPARE(tests::WarningTrap::take(), QStringList());
    }

    void showsWhatTheLossSees()
    {
        openBoth();
        const auto tokenized = m_bench->data.tokenized();
        const core::Example& example = tokenized->examples.front();
        const SampleText sample = sampleText(example, *m_bench->model.tokenizer());
        QVERIFY(sample.prompt.endsWith(QStringLiteral("### Response:")));
        QVERIFY2(sample.response.startsWith(QStringLiteral("The notebooks cost")),
                 qPrintable(sample.response));
        QVERIFY(sample.endsWithEos);
        QCOMPARE(sample.lossTokens, example.lossTokens());

        auto* text = child<QTextEdit>("train.sample.text");
        QVERIFY(text->toPlainText().contains(QStringLiteral("‹eos›")));
        QVERIFY(child<QLabel>("train.sample.count")
                    ->text()
                    .contains(QStringLiteral("%1 count").arg(example.lossTokens())));
        const QString first = text->toPlainText();
        text->setFocus();
        QTest::keyClick(text, Qt::Key_PageDown);
        QVERIFY(text->toPlainText() != first);
        QTest::mouseClick(child<QAbstractButton>("train.sample.previous"), Qt::LeftButton);
        QCOMPARE(text->toPlainText(), first);
        QVERIFY(!child<QAbstractButton>("train.sample.previous")->isEnabled());
    }

    void trainsWithItsTwinByKeyboardAndStops()
    {
        openBoth();
        setUpRun(5000);
        choose("train.process.0"); // in this window
        QTest::keyClick(m_page.get(), Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->training.isRunning(), kPatienceMs);
        QVERIFY(child<QAbstractButton>("train.start")->isEnabled()); // of a run that waits
        QTRY_VERIFY_WITH_TIMEOUT(steps(0) >= 3 && steps(1) >= 3, kPatienceMs);
        QTRY_VERIFY(m_page->lossCard()->plot()->pointCount() >= 12); // raw and smoothed of both

        auto* pause = child<QAbstractButton>("train.pause");
        QTest::mouseClick(pause, Qt::LeftButton);
        QCOMPARE(pause->text(), QStringLiteral("Resume"));
        // The micro-batch in work ends first, which takes its time on a busy machine.
        auto before = steps(0) + steps(1);
        QElapsedTimer still;
        still.start();
        QElapsedTimer patience;
        patience.start();
        while (still.elapsed() < 1500 && patience.elapsed() < kPatienceMs) {
            QTest::qWait(50);
            if (steps(0) + steps(1) != before) {
                before = steps(0) + steps(1);
                still.restart();
            }
        }
        QVERIFY2(still.elapsed() >= 1500, "it never paused");
        QTest::mouseClick(pause, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(steps(0) + steps(1) > before, kPatienceMs);

        QTest::mouseClick(child<QAbstractButton>("train.stop"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), kPatienceMs);
        for (const char* method : {"pissa", "lora"}) {
            const QString folder =
                m_folder->filePath(QStringLiteral("run/") + QLatin1String(method));
            QVERIFY(QFile::exists(folder + QStringLiteral("/adapter/adapter_config.json")));
            QVERIFY(core::readRun(folder.toStdString()).state == core::RunState::Stopped);
        }
        QVERIFY(child<QLabel>("train.outcome")->text().contains(QStringLiteral("Stopped")));
        QVERIFY2(child<QLabel>("train.stepZero")->text().contains(QStringLiteral("✓")),
                 qPrintable(child<QLabel>("train.stepZero")->text()));
        QVERIFY(child<QAbstractButton>("train.start")->isEnabled()); // a fresh folder is proposed
        const auto& records = m_bench->training.series();
        QCOMPARE(records[0].first().batchHash, records[1].first().batchHash);
    }

    void aRunOfItsOwnProcess_outlivesTheWindow()
    {
        openBoth();
        setUpRun(1'000'000);
        trainInItsOwnProcess();
        const qint64 process = m_bench->training.process();
        QVERIFY(process > 0 && process != QCoreApplication::applicationPid());
        QVERIFY2(outcome().contains(QString::number(process)), qPrintable(outcome()));

        reopen(); // the window goes, the run does not
        QVERIFY(m_page->form()->trainsInProcess()); // remembered
        m_bench->training.attachToUnfinished();
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->training.isWatching() && steps(1) > 3, kPatienceMs);
        QTRY_COMPARE(m_bench->training.process(), process);
        QCOMPARE(m_bench->training.directory(), m_folder->filePath(QStringLiteral("run")));
        QCOMPARE(m_bench->training.runs().size(), qsizetype {2});
        QCOMPARE(m_bench->training.runs()[0].spec.method, core::methodNamed("pissa"));
        QCOMPARE(m_bench->training.series()[0].first().step,
                 1); // the whole curve, not only its end
        QVERIFY(!child<QAbstractButton>("train.start")->isEnabled());

        QTest::mouseClick(child<QAbstractButton>("train.pause"), Qt::LeftButton);
        QTest::qWait(1000); // the order, the step in work, the next looks
        const auto held = steps(1);
        QTest::qWait(1000);
        QCOMPARE(steps(1), held);
        QTest::mouseClick(child<QAbstractButton>("train.leave"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), kPatienceMs);
        QVERIFY2(outcome().contains(QStringLiteral("Goes on")), qPrintable(outcome()));

        m_bench->training.watch(m_folder->filePath(QStringLiteral("run")));
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->training.isPaused(), kPatienceMs); // as it was left
        QTRY_COMPARE(child<QAbstractButton>("train.pause")->text(), QStringLiteral("Resume"));
        QTest::mouseClick(child<QAbstractButton>("train.pause"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(steps(1) > held, kPatienceMs);
        QTest::mouseClick(child<QAbstractButton>("train.stop"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), kPatienceMs);
        for (const core::RunSummary& run : m_bench->training.runs()) {
            QCOMPARE(run.state, core::RunState::Stopped);
            QVERIFY(std::filesystem::exists(run.directory / "adapter" / "adapter_config.json"));
        }
    }

    void aRunWhoseProcessIsKilled_isResumedFromItsCard()
    {
        openBoth();
        setUpRun(200);
        child<QSpinBox>("train.checkpointEvery")->setValue(1);
        trainInItsOwnProcess();
        ::kill(static_cast<pid_t>(m_bench->training.process()), SIGKILL);
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), kPatienceMs);
        QVERIFY2(outcome().contains(QStringLiteral("Interrupted")), qPrintable(outcome()));

        reopen(); // a start of the program shows it, with the way to go on
        m_bench->training.attachToUnfinished();
        QTRY_COMPARE_WITH_TIMEOUT(m_bench->training.runs().size(), qsizetype {2}, kPatienceMs);
        const auto before = steps(0);
        QVERIFY(before > 0);
        QTest::mouseClick(child<QAbstractButton>("train.resume"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), kPatienceMs);
        QCOMPARE(m_bench->training.runs()[0].state, core::RunState::Finished);
        QCOMPARE(steps(0), qsizetype {200});
        QCOMPARE(steps(1), qsizetype {200});
    }

    void aProcessThatCannotBegin_saysWhy()
    {
        openBoth();
        setUpRun(5);
        QVERIFY(QDir().mkpath(m_folder->filePath(QStringLiteral("run/pissa"))));
        core::writeFileAtomically(
            m_folder->filePath(QStringLiteral("run/pissa/metrics.jsonl")).toStdString(),
            "{\"step\": 1}\n");
        m_bench->training.start(m_page->form()->spec(), m_page->form()->twins(),
                                m_folder->filePath(QStringLiteral("run")), false);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->training.failure() != nullptr, kPatienceMs);
        const QString why = m_bench->training.failure()->why;
        QVERIFY2(why.contains(QStringLiteral("already holds a run")), qPrintable(why));
        QVERIFY(!m_bench->training.isRunning());
    }

    void itsOwnProcess_isTheDefault_andTheFormSaysWhatACrashCosts()
    {
        QVERIFY(m_bench->training.trainsInProcess() && m_page->form()->trainsInProcess());
        openBoth();
        const auto said = [this](const QString& part) {
            const QList<QLabel*> labels = m_page->form()->findChildren<QLabel*>();
            return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) {
                return label->isVisible() && label->text().contains(part);
            });
        };
        QVERIFY(said(QStringLiteral("Goes on when this window closes")));
        QVERIFY(said(QStringLiteral("costs at most 15 min.")));
        child<QSpinBox>("train.checkpointEvery")->setValue(50);
        QVERIFY(said(QStringLiteral("costs at most 15 min or 50 steps")));
        choose("train.process.0");
        QVERIFY(said(QStringLiteral("Ends with this window")));
        QVERIFY(!m_bench->training.trainsInProcess());
        reopen();
        QVERIFY(!m_page->form()->trainsInProcess()); // chosen: remembered
    }

    // Whatever the pages show: only a person's choice is written down.
    void aMissingProgram_doesNotForgetTheChoice()
    {
        choose("train.process.0");
        choose("train.process.1");
        qputenv("PATH", "/nowhere");
        reopen();
        QTRY_VERIFY_WITH_TIMEOUT(!m_page->form()->trainsInProcess(),
                                 kPatienceMs); // when it is known
        QVERIFY(!child<QAbstractButton>("train.process.1")->isEnabled());
        child<QSpinBox>("train.rank")->setValue(9);
        m_page->form()->refresh();
        qputenv("PATH", m_path);
        reopen();
        QVERIFY(m_page->form()->trainsInProcess());
    }

    // A run that was killed before its first checkpoint: the button says that it would begin anew, and what there is of the
    // run stays.
    void withoutACheckpoint_itBeginsAnew_inAnotherFolder()
    {
        openBoth();
        setUpRun(100'000);
        trainInItsOwnProcess();
        ::kill(static_cast<pid_t>(m_bench->training.process()), SIGKILL);
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), kPatienceMs);
        auto* button = child<QAbstractButton>("train.resume");
        QTRY_COMPARE_WITH_TIMEOUT(button->text(), QStringLiteral("Begin anew"), kPatienceMs);
        QVERIFY2(outcome().startsWith(QStringLiteral("Interrupted at step ")),
                 qPrintable(outcome()));
        QTRY_VERIFY_WITH_TIMEOUT(outcome().contains(QStringLiteral("no checkpoint")),
                                 kPatienceMs); // the folder is looked at beside
        const std::string metrics =
            m_folder->filePath(QStringLiteral("run/pissa/metrics.jsonl")).toStdString();
        const std::string before = core::readWholeFile(metrics, 1 << 24);
        QTest::mouseClick(button, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->training.isRunning() && steps(0) > 0, kPatienceMs);
        QVERIFY(m_bench->training.directory() != m_folder->filePath(QStringLiteral("run")));
        QCOMPARE(core::readWholeFile(metrics, 1 << 24), before);
        m_bench->training.stop();
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), kPatienceMs);
    }

    // A run of another window is shown on the Runs page and left alone; watched on purpose, orders to it are asked about.
    void aRunOfAnotherWindow_isNotTakenOver()
    {
        openBoth();
        setUpRun(1'000'000);
        trainInItsOwnProcess();
        const qint64 process = m_bench->training.process();
        QSettings().setValue(QStringLiteral("train/lastWindow"),
                             static_cast<qlonglong>(::getppid()));
        reopen(); // as a second window, while the first one lives
        m_bench->library.addFolder(m_folder->path());
        m_bench->training.attachToUnfinished();
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->library.runs().size() == 2, kPatienceMs);
        QTest::qWait(50);
        QVERIFY(!m_bench->training.isRunning());

        openBoth();
        m_bench->training.watch(m_folder->filePath(QStringLiteral("run")));
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->training.isWatching() && !m_bench->training.isPreparing(),
                                 kPatienceMs);
        QVERIFY(m_bench->training.isForeign());
        QTRY_COMPARE(m_bench->training.process(), process);
        QVERIFY(child<QAbstractButton>("train.start")->isEnabled()); // one's own stays usable
        QStringList asked;
        bool agree = false;
        m_page->setOrderAsker([&](const QString& question, const std::function<void()>& yes) {
            asked << question;
            agree ? yes() : void();
        });
        QTest::mouseClick(child<QAbstractButton>("train.stop"), Qt::LeftButton);
        QCOMPARE(asked.size(), 1);
        QVERIFY2(asked[0].startsWith(QStringLiteral("Stop the run run?"))
                     && asked[0].contains(QString::number(process)),
                 qPrintable(asked[0]));
        QVERIFY(!m_bench->training.isStopping());

        setUpRun(3, QStringLiteral("mine")); // leaves the other, which goes on
        QTest::mouseClick(child<QAbstractButton>("train.start"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), kPatienceMs);
        QCOMPARE(m_bench->training.runs()[0].state, core::RunState::Finished);
        QCOMPARE(m_bench->training.runs()[0].directory.parent_path().filename().string(),
                 std::string("mine"));
        QVERIFY(core::processLives(process));

        m_bench->training.watch(m_folder->filePath(QStringLiteral("run")));
        QTRY_VERIFY_WITH_TIMEOUT(
            m_bench->training.isWatching() && m_bench->training.process() == process, kPatienceMs);
        agree = true;
        QTest::mouseClick(child<QAbstractButton>("train.stop"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), kPatienceMs);
        QCOMPARE(m_bench->training.runs()[0].state, core::RunState::Stopped);
    }

    // Beside the curves stands what they were trained with, whatever the form for the next run holds.
    void theRunsOwnSettings_standBesideItsCurves()
    {
        openBoth();
        setUpRun(5);
        child<QLineEdit>("train.rate")->setText(QStringLiteral("3e-4"));
        QTest::mouseClick(child<QAbstractButton>("train.start"), Qt::LeftButton);
        child<QLineEdit>("train.rate")->setText(QStringLiteral("1e-5"));
        child<QSpinBox>("train.rank")->setValue(9);
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning() && steps(0) == 5, kPatienceMs);
        reopen(); // with another form altogether
        m_bench->training.watch(m_folder->filePath(QStringLiteral("run")));
        QTRY_VERIFY_WITH_TIMEOUT(
            !m_bench->training.isRunning() && !m_bench->training.runs().isEmpty(), kPatienceMs);
        const QString facts = child<QLabel>("train.run")->text();
        const auto precision = core::resolvedDType(core::BaseDType::Auto, "cpu");
        for (const std::string_view part :
             {std::string_view("llama"), std::string_view("demo_train.jsonl"),
              std::string_view("rate 3e-4"), std::string_view("rank 4"),
              std::string_view("500 tokens"), core::dtypeTitle(precision)}) {
            QVERIFY2(facts.contains(QLatin1String(part.data(), static_cast<int>(part.size()))),
                     qPrintable(facts));
        }
    }

    void theProposedFolder_isRenewedAtThePress()
    {
        openBoth();
        setUpRun(2);
        m_page->form()->proposeRunDirectory();
        const QString proposed = m_page->form()->runDirectory();
        QVERIFY(QDir().mkpath(proposed)); // taken meanwhile, by a copied command
        QTest::mouseClick(child<QAbstractButton>("train.start"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning() && steps(0) == 2, kPatienceMs);
        QCOMPARE(m_bench->training.directory(), proposed + QStringLiteral("-2"));
    }

    void goodData_afterABrokenFile_healTheForm()
    {
        openBoth();
        const QString broken = m_folder->filePath(QStringLiteral("broken.jsonl"));
        core::writeFileAtomically(broken.toStdString(), "not json\n");
        m_bench->data.open(broken);
        QTRY_VERIFY_WITH_TIMEOUT(
            m_page->form()->problem().contains(QStringLiteral("could not be read")), kPatienceMs);
        m_bench->data.open(kDemoData); // dropped, or by the menu
        QTRY_COMPARE_WITH_TIMEOUT(m_page->form()->problem(), QString(), kPatienceMs);
        QVERIFY(child<QAbstractButton>("train.start")->isEnabled());
        m_bench->comparison.start(QStringLiteral("/nowhere/tuned"), 4);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->comparison.failure() != nullptr, kPatienceMs);
        QCOMPARE(m_page->form()->problem(), QString()); // not the data's
    }

    void aModelWithoutTokenizer_saysSo_insteadOfReadingForEver()
    {
        const QString bare = m_folder->filePath(QStringLiteral("bare"));
        QVERIFY(QDir().mkpath(bare));
        for (const char* name : {"config.json", "model.safetensors"}) {
            QVERIFY(QFile::copy(kTinyModel + QLatin1Char('/') + QLatin1String(name),
                                bare + QLatin1Char('/') + QLatin1String(name)));
        }
        m_bench->data.open(kDemoData);
        m_bench->model.open(bare);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files() && m_bench->data.file(), kPatienceMs);
        QTRY_VERIFY2_WITH_TIMEOUT(m_page->form()->problem().contains(QStringLiteral("tokenizer")),
                                  qPrintable(m_page->form()->problem()), kPatienceMs);
        QVERIFY(!child<QAbstractButton>("train.start")->isEnabled());
    }

    // What core counts of a file and the command line prints stands at the data's field.
    void whatIsLeftOutOfTheData_isCounted()
    {
        openBoth();
        auto* notes = child<QPushButton>("train.dataNotes");
        QVERIFY2(notes->isHidden(), qPrintable(notes->accessibleDescription()));
        nlohmann::ordered_json row {
            {"question", "How much?"}, {"answer", "Ten."}, {"why", "it was so said"}};
        std::string rows = row.dump() + "\n" + row.dump() + "\n" + row.dump() + "\n";
        row.erase("why");
        row["question"] = std::string(4000, 'q'); // more than the longest row
        rows += row.dump() + "\n";
        const QString path = m_folder->filePath(QStringLiteral("rows.jsonl"));
        core::writeFileAtomically(path.toStdString(), rows);
        m_bench->data.open(path);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.tokenized() && notes->isVisible(), kPatienceMs);
        QVERIFY2(notes->text().contains(QStringLiteral("2 notes")), qPrintable(notes->text()));
        notes->click();
        const QString said = child<QLabel>("train.dataNotesText")->text();
        QVERIFY2(said.contains(QStringLiteral("'why' holds text in 3 rows and is not used")),
                 qPrintable(said));
        QVERIFY2(said.contains(QStringLiteral("1 of 4 rows left out")), qPrintable(said));
        m_bench->data.open(kDemoData);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.tokenized() && notes->isHidden(), kPatienceMs);
    }

    // The page shows the tokens of the template that the form says, and follows a model's.
    void theChosenTemplate_isWhatIsShown()
    {
        openBoth();
        const auto shown = [this] { return child<QTextEdit>("train.sample.text")->toPlainText(); };
        QVERIFY(shown().contains(QStringLiteral("### Instruction")));
        choose("train.prompt.2"); // plain
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.tokenized()
                                     && !shown().contains(QStringLiteral("### Instruction")),
                                 kPatienceMs);
        choose("train.prompt.1"); // this model has no chat template
        QTRY_VERIFY2_WITH_TIMEOUT(m_page->form()->problem().contains(QStringLiteral("chat")),
                                  qPrintable(m_page->form()->problem()), kPatienceMs);
        QVERIFY(!child<QAbstractButton>("train.start")->isEnabled());

        m_bench->model.open(chattyModel());
        QTRY_VERIFY2_WITH_TIMEOUT(m_bench->data.tokenized() && m_page->form()->problem().isEmpty(),
                                  qPrintable(m_page->form()->problem()), kPatienceMs);
        QTRY_VERIFY2_WITH_TIMEOUT(shown().contains(QStringLiteral("[user]")), qPrintable(shown()),
                                  kPatienceMs);
        // A conversation of two answers: what is learned is tinted, and not what stands between.
        const QString talk = m_folder->filePath(QStringLiteral("talk.jsonl"));
        core::writeFileAtomically(
            talk.toStdString(),
            "{\"messages\": [{\"role\": \"user\", \"content\": \"one\"}, "
            "{\"role\": \"assistant\", \"content\": \"two\", \"train\": true}, "
            "{\"role\": \"user\", \"content\": \"three\"}, "
            "{\"role\": \"assistant\", \"content\": \"four\", \"train\": true}]}\n");
        m_bench->data.open(talk);
        QTRY_VERIFY_WITH_TIMEOUT(shown().contains(QStringLiteral("three")), kPatienceMs);
        const SampleText sample =
            sampleText(m_bench->data.tokenized()->examples.front(), *m_bench->model.tokenizer());
        QCOMPARE(sample.parts.size(), 4);
        for (int i = 0; i < 4; ++i) {
            QCOMPARE(sample.parts[i].counted, i % 2 == 1);
        }
        QVERIFY2(sample.parts[1].text.startsWith(QStringLiteral("two"))
                     && sample.parts[2].text.contains(QStringLiteral("three")),
                 qPrintable(sample.parts[1].text + sample.parts[2].text));
        QTextCursor cursor =
            child<QTextEdit>("train.sample.text")->document()->find(QStringLiteral("three"));
        QCOMPARE(cursor.charFormat().background().style(), Qt::NoBrush);
        cursor = child<QTextEdit>("train.sample.text")->document()->find(QStringLiteral("four"));
        QCOMPARE(cursor.charFormat().background().style(), Qt::SolidPattern);

        core::RunSpec spec = m_page->form()->spec(); // a spec's template is taken with it
        QCOMPARE(spec.promptTemplate, core::PromptTemplate::Chat);
        spec.promptTemplate = core::PromptTemplate::Alpaca;
        m_page->useAsTemplate(spec);
        QTRY_VERIFY_WITH_TIMEOUT(shown().contains(QStringLiteral("### Instruction")), kPatienceMs);
    }

    // What the window holds is no part of a run that has a process of its own.
    void theProgramsMemory_isTheRunsOwn()
    {
        openBoth();
        const core::RunSpec spec = m_page->form()->spec();
        const auto bare =
            core::estimateMemory(*m_bench->model.files(), spec, {core::methodNamed("lora")}, 512);
        m_bench->training.setTrainsInProcess(true);
        QCOMPARE(m_bench->training.memoryEstimate(spec, {core::methodNamed("lora")}).fixed,
                 bare.fixed);
        m_bench->training.setTrainsInProcess(false);
        QVERIFY(m_bench->training.memoryEstimate(spec, {core::methodNamed("lora")}).fixed
                >= bare.fixed);
    }

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
        QVERIFY(command.endsWith(m_folder->filePath(QStringLiteral("run"))));
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

    void saysThatDataCouldNotBeRead()
    {
        openBoth();
        const QString broken = m_folder->filePath(QStringLiteral("broken.jsonl"));
        core::writeFileAtomically(broken.toStdString(), "not json\n");
        m_bench->data.open(broken);
        QTRY_VERIFY(m_bench->data.failure() != nullptr);
        QVERIFY(!child<QAbstractButton>("train.start")->isEnabled());
        QVERIFY2(m_page->form()->problem().contains(QStringLiteral("could not be read")),
                 qPrintable(m_page->form()->problem()));
    }

    // The page asks for what is next and offers what it is told, once a run came to its end.
    void theNextSteps_areOffered()
    {
        openBoth();
        connect(m_page.get(), &Page::nextStepsWanted, m_page.get(), [this] {
            m_page->showNextSteps({{QStringLiteral("Look"), {}, 7, QStringLiteral("spectrum")}});
        });
        QSignalSpy gone(m_page.get(), &Page::go);
        child<QLineEdit>("train.length")->setText(QStringLiteral("3"));
        child<QComboBox>("train.lengthUnit")->setCurrentIndex(1);
        choose("train.process.0"); // in this window
        QTest::keyClick(m_page.get(), Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->training.isRunning(), kPatienceMs);
        QVERIFY(!child<QWidget>("train.next")->isVisible());
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), kPatienceMs);
        QTRY_VERIFY(child<QWidget>("train.next")->isVisible());
        child<QAbstractButton>("train.next.0")->click();
        QCOMPARE(gone.last().at(0).toString(), QStringLiteral("spectrum"));
        QCOMPARE(gone.last().at(1).value<QVariant>(), QVariant(7));
    }

    void theRankIsSharedWithTheSpectrumPage()
    {
        openBoth();
        m_bench->ranks.setRank(6);
        QCOMPARE(child<QSpinBox>("train.rank")->value(), 6);
        child<QSpinBox>("train.rank")->setValue(7);
        QCOMPARE(m_bench->ranks.rank(), 7);
    }

    void everyControlHasAName_data()
    {
        QTest::addColumn<bool>("advanced");
        QTest::newRow("basic") << false;
        QTest::newRow("advanced") << true;
    }

    void everyControlHasAName()
    {
        QFETCH(bool, advanced);
        openBoth();
        child<QAbstractButton>("train.advanced")->setChecked(advanced);
        for (const QWidget* widget : m_page->findChildren<QWidget*>()) {
            const bool internal = widget->objectName().startsWith(QStringLiteral("qt_"));
            const bool partOfAField = qobject_cast<QAbstractSpinBox*>(widget->parentWidget())
                || qobject_cast<QComboBox*>(widget->parentWidget());
            if (!widget->isVisible() || (widget->focusPolicy() & Qt::TabFocus) == 0 || internal
                || partOfAField || widget->focusProxy() != nullptr) {
                continue;
            }
            const QString what = QString::fromLatin1(widget->metaObject()->className())
                + QLatin1Char(' ') + widget->objectName();
            QVERIFY2(!widget->objectName().isEmpty(), qPrintable(what));
            QVERIFY2(!widget->accessibleName().isEmpty(), qPrintable(what));
        }
    }

private:
    template <class Widget>
    Widget* child(const char* name) const
    {
        auto* found = m_page->findChild<Widget*>(QLatin1String(name));
        Q_ASSERT_X(found != nullptr, "child", name);
        return found;
    }

    qsizetype steps(int run) const { return m_bench->training.series().value(run).size(); }
    QString outcome() const { return child<QLabel>("train.outcome")->text(); }

    void trainInItsOwnProcess()
    {
        QVERIFY(m_bench->training.trainsInProcess()); // unless told otherwise
        QTest::mouseClick(child<QAbstractButton>("train.start"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->training.isWatching() && steps(0) >= 3 && steps(1) >= 3,
                                 kPatienceMs);
    }

    void reopen()
    {
        m_page.reset();
        m_bench.reset();
        m_bench = std::make_unique<Services>();
        m_page = std::make_unique<TrainPage>(*m_bench);
        m_page->resize(1300, 780);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get(), hangMs()));
    }

    void openBoth()
    {
        m_bench->model.open(kTinyModel);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files() != nullptr, kPatienceMs);
        child<QSpinBox>("train.maxLength")->setValue(500); // the tiny vocabulary makes rows long
        m_bench->data.open(kDemoData);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.tokenized() != nullptr, kPatienceMs);
        QVERIFY2(m_page->form()->problem().isEmpty(), qPrintable(m_page->form()->problem()));
    }

    // The tiny model with a chat template.
    QString chattyModel() const
    {
        const QString folder = m_folder->filePath(QStringLiteral("chatty"));
        QDir().mkpath(folder);
        for (const QString& name : QDir(kTinyModel).entryList(QDir::Files)) {
            QFile::copy(kTinyModel + QLatin1Char('/') + name, folder + QLatin1Char('/') + name);
        }
        const std::filesystem::path config = folder.toStdString() + "/tokenizer_config.json";
        auto json = nlohmann::json::parse(core::readWholeFile(config, 1 << 20));
        json["chat_template"] =
            "{% for m in messages %}[{{ m.role }}]{{ m.content }}</s>{% endfor %}"
            "{% if add_generation_prompt %}[assistant]{% endif %}";
        QFile::remove(QString::fromStdString(config.string()));
        core::writeFileAtomically(config, json.dump());
        return folder;
    }

    void setUpRun(int steps, const QString& name = QStringLiteral("run"))
    {
        auto* directory = child<QLineEdit>("train.directory");
        directory->setText(m_folder->filePath(name));
        directory->setModified(true);
        QTest::keyClick(directory, Qt::Key_Return);
        child<QSpinBox>("train.rank")->setValue(4);
        child<QSpinBox>("train.batch")->setValue(2);
        child<QLineEdit>("train.length")->setText(QString::number(steps));
        child<QComboBox>("train.lengthUnit")->setCurrentIndex(1);
        child<QComboBox>("train.dtype")->setCurrentIndex(0);
        QVERIFY2(m_page->form()->problem().isEmpty(), qPrintable(m_page->form()->problem()));
    }

    void choose(const char* segment)
    {
        auto* button = child<QAbstractButton>(segment);
        child<QAbstractButton>("train.advanced")->setChecked(true); // where they are
        QTRY_VERIFY(button->isVisible() && button->height() > 0); // laid out
        QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(button->isChecked());
    }

    QByteArray m_path;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Services> m_bench;
    std::unique_ptr<TrainPage> m_page;
};

QTEST_MAIN(TestTrainPage)
#include "tst_train_page.moc"
