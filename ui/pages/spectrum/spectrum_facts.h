// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/rank_advice.h"
#include "core/analysis/spectrum_sweep.h"
#include "core/analysis/update_spectrum.h"
#include "core/model/model_files.h"
#include "ui/plot/line_plot.h"

#include <QColor>
#include <QString>
#include <QVector>

#include <memory>

namespace pissarro::ui {

// A selected matrix as the page shows it. It keeps what it points to: cards hold views over many events, while spectra
// arrive and models close.
struct MatrixView {
    std::shared_ptr<const core::LinearModule> module;
    std::shared_ptr<const core::ModuleSpectrum> spectrum; // null: not computed yet
    std::shared_ptr<const core::UpdateSpectrum> update; // null: nothing to compare with, or not yet
    int rank = 0; // its own: of the map, or the one for all
    int first = 0; // where its slice begins: values first to first + rank become the adapter
    QString label; // what tells it from the other selected ones: "q_proj", "layer 3"
    QColor color;
    bool dashed = false; // tells it from another of its colour

    bool isReady() const { return spectrum && !spectrum->spectrum.values.empty(); }
};

// Fills label of each: the type within one layer, the layer within one type, else both.
void labelMatrices(QVector<MatrixView>& matrices);
QString selectionText(const QVector<MatrixView>& matrices); // "layer 14 · q_proj, v_proj"

// Matrices are no methods and have none of their colours. Few are greys, the first of them dark, the second faint; from
// the fourth on dashed.
constexpr int kMostNeutral = 6;
void paintNeutral(MatrixView& matrix, int place); // color and dashed
// Of more: a place in cividis, by layer where all are of one type, else by type.
QColor crowdColor(const std::vector<core::LinearModule>& modules, std::size_t module, bool oneType);

constexpr int kMostNamed = 8; // curves; more bear no names

// What the colours of a crowd mean: the depth of a module's layers, or the types. Empty for few matrices.
QVector<PlotKey> colorKey(const QVector<MatrixView>& matrices);

// The curve without its points: colour, name, weight; the first selected matrix is drawn heavier.
PlotSeries matrixStyle(const MatrixView& matrix, bool first, bool crowded);

// Share kept by the first `rank` values; 1 when the matrix has no more than `rank`.
double keptAt(const core::Spectrum& spectrum, int rank);
// Mean of what the slices of the matrices that are ready keep, each at its own rank; NaN: none is.
double meanKeptAtOwnRanks(const QVector<MatrixView>& matrices);

// A rank with the reason for it.
struct RankAdvice {
    int rank = 0; // 0: nothing to go by yet
    QString reason;
};

// Smallest rank at which the matrices keep `share` of their energy on average.
RankAdvice adviseByEnergy(const QVector<MatrixView>& matrices, double share);
// Median of the knees of the matrices' spectra.
RankAdvice adviseByKnee(const QVector<MatrixView>& matrices);
// Median of the numbers of values above Gavish and Donoho's threshold, the noise estimated.
RankAdvice adviseByThreshold(const QVector<MatrixView>& matrices);

} // namespace pissarro::ui
