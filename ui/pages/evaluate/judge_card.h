// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluate/votes.h"
#include "ui/services/evaluation_picture.h"
#include "ui/widgets/card.h"

#include <array>
#include <vector>

class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;

namespace pissarro::ui {

class AnswerView;
class Evaluations;

// MT-Bench judged by hand: two conversations side by side without names, their sides drawn anew for each question. A vote is
// written beside the transcripts as it comes, so that judging goes on where it was left. What the votes come to is told once
// all is judged, or where a person asks for it.
class JudgeCard : public Card {
    Q_OBJECT

public:
    explicit JudgeCard(Evaluations& evaluations, QWidget* parent = nullptr);

    void showTask(int task, const TaskPicturePtr& picture, int pair);
    void judge(core::VoteWinner winner); // of what is shown
    void walk(int by); // to another question, also one that was judged
    std::int64_t questionId() const; // that is shown; -1: there is none
    QString resultText() const; // for the models by their names

Q_SIGNALS:
    void pairChosen(int pair);

private:
    void buildTitle();
    QWidget* buildSides();
    QWidget* buildButtons();
    // A question of the picture that both models answered.
    struct Talk {
        std::int64_t questionId = 0;
        QString category;
        const core::Transcript* a = nullptr; // of the pair's first model
        const core::Transcript* b = nullptr;
    };
    void listTalks();
    void showFirstLeft(); // without a vote; else the last
    void show();
    void showResult();
    const core::ModelPair* names() const; // null: there are not two models
    int judged() const;

    Evaluations& m_evaluations;
    TaskPicturePtr m_picture;
    int m_task = -1;
    int m_pair = -1;
    std::vector<Talk> m_talks;
    int m_at = -1; // place in m_talks
    bool m_told = false; // the result, before all is judged
    QComboBox* m_pairs;
    QProgressBar* m_bar;
    QLabel* m_count;
    QLabel* m_question;
    std::array<AnswerView*, 2> m_views;
    std::array<QPushButton*, 3> m_buttons {}; // A, tie, B
    QLabel* m_vote;
    QLabel* m_result;
    QPushButton* m_tell;
};

} // namespace pissarro::ui
