// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/sweep/run_ending_p.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <utility>

namespace pissarro::core::inline sweep {

RunWatch::RunWatch(const SweepStore& store, const PlannedRun& run, const SweepRun& entry,
                   SweepObserver& observer, std::shared_ptr<TrainControl> control)
    : m_store(store)
    , m_run(run)
    , m_observer(observer)
    , m_control(std::move(control))
    , m_until(mayGoTo(entry, store.spec().stop))
    , m_spared(entry.spared)
{
}

void RunWatch::runPrepared(int /*run*/, const RunSummary& summary)
{
    m_step = summary.step;
    if (m_store.spec().stop.kind == StopKind::Median) {
        m_records = recordsOf(summary.directory);
    }
    m_observer.runPrepared(summary);
    if (isHopeless(m_step)) { // its program was killed before it could say so
        end(Ending::Hopeless);
    }
}

void RunWatch::stepDone(int /*run*/, const StepRecord& record)
{
    m_step = record.step;
    m_observer.stepDone(m_run, record);
    if (m_store.spec().stop.kind == StopKind::Median) {
        appendRecords(m_records, {record});
    }
    if (m_until > 0 && record.step >= m_until) {
        end(Ending::Look);
    } else if (isHopeless(record.step)) {
        end(Ending::Hopeless);
    }
    lookAtSweep();
}

void RunWatch::end(Ending why)
{
    Ending none = Ending::None;
    if (m_ending.compare_exchange_strong(none, why)) {
        m_control->stopAndKeep();
    }
}

bool RunWatch::isHopeless(std::int64_t step)
{
    const StopRule& rule = m_store.spec().stop;
    const bool isLook = rule.kind == StopKind::Median && step >= rule.first
        && (step - rule.first) % rule.every == 0;
    if (!isLook || m_spared) {
        return false;
    }
    std::vector<std::vector<StepRecord>> peers;
    for (const SweepRun& other : m_store.read().runs) {
        const PlannedRun& planned = plannedRun(m_store.plan(), other.name);
        if (other.state == SweepRunState::Done && planned.group == m_run.group) {
            peers.push_back(recordsOf(m_store.runFolder(other.name)));
        }
    }
    const auto look = medianLook(m_records, peers, step, rule.metric);
    if (!look || !look->isHopeless()) {
        return false;
    }
    m_reason =
        fmt::format("ended early at step {} by the median rule: its lowest {} {:.6g} is above "
                    "{:.6g}, the median of the means of {} finished runs",
                    step, nameIn(EnumNames<StopMetric>::all, rule.metric), look->best, look->median,
                    look->peers);
    return true;
}

// A look at the folder each step; the file is read where it was written anew.
void RunWatch::lookAtSweep()
{
    const std::uint64_t version = m_store.version();
    if (version == m_version) {
        return;
    }
    m_version = version;
    SweepState state = m_store.read();
    const SweepRun& own = runNamed(state, m_run.name);
    if (own.state != SweepRunState::Running) {
        end(Ending::TakenAway);
    } else if (state.paused) {
        end(Ending::Paused);
    }
}

std::vector<StepRecord> recordsOf(const std::filesystem::path& run)
{
    std::vector<StepRecord> records;
    appendRecords(records, MetricsTail(run).poll());
    return records;
}

} // namespace pissarro::core::inline sweep
