// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model/example_cards.h"

#include "core/adapter/method.h"
#include "ui/look/role.h"
#include "ui/look/theme.h"
#include "ui/plot/line_plot.h"
#include "ui/views/run_curves.h"
#include "ui/words/format.h"
#include "ui/words/method_look.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>

namespace pissarro::ui {

namespace {

constexpr int kLast = 5; // steps that a run is judged by

QLabel* line(const QString& text, const char* role)
{
    auto* made = new QLabel(text);
    made->setWordWrap(true);
    setRole(made, role);
    return made;
}

void paintIn(QLabel* label, const QColor& ink)
{
    label->setStyleSheet(QStringLiteral("color: %1").arg(ink.name()));
}

} // namespace

StepCard::StepCard(int step, const QString& title, const QString& sentence, QWidget* parent)
    : Card(title, parent)
{
    auto* number = new QLabel(QString::number(step));
    number->setAlignment(Qt::AlignCenter);
    setRole(number, step == 1 ? "stepNow" : "step");
    addBeforeTitle(number);
    body()->addWidget(line(sentence, "muted"));
}

void StepCard::addExampleMark(const QString& of)
{
    auto* mark = new QLabel(tr("example"));
    setRole(mark, "small");
    mark->setToolTip(of);
    addTitleWidget(mark);
}

QLabel* StepCard::addFigure(const char* name, const QString& what)
{
    if (m_figures == nullptr) {
        m_figures = new QHBoxLayout;
        m_figures->setSpacing(12);
        body()->addLayout(m_figures);
    }
    auto* figure = new QLabel;
    figure->setObjectName(QLatin1String(name));
    figure->setAccessibleName(what);
    setRole(figure, "figure");
    auto* column = new QVBoxLayout;
    column->setSpacing(2);
    column->addWidget(figure);
    column->addWidget(line(what, "small"), 1, Qt::AlignTop);
    m_figures->addLayout(column, 1);
    return figure;
}

RankExample::RankExample(const Example& example, QWidget* parent)
    : StepCard(2, tr("Pick the rank"),
               tr("Drag the cursor along the singular values and read what a rank keeps and "
                  "costs."),
               parent)
    , m_example(example)
    , m_plot(new LinePlot(QStringLiteral("model.empty.sigma"),
                          tr("Singular values of an example matrix")))
{
    addExampleMark(tr("SmolLM2-135M-Instruct, q_proj of layer 14"));
    m_plot->setAxisTitles(tr("index i"), tr("σ"));
    m_plot->setLogY(true);
    m_plot->enableCursor(1, static_cast<int>(m_example.largestRank), QStringLiteral("r = "));
    body()->addWidget(m_plot, 1);
    m_kept = addFigure("model.empty.kept", tr("energy kept"));
    m_parameters = addFigure("model.empty.parameters", tr("parameters"));
    m_share = addFigure("model.empty.share", tr("of the model"));
    connect(m_plot, &LinePlot::cursorMoved, this, &RankExample::showRank);
    connect(&Theme::instance(), &Theme::changed, this, &RankExample::showCurve);
    showCurve();
    m_plot->setCursor(static_cast<int>(m_example.rank));
    showRank(static_cast<int>(m_example.rank));
}

void RankExample::showCurve()
{
    PlotSeries curve;
    curve.label = tr("q_proj, layer 14");
    curve.color = Theme::instance().colors().text;
    curve.labelOnLine = true;
    for (const double value : m_example.spectrum.values) {
        curve.x.append(static_cast<double>(curve.x.size() + 1));
        curve.y.append(value);
    }
    m_plot->setSeries({curve});
}

void RankExample::showRank(int rank)
{
    const std::int64_t parameters = rank * m_example.parametersPerRank;
    m_kept->setText(formatPercent(core::keptEnergy(m_example.spectrum, rank)));
    m_parameters->setText(formatCount(parameters));
    m_share->setText(formatPercent(static_cast<double>(parameters)
                                   / static_cast<double>(m_example.modelParameters)));
}

TrainExample::TrainExample(const Example& example, QWidget* parent)
    : StepCard(3, tr("Train it beside LoRA"),
               tr("PiSSA and its LoRA twin see the same batches; both curves draw live."), parent)
    , m_example(example)
    , m_plot(new LinePlot(QStringLiteral("model.empty.loss"), tr("Losses of two example runs")))
{
    addExampleMark(tr("SmolLM2-135M-Instruct on GSM8K, rank %1, learning rate 2e-4, one seed")
                       .arg(m_example.rank));
    m_plot->setAxisTitles(axisTitle(CurveAxis::Step, {}), tr("loss"));
    body()->addWidget(m_plot, 1);
    m_pissa = addFigure("model.empty.pissa", tr("PiSSA, last %1").arg(kLast));
    m_lora = addFigure("model.empty.lora", tr("LoRA, last %1").arg(kLast));
    QLabel* difference = addFigure("model.empty.difference", tr("difference"));
    const double ours = m_example.pissa.meanLoss(0, kLast);
    const double theirs = m_example.lora.meanLoss(0, kLast);
    m_pissa->setText(formatNumber(ours));
    m_lora->setText(formatNumber(theirs));
    difference->setText(formatNumber(ours - theirs, 3));
    connect(&Theme::instance(), &Theme::changed, this, &TrainExample::showCurves);
    showCurves();
}

void TrainExample::showCurves()
{
    const core::Method pissa = core::methodNamed("pissa");
    const core::Method lora = core::methodNamed("lora");
    m_plot->setSeries(seriesOf({{titleOf(pissa), methodColor(pissa), false, m_example.pissa},
                                {titleOf(lora), methodColor(lora), false, m_example.lora}},
                               CurveAxis::Step, CurveValue::Loss, kSmoothing, true));
    paintIn(m_pissa, methodColor(pissa));
    paintIn(m_lora, methodColor(lora));
}

} // namespace pissarro::ui
