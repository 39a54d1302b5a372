// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/views/run_curves.h"

#include <QWidget>

namespace pissarro::ui {

// The names of the curves with a stroke of their colour, for a card's title row. What has no room
// is counted ("+2") and told by the tool tip.
class CurveLegend : public QWidget {
    Q_OBJECT

public:
    explicit CurveLegend(QWidget* parent = nullptr);

    void setCurves(const QVector<RunCurve>& curves);
    QStringList labels() const;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int entryWidth(const RunCurve& curve) const;

    QVector<RunCurve> m_curves; // without records
};

} // namespace pissarro::ui
