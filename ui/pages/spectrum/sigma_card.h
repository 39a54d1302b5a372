// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/spectrum/spectrum_facts.h"
#include "ui/widgets/card.h"

class QMenu;
class QPushButton;

namespace pissarro::ui {

class LinePlot;
class SegmentedControl;

// The singular values of the selected matrices over their index; or those that PiSSA's residual keeps at the rank; or
// those of the change ΔW that fine-tuning made, before the weights' own.
class SigmaCard : public Card {
    Q_OBJECT

public:
    explicit SigmaCard(QWidget* parent = nullptr);

    void setMatrices(const QVector<MatrixView>& matrices);
    void setRanks(int rank, int largest); // of the cursor
    LinePlot* plot() const { return m_plot; }
    SegmentedControl* scale() const { return m_scale; } // log, linear, log–log
    SegmentedControl* content() const { return m_content; } // σ, residual, ΔW
    bool hasLogIndex() const;
    bool showsUpdate() const; // content() is ΔW

    // What ΔW compares with, for its menu; `name` empty: nothing yet.
    void setComparison(const QString& name, bool arriving);
    void setSlice(int first); // where what becomes the adapter begins, of the first matrix
    QMenu* compareMenu() const { return m_compareMenu; } // the page fills it
    void openExport(); // the menu of the Export button

Q_SIGNALS:
    void rankMoved(int rank); // by a person
    void contentChanged();
    void scaleChanged();
    void meterRequested();

private:
    void showSeries();
    void showScale();
    void showUpdateScale(bool log);
    QVector<PlotSeries> residualSeries() const;
    QVector<PlotSeries> paleSigma() const;
    void showContent(int index);
    void showSelection(); // and what it is compared with, beside the title

    SegmentedControl* m_scale;
    SegmentedControl* m_content;
    LinePlot* m_plot;
    QMenu* m_compareMenu;
    QPushButton* m_compare;
    QPushButton* m_export;
    QVector<PlotSeries> m_sigma;
    QVector<PlotSeries> m_update; // empty: nothing to compare with, or none of the selected yet
    QString m_problem; // why a selected matrix has no values
    QString m_selection; // of the matrices, for the subtitle
    QString m_comparedWith;
    bool m_arriving = false;
    int m_rank = 1;
    int m_largest = 1; // rank of any matrix
    int m_first = 0; // of the slice
};

} // namespace pissarro::ui
