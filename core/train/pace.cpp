// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/pace.h"

#include "core/train/scratch_folder.h"
#include "core/train/trainer.h"

#include <algorithm>
#include <chrono>

namespace pissarro::core::inline training {

namespace {

constexpr std::int64_t kProbeSteps = 3; // the first warms up
constexpr std::int64_t kFewestSteps = 20; // so that a curve is a curve
constexpr std::int64_t kMostSteps = 60;
constexpr std::int64_t kBatchSizes[] = {4, 2, 1};

// The time of each step, and of what came before the first one ended.
class Stopwatch : public TrainObserver {
public:
    void stepDone(int /*run*/, const StepRecord& record) override
    {
        if (record.step == 1) {
            m_startSeconds = sinceBegin();
            m_tokensAtStart = record.tokens;
            m_elapsedAtStart = record.elapsedS;
        } else {
            m_tokens = record.tokens - m_tokensAtStart;
            m_seconds = record.elapsedS - m_elapsedAtStart;
        }
    }
    Pace pace() const
    {
        return {m_seconds / static_cast<double>(std::max<std::int64_t>(1, m_tokens)),
                m_startSeconds};
    }

private:
    using Clock = std::chrono::steady_clock;
    double sinceBegin() const
    {
        return std::chrono::duration<double>(Clock::now() - m_begin).count();
    }
    Clock::time_point m_begin = Clock::now();
    double m_startSeconds = 0.0;
    double m_elapsedAtStart = 0.0;
    double m_seconds = 0.0;
    std::int64_t m_tokensAtStart = 0;
    std::int64_t m_tokens = 0;
};

double tokensOfARow(const std::vector<std::int32_t>& lengths, std::int64_t maxLength)
{
    if (lengths.empty()) {
        return static_cast<double>(maxLength);
    }
    double sum = 0.0;
    for (const std::int32_t length : lengths) {
        sum += static_cast<double>(std::min<std::int64_t>(length, maxLength));
    }
    return sum / static_cast<double>(lengths.size());
}

} // namespace

Pace measurePace(const RunSpec& spec, const JobContext& job)
{
    const ScratchFolder folder("pace");
    TrainRequest request;
    request.spec = spec;
    request.spec.method = firstWhere(isUntouched);
    request.spec.initAdapter.clear();
    request.spec.steps = kProbeSteps;
    request.spec.batchSize = 2;
    request.spec.gradAccum = 1;
    request.spec.evalRatio = 0.0;
    request.spec.evalTask = kNoTask;
    request.spec.bestBy = BestBy::Loss;
    request.spec.patience = 0;
    request.runDirectory = folder.path() / "run";
    Stopwatch stopwatch;
    train(request, stopwatch, job);
    return stopwatch.pace();
}

Fit fitToTime(const RunSpec& spec, const Pace& pace, int runs,
              const std::vector<std::int32_t>& lengths, double seconds)
{
    Fit fit {spec, 0.0};
    fit.spec.gradAccum = 1;
    const double start = pace.startSeconds * runs;
    for (const std::int64_t batch : kBatchSizes) {
        const double step = pace.secondsPerToken * runs * static_cast<double>(batch)
            * tokensOfARow(lengths, spec.maxLength);
        const double possible = (seconds - start) / step;
        fit.spec.batchSize = batch;
        // Compared as a double: a step of no time would overflow an integer.
        fit.spec.steps = possible >= static_cast<double>(kMostSteps)
            ? kMostSteps
            : std::max(kFewestSteps, static_cast<std::int64_t>(possible));
        fit.seconds = start + step * static_cast<double>(fit.spec.steps);
        if (possible >= static_cast<double>(kFewestSteps)) {
            break;
        }
    }
    return fit;
}

} // namespace pissarro::core::inline training
