// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/dataset.h"
#include "ui/widgets/readable_table.h"

#include <QString>
#include <QTextEdit>
#include <QVector>

#include <functional>
#include <optional>

namespace pissarro::ui {

// Stands for the end-of-sequence token that a row ends with.
inline const QString kEndSign = QStringLiteral(" ‹eos›");

// A token of a row, and where it stands in the text that is shown. Tokens that make one character together share its place.
struct SampleToken {
    qint32 id = 0;
    QString text; // what it adds; of those that share a character: that character
    bool counted = false; // the loss takes it
    int begin = 0; // characters of the row's text, with kEndSign behind it
    int end = 0;
};

// Cost: two tokens are decoded for each. A token whose text cannot be found in the whole has what is left of it.
// Throws: core::Error, as Tokenizer::decode().
QVector<SampleToken> tokensOf(const core::Example& example, const core::Tokenizer& tokenizer);

// The text of a row, read only. Screen readers walk its tokens as a table, a token a row, told whether it counts: the
// current one is where the caret stands. Nothing is decoded for them until one of them asks.
class SampleView : public QTextEdit, public ReadableTable {
    Q_OBJECT

public:
    explicit SampleView(QWidget* parent = nullptr);

    // The text that stands there now is of other tokens, which `read` gives when they are asked for; null: there are none.
    // `summary`: how many, in a line.
    void setTokens(std::function<QVector<SampleToken>()> read, const QString& summary);

    // At most so many are read, those of the row's beginning.
    static constexpr int kMostTokens = 6000;

    int tableRows() const override;
    int tableColumns() const override;
    QString rowName(int row) const override; // "token 12, counts"
    QString columnName(int column) const override;
    QString cellText(TablePlace cell) const override;
    QRect cellPlace(TablePlace cell) const override;
    std::optional<TablePlace> currentCell() const override;
    bool isCellSelected(TablePlace cell) const override;
    void selectCell(TablePlace cell) override; // its text
    QString tableSummary() const override { return m_summary; }

protected:
    void focusInEvent(QFocusEvent* event) override;

private:
    const QVector<SampleToken>& tokens() const;
    int positionOf(
        int character) const; // in the document, where a line end is two: its sign and the break
    int tokenAt(int position) const; // -1: none
    void tellToken();

    std::function<QVector<SampleToken>()> m_read;
    mutable std::optional<QVector<SampleToken>> m_tokens; // none: not asked for yet
    mutable QVector<int> m_positions; // of characters; empty: not asked for yet
    QString m_summary;
    int m_told = -1; // token that was told last
};

} // namespace pissarro::ui
