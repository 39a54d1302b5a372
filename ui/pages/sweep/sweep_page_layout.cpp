// SPDX-License-Identifier: GPL-3.0-or-later
// What the Sweep page is made of.
#include "ui/look/metrics.h"
#include "ui/pages/sweep/draft_card.h"
#include "ui/pages/sweep/queue_card.h"
#include "ui/pages/sweep/results_view.h"
#include "ui/pages/sweep/sweep_page.h"
#include "ui/pages/sweep/verdict_card.h"
#include "ui/services/services.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/page_action.h"
#include "ui/widgets/page_splitter.h"

#include <QAction>
#include <QPushButton>
#include <QSplitter>
#include <QVBoxLayout>

namespace pissarro::ui {

namespace {

constexpr int kGap = 12; // px between cards
constexpr std::int64_t kTrialSteps = 30; // of each rank that is tried

} // namespace

QWidget* SweepPage::buildEmpty()
{
    auto* empty = new EmptyState(
        QStringLiteral("sweep.empty"), QStringLiteral("sweep"),
        tr("Which method, at which rank and rate?"),
        tr("Choose a model and data on the Train page: a sweep over its settings is proposed here. "
           "Or open one that was begun in another window or on the command line."),
        tr("Choose settings to vary"));
    empty->below()->addWidget(buttonOf(m_open, QStringLiteral("sweep.empty.open")), 0,
                              Qt::AlignHCenter);
    empty->below()->addWidget(buttonOf(m_load, QStringLiteral("sweep.empty.load")), 0,
                              Qt::AlignHCenter);
    connect(empty, &EmptyState::acted, this, [this] { Q_EMIT go(QStringLiteral("train"), {}); });
    return empty;
}

QWidget* SweepPage::buildContent()
{
    m_draft = new DraftCard(m_services, {m_start, m_load, m_fromForm, m_copy, m_rates, m_ranks});
    m_verdict = new VerdictCard;
    m_queueCard = new QueueCard(m_services.sweepQueue, {m_pause, m_retry, m_skip, m_up, m_down});
    m_results = new ResultsView(m_services.sweepQueue, this);
    auto* scores = pageSplitter("sweep.scores", Qt::Horizontal, m_results->atOneRate(),
                                m_results->atBestRates(), {500, 500});
    auto* runs = pageSplitter("sweep.runsRow", Qt::Horizontal, m_queueCard, m_results->everyRun(),
                              {500, 500});
    auto* rows = pageSplitter("sweep.rows", Qt::Vertical, scores, runs, {420, 290});
    auto* right = new QWidget;
    auto* column = new QVBoxLayout(right);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(scaled(kGap));
    column->addWidget(m_verdict);
    column->addWidget(rows, 1);
    auto* all = pageSplitter("sweep.columns", Qt::Horizontal, m_draft, right, {310, 1000});
    all->setStretchFactor(0, 0);
    all->setStretchFactor(1, 1);
    return all;
}

void SweepPage::buildActions()
{
    const auto add = [this](const char* name, const QString& text, const QKeySequence& keys,
                            auto run) {
        return addPageAction(this, QLatin1String(name), text, keys, run);
    };
    m_start = add("sweep.action.start", tr("&Start the sweep"), Qt::CTRL | Qt::Key_Return,
                  [this] { start(); });
    m_fromForm = add("sweep.action.fromForm", tr("From the &Train page"),
                     Qt::CTRL | Qt::SHIFT | Qt::Key_T, [this] { takeForm(true); });
    m_load = add("sweep.action.load", tr("&Load a file…"), Qt::CTRL | Qt::Key_L,
                 [this] { chooseFile(); });
    m_open = add("sweep.action.open", tr("&Open a sweep…"), Qt::CTRL | Qt::Key_E,
                 [this] { chooseFolder(); });
    m_close = add("sweep.action.close", tr("Close the sweep"), Qt::CTRL | Qt::Key_W,
                  [this] { m_services.sweepQueue.close(); });
    m_copy = add("sweep.action.copy", tr("Copy as co&mmand"), Qt::CTRL | Qt::SHIFT | Qt::Key_K,
                 [this] { copyCommand(); });
    addActionSeparator(this);
    m_rates = add("sweep.action.rates", tr("Find &rates"), Qt::CTRL | Qt::SHIFT | Qt::Key_R,
                  [this] { m_services.sweepPlanner.findRates(); });
    m_rates->setWhatsThis(tr("A short ramp of each method, from rates at which nothing is learned "
                             "to those at which the loss runs away"));
    m_ranks = add("sweep.action.ranks", tr("Try r&anks"), Qt::CTRL | Qt::SHIFT | Qt::Key_M,
                  [this] { m_services.sweepPlanner.tryRanks(m_draft->ranksToTry(), kTrialSteps); });
    m_ranks->setWhatsThis(tr("Trains two to four ranks for a few steps on the same batches"));
    addActionSeparator(this);
    m_pause = add("sweep.action.pause", tr("&Pause"), Qt::Key_P, [this] { togglePause(); });
    m_retry = add("sweep.action.retry", tr("Retr&y"), Qt::Key_R, [this] { retry(); });
    m_retry->setWhatsThis(tr("The chosen run, or all that failed, wait again"));
    m_skip = add("sweep.action.skip", tr("S&kip the run"), Qt::Key_K,
                 [this] { m_services.sweepQueue.skip(m_queueCard->selected()); });
    m_up = add("sweep.action.up", tr("Earlier in the queue"), Qt::ALT | Qt::Key_Up,
               [this] { moveSelected(-1); });
    m_down = add("sweep.action.down", tr("Later in the queue"), Qt::ALT | Qt::Key_Down,
                 [this] { moveSelected(1); });
    m_show = add("sweep.action.show", tr("Open the run"), Qt::CTRL | Qt::SHIFT | Qt::Key_Return,
                 [this] { openRun(m_selected); });
    addActionSeparator(this);
    m_copyTable = add("sweep.action.copyTable", tr("Copy table as CSV"),
                      Qt::CTRL | Qt::SHIFT | Qt::Key_C, [this] { m_results->copyTable(); });
}

} // namespace pissarro::ui
