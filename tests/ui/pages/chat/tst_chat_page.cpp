// SPDX-License-Identifier: GPL-3.0-or-later
// The Chat page on a tiny model, by keyboard: a reply that grows, an adapter's beside it, a person who stops them.
#include "core/file/atomic_file.h"
#include "tests/cli/cli_process.h"
#include "tests/cli/tiny_model.h"
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/pages/chat/chat_page.h"
#include "ui/services/services.h"
#include "ui/widgets/segmented_control.h"

#include <QDir>
#include <QDoubleSpinBox>
#include <QFile>
#include <QLabel>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;
using pissarro::tests::runCli;

class TestChatPage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_chat_page"));
        Theme::instance().setMode(ThemeMode::Light);
    }

    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        QSettings().clear();
        qputenv("XDG_DATA_HOME", QFile::encodeName(m_folder->filePath(QStringLiteral("data"))));
        tests::writeTinyModel(model().toStdString());
        tests::writeTinyTokenizer(model().toStdString());
        // No token ends a reply: how long it is depends on who asks.
        QFile config(model() + QStringLiteral("/config.json"));
        QVERIFY(config.open(QIODevice::ReadOnly));
        QByteArray text = config.readAll();
        config.close();
        QVERIFY(text.contains("\"eos_token_id\": 2"));
        text.replace("\"eos_token_id\": 2", "\"eos_token_id\": null");
        core::writeFileAtomically(config.fileName().toStdString(), text.toStdString());

        m_services = std::make_unique<Services>();
        m_page = std::make_unique<ChatPage>(*m_services);
        m_page->resize(1328, 796);
        openModel();
        m_page->show();
        m_page->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_page.get(), hangMs()));
    }

    void cleanup()
    {
        m_page.reset();
        m_services.reset();
        QCOMPARE(tests::WarningTrap::take(), QStringList());
    }

    // What it says in the end is what the command line says with the same seed.
    void streamsTheReply_thatTheCommandLineGives()
    {
        choose("chat.choice", 1);
        find<QDoubleSpinBox>("chat.temperature")->setValue(1.2);
        find<QDoubleSpinBox>("chat.topP")->setValue(0.95);
        find<QSpinBox>("chat.seed")->setValue(11);
        find<QSpinBox>("chat.tokens")->setValue(3000);
        choose("chat.template", 1);
        const QString last = ask(QStringLiteral("Where"));
        QVERIFY2(m_seen.size() > 1, "the reply came at once");
        for (const QString& earlier : m_seen) {
            QVERIFY(last.startsWith(earlier));
        }
        const auto said = runCli(
            {QStringLiteral("generate"), model(), QStringLiteral("--prompt"),
             QStringLiteral("Where"), QStringLiteral("--temperature"), QStringLiteral("1.2"),
             QStringLiteral("--top-p"), QStringLiteral("0.95"), QStringLiteral("--seed"),
             QStringLiteral("11"), QStringLiteral("--max-new-tokens"), QStringLiteral("3000")});
        QCOMPARE(last + QLatin1Char('\n'), QString::fromUtf8(said.out));
        QCOMPARE(find<QLabel>("chat.base.tokens")->text(), QStringLiteral("3,000 tokens"));
        QVERIFY(find<QLabel>("chat.base.speed")->text().endsWith(QStringLiteral(" tokens/s")));
        QCOMPARE(find<QLabel>("chat.base.asked")->text(), QStringLiteral("Where"));
    }

    // Enter sends, with Shift it breaks the line; Up brings the last prompt back; before the first, examples are offered.
    void thePrompt_hasItsKeys()
    {
        find<QSpinBox>("chat.tokens")->setValue(2);
        auto* prompt = find<QPlainTextEdit>("chat.prompt");
        auto* example = find<QAbstractButton>("chat.example.0");
        QVERIFY(example->isVisible());
        QTest::mouseClick(example, Qt::LeftButton);
        QCOMPARE(prompt->toPlainText(), example->text());
        prompt->clear();
        press(Qt::Key_Return, Qt::NoModifier);
        QVERIFY(!m_services->chat.isRunning()); // nothing to ask
        QTest::keyClicks(prompt, QStringLiteral("Where"));
        press(Qt::Key_Return, Qt::ShiftModifier);
        QTest::keyClicks(prompt, QStringLiteral("to"));
        QCOMPARE(prompt->toPlainText(), QStringLiteral("Where\nto"));
        QVERIFY(!m_services->chat.isRunning());
        press(Qt::Key_Return, Qt::NoModifier);
        QVERIFY(m_services->chat.isRunning());
        QTRY_VERIFY_WITH_TIMEOUT(!m_services->chat.isRunning(), hangMs());
        QCOMPARE(m_services->chat.prompt(), QStringLiteral("Where\nto"));
        QVERIFY(!example->isVisible());
        prompt->clear();
        press(Qt::Key_Up, Qt::NoModifier);
        QCOMPARE(prompt->toPlainText(), QStringLiteral("Where\nto"));
    }

    void anAdapter_answersBesideTheBase()
    {
        QVERIFY(!find<QWidget>("chat.tuned")->isVisible()); // one column without
        find<QSpinBox>("chat.tokens")->setValue(24);
        const QString alone = ask(QStringLiteral("Where"));
        m_page->take(makeAdapter());
        QVERIFY(find<QWidget>("chat.tuned")->isVisible());
        QCOMPARE(textOf("chat.base"), QString()); // of the question before, and of another pair
        QCOMPARE(ask(QStringLiteral("Where")), alone);
        QCOMPARE(textOf("chat.tuned").size() > 0, true);
        QVERIFY(textOf("chat.tuned") != alone);
        fillBeside();
        trigger(tr("Nothing beside it"));
        QVERIFY(!find<QWidget>("chat.tuned")->isVisible());
    }

    // After a run the page offers itself, and asks that run.
    void aRunThatEnded_isAskedNext()
    {
        QVERIFY(m_page->nextSteps().isEmpty());
        const QString llama = QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama");
        if (!QDir(llama).exists()) { // the other one's tokenizer has no end that could be learned
            QSKIP("shared/golden is not there");
        }
        QSignalSpy opened(&m_services->model, &Model::opened);
        m_services->model.open(llama);
        QVERIFY(opened.wait(hangMs()));
        core::RunSpec spec;
        spec.model = llama.toStdString();
        spec.data = PISSARRO_SOURCE "/resources/demo/demo_train.jsonl";
        spec.rank = 2;
        spec.steps = 1;
        spec.batchSize = 1;
        m_services->training.setTrainsInProcess(false);
        m_services->training.start(spec, {}, m_folder->filePath(QStringLiteral("run")), false);
        const Training& training = m_services->training;
        QTRY_VERIFY_WITH_TIMEOUT(
            training.failure() != nullptr
                || (!training.runs().isEmpty() && core::isComplete(training.runs().first().state)),
            hangMs());
        QVERIFY2(training.failure() == nullptr,
                 qPrintable(training.failure() != nullptr ? training.failure()->why : QString()));
        const QVector<NextStep> steps = m_page->nextSteps();
        QCOMPARE(steps.size(), 1);
        m_page->take(steps[0].with);
        QVERIFY(find<QWidget>("chat.tuned")->isVisible());
        find<QSpinBox>("chat.tokens")->setValue(24);
        ask(QStringLiteral("Where"));
        QVERIFY2(!textOf("chat.tuned").isEmpty(),
                 qPrintable(find<QLabel>("chat.tuned.failure")->text()));
    }

    // The second question is answered when the files are gone.
    void readsTheModelOnce_forTwoPrompts()
    {
        find<QSpinBox>("chat.tokens")->setValue(8);
        m_page->take(makeAdapter());
        const QString first = ask(QStringLiteral("Where"));
        QVERIFY(QFile::remove(model() + QStringLiteral("/model.safetensors")));
        QVERIFY(QFile::remove(model() + QStringLiteral("/tokenizer.json")));
        ask(QStringLiteral("Whence"));
        QVERIFY(!textOf("chat.tuned").isEmpty());
        QVERIFY(!find<QLabel>("chat.base.failure")->isVisible());
        QVERIFY(!find<QLabel>("chat.tuned.failure")->isVisible());
        QCOMPARE(ask(QStringLiteral("Where")), first);
    }

    void escape_stopsWithinAToken()
    {
        find<QSpinBox>("chat.tokens")->setValue(1'000'000); // days of them
        find<QPlainTextEdit>("chat.prompt")->setPlainText(QStringLiteral("Where"));
        press(Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(!textOf("chat.base").isEmpty(), hangMs());
        QVERIFY(find<QPushButton>("chat.stop")->isEnabled());
        QVERIFY(!find<QPushButton>("chat.send")->isEnabled());
        press(Qt::Key_Escape, Qt::NoModifier);
        QTRY_VERIFY_WITH_TIMEOUT(!m_services->chat.isRunning(), hangMs());
        const ChatReply& reply = m_services->chat.replies().front();
        QVERIFY(reply.stopped && reply.tokens < 1'000'000);
        QCOMPARE(textOf("chat.base"), reply.text); // what it said stays
        QVERIFY(find<QLabel>("chat.base.tokens")->text().startsWith(tr("Stopped after ")));
        QVERIFY(!find<QPushButton>("chat.stop")->isEnabled());
        QVERIFY(find<QPushButton>("chat.send")->isEnabled());
        find<QSpinBox>("chat.tokens")->setValue(4);
        QVERIFY(reply.text.startsWith(ask(QStringLiteral("Where")))); // it can be asked again
    }

    void whatFails_standsInItsColumn()
    {
        const QString none = m_folder->filePath(QStringLiteral("nowhere"));
        find<QSpinBox>("chat.tokens")->setValue(5);
        m_page->take(none);
        QVERIFY(!ask(QStringLiteral("Where")).isEmpty());
        QVERIFY(find<QLabel>("chat.tuned.failure")->isVisible());
        QVERIFY2(find<QLabel>("chat.tuned.failure")->text().contains(none),
                 qPrintable(find<QLabel>("chat.tuned.failure")->text()));
        QVERIFY(!find<QLabel>("chat.base.failure")->isVisible());
        QVERIFY(m_services->chat.failure() != nullptr);
    }

    void withoutATokenizer_itSaysWhy()
    {
        QVERIFY(QFile::remove(model() + QStringLiteral("/tokenizer.json")));
        openModel();
        find<QPlainTextEdit>("chat.prompt")->setPlainText(QStringLiteral("Where"));
        QVERIFY(!find<QPushButton>("chat.send")->isEnabled());
        QVERIFY(find<QLabel>("chat.base.failure")->isVisible());
        QCOMPARE(find<QLabel>("chat.base.failure")->text(), m_services->model.tokenizerProblem());
    }

    void settings_areHeldToTheirLimits()
    {
        auto* send = find<QPushButton>("chat.send");
        auto* topP = find<QDoubleSpinBox>("chat.topP");
        QVERIFY(!send->isEnabled()); // nothing to be asked
        find<QPlainTextEdit>("chat.prompt")->setPlainText(QStringLiteral("Where"));
        QVERIFY(send->isEnabled());
        QVERIFY(!topP->isEnabled()); // greedy: dimmed, and no matter what stands there
        topP->setValue(3.0);
        QVERIFY(send->isEnabled());
        choose("chat.choice", 1);
        QVERIFY(topP->isEnabled() && !send->isEnabled());
        topP->setValue(1.0);
        QVERIFY(send->isEnabled());
        find<QSpinBox>("chat.tokens")->setValue(0);
        QVERIFY(!send->isEnabled());
    }

    // The message in the model's template is another prompt than the message itself.
    void theTemplate_isTheModels()
    {
        find<QSpinBox>("chat.tokens")->setValue(16);
        auto* control = find<SegmentedControl>("chat.template");
        QCOMPARE(control->current(), 0); // it has one
        const QString asked = ask(QStringLiteral("Where"));
        choose("chat.template", 1);
        QCOMPARE(ask(QStringLiteral("QWhereA")), asked);
        QVERIFY(QFile::remove(model() + QStringLiteral("/tokenizer_config.json")));
        openModel();
        QCOMPARE(control->current(), 1);
        QVERIFY(!find<QAbstractButton>("chat.template.0")->isEnabled());
    }

private:
    QString model() const { return m_folder->filePath(QStringLiteral("model")); }

    template <class Widget>
    Widget* find(const char* name) const
    {
        auto* widget = m_page->findChild<Widget*>(QLatin1String(name));
        Q_ASSERT(widget);
        return widget;
    }
    void choose(const char* control, int segment)
    {
        find<SegmentedControl>(control)->setCurrent(segment);
    }
    QString textOf(const char* column) const
    {
        const QString name = QLatin1String(column) + QStringLiteral(".text");
        return m_page->findChild<QPlainTextEdit*>(name)->toPlainText();
    }
    void press(Qt::Key key, Qt::KeyboardModifiers modifiers)
    {
        auto* prompt = find<QPlainTextEdit>("chat.prompt");
        prompt->setFocus();
        QTest::keyClick(prompt, key, modifiers);
    }
    void openModel()
    {
        QSignalSpy opened(&m_services->model, &Model::opened);
        m_services->model.open(model());
        QVERIFY(opened.wait(hangMs()));
    }
    // Returns what the base says; what it had said at each change before is in m_seen.
    QString ask(const QString& prompt)
    {
        m_seen.clear();
        auto* text = find<QPlainTextEdit>("chat.base.text");
        QMetaObject::Connection watch =
            connect(text, &QPlainTextEdit::textChanged, this, [this, text] {
                if (!text->toPlainText().isEmpty()) {
                    m_seen << text->toPlainText();
                }
            });
        find<QPlainTextEdit>("chat.prompt")->setPlainText(prompt);
        press(Qt::Key_Return, Qt::ControlModifier);
        const bool asked = m_services->chat.isRunning();
        [&] { QTRY_VERIFY_WITH_TIMEOUT(!m_services->chat.isRunning(), hangMs()); }();
        disconnect(watch);
        return asked ? textOf("chat.base") : QStringLiteral("nothing was asked");
    }
    void fillBeside() { Q_EMIT find<QMenu>("chat.besideMenu")->aboutToShow(); }
    void trigger(const QString& entry)
    {
        for (QAction* action : find<QMenu>("chat.besideMenu")->actions()) {
            if (action->text() == entry) {
                action->trigger();
                return;
            }
        }
        QFAIL(qPrintable(entry));
    }
    // The PiSSA start of the model as if it had been learned: put on the untouched model it is another one.
    QString makeAdapter() const
    {
        const QString pair = m_folder->filePath(QStringLiteral("pair"));
        const auto made =
            runCli({QStringLiteral("init"), model(), QStringLiteral("--rank"), QStringLiteral("4"),
                    QStringLiteral("--alpha"), QStringLiteral("8"), QStringLiteral("-o"), pair});
        Q_ASSERT(made.exitCode == 0);
        return pair + QStringLiteral("/pissa_init");
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Services> m_services;
    std::unique_ptr<ChatPage> m_page;
    QStringList m_seen;
};

QTEST_MAIN(TestChatPage)
#include "tst_chat_page.moc"
