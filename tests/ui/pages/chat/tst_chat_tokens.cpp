// SPDX-License-Identifier: GPL-3.0-or-later
// Tokens as the Chat page shows them: shaded, found under the pointer, spoken, with what else they could have been.
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/pages/chat/column_card.h"
#include "ui/pages/chat/token_card.h"
#include "ui/pages/chat/token_shade.h"
#include "ui/pages/chat/transcript_view.h"

#include <QLabel>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTest>

#include <cmath>
#include <memory>

using namespace pissarro;
using namespace pissarro::ui;

namespace {

core::TalkToken token(std::int32_t id, const char* text, double probability)
{
    core::TalkToken one;
    one.choice = {id, text, std::log(probability)};
    one.rank = id;
    one.seconds = 2.6;
    one.likeliest = {
        {90, "x", std::log(0.5)}, {id, text, std::log(probability)}, {91, "</s>", -3.0, true}};
    return one;
}

void add(ChatReply& reply, const core::TalkToken& one)
{
    reply.tokens.push_back(one);
    reply.text += QString::fromStdString(one.choice.text);
}

ChatReply someReply()
{
    ChatReply reply {Ready {}};
    add(reply, token(1, "Every", 0.99));
    add(reply, token(2, " fourth", 0.1));
    add(reply, token(3, "", 0.5)); // a part of a character
    add(reply, token(4, " pen\nis", 0.8));
    add(reply, token(5, " free", 0.31));
    return reply;
}

} // namespace

class TestChatTokens : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        Theme::instance().setMode(ThemeMode::Light);
    }
    void init()
    {
        m_view = std::make_unique<TranscriptView>();
        m_view->resize(420, 300);
        m_view->setVocabulary(49152);
        m_view->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_view.get()));
    }
    void cleanup()
    {
        m_view.reset();
        QCOMPARE(tests::WarningTrap::take(), QStringList());
    }

    // The less sure, the deeper; text stays readable on the deepest.
    void shades_areDeeperTheLessSure()
    {
        for (const ThemeMode mode : {ThemeMode::Light, ThemeMode::Dark}) {
            Theme::instance().setMode(mode);
            const Colors& colors = Theme::instance().colors();
            QCOMPARE(shadeOf(1.0), colors.card);
            QCOMPARE(shadeOf(2.0), shadeOf(1.0));
            const auto far = [&](double probability) {
                const QColor shade = shadeOf(probability);
                return std::abs(shade.red() - colors.card.red())
                    + std::abs(shade.green() - colors.card.green())
                    + std::abs(shade.blue() - colors.card.blue());
            };
            QVERIFY(far(0.0) > far(0.3) && far(0.3) > far(0.7) && far(0.7) > far(1.0));
            const double difference =
                std::abs(shadeOf(0.0).lightnessF() - colors.text.lightnessF());
            QVERIFY2(difference > 0.3, qPrintable(QString::number(difference)));
        }
        Theme::instance().setMode(ThemeMode::Light);
    }

    void aTranscript_showsTurns_andTheirShades()
    {
        ChatReply second {Ready {}};
        add(second, token(7, "Yes", 0.4));
        m_view->showTurns({QStringLiteral("What is\nfree?"), QStringLiteral("Sure?")},
                          {someReply(), second});
        QCOMPARE(m_view->answerOf(0), someReply().text);
        QCOMPARE(m_view->answerOf(1), QStringLiteral("Yes"));
        QCOMPARE(m_view->answerOf(2), QString());
        const QString shown = m_view->toPlainText();
        QVERIFY(shown.indexOf(QStringLiteral("free?")) < shown.indexOf(QStringLiteral("Every")));
        QVERIFY(shown.indexOf(QStringLiteral(" free\n")) < shown.indexOf(QStringLiteral("Sure?")));
        QCOMPARE(groundOf({0, 1}), shadeOf(0.1));
        QCOMPARE(groundOf({0, 4}), shadeOf(0.31));
        m_view->setShaded(false);
        QCOMPARE(groundOf({0, 1}).isValid(), false);
        QCOMPARE(m_view->answerOf(0), someReply().text);
        Theme::instance().setMode(ThemeMode::Dark); // shaded anew
        m_view->setShaded(true);
        QCOMPARE(groundOf({0, 1}), shadeOf(0.1));
        Theme::instance().setMode(ThemeMode::Light);
    }

    // What comes is added: a selection stays, and the end is followed where it was in sight.
    // A short prompt stands at the right, as wide as its text and round at its corners; a long one is broken.
    void aPrompt_isABubble()
    {
        const QString longPrompt =
            QStringLiteral("A shop sells pens at $3 each and gives every fourth pen for free. How "
                           "much does Nadia pay for 12 pens?");
        m_view->showTurns({QStringLiteral("And if she buys 14?"), longPrompt},
                          {someReply(), someReply()});
        for (const int width : {420, 640, 300}) {
            m_view->resize(width, 700);
            QCoreApplication::processEvents();
            const QRectF shortOne = m_view->promptPlace(0);
            const QRectF longOne = m_view->promptPlace(1);
            const double right = m_view->viewport()->width();
            QVERIFY2(shortOne.right() > right - 4 && shortOne.right() <= right,
                     qPrintable(QString::number(shortOne.right())));
            QVERIFY2(shortOne.width() < 0.75 * longOne.width(),
                     qPrintable(QString::number(shortOne.width())));
            QCOMPARE(longOne.right(), shortOne.right());
            QVERIFY(width > 420 || longOne.height() > shortOne.height() + 8);
            QVERIFY(shortOne.height() < 2.0 * QFontMetrics(m_view->font()).height() + 16);
        }
        const QRect place = m_view->promptPlace(0).toAlignedRect();
        const QImage picture = m_view->viewport()->grab(place).toImage();
        const QColor tint = Theme::instance().colors().tint;
        QCOMPARE(picture.pixelColor(picture.width() / 2, 2), tint);
        QVERIFY(picture.pixelColor(0, 0) != tint);
        QVERIFY(picture.pixelColor(picture.width() - 1, picture.height() - 1) != tint);
        QCOMPARE(m_view->promptPlace(2), QRectF());
    }

    void aTranscript_grows()
    {
        ChatReply reply {Running {}};
        add(reply, token(1, "one", 0.5));
        const QStringList prompts(QStringLiteral("Count"));
        m_view->showTurns(prompts, {reply});
        QTextCursor cursor = m_view->textCursor();
        cursor.setPosition(1);
        cursor.setPosition(4, QTextCursor::KeepAnchor);
        m_view->setTextCursor(cursor);
        const QString selected = cursor.selectedText();
        for (int i = 0; i < 600; ++i) {
            add(reply, token(i + 2, " more", 0.5));
            m_view->showTurns(prompts, {reply});
        }
        QCOMPARE(m_view->answerOf(0), reply.text);
        QCOMPARE(m_view->textCursor().selectedText(), selected);
        QCOMPARE(m_view->verticalScrollBar()->value(), m_view->verticalScrollBar()->maximum());
        m_view->verticalScrollBar()->setValue(0); // a person reads above
        add(reply, token(700, "\n\n\nend", 0.5));
        m_view->showTurns(prompts, {reply});
        QCOMPARE(m_view->verticalScrollBar()->value(), 0);
        ChatReply other {Running {}}; // another answer takes its place
        add(other, token(9, "else", 0.5));
        m_view->showTurns(prompts, {other});
        QCOMPARE(m_view->answerOf(0), QStringLiteral("else"));
        m_view->showTurns({}, {});
        QVERIFY(m_view->toPlainText().trimmed().isEmpty());
    }

    void aToken_isFoundUnderThePointer()
    {
        m_view->showTurns({QStringLiteral("What?")}, {someReply()});
        QSignalSpy chosen(m_view.get(), &TranscriptView::tokenChosen);
        for (const std::size_t which : {0U, 1U, 4U}) {
            const QRect place = m_view->placeOf({0, which});
            QVERIFY(!place.isEmpty());
            const auto found = m_view->tokenAt(place.center());
            QVERIFY(found && found->token == which && found->turn == 0);
            QTest::mouseClick(m_view->viewport(), Qt::LeftButton, Qt::NoModifier, place.center());
            QCOMPARE(chosen.size(), 1);
            QCOMPARE(chosen.takeFirst().at(1).value<std::size_t>(), which);
        }
        QVERIFY(m_view->placeOf({0, 2}).isEmpty()); // it has no text
        QVERIFY(!m_view->tokenAt(
            QPoint(m_view->viewport()->width() - 3, m_view->viewport()->height() - 3)));
        QVERIFY(m_view->turnAt(m_view->placeOf({0, 4}).center()) == std::optional<std::size_t>(0));
        // With the caret in a token Enter chooses it.
        QTextCursor cursor = m_view->cursorForPosition(m_view->placeOf({0, 1}).center());
        m_view->setTextCursor(cursor);
        QTest::keyClick(m_view.get(), Qt::Key_Return);
        QCOMPARE(chosen.size(), 1);
        QCOMPARE(chosen.first().at(1).value<std::size_t>(), std::size_t(1));
        m_view->setChosen(TranscriptView::Place {0, 1});
        QVERIFY(!m_view->grab().isNull()); // framed
    }

    void tokens_areSaid()
    {
        m_view->showTurns({QStringLiteral("What?")}, {someReply()});
        QCOMPARE(m_view->tableRows(), 4); // those with a text
        QCOMPARE(m_view->cellText({1, 0}), QStringLiteral(" fourth"));
        QCOMPARE(m_view->cellText({1, 1}), QStringLiteral("0.1"));
        QCOMPARE(m_view->cellText({3, 2}), QStringLiteral("5"));
        QVERIFY(m_view->cellText({2, 0}).contains(QStringLiteral("⏎")));
        QVERIFY(!m_view->cellPlace({0, 0}).isEmpty());
        const QString words = TranscriptView::wordsFor(token(1, "cost", 0.311), 49152);
        QCOMPARE(words, QStringLiteral("0.311, rank 1 of 49,152, 2.6 s after the question"));
    }

    void theTokenCard_offersTheOthers()
    {
        TokenCard card;
        auto* table = card.findChild<QTableWidget*>(QStringLiteral("chat.token.table"));
        card.show();
        QVERIFY(!table->isVisible());
        card.showToken(token(2, " cost", 0.311), QStringLiteral("PiSSA r16"));
        QVERIFY(table->isVisible());
        QCOMPARE(table->rowCount(), 3);
        QCOMPARE(table->item(0, 2)->text(), QStringLiteral("0.500"));
        QCOMPARE(table->item(1, 2)->text(), QStringLiteral("0.311"));
        QVERIFY(table->item(1, 0)->font().bold() && !table->item(0, 0)->font().bold());
        QSignalSpy wanted(&card, &TokenCard::goOnWanted);
        Q_EMIT table->cellDoubleClicked(1, 0); // it stands there
        QVERIFY(wanted.isEmpty());
        Q_EMIT table->cellDoubleClicked(0, 0);
        QCOMPARE(wanted.size(), 1);
        QCOMPARE(wanted.first().first().toInt(), 0);
        card.showOthers({{QStringLiteral("Base"), 0.018}});
        const auto* others = card.findChild<QLabel*>(QStringLiteral("chat.token.others"));
        QVERIFY(others->text().contains(QStringLiteral("Base gives it 0.018.")));
        card.showNothing();
        QVERIFY(!table->isVisible() && !others->isVisible());
    }

    // Out of context is said in its column; what was said so far stays.
    void aColumn_saysWhatEndedIt()
    {
        ColumnCard card(QStringLiteral("chat.column.0"));
        ChatColumn column {3};
        column.replies = {someReply()};
        column.replies[0].contextIsFull = true;
        column.replies[0].tokensPerSecond = 41.2;
        card.showLook({QStringLiteral("PiSSA r16"), QStringLiteral("run"), {}, Qt::blue});
        card.resize(400, 300);
        card.show();
        card.showColumn({QStringLiteral("What?")}, column, {}, {});
        const auto label = [&](const char* name) {
            return card.findChild<QLabel*>(QLatin1String(name));
        };
        QCOMPARE(card.columnId(), 3);
        QVERIFY(label("chat.column.0.failure")->isVisible());
        QCOMPARE(card.transcript()->answerOf(0), someReply().text);
        QCOMPARE(label("chat.column.0.tokens")->text(), QStringLiteral("5 tokens"));
        QCOMPARE(label("chat.column.0.speed")->text(), QStringLiteral("41.2 tokens/s"));
        column.replies[0].contextIsFull = false;
        column.replies[0].state = Failed {{}, {}, QStringLiteral("too little memory")};
        card.showColumn({QStringLiteral("What?")}, column, {}, {});
        QCOMPARE(label("chat.column.0.failure")->text(), QStringLiteral("too little memory"));
        QCOMPARE(card.transcript()->answerOf(0), someReply().text);
    }

private:
    QColor groundOf(const TranscriptView::Place& place) const
    {
        QTextCursor cursor = m_view->cursorForPosition(m_view->placeOf(place).center());
        // The format of a position is that of the letter before it.
        cursor.movePosition(QTextCursor::Right);
        const QBrush ground = cursor.charFormat().background();
        return ground.style() == Qt::NoBrush ? QColor() : ground.color();
    }

    std::unique_ptr<TranscriptView> m_view;
};

QTEST_MAIN(TestChatTokens)
#include "tst_chat_tokens.moc"
