// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/loss_card.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/views/curve_legend.h"
#include "ui/widgets/segmented_control.h"

#include <QMenu>
#include <QPushButton>
#include <QVBoxLayout>

#include <array>
#include <utility>

namespace pissarro::ui {

namespace {
constexpr int kWideDetail = 288; // px: below it the switch has a line of its own under the title
}

LossCard::LossCard(const QString& name, const QString& title, QWidget* parent)
    : Card(title, parent)
    , m_legend(new CurveLegend)
    , m_smooth(new SegmentedControl(name + QStringLiteral(".smooth"), tr("Smoothing"),
                                    {tr("raw"), tr("smooth %1").arg(QString::number(kSmoothing))}))
    , m_axis(new SegmentedControl(name + QStringLiteral(".axis"), tr("Horizontal axis"),
                                  {tr("step"), tr("tokens"), tr("time")}))
    , m_plot(new LinePlot(name + QStringLiteral(".plot"), title))
{
    setObjectName(name);
    m_legend->setObjectName(name + QStringLiteral(".legend"));
    m_smooth->setCurrent(1);
    auto* exportButton = new QPushButton(tr("Export"));
    exportButton->setObjectName(name + QStringLiteral(".export"));
    exportButton->setAccessibleName(tr("Export the plot %1").arg(title));
    exportButton->setToolTip(tr("Copy, or save as PNG, PDF, SVG or CSV"));
    connect(exportButton, &QPushButton::clicked, this, [this, exportButton] {
        m_plot->exportMenu()->popup(exportButton->mapToGlobal(QPoint(0, exportButton->height())));
    });

    addBesideTitle(m_legend);
    addTitleWidget(m_smooth);
    addTitleWidget(m_axis);
    addTitleWidget(exportButton);
    body()->addWidget(m_plot);
    connect(m_smooth, &SegmentedControl::changed, this, &LossCard::draw);
    connect(m_axis, &SegmentedControl::changed, this, [this] {
        m_plot->resetView(); // a zoom into steps means nothing in seconds
        draw();
    });
    draw();
}

void LossCard::setCurves(const QVector<RunCurve>& curves)
{
    m_curves = curves;
    draw();
}

void LossCard::setLabelsOnLines(bool on)
{
    if (std::exchange(m_labelsOnLines, on) != on) {
        m_legend->setVisible(!on);
        draw();
    }
}

void LossCard::draw()
{
    const auto axis = static_cast<CurveAxis>(m_axis->current());
    m_legend->setCurves(m_curves + evaluationNote(m_curves));
    m_plot->setAxisTitles(axisTitle(axis, m_curves), {});
    m_plot->setSeries(seriesOf(m_curves, axis, CurveValue::Loss,
                               m_smooth->current() == 1 ? kSmoothing : 0.0, m_labelsOnLines));
}

DetailCard::DetailCard(const QString& name, QWidget* parent)
    : Card({}, parent)
    , m_choice(new SegmentedControl(name + QStringLiteral(".choice"), tr("What is drawn"),
                                    {tr("norm"), tr("rate"), tr("pace")}))
    , m_plot(new LinePlot(name + QStringLiteral(".plot"), tr("Gradient norm")))
{
    setObjectName(name);
    setAccessibleName(tr("Gradient norm, learning rate, tokens per second"));
    addTitleWidget(m_choice);
    body()->addWidget(m_plot, 1);
    connect(m_choice, &SegmentedControl::changed, this, [this] {
        m_plot->resetView();
        draw();
    });
    draw();
}

void DetailCard::setCurves(const QVector<RunCurve>& curves)
{
    m_curves = curves;
    draw();
}

void DetailCard::resizeEvent(QResizeEvent* event)
{
    Card::resizeEvent(event);
    const bool wide = width() >= scaled(kWideDetail);
    if (std::exchange(m_switchInTitle, wide) != wide) {
        if (wide) {
            addTitleWidget(m_choice);
        } else {
            body()->insertWidget(0, m_choice, 0, Qt::AlignLeft);
        }
    }
}

void DetailCard::showTitle()
{
    static const std::array<const char*, 3> kTitles {
        QT_TR_NOOP("Gradient norm"), QT_TR_NOOP("Learning rate"), QT_TR_NOOP("Throughput")};
    setTitle(tr(kTitles[static_cast<std::size_t>(m_choice->current())]));
    setAccessibleName(tr("Gradient norm, learning rate, tokens per second"));
}

void DetailCard::draw()
{
    const auto value = static_cast<CurveValue>(m_choice->current() + 1);
    showTitle();
    m_plot->setAxisTitles(axisTitle(CurveAxis::Step, m_curves), {});
    m_plot->setLogY(value == CurveValue::GradNorm);
    m_plot->setSeries(seriesOf(m_curves, CurveAxis::Step, value, 0.0, false));
}

} // namespace pissarro::ui
