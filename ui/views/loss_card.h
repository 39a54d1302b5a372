// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/views/run_curves.h"
#include "ui/widgets/card.h"

namespace pissarro::ui {

class CurveLegend;
class SegmentedControl;

// Losses of several runs in one plot: raw or smoothed, over steps, tokens or time.
class LossCard : public Card {
    Q_OBJECT

public:
    // name starts every objectName: "<name>.plot", "<name>.smooth", "<name>.axis", "<name>.export".
    LossCard(const QString& name, const QString& title, QWidget* parent = nullptr);

    void setCurves(const QVector<RunCurve>& curves);
    void setLabelsOnLines(bool on); // for many runs; else the legend in the title row
    LinePlot* plot() const { return m_plot; }

private:
    void draw();

    QVector<RunCurve> m_curves;
    bool m_labelsOnLines = false;
    CurveLegend* m_legend;
    SegmentedControl* m_smooth;
    SegmentedControl* m_axis;
    LinePlot* m_plot;
};

// Gradient norm, learning rate and tokens/s of the same runs, one at a time.
class DetailCard : public Card {
    Q_OBJECT

public:
    DetailCard(const QString& name, QWidget* parent = nullptr);

    void setCurves(const QVector<RunCurve>& curves);
    LinePlot* plot() const { return m_plot; }

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void draw();
    void showTitle();

    QVector<RunCurve> m_curves;
    SegmentedControl* m_choice;
    LinePlot* m_plot;
    bool m_switchInTitle = true; // else under it: there is no room for both
};

} // namespace pissarro::ui
