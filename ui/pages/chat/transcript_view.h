// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/chat.h"
#include "ui/widgets/readable_table.h"

#include <QStringList>
#include <QTextEdit>
#include <QTextFrame>

#include <cstddef>
#include <optional>
#include <vector>

namespace pissarro::ui {

// What one model was asked and what it said, turn by turn: prompts as bubbles at the right, as wide as their text, below each
// the answer with its tokens shaded by how unsure the model was. What comes is added: nothing that a person reads or has
// selected moves. Screen readers walk the tokens as a table.
class TranscriptView : public QTextEdit, public ReadableTable {
    Q_OBJECT

public:
    explicit TranscriptView(QWidget* parent = nullptr);

    struct Place {
        std::size_t turn = 0;
        std::size_t token = 0;

        friend bool operator==(const Place& a, const Place& b) = default;
    };
    void showTurns(const QStringList& prompts, const std::vector<ChatReply>& replies);
    void setShaded(bool on);
    void setChosen(const std::optional<Place>& place); // framed
    QString answerOf(std::size_t turn) const; // as it is shown
    std::optional<std::size_t> turnAt(const QPoint& point) const; // of the viewport
    std::optional<Place> tokenAt(const QPoint& point) const; // of the viewport
    QRect placeOf(const Place& place) const; // in the viewport; of its first line
    QRectF promptPlace(std::size_t turn) const; // in the viewport: its bubble
    // "0.311, rank 1 of 49,152, 2.6 s after the question".
    static QString wordsFor(const core::TalkToken& token, std::int64_t vocabulary);
    void setVocabulary(std::int64_t size) { m_vocabulary = size; }

    int tableRows() const override;
    int tableColumns() const override;
    QString rowName(int row) const override; // "token 12"
    QString columnName(int column) const override;
    QString cellText(TablePlace cell) const override;
    QRect cellPlace(TablePlace cell) const override;
    std::optional<TablePlace> currentCell() const override;

Q_SIGNALS:
    void tokenChosen(std::size_t turn, std::size_t token); // by a click, or Enter on it

protected:
    bool viewportEvent(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct Shown { // a token
        Place place;
        int begin = 0; // characters of the document
        int end = 0;
        core::TalkToken token;
    };
    struct Turn {
        QString prompt;
        QString text;
        std::size_t tokens = 0;
        QTextFrame* frame = nullptr; // of the prompt; the document's
        double width = 0.0; // of the prompt's longest line, were it not broken
        int promptBegin = 0; // characters of the document
        int answerBegin = 0;
        int answerEnd = 0;
    };
    bool growsFrom(const QStringList& prompts, const std::vector<ChatReply>& replies) const;
    void rebuild(const QStringList& prompts, const std::vector<ChatReply>& replies);
    void addPrompt(const QString& prompt);
    void fitPrompt(const Turn& turn);
    void addAnswer(std::size_t turn, const ChatReply& reply);
    const Shown* at(int position) const; // null: no token stands there
    const Shown* shownAt(const Place& place) const;

    std::vector<Turn> m_turns;
    std::vector<Shown> m_tokens; // in the order of the document; those with a text
    std::vector<ChatReply> m_replies; // to be shown again in another theme
    QStringList m_prompts;
    std::optional<Place> m_chosen;
    std::int64_t m_vocabulary = 0;
    QPoint m_pressed;
    bool m_shaded = true;
    bool m_running = false;
};

} // namespace pissarro::ui
