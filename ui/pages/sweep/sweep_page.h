// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/jobs/job_bridge.h"
#include "ui/services/path_kind.h"
#include "ui/services/sweep_draft.h"
#include "ui/views/page.h"

#include <functional>

class QAction;
class QStackedLayout;

namespace pissarro::ui {

class DraftCard;
class QueueCard;
class ResultsView;
class VerdictCard;

// The Sweep page: at the left a draft of many runs by what is varied, at the right what the open sweep says, its queue and its
// runs, of which one is chosen everywhere.
class SweepPage : public Page {
    Q_OBJECT

public:
    explicit SweepPage(Services& services, QWidget* parent = nullptr);

    bool takes(PathKind kind) const override { return kind == PathKind::Sweep; }
    // A core::RunSpec: a draft over it; a path or paths: the sweep, SWEEP.json or spec of the first. Models and rows of data
    // among them are opened.
    void take(const QVariant& with) override;
    void saveState(QSettings& session) const override;
    void offerState(QSettings& session) override;

    void load(const QString& path); // a sweep's folder, SWEEP.json or a run's spec
    DraftCard* draft() const { return m_draft; }
    QueueCard* queue() const { return m_queueCard; }
    ResultsView* results() const { return m_results; }

    // Asks whether what models write may be run, and calls `yes` for yes. The default is a message box; a test answers by
    // itself.
    using ConsentAsker = std::function<void(const QString& question, std::function<void()> yes)>;
    void setConsentAsker(ConsentAsker asker);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void buildActions();
    QWidget* buildEmpty();
    QWidget* buildContent();
    void connectParts();
    void adopt(const SeenPath& seen, bool isFirst); // what a person named
    void takeDraft(const core::SweepSpec& draft); // not a person's typing
    void takeForm(bool asked);
    void takeQueue(); // what the page decides with
    void showQueue(); // what is seen
    void tellPause();
    void showActions();
    void choose(const QString& run);
    void openRun(const QString& run);
    void start();
    void togglePause();
    void goOn();
    void withConsent(const std::function<void(bool runsCode)>& act);
    void retry();
    void moveSelected(int places);
    void copyCommand();
    void chooseFile();
    void chooseFolder();

    Services& m_services;
    ConsentAsker m_consentAsker;
    QStackedLayout* m_pages;
    QAction* m_start = nullptr;
    QAction* m_load = nullptr;
    QAction* m_open = nullptr;
    QAction* m_close = nullptr;
    QAction* m_fromForm = nullptr;
    QAction* m_copy = nullptr;
    QAction* m_rates = nullptr;
    QAction* m_ranks = nullptr;
    QAction* m_pause = nullptr;
    QAction* m_retry = nullptr;
    QAction* m_skip = nullptr;
    QAction* m_up = nullptr;
    QAction* m_down = nullptr;
    QAction* m_show = nullptr;
    QAction* m_copyTable = nullptr;
    DraftCard* m_draft = nullptr;
    VerdictCard* m_verdict = nullptr;
    QueueCard* m_queueCard = nullptr;
    ResultsView* m_results = nullptr;
    QString m_selected; // run
    QString m_toldWhy; // of a pause that no person asked for
    QString m_draftOf; // folder of the sweep that the draft was filled from
    bool m_touched = false; // the draft is a person's, or a file's
    bool m_filling = false;
    JobBridge m_reading {JobKind::Reading}; // last: destroyed first
};

} // namespace pissarro::ui
