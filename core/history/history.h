// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/history/metric_names.h"
#include "core/text/said.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline history {

// One metric of a run, in columns: value i was told of step i. Both have the same length.
struct MetricSeries {
    std::vector<std::int64_t> steps; // from 0, ascending, each once
    std::vector<double> values; // NaN and infinite where the run was
};

// What a run has told step by step, whoever trained it. Threads: immutable once read.
struct History {
    std::string title; // what wrote it: "Hugging Face Trainer"
    std::vector<std::filesystem::path> files; // that it was read from
    std::map<std::string, MetricSeries, std::less<>>
        metrics; // by names of metric_names.h; none is empty
    std::map<std::string, double, std::less<>>
        figures; // of the whole run: train_runtime, total_flos
    std::int64_t step = 0; // the last that anything was told of
    std::int64_t steps = 0; // planned; 0: not told
    std::vector<Said> notes; // what was met in the files that a person should know, a sentence each

    const MetricSeries* find(std::string_view metric) const; // null: nothing was told of it
};

// Reads a run of others, or one of ours: a file of any format of history_format.h, or a folder that holds some. Of a folder
// every format that is there is read; a metric that several tell is taken from the one that tells most of its way.
//
// A step counts once, as it was told first; where a run went on from an earlier step, what was told before from there on is
// gone. Torn ends, damaged records and lines that are none are left out and noted.
// Throws: Error{InvalidArgument}: no file of a run; Error{Io}, Error{Format} naming the file; Cancelled.
// Memory: 16 bytes a figure, of which there may be 64 million.
History readHistory(const std::filesystem::path& path, const JobContext& job = {});

} // namespace pissarro::core::inline history
