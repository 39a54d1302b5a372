// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/questions.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/atomic_file.h"
#include "core/tasks/json_lines_p.h"
#include "core/tasks/questions_p.h"
#include "core/text/json_fields.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"
#include "core/text/utf8.h"

#include <nlohmann/json.hpp>

namespace pissarro::core::inline tasks {

namespace {

using nlohmann::json;

[[noreturn]] void refuseRow(const json& row, const std::string& expected)
{
    throw Error(ErrorKind::Format, "is " + shownValue(row) + " (expected " + expected + ")");
}

// A row's text; of a question and its answer both, in this order. Empty: there is none.
std::string textOf(const json& row)
{
    std::string all;
    for (const char* const key : {"text", "content"}) {
        if (const auto text = jsonFieldAs<std::string>(row, key)) {
            return *text;
        }
    }
    for (const char* const key : {"instruction", "question", "query", "problem", "prompt", "input",
                                  "output", "answer", "response", "solution", "completion"}) {
        if (const auto text = jsonFieldAs<std::string>(row, key)) {
            all += (all.empty() ? "" : "\n") + *text;
        }
    }
    return all;
}

template <class T, class Read>
std::vector<T> listOf(const std::filesystem::path& file, std::int64_t count, const char* what,
                      const JobContext& job, const Read& read)
{
    std::vector<T> list;
    forEachJsonLine(
        file,
        [&](const json& row, double /*fraction*/) {
            if (count == 0 || static_cast<std::int64_t>(list.size()) < count) {
                list.push_back(read(row));
            }
        },
        job);
    if (list.empty()) {
        throw Error(ErrorKind::Format,
                    shownPath(file) + ": holds no " + what + " (expected an object a line)");
    }
    return list;
}

} // namespace

const json& fieldAt(const json& row, std::initializer_list<const char*> keys)
{
    for (const char* const key : keys) {
        const json* const value = row.is_object() ? jsonField(row, key) : nullptr;
        if (value != nullptr) {
            return *value;
        }
    }
    refuseRow(row, "an object with \"" + std::string(*keys.begin()) + "\"");
}

std::string textAt(const json& row, std::initializer_list<const char*> keys)
{
    for (const char* const key : keys) {
        if (auto text = row.is_object() ? jsonFieldAs<std::string>(row, key) : std::nullopt) {
            return *std::move(text);
        }
    }
    refuseRow(row, "an object with a text \"" + std::string(*keys.begin()) + "\"");
}

std::string goldAt(const json& row, std::initializer_list<const char*> keys,
                   std::string (*read)(const json& value))
{
    const json& value = fieldAt(row, keys);
    try {
        return read(value);
    } catch (const Error& e) {
        throw Error(e.kind(), "its \"" + std::string(*keys.begin()) + "\" " + e.what());
    }
}

std::vector<TaskQuestion> readQuestions(const Task& task, const std::filesystem::path& file,
                                        std::int64_t count, const JobContext& job)
{
    return listOf<TaskQuestion>(file, count, "question", job, task.question);
}

namespace {

// Of a text that is not valid UTF-8, from 0.
std::size_t firstInvalidByte(std::string_view text)
{
    std::size_t at = 0;
    while (const std::size_t width = characterAt(text, at).width) {
        at += width;
    }
    return at;
}

} // namespace

std::vector<std::string> readTexts(const std::filesystem::path& file, std::int64_t count,
                                   const JobContext& job)
{
    if (file.extension() == ".txt") {
        constexpr std::uint64_t kLargestFile = 1ULL << 30U;
        std::string text = readWholeFile(file, kLargestFile, job);
        if (!isValidUtf8(text)) { // replaced characters would be another text's perplexity
            throw Error(ErrorKind::Format,
                        fmt::format("{}: is not valid UTF-8 at byte {}; save it as UTF-8",
                                    shownPath(file), firstInvalidByte(text) + 1));
        }
        if (text.empty()) {
            throw Error(ErrorKind::Format, shownPath(file) + ": is empty (expected a text)");
        }
        return {std::move(text)};
    }
    return listOf<std::string>(file, count, "text", job, [](const json& row) {
        std::string text = row.is_object() ? textOf(row) : std::string();
        if (text.empty()) {
            refuseRow(row, "an object with a text \"text\"");
        }
        return text;
    });
}

} // namespace pissarro::core::inline tasks
