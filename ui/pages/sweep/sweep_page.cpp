// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/sweep/sweep_page.h"

#include "core/evaluate/evaluated_tasks.h"
#include "core/text/shell_text.h"
#include "ui/look/metrics.h"
#include "ui/pages/sweep/draft_card.h"
#include "ui/pages/sweep/queue_card.h"
#include "ui/pages/sweep/queue_model.h"
#include "ui/pages/sweep/results_view.h"
#include "ui/pages/sweep/verdict_card.h"
#include "ui/services/services.h"
#include "ui/widgets/file_dialogs.h"
#include "ui/words/format.h"
#include "ui/words/message.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QMessageBox>
#include <QScopedValueRollback>
#include <QSettings>
#include <QStackedLayout>

#include <algorithm>
#include <optional>
#include <utility>

namespace pissarro::ui {

namespace {

const QString kFolder = QStringLiteral("sweep/folder");
const QString kDraft = QStringLiteral("sweep/draft");

void askByBox(QWidget* parent, const QString& question, std::function<void()> yes)
{
    auto* box = new QMessageBox(QMessageBox::NoIcon, SweepPage::tr("Run what models write?"),
                                question, QMessageBox::Yes | QMessageBox::Cancel, parent);
    box->setObjectName(QStringLiteral("sweep.consent"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    QObject::connect(box, &QMessageBox::finished, parent, [yes = std::move(yes)](int answer) {
        if (answer == QMessageBox::Yes) {
            yes();
        }
    });
    box->open();
}

bool runsCode(const core::SweepSpec& sweep)
{
    return sweep.evaluation && core::evaluatedTask(sweep.evaluation->task).runsCode;
}

} // namespace

SweepPage::SweepPage(Services& services, QWidget* parent)
    : Page(parent)
    , m_services(services)
    , m_consentAsker([this](const QString& question, std::function<void()> yes) {
        askByBox(this, question, std::move(yes));
    })
    , m_pages(new QStackedLayout(this))
{
    buildActions();
    m_pages->addWidget(buildEmpty());
    m_pages->addWidget(buildContent());
    connectParts();
    takeForm(false);
    showQueue();
    showActions();
}

void SweepPage::setConsentAsker(ConsentAsker asker)
{
    m_consentAsker = std::move(asker);
}

void SweepPage::connectParts()
{
    SweepQueue& queue = m_services.sweepQueue;
    connect(&queue, &SweepQueue::changed, this, [this] {
        takeQueue();
        whenInSight("queue", [this] { showQueue(); });
    });
    connect(&queue, &Service::stateChanged, this, [this] { showActions(); });
    connect(&m_services.sweepPlanner, &SweepPlanner::formSpecChanged, this,
            [this] { takeForm(false); });
    connect(m_draft, &DraftCard::edited, this, [this] {
        m_touched = m_touched || !m_filling;
        Q_EMIT stateToKeep();
    });
    connect(m_queueCard, &QueueCard::runChosen, this, &SweepPage::choose);
    connect(m_queueCard, &QueueCard::runOpened, this, &SweepPage::openRun);
    connect(m_results, &ResultsView::runChosen, this, &SweepPage::choose);
    connect(m_results, &ResultsView::runOpened, this, &SweepPage::openRun);
    connect(&m_reading, &JobBridge::failed, this, [this](quint64, const QString& why) {
        Q_EMIT failed({tr("The sweep was not loaded"), {}, why});
    });
}

// --- What the draft is filled from

void SweepPage::takeDraft(const core::SweepSpec& draft)
{
    {
        const QScopedValueRollback<bool> filling(m_filling, true);
        m_draft->setDraft(draft);
    }
    m_pages->setCurrentIndex(1);
}

// By itself only while the draft is nobody's.
void SweepPage::takeForm(bool asked)
{
    const auto& form = m_services.sweepPlanner.formSpec();
    const bool whole =
        form && !form->model.empty() && !(form->data.empty() && form->batches.empty());
    m_fromForm->setEnabled(whole);
    if (whole && (asked || (!m_touched && m_services.sweepQueue.folder().isEmpty()))) {
        m_touched = asked;
        takeDraft(proposedSweep(*form));
    }
}

void SweepPage::take(const QVariant& with)
{
    if (with.canConvert<core::RunSpec>()) {
        m_touched = true;
        takeDraft(proposedSweep(with.value<core::RunSpec>()));
        return;
    }
    const QStringList paths = with.toStringList();
    for (const QString& path : paths) {
        whenSeen(path, this, [this, isFirst = path == paths.first()](const SeenPath& seen) {
            adopt(seen, isFirst);
        });
    }
}

// --page sweep MODEL: a model is opened beneath the page, a sweep and a spec in it.
void SweepPage::adopt(const SeenPath& seen, bool isFirst)
{
    if (seen.kind == PathKind::Model) {
        m_services.model.open(seen.path);
    } else if (seen.kind == PathKind::Data && !seen.path.endsWith(QLatin1String(".json"))) {
        m_services.data.open(seen.path);
    } else if (isFirst) {
        load(seen.path);
    }
}

void SweepPage::load(const QString& path)
{
    m_reading.start<DraftFile>([path](const core::JobContext& /*job*/) { return readDraft(path); },
                               [this](const DraftFile& file) {
                                   if (!file.folder.isEmpty()) {
                                       m_services.sweepQueue.open(file.folder);
                                   } else if (file.sweep) {
                                       m_touched = true;
                                       takeDraft(*file.sweep);
                                       Q_EMIT stateToKeep();
                                   }
                               });
}

void SweepPage::saveState(QSettings& session) const
{
    session.setValue(kFolder, m_services.sweepQueue.folder());
    if (m_draft->draft()) {
        session.setValue(kDraft, sweepText(*m_draft->draft()));
    }
}

void SweepPage::offerState(QSettings& session)
{
    const QString folder = session.value(kFolder).toString();
    const QString kept = session.value(kDraft).toString();
    if (!folder.isEmpty() && m_services.sweepQueue.folder().isEmpty()) {
        m_services.sweepQueue.open(folder);
    }
    if (kept.isEmpty() || m_touched) {
        return;
    }
    m_draftOf = folder; // the sweep that is opened does not take the draft's place
    m_reading.start<std::optional<core::SweepSpec>>(
        [kept](const core::JobContext& /*job*/) { return sweepFromKept(kept); },
        [this](const std::optional<core::SweepSpec>& sweep) {
            if (sweep && !m_touched) {
                m_touched = true;
                takeDraft(*sweep);
            } else if (!sweep) {
                m_draftOf.clear();
                takeQueue();
            }
        });
}

void SweepPage::chooseFile()
{
    askToOpen(this, tr("Load a sweep or a run's spec"),
              tr("Sweeps and specs (*.json);;All files (*)"),
              [this](const QString& path) { load(path); });
}

void SweepPage::chooseFolder()
{
    askForFolder(this, tr("Open a sweep's folder"),
                 [this](const QString& path) { m_services.sweepQueue.open(path); });
}

// --- The open sweep

void SweepPage::takeQueue()
{
    const SweepLook* look = m_services.sweepQueue.look();
    if (look != nullptr && look->folder() != m_draftOf) { // another one: its draft
        m_draftOf = look->folder();
        if (!m_draft->isOpenSweep()) {
            core::SweepSpec sweep = look->store->spec();
            sweep.workers = look->state.workers;
            m_touched = true;
            takeDraft(sweep);
        }
        Q_EMIT stateToKeep();
    }
    const bool any = m_draft->draft() || !m_services.sweepQueue.folder().isEmpty();
    m_pages->setCurrentIndex(any ? 1 : 0);
    tellPause();
}

// Once: the disk is full, and the rest of the queue waits.
void SweepPage::tellPause()
{
    const SweepLook* look = m_services.sweepQueue.look();
    const QString why = look != nullptr && look->state.paused
        ? withoutOptionDashes(QString::fromStdString(look->state.why))
        : QString();
    const QString headline = tr("The sweep is paused");
    if (std::exchange(m_toldWhy, why) == why) {
        return;
    }
    if (why.isEmpty()) {
        Q_EMIT noticeOver(headline);
    } else {
        Q_EMIT noticed({headline, why, tr("Go on"), [this] { goOn(); }});
    }
}

void SweepPage::showQueue()
{
    const SweepLook* look = m_services.sweepQueue.look();
    if (look != nullptr) {
        m_verdict->showResults(look->results);
    } else {
        m_verdict->showNothing(
            m_services.sweepQueue.folder().isEmpty()
                ? tr("Which method, at which rank and rate? Start the sweep at the left, or open "
                     "one.")
                : tr("Reading the sweep…"));
    }
    m_queueCard->showQueue();
    m_results->showResults();
    m_queueCard->setSelected(m_selected);
    m_results->setSelected(m_selected);
    showActions();
}

void SweepPage::showActions()
{
    const SweepLook* look = m_services.sweepQueue.look();
    const bool left = look != nullptr && look->ended() < look->state.runs.size();
    const bool works = look != nullptr && look->isWorkedAt && !look->state.paused;
    m_pause->setText(works ? tr("&Pause") : tr("Go &on"));
    m_pause->setWhatsThis(works ? tr("Pause in all programs that work at it; what is trained stays")
                                : tr("Train what is left, each run from its checkpoint"));
    m_pause->setEnabled(left);
    m_close->setEnabled(!m_services.sweepQueue.folder().isEmpty());
    m_copyTable->setEnabled(look != nullptr);
    m_show->setEnabled(!m_selected.isEmpty());
}

void SweepPage::choose(const QString& run)
{
    m_selected = run;
    m_queueCard->setSelected(run);
    m_results->setSelected(run);
    showActions();
}

void SweepPage::openRun(const QString& run)
{
    const SweepLook* look = m_services.sweepQueue.look();
    if (look == nullptr || run.isEmpty()) {
        return;
    }
    choose(run);
    const auto& rows = look->results.rows;
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const core::SweepRow& one) {
        return QString::fromStdString(one.name) == run;
    });
    if (row == rows.end() || row->steps <= 0) { // there is no folder yet
        Q_EMIT noticed(
            {tr("The run has not begun"), tr("%1 waits in the queue.").arg(run), {}, {}});
        return;
    }
    Q_EMIT openRequested(look->runFolder(run.toStdString()));
}

// --- Orders

void SweepPage::start()
{
    if (!m_draft->draft() || !m_draft->problem().isEmpty()) {
        return;
    }
    if (m_draft->isOpenSweep()) {
        goOn();
        return;
    }
    const QString folder = m_draft->folder();
    if (!folder.isEmpty()) {
        m_selected.clear();
        m_draftOf = folder;
        m_services.sweepQueue.start(*m_draft->draft(), folder, m_draft->runsCode());
    }
}

void SweepPage::togglePause()
{
    const SweepLook* look = m_services.sweepQueue.look();
    if (look == nullptr) {
        return;
    }
    look->isWorkedAt && !look->state.paused ? m_services.sweepQueue.pause() : goOn();
}

void SweepPage::goOn()
{
    withConsent([this](bool code) { m_services.sweepQueue.resume(code); });
}

void SweepPage::withConsent(const std::function<void(bool runsCode)>& act)
{
    const SweepLook* look = m_services.sweepQueue.look();
    if (look == nullptr) {
        return;
    }
    if (!runsCode(look->store->spec()) || m_draft->runsCode()) {
        act(runsCode(look->store->spec()));
        return;
    }
    m_consentAsker(tr("The finished runs are asked for programs, which are scored by running them, "
                      "in a process without network and files. Agree to that?"),
                   [act] { act(true); });
}

void SweepPage::retry()
{
    SweepQueue& queue = m_services.sweepQueue;
    const int row = m_queueCard->selectedRow();
    const auto state = row >= 0 ? m_queueCard->model()->stateAt(row) : core::SweepRunState::Waiting;
    const bool rests = state == core::SweepRunState::Failed
        || state == core::SweepRunState::EndedEarly || state == core::SweepRunState::Skipped;
    if (rests) {
        queue.retry(m_queueCard->selected());
    } else {
        queue.retryFailed();
    }
    if (const SweepLook* look = queue.look(); look != nullptr && !look->isWorkedAt) {
        goOn();
    }
}

void SweepPage::moveSelected(int places)
{
    const int row = m_queueCard->selectedRow();
    const int to = row + places;
    if (row >= 0 && to >= 0 && to < m_queueCard->model()->rowCount()) {
        m_services.sweepQueue.move(m_queueCard->selected(), to);
    }
}

void SweepPage::copyCommand()
{
    if (!m_draft->draft()) {
        return;
    }
    const QString folder =
        QString::fromStdString(core::shellQuoted(m_draft->folder().toStdString()));
    QGuiApplication::clipboard()->setText(
        QStringLiteral("cat > sweep.json <<'PISSARRO'\n%1PISSARRO\n"
                       "pissarro-cli sweep sweep.json -o %2%3\n")
            .arg(sweepText(*m_draft->draft()), folder,
                 m_draft->runsCode() ? QStringLiteral(" --run-code") : QString()));
}

void SweepPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    m_draft->showWatched(true);
    m_services.sweepQueue.setFollowing(true);
}

void SweepPage::hideEvent(QHideEvent* event)
{
    Page::hideEvent(event);
    m_draft->showWatched(false);
    m_services.sweepQueue.setFollowing(false);
}

} // namespace pissarro::ui
