// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/tokenizer.h"
#include "ui/widgets/card.h"
#include "ui/widgets/readable_table.h"

#include <QVector>

#include <memory>

class QLabel;
class QPlainTextEdit;

namespace pissarro::ui {

// One token as the pieces box draws it.
struct TokenPiece {
    QString
        text; // what a person reads: a space is "·", a line end "⏎"; bytes of a part of a character: "E2 82"
    QString raw; // as the vocabulary writes it
    qint32 id = 0;
    bool special = false;
    QString character; // the text that this part and its neighbours are; empty: the token is whole
    int parts = 0; // of the first part: how many tokens make it
};

// Throws: core::Error, as Tokenizer::encode() does for a hostile file.
QVector<TokenPiece> piecesOf(const core::Tokenizer& tokenizer, const QString& text);

// Coloured pieces in lines, the id under each. With the keyboard, arrows move a frame over them; screen readers walk them as
// a table, a token a row.
class PiecesView : public QWidget, public ReadableTable {
    Q_OBJECT

public:
    explicit PiecesView(QWidget* parent = nullptr);

    void setPieces(const QVector<TokenPiece>& pieces);
    const QVector<TokenPiece>& pieces() const { return m_pieces; }
    int heightForWidth(int width) const override;
    bool hasHeightForWidth() const override { return true; }
    QSize sizeHint() const override;

    int tableRows() const override { return static_cast<int>(m_pieces.size()); }
    int tableColumns() const override { return 2; } // text and id
    QString rowName(int row) const override; // "token 3"
    QString columnName(int column) const override;
    QString cellText(TablePlace cell) const override;
    QString cellDetails(TablePlace cell) const override; // as hovering tells it
    QRect cellPlace(TablePlace cell) const override;
    std::optional<TablePlace> currentCell() const override;
    bool isCellSelected(TablePlace cell) const override { return currentCell() == cell; }
    void selectCell(TablePlace cell) override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override; // tool tips

private:
    QString details(const TokenPiece& piece) const;
    QVector<QRect> placed(int width) const;
    void paintCharacter(QPainter& painter, const QVector<QRect>& boxes, int first) const;
    int overHeight() const; // px, over each line: for characters of several tokens

    QVector<TokenPiece> m_pieces;
    bool m_anyParts = false;
    TablePlace m_current; // of the keys
    bool m_showCurrent = false; // focus came by the keyboard
};

// «Try the tokenizer»: type a text, see its pieces and ids.
class TokenizerCard : public Card {
    Q_OBJECT

public:
    explicit TokenizerCard(QWidget* parent = nullptr);

    // null: `problem` says why the model has none
    void setTokenizer(std::shared_ptr<const core::Tokenizer> tokenizer, const QString& problem);
    PiecesView* pieces() const { return m_view; }

private:
    void tokenize();
    void showProblem(const QString& problem); // empty: none

    std::shared_ptr<const core::Tokenizer> m_tokenizer;
    QPlainTextEdit* m_text;
    PiecesView* m_view;
    QLabel* m_problem;
};

} // namespace pissarro::ui
