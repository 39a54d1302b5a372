// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/live_score.h"

#include "core/evaluate/asking_p.h"
#include "core/evaluate/evaluated_tasks.h"

namespace pissarro::core::inline evaluate {

double liveScore(const EvaluationSpec& spec, const session::Choir& choir, const JobContext& job)
{
    std::int64_t correct = 0;
    std::int64_t answers = 0;
    const Asking asking {spec,
                         choir,
                         {"model"},
                         {},
                         [](const std::string&, std::int64_t, std::int64_t) { return false; },
                         [](std::int64_t) {},
                         [&](const Transcript& one) {
                             ++answers;
                             correct += one.isCorrect() ? 1 : 0;
                         },
                         job};
    evaluatedTask(spec.task).ask(asking);
    return static_cast<double>(correct) / static_cast<double>(answers);
}

} // namespace pissarro::core::inline evaluate
