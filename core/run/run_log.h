// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/run/run_directory.h"

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <string>
#include <string_view>

namespace pissarro::core::inline run {

// An append-only file whose every line reaches the system at once, so that a reader elsewhere sees whole lines.
// Throws: every member Error{Io} naming the file; append() also when the file was removed meanwhile.
class AppendFile {
public:
    explicit AppendFile(std::filesystem::path path);
    ~AppendFile();
    AppendFile(const AppendFile&) = delete;
    AppendFile& operator=(const AppendFile&) = delete;
    void append(std::string_view bytes);

private:
    std::filesystem::path m_path;
    int m_descriptor = -1;
};

// Scalars in TensorBoard's event format: events.out.tfevents.<time>.<host>.<pid>.0, tags as transformers' Trainer writes
// them (train/loss, train/grad_norm, train/learning_rate, train/epoch, eval/loss and eval/score where a step was evaluated).
class TensorBoardLog {
public:
    // A file of its own, which begins with what tells TensorBoard that steps after `keepSteps` (0: a run from its start) of
    // older files count no more.
    TensorBoardLog(const std::filesystem::path& runDirectory, std::int64_t keepSteps);
    void add(const StepRecord& record);

private:
    AppendFile m_file;
};

// The files that grow while a run trains: metrics.jsonl, log.txt and the TensorBoard events.
class RunLog {
public:
    // Opens them in `runDirectory`; metrics after step `keepSteps` are cut off (a resumed run writes them again).
    // Throws: Cancelled, also within what was written before.
    RunLog(const std::filesystem::path& runDirectory, std::int64_t keepSteps,
           const JobContext& job = {});
    void add(const StepRecord& record);
    void message(std::string_view text); // one line with the time before it

private:
    AppendFile m_metrics;
    AppendFile m_text;
    TensorBoardLog m_tensorBoard;
};

std::string utcText(std::time_t time); // "2026-11-24T13:37:00Z"
std::string utcNow();

} // namespace pissarro::core::inline run
