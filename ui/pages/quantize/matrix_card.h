// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/matrix_inspection.h"
#include "ui/widgets/card.h"

class QLabel;
class QPushButton;
class QStackedWidget;

namespace pissarro::ui {

class BlockImage;
class LinePlot;
class QuantBench;
class SegmentedControl;
struct Services;

// The selected matrix closely: the distribution of W and of the residual that QPiSSA quantizes, with normal and Student
// fits and the sixteen levels; the spectra of both and of what each method leaves; the errors of its blocks as a picture.
class MatrixCard : public Card {
    Q_OBJECT

public:
    MatrixCard(Services& services, QuantBench& bench, QWidget* parent = nullptr);

    LinePlot* plot() const { return m_plot; }

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QString nameOf() const; // "layer 14 · q_proj, 576 × 576"
    void show();
    void showEntries(const core::MatrixInspection& seen);
    void showSpectra(const core::MatrixInspection& seen);
    void showBlocks(const core::MatrixInspection& seen);
    void showNote();

    Services& m_services;
    QuantBench& m_bench;
    SegmentedControl* m_what; // 0: entries, 1: spectra, 2: blocks
    SegmentedControl* m_method; // of the blocks
    QStackedWidget* m_views;
    LinePlot* m_plot;
    BlockImage* m_blocks;
    QLabel* m_note;
    QPushButton* m_retry; // after a failure
};

} // namespace pissarro::ui
