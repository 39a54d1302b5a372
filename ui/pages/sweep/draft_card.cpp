// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/sweep/draft_card.h"

#include "core/run/run_directory.h"
#include "ui/look/role.h"
#include "ui/pages/sweep/axis_row.h"
#include "ui/pages/sweep/draft_options.h"
#include "ui/services/services.h"
#include "ui/services/sweep_draft.h"
#include "ui/widgets/chip_edit.h"
#include "ui/words/field_look.h"
#include "ui/words/form_words.h"
#include "ui/words/format.h"
#include "ui/words/language.h"
#include "ui/words/message.h"
#include "ui/words/method_look.h"

#include <QAction>
#include <QCheckBox>
#include <QFileInfo>
#include <QLabel>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr const char* kRate = "learning_rate";
constexpr std::size_t kMostTrials = 4; // ranks that are tried

QString fileName(const std::string& path)
{
    return QFileInfo(QString::fromStdString(path)).fileName();
}

} // namespace

// --- The draft

void DraftCard::setDraft(const core::SweepSpec& draft)
{
    m_draft = draft;
    m_options->setDraft(draft);
    rebuildRows();
    takeChange();
}

QString DraftCard::folder() const
{
    const SweepOutline* outline = m_planner.outline();
    return outline == nullptr ? QString() : outline->folder.fresh;
}

bool DraftCard::isOpenSweep() const
{
    const SweepLook* look = m_services.sweepQueue.look();
    return m_draft && look != nullptr
        && core::sweepDifference(look->store->spec(), *m_draft).empty();
}

bool DraftCard::runsCode() const
{
    return m_options->runsCode() && m_options->isAgreed();
}

QString DraftCard::problem() const
{
    if (!m_draft) {
        return tr("There are no settings to vary yet: take them from the Train page or a file.");
    }
    if (m_draft->base.model.empty()) {
        return tr("The base names no model: choose one on the Train page.");
    }
    if (m_draft->base.data.empty() && m_draft->base.batches.empty()) {
        return tr("The base names no data: choose a file on the Train page.");
    }
    if (const QString task = m_options->problem(); !task.isEmpty()) {
        return task;
    }
    for (const AxisRow* row : m_rows) { // a person believes it to be a value
        if (const QString& why = row->chips()->problem(); !why.isEmpty()) {
            return QStringLiteral("%1: %2").arg(settingTitle(row->key()), why);
        }
    }
    const SweepOutline* outline = m_planner.outline();
    if (outline != nullptr && !outline->problem.isEmpty()) {
        return withoutOptionDashes(outline->problem);
    }
    const SweepQueue& queue = m_services.sweepQueue;
    if (isOpenSweep() && queue.look()->isWorkedAt) {
        return tr("It is the open sweep, which is at work.");
    }
    if (hasEnded()) {
        return tr("The open sweep has ended. With another value it is a new sweep.");
    }
    return {};
}

bool DraftCard::hasEnded() const
{
    const SweepLook* look = m_services.sweepQueue.look();
    return isOpenSweep() && look->ended() == look->state.runs.size();
}

std::vector<std::int64_t> DraftCard::ranksToTry() const
{
    std::vector<std::int64_t> ranks;
    const core::SweepAxis* axis = m_draft ? axisOf(m_draft->axes, "rank") : nullptr;
    for (const core::FieldValue& value :
         axis != nullptr ? axis->values : std::vector<core::FieldValue>()) {
        ranks.push_back(std::get<std::int64_t>(value));
    }
    if (ranks.size() < 2 && m_draft) {
        const std::int64_t rank = std::max<std::int64_t>(2, m_draft->base.rank);
        ranks = {rank / 2, rank, 2 * rank};
    }
    std::sort(ranks.begin(), ranks.end());
    ranks.resize(std::min(ranks.size(), kMostTrials));
    return ranks;
}

void DraftCard::showWatched(bool on)
{
    m_planner.setWatched(on);
}

// --- Axes

void DraftCard::addRow(AxisRow* row)
{
    connect(row, &AxisRow::changed, this, [this, row] { takeRow(*row); });
    connect(row, &AxisRow::removed, this, [this, row] { removeRow(*row); });
    connect(row->chips(), &ChipEdit::problemChanged, this, &DraftCard::showForecast);
    m_axisRows->addWidget(row);
    m_rows.append(row);
}

void DraftCard::addRateRows()
{
    for (const core::SweepTwin& twin : m_draft->twins) {
        if (const core::SweepAxis* own = axisOf(twin.own, kRate)) {
            auto* row = new AxisRow(core::specField(kRate), twin.method);
            row->setRemovable(false);
            row->setValues(own->values, m_draft->base);
            addRow(row);
        }
    }
}

// Few rows: they are made anew when which there are changes.
void DraftCard::rebuildRows()
{
    for (AxisRow* row : std::exchange(m_rows, {})) {
        m_axisRows->removeWidget(row);
        row->hide();
        row->setParent(nullptr);
        row->deleteLater(); // perhaps it is telling of its button
    }
    m_axisRows->removeWidget(m_ownRates);
    m_axisRows->removeWidget(m_pairAlpha);
    if (!m_draft) {
        return;
    }
    const bool own = hasOwnRates(*m_draft);
    for (const core::SpecField& field : core::specFields()) {
        const core::SweepAxis* axis = axisOf(m_draft->axes, field.key);
        const bool isRate = field.key == kRate;
        if (axis != nullptr && !(isRate && own)) {
            auto* row = new AxisRow(field, std::nullopt);
            row->setValues(axis->values, m_draft->base);
            if (field.key == "seed") {
                row->setNote(tr("a claim over seeds needs five"));
            }
            addRow(row);
        }
        if (isRate && own) {
            addRateRows();
        }
        if (isRate && (axis != nullptr || own)) {
            m_axisRows->addWidget(m_ownRates);
        }
        if (field.key == "rank" && axis != nullptr) {
            m_axisRows->addWidget(m_pairAlpha);
        }
    }
    m_ownRates->setVisible(own || axisOf(m_draft->axes, kRate) != nullptr);
    m_pairAlpha->setVisible(axisOf(m_draft->axes, "rank") != nullptr);
    const QSignalBlocker quietRates(m_ownRates);
    const QSignalBlocker quietAlpha(m_pairAlpha);
    m_ownRates->setChecked(own);
    m_pairAlpha->setChecked(m_draft->pairAlphaWithRank);
    orderTabs();
}

// Rows are made anew, the tab key follows the eye all the same.
void DraftCard::orderTabs()
{
    QVector<QWidget*> chain;
    for (int i = 0; i < m_axisRows->count(); ++i) {
        QWidget* widget = m_axisRows->itemAt(i)->widget();
        const auto* row = qobject_cast<const AxisRow*>(widget);
        chain += row != nullptr ? row->tabChain() : QVector<QWidget*> {widget};
    }
    QWidget* before = m_addAxis->previousInFocusChain();
    while (before != m_addAxis
           && (before->focusPolicy() == Qt::NoFocus || m_axes->isAncestorOf(before)
               || before->window() != window())) {
        before = before->previousInFocusChain();
    }
    chain.append(m_addAxis);
    for (QWidget* widget : std::as_const(chain)) {
        if (before != m_addAxis && before != widget) {
            setTabOrder(before, widget);
        }
        before = widget;
    }
}

void DraftCard::fillAxisMenu()
{
    m_axisMenu->clear();
    for (const core::SpecField& field : core::specFields()) {
        const bool there = !m_draft || axisOf(m_draft->axes, field.key) != nullptr
            || (field.key == kRate && hasOwnRates(*m_draft));
        if (there || !mayBeAxis(field)) {
            continue;
        }
        QAction* action = m_axisMenu->addAction(fieldLook(field).title, this, [this, &field] {
            setAxis(m_draft->axes, field.key, {field.get(m_draft->base)});
            rebuildRows();
            takeChange();
            focusRow(field.key);
        });
        action->setObjectName(
            QStringLiteral("sweep.addAxis.%1").arg(QString::fromStdString(field.key)));
        action->setToolTip(fieldLook(field).toolTip);
    }
}

void DraftCard::focusRow(const std::string& key)
{
    for (AxisRow* row : std::as_const(m_rows)) {
        if (row->key() == key && !row->method()) {
            row->chips()->edit()->setFocus(Qt::OtherFocusReason);
        }
    }
}

// Without any value a setting is the base's; its row stays while a person is in it.
void DraftCard::takeRow(const AxisRow& row)
{
    std::vector<core::FieldValue> values = row.values();
    if (row.method()) {
        for (core::SweepTwin& twin : m_draft->twins) {
            if (twin.method == *row.method()) {
                setAxis(twin.own, row.key(),
                        values.empty() ? std::vector<core::FieldValue> {m_draft->base.learningRate}
                                       : std::move(values));
            }
        }
    } else {
        setAxis(m_draft->axes, row.key(), std::move(values));
    }
    if (row.key() == "method") {
        const core::SweepAxis* axis = axisOf(m_draft->axes, "method");
        QVector<core::Method> methods;
        for (const core::FieldValue& value :
             axis != nullptr ? axis->values : std::vector<core::FieldValue>()) {
            methods.append(core::methodNamed(std::get<std::string>(value)));
        }
        settleTwins(*m_draft,
                    methods.isEmpty() ? QVector<core::Method> {m_draft->base.method} : methods);
    }
    if (row.key() == "method" && hasOwnRates(*m_draft)) { // a row of rates comes or goes
        QMetaObject::invokeMethod(
            this,
            [this] {
                rebuildRows();
                focusRow("method");
            },
            Qt::QueuedConnection);
    }
    takeChange();
}

void DraftCard::removeRow(const AxisRow& row)
{
    const std::string key = row.key();
    setAxis(m_draft->axes, key, {});
    if (key == "method") {
        settleTwins(*m_draft, {m_draft->base.method});
    }
    rebuildRows();
    takeChange();
}

// --- What follows from it

void DraftCard::takeChange()
{
    if (!m_draft) {
        return;
    }
    m_options->applyTo(*m_draft);
    const QString root = textOf(core::defaultRunRoot());
    m_planner.setDraft(*m_draft, QStringLiteral("%1/%2").arg(root, sweepFolderName(*m_draft)));
    showDraft();
    Q_EMIT edited();
}

void DraftCard::showDraft()
{
    if (m_draft) {
        const core::RunSpec& base = m_draft->base;
        const QString rows = fileName(base.data.empty() ? base.batches : base.data);
        m_base->setText(
            rows.isEmpty() ? fileName(base.model)
                           : tr("%1 on %2", "a model on its data").arg(fileName(base.model), rows));
        m_base->setToolTip(QString::fromStdString(base.model) + QLatin1Char('\n')
                           + QString::fromStdString(base.data));
        QStringList facts {runFacts(base)};
        if (const auto singles = static_cast<std::int64_t>(m_draft->runs.size()); singles > 0) {
            facts.append(
                tr("%1 single runs of the file beside the grid", nullptr, pluralOf(singles))
                    .arg(formatCount(singles)));
        }
        for (const core::SweepTwin& twin : m_draft->twins) {
            for (const core::SweepAxis& own : twin.own) {
                if (own.key != kRate) {
                    facts.append(tr("%1 has its own %2", "a method and a setting")
                                     .arg(titleOf(twin.method), settingTitle(own.key)));
                }
            }
        }
        m_facts->setText(facts.join(QLatin1Char('\n')));
    }
    m_facts->setVisible(m_draft.has_value());
    m_axes->setVisible(m_draft.has_value());
    m_options->setVisible(m_draft.has_value());
    showForecast();
    showAdvice();
}

void DraftCard::showForecast()
{
    const SweepOutline* outline = m_planner.outline();
    const core::SweepForecast* forecast = m_planner.forecast();
    const bool counted = outline != nullptr && outline->problem.isEmpty();
    const auto runs = static_cast<std::int64_t>(counted ? outline->runs : 0);
    const SweepLook* look = m_services.sweepQueue.look();
    const bool open = isOpenSweep();
    const QString none = QStringLiteral("–");
    m_runs->setText(counted ? formatCount(runs) : none);
    m_runsWord->setText(
        open ? tr("runs, %1 ended").arg(formatCount(static_cast<std::int64_t>(look->ended())))
            : counted && outline->repeated > 0
            ? tr("runs, %1 named twice")
                  .arg(formatCount(static_cast<std::int64_t>(outline->repeated)))
            : tr("runs"));
    showTime();
    m_disk->setText(forecast != nullptr ? formatBytes(forecast->diskBytes) : none);
    m_diskWord->setText(forecast != nullptr && forecast->freeBytes >= 0
                            ? tr("of %1 free").arg(formatBytes(forecast->freeBytes))
                            : tr("disk"));
    QStringList said;
    if (const QString why = problem(); !why.isEmpty()) {
        said.append(why);
    } else if (const Failed* failure = m_planner.failure()) {
        said.append(withoutOptionDashes(failure->why));
    }
    const bool foretells = forecast != nullptr && !hasEnded();
    for (const std::string& warning : foretells ? forecast->warnings : std::vector<std::string>()) {
        said.append(withoutOptionDashes(QString::fromStdString(warning)));
    }
    m_problem->setText(said.mid(0, 3).join(QLatin1Char('\n')));
    m_problem->setToolTip(said.join(QLatin1Char('\n')));
    m_problem->setVisible(!said.isEmpty());
    const bool isFault = said.size() > 1 || !open || !(look->isWorkedAt || hasEnded());
    setRole(m_problem, isFault ? "bad" : "muted");
    m_actions.start->setText(
        open          ? tr("Go on with the sweep")
            : counted ? tr("Start %1 runs", nullptr, pluralOf(runs)).arg(formatCount(runs))
                      : tr("Start the sweep"));
    m_actions.start->setEnabled(counted && problem().isEmpty());
    m_actions.copy->setEnabled(counted);
}

// Of the open sweep what it took or still takes, by the pace of its runs; else what a new one takes at most.
void DraftCard::showTime()
{
    const SweepLook* look = m_services.sweepQueue.look();
    const core::SweepForecast* forecast = m_planner.forecast();
    const bool measuring = m_planner.isRunning();
    const double left = isOpenSweep() ? look->secondsLeft() : std::nan("");
    if (hasEnded()) {
        double trained = 0.0;
        for (const core::SweepRow& row : look->results.rows) {
            trained += row.seconds;
        }
        m_time->setText(formatDuration(trained));
        m_timeWord->setText(tr("trained"));
    } else if (std::isfinite(left)) {
        m_time->setText(formatDuration(left));
        m_timeWord->setText(tr("left"));
    } else {
        m_time->setText(forecast != nullptr ? formatDuration(forecast->seconds)
                            : measuring     ? QStringLiteral("…")
                                            : QStringLiteral("–"));
        m_timeWord->setText(measuring ? tr("measuring") : tr("at most"));
    }
}

// --- Ramps and trials

void DraftCard::takeRates()
{
    if (m_draft && !m_planner.ramps().empty()) {
        core::SweepSpec draft = *m_draft;
        setOwnRates(draft, true); // those of a method whose ramp proposes none stay
        setDraft(core::withRates(std::move(draft), m_planner.ramps()));
    }
}

void DraftCard::useRank()
{
    if (const auto rank = m_planner.rankProposal().rank; m_draft && rank) {
        core::SweepSpec draft = *m_draft;
        setAxis(draft.axes, "rank", {core::FieldValue(*rank)});
        setDraft(draft);
    }
}

void DraftCard::showAdvice()
{
    const auto* ramping = std::get_if<Running>(&m_planner.ramping().state());
    const auto* ranking = std::get_if<Running>(&m_planner.ranking().state());
    const Running* running = ramping != nullptr ? ramping : ranking;
    m_progress->setVisible(running != nullptr);
    m_cancel->setVisible(running != nullptr);
    if (running != nullptr) {
        m_progress->setRange(0, running->fraction < 0.0 ? 0 : 100);
        m_progress->setValue(static_cast<int>(100.0 * std::max(0.0, running->fraction)));
        m_progress->setToolTip(stageText(running->stage));
    }
    const bool ready = m_draft && m_planner.outline() != nullptr
        && m_planner.outline()->problem.isEmpty() && !m_draft->base.model.empty();
    m_actions.rates->setEnabled(ready && running == nullptr);
    m_actions.ranks->setEnabled(ready && running == nullptr);
    QStringList said;
    for (const core::RateRamp& ramp : m_planner.ramps()) {
        said.append(tr("%1: %2", "a method and what its ramp proposes")
                        .arg(titleOf(ramp.method), messageText(ramp.proposal.reason)));
    }
    const core::RankProposal& proposal = m_planner.rankProposal();
    if (!proposal.tried.empty() || !proposal.reason.id.empty()) {
        said.append(messageText(proposal.reason));
    }
    m_advice->setText(said.join(QLatin1Char('\n')));
    m_advice->setVisible(!said.isEmpty());
    m_useRank->setVisible(proposal.rank.has_value() && running == nullptr);
    if (proposal.rank) {
        m_useRank->setText(tr("Use rank %1").arg(formatCount(*proposal.rank)));
    }
}

} // namespace pissarro::ui
