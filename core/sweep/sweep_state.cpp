// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sweep/sweep_state.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/json_fields.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace pissarro::core::inline sweep {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::int64_t kMost = 1'000'000'000'000;

[[noreturn]] void refuse(const std::string& what)
{
    throw Error(ErrorKind::InvalidArgument, what);
}

bool isIn(const SweepRun& run) // has a future
{
    return run.state == SweepRunState::Waiting || run.state == SweepRunState::Running;
}

bool isJudged(const SweepRun& run)
{
    return isIn(run) && !run.spared;
}

bool waitsForOthers(const SweepRun& run, const StopRule& rule)
{
    return rule.kind == StopKind::Halving && !run.spared && run.looks.size() > run.passed;
}

// The planned runs in the order of the queue.
std::vector<const PlannedRun*> inOrder(const SweepState& state, const SweepPlan& plan)
{
    std::map<std::string_view, const PlannedRun*> byName;
    for (const PlannedRun& run : plan.runs) {
        byName[run.name] = &run;
    }
    std::vector<const PlannedRun*> planned;
    for (const SweepRun& run : state.runs) {
        planned.push_back(byName.at(run.name));
    }
    return planned;
}

ordered_json toJson(const SweepRun& run)
{
    ordered_json object {{"name", run.name},
                         {"state", sweepRunStateName(run.state)},
                         {"message", run.message},
                         {"step", run.step},
                         {"attempts", run.attempts}};
    if (!run.looks.empty()) {
        ordered_json looks = ordered_json::array();
        for (const double figure : run.looks) { // NaN becomes null
            looks.push_back(std::isfinite(figure) ? ordered_json(figure) : ordered_json());
        }
        object["looks"] = std::move(looks);
        object["passed"] = run.passed;
    }
    if (run.spared) {
        object["spared"] = true;
    }
    if (run.worker) {
        object["worker"] = {{"process", run.worker->process}, {"host", run.worker->host}};
    }
    return object;
}

std::vector<double> looksFrom(const json& object)
{
    std::vector<double> looks;
    const json* const list = jsonField(object, "looks");
    if (list == nullptr) {
        return looks;
    }
    if (!list->is_array()) {
        throw Error(ErrorKind::Format, "looks is " + shownValue(*list) + " (expected a list)");
    }
    for (const json& figure : *list) {
        looks.push_back(jsonAs<double>(figure).value_or(std::numeric_limits<double>::quiet_NaN()));
    }
    return looks;
}

SweepRun runFrom(const json& object)
{
    if (!object.is_object()) {
        throw Error(ErrorKind::Format,
                    "a run is " + shownValue(object) + " (expected an object with name and state)");
    }
    const JsonFields fields(object);
    SweepRun run;
    run.name = fields.text("name").value_or("");
    run.state = parseIn(EnumNames<SweepRunState>::all, "state", fields.text("state").value_or(""),
                        ErrorKind::Format);
    run.message = fields.text("message").value_or("");
    run.step = fields.whole("step", 0, kMost).value_or(0);
    run.attempts = fields.whole("attempts", 0, kMost).value_or(0);
    run.looks = looksFrom(object);
    run.passed = static_cast<std::size_t>(
        fields.whole("passed", 0, static_cast<std::int64_t>(run.looks.size())).value_or(0));
    run.spared = fields.flag("spared", false);
    if (const json* const worker = fields.object("worker")) {
        const JsonFields of(*worker);
        run.worker = SweepWorker {of.required("process", kMost), of.text("host").value_or("")};
    }
    return run;
}

// Runs that stand or fall together, and their figure at the look.
struct Candidate {
    std::vector<std::size_t> runs; // of the state
    double figure = 0.0;
};

double meanFigure(const SweepState& state, const Candidate& candidate, std::size_t look)
{
    double sum = 0.0;
    for (const std::size_t i : candidate.runs) {
        sum += state.runs[i].looks[look];
    }
    return sum / static_cast<double>(candidate.runs.size());
}

// The candidates of a group that stand at a look; none while one of them has not come to it.
std::vector<Candidate> candidatesAt(const SweepState& state,
                                    const std::vector<const PlannedRun*>& planned,
                                    const std::string& group, std::size_t look)
{
    std::vector<Candidate> candidates;
    std::map<std::string, std::size_t> places;
    std::set<std::string> failed;
    for (std::size_t i = 0; i < state.runs.size(); ++i) {
        const SweepRun& run = state.runs[i];
        const std::string& candidate = planned[i]->candidate;
        if (run.state == SweepRunState::Failed) {
            failed.insert(candidate);
        }
        if (planned[i]->group != group || !isJudged(run) || run.passed != look) {
            continue;
        }
        if (run.looks.size() <= look) {
            return {};
        }
        const auto [found, isNew] = places.emplace(candidate, candidates.size());
        if (isNew) {
            candidates.emplace_back();
        }
        candidates[found->second].runs.push_back(i);
    }
    for (const auto& [key, place] : places) {
        candidates[place].figure = failed.contains(key)
            ? std::numeric_limits<double>::quiet_NaN()
            : meanFigure(state, candidates[place], look);
    }
    return candidates;
}

// The look that the runs of a group come to next, of those that are behind; none: no run is left.
std::optional<std::size_t> nextLook(const SweepState& state,
                                    const std::vector<const PlannedRun*>& planned,
                                    const std::string& group)
{
    std::optional<std::size_t> look;
    for (std::size_t i = 0; i < state.runs.size(); ++i) {
        const SweepRun& run = state.runs[i];
        if (isJudged(run) && planned[i]->group == group) {
            look = std::min(look.value_or(run.passed), run.passed);
        }
    }
    return look;
}

std::string endText(const StopRule& rule, std::size_t look, double figure, std::size_t kept,
                    std::size_t of)
{
    return fmt::format("ended early at step {} by halving: its {} {} is not among the lowest {} "
                       "of {}",
                       lookStep(rule, look), nameIn(EnumNames<StopMetric>::all, rule.metric),
                       std::isfinite(figure) ? numberText(figure) : "is none, which", kept, of);
}

} // namespace

std::string_view sweepRunStateName(SweepRunState state)
{
    return nameIn(EnumNames<SweepRunState>::all, state);
}

SweepState freshState(const SweepPlan& plan, int workers)
{
    SweepState state;
    state.workers = workers;
    for (const PlannedRun& run : plan.runs) {
        state.runs.emplace_back().name = run.name;
    }
    return state;
}

ordered_json stateToJson(const SweepState& state)
{
    ordered_json object {{"paused", state.paused}, {"why", state.why}, {"workers", state.workers}};
    object["runs"] = ordered_json::array();
    for (const SweepRun& run : state.runs) {
        object["runs"].push_back(toJson(run));
    }
    return object;
}

SweepState stateFromJson(const ordered_json& object, const SweepPlan& plan)
{
    const json plain = object;
    const JsonFields fields(plain);
    SweepState state;
    state.paused = fields.flag("paused", false);
    state.why = fields.text("why").value_or("");
    state.workers = static_cast<int>(fields.whole("workers", 1, kMostWorkers).value_or(1));
    const json* const runs = fields.find("runs");
    if (runs == nullptr || !runs->is_array()) {
        throw Error(ErrorKind::Format, "has no list runs (expected the state of a sweep)");
    }
    std::set<std::string> missing;
    for (const PlannedRun& run : plan.runs) {
        missing.insert(run.name);
    }
    for (const json& entry : *runs) {
        state.runs.push_back(runFrom(entry));
        if (missing.erase(state.runs.back().name) == 0) {
            throw Error(ErrorKind::Format,
                        "names the run " + shownText(state.runs.back().name)
                            + ", which its sweep does not have or which is there already");
        }
    }
    if (!missing.empty()) {
        throw Error(ErrorKind::Format,
                    "lacks the run " + shownText(*missing.begin()) + " of its sweep");
    }
    return state;
}

SweepRun& runNamed(SweepState& state, const std::string& name)
{
    const auto found = std::find_if(state.runs.begin(), state.runs.end(),
                                    [&](const SweepRun& run) { return run.name == name; });
    if (found == state.runs.end()) {
        constexpr std::size_t kNamed = 3;
        std::string known;
        for (std::size_t i = 0; i < std::min(kNamed, state.runs.size()); ++i) {
            known += (i > 0 ? ", " : "") + shownText(state.runs[i].name);
        }
        refuse("the sweep has no run " + shownText(name) + " (expected one such as " + known
               + (state.runs.size() > kNamed ? ", …)" : ")"));
    }
    return *found;
}

const PlannedRun& plannedRun(const SweepPlan& plan, const std::string& name)
{
    const auto found = std::find_if(plan.runs.begin(), plan.runs.end(),
                                    [&](const PlannedRun& run) { return run.name == name; });
    if (found == plan.runs.end()) {
        throw Error(ErrorKind::Internal, "a sweep has no run " + shownText(name));
    }
    return *found;
}

void releaseLost(SweepState& state, const std::function<bool(const SweepRun&)>& isLost)
{
    for (SweepRun& run : state.runs) {
        if (run.state == SweepRunState::Running && isLost(run)) {
            run.state = SweepRunState::Waiting;
            run.worker.reset();
        }
    }
}

void applyHalving(SweepState& state, const SweepPlan& plan, const StopRule& rule)
{
    if (rule.kind != StopKind::Halving) {
        return;
    }
    const std::vector<const PlannedRun*> planned = inOrder(state, plan);
    std::set<std::string> groups;
    for (const PlannedRun& run : plan.runs) {
        groups.insert(run.group);
    }
    for (const std::string& group : groups) {
        const std::optional<std::size_t> look = nextLook(state, planned, group);
        const auto candidates =
            look ? candidatesAt(state, planned, group, *look) : std::vector<Candidate>();
        std::vector<double> figures;
        for (const Candidate& candidate : candidates) {
            figures.push_back(candidate.figure);
        }
        const auto kept =
            figures.empty() ? std::vector<std::size_t>() : survivorsOf(figures, rule.keepOneOf);
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            const bool goesOn = std::binary_search(kept.begin(), kept.end(), i);
            for (const std::size_t at : candidates[i].runs) {
                SweepRun& run = state.runs[at];
                run.passed += goesOn ? 1 : 0;
                if (!goesOn) {
                    run.state = SweepRunState::EndedEarly;
                    run.worker.reset();
                    run.message = endText(rule, *look, figures[i], kept.size(), candidates.size());
                }
            }
        }
    }
}

std::int64_t mayGoTo(const SweepRun& run, const StopRule& rule)
{
    return rule.kind == StopKind::Halving && !run.spared ? lookStep(rule, run.passed) : 0;
}

std::optional<std::string> claimNext(SweepState& state, const StopRule& rule,
                                     const SweepWorker& worker)
{
    if (state.paused) {
        return std::nullopt;
    }
    const auto found = std::find_if(state.runs.begin(), state.runs.end(), [&](const SweepRun& run) {
        return run.state == SweepRunState::Waiting && !waitsForOthers(run, rule);
    });
    if (found == state.runs.end()) {
        return std::nullopt;
    }
    found->state = SweepRunState::Running;
    found->worker = worker;
    ++found->attempts;
    return found->name;
}

bool isUnderWay(const SweepState& state)
{
    return std::any_of(state.runs.begin(), state.runs.end(), isIn);
}

void skipRun(SweepState& state, const std::string& name)
{
    SweepRun& run = runNamed(state, name);
    if (!isIn(run)) {
        refuse(fmt::format("the run {} is {} (expected a waiting or running one)", shownText(name),
                           sweepRunStateName(run.state)));
    }
    run.state = SweepRunState::Skipped;
    run.message = "skipped by a person";
    run.worker.reset();
}

void retryRun(SweepState& state, const std::string& name)
{
    SweepRun& run = runNamed(state, name);
    const bool isOut = run.state == SweepRunState::Failed || run.state == SweepRunState::Skipped
        || run.state == SweepRunState::EndedEarly;
    if (!isOut) {
        refuse(fmt::format("the run {} is {} (expected a failed, skipped or ended one)",
                           shownText(name), sweepRunStateName(run.state)));
    }
    run.spared = run.spared || run.state == SweepRunState::EndedEarly;
    run.state = SweepRunState::Waiting;
    run.message.clear();
}

void moveRun(SweepState& state, const std::string& name, std::size_t place)
{
    const SweepRun run = runNamed(state, name);
    std::erase_if(state.runs, [&](const SweepRun& one) { return one.name == run.name; });
    const auto at = std::min(place, state.runs.size());
    state.runs.insert(state.runs.begin() + static_cast<std::ptrdiff_t>(at), run);
}

std::string stateText(const SweepState& state)
{
    std::string text;
    for (const auto& named : EnumNames<SweepRunState>::all) {
        const auto count =
            std::count_if(state.runs.begin(), state.runs.end(),
                          [&](const SweepRun& run) { return run.state == named.value; });
        if (count > 0) {
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, named.name);
        }
    }
    return text;
}

} // namespace pissarro::core::inline sweep
