// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/look/run_stroke.h"
#include "ui/services/overlay.h"
#include "ui/widgets/card.h"

#include <QHash>
#include <QStringList>
#include <QVector>

class QCheckBox;
class QComboBox;

namespace pissarro::ui {

class LinePlot;
class RealEdit;
struct PlotSeries;

// How a run's curve looks.
struct OverlayLook {
    QString label;
    QString bandLabel; // of it with those that differ in their seed alone
    RunStroke stroke;
};

// The runs over one another in one plot, and what of them is drawn: metric, axis, smoothing, logarithms, baseline, bands.
class OverlayCard : public Card {
    Q_OBJECT

public:
    // name: what its widgets are named with, "compare": "compare.metric", "compare.plot" and so on.
    explicit OverlayCard(const QString& name, QWidget* parent = nullptr);

    OverlayWish wish() const;
    void setMetrics(const QStringList& told); // by the runs; the chosen one stays, told or not
    struct Baseline {
        QString path;
        QString label;
        friend bool operator==(const Baseline&, const Baseline&) = default;
    };
    void setBaselines(const QVector<Baseline>& runs); // the chosen one stays while it is among them
    // By path of run. Cost: by the curves and the pixels, not by the points.
    void showPicture(const OverlayPicture& picture, const QHash<QString, OverlayLook>& looks);
    LinePlot* plot() const { return m_plot; }

Q_SIGNALS:
    void wishChanged(); // by a person

private:
    void buildRows();
    void tell();
    QString subtitleOf(const OverlayPicture& picture) const;
    void setScales(const OverlayWish& wish);

    QComboBox* m_metric;
    QComboBox* m_axis;
    RealEdit* m_smoothing;
    QCheckBox* m_logX;
    QCheckBox* m_logY;
    QComboBox* m_baseline;
    QCheckBox* m_bands;
    LinePlot* m_plot;
    QVector<Baseline> m_baselines; // in m_baseline
    OverlayWish m_shown;
};

// What a LinePlot draws of it, in its order.
QVector<PlotSeries> plotSeriesOf(const OverlayPicture& picture,
                                 const QHash<QString, OverlayLook>& looks);

} // namespace pissarro::ui
