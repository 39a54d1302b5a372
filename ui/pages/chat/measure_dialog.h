// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include <functional>

class QLabel;
class QPlainTextEdit;
class QPushButton;
class QTableWidget;

namespace pissarro::ui {

class Chat;
struct ChatColumn;

// The perplexity of a pasted text under each column of the chat.
class MeasureDialog : public QDialog {
    Q_OBJECT

public:
    // `titleOf`: of a column.
    MeasureDialog(Chat& chat, std::function<QString(const ChatColumn&)> titleOf,
                  QWidget* parent = nullptr);

private:
    void measure();
    void showFigures();

    Chat& m_chat;
    std::function<QString(const ChatColumn&)> m_titleOf;
    QPlainTextEdit* m_text;
    QPushButton* m_start;
    QTableWidget* m_table;
    QLabel* m_line;
};

} // namespace pissarro::ui
