// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/history/history.h"

#include "core/base/error.h"
#include "core/history/history_builder.h"
#include "core/history/history_format.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

namespace pissarro::core::inline history {

namespace {

namespace fs = std::filesystem;

History readAs(const HistoryFormat& format, std::vector<fs::path> files, const JobContext& job)
{
    HistoryBuilder builder;
    format.read(files, builder, job);
    History history = builder.finish();
    history.title = format.title;
    history.files = std::move(files);
    return history;
}

// A metric that both tell is that of `other` only where it goes on further.
void merge(History& history, History other)
{
    for (auto& [name, series] : other.metrics) {
        const auto [own, isNew] = history.metrics.try_emplace(name);
        if (isNew || own->second.steps.back() < series.steps.back()) {
            own->second = std::move(series);
        }
    }
    history.figures.merge(other.figures);
    history.files.insert(history.files.end(), other.files.begin(), other.files.end());
    history.notes.insert(history.notes.end(), other.notes.begin(), other.notes.end());
    history.step = std::max(history.step, other.step);
    if (history.steps == 0) {
        history.steps = other.steps;
    }
}

[[noreturn]] void refuse(const fs::path& path, bool isFolder)
{
    std::vector<std::string_view> names;
    for (const HistoryFormat* format : allHistoryFormats()) {
        names.push_back(format->name);
    }
    throw Error(ErrorKind::InvalidArgument,
                shownPath(path)
                    + (isFolder ? ": holds no run (expected " : ": is no file of a run (expected ")
                    + listText(names) + "); choose another " + (isFolder ? "folder" : "file"));
}

History readFolder(const fs::path& folder, const JobContext& job)
{
    std::optional<History> history;
    std::exception_ptr first;
    std::vector<Said> broken;
    for (const HistoryFormat* format : allHistoryFormats()) {
        auto files = format->find(folder);
        if (files.empty()) {
            continue;
        }
        try {
            History found = readAs(*format, std::move(files), job);
            if (history) {
                merge(*history, std::move(found));
            } else {
                history = std::move(found);
            }
        } catch (const Error& e) {
            constexpr const char* kSentence = PISSARRO_SAID("pissarro::core", "Not read: %1");
            broken.push_back({kSentence, kSentence, 1, {e.what()}});
            first = first ? first : std::current_exception();
        }
    }
    if (!history && first) {
        std::rethrow_exception(first);
    }
    if (!history) {
        refuse(folder, /*isFolder=*/true);
    }
    history->notes.insert(history->notes.end(), broken.begin(), broken.end());
    return std::move(*history);
}

} // namespace

const MetricSeries* History::find(std::string_view metric) const
{
    const auto found = metrics.find(metric);
    return found == metrics.end() ? nullptr : &found->second;
}

History readHistory(const fs::path& path, const JobContext& job)
{
    std::error_code unknown;
    const auto status = fs::status(path, unknown);
    if (fs::is_directory(status)) {
        return readFolder(path, job);
    }
    if (!fs::exists(status)) {
        throw Error(ErrorKind::Io,
                    shownPath(path) + ": there is no such file or folder; choose another one");
    }
    const std::string name = path.filename().string();
    for (const HistoryFormat* format : allHistoryFormats()) {
        if (format->takes(name)) {
            return readAs(*format, {path}, job);
        }
    }
    refuse(path, /*isFolder=*/false);
}

} // namespace pissarro::core::inline history
