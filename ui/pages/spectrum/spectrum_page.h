// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/spectrum/rank_rules.h"
#include "ui/pages/spectrum/spectrum_facts.h"
#include "ui/views/page.h"

#include <QHash>

class QMenu;

namespace pissarro::ui {

class EnergyCard;
class HeatCard;
class MeterDialog;
class QuantErrorMeter;
class RankCard;
class RankMapHistory;
class SigmaCard;

// The Spectrum page: singular values and energy of the selected matrices with one rank cursor,
// every matrix as a heat map, and what the rank costs.
class SpectrumPage : public Page {
    Q_OBJECT

public:
    explicit SpectrumPage(Services& services, QWidget* parent = nullptr);

    void measure(); // the fast SVD on the selected matrices: opens its dialog
    void showMeasurement(); // that dialog, on the matrices of the last measurement

    Invitation invitation() const override;
    bool takes(PathKind kind) const override { return kind == PathKind::Model; }
    void take(const QVariant& with) override; // path of what is tuned, to be compared with
    QVector<NextStep> nextSteps() const override;

private:
    void buildLayout();
    void buildActions();
    void buildSweepActions();
    void tellOfMeasurement(); // that ended while no dialog shows it
    void connectCards();
    void showModel();
    void showSelection(); // other matrices, or other colours
    void showSpectra(const QStringList& arrived);
    void showRank();
    void showReadOuts();
    void readOut();
    void showUpdates();
    void showAngles();
    void showMap();
    void showSlice();
    void buildCompareMenu();
    void fillRunMenu(QMenu* menu);
    void compareWith(const QString& path);
    void applyRule(RankRule rule, const QString& value);
    void editMap();
    void openMeter(const QStringList& modules);
    MeterDialog* shownMeter() const; // null: none
    void chooseRank(int rank);
    void beginMap();
    QVector<int> selectedModules() const; // that the model has
    QVector<MatrixView> selectedMatrices();
    int shownRank();
    int largestRank() const; // of any matrix: how far the cursor goes

    Services& m_services;
    SigmaCard* m_sigma;
    EnergyCard* m_energy;
    HeatCard* m_heat;
    RankCard* m_rank;
    RankMapHistory* m_history;
    QuantErrorMeter* m_quantError;
    QHash<int, int>
        m_colorOf; // module -> place in the colour cycle: a matrix keeps its colour while selected
};

} // namespace pissarro::ui
