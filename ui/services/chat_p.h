// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/chat.h"

#include <mutex>
#include <vector>

namespace pissarro::ui {

struct Chat::Question {
    std::vector<core::InferenceModel>
        models; // of the columns; an adapter's path may be a run's or another model's
    std::vector<int> columns; // their ids
    std::vector<core::TalkRequest> requests; // speakers count the columns
};

// The models that are open. One question at a time uses them.
struct Chat::Models {
    std::mutex mutex;
    core::Talkers talkers; // guarded by mutex

    // On the worker: looks what the paths are. Throws: Cancelled.
    const std::vector<core::Speaker>& open(const std::vector<core::InferenceModel>& named,
                                           const core::JobContext& job);
};

} // namespace pissarro::ui
