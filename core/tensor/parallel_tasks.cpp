// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tensor/parallel_tasks.h"

#include <ATen/ATen.h>

namespace pissarro::core::inline tensor {

void forEachInParallel(std::int64_t count, const std::function<void(std::int64_t)>& body)
{
    std::atomic<bool> failed = false;
    eachTask(count, [&](std::int64_t i, std::int64_t) {
        if (failed) {
            return;
        }
        const c10::InferenceMode inference;
        try {
            body(i);
        } catch (...) {
            failed = true;
            throw;
        }
    });
}

void onOneThread(const std::function<void()>& body)
{
    const c10::InferenceMode inference;
    const SingleThread single;
    body();
}

} // namespace pissarro::core::inline tensor
