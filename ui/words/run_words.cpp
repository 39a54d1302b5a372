// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/words/run_words.h"

#include "ui/words/format.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace pissarro::ui {

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("RunWords", text);
}

} // namespace

QString stateWord(core::RunState state)
{
    const std::string_view name = core::runStateName(state);
    QString word = QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
    word[0] = word[0].toUpper();
    return word;
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
    return QString::fromStdString(
        isTwin ? run.directory.parent_path().filename().string() + "/" + name : name);
}

QString stateLine(core::RunState state, std::int64_t step, std::int64_t steps)
{
    return steps < 1
        ? stateWord(state)
        : tr("%1 at step %2 of %3").arg(stateWord(state), formatCount(step), formatCount(steps));
}

} // namespace pissarro::ui
