// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/evaluate/model_look.h"
#include "ui/services/evaluation_picture.h"
#include "ui/widgets/card.h"

#include <array>
#include <optional>
#include <vector>

class QLabel;
class QPushButton;
class QTableWidget;

namespace pissarro::ui {

// Which questions are listed: by who was right, A and B being the models of the pair.
enum class AnswerFilter { All, OnlyA, OnlyB, Both, None };
constexpr int kAnswerFilters = 5;

QString pNumberText(double p); // "0.006", "< 0.001"
QString pValueText(double p); // "p = 0.006", "p < 0.001"

// What a pair comes to, for a person: a sentence that may be said, and below it what it stands on.
struct PairSentence {
    QString sentence;
    QString limits;
};
PairSentence sentenceOf(const core::ModelPair& pair, const core::Claim& claim, int pairs,
                        bool isWhole);

// Two models on the same questions: both, only A, only B, none, and McNemar's exact test in a sentence; below every two
// models. A cell of the table chooses the questions that are listed.
class AgreementCard : public Card {
    Q_OBJECT

public:
    explicit AgreementCard(QWidget* parent = nullptr);

    void showTask(const TaskPicturePtr& task, const std::vector<ModelLook>& looks);
    int pair() const { return m_pair; } // index into the summary's pairs; -1: there is none
    void setPair(int pair); // emits pairChosen() where it is another one
    void setFilter(AnswerFilter filter); // emits nothing
    QString sentence() const;

Q_SIGNALS:
    void pairChosen(int pair);
    void filterChosen(pissarro::ui::AnswerFilter filter); // by a cell

private:
    QWidget* buildGrid();
    void buildPairs();
    void show();
    void showGrid(const core::ModelPair& pair);
    void showHeads(bool isLoss);
    void showPairs();

    TaskPicturePtr m_task;
    std::vector<ModelLook> m_looks;
    int m_pair = -1;
    AnswerFilter m_filter = AnswerFilter::All;
    QWidget* m_grid = nullptr;
    std::array<QLabel*, 4> m_heads {}; // A right, A wrong; B right, B wrong
    std::array<QPushButton*, 4> m_cells {}; // both, only A, only B, none
    QLabel* m_sentence;
    QLabel* m_limits;
    QTableWidget* m_pairs;
};

} // namespace pissarro::ui
