// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/quantize/matrix_card.h"

#include "ui/look/role.h"
#include "ui/look/theme.h"
#include "ui/pages/quantize/block_image.h"
#include "ui/plot/line_plot.h"
#include "ui/services/services.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/format.h"
#include "ui/words/method_look.h"

#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

enum What { Entries, Values, Blocks };
constexpr double kSpectrumDepth = 1e-3; // of the largest value of W, to the foot of the plot

PlotSeries line(const QString& label, const QColor& color)
{
    PlotSeries series;
    series.label = label;
    series.color = color;
    series.labelOnLine = true;
    return series;
}

// Bins as steps, so that a histogram looks like one.
PlotSeries histogram(const core::EntryDistribution& entries, const QString& label,
                     const QColor& color)
{
    PlotSeries series = line(label, color);
    series.width = 1.2;
    series.opacity = 0.55;
    series.labelOnLine = false;
    const double width =
        (entries.upper - entries.lower) / static_cast<double>(entries.density.size());
    for (std::size_t bin = 0; bin < entries.density.size(); ++bin) {
        const double left = entries.lower + static_cast<double>(bin) * width;
        series.x << left << left + width;
        series.y << entries.density[bin] << entries.density[bin];
    }
    return series;
}

template <class Density>
PlotSeries fitted(const core::EntryDistribution& entries, const QString& label, const QColor& color,
                  const Density& density)
{
    constexpr int kPoints = 240;
    PlotSeries series = line(label, color);
    for (int i = 0; i <= kPoints; ++i) {
        const double x = entries.lower + (entries.upper - entries.lower) * i / kPoints;
        series.x.append(x);
        series.y.append(density(x));
    }
    return series;
}

QString fitText(const core::EntryDistribution& entries, const QString& name)
{
    const core::StudentFit& student = entries.student;
    const QString tails = student.freedom >= 0.99 * core::StudentFit::kLargestFreedom
        ? QStringLiteral("∞")
        : formatNumber(student.freedom, 3);
    return MatrixCard::tr("%1: mean %2, deviation %3 · Student ν %4, scale %5")
        .arg(name, formatNumber(entries.mean, 2), formatNumber(entries.deviation, 3), tails,
             formatNumber(student.scale, 3));
}

PlotSeries spectrum(const std::vector<double>& values, const QString& label, const QColor& color)
{
    PlotSeries series = line(label, color);
    for (std::size_t i = 0; i < values.size(); ++i) {
        series.x.append(static_cast<double>(i + 1));
        series.y.append(values[i]);
    }
    return series;
}

// In the order of the blocks' choice.
QStringList shownTitles()
{
    QStringList titles;
    for (const core::Method method : core::comparedMethods()) {
        titles.append(titleOf(method));
    }
    return titles;
}

} // namespace

MatrixCard::MatrixCard(Services& services, QuantBench& bench, QWidget* parent)
    : Card(tr("Matrix"), parent)
    , m_services(services)
    , m_bench(bench)
    , m_what(new SegmentedControl(QStringLiteral("quantize.view"), tr("What is shown"),
                                  {tr("entries"), tr("spectra"), tr("blocks")}))
    , m_method(new SegmentedControl(QStringLiteral("quantize.method"), tr("Method"), shownTitles()))
    , m_views(new QStackedWidget)
    , m_plot(new LinePlot(QStringLiteral("quantize.matrix"), tr("The selected matrix")))
    , m_blocks(new BlockImage)
    , m_note(new QLabel)
    , m_retry(new QPushButton(tr("Try again")))
{
    m_method->setCurrent(static_cast<int>(core::measuredMethods().size()));
    m_retry->setObjectName(QStringLiteral("quantize.retry"));
    m_retry->hide();
    connect(m_retry, &QPushButton::clicked, &m_bench, &QuantBench::retry);
    addTitleWidget(m_retry);
    addTitleWidget(m_method);
    addTitleWidget(m_what);
    m_views->addWidget(m_plot);
    m_views->addWidget(m_blocks);
    body()->addWidget(m_views, 1);
    m_note->setObjectName(QStringLiteral("quantize.fits"));
    setRole(m_note, "small");
    body()->addWidget(m_note);
    connect(m_what, &SegmentedControl::changed, this, [this] {
        m_plot->resetView();
        show();
    });
    connect(m_method, &SegmentedControl::changed, this, &MatrixCard::show);
    connect(&m_bench, &QuantBench::inspectionChanged, this, &MatrixCard::show);
    connect(&Theme::instance(), &Theme::changed, this, &MatrixCard::show);
    show();
}

QString MatrixCard::nameOf() const
{
    const auto model = m_services.model.files();
    const int index = m_bench.inspectedModule();
    if (!model || index < 0) {
        return {};
    }
    const core::LinearModule& module = model->linearModules()[static_cast<std::size_t>(index)];
    return tr("layer %1 · %2, %3 × %4")
        .arg(QString::number(module.layer), QString::fromStdString(module.type),
             formatCount(module.rows), formatCount(module.cols));
}

void MatrixCard::show()
{
    const int index = m_bench.inspectedModule();
    const auto seen = m_bench.inspection();
    const int what = m_what->current();
    m_method->setVisible(what == Blocks);
    m_views->setCurrentIndex(what == Blocks ? 1 : 0);
    m_note->setToolTip({});
    showNote();
    setSubtitle(nameOf());
    m_retry->setVisible(index >= 0 && !m_bench.inspectionProblem().isEmpty());
    if (!seen) {
        const QString problem = m_bench.inspectionProblem();
        const QString waiting = index < 0 ? tr("Select a matrix in the map.")
            : problem.isEmpty()           ? tr("Decomposing…")
                                          : problem;
        m_plot->setEmptyText(waiting);
        m_plot->setSeries({});
        m_blocks->clear(waiting);
        m_note->setText(QStringLiteral(" "));
        return;
    }
    if (what == Entries) {
        showEntries(*seen);
    } else if (what == Values) {
        showSpectra(*seen);
    } else {
        showBlocks(*seen);
    }
}

// Where there is little room, it is the plot's.
void MatrixCard::showNote()
{
    constexpr int kEnough = 280; // px
    m_note->setVisible(m_what->current() != Blocks && height() >= kEnough);
}

void MatrixCard::resizeEvent(QResizeEvent* event)
{
    Card::resizeEvent(event);
    showNote();
}

void MatrixCard::showEntries(const core::MatrixInspection& seen)
{
    const QColor grey = Theme::instance().colors().muted;
    const QColor own = methodColor(seen.reducedBy);
    m_plot->setLogX(false);
    m_plot->setLogY(false);
    m_plot->setXRange(seen.weight.lower, seen.weight.upper);
    m_plot->setYRange(0.0, std::nullopt);
    m_plot->setAxisTitles(tr("entry"), tr("density"));
    QVector<PlotSeries> all;
    // The levels first, so that the curves lie over them: at the mean absmax of the residual's blocks.
    double highest = 0.0;
    for (const double density : seen.residual.density) {
        highest = std::max(highest, density);
    }
    for (const float level : core::quantCode(m_bench.options().quant.type)) {
        PlotSeries tick = line({}, grey);
        tick.labelOnLine = false;
        tick.width = 1.0;
        tick.opacity = 0.5;
        const double x = static_cast<double>(level) * seen.residual.meanAbsmax;
        tick.x << x << x;
        tick.y << 0.0 << 0.12 * highest;
        all.append(tick);
    }
    const auto add = [&](const core::EntryDistribution& entries, const QString& name,
                         const QColor& color) {
        all.append(histogram(entries, name, color));
        PlotSeries normal =
            fitted(entries, {}, color, [&](double x) { return entries.normalDensity(x); });
        normal.labelOnLine = false;
        normal.dashed = true;
        normal.width = 1.0;
        all.append(normal);
        all.append(
            fitted(entries, name, color, [&](double x) { return entries.student.density(x); }));
    };
    add(seen.weight, tr("W"), grey);
    add(seen.residual, tr("W − BA"), own);
    m_plot->setSeries(all);
    const QString type = fromView(core::quantTypeName(m_bench.options().quant.type)).toUpper();
    m_note->setText(tr("Solid: Student's t. Dashed: normal. Ticks: the levels of %1.").arg(type)
                    + QLatin1Char('\n') + fitText(seen.weight, tr("W")) + QLatin1Char('\n')
                    + fitText(seen.residual, tr("W − BA")));
    m_note->setToolTip(
        tr("Solid: Student's t fitted; dashed: the normal of the same mean and "
           "deviation; ticks: the sixteen levels times the mean absmax of W − BA, %1")
            .arg(formatNumber(seen.residual.meanAbsmax, 3)));
}

void MatrixCard::showSpectra(const core::MatrixInspection& seen)
{
    const Theme& theme = Theme::instance();
    m_plot->setLogX(true);
    m_plot->setLogY(true);
    m_plot->setXRange(std::nullopt, std::nullopt);
    // The last values of a residual or an error are rounding: they would take most of the axis.
    m_plot->setYRange(kSpectrumDepth * seen.weightSpectrum.front(), std::nullopt);
    m_plot->setAxisTitles(tr("index i"), tr("singular value σ"));
    PlotSeries residual = spectrum(seen.residualSpectrum, tr("W − BA"), theme.colors().text);
    residual.dashed = true;
    const auto sum = [](const std::vector<double>& values) {
        double total = 0.0;
        for (const double value : values) {
            total += value;
        }
        return formatNumber(total);
    };
    const core::Method plain = core::yardstick();
    QVector<PlotSeries> all {
        spectrum(seen.weightSpectrum, tr("W"), theme.colors().muted), residual,
        spectrum(seen.qlora.spectrum, tr("%1's error").arg(titleOf(plain)), methodColor(plain))};
    QStringList sums {titleOf(plain) + u' ' + sum(seen.qlora.spectrum)};
    for (const auto& [method, error] : seen.errors) {
        all.append(spectrum(error.spectrum, tr("%1's").arg(titleOf(method)), methodColor(method)));
        sums.append(titleOf(method) + u' ' + sum(error.spectrum));
    }
    m_plot->setSeries(all);
    m_note->setText(tr("Σσ of the errors: %1").arg(sums.join(QStringLiteral(", "))));
}

void MatrixCard::showBlocks(const core::MatrixInspection& seen)
{
    double most = 0.0; // one scale for all
    std::vector<const core::BlockErrors*> all {&seen.qlora.blocks};
    for (const auto& [method, error] : seen.errors) {
        all.push_back(&error.blocks);
    }
    for (const core::BlockErrors* blocks : all) {
        for (const float rms : blocks->rms) {
            most = std::max(most, static_cast<double>(rms));
        }
    }
    m_blocks->setBlocks(*all[static_cast<std::size_t>(m_method->current())], most,
                        m_bench.options().quant.blockSize);
}

} // namespace pissarro::ui
