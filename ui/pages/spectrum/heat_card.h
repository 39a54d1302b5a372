// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plot/heat_map.h"
#include "ui/widgets/card.h"

#include <QHash>
#include <QVector>

namespace pissarro::ui {

class SegmentedControl;
class Workbench;

// One number a matrix, layer by module: energy kept at the rank, stable rank or effective rank.
// Selects matrices.
class HeatCard : public Card {
    Q_OBJECT

public:
    explicit HeatCard(const Workbench& workbench, QWidget* parent = nullptr);

    void showModel(); // the open model is new
    void showSpectra(const QStringList& arrived);
    void showRank();
    HeatMap* map() const { return m_map; }
    SegmentedControl* measure() const { return m_measure; }

    QVector<int> selection() const; // indices into linearModules(), in the order of selection
    void setSelection(const QVector<int>& modules);

Q_SIGNALS:
    void selectionChanged(); // by a person

private:
    void showValues();
    QString textOf(double value) const; // in the unit of the measure
    QString toolTipOf(HeatCell cell) const;
    int moduleAt(HeatCell cell) const; // -1: the model has none there

    struct Ranks {
        double stable;
        double effective;
    };

    const Workbench& m_workbench;
    SegmentedControl* m_measure;
    HeatMap* m_map;
    QVector<int> m_moduleAt; // cell -> index into linearModules()
    QHash<int, HeatCell> m_cellOf;
    QHash<QString, Ranks> m_ranks; // computed once, when a spectrum arrives
};

} // namespace pissarro::ui
