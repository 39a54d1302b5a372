// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/evaluate/answer_view.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"

#include <QAbstractTextDocumentLayout>
#include <QPainter>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextCursor>
#include <QTextLayout>

#include <algorithm>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr float kTint = 0.22F; // of the model's colour behind a word
constexpr double kFrameRadius = 3.0; // px

} // namespace

AnswerView::AnswerView(const QString& name, const QString& accessible, QWidget* parent)
    : QTextEdit(parent)
{
    setObjectName(name);
    setAccessibleName(accessible);
    setReadOnly(true);
    setTabChangesFocus(true);
    setFrameShape(QFrame::NoFrame);
    setUndoRedoEnabled(false);
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setMinimumHeight(scaled(40));
}

void AnswerView::showText(const std::string& text, const Marks& marks)
{
    if (text == m_text && marks == m_marks && m_turns.empty()) {
        return; // a person may be reading it, or have selected a part
    }
    m_turns.clear();
    m_text = text;
    m_marks = marks;
    setPlainText(QString::fromStdString(text));
    QTextCharFormat tinted;
    QColor ground = marks.tint;
    ground.setAlphaF(kTint);
    tinted.setBackground(ground);
    for (const core::TextPart& part : marks.tinted) {
        QTextCursor cursor(document());
        cursor.setPosition(placeOf(part.begin));
        cursor.setPosition(placeOf(part.end), QTextCursor::KeepAnchor);
        cursor.mergeCharFormat(tinted);
    }
    if (marks.framed) {
        QTextCharFormat bold;
        bold.setFontWeight(QFont::DemiBold);
        QTextCursor cursor(document());
        cursor.setPosition(placeOf(marks.framed->begin));
        cursor.setPosition(placeOf(marks.framed->end), QTextCursor::KeepAnchor);
        cursor.mergeCharFormat(bold);
    }
    viewport()->update();
}

void AnswerView::showTurns(const std::vector<std::string>& asked,
                           const std::vector<std::string>& said)
{
    std::vector<std::string> turns = asked;
    turns.insert(turns.end(), said.begin(), said.end());
    const QColor ink = Theme::instance().colors().muted;
    if (turns == m_turns && ink == m_ink) {
        return;
    }
    m_turns = std::move(turns);
    m_ink = ink;
    m_text.clear();
    m_marks = {};
    clear();
    QTextCursor cursor(document());
    QTextCharFormat muted;
    muted.setForeground(ink);
    QTextCharFormat plain;
    plain.setForeground(Theme::instance().colors().text);
    for (std::size_t turn = 0; turn < said.size(); ++turn) {
        if (turn > 0) {
            cursor.insertText(QStringLiteral("\n\n"), plain);
        }
        if (turn < asked.size()) {
            cursor.insertText(QString::fromStdString(asked[turn]), muted);
            cursor.insertText(QStringLiteral("\n\n"), plain);
        }
        cursor.insertText(QString::fromStdString(said[turn]), plain);
    }
    verticalScrollBar()->setValue(0);
}

int AnswerView::placeOf(std::size_t byte) const
{
    return static_cast<int>(
        QString::fromUtf8(m_text.data(), static_cast<qsizetype>(std::min(byte, m_text.size())))
            .size());
}

std::vector<QRectF> AnswerView::frames() const
{
    std::vector<QRectF> all;
    if (!m_marks.framed) {
        return all;
    }
    const int begin = placeOf(m_marks.framed->begin);
    const int end = placeOf(m_marks.framed->end);
    const QPointF scrolled(horizontalScrollBar()->value(), verticalScrollBar()->value());
    for (QTextBlock block = document()->findBlock(begin); block.isValid() && block.position() < end;
         block = block.next()) {
        const QPointF origin =
            document()->documentLayout()->blockBoundingRect(block).topLeft() - scrolled;
        for (int i = 0; i < block.layout()->lineCount(); ++i) {
            const QTextLine line = block.layout()->lineAt(i);
            const int from = std::max(begin - block.position(), line.textStart());
            const int to = std::min(end - block.position(), line.textStart() + line.textLength());
            if (from < to) {
                const double left = line.cursorToX(from);
                all.emplace_back(origin.x() + left, origin.y() + line.y(),
                                 line.cursorToX(to) - left, line.height());
            }
        }
    }
    return all;
}

QRectF AnswerView::frame() const
{
    const auto all = frames();
    return all.empty() ? QRectF() : all.front();
}

void AnswerView::paintEvent(QPaintEvent* event)
{
    QTextEdit::paintEvent(event);
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(Theme::instance().colors().text, 1));
    for (const QRectF& box : frames()) {
        painter.drawRoundedRect(box.adjusted(-1.5, 0.5, 1.5, -0.5), kFrameRadius, kFrameRadius);
    }
}

} // namespace pissarro::ui
