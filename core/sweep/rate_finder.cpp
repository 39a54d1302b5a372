// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sweep/rate_finder.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/run/order_watch.h"
#include "core/run/run_directory.h"
#include "core/text/number_text.h"
#include "core/train/scratch_folder.h"
#include "core/train/trainer.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace pissarro::core::inline sweep {

namespace {

constexpr double kSmoothing = 0.8;
constexpr double kRunsAway = 2.0; // times the first smoothed loss
constexpr double kLearns = 0.99; // of it
constexpr double kGentler = 1.0 / 3.0;

// The row 1, 3, 10, 30, … by its place: 0 is 1, 1 is 3, 2 is 10, -1 is 0.3.
double inRow(int place)
{
    const int power = place >= 0 ? place / 2 : -((1 - place) / 2);
    const bool isThree = place - 2 * power == 1;
    // Read from its text, so that it is the very number that a person writes: 3e-05, no product that is near it.
    return numberIn<double>(fmt::format("{}e{}", isThree ? 3 : 1, power)).value();
}

// The nearest by the logarithm; 3 stands for the half of a power of ten.
int placeInRow(double rate)
{
    return static_cast<int>(std::lround(2.0 * std::log10(rate)));
}

std::string shortText(double value)
{
    return roundedText(value, 4);
}

Said learnedNothing(double lowest, double first)
{
    return {PISSARRO_SAID("pissarro::core",
                          "No rate is proposed: the smoothed loss fell nowhere below 99 % of its "
                          "start (%1, at the start %2); try more steps or higher rates."),
            {},
            0,
            {shortText(lowest), shortText(first)}};
}

Said proposed(const RateProposal& proposal, double first, double lowest, bool ranAway)
{
    if (ranAway) {
        return {PISSARRO_SAID("pissarro::core",
                              "%1 is proposed: the smoothed loss fell from %2 to %3 at the rate %4 "
                              "and ran away after it; a third of that rate, rounded."),
                {},
                0,
                {rateText(*proposal.rate), shortText(first), shortText(lowest),
                 rateText(proposal.lowestAt, 4)}};
    }
    return {PISSARRO_SAID("pissarro::core",
                          "%1 is proposed: the smoothed loss fell from %2 to %3 at the rate %4; a "
                          "third of that rate, rounded."),
            {},
            0,
            {rateText(*proposal.rate), shortText(first), shortText(lowest),
             rateText(proposal.lowestAt, 4)}};
}

// Keeps the losses and ends the training where there is nothing more to see.
class RampWatch : public TrainObserver {
public:
    RampWatch(const RampOptions& options, std::shared_ptr<TrainControl> control)
        : m_options(options)
        , m_control(std::move(control))
    {
    }

    void stepDone(int /*run*/, const StepRecord& record) override
    {
        m_points.push_back({rampRate(m_options, record.step), record.loss});
        const double smoothed = m_average.next(record.loss);
        m_first = record.step == 1 ? smoothed : m_first;
        if (smoothed > kRunsAway * m_first) {
            m_control->stopAndKeep();
        }
    }

    std::vector<RampPoint> points() { return std::move(m_points); }

private:
    const RampOptions& m_options;
    std::shared_ptr<TrainControl> m_control;
    MovingAverage m_average {kSmoothing};
    double m_first = 0.0;
    std::vector<RampPoint> m_points;
};

} // namespace

double rampRate(const RampOptions& options, std::int64_t step)
{
    const double share = options.steps > 1
        ? static_cast<double>(step - 1) / static_cast<double>(options.steps - 1)
        : 1.0;
    return options.lowest * std::pow(options.highest / options.lowest, share);
}

RateProposal proposeRate(std::span<const RampPoint> points)
{
    RateProposal proposal;
    MovingAverage average(kSmoothing);
    double first = std::nan("");
    double lowest = std::nan("");
    bool ranAway = false;
    for (const RampPoint& point : points) {
        const double smoothed = average.next(point.loss);
        proposal.smoothed.push_back(smoothed);
        first = std::isnan(first) ? smoothed : first;
        ranAway = ranAway || !std::isfinite(point.loss) || smoothed > kRunsAway * first;
        if (!ranAway && !(smoothed >= lowest)) {
            lowest = smoothed;
            proposal.lowestAt = point.rate;
        }
    }
    if (!(lowest < kLearns * first)) {
        proposal.reason = learnedNothing(lowest, first);
        return proposal;
    }
    const int place = placeInRow(proposal.lowestAt * kGentler);
    proposal.rate = inRow(place);
    for (int i = -1; i <= 1; ++i) {
        proposal.grid.push_back(inRow(place + i));
    }
    proposal.reason = proposed(proposal, first, lowest, ranAway);
    return proposal;
}

RateRamp rateRamp(const RunSpec& spec, Method method, const RampOptions& options,
                  const JobContext& job)
{
    const ScratchFolder folder("ramp");
    TrainRequest request;
    request.spec = spec;
    request.spec.method = method;
    request.spec.steps = options.steps;
    request.spec.evalRatio = 0.0;
    request.spec.evalEvery = 0;
    request.spec.patience = 0;
    request.spec.checkpointEvery = 0;
    request.spec.checkpointMinutes = 0.0;
    request.spec.learningRate =
        std::min(options.highest, 1.0); // what run.json says while it is there
    request.runDirectory = folder.path() / "run";
    request.control = std::make_shared<TrainControl>();
    request.rate = [&options](std::int64_t step) { return rampRate(options, step); };
    RampWatch watch(options, request.control);
    bool diverged = false;
    try {
        train(request, watch, job);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::Numeric) {
            throw;
        }
        diverged = true;
    }
    RateRamp ramp;
    ramp.method = method;
    ramp.points = watch.points();
    if (ramp.points.empty()) { // step 0 was refused
        throw Error(
            ErrorKind::Numeric,
            std::string(methodName(method))
                + ": the ramp of learning rates came to no step; train it alone to see why");
    }
    if (diverged) { // the step that was not taken
        const auto next = static_cast<std::int64_t>(ramp.points.size()) + 1;
        ramp.points.push_back({rampRate(options, next), std::nan("")});
    }
    ramp.proposal = proposeRate(ramp.points);
    return ramp;
}

void findTwinRates(TrainRequest& request, const std::vector<Method>& twins,
                   const std::function<void(const RateRamp& ramp)>& told, const JobContext& job)
{
    const RunEnds ends(job, request.control,
                       request.runDirectory); // the ramp itself trains elsewhere
    for (const Method twin : twins) {
        const JobContext work(ends.token(), [&](double fraction, std::string_view stage) {
            job.checkpoint(fraction,
                           fmt::format("Looking for {}'s rate · {}", methodTitle(twin), stage));
        });
        const RateRamp ramp = rateRamp(request.spec, twin, {}, work);
        if (ramp.proposal.rate) {
            request.twinRates[twin] = *ramp.proposal.rate;
        }
        told(ramp);
    }
}

} // namespace pissarro::core::inline sweep
