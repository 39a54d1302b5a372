// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/dataset.h"
#include "core/run/run_spec.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <tuple>

namespace pissarro::ui {

// core::largestMicroBatch() with the last answers kept: finding one shuffles the data set, and while a rank is dragged
// several pages ask at every pixel, each with a spec of its own.
// Threads: one.
class LargestBatch {
public:
    // `rows` null: as many tokens as the spec allows.
    std::int64_t tokens(const std::shared_ptr<const core::TokenizedData>& rows,
                        const core::RunSpec& spec);
    int shuffles() const { return m_shuffles; } // how often it was computed

private:
    // What the answer goes by: batch size, seed, steps, epochs, accumulation.
    using Key = std::tuple<std::int64_t, std::uint64_t, std::int64_t, double, std::int64_t>;
    struct Answer {
        Key key;
        std::int64_t tokens = 0;
    };

    std::shared_ptr<const core::TokenizedData> m_rows; // of the answers
    std::array<std::optional<Answer>, 4> m_answers; // more than ask in turn
    std::size_t m_next = 0;
    int m_shuffles = 0;
};

} // namespace pissarro::ui
