// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>

namespace pissarro::core::inline tensor {

// Runs `body` and translates every foreign exception into Error, once: c10::Error, c10::OutOfMemoryError,
// std::bad_alloc, file system and JSON; any other becomes Internal with its type. Error and Cancelled pass.
void guarded(const std::function<void()>& body);
// The same for a long job of that name, of which the log tells (core/file/log.h).
void guarded(const std::string& job, const std::function<void()>& body);

} // namespace pissarro::core::inline tensor
