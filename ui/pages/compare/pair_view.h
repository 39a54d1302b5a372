// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/compare/compare_runs_model.h"
#include "ui/pages/compare/pair_card.h"

#include <QStringList>
#include <QVector>
#include <QWidget>

#include <array>
#include <optional>

class QTableView;

namespace pissarro::ui {

class AnglesCard;
class PairFiguresModel;
class PairSpectraCard;
class UpdateMapsCard;
struct Services;

// Two runs closely: the verdict, where their updates went, one matrix of them, their figures.
class PairView : public QWidget {
    Q_OBJECT

public:
    explicit PairView(Services& services, QWidget* parent = nullptr);

    // All that may be chosen; beside: those that the claims are made with, too.
    void setRuns(const QVector<ComparedRun>& runs, const QStringList& beside);
    void setPair(const QString& a, const QString& b);
    QStringList pair() const; // the paths of A and B that are chosen
    void setEvaluations(const QStringList& folders); // the verdict goes by them first
    void compare(); // the two that are chosen, where they are two
    void swap();
    void moveStep(int by);
    void showTheme();

    PairCard* card() const { return m_card; }
    UpdateMapsCard* maps() const { return m_maps; }
    AnglesCard* angles() const { return m_angles; }
    PairSpectraCard* spectra() const { return m_spectra; }
    PairFiguresModel* figures() const { return m_figures; }

Q_SIGNALS:
    void pairChosen(); // by a person
    void ranksWanted(int side);
    void faultFound(const QString& fault); // why they cannot be laid over one another

private:
    QWidget* buildFigures();
    void showPair();
    void showMatrix();
    void lookAtMatrix();
    void showLooks();
    const ComparedRun* runOf(int side) const; // null: none is chosen

    Services& m_services;
    PairCard* m_card;
    UpdateMapsCard* m_maps;
    AnglesCard* m_angles;
    PairSpectraCard* m_spectra;
    PairFiguresModel* m_figures;
    QTableView* m_table;
    QVector<ComparedRun> m_runs;
    QStringList m_beside;
    std::array<QString, 2> m_titles;
    QString m_told; // the fault that was told
    QString m_lookedAt; // matrix and step that the spectra are of
};

} // namespace pissarro::ui
