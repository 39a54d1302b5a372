// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/model/example.h"
#include "ui/widgets/card.h"

class QHBoxLayout;
class QLabel;

namespace pissarro::ui {

class LinePlot;

// A card of the first screen with its number in the order of what one does here.
class StepCard : public Card {
    Q_OBJECT

public:
    StepCard(int step, const QString& title, const QString& sentence, QWidget* parent = nullptr);

    // A figure over what it is, at the right of those before it. Returns the figure.
    QLabel* addFigure(const char* name, const QString& what);
    void addExampleMark(const QString& of); // the card shows what `of` says, not the person's own

private:
    QHBoxLayout* m_figures = nullptr;
};

// The singular values of a matrix; dragging the rank tells what it keeps and costs.
class RankExample : public StepCard {
    Q_OBJECT

public:
    explicit RankExample(const Example& example, QWidget* parent = nullptr);

private:
    void showCurve();
    void showRank(int rank);

    Example m_example;
    LinePlot* m_plot;
    QLabel* m_kept;
    QLabel* m_parameters;
    QLabel* m_share;
};

// The losses of a PiSSA run and its LoRA twin, and what they end at.
class TrainExample : public StepCard {
    Q_OBJECT

public:
    explicit TrainExample(const Example& example, QWidget* parent = nullptr);

private:
    void showCurves();

    Example m_example;
    LinePlot* m_plot;
    QLabel* m_pissa;
    QLabel* m_lora;
};

} // namespace pissarro::ui
