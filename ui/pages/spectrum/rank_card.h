// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/spectrum/rank_rules.h"
#include "ui/pages/spectrum/spectrum_facts.h"
#include "ui/widgets/card.h"

class QComboBox;
class QGridLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QSlider;
class QStackedWidget;

namespace pissarro::ui {

class FigureLabel;
class SegmentedControl;
class WholeEdit;

// What a rank keeps and costs, as text.
struct RankReadOuts {
    QString selected; // energy kept by the selected matrices
    QString mean; // by all
    QString parameters;
    QString share;
    QString disk;
    QString memory;
    QString fourBits;
    QString fourBitsProblem; // why there is none
};

// The chosen rank, one for all matrices or a map of them: what it keeps and costs, advice, which slice of the spectrum
// becomes the adapter, and the way to train with it.
class RankCard : public Card {
    Q_OBJECT

public:
    explicit RankCard(QWidget* parent = nullptr);

    // rank above `largest`, of any matrix: it stays as typed, and the card says so.
    void setRanks(int rank, int largest);
    void setReadOuts(const RankReadOuts& readOuts);
    void setAdvice(const RankAdvice& byEnergy, const RankAdvice& byKnee,
                   const RankAdvice& byThreshold);
    // The map in force; empty `range`: one rank for all. `line`: the reason, or what is wrong.
    void setMap(const QString& range, const QString& line);
    RankRule rule() const; // chosen for the map, whether applied or not
    QString ruleValue() const;
    void setMapProblem(const QString& problem); // of the rule asked for; empty: none
    // slice in [0, 1]; text: "values 1 to 16".
    void setSlice(double slice, const QString& text);
    void setTraining(bool possible,
                     const QString& reason); // reason: why not, or what will be trained
    void train(); // asks for it unless setTraining() said no
    void followEnergyAdvice();
    void followKneeAdvice();
    SegmentedControl* kind() const { return m_kind; } // one for all, per matrix

Q_SIGNALS:
    void rankChosen(int rank); // by a person, also beyond the largest
    void oneForAllChosen();
    void perMatrixChosen(); // a map, to begin with
    void ruleChosen(RankRule rule, const QString& value); // a map by this rule is asked for
    void editRequested();
    void copyRequested();
    void sliceChosen(double slice);
    void trainRequested();

private:
    FigureLabel* addReadOut(QGridLayout* grid, const QString& name, const QString& label,
                            const QString& toolTip);
    QPushButton* addAdvice(const QString& name);
    QLayout* buildReadOuts();
    QWidget* buildOneForAll();
    QWidget* buildPerMatrix();
    QLayout* buildSlice();
    void showRule();
    void askForMap();
    void showRankProblem();
    static void showAdvice(QPushButton* button, const QString& title, const RankAdvice& advice,
                           const QString& keys);

    SegmentedControl* m_kind;
    QStackedWidget* m_choices;
    WholeEdit* m_rank;
    int m_given = 0; // by setRanks()
    QPushButton* m_byEnergy;
    QPushButton* m_byKnee;
    QPushButton* m_byThreshold;
    FigureLabel* m_range;
    QComboBox* m_rule;
    RuleValidator* m_validator;
    QLineEdit* m_value;
    QPushButton* m_edit;
    QSlider* m_slice;
    QLabel* m_sliceText;
    QPushButton* m_copy;
    QPushButton* m_train;
    FigureLabel* m_selected;
    FigureLabel* m_mean;
    FigureLabel* m_parameters;
    FigureLabel* m_share;
    FigureLabel* m_disk;
    FigureLabel* m_memory;
    FigureLabel* m_fourBits;
    RankAdvice m_energyAdvice;
    RankAdvice m_kneeAdvice;
    RankAdvice m_thresholdAdvice;
};

} // namespace pissarro::ui
