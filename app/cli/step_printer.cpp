// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/step_printer.h"

#include "core/base/fmt.h"
#include "core/text/number_text.h"

#include <algorithm>

namespace pissarro::cli {

StepPrinter::StepPrinter(Console& console, std::size_t runs)
    : m_console(console)
    , m_runs(runs)
{
}

StepPrinter::Run& StepPrinter::at(int run)
{
    const auto index = static_cast<std::size_t>(run);
    m_runs.resize(std::max(m_runs.size(), index + 1));
    return m_runs[index];
}

void StepPrinter::runPrepared(int run, const core::RunSummary& summary)
{
    at(run).name = core::methodName(summary.spec.method);
    at(run).from = summary.step;
    m_steps = summary.steps;
    m_console.message(fmt::format(
        "{}: {} of {} parameters train, ready after {}", core::methodTitle(summary.spec.method),
        core::groupedText(summary.trainableParameters), core::groupedText(summary.modelParameters),
        durationText(summary.initSeconds)));
}

void StepPrinter::stepDone(int run, const core::StepRecord& record)
{
    at(run).record = record;
    if (isLastOf(record.step)) {
        printStep(record);
    }
}

void StepPrinter::runFailed(int run, std::string_view /*why: a message tells*/)
{
    at(run).from.reset();
}

void StepPrinter::message(std::string_view text)
{
    m_console.message(text);
}

// Whether every run whose turn the step is has told of it: one that was ahead waits, one that failed is out.
bool StepPrinter::isLastOf(std::int64_t step) const
{
    return std::none_of(m_runs.begin(), m_runs.end(), [step](const Run& run) {
        const bool takesPart = run.from && *run.from < step;
        return takesPart && (!run.record || run.record->step < step);
    });
}

void StepPrinter::printStep(const core::StepRecord& last)
{
    std::string line = fmt::format("step {}/{}", last.step, m_steps);
    double secondsPerToken = 0.0; // of all runs, one after the other
    for (const Run& run : m_runs) {
        if (const auto& record = run.record; record && record->step == last.step) {
            line += fmt::format("  {} loss {} grad {}", run.name, core::fixedText(record->loss, 4),
                                core::fixedText(record->gradNorm, 3));
            secondsPerToken += record->tokensPerS > 0.0 ? 1.0 / record->tokensPerS : 0.0;
        }
    }
    line += fmt::format("  lr {}", core::rateText(last.learningRate, 3));
    if (secondsPerToken > 0.0) {
        line += fmt::format("  {} tokens/s", core::fixedText(1.0 / secondsPerToken, 0));
    }
    if (last.elapsedS > 0.0 && last.step < m_steps) {
        line += fmt::format("  left {}",
                            durationText(last.elapsedS / static_cast<double>(last.step)
                                         * static_cast<double>(m_steps - last.step)));
    }
    m_console.message(line);
}

} // namespace pissarro::cli
