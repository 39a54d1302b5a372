// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluate/evaluation_spec.h"
#include "ui/widgets/card.h"

#include <functional>
#include <vector>

class QLabel;
class QPushButton;
class QSettings;

namespace pissarro::ui {

class HowFields;
class TaskRow;
class WhomList;
struct Services;

// Whom, what and how; and how far it is.
class EvaluateForm : public Card {
    Q_OBJECT

public:
    explicit EvaluateForm(Services& services, QWidget* parent = nullptr);

    WhomList* whom() const { return m_whom; }
    TaskRow* row(const QString& task) const; // null: there is none
    std::vector<core::EvaluationSpec> specs() const; // what would be asked
    QString problem() const; // why nothing can be; empty: it can
    // Begins, or goes on with what is cut off. Asks first where programs that a model wrote would be run and nobody agreed to
    // that yet for this project.
    void startOrGoOn();
    void setFile(const QString& task, const QString& path); // and has it asked
    void lookAtFiles();
    void saveState(QSettings& session) const;
    void offerState(QSettings& session);

    static QString project(); // whose consent it is: the folder of the runs
    static QString
    standardFile(const QString& task); // where it is looked for until a person chooses another

Q_SIGNALS:
    void stateToKeep();
    void openWanted(); // of an evaluation
    void modelWanted(); // or a run or an adapter, to be evaluated
    void forgetWanted(); // a new one instead of the one that is open

protected:
    void showEvent(QShowEvent* event) override;

private:
    QWidget* buildFields();
    QWidget* buildFoot();
    void chooseFile(TaskRow* row);
    void askForConsent(std::function<void()> then);
    void start();
    bool goesOn() const; // the one that is open is cut off
    void showState();
    void changeWhat();

    Services& m_services;
    WhomList* m_whom;
    HowFields* m_how;
    std::vector<TaskRow*> m_rows;
    bool m_offering = false; // what a session kept: no news for it
    QLabel* m_problem;
    QLabel* m_answers;
    QLabel* m_speed;
    QPushButton* m_start;
    QPushButton* m_pause;
    QPushButton* m_new;
};

} // namespace pissarro::ui
