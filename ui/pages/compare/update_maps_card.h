// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plot/heat_map.h"
#include "ui/widgets/card.h"

#include <QColor>
#include <QHash>
#include <QStringList>

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

class QGridLayout;
class QLabel;
class QPushButton;
class QSlider;

namespace pissarro::ui {

struct PairMatrix;
struct PairSide;
class RunPair;
class SegmentedControl;

// Where the updates of two runs went: the change of each matrix for its size and the effective rank of the change, layer by
// type, of both runs on one scale, or their differences; at any checkpoint. One matrix is selected in all of them, by a click or
// by the arrows.
class UpdateMapsCard : public Card {
    Q_OBJECT

public:
    explicit UpdateMapsCard(QWidget* parent = nullptr);

    enum Measure { Change, EffectiveRank, MeasureCount };
    struct Look {
        QString title; // "PiSSA r16"
        QColor color;
    };
    void setLooks(const std::array<Look, 2>& looks);
    void show(const RunPair& pair); // what there is of it
    QString module() const { return m_module; } // that is selected; empty: none
    std::int64_t step() const; // that the maps are of; 0: none
    void moveStep(int by); // to an earlier or a later checkpoint
    HeatMap* map(int measure, int side) const { return m_maps[place(measure, side)]; }

Q_SIGNALS:
    void matrixChosen(); // by a person, or since the first one is known
    void stepChosen();
    void ranksWanted(int side); // its proposal, for the next run

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    static std::size_t place(int measure, int side)
    {
        return static_cast<std::size_t>(2 * measure + side);
    }
    void buildMaps();
    void buildFoot();
    void layOut();
    int leastWidth(int measures) const; // px
    void shareWidth();
    void showTitles();
    void setGrid(const RunPair& pair);
    void showStep();
    void showMaps(const RunPair& pair);
    void showFoot(const RunPair& pair);
    void select(HeatCell cell);
    void showSelection();
    QString toolTipOf(int measure, int side, HeatCell cell) const;
    double valueOf(int measure, int side, HeatCell cell) const; // NaN: not known

    SegmentedControl* m_which; // 0: A and B, 1: A − B
    std::array<QLabel*, 2> m_headlines {}; // of a measure
    std::array<QLabel*, 4> m_titles {}; // whose map it is
    std::array<HeatMap*, 4> m_maps {};
    QGridLayout* m_grid;
    QSlider* m_slider;
    QLabel* m_stepLine;
    QLabel* m_summary;
    std::array<QPushButton*, 2> m_use {};
    std::array<Look, 2> m_looks;
    const RunPair* m_pair = nullptr; // outlives this
    std::vector<std::int64_t> m_steps;
    QStringList m_types;
    std::vector<std::int64_t> m_layers;
    QHash<QString, HeatCell> m_cells; // by module
    QStringList m_modules; // by cell, row by row; empty: there is none
    QString m_module;
    bool m_stepChosen = false; // by a person, for this pair
    bool m_isWide = false;
};

} // namespace pissarro::ui
