// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/model/model_files.h"

#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>

namespace pissarro::core::inline weights {

enum class NotFinite { Refuse, Keep };

// Reads one weight into a fresh tensor of `type` on the CPU; the mapped pages are given back.
// Cost: one pass over the stored bytes for NaN and Inf, unless they are to be kept, and one to convert.
// Throws: Error{Format} naming file and weight when it is unknown or holds NaN or Inf.
at::Tensor loadWeight(const ModelFiles& files, std::string_view name,
                      at::ScalarType type = at::kFloat, NotFinite notFinite = NotFinite::Refuse);
// Refuses NaN and Inf, and looks at the job while it searches for them. Throws: Cancelled too.
at::Tensor loadWeight(const ModelFiles& files, std::string_view name, at::ScalarType type,
                      const JobContext& job);

// The same as float32 to read from only: where the file holds just that, the mapped bytes themselves, without a copy. Good
// while `files` lives; files.release(name) gives the pages back when the reader is done.
at::Tensor readWeight(const ModelFiles& files, std::string_view name,
                      NotFinite notFinite = NotFinite::Refuse);

} // namespace pissarro::core::inline weights
