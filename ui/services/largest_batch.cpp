// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/largest_batch.h"

#include "core/train/memory_estimate.h"

namespace pissarro::ui {

std::int64_t LargestBatch::tokens(const std::shared_ptr<const core::TokenizedData>& rows,
                                  const core::RunSpec& spec)
{
    if (!rows) {
        return core::largestMicroBatch(nullptr, spec);
    }
    if (rows != m_rows) {
        m_rows = rows;
        m_answers = {};
    }
    const Key key {spec.batchSize, spec.seed, spec.steps, spec.epochs, spec.gradAccum};
    for (const std::optional<Answer>& answer : m_answers) {
        if (answer && answer->key == key) {
            return answer->tokens;
        }
    }
    ++m_shuffles;
    const std::int64_t found = core::largestMicroBatch(&rows->summary, spec);
    m_answers[m_next] = Answer {key, found};
    m_next = (m_next + 1) % m_answers.size();
    return found;
}

} // namespace pissarro::ui
