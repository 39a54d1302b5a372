// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/evaluations.h"

#include <QWidget>

class QCheckBox;
class QLabel;
class QProgressBar;

namespace pissarro::ui {

class ElidedLabel;

// A task that can be put: whether it is, its file, and how far it is answered.
class TaskRow : public QWidget {
    Q_OBJECT

public:
    TaskRow(const QString& task, const QString& title, QWidget* parent = nullptr);

    const QString& task() const { return m_task; }
    const QString& path() const { return m_path; }
    void setPath(const QString& path); // that is looked for
    void
    showFile(const TaskFile& file); // one that is missing is unchecked, with the path looked for
    bool isChosen() const; // it is checked, and can be asked
    bool isWanted() const { return m_wanted; } // by a person, whether its file is there or not
    void setWanted(bool on);
    // Of the evaluation that is open; null: it is not among its tasks.
    void showProgress(const TaskPicture* picture, bool isCurrent, bool isAnswering);

Q_SIGNALS:
    void changed();
    void fileWanted(); // a person chooses another one

private:
    void show();
    void showMissing();

    QString m_task;
    QString m_path;
    TaskFile m_file;
    bool m_wanted = false;
    bool m_isMissing = false; // it was looked for
    QCheckBox* m_check;
    ElidedLabel* m_about;
    ElidedLabel* m_state;
    QProgressBar* m_bar;
};

} // namespace pissarro::ui
