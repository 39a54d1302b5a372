// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline history {

class HistoryBuilder;

// Of a key that stands twice in a line the last value counts, as for other programs' readers; or the line is none.
enum class RepeatedKey { LastCounts, Refused };

// Gives `take` each line of a log that is a JSON object, in their order. Lines that are none, longer than a megabyte, or
// that `take` refuses (false) are counted in `builder`; a last one without its end that is none is a torn file.
// Throws: Error{Io}; Error{Format} naming the file: none of its lines was taken; what `take` throws, with the file named;
//   Cancelled.
// Memory: a line.
void readJsonLines(const std::filesystem::path& file, HistoryBuilder& builder,
                   const JobContext& job,
                   const std::function<bool(const nlohmann::json& record)>& take,
                   RepeatedKey repeated = RepeatedKey::LastCounts);

} // namespace pissarro::core::inline history
