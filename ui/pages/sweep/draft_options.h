// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sweep/sweep_spec.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QLabel;

namespace pissarro::ui {

class PathField;
class RealEdit;
class WholeEdit;

// Of a draft what is not varied: which rows judge, what ends hopeless runs early, what the finished ones are asked, how many
// work side by side.
class DraftOptions : public QWidget {
    Q_OBJECT

public:
    explicit DraftOptions(QWidget* parent = nullptr);

    void setDraft(const core::SweepSpec& draft); // emits nothing
    void applyTo(core::SweepSpec& draft) const;
    QString problem() const; // of what is to be asked; empty: none
    // Whether the finished runs are asked for programs, and a person agreed that these are run in the sandbox.
    bool runsCode() const;
    bool isAgreed() const;

Q_SIGNALS:
    void changed(); // by a person

private:
    QString unreadProblem() const;
    void connectFields();
    QWidget* buildStop();
    QWidget* buildTask();
    void tell();
    void showFields();

    RealEdit* m_heldOut; // percent
    QComboBox* m_rule;
    WholeEdit* m_first;
    WholeEdit* m_every; // Median: steps; Halving: one of so many goes on
    QLabel* m_everyWord;
    QComboBox* m_task;
    PathField* m_data;
    WholeEdit* m_rows;
    WholeEdit* m_tokens;
    QCheckBox* m_agreed;
    WholeEdit* m_workers;
    QWidget* m_stopFields = nullptr;
    QWidget* m_taskFields = nullptr;
    double m_ratio = 0.0; // of the draft, and as it is shown in percent
    double m_shownRatio = 0.0;
    core::StopRule m_stop; // what the form has no field for
    bool m_quiet = false;
    mutable QString m_problem;
};

} // namespace pissarro::ui
