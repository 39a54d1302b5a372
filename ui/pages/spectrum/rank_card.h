// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/spectrum/spectrum_facts.h"
#include "ui/widgets/card.h"

class QGridLayout;
class QPushButton;
class QSpinBox;

namespace pissarro::ui {

class FigureLabel;

// What a rank keeps and costs, as text.
struct RankReadOuts {
    QString selected; // energy kept by the selected matrices
    QString mean; // by all
    QString parameters;
    QString share;
    QString disk;
    QString memory;
};

// The chosen rank: what it keeps and costs, advice, and the way to train with it.
class RankCard : public Card {
    Q_OBJECT

public:
    explicit RankCard(QWidget* parent = nullptr);

    void setRanks(int rank, int largest);
    void setReadOuts(const RankReadOuts& readOuts);
    void setAdvice(const RankAdvice& byEnergy, const RankAdvice& byKnee);
    void setTraining(bool possible,
                     const QString& reason); // reason: why not, or what will be trained
    void train(); // asks for it unless setTraining() said no
    void followEnergyAdvice();
    void followKneeAdvice();

Q_SIGNALS:
    void rankChosen(int rank); // by a person
    void trainRequested();

private:
    FigureLabel* addReadOut(QGridLayout* grid, const QString& name, const QString& label,
                            const QString& toolTip);
    QPushButton* addAdvice(const QString& name);

    QSpinBox* m_rank;
    QPushButton* m_byEnergy;
    QPushButton* m_byKnee;
    QPushButton* m_train;
    FigureLabel* m_selected;
    FigureLabel* m_mean;
    FigureLabel* m_parameters;
    FigureLabel* m_share;
    FigureLabel* m_disk;
    FigureLabel* m_memory;
    RankAdvice m_energyAdvice;
    RankAdvice m_kneeAdvice;
};

} // namespace pissarro::ui
