// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_directory.h"

#include <string>

namespace pissarro::core::inline run {

// The other way of runToJson(), as far as the text tells. Throws: Error{Format, InvalidArgument} without the file's name;
// Cancelled.
RunSummary runFromJson(const std::string& text, const JobContext& job);

} // namespace pissarro::core::inline run
