// SPDX-License-Identifier: GPL-3.0-or-later
// The Chat page on a tiny model, by keyboard: replies that grow, an adapter beside the base, a person who stops them, edits a
// turn, looks at a token and takes another one.
#include "core/file/atomic_file.h"
#include "tests/cli/cli_process.h"
#include "tests/cli/tiny_model.h"
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/pages/chat/chat_page.h"
#include "ui/pages/chat/sampling_card.h"
#include "ui/pages/chat/transcript_view.h"
#include "ui/services/services.h"
#include "ui/widgets/segmented_control.h"

#include <QAction>
#include <QComboBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QFile>
#include <QLabel>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableWidget>
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
        QVERIFY(text.contains("\"max_position_embeddings\": 128"));
        text.replace("\"max_position_embeddings\": 128", "\"max_position_embeddings\": 4000000");
        core::writeFileAtomically(config.fileName().toStdString(), text.toStdString());

        m_services = std::make_unique<Services>();
        m_page = std::make_unique<ChatPage>(*m_services);
        m_page->resize(1328, 796);
        openModel();
        find<QComboBox>("chat.template")->setCurrentIndex(3); // plain
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

    // At the right, with and without a scroll bar beside the cards.
    void theButtons_areAsWideAsTheCards()
    {
        auto* card = m_page->findChild<SamplingCard*>();
        const auto* button = find<QPushButton>("chat.beside");
        QTRY_COMPARE_WITH_TIMEOUT(button->width(), card->width(), hangMs());
        card->setMinimumHeight(2 * m_page->height());
        QTRY_VERIFY_WITH_TIMEOUT(card->width() < button->parentWidget()->width(),
                                 hangMs()); // the bar is there
        QTRY_COMPARE_WITH_TIMEOUT(button->width(), card->width(), hangMs());
        card->setMinimumHeight(0);
    }

    // What it says in the end is what the command line says with the same seed.
    void streamsTheReply_thatTheCommandLineGives()
    {
        choose("chat.choice", 1);
        find<QDoubleSpinBox>("chat.temperature")->setValue(1.2);
        find<QDoubleSpinBox>("chat.topP")->setValue(0.95);
        find<QSpinBox>("chat.topK")->setValue(40);
        find<QDoubleSpinBox>("chat.minP")->setValue(0.01);
        find<QDoubleSpinBox>("chat.penalty")->setValue(1.1);
        find<QSpinBox>("chat.seed")->setValue(11);
        find<QSpinBox>("chat.tokens")->setValue(1500);
        const QString last = ask(QStringLiteral("Where"));
        QVERIFY2(m_seen.size() > 1, "the reply came at once");
        for (const QString& earlier : m_seen) {
            QVERIFY(last.startsWith(earlier));
        }
        const auto said =
            runCli({QStringLiteral("generate"), model(), QStringLiteral("--prompt"),
                    QStringLiteral("Where"), QStringLiteral("--temperature"), QStringLiteral("1.2"),
                    QStringLiteral("--top-p"), QStringLiteral("0.95"), QStringLiteral("--top-k"),
                    QStringLiteral("40"), QStringLiteral("--min-p"), QStringLiteral("0.01"),
                    QStringLiteral("--repetition-penalty"), QStringLiteral("1.1"),
                    QStringLiteral("--seed"), QStringLiteral("11"),
                    QStringLiteral("--max-new-tokens"), QStringLiteral("1500")});
        QCOMPARE(last + QLatin1Char('\n'), QString::fromUtf8(said.out));
        QCOMPARE(find<QLabel>("chat.column.0.tokens")->text(), QStringLiteral("1,500 tokens"));
        QVERIFY(find<QLabel>("chat.column.0.speed")->text().endsWith(QStringLiteral(" tokens/s")));
        QVERIFY(find<QLabel>("chat.column.0.perplexity")
                    ->text()
                    .startsWith(QStringLiteral("perplexity ")));
        QVERIFY(find<QPlainTextEdit>("chat.prompt")->toPlainText().isEmpty()); // it was sent
    }

    // Enter sends, with Shift it breaks the line; Up brings prompts back; Ctrl+K begins anew; examples are offered first.
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
        QCOMPARE(m_services->chat.prompts(), QStringList(QStringLiteral("Where\nto")));
        QVERIFY(!example->isVisible());
        ask(QStringLiteral("on"));
        press(Qt::Key_Up, Qt::NoModifier);
        QCOMPARE(prompt->toPlainText(), QStringLiteral("on"));
        press(Qt::Key_Up, Qt::NoModifier);
        QCOMPARE(prompt->toPlainText(), QStringLiteral("Where\nto"));
        press(Qt::Key_Down, Qt::NoModifier);
        QCOMPARE(prompt->toPlainText(), QStringLiteral("on"));
        m_page->findChild<QAction*>(QStringLiteral("chat.clearAction"))->trigger();
        QVERIFY(m_services->chat.prompts().isEmpty() && prompt->toPlainText().isEmpty());
        QVERIFY(example->isVisible());
    }

    void anAdapter_answersBesideTheBase()
    {
        QVERIFY(!find<QWidget>("chat.column.1")->isVisible()); // one column without
        find<QSpinBox>("chat.tokens")->setValue(24);
        const QString alone = ask(QStringLiteral("Where"));
        m_page->findChild<QAction*>(QStringLiteral("chat.clearAction"))->trigger();
        m_page->take(makeAdapter());
        QVERIFY(find<QWidget>("chat.column.1")->isVisible());
        QCOMPARE(ask(QStringLiteral("Where")), alone);
        QVERIFY(!textOf(1).isEmpty() && textOf(1) != alone);
        // Alt+Left brings the column with the focus to the left; its answers with it.
        const QString tuned = textOf(1);
        find<QWidget>("chat.column.1.text")->setFocus();
        m_page->findChild<QAction*>(QStringLiteral("chat.leftAction"))->trigger();
        QCOMPARE(textOf(0), tuned);
        QCOMPARE(textOf(1), alone);
        QVERIFY(find<QWidget>("chat.column.0.text")->hasFocus());
        m_page->findChild<QAction*>(QStringLiteral("chat.removeAction"))->trigger();
        QVERIFY(!find<QWidget>("chat.column.1")->isVisible());
        QCOMPARE(textOf(0), alone);
        fillBeside();
        QCOMPARE(find<QMenu>("chat.besideMenu")->actions().first()->isEnabled(), false);
    }

    // Sent here with a question, it waits in the prompt: nothing is asked before a person says so.
    void aQuestionOfAnEvaluation_standsInThePrompt()
    {
        m_page->take(QVariantMap {{QStringLiteral("prompt"), QStringLiteral("How much?")}});
        QCOMPARE(find<QPlainTextEdit>("chat.prompt")->toPlainText(), QStringLiteral("How much?"));
        QVERIFY(m_services->chat.prompts().isEmpty());
    }

    // Where one is scrolled, the others are.
    void columns_scrollTogether()
    {
        m_page->resize(1100, 560);
        m_page->take(makeAdapter());
        find<QSpinBox>("chat.tokens")->setValue(60);
        choose("chat.choice", 1);
        for (int turn = 0; turn < 6; ++turn) {
            ask(QStringLiteral("Where"));
        }
        auto* first = find<TranscriptView>("chat.column.0.text")->verticalScrollBar();
        auto* second = find<TranscriptView>("chat.column.1.text")->verticalScrollBar();
        QTRY_VERIFY(first->maximum() > 0 && second->maximum() > 0);
        first->setValue(0);
        QCOMPARE(second->value(), 0);
        first->setValue(first->maximum());
        QCOMPARE(second->value(), second->maximum());
        second->setValue(0);
        QCOMPARE(first->value(), 0);
    }

    // A column let go behind the middle of another one takes its place.
    void aColumn_isDragged()
    {
        m_page->take(makeAdapter());
        const int first = m_services->chat.columns()[0].id;
        auto* card = find<QWidget>("chat.column.0");
        auto* other = find<QWidget>("chat.column.1");
        const QPoint from(card->width() / 2, 18);
        const QPoint to(card->mapFromGlobal(other->mapToGlobal(QPoint(other->width() - 8, 18))));
        QTest::mousePress(card, Qt::LeftButton, Qt::NoModifier, from);
        QTest::mouseMove(card, to);
        QTest::mouseRelease(card, Qt::LeftButton, Qt::NoModifier, to);
        QCOMPARE(m_services->chat.columns()[1].id, first);
        QTest::mouseClick(find<QWidget>("chat.column.0"), Qt::LeftButton, Qt::NoModifier, from);
        QCOMPARE(m_services->chat.columns()[1].id, first); // a click drags nothing
    }

    // Retried the last turn is asked anew; edited an earlier one takes the place of all that follows.
    void turns_areRetried_andEdited()
    {
        find<QSpinBox>("chat.tokens")->setValue(6);
        ask(QStringLiteral("Where"));
        ask(QStringLiteral("to"));
        find<QSpinBox>("chat.tokens")->setValue(4);
        m_page->findChild<QAction*>(QStringLiteral("chat.retryAction"))->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(!m_services->chat.isRunning(), hangMs());
        QCOMPARE(m_services->chat.prompts().size(), 2);
        QCOMPARE(m_services->chat.columns()[0].replies[1].tokens.size(), std::size_t(4));
        QCOMPARE(m_services->chat.columns()[0].replies[0].tokens.size(), std::size_t(6));
        m_page->findChild<QAction*>(QStringLiteral("chat.editAction"))->trigger();
        QCOMPARE(find<QPlainTextEdit>("chat.prompt")->toPlainText(), QStringLiteral("to"));
        press(Qt::Key_Escape, Qt::NoModifier); // leaves it as it is
        QVERIFY(find<QPlainTextEdit>("chat.prompt")->toPlainText().isEmpty());
        m_page->findChild<QAction*>(QStringLiteral("chat.editAction"))->trigger();
        ask(QStringLiteral("from"));
        QCOMPARE(m_services->chat.prompts(),
                 QStringList({QStringLiteral("Where"), QStringLiteral("from")}));
        const auto system = QStringLiteral("Be");
        m_page->findChild<QAction*>(QStringLiteral("chat.systemAction"))->trigger();
        QVERIFY(find<QPlainTextEdit>("chat.system")->isVisible());
        find<QPlainTextEdit>("chat.system")->setPlainText(system);
        QCOMPARE(m_services->chat.system(), system);
    }

    // A click on a token shows what else it could have been; another one taken, the answer goes on from there.
    void aToken_isLookedAt_andExchanged()
    {
        find<QSpinBox>("chat.tokens")->setValue(12);
        ask(QStringLiteral("Where"));
        auto* view = find<TranscriptView>("chat.column.0.text");
        const ChatReply before = m_services->chat.columns()[0].replies[0];
        std::size_t token = 2;
        while (before.tokens[token].choice.text.empty()) {
            ++token;
        }
        auto* table = find<QTableWidget>("chat.token.table");
        QVERIFY(!table->isVisible());
        QTest::mouseClick(view->viewport(), Qt::LeftButton, Qt::NoModifier,
                          view->placeOf({0, token}).center());
        QVERIFY(table->isVisible());
        QCOMPARE(table->rowCount(), 5);
        QTRY_VERIFY_WITH_TIMEOUT(!find<QLabel>("chat.token.others")->text().isEmpty(), hangMs());
        const std::int32_t other = before.tokens[token].likeliest[1].id;
        Q_EMIT table->cellDoubleClicked(0, 0); // what stands there already
        QVERIFY(!m_services->chat.isRunning());
        Q_EMIT table->cellDoubleClicked(1, 0);
        QTRY_VERIFY_WITH_TIMEOUT(!m_services->chat.isRunning(), hangMs());
        const ChatReply& after = m_services->chat.columns()[0].replies[0];
        QCOMPARE(after.tokens[token].choice.id, other);
        QCOMPARE(after.tokens[token - 1].choice.id, before.tokens[token - 1].choice.id);
        QCOMPARE(textOf(0), after.text);
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
        QVERIFY(find<QWidget>("chat.column.1")->isVisible());
        find<QSpinBox>("chat.tokens")->setValue(24);
        ask(QStringLiteral("Where"));
        QVERIFY2(!textOf(1).isEmpty(), qPrintable(find<QLabel>("chat.column.1.failure")->text()));
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
        QVERIFY(!textOf(1).isEmpty());
        QVERIFY(!find<QLabel>("chat.column.0.failure")->isVisible());
        QVERIFY(!find<QLabel>("chat.column.1.failure")->isVisible());
        m_page->findChild<QAction*>(QStringLiteral("chat.clearAction"))->trigger();
        QCOMPARE(ask(QStringLiteral("Where")), first);
    }

    void escape_stopsWithinAToken()
    {
        find<QSpinBox>("chat.tokens")->setValue(1'000'000); // days of them
        find<QPlainTextEdit>("chat.prompt")->setPlainText(QStringLiteral("Where"));
        press(Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(!textOf(0).isEmpty(), hangMs());
        QVERIFY(find<QPushButton>("chat.stop")->isEnabled());
        QVERIFY(!find<QPushButton>("chat.send")->isEnabled());
        press(Qt::Key_Escape, Qt::NoModifier);
        QTRY_VERIFY_WITH_TIMEOUT(!m_services->chat.isRunning(), hangMs());
        const ChatReply reply = m_services->chat.columns()[0].replies.back();
        QVERIFY(reply.stopped && reply.tokens.size() < 1'000'000);
        QCOMPARE(textOf(0), reply.text); // what it said stays
        QVERIFY(find<QLabel>("chat.column.0.tokens")->text().startsWith(tr("Stopped after ")));
        QVERIFY(!find<QPushButton>("chat.stop")->isEnabled());
        find<QSpinBox>("chat.tokens")->setValue(4);
        m_page->findChild<QAction*>(QStringLiteral("chat.retryAction"))->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(!m_services->chat.isRunning(), hangMs());
        QVERIFY(reply.text.startsWith(textOf(0))); // it can be asked again
    }

    void whatFails_standsInItsColumn()
    {
        const QString none = m_folder->filePath(QStringLiteral("nowhere"));
        find<QSpinBox>("chat.tokens")->setValue(5);
        m_page->take(none);
        QVERIFY(!ask(QStringLiteral("Where")).isEmpty());
        QVERIFY(find<QLabel>("chat.column.1.failure")->isVisible());
        QVERIFY2(find<QLabel>("chat.column.1.failure")->text().contains(none),
                 qPrintable(find<QLabel>("chat.column.1.failure")->text()));
        QVERIFY(!find<QLabel>("chat.column.0.failure")->isVisible());
        QVERIFY(m_services->chat.failure() != nullptr);
    }

    void withoutATokenizer_itSaysWhy()
    {
        QVERIFY(QFile::remove(model() + QStringLiteral("/tokenizer.json")));
        openModel();
        find<QPlainTextEdit>("chat.prompt")->setPlainText(QStringLiteral("Where"));
        QVERIFY(!find<QPushButton>("chat.send")->isEnabled());
        QVERIFY(find<QLabel>("chat.column.0.failure")->isVisible());
        QCOMPARE(find<QLabel>("chat.column.0.failure")->text(),
                 m_services->model.tokenizerProblem());
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
        auto* form = find<QComboBox>("chat.template");
        form->setCurrentIndex(1);
        const QString asked = ask(QStringLiteral("Where"));
        form->setCurrentIndex(3);
        m_page->findChild<QAction*>(QStringLiteral("chat.clearAction"))->trigger();
        QCOMPARE(ask(QStringLiteral("QWhereA")), asked);
        form->setCurrentIndex(0); // as trained: of a base its chat template
        m_page->findChild<QAction*>(QStringLiteral("chat.clearAction"))->trigger();
        QCOMPARE(ask(QStringLiteral("Where")), asked);
        form->setCurrentIndex(1);
        QVERIFY(QFile::remove(model() + QStringLiteral("/tokenizer_config.json")));
        openModel();
        QCOMPARE(form->currentIndex(), 0);
        QVERIFY(!form->model()->flags(form->model()->index(1, 0)).testFlag(Qt::ItemIsEnabled));
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
    // What a column shows of its last answer.
    QString textOf(int place) const
    {
        const auto* view =
            m_page->findChild<TranscriptView*>(QStringLiteral("chat.column.%1.text").arg(place));
        const qsizetype turns = m_services->chat.prompts().size();
        return turns == 0 ? QString() : view->answerOf(static_cast<std::size_t>(turns) - 1);
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
    // Returns what the first column says; what it had said at each change before is in m_seen.
    QString ask(const QString& prompt)
    {
        m_seen.clear();
        QMetaObject::Connection watch = connect(&m_services->chat, &Chat::changed, this, [this] {
            if (!textOf(0).isEmpty() && m_services->chat.isRunning()) {
                m_seen << textOf(0);
            }
        });
        find<QPlainTextEdit>("chat.prompt")->setPlainText(prompt);
        press(Qt::Key_Return, Qt::ControlModifier);
        const bool asked = m_services->chat.isRunning();
        [&] { QTRY_VERIFY_WITH_TIMEOUT(!m_services->chat.isRunning(), hangMs()); }();
        disconnect(watch);
        return asked ? textOf(0) : QStringLiteral("nothing was asked");
    }
    void fillBeside() { Q_EMIT find<QMenu>("chat.besideMenu")->aboutToShow(); }
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
