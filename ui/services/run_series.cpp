// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/run_series.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pissarro::ui {

namespace {

constexpr qsizetype kPaceOver = 30; // steps that tell the pace
constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

std::size_t at(qsizetype i)
{
    return static_cast<std::size_t>(i);
}

quint64 nextId()
{
    static quint64 last = 0;
    return ++last;
}

} // namespace

struct RunSeries::Columns {
    quint64 id = nextId();
    quint64 rewrites = 0;
    core::StepRecord first;
    core::StepRecord last;
    std::vector<std::int64_t> step;
    std::vector<std::int64_t> tokens;
    std::vector<double> elapsedS;
    std::vector<double> loss;
    std::vector<double> gradNorm;
    std::vector<double> learningRate;
    std::vector<double> tokensPerS;
    std::vector<std::pair<qsizetype, double>> evaluations;
    double speedSum = 0.0; // of the finite ones, in their order
    std::int64_t speeds = 0;

    void cutFrom(std::int64_t from);
    void addSpeed(double speed);
};

void RunSeries::Columns::addSpeed(double speed)
{
    if (std::isfinite(speed)) {
        speedSum += speed;
        ++speeds;
    }
}

// Forgets the step `from` and those after it.
void RunSeries::Columns::cutFrom(std::int64_t from)
{
    std::size_t kept = step.size();
    while (kept > 0 && step[kept - 1] >= from) {
        --kept;
    }
    if (kept == step.size()) {
        return;
    }
    ++rewrites;
    step.resize(kept);
    tokens.resize(kept);
    for (std::vector<double>* column : {&elapsedS, &loss, &gradNorm, &learningRate, &tokensPerS}) {
        column->resize(kept);
    }
    while (!evaluations.empty() && evaluations.back().first >= static_cast<qsizetype>(kept)) {
        evaluations.pop_back();
    }
    speedSum = 0.0;
    speeds = 0;
    for (const double speed : tokensPerS) {
        addSpeed(speed);
    }
}

RunSeries::RunSeries()
    : d(std::make_shared<Columns>())
{
}

RunSeries::RunSeries(std::initializer_list<core::StepRecord> records)
    : RunSeries()
{
    for (const core::StepRecord& record : records) {
        append(record);
    }
}

void RunSeries::append(const core::StepRecord& record)
{
    d->cutFrom(record.step);
    if (d->step.empty()) {
        d->first = record;
    }
    d->last = record;
    if (std::isfinite(record.evalLoss)) {
        d->evaluations.emplace_back(size(), record.evalLoss);
    }
    d->step.push_back(record.step);
    d->tokens.push_back(record.tokens);
    d->elapsedS.push_back(record.elapsedS);
    d->loss.push_back(record.loss);
    d->gradNorm.push_back(record.gradNorm);
    d->learningRate.push_back(record.learningRate);
    d->tokensPerS.push_back(record.tokensPerS);
    d->addSpeed(record.tokensPerS);
}

RunSeries RunSeries::copy() const
{
    RunSeries other;
    const quint64 id = other.d->id;
    *other.d = *d;
    other.d->id = id;
    return other;
}

qsizetype RunSeries::size() const
{
    return static_cast<qsizetype>(d->step.size());
}

const core::StepRecord& RunSeries::first() const
{
    return d->first;
}

const core::StepRecord& RunSeries::last() const
{
    return d->last;
}

std::int64_t RunSeries::step(qsizetype i) const
{
    return d->step[at(i)];
}

std::int64_t RunSeries::tokens(qsizetype i) const
{
    return d->tokens[at(i)];
}

double RunSeries::elapsedS(qsizetype i) const
{
    return d->elapsedS[at(i)];
}

double RunSeries::loss(qsizetype i) const
{
    return d->loss[at(i)];
}

double RunSeries::gradNorm(qsizetype i) const
{
    return d->gradNorm[at(i)];
}

double RunSeries::learningRate(qsizetype i) const
{
    return d->learningRate[at(i)];
}

double RunSeries::tokensPerS(qsizetype i) const
{
    return d->tokensPerS[at(i)];
}

const std::vector<std::pair<qsizetype, double>>& RunSeries::evaluations() const
{
    return d->evaluations;
}

double RunSeries::meanTokensPerS() const
{
    return d->speeds == 0 ? kNoNumber : d->speedSum / static_cast<double>(d->speeds);
}

// Steps rise: those up to `lastStep` are the beginning of the columns. Summed from the newest on, as core::meanLoss().
double RunSeries::meanLoss(std::int64_t lastStep, std::int64_t count) const
{
    const auto end =
        lastStep == 0 ? d->step.end() : std::upper_bound(d->step.begin(), d->step.end(), lastStep);
    const auto there = static_cast<std::int64_t>(end - d->step.begin());
    const std::int64_t taken = std::min(count, there);
    double sum = 0.0;
    for (std::int64_t i = 1; i <= taken; ++i) {
        sum += loss(there - i);
    }
    return taken <= 0 ? kNoNumber : sum / static_cast<double>(taken);
}

quint64 RunSeries::id() const
{
    return d->id;
}

quint64 RunSeries::rewrites() const
{
    return d->rewrites;
}

std::int64_t commonStep(const QVector<RunSeries>& series)
{
    std::int64_t common = std::numeric_limits<std::int64_t>::max();
    for (const RunSeries& one : series) {
        common = std::min(common, one.isEmpty() ? 0 : one.last().step);
    }
    return series.isEmpty() ? 0 : common;
}

double secondsLeft(const RunSeries& series, std::int64_t steps)
{
    const qsizetype last = series.size() - 1;
    const qsizetype first = std::max<qsizetype>(0, last - kPaceOver);
    if (last < 1 || series.step(first) >= series.step(last)) {
        return kNoNumber;
    }
    const double seconds = series.elapsedS(last) - series.elapsedS(first);
    const auto made = static_cast<double>(series.step(last) - series.step(first));
    return seconds / made
        * static_cast<double>(std::max<std::int64_t>(0, steps - series.step(last)));
}

} // namespace pissarro::ui
