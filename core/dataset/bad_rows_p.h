// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/open_data_p.h"
#include "core/file/atomic_file.h"
#include "core/base/job_context.h"

#include <cstdint>
#include <functional>
#include <string>

namespace pissarro::core::inline dataset {

// Why a row is a bad one; empty: it is none. Format errors count as reasons.
using WhyBad = std::function<std::string(const RowSource& rows, const RawRow& raw)>;

// The bad rows of one file, a line of JSON each, behind the `count` that stand in `to`.
void writeBadRowsOf(const OpenData& open, const WhyBad& why, AtomicFile& to, std::int64_t& count,
                    const JobContext& job);

} // namespace pissarro::core::inline dataset
