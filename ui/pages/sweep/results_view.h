// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

class QComboBox;
class QStackedWidget;
class QTableView;
class QSortFilterProxyModel;

namespace pissarro::ui {

class Card;
class ParallelPlot;
class RunGrid;
class ScorePlot;
class SeedsModel;
class SegmentedControl;
class SweepQueue;

// The pictures of a sweep: scores against a setting at one rate and at each method's best, sharing y; every run by rate and
// setting, over rates, in parallel coordinates, and as a table. One run is chosen in all of them.
class ResultsView : public QObject {
    Q_OBJECT

public:
    explicit ResultsView(SweepQueue& queue, QObject* parent = nullptr);

    // Cards for the page's layout, which owns them.
    Card* atOneRate() const { return m_oneRateCard; }
    Card* atBestRates() const { return m_bestCard; }
    Card* everyRun() const { return m_everyCard; }

    void showResults(); // of the queue's look
    void setSelected(const QString& run); // emits nothing
    void copyTable() const;

Q_SIGNALS:
    void runChosen(const QString& run); // by a person
    void runOpened(const QString& run);

private:
    void buildOneRate();
    void buildBest();
    void buildEvery();
    void buildTable();
    void follow(ScorePlot* plot);
    void fillChoices();
    void showScores();
    void showEvery();
    std::string setting() const; // that scores are drawn over; empty: none varies
    double rate() const;

    SweepQueue& m_queue;
    Card* m_oneRateCard;
    Card* m_bestCard;
    Card* m_everyCard;
    ScorePlot* m_oneRate;
    ScorePlot* m_best;
    QComboBox* m_rates;
    QComboBox* m_settings;
    SegmentedControl* m_which;
    QStackedWidget* m_pages;
    RunGrid* m_grid;
    ScorePlot* m_overRates;
    ParallelPlot* m_parallel;
    SeedsModel* m_table;
    QSortFilterProxyModel* m_sorted;
    QTableView* m_tableView;
    bool m_quiet = false; // a selection is no person's
};

} // namespace pissarro::ui
