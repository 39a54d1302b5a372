// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/model_files.h"
#include "ui/views/module_map.h"
#include "ui/widgets/card.h"

#include <QHash>
#include <QVector>

class QComboBox;

namespace pissarro::ui {

struct Services;

// One number a matrix, layer by module: a measure of its spectrum, its rank in the map, or how far fine-tuning moved it.
// Selects matrices.
class HeatCard : public Card {
    Q_OBJECT

public:
    explicit HeatCard(const Services& services, QWidget* parent = nullptr);

    void showModel(); // the open model is new
    void showSpectra(const QStringList& arrived);
    void showRank(); // the rank or the map changed
    void setComparedWith(
        const QString& name); // the comparison, or what is known of it, changed; empty: nothing
    ModuleMap* map() const { return m_map; }
    QComboBox* measure() const { return m_measure; }
    QString csv() const; // every measure, a line a matrix

Q_SIGNALS:
    void selectionChanged(); // by a person
    void exportFailed(const QString& message);

private:
    void showValues();
    void buildMeasures();
    double valueOf(const core::LinearModule& module) const; // NaN: none yet
    QString textOf(double value) const; // in the unit of the measure
    void exportTo(const QString& suffix);
    QString toolTipOf(const core::LinearModule& module) const;

    // What does not depend on the rank: computed once, when a spectrum arrives.
    using Fixed = QHash<int, double>; // by core::Measure

    const Services& m_services;
    QComboBox* m_measure;
    ModuleMap* m_map;
    QHash<QString, Fixed> m_fixed;
    QString m_comparedWith;
    bool m_isWide = true; // the ends of the scale differ by whole percents
};

} // namespace pissarro::ui
