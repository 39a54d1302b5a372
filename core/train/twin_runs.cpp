// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/run/run_checkpoints.h"
#include "core/tensor/guarded.h"
#include "core/text/message_text.h"
#include "core/train/twin_runs_tensors.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

namespace pissarro::core::inline training {

void TwinRuns::add(std::unique_ptr<MethodRun> run)
{
    m_entrants.push_back({std::move(run)});
}

std::vector<RunSummary> TwinRuns::summaries() const
{
    std::vector<RunSummary> summaries;
    std::transform(m_entrants.begin(), m_entrants.end(), std::back_inserter(summaries),
                   [](const Entrant& one) { return one.run->summary(); });
    return summaries;
}

void TwinRuns::attempt(Entrant& one, const std::function<void()>& work)
{
    try {
        guarded(work);
    } catch (const Error& e) {
        fail(one, e);
    }
}

void TwinRuns::fail(Entrant& one, const Error& error)
{
    keep(one, RunState::Failed, error.what());
    drop(one, error);
}

void TwinRuns::drop(Entrant& one, const Error& error)
{
    one.failed = true;
    const bool some = std::any_of(m_entrants.begin(), m_entrants.end(),
                                  [](const Entrant& other) { return !other.failed; });
    if (!some) {
        throw error;
    }
    say(fmt::format("{} failed: {}; the others go on without it", one.run->title(), error.what())
            .c_str());
    m_observer.runFailed(indexOf(one), error.what());
}

void TwinRuns::each(std::int64_t step, const std::function<void(Entrant&)>& work)
{
    for (Entrant& one : m_entrants) {
        if (!one.failed && one.run->state().step + 1 == step) {
            attempt(one, [&] { work(one); });
        }
    }
}

TwinRuns::Entrant* TwinRuns::hindmost(std::int64_t steps)
{
    Entrant* least = nullptr;
    for (Entrant& one : m_entrants) {
        const bool goesOn = !one.failed && one.run->state().step < steps;
        if (goesOn && (least == nullptr || one.run->state().step < least->run->state().step)) {
            least = &one;
        }
    }
    return least;
}

bool TwinRuns::isStale() const
{
    return m_spec.patience > 0
        && std::all_of(m_entrants.begin(), m_entrants.end(), [&](const Entrant& one) {
               return one.failed || one.run->state().stale >= m_spec.patience;
           });
}

std::string TwinRuns::earlyStopText() const
{
    std::int64_t step = 0;
    for (const Entrant& one : m_entrants) {
        step = std::max(step, one.failed ? 0 : one.run->state().step);
    }
    return fmt::format("stopped early after step {}: no better {} in {} evaluations", step,
                       m_spec.bestBy == BestBy::Score ? "score of " + m_spec.evalTask
                                                      : "loss of the held-out examples",
                       m_spec.patience);
}

// A folder that somebody moved or removed is not to come back with a part of the run.
bool TwinRuns::isThere(const Entrant& one)
{
    return !one.run->isPrepared()
        || std::filesystem::exists(one.run->summary().directory / kRunFile);
}

void TwinRuns::requireThere(const Entrant& one)
{
    if (!isThere(one)) {
        throw Error(ErrorKind::Io,
                    shownPath(one.run->summary().directory)
                        + ": was moved or removed while it was trained (expected its run.json); "
                          "what was learned since its last checkpoint is not kept");
    }
}

void TwinRuns::tell(RunState state)
{
    for (const Entrant& one : m_entrants) {
        if (!one.failed && isThere(one)) {
            one.run->tell(state);
        }
    }
}

void TwinRuns::checkpoint()
{
    for (Entrant& one : m_entrants) {
        const bool isWritten = one.run->summary().checkpointStep == one.run->state().step;
        if (!one.failed && !isWritten) { // one that waits for the others has its own
            attempt(one, [&] {
                requireThere(one);
                one.run->checkpoint();
            });
        }
    }
    prune();
}

void TwinRuns::prune() const
{
    for (const Entrant& one : m_entrants) { // what failed keeps all that it has
        one.failed ? void()
                   : pruneCheckpoints(one.run->summary().directory, m_spec.keepCheckpoints);
    }
}

void TwinRuns::finish(RunState state, const std::string& message, std::int64_t steps)
{
    for (Entrant& one : m_entrants) {
        if (one.failed) {
            continue;
        }
        try {
            guarded([&] {
                requireThere(one);
                const bool whole = one.run->state().step == steps;
                one.run->finish(whole ? RunState::Finished : state, whole ? "" : message);
                if (const std::string text = one.run->bestText(); !text.empty()) {
                    m_observer.message(fmt::format("{}: {}", one.run->title(), text));
                }
            });
        } catch (const Error& e) { // finish() has kept what could be kept, and said so
            drop(one, e);
        }
    }
    prune();
}

// Keeps what can be kept of a run that ends early; what fails here is not what ended it.
void TwinRuns::keep(Entrant& one, RunState state, const std::string& message)
{
    MethodRun& run = *one.run;
    if (!isThere(one)) {
        return;
    }
    // What never trained leaves a folder only where step 0 refused it, or beside a twin that did.
    const auto& zero = run.summary().stepZero;
    const bool told =
        (zero && !zero->passed) || (m_entrants.size() > 1 && state == RunState::Failed);
    if (!run.isPrepared() && !told) {
        return;
    }
    try {
        guarded([&] { run.finish(state, message); });
    } catch (const Error& e) {
        say(fmt::format("{}: {}", run.title(), e.what()).c_str());
    }
}

void TwinRuns::salvage(RunState state, const std::string& message) noexcept
{
    const auto attempt = [&](const std::function<void()>& work) {
        try {
            guarded(work);
        } catch (const std::exception& e) {
            say(e.what());
        }
    };
    for (Entrant& one : m_entrants) {
        if (!one.failed) {
            attempt([&] { keep(one, state, message); });
        }
    }
    attempt([&] { prune(); });
}

void TwinRuns::say(const char* what) noexcept
{
    try {
        m_observer.message(what);
    } catch (const std::exception&) { // nobody is left to be told
    }
}

} // namespace pissarro::core::inline training
