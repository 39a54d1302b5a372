// SPDX-License-Identifier: GPL-3.0-or-later
// metrics.jsonl, which our own runs write: its keys are the names of metrics.
#include "core/history/history_builder.h"
#include "core/history/history_format.h"
#include "core/history/json_lines.h"
#include "core/text/json_value.h"

#include <limits>

namespace pissarro::core::inline history {

namespace {

constexpr std::string_view kFile = "metrics.jsonl";

void read(std::span<const std::filesystem::path> files, HistoryBuilder& builder,
          const JobContext& job)
{
    std::int64_t last = 0;
    const auto take = [&](const nlohmann::json& record) {
        const auto step = jsonFieldAs<std::int64_t>(record, "step");
        if (!step || *step < 0) {
            return false;
        }
        if (*step <= last) { // a run that goes on from a checkpoint trains its steps again
            builder.beginSession();
        }
        last = *step;
        builder.setStep(last);
        for (const auto& [key, value] : record.items()) {
            if (value.is_null()) { // what is not finite
                builder.add(key, last, std::numeric_limits<double>::quiet_NaN());
            } else if (const auto number = jsonAs<double>(value); number && key != "step") {
                builder.add(key, last, *number);
            }
        }
        return true;
    };
    readJsonLines(files.front(), builder, job, take, RepeatedKey::Refused);
}

} // namespace

extern const HistoryFormat kMetricsLog;
const HistoryFormat kMetricsLog {kFile, "Pissarro", isNamed<kFile>, fileNamed<kFile>, read};

} // namespace pissarro::core::inline history
