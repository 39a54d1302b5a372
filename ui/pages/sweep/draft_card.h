// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sweep/sweep_spec.h"
#include "ui/widgets/card.h"

#include <QVector>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

class QAction;
class QCheckBox;
class QLabel;
class QMenu;
class QProgressBar;
class QPushButton;
class QVBoxLayout;

namespace pissarro::ui {

class AxisRow;
class DraftOptions;
class SweepPlanner;
class SweepQueue;
struct Services;

// The draft of a sweep: its base, the settings that are varied with their values, when runs end early, and what all of it will
// cost, before the button that starts it.
class DraftCard : public Card {
    Q_OBJECT

public:
    // Actions of the page, whose buttons stand here.
    struct Actions {
        QAction* start = nullptr;
        QAction* load = nullptr;
        QAction* fromForm = nullptr;
        QAction* copy = nullptr;
        QAction* rates = nullptr; // propose them
        QAction* ranks = nullptr; // measure them
    };
    DraftCard(Services& services, const Actions& actions, QWidget* parent = nullptr);

    void setDraft(const core::SweepSpec& draft); // by a file, a run or the Train page
    // None: there is no base yet.
    const std::optional<core::SweepSpec>& draft() const { return m_draft; }
    QString folder() const; // where it would be begun; empty: not known yet
    QString problem() const; // why it cannot be started; empty: it can
    bool isOpenSweep() const; // the draft is what the open sweep was asked for
    bool runsCode() const; // and a person agreed
    std::vector<std::int64_t> ranksToTry() const;
    void showWatched(bool on); // somebody looks

Q_SIGNALS:
    void edited(); // by a person, or setDraft()

private:
    QWidget* buildHead();
    QWidget* buildAdvice();
    QWidget* buildFoot();
    void connectPlanner();
    void rebuildRows();
    void orderTabs();
    void addRow(AxisRow* row);
    void addRateRows();
    void fillAxisMenu();
    void takeRow(const AxisRow& row);
    void removeRow(const AxisRow& row);
    void focusRow(const std::string& key);
    void takeChange(); // of the draft
    void showDraft();
    bool hasEnded() const; // the draft is the open sweep, of which no run is left
    void showForecast();
    void showTime();
    void showAdvice();
    void takeRates();
    void useRank();

    Services& m_services;
    SweepPlanner& m_planner;
    Actions m_actions;
    std::optional<core::SweepSpec> m_draft;
    QVector<AxisRow*> m_rows;
    QLabel* m_base;
    QLabel* m_facts;
    QWidget* m_axes;
    QVBoxLayout* m_axisRows;
    QPushButton* m_addAxis;
    QMenu* m_axisMenu;
    QCheckBox* m_pairAlpha;
    QCheckBox* m_ownRates;
    DraftOptions* m_options;
    QLabel* m_advice; // what ramps and trials say
    QProgressBar* m_progress; // of them
    QPushButton* m_cancel;
    QPushButton* m_useRank;
    QLabel* m_runs;
    QLabel* m_runsWord;
    QLabel* m_time;
    QLabel* m_timeWord;
    QLabel* m_disk;
    QLabel* m_diskWord;
    QLabel* m_problem;
    QPushButton* m_start;
};

} // namespace pissarro::ui
