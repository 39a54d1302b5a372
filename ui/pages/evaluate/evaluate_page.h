// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/evaluate/agreement_card.h"
#include "ui/views/page.h"

class QStackedLayout;
class QStackedWidget;

namespace pissarro::ui {

class AnswerCard;
class EvaluateForm;
class JudgeCard;
class QuestionsCard;
class ScoreCard;

// The Evaluate page: models and runs put to tasks, what they scored, where two of them differ, and every answer. Evaluations of
// the command line open here too, and go on where they were cut off.
class EvaluatePage : public Page {
    Q_OBJECT

public:
    explicit EvaluatePage(Services& services, QWidget* parent = nullptr);

    // Folders of evaluations, or of models, runs and adapters to be evaluated; one as a QString: beside those that are checked.
    void take(const QVariant& with) override;
    void saveState(QSettings& session) const override;
    void offerState(QSettings& session) override;
    QVector<NextStep> nextSteps() const override;

    EvaluateForm* form() const { return m_form; }
    ScoreCard* scores() const { return m_scores; }
    AgreementCard* pair() const { return m_pair; }
    QuestionsCard* questions() const { return m_questions; }
    AnswerCard* answer() const { return m_answer; }
    JudgeCard* judge() const { return m_judge; }
    int task() const { return m_task; } // place of the one that is looked at; -1: none

protected:
    void showEvent(QShowEvent* event) override;

private:
    QWidget* buildResults();
    void buildActions();
    void connectResults();
    void openFolder();
    void addModel();
    void adopt(const QString& path);
    void choose(int task);
    void showAll();
    void showTask();
    void showQuestion();
    void setFilter(AnswerFilter filter);
    void copyCommand();
    bool isJudged() const; // by hand: MT-Bench is looked at

    Services& m_services;
    EvaluateForm* m_form;
    ScoreCard* m_scores;
    AgreementCard* m_pair;
    QuestionsCard* m_questions;
    AnswerCard* m_answer;
    JudgeCard* m_judge;
    QStackedWidget* m_below; // questions and answers, or the judging
    QStackedLayout* m_results; // empty, or what was found
    int m_task = -1;
    QString m_seen; // folder of the evaluation that is shown
    QString m_pending; // that of the last session, until somebody has looked whether it is there
};

} // namespace pissarro::ui
