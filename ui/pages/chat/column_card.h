// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_directory.h"
#include "ui/services/chat.h"
#include "ui/widgets/card.h"

#include <QColor>
#include <QPoint>

class QLabel;
class QMenu;
class QToolButton;

namespace pissarro::ui {

class FigureLabel;
class TranscriptView;

// How a column is called.
struct ColumnLook {
    QString title; // "PiSSA r16"
    QString name; // of its folder
    QString path;
    QColor color; // of its dot
};
ColumnLook lookOfRun(const core::RunSummary& run);

// A column of the Chat page: what one model says, turn by turn. It is dragged by its head.
class ColumnCard : public Card {
    Q_OBJECT

public:
    // name: of its objects, "chat.column.0"
    explicit ColumnCard(const QString& name, QWidget* parent = nullptr);

    void showLook(const ColumnLook& look);
    // `waits`: what is done before the first token; `problem`: why nothing can be asked, empty: it can.
    void showColumn(const QStringList& prompts, const ChatColumn& column, const QString& waits,
                    const QString& problem);
    void showHint(const QString& hint); // where nothing was asked
    TranscriptView* transcript() const { return m_transcript; }
    QMenu* menu() const { return m_menu; } // of «…»
    int columnId() const { return m_id; }

Q_SIGNALS:
    void draggedTo(const QPoint& globalPosition); // let go there

protected:
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;

private:
    QString tokensLine(const ChatReply& reply, const QString& waits) const;
    static QString endingLine(const ChatColumn& column, const QString& problem);

    int m_id = 0;
    QLabel* m_dot;
    QToolButton* m_more;
    QMenu* m_menu;
    QLabel* m_about;
    TranscriptView* m_transcript;
    QLabel* m_failure;
    FigureLabel* m_tokens;
    FigureLabel* m_perplexity;
    FigureLabel* m_speed;
    QPoint m_grabbed; // where the head was taken hold of
    bool m_isGrabbed = false;
};

} // namespace pissarro::ui
