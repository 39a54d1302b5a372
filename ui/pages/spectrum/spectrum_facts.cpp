// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/spectrum/spectrum_facts.h"

#include "core/analysis/rank_map.h"
#include "ui/look/theme.h"
#include "ui/words/format.h"

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

QString tr(const char* text)
{
    return QCoreApplication::translate("SpectrumPage", text);
}

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

// Of one number a matrix; 0: none is ready.
int medianOf(const QVector<MatrixView>& matrices,
             const std::function<std::int64_t(const core::Spectrum&)>& number)
{
    std::vector<std::int64_t> numbers;
    for (const MatrixView& matrix : matrices) {
        if (matrix.isReady()) {
            numbers.push_back(number(matrix.spectrum->spectrum));
        }
    }
    if (numbers.empty()) {
        return 0;
    }
    const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>((numbers.size() - 1) / 2);
    std::nth_element(numbers.begin(), middle, numbers.end());
    return static_cast<int>(*middle);
}

int largestRank(const QVector<MatrixView>& matrices)
{
    std::size_t largest = 0;
    for (const MatrixView& matrix : matrices) {
        largest =
            matrix.isReady() ? std::max(largest, matrix.spectrum->spectrum.values.size()) : largest;
    }
    return static_cast<int>(largest);
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
            matrix.label = tr("layer %1").arg(matrix.module->layer);
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
        return tr("layer %1 · %2").arg(matrices.first().module->layer).arg(list);
    }
    if (oneType) {
        const QString type = QString::fromStdString(matrices.first().module->type);
        return many ? tr("%1 · %2 layers").arg(type).arg(matrices.size())
                    : tr("%1 · layers %2").arg(type, list);
    }
    return many ? tr("%1 matrices").arg(matrices.size()) : list;
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
        key.append({tr("layer %1").arg(sorted.first().module->layer),
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

double meanKept(const QVector<MatrixView>& matrices, int rank)
{
    double sum = 0.0;
    int ready = 0;
    for (const MatrixView& matrix : matrices) {
        if (matrix.isReady()) {
            sum += keptAt(matrix.spectrum->spectrum, rank);
            ++ready;
        }
    }
    return ready > 0 ? sum / ready : std::numeric_limits<double>::quiet_NaN();
}

double keptBetween(const core::Spectrum& spectrum, int first, int rank)
{
    return keptAt(spectrum, first + rank) - (first > 0 ? keptAt(spectrum, first) : 0.0);
}

double meanKeptAtOwnRanks(const QVector<MatrixView>& matrices)
{
    double sum = 0.0;
    int ready = 0;
    for (const MatrixView& matrix : matrices) {
        if (matrix.isReady()) {
            sum += keptBetween(matrix.spectrum->spectrum, matrix.first, matrix.rank);
            ++ready;
        }
    }
    return ready > 0 ? sum / ready : std::numeric_limits<double>::quiet_NaN();
}

RankAdvice adviseByEnergy(const QVector<MatrixView>& matrices, double share)
{
    int enough = largestRank(matrices);
    if (enough == 0) {
        return {};
    }
    int tooFew = 0;
    while (enough - tooFew > 1) {
        const int middle = tooFew + (enough - tooFew) / 2;
        (meanKept(matrices, middle) >= share ? enough : tooFew) = middle;
    }
    if (matrices.size() == 1) {
        return {enough,
                tr("At rank %1, %2 of the energy Σσ² of %3 is kept.")
                    .arg(formatCount(enough), formatPercent(share), matrices.first().label)};
    }
    const QString each = listOf(
        matrices, [share](const core::Spectrum& one) { return core::rankForEnergy(one, share); });
    return {enough,
            tr("At rank %1 the selected matrices keep %2 of their energy Σσ² on average.\n"
               "Each by itself: %3.")
                .arg(formatCount(enough), formatPercent(share), each)};
}

RankAdvice adviseByKnee(const QVector<MatrixView>& matrices)
{
    const int rank = medianOf(matrices, core::kneeRank);
    if (rank == 0) {
        return {};
    }
    if (matrices.size() == 1) {
        return {rank,
                tr("The knee of log σ of %1: after rank %2 the values fall more slowly.")
                    .arg(matrices.first().label, formatCount(rank))};
    }
    return {rank,
            tr("The knee of log σ, where the fall slows down: median of the selected matrices.\n"
               "Each by itself: %1.")
                .arg(listOf(matrices, core::kneeRank))};
}

RankAdvice adviseByThreshold(const QVector<MatrixView>& matrices)
{
    const auto above = [](const core::Spectrum& spectrum) {
        const double threshold = core::optimalHardThreshold(spectrum, 0.0);
        return std::max<std::int64_t>(
            1,
            std::count_if(spectrum.values.begin(), spectrum.values.end(),
                          [threshold](double value) { return value > threshold; }));
    };
    const int rank = medianOf(matrices, above);
    if (rank == 0) {
        return {};
    }
    return {rank,
            tr("Singular values above the optimal hard threshold against white noise of the level "
               "of the median value (Gavish & Donoho 2014)%1.\nEach by itself: %2.")
                .arg(matrices.size() == 1 ? QString() : tr(", median of the selected matrices"),
                     listOf(matrices, above))};
}

} // namespace pissarro::ui
