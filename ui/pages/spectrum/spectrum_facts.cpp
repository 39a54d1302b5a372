// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/spectrum/spectrum_facts.h"

#include "ui/look/theme.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <vector>

namespace pissarro::ui {

namespace {

constexpr int kMostListed = 4; // matrices named in a reason
constexpr int kMostTitled = 7; // in a subtitle

struct Words {
    Q_DECLARE_TR_FUNCTIONS(pissarro::ui::SpectrumFacts)
};

bool isOneLayer(const QVector<MatrixView>& matrices)
{
    return std::all_of(matrices.begin(), matrices.end(), [&](const MatrixView& one) {
        return one.module->layer == matrices.first().module->layer;
    });
}

bool isOneType(const QVector<MatrixView>& matrices)
{
    return std::all_of(matrices.begin(), matrices.end(), [&](const MatrixView& one) {
        return one.module->type == matrices.first().module->type;
    });
}

// "q_proj 171, v_proj 142, …"
QString listOf(const QVector<MatrixView>& matrices,
               const std::function<std::int64_t(const core::Spectrum&)>& number)
{
    QStringList parts;
    for (const MatrixView& matrix : matrices) {
        if (matrix.isReady() && parts.size() < kMostListed) {
            parts.append(QStringLiteral("%1 %2").arg(
                matrix.label, formatCount(number(matrix.spectrum->spectrum))));
        }
    }
    return parts.join(QStringLiteral(", "))
        + (matrices.size() > kMostListed ? QStringLiteral(", …") : QString());
}

// Of those that are ready.
core::Spectra spectraOf(const QVector<MatrixView>& matrices)
{
    core::Spectra spectra;
    for (const MatrixView& matrix : matrices) {
        if (matrix.isReady()) {
            spectra.push_back(&matrix.spectrum->spectrum);
        }
    }
    return spectra;
}

} // namespace

void labelMatrices(QVector<MatrixView>& matrices)
{
    if (matrices.isEmpty()) {
        return;
    }
    const bool oneLayer = isOneLayer(matrices);
    const bool oneType = isOneType(matrices);
    for (MatrixView& matrix : matrices) {
        const QString type = QString::fromStdString(matrix.module->type);
        if (oneLayer) {
            matrix.label = type;
        } else if (oneType) {
            matrix.label = Words::tr("layer %1").arg(matrix.module->layer);
        } else {
            matrix.label = QStringLiteral("%1 %2").arg(type).arg(matrix.module->layer);
        }
    }
}

QString selectionText(const QVector<MatrixView>& matrices)
{
    if (matrices.isEmpty()) {
        return {};
    }
    const bool oneLayer = isOneLayer(matrices);
    const bool oneType = isOneType(matrices) && !oneLayer;
    QStringList labels;
    for (const MatrixView& matrix : matrices) {
        labels.append(oneType ? QString::number(matrix.module->layer) : matrix.label);
    }
    const QString list = labels.join(QStringLiteral(", "));
    const bool many = matrices.size() > kMostTitled;
    if (oneLayer) {
        return Words::tr("layer %1 · %2").arg(matrices.first().module->layer).arg(list);
    }
    if (oneType) {
        const QString type = QString::fromStdString(matrices.first().module->type);
        return many ? Words::tr("%1 · %n layers", nullptr, pluralOf(matrices.size())).arg(type)
                    : Words::tr("%1 · layers %2").arg(type, list);
    }
    return many ? Words::tr("%n matrices", nullptr, pluralOf(matrices.size())) : list;
}

namespace {

// Place among the types of the first layer.
int placeOf(const std::vector<core::LinearModule>& modules, std::size_t module)
{
    std::vector<std::string> types;
    for (const core::LinearModule& one : modules) {
        if (std::find(types.begin(), types.end(), one.type) == types.end()) {
            types.push_back(one.type);
        }
        if (one.type == modules[module].type) {
            break;
        }
    }
    return static_cast<int>(types.size()) - 1;
}

} // namespace

void paintNeutral(MatrixView& matrix, int place)
{
    constexpr std::array kSteps {0.0, 1.0, 0.55}; // neighbours in the list are far apart
    const auto count = static_cast<int>(kSteps.size());
    matrix.color = Theme::instance().neutral(kSteps[static_cast<std::size_t>(place % count)]);
    matrix.dashed = place >= count;
}

QColor crowdColor(const std::vector<core::LinearModule>& modules, std::size_t module, bool oneType)
{
    const int place = oneType ? static_cast<int>(modules[module].layer) : placeOf(modules, module);
    const int last =
        oneType ? static_cast<int>(modules.back().layer) : placeOf(modules, modules.size() - 1);
    const double share = static_cast<double>(place) / std::max(1, last);
    // Without the end that sinks into the card.
    return Theme::cividis(Theme::instance().isDark() ? 0.3 + 0.7 * share : 0.85 * share);
}

QVector<PlotKey> colorKey(const QVector<MatrixView>& matrices)
{
    QVector<PlotKey> key;
    if (matrices.size() <= kMostNamed) {
        return key;
    }
    if (isOneType(matrices)) {
        QVector<MatrixView> sorted = matrices;
        std::sort(sorted.begin(), sorted.end(), [](const MatrixView& a, const MatrixView& b) {
            return a.module->layer < b.module->layer;
        });
        key.append({Words::tr("layer %1").arg(sorted.first().module->layer),
                    {},
                    QString::number(sorted.last().module->layer)});
        for (const MatrixView& matrix : sorted) {
            key.first().colors.append(matrix.color);
        }
        return key;
    }
    QStringList types;
    for (const MatrixView& matrix : matrices) {
        const QString type = shortType(matrix.module->type);
        if (!types.contains(type)) {
            types.append(type);
            key.append({type, {matrix.color}, {}});
        }
    }
    return key;
}

PlotSeries matrixStyle(const MatrixView& matrix, bool first, bool crowded)
{
    PlotSeries series;
    series.label = matrix.label;
    series.color = matrix.color;
    series.dashed = matrix.dashed;
    series.width = crowded ? 1.0 : (first ? 2.2 : 1.6);
    series.labelOnLine = !crowded;
    return series;
}

double keptAt(const core::Spectrum& spectrum, int rank)
{
    const auto count = static_cast<std::int64_t>(spectrum.values.size());
    return core::keptEnergy(spectrum, std::min<std::int64_t>(rank, count));
}

double meanKeptAtOwnRanks(const QVector<MatrixView>& matrices)
{
    double sum = 0.0;
    int ready = 0;
    for (const MatrixView& matrix : matrices) {
        if (matrix.isReady()) {
            sum += core::keptBetween(matrix.spectrum->spectrum, matrix.first, matrix.rank);
            ++ready;
        }
    }
    return ready > 0 ? sum / ready : std::numeric_limits<double>::quiet_NaN();
}

RankAdvice adviseByEnergy(const QVector<MatrixView>& matrices, double share)
{
    const auto enough = static_cast<int>(core::rankForMeanEnergy(spectraOf(matrices), share));
    if (enough == 0) {
        return {};
    }
    if (matrices.size() == 1) {
        return {enough,
                Words::tr("At rank %1, %2 of the energy Σσ² of %3 is kept.")
                    .arg(formatCount(enough), formatPercent(share), matrices.first().label)};
    }
    const QString each = listOf(
        matrices, [share](const core::Spectrum& one) { return core::rankForEnergy(one, share); });
    return {enough,
            Words::tr("At rank %1 the selected matrices keep %2 of their energy Σσ² on average.\n"
                      "Each by itself: %3.")
                .arg(formatCount(enough), formatPercent(share), each)};
}

RankAdvice adviseByKnee(const QVector<MatrixView>& matrices)
{
    const auto rank = static_cast<int>(core::medianRank(spectraOf(matrices), core::kneeRank));
    if (rank == 0) {
        return {};
    }
    if (matrices.size() == 1) {
        return {rank,
                Words::tr("The knee of log σ of %1: after rank %2 the values fall more slowly.")
                    .arg(matrices.first().label, formatCount(rank))};
    }
    return {
        rank,
        Words::tr("The knee of log σ, where the fall slows down: median of the selected matrices.\n"
                  "Each by itself: %1.")
            .arg(listOf(matrices, core::kneeRank))};
}

RankAdvice adviseByThreshold(const QVector<MatrixView>& matrices)
{
    const auto rank = static_cast<int>(core::medianRank(spectraOf(matrices), core::rankAboveNoise));
    if (rank == 0) {
        return {};
    }
    const QString each = listOf(matrices, core::rankAboveNoise);
    return {rank,
            matrices.size() == 1
                ? Words::tr("Singular values above the optimal hard threshold against white noise "
                            "of the level of the median value (Gavish & Donoho 2014).\n"
                            "Each by itself: %1.")
                      .arg(each)
                : Words::tr("Singular values above the optimal hard threshold against white noise "
                            "of the level of the median value (Gavish & Donoho 2014), median of "
                            "the selected matrices.\nEach by itself: %1.")
                      .arg(each)};
}

} // namespace pissarro::ui
