// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/conversation_shelf.h"

#include <QDialog>

class QLabel;
class QLineEdit;
class QListWidget;
class QListWidgetItem;
class QPushButton;

namespace pissarro::ui {

// The conversations that were kept: looked for, opened, renamed, moved to the trash and back.
class ConversationsDialog : public QDialog {
    Q_OBJECT

public:
    explicit ConversationsDialog(QWidget* parent = nullptr);

Q_SIGNALS:
    void chosen(const QString& file);

private:
    void buildFoot(class QVBoxLayout* layout);
    void showEntries();
    void showState();
    void openCurrent();
    void discardCurrent();
    QString currentFile() const; // empty: none

    ConversationShelf* m_shelf;
    QLineEdit* m_search;
    QListWidget* m_list;
    QLabel* m_line; // why there is nothing, or what went wrong
    QPushButton* m_open;
    QPushButton* m_rename;
    QPushButton* m_discard;
    QPushButton* m_restore;
};

// The questions of a test set, one of which becomes the prompt.
class QuestionsDialog : public QDialog {
    Q_OBJECT

public:
    QuestionsDialog(const QString& file, QWidget* parent = nullptr);

Q_SIGNALS:
    void chosen(const QString& question);

private:
    void showQuestions();
    void take();

    TestQuestions* m_questions;
    QLineEdit* m_search;
    QListWidget* m_list;
    QLabel* m_line;
    QPushButton* m_take;
};

} // namespace pissarro::ui
