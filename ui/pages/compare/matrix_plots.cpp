// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare/matrix_plots.h"

#include "ui/look/theme.h"
#include "ui/plot/line_plot.h"
#include "ui/services/run_pair.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/format.h"

#include <algorithm>
#include <optional>

namespace pissarro::ui {

namespace {

constexpr std::size_t kMostValues = 128; // of a spectrum that is drawn
constexpr double kFloor = 1e-9; // of the largest: below it is rounding

PlotSeries curveOf(const std::vector<double>& values, const QString& label, const QColor& color)
{
    PlotSeries series;
    series.label = label;
    series.color = color;
    series.labelOnLine = true;
    for (std::size_t i = 0; i < values.size(); ++i) {
        series.x.append(static_cast<double>(i + 1));
        series.y.append(values[i]);
    }
    return series;
}

// The values that are drawn: those that a thin change cannot have are exactly zero.
std::vector<double> drawn(const core::Spectrum& spectrum)
{
    std::vector<double> values;
    for (const double value : spectrum.values) {
        if (values.size() == kMostValues || value <= kFloor * spectrum.values.front()) {
            break;
        }
        values.push_back(value);
    }
    return values;
}

// "layer 14 · v_proj"; empty where neither run trained it.
QString titleOf(const RunPair& pair, const QString& module)
{
    for (int side = 0; side < 2; ++side) {
        const int place = pair.side(side).placeOf(module);
        if (place >= 0) {
            const core::LinearModule& one =
                pair.side(side).modules[static_cast<std::size_t>(place)];
            return AnglesCard::tr("layer %1 · %2")
                .arg(QString::number(one.layer), QString::fromStdString(one.type));
        }
    }
    return {};
}

} // namespace

AnglesCard::AnglesCard(QWidget* parent)
    : Card(tr("Principal angles"), parent)
    , m_side(new SegmentedControl(QStringLiteral("pair.angles.side"), tr("Which directions"),
                                  {tr("out"), tr("in")}))
    , m_plot(new LinePlot(QStringLiteral("pair.angles"),
                          tr("Cosines of the principal angles of the changes")))
{
    m_side->setSegmentEnabled(0, true, tr("Among the outputs of the matrix"));
    m_side->setSegmentEnabled(1, true, tr("Among the inputs of the matrix"));
    addTitleWidget(m_side);
    m_plot->setAxisTitles(tr("angle i"), tr("cosine"));
    m_plot->setYRange(-0.03, 1.03); // a marker at either end is seen whole
    m_plot->setToolTip(tr("1 is a direction that both have, 0 one at right angles to the other"));
    body()->addWidget(m_plot, 1);
    connect(m_side, &SegmentedControl::changed, this, &AnglesCard::draw);
}

void AnglesCard::setLooks(const std::array<UpdateMapsCard::Look, 2>& looks)
{
    m_looks = looks;
    draw();
}

void AnglesCard::show(const RunPair& pair, const QString& module, std::int64_t step)
{
    m_pair = &pair;
    m_module = module;
    m_step = step;
    draw();
}

void AnglesCard::draw()
{
    if (m_pair == nullptr) {
        return;
    }
    setSubtitle(titleOf(*m_pair, m_module));
    const bool isOut = m_side->current() == 0;
    const auto of = [isOut](const core::SideCosines& cosines) {
        return isOut ? cosines.output : cosines.input;
    };
    const std::array<QString, 2> toBase {tr("A, W"), tr("B, W")};
    const std::array<QString, 2> toStart {tr("A, its start"), tr("B, its start")};
    QVector<PlotSeries> all;
    for (int side = 0; side < 2; ++side) {
        const auto place = static_cast<std::size_t>(side);
        const PairMatrix* matrix = m_pair->side(side).matrixAt(m_module, m_step);
        if (matrix == nullptr || !matrix->isMeasured) {
            continue;
        }
        if (const auto cosines = of(matrix->toBase); !cosines.empty()) {
            all.append(curveOf(cosines, toBase[place], m_looks[place].color));
            all.last().markers = true;
        }
        if (const auto cosines = of(matrix->toStart); !cosines.empty()) {
            all.append(curveOf(cosines, toStart[place], m_looks[place].color));
            all.last().dashed = true;
        }
    }
    const core::MatrixPair* pair = m_pair->matrix();
    if (pair != nullptr && QString::fromStdString(pair->module) == m_module) {
        if (const auto cosines = of(pair->between); !cosines.empty()) {
            all.append(curveOf(cosines, tr("A, B"), Theme::instance().colors().muted));
            all.last().dash = {1.0, 2.0};
        }
    }
    m_plot->setEmptyText(m_module.isEmpty() ? tr("Select a matrix in the maps.")
                                            : tr("Not measured yet, or there is nothing to compare "
                                                 "with on this side."));
    m_plot->setSeries(all);
}

PairSpectraCard::PairSpectraCard(QWidget* parent)
    : Card(tr("Spectra"), parent)
    , m_scale(new SegmentedControl(QStringLiteral("pair.spectra.scale"), tr("Scale of σ"),
                                   {tr("log"), tr("linear")}))
    , m_plot(new LinePlot(QStringLiteral("pair.spectra"),
                          tr("Singular values before, after and of the changes")))
{
    addTitleWidget(m_scale);
    m_plot->setAxisTitles(tr("index i"), tr("σ"));
    m_plot->setLogY(true);
    body()->addWidget(m_plot, 1);
    connect(m_scale, &SegmentedControl::changed, this, [this](int scale) {
        m_plot->setLogY(scale == 0);
        m_plot->resetView();
        draw();
    });
}

void PairSpectraCard::setLooks(const std::array<UpdateMapsCard::Look, 2>& looks)
{
    m_looks = looks;
    draw();
}

void PairSpectraCard::show(const RunPair& pair, const QString& module)
{
    m_pair = &pair;
    m_module = module;
    draw();
}

void PairSpectraCard::draw()
{
    if (m_pair == nullptr) {
        return;
    }
    setSubtitle(titleOf(*m_pair, m_module));
    const QString problem = m_pair->matrixProblem();
    m_plot->setEmptyText(m_module.isEmpty()       ? tr("Select a matrix in the maps.")
                             : !problem.isEmpty() ? problem
                                                  : tr("Decomposing…"));
    QVector<PlotSeries> all;
    const core::MatrixPair* pair = m_pair->matrix();
    if (pair != nullptr && QString::fromStdString(pair->module) == m_module) {
        const std::array<const std::optional<core::SpectraBesides>*, 2> both {&pair->a, &pair->b};
        const std::array<QString, 2> after {tr("after A"), tr("after B")};
        const std::array<QString, 2> change {tr("ΔW of A"), tr("ΔW of B")};
        bool hasBase = false;
        for (std::size_t i = 0; i < both.size(); ++i) {
            if (!*both[i]) {
                continue;
            }
            if (!std::exchange(hasBase, true)) {
                all.append(curveOf(drawn((*both[i])->before), tr("W before"),
                                   Theme::instance().colors().muted));
            }
            all.append(curveOf(drawn((*both[i])->after), after[i], m_looks[i].color));
            all.last().dashed = true;
            all.append(curveOf(drawn((*both[i])->delta), change[i], m_looks[i].color));
        }
    }
    m_plot->setSeries(all);
}

} // namespace pissarro::ui
