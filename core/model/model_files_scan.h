// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/model/model_files.h"

#include <string_view>

namespace pissarro::core::inline model {

// ModelFiles::requireFinite(), given up within the weight once a stop is requested: an embedding is gigabytes, on a disk.
// Throws: Error{Format} naming the file and the weight when it holds NaN or Inf, or is unknown; Error{Io} when its file
//         became shorter; Cancelled.
void requireFinite(const ModelFiles& files, std::string_view weightName, const JobContext& job);

} // namespace pissarro::core::inline model
