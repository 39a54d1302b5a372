// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/infer/engine.h"
#include "core/tensor/threads.h"

#include <algorithm>
#include <numeric>

namespace pissarro::core::inline infer {

std::vector<Answer>
answerAll(const session::Choir& choir, const std::vector<Request>& requests,
          const EngineOptions& options,
          const std::function<void(std::size_t index, const Answer& answer)>& onAnswer,
          const JobContext& job)
{
    std::vector<std::size_t> order(requests.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return requests[a].prompt.size() > requests[b].prompt.size();
    });
    const ThreadBudget threads(choir.threads); // of one team from token to token
    Engine engine(choir, options, job);
    for (const std::size_t index : order) {
        engine.add(requests[index]);
    }
    std::vector<Answer> answers(requests.size());
    while (!engine.isIdle()) {
        for (const std::size_t ticket : engine.step()) {
            answers[order[ticket]] = engine.take(ticket);
            onAnswer(order[ticket], answers[order[ticket]]);
        }
    }
    return answers;
}

} // namespace pissarro::core::inline infer
