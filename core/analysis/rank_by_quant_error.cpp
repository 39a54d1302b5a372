// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/rank_by_quant_error.h"

#include "core/analysis/quant_error_by_rank_tensors.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/tensor/guarded.h"
#include "core/tensor/parallel_tasks.h"
#include "core/tensor/runtime.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"
#include "core/text/said.h"
#include "core/weights/weights.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <mutex>

namespace pissarro::core::inline analysis {

namespace {

// What a search found for one matrix.
struct Found {
    std::int64_t rank = 0;
    bool met = true; // the target, at `rank`
    bool needsAll = false; // of the smaller side
};

constexpr int kDigits = 3; // of a number in a message

void checkTarget(const std::vector<LinearModule>& modules, const QuantErrorTarget& target)
{
    if (modules.empty()) {
        throw Error(ErrorKind::InvalidArgument,
                    "there is no matrix to advise a rank for (expected at least one)");
    }
    if (!(target.share > 0.0 && target.share <= 1.0)) {
        throw Error(
            ErrorKind::InvalidArgument,
            fmt::format("a quantization-error target must be above 0 and at most 1, found {}",
                        roundedText(target.share, kDigits)));
    }
    if (target.iters < 1) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("iters is {} (expected 1 or more)", target.iters));
    }
    if (!iterates(target.method)) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("a quantization-error target is for {}, found {}",
                                namesWhere(iterates, "or"), methodName(target.method)));
    }
}

// Bisection between a rank that fails and one that meets the target. The ranks probed do not depend on the target, or the
// error falls with every rank: else a larger share could end at a larger rank.
Found searchRank(QuantErrorByRank& errors, double share, std::int64_t lowest, std::int64_t highest,
                 std::int64_t smaller, const JobContext& job)
{
    if (errors.isExact()) { // any rank will do
        return {lowest, true, false};
    }
    const auto meetsAt = [&](std::int64_t rank) { return errors.shareAt(rank, job) <= share; };
    // Of the whole smaller side nothing is left, but for rounding: probed only if the search ends there.
    bool met = false;
    if (highest < smaller) {
        met = meetsAt(highest);
        if (!met) {
            return {highest, false, false};
        }
    }
    std::int64_t fails = lowest - 1;
    std::int64_t meets = highest;
    const auto probe = [&](std::int64_t rank) {
        if (rank > fails && rank < meets) {
            const bool good = meetsAt(rank);
            (good ? meets : fails) = rank;
            met = met || good;
        }
    };
    if (const std::int64_t known = errors.knownRank(share); known > 0) {
        probe(known);
        probe(known - 1);
    }
    while (meets - fails > 1) {
        probe(fails + (meets - fails) / 2);
    }
    return {meets, met || meetsAt(meets), meets == smaller && lowest < smaller};
}

Found rankOf(const ModelFiles& files, const LinearModule& module, const QuantErrorTarget& target,
             const JobContext& job)
{
    const std::int64_t highest = std::min(target.bounds.highest, module.smallerSide());
    QuantErrorByRank errors(loadWeight(files, module.name + ".weight", at::kFloat, job),
                            target.method, target.iters, job);
    return searchRank(errors, target.share, std::min(target.bounds.lowest, highest), highest,
                      module.smallerSide(), job);
}

// How many matrices fell short of the target, or need all that there is to meet it.
std::string shortfallText(const std::vector<Found>& found)
{
    const auto failed =
        std::count_if(found.begin(), found.end(), [](const Found& one) { return !one.met; });
    const auto whole = std::count_if(found.begin(), found.end(),
                                     [](const Found& one) { return one.met && one.needsAll; });
    std::string text;
    if (failed > 0) {
        text += fmt::format("; {} of {} matrices fell short of it and got the highest rank allowed",
                            failed, found.size());
    }
    if (whole > 0) {
        text += fmt::format("; {} of {} matrices reach it only at their smaller side", whole,
                            found.size());
    }
    return text;
}

RankMap mapOf(const std::vector<LinearModule>& modules, const std::vector<Found>& found,
              const QuantErrorTarget& target)
{
    RankMap map;
    for (std::size_t i = 0; i < modules.size(); ++i) {
        map.ranks[modules[i].name] = found[i].rank;
        map.parameters += found[i].rank * (modules[i].rows + modules[i].cols);
    }
    map.reason = fmt::format("The smallest rank of each matrix, by bisection, at which {} with T = "
                             "{} leaves at most {} % "
                             "of the nuclear error of nf4(W) alone (QLoRA){}: {}{}.",
                             methodTitle(target.method), target.iters,
                             roundedText(100.0 * target.share, kDigits), boundsText(target.bounds),
                             rangeOf(map), shortfallText(found));
    map.reference = target.method->reference;
    return map;
}

} // namespace

RankMap ranksByQuantError(const ModelFiles& files, const std::vector<LinearModule>& modules,
                          const QuantErrorTarget& target, const JobContext& job)
{
    checkTarget(modules, target);
    std::vector<Found> found(modules.size());
    guarded("ranks by quantization error of " + shownPath(files.path()), [&] {
        keepFreedMemory();
        const ThreadBudget threads;
        job.checkpoint(0.0, PISSARRO_SAID("pissarro::core", "Quantizing"));
        forEachInParallel(
            static_cast<std::int64_t>(modules.size()),
            {job, PISSARRO_SAID("pissarro::core", "Quantizing")},
            [&](std::int64_t i) {
                const LinearModule& module = modules[static_cast<std::size_t>(i)];
                try {
                    return rankOf(files, module, target, job);
                } catch (const Error& error) {
                    throw error.within(module.name);
                }
            },
            [&](std::int64_t i, Found one) { found[static_cast<std::size_t>(i)] = one; });
    });
    return mapOf(modules, found, target);
}

} // namespace pissarro::core::inline analysis
