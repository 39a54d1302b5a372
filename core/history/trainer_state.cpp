// SPDX-License-Identifier: GPL-3.0-or-later
// trainer_state.json of the Hugging Face Trainer: all that it has logged stands in log_history.
#include "core/base/error.h"
#include "core/file/atomic_file.h"
#include "core/history/history_builder.h"
#include "core/history/history_format.h"
#include "core/history/json_numbers.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <charconv>
#include <optional>

namespace pissarro::core::inline history {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFile = "trainer_state.json";
constexpr std::string_view kCheckpoint = "checkpoint-";
constexpr std::uint64_t kLimitBytes = 512U << 20U;
constexpr double kLargestStep = 1e15;

std::int64_t stepOfCheckpoint(const std::string& name)
{
    std::int64_t step = -1;
    if (name.starts_with(kCheckpoint)) {
        std::from_chars(name.data() + kCheckpoint.size(), name.data() + name.size(), step);
    }
    return step;
}

// The Trainer's own is written at its end; before, the newest checkpoint's tells most.
std::vector<fs::path> find(const fs::path& folder)
{
    auto files = fileIn(folder, kFile);
    if (!files.empty()) {
        return files;
    }
    std::int64_t newest = -1;
    std::error_code unreadable;
    fs::directory_iterator entry(folder, unreadable);
    for (; !unreadable && entry != fs::directory_iterator(); entry.increment(unreadable)) {
        const std::int64_t step = stepOfCheckpoint(entry->path().filename().string());
        if (step <= newest) {
            continue;
        }
        if (auto found = fileIn(entry->path(), kFile); !found.empty()) {
            newest = step;
            files = std::move(found);
        }
    }
    return files;
}

// nullopt: no step, or none that one could count to.
std::optional<std::int64_t> wholeStep(const nlohmann::json& record, const char* key)
{
    const auto* const value = record.is_object() ? jsonField(record, key) : nullptr;
    const auto number = value == nullptr ? std::nullopt : figureOf(*value);
    const bool isStep = number && *number >= 0.0 && *number <= kLargestStep;
    return isStep ? std::optional(static_cast<std::int64_t>(*number)) : std::nullopt;
}

void readState(const nlohmann::json& state, HistoryBuilder& builder, const JobContext& job)
{
    const auto* const records = state.is_object() ? jsonField(state, "log_history") : nullptr;
    if (records == nullptr || !records->is_array()) {
        throw Error(ErrorKind::Format,
                    Clause {"has no list log_history (expected the trainer_state.json of a "
                            "Hugging Face Trainer); choose another file"});
    }
    builder.setSteps(wholeStep(state, "max_steps").value_or(0));
    builder.setStep(wholeStep(state, "global_step").value_or(0));
    std::optional<std::int64_t> step;
    for (const nlohmann::json& record : *records) {
        job.throwIfCancelled();
        // Those of predict() may have none: they are told where the one before was.
        if (!record.is_object() || record.contains("step")) {
            step = wholeStep(record, "step");
        }
        if (!step) {
            builder.countUnread();
            continue;
        }
        builder.setStep(*step);
        for (const auto& [key, value] : record.items()) {
            const auto figure = key == "step" ? std::nullopt : figureOf(value);
            if (figure) {
                builder.add(metricOf(key), *step, *figure);
            }
        }
    }
}

void read(std::span<const fs::path> files, HistoryBuilder& builder, const JobContext& job)
{
    const std::string text = readWholeFile(files.front(), kLimitBytes, job);
    try {
        readState(parsePythonJson(text, job), builder, job);
    } catch (const Error& e) {
        throw e.within(shownPath(files.front()));
    }
}

} // namespace

extern const HistoryFormat kTrainerState;
const HistoryFormat kTrainerState {kFile, "Hugging Face Trainer", isNamed<kFile>, find, read};

} // namespace pissarro::core::inline history
