// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/quantize/error_curves_card.h"

#include "ui/look/theme.h"
#include "ui/plot/line_plot.h"
#include "ui/services/services.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/method_look.h"

#include <QPushButton>
#include <QVBoxLayout>

#include <optional>

namespace pissarro::ui {

namespace {

constexpr double kMargin = 0.03; // of the axis, beyond the outer points

PlotSeries curve(core::Method method, const QString& label)
{
    PlotSeries series;
    series.label = label;
    series.color = methodColor(method);
    series.labelOnLine = !label.isEmpty();
    series.markers = true;
    return series;
}

} // namespace

ErrorCurvesCard::ErrorCurvesCard(Services& services, QuantBench& bench, QWidget* parent)
    : Card(tr("Error left"), parent)
    , m_services(services)
    , m_bench(bench)
    , m_over(new SegmentedControl(QStringLiteral("quantize.over"), tr("Over what"),
                                  {tr("iterations"), tr("rank")}))
    , m_plot(new LinePlot(QStringLiteral("quantize.curves"), tr("Error in percent of QLoRA's")))
    , m_retry(new QPushButton(tr("Try again")))
{
    m_retry->setObjectName(QStringLiteral("quantize.retryRanks"));
    connect(m_retry, &QPushButton::clicked, &m_bench, &QuantBench::retry);
    addTitleWidget(m_retry);
    addTitleWidget(m_over);
    body()->addWidget(m_plot, 1);
    m_plot->setYSuffix(QStringLiteral(" %"));
    connect(m_over, &SegmentedControl::changed, this, [this] {
        m_plot->resetView();
        show();
    });
    connect(&m_bench, &QuantBench::errorsChanged, this, &ErrorCurvesCard::show);
    connect(&m_bench, &QuantBench::byRankChanged, this, &ErrorCurvesCard::show);
    connect(&Theme::instance(), &Theme::changed, this, &ErrorCurvesCard::show);
    show();
}

void ErrorCurvesCard::setNorm(core::ErrorNorm norm)
{
    m_norm = norm;
    show();
}

void ErrorCurvesCard::show()
{
    m_retry->setVisible(m_over->current() == 1 && m_bench.inspectedModule() >= 0
                        && !m_bench.byRankProblem().isEmpty());
    if (m_over->current() == 0) {
        showIterations();
    } else {
        showRanks();
    }
}

void ErrorCurvesCard::showIterations()
{
    const bool whole = m_bench.isWhole();
    setSubtitle(whole ? tr("mean of all matrices; dashed: the chosen one")
                      : tr("mean of the matrices so far; dashed: the chosen one"));
    m_plot->setAxisTitles(tr("iterations T"), tr("of QLoRA's error"));
    m_plot->setLogX(false);
    const auto last = static_cast<double>(m_bench.measuredWith().iters);
    m_plot->setXRange(1.0 - kMargin * last, last + kMargin * last); // the outer points are whole
    m_plot->setEmptyText(tr("Measure: the error after each iteration draws here."));
    const auto& errors = m_bench.errors();
    const auto model = m_services.model.files();
    if (errors.isEmpty() || !model) {
        m_plot->setSeries({});
        return;
    }
    const std::vector<core::ModuleQuantError> all(errors.cbegin(), errors.cend());
    const int index = m_bench.inspectedModule();
    const auto one = index < 0 ? errors.cend()
                               : errors.constFind(QString::fromStdString(
                                   model->linearModules()[static_cast<std::size_t>(index)].name));
    std::vector<core::QuantReductions> averages; // after 1, 2, … T
    for (int t = 1; t <= m_bench.measuredWith().iters; ++t) {
        averages.push_back(core::reductionsOf(all, m_norm, t));
    }
    QVector<PlotSeries> means;
    QVector<PlotSeries> selected;
    for (const core::Method method : core::measuredMethods()) {
        means.append(curve(method, titleOf(method)));
        selected.append(curve(method, {}));
        selected.last().dashed = true;
        const auto add = [](PlotSeries& series, std::size_t place, double reduction) {
            series.x.append(static_cast<double>(place + 1));
            series.y.append(100.0 - reduction);
        };
        for (std::size_t place = 0; place < averages.size(); ++place) {
            add(means.last(), place, averages[place].average.at(method));
            if (one != errors.cend() && place < one->errors.at(method).size()) {
                add(selected.last(), place,
                    core::errorReduction(one->errors.at(method)[place], one->qlora, m_norm));
            }
        }
    }
    m_plot->setSeries(means + selected);
}

void ErrorCurvesCard::showRanks()
{
    m_bench.compareRanks();
    setSubtitle(tr("the chosen matrix, T = %1").arg(m_bench.options().iters));
    m_plot->setAxisTitles(tr("rank r"), tr("of QLoRA's error"));
    m_plot->setLogX(true);
    if (m_bench.byRank().isEmpty()) {
        m_plot->setXRange(std::nullopt, std::nullopt);
    } else {
        m_plot->setXRange(0.9 * static_cast<double>(m_bench.byRank().first().rank),
                          1.1 * static_cast<double>(m_bench.byRank().last().rank));
    }
    const QString problem = m_bench.byRankProblem();
    m_plot->setEmptyText(m_bench.inspectedModule() < 0 ? tr("Select a matrix in the map.")
                             : problem.isEmpty()       ? tr("Measuring ranks…")
                                                       : problem);
    QVector<PlotSeries> all;
    for (const core::Method method : core::measuredMethods()) {
        all.append(curve(method, titleOf(method)));
        for (const RankErrors& one : m_bench.byRank()) {
            all.last().x.append(static_cast<double>(one.rank));
            all.last().y.append(100.0
                                - core::errorReduction(one.errors.errors.at(method).back(),
                                                       one.errors.qlora, m_norm));
        }
    }
    m_plot->setSeries(m_bench.byRank().isEmpty() ? QVector<PlotSeries>() : all);
}

} // namespace pissarro::ui
