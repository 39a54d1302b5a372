// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sweep/rank_trials.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/number_text.h"
#include "core/train/scratch_folder.h"
#include "core/train/trainer.h"

#include <algorithm>
#include <memory>

namespace pissarro::core::inline sweep {

namespace {

std::string wholeText(std::int64_t number)
{
    return fmt::format("{}", number);
}

std::string lossText(double loss)
{
    return fixedText(loss, 4);
}

// Of the steps that all have, the later half.
std::vector<std::vector<StepRecord>> laterHalves(std::span<const RankTrial> trials)
{
    std::size_t common = trials.empty() ? 0 : trials.front().records.size();
    for (const RankTrial& trial : trials) {
        common = std::min(common, trial.records.size());
    }
    std::vector<std::vector<StepRecord>> halves;
    for (const RankTrial& trial : trials) {
        halves.emplace_back(trial.records.begin() + static_cast<std::ptrdiff_t>(common / 2),
                            trial.records.begin() + static_cast<std::ptrdiff_t>(common));
        for (std::size_t i = 0; i < halves.back().size(); ++i) {
            if (halves.back()[i].batchHash != halves.front()[i].batchHash) {
                throw Error(ErrorKind::InvalidArgument,
                            fmt::format("rank {} and rank {} took other batches at step {} "
                                        "(expected the same data, batch and seed)",
                                        trials.front().rank, trial.rank, halves.back()[i].step));
            }
        }
    }
    return halves;
}

double meanOf(const std::vector<StepRecord>& records)
{
    double sum = 0.0;
    for (const StepRecord& record : records) {
        sum += record.loss;
    }
    return sum / static_cast<double>(records.size());
}

SampleSummary behind(const std::vector<StepRecord>& own, const std::vector<StepRecord>& best)
{
    std::vector<double> differences;
    for (std::size_t i = 0; i < own.size(); ++i) {
        differences.push_back(own[i].loss - best[i].loss);
    }
    return summaryOf(differences);
}

void requireDifferentRanks(std::span<const RankTrial> trials)
{
    for (std::size_t i = 1; i < trials.size(); ++i) {
        if (trials[i].rank == trials[i - 1].rank) {
            throw Error(
                ErrorKind::InvalidArgument,
                fmt::format("rank {} is tried twice (expected different ranks)", trials[i].rank));
        }
    }
}

Said reasonOf(const RankProposal& proposal, std::size_t steps)
{
    const auto row = [&](std::int64_t rank) {
        return *std::find_if(proposal.tried.begin(), proposal.tried.end(),
                             [&](const TriedRank& one) { return one.rank == rank; });
    };
    const TriedRank best = row(proposal.best);
    const auto counted = static_cast<std::int64_t>(steps);
    if (proposal.rank != proposal.best) {
        const TriedRank chosen = row(*proposal.rank);
        const double times = static_cast<double>(best.parameters)
            / static_cast<double>(std::max<std::int64_t>(1, chosen.parameters));
        return {PISSARRO_SAID_N("pissarro::core",
                                "Start with %1: rank %2 was not measurably better, %3 against %4 "
                                "over the last %5 steps, and trains %6 times the parameters."),
                "Start with %1: rank %2 was not measurably better, %3 against %4 over the last "
                "%5 step, and trains %6 times the parameters.",
                counted,
                {wholeText(chosen.rank), wholeText(best.rank), lossText(best.loss),
                 lossText(chosen.loss), wholeText(counted), fixedText(times, 1)}};
    }
    const std::vector<std::string> args {wholeText(proposal.best), lossText(best.loss),
                                         wholeText(counted)};
    if (proposal.best == proposal.tried.front().rank) {
        return {PISSARRO_SAID_N("pissarro::core",
                                "Start with %1, the smallest that was tried: its loss was the "
                                "lowest, %2 over the last %3 steps."),
                "Start with %1, the smallest that was tried: its loss was the lowest, %2 over the "
                "last %3 step.",
                counted, args};
    }
    return {PISSARRO_SAID_N("pissarro::core",
                            "Start with %1: its loss was the lowest, %2 over the last %3 steps, "
                            "and every smaller rank was measurably behind."),
            "Start with %1: its loss was the lowest, %2 over the last %3 step, and "
            "every smaller rank was measurably behind.",
            counted, args};
}

class Recorder : public TrainObserver {
public:
    explicit Recorder(RankTrial& trial)
        : m_trial(trial)
    {
    }
    void runPrepared(int /*run*/, const RunSummary& summary) override
    {
        m_trial.parameters = summary.trainableParameters;
    }
    void stepDone(int /*run*/, const StepRecord& record) override
    {
        m_trial.records.push_back(record);
    }

private:
    RankTrial& m_trial;
};

} // namespace

RankProposal proposeRank(std::span<const RankTrial> trials)
{
    std::vector<RankTrial> ordered(trials.begin(), trials.end());
    std::sort(ordered.begin(), ordered.end(),
              [](const RankTrial& a, const RankTrial& b) { return a.rank < b.rank; });
    requireDifferentRanks(ordered);
    const std::vector<std::vector<StepRecord>> halves = laterHalves(ordered);
    RankProposal proposal;
    if (halves.size() < 2 || halves.front().empty()) {
        proposal.reason = {
            PISSARRO_SAID("pissarro::core", "No rank is proposed: fewer than two were trained."),
            {},
            0,
            {}};
        return proposal;
    }
    std::size_t best = 0;
    for (std::size_t i = 0; i < ordered.size(); ++i) {
        proposal.tried.push_back(
            {ordered[i].rank, ordered[i].parameters, meanOf(halves[i]), {}, false});
        best = proposal.tried[i].loss < proposal.tried[best].loss ? i : best;
    }
    proposal.best = ordered[best].rank;
    for (std::size_t i = 0; i < ordered.size(); ++i) {
        TriedRank& one = proposal.tried[i];
        one.behind = behind(halves[i], halves[best]);
        const bool cannotTell = one.behind.interval && one.behind.interval->low <= 0.0;
        one.isAsGood =
            i == best || cannotTell || one.behind.mean <= kAsGoodShare * proposal.tried[best].loss;
        if (one.isAsGood && !proposal.rank) {
            proposal.rank = one.rank;
        }
    }
    proposal.reason = reasonOf(proposal, halves.front().size());
    return proposal;
}

std::vector<RankTrial> tryRanks(const RunSpec& spec, const std::vector<std::int64_t>& ranks,
                                std::int64_t steps, const JobContext& job)
{
    const auto shared = std::make_shared<SharedInputs>();
    std::vector<RankTrial> trials;
    for (const std::int64_t rank : ranks) {
        const ScratchFolder folder("ranks");
        TrainRequest request;
        request.spec = spec;
        request.spec.rank = rank;
        request.spec.alpha =
            spec.alpha * static_cast<double>(rank) / static_cast<double>(spec.rank);
        request.spec.steps = steps;
        request.spec.evalRatio = 0.0;
        request.spec.evalEvery = 0;
        request.spec.patience = 0;
        request.spec.checkpointEvery = 0;
        request.spec.checkpointMinutes = 0.0;
        request.runDirectory = folder.path() / "run";
        request.shared = shared;
        RankTrial trial;
        trial.rank = rank;
        Recorder recorder(trial);
        train(request, recorder, job);
        trials.push_back(std::move(trial));
    }
    return trials;
}

} // namespace pissarro::core::inline sweep
