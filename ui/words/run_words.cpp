// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/words/run_words.h"

#include "core/run/step_zero_kind.h"
#include "ui/words/format.h"
#include "ui/words/method_look.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace pissarro::ui {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(pissarro::ui::RunWords)
};

} // namespace

QString stateWord(core::RunState state)
{
    switch (state) {
    case core::RunState::Running:
        return Words::tr("Running");
    case core::RunState::Paused:
        return Words::tr("Paused");
    case core::RunState::Finished:
        return Words::tr("Finished");
    case core::RunState::FinishedEarly:
        return Words::tr("Finished early");
    case core::RunState::Stopped:
        return Words::tr("Stopped");
    case core::RunState::Failed:
        return Words::tr("Failed");
    case core::RunState::Interrupted:
        return Words::tr("Interrupted");
    }
    return {};
}

QString stepZeroLine(const core::RunSummary& run)
{
    const core::StepZero& zero = *run.stepZero;
    const QString title = titleOf(run.spec.method);
    switch (core::kindOf(zero, run.spec)) {
    case core::StepZeroKind::Failed:
        break;
    case core::StepZeroKind::Exact:
        return Words::tr("Step 0: %1 equals the base exactly\u00a0✓").arg(title);
    case core::StepZeroKind::Close:
        return run.spec.dtype == core::BaseDType::Float32
            ? Words::tr("Step 0: %1 equals the base: logits differ by %2 at most, %3 is "
                        "allowed\u00a0✓")
                  .arg(title, formatNumber(zero.maxLogitDifference, 2),
                       formatNumber(core::kStepZeroFloat32Limit, 2))
            : Words::tr("Step 0: %1 equals the base: logits differ by %2 on average, %3 is "
                        "allowed\u00a0✓")
                  .arg(title, formatNumber(zero.meanLogitDifference, 2),
                       formatNumber(core::kStepZeroMeanLimit, 2));
    case core::StepZeroKind::GoesOn:
        return Words::tr("Step 0: goes on from the given adapter, loss %1 (without it %2)\u00a0✓")
            .arg(formatNumber(zero.adaptedLoss, 2), formatNumber(zero.baseLoss, 2));
    case core::StepZeroKind::Quantized:
        return Words::tr("Step 0: quantization moves the logits by %1 on average\u00a0✓")
            .arg(formatNumber(zero.meanLogitDifference, 2));
    }
    return QString::fromStdString(zero.verdict);
}

QVector<core::Method> twinMethods(const QVector<core::RunSummary>& runs)
{
    QVector<core::Method> methods;
    for (qsizetype twin = 1; twin < runs.size(); ++twin) {
        methods.append(runs[twin].spec.method);
    }
    return methods;
}

TwinRates twinRatesOf(const QVector<core::RunSummary>& runs)
{
    TwinRates rates;
    for (qsizetype twin = 1; twin < runs.size(); ++twin) {
        const core::RunSpec& spec = runs[twin].spec;
        if (spec.learningRate != runs.first().spec.learningRate) {
            rates.own[spec.method] = spec.learningRate;
        }
    }
    return rates;
}

core::RunState stateOf(const QVector<core::RunSummary>& runs)
{
    using core::RunState;
    for (const RunState state :
         {RunState::Running, RunState::Paused, RunState::Failed, RunState::Interrupted,
          RunState::Stopped, RunState::FinishedEarly}) {
        const bool any = std::any_of(runs.cbegin(), runs.cend(),
                                     [state](const auto& run) { return run.state == state; });
        if (any) {
            return state;
        }
    }
    return RunState::Finished;
}

QString nameOf(const core::RunSummary& run)
{
    const std::string name = run.directory.filename().string();
    const bool isTwin = name == core::methodName(run.spec.method);
    return lineOf(QString::fromStdString(
        isTwin ? run.directory.parent_path().filename().string() + "/" + name : name));
}

QString missingSteps(std::int64_t firstStep)
{
    return Words::tr(
               "Steps before step %1 are missing from the curve: no records of them are here.")
        .arg(formatCount(firstStep));
}

QString keptSteps(const QVector<core::RunSummary>& runs)
{
    QStringList all;
    bool same = true;
    for (const core::RunSummary& run : runs) {
        same = same && run.adapterStep == runs.first().adapterStep;
        all << QStringLiteral("%1 (%2)").arg(formatCount(run.adapterStep),
                                             titleOf(run.spec.method));
    }
    return same ? formatCount(runs.first().adapterStep) : all.join(QStringLiteral(", "));
}

QString stateLine(core::RunState state, std::int64_t step, std::int64_t steps)
{
    return steps < 1 ? stateWord(state)
                     : Words::tr("%1 at step %2 of %3")
                           .arg(stateWord(state), formatCount(step), formatCount(steps));
}

} // namespace pissarro::ui
