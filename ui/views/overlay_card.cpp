// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/overlay_card.h"

#include "ui/look/metrics.h"
#include "ui/plot/line_plot.h"
#include "ui/widgets/number_edit.h"
#include "ui/words/format.h"
#include "ui/words/language.h"
#include "ui/words/metric_words.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace pissarro::ui {

namespace {

using Part = OverlayCurve::Part;

constexpr double kSmoothing = 0.6; // of a fresh window
constexpr double kMostSmoothing = 0.999;
constexpr double kRawOpacity = 0.35; // of the line under a smoothed one
constexpr double kThick = 2.0; // px, of a line that has something under it
constexpr double kThin = 1.6;
constexpr int kNameLength = 14; // characters that a choice shows at least
constexpr qsizetype kFewPoints = 3; // are no line yet
constexpr std::array kAxes {core::HistoryAxis::Step, core::HistoryAxis::Tokens,
                            core::HistoryAxis::Epoch, core::HistoryAxis::Time,
                            core::HistoryAxis::Flops};

template <class Widget>
Widget* named(Widget* widget, const QString& name, const QString& accessible,
              const QString& tip = {})
{
    widget->setObjectName(name);
    widget->setAccessibleName(accessible);
    widget->setToolTip(tip.isEmpty() ? accessible : tip);
    return widget;
}

QComboBox* choice(const QString& name, const QString& accessible, const QString& tip = {})
{
    QComboBox* box = named(new QComboBox, name, accessible, tip);
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon); // names are long
    box->setMinimumContentsLength(kNameLength);
    return box;
}

QLabel* muted(const QString& text)
{
    auto* label = new QLabel(text);
    label->setProperty("role", QByteArray("muted"));
    return label;
}

} // namespace

QVector<PlotSeries> plotSeriesOf(const OverlayPicture& picture,
                                 const QHash<QString, OverlayLook>& looks)
{
    QVector<PlotSeries> all;
    for (const OverlayCurve& curve : picture.curves) {
        const auto look = looks.constFind(curve.runs.first());
        if (look == looks.constEnd()) {
            continue; // unchecked since it was drawn
        }
        const bool isLine = curve.part == Part::Line || curve.part == Part::Mean;
        PlotSeries series;
        series.label = look->label;
        series.color = look->stroke.color;
        series.source = curve.points;
        series.labelAtEnd = isLine;
        series.inReadOut = isLine;
        series.width = picture.wish.smoothing > 0.0 || curve.part == Part::Mean ? kThick : kThin;
        series.markers = isLine && curve.points->size() <= kFewPoints;
        if (isLine) {
            series.dash = look->stroke.dash;
        }
        switch (curve.part) {
        case Part::Raw:
            series.label = OverlayCard::tr("%1 raw").arg(look->label);
            series.width = 1.0;
            series.opacity = kRawOpacity;
            break;
        case Part::Lowest:
        case Part::Highest:
            series.label = (curve.part == Part::Lowest ? OverlayCard::tr("%1, lowest of %2")
                                                       : OverlayCard::tr("%1, highest of %2"))
                               .arg(look->bandLabel, formatCount(curve.runs.size()));
            series.opacity = 0.0;
            // The one above is drawn down to the one before it.
            series.fillTo = curve.part == Part::Highest ? static_cast<int>(all.size()) - 1 : -1;
            break;
        case Part::Mean:
            series.label = OverlayCard::tr("%1, mean of %2")
                               .arg(look->bandLabel, formatCount(curve.runs.size()));
            break;
        case Part::Line:
            break;
        }
        all.append(series);
    }
    return all;
}

OverlayCard::OverlayCard(const QString& name, QWidget* parent)
    : Card(tr("Runs over one another"), parent)
    , m_metric(choice(name + QStringLiteral(".metric"), tr("What is drawn")))
    , m_axis(choice(name + QStringLiteral(".axis"), tr("What it is drawn over"),
                    tr("FLOPs: of the whole training so far. Of our runs 4 for each frozen and 6 "
                       "for each trained weight and token; of others by the total that they tell")))
    , m_smoothing(named(new RealEdit, name + QStringLiteral(".smoothing"), tr("Smoothing"),
                        tr("Weight of the moving average, as TensorBoard smooths: 0 is raw")))
    , m_logX(named(new QCheckBox(tr("log x")), name + QStringLiteral(".logX"),
                   tr("Logarithmic horizontal axis")))
    , m_logY(named(new QCheckBox(tr("log y")), name + QStringLiteral(".logY"),
                   tr("Logarithmic vertical axis")))
    , m_baseline(choice(name + QStringLiteral(".baseline"), tr("Difference to"),
                        tr("Draws every run as its difference to this one")))
    , m_bands(named(new QCheckBox(tr("seeds as bands")), name + QStringLiteral(".bands"),
                    tr("Runs that differ in their seed alone as one"),
                    tr("Runs that differ in their seed alone: their mean, and the band from the "
                       "lowest to the highest of them")))
    , m_plot(new LinePlot(name + QStringLiteral(".plot"), tr("Runs over one another")))
{
    setObjectName(name + QStringLiteral(".overlay"));
    m_plot->setReadOut(ReadOut::All);
    auto* exportButton = named(new QPushButton(tr("Export")), name + QStringLiteral(".plot.export"),
                               tr("Export the plot"), tr("Copy, or save as PNG, PDF, SVG or CSV"));
    connect(exportButton, &QPushButton::clicked, this, [this, exportButton] {
        m_plot->exportMenu()->popup(exportButton->mapToGlobal(QPoint(0, exportButton->height())));
    });
    addTitleWidget(exportButton);
    for (const core::HistoryAxis axis : kAxes) {
        m_axis->addItem(axisTitle(axis));
    }
    m_smoothing->setLimits(0.0, kMostSmoothing);
    m_smoothing->setDecimals(3);
    m_smoothing->setSingleStep(0.05);
    m_smoothing->setValue(kSmoothing);
    setMetrics({});
    setBaselines({});
    buildRows();
    body()->addWidget(m_plot, 1);
    for (QComboBox* box : {m_metric, m_axis, m_baseline}) {
        connect(box, &QComboBox::activated, this, &OverlayCard::tell);
    }
    for (QCheckBox* box : {m_logX, m_logY, m_bands}) {
        connect(box, &QCheckBox::toggled, this, &OverlayCard::tell);
    }
    connect(m_smoothing, &QDoubleSpinBox::valueChanged, this, &OverlayCard::tell);
}

void OverlayCard::buildRows()
{
    const auto row = [this](const QVector<QWidget*>& widgets) {
        auto* line = new QHBoxLayout;
        line->setSpacing(scaled(8));
        for (QWidget* widget : widgets) {
            line->addWidget(widget);
        }
        line->addStretch(1);
        body()->addLayout(line);
    };
    row({m_metric, muted(tr("over")), m_axis, m_logX, m_logY});
    row({muted(tr("smoothing")), m_smoothing, m_baseline, m_bands});
}

OverlayWish OverlayCard::wish() const
{
    OverlayWish wish;
    wish.metric = m_metric->currentData().toString();
    wish.axis = kAxes[static_cast<std::size_t>(std::max(0, m_axis->currentIndex()))];
    wish.smoothing = m_smoothing->problem().isEmpty() ? m_smoothing->value() : m_shown.smoothing;
    wish.baseline = m_baseline->currentData().toString();
    wish.bands = m_bands->isChecked();
    wish.logX = m_logX->isChecked();
    wish.logY = m_logY->isChecked() && wish.baseline.isEmpty(); // differences fall below nothing
    wish.xUnit = axisUnit(wish.axis);
    wish.yUnit = metricUnit(wish.metric);
    return wish;
}

void OverlayCard::tell()
{
    m_logY->setEnabled(m_baseline->currentIndex() <= 0);
    Q_EMIT wishChanged();
}

void OverlayCard::setMetrics(const QStringList& told)
{
    QStringList names = knownMetrics();
    const QString chosen =
        m_metric->count() == 0 ? names.first() : m_metric->currentData().toString();
    for (const QString& name : told + QStringList {chosen}) {
        if (!names.contains(name) && !core::isAxis(name.toStdString())) {
            names.append(name);
        }
    }
    if (names.size() == m_metric->count()
        && std::all_of(names.begin(), names.end(),
                       [this](const QString& name) { return m_metric->findData(name) >= 0; })) {
        return;
    }
    const QSignalBlocker quiet(m_metric);
    m_metric->clear();
    for (const QString& name : names) {
        m_metric->addItem(metricTitle(name), name);
    }
    m_metric->setCurrentIndex(m_metric->findData(chosen));
}

void OverlayCard::setBaselines(const QVector<Baseline>& runs)
{
    if (m_baseline->count() > 0 && std::exchange(m_baselines, runs) == runs) {
        return; // a list that is open stays so while runs go on
    }
    m_baselines = runs;
    const QString chosen = m_baseline->currentData().toString();
    const QSignalBlocker quiet(m_baseline);
    m_baseline->clear();
    m_baseline->addItem(tr("no baseline"), QString());
    for (const Baseline& run : runs) {
        m_baseline->addItem(tr("minus %1").arg(run.label), run.path);
    }
    m_baseline->setCurrentIndex(std::max(0, m_baseline->findData(chosen)));
    m_logY->setEnabled(m_baseline->currentIndex() <= 0);
}

// The curves were looked at for these axes: those before are taken away first, that nobody looks at them for the new ones.
void OverlayCard::setScales(const OverlayWish& wish)
{
    const bool otherX = wish.axis != m_shown.axis;
    const bool otherY = wish.metric != m_shown.metric || wish.baseline != m_shown.baseline;
    if (wish.logX != m_shown.logX || wish.logY != m_shown.logY) {
        m_plot->setSeries({});
        m_plot->setLogX(wish.logX);
        m_plot->setLogY(wish.logY);
    }
    if (otherX || otherY) {
        m_plot->resetView(); // a zoom into steps means nothing in seconds
    }
    m_plot->setAxisTitles(axisTitle(wish.axis),
                          wish.baseline.isEmpty()
                              ? metricTitle(wish.metric)
                              : tr("difference in %1").arg(metricTitle(wish.metric)));
    m_shown = wish;
}

QString OverlayCard::subtitleOf(const OverlayPicture& picture) const
{
    QStringList parts;
    if (picture.wish.smoothing > 0.0) {
        parts.append(tr("smoothed %1").arg(formatNumber(picture.wish.smoothing)));
    }
    if (std::any_of(picture.curves.begin(), picture.curves.end(),
                    [](const OverlayCurve& curve) { return curve.part == Part::Mean; })) {
        parts.append(tr("band: lowest to highest of the seeds"));
    }
    const auto silent =
        std::count_if(picture.facts.cbegin(), picture.facts.cend(), [](const OverlayFacts& facts) {
            return facts.problem.isEmpty() && std::isnan(facts.last);
        });
    if (silent > 0) {
        parts.append(tr("%1 of %2 runs do not tell it", nullptr, pluralOf(picture.facts.size()))
                         .arg(formatCount(silent), formatCount(picture.facts.size())));
    }
    return parts.join(QStringLiteral(" · "));
}

void OverlayCard::showPicture(const OverlayPicture& picture,
                              const QHash<QString, OverlayLook>& looks)
{
    setScales(picture.wish);
    setTitle(metricHead(picture.wish.metric));
    setSubtitle(subtitleOf(picture));
    m_plot->setSeries(plotSeriesOf(picture, looks));
}

} // namespace pissarro::ui
