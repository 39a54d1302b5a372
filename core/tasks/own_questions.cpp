// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/own_questions.h"

#include "core/base/error.h"
#include "core/tasks/json_lines_p.h"
#include "core/tasks/task.h"
#include "core/text/json_fields.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

namespace pissarro::core::inline tasks {

std::vector<OwnQuestion> readOwnQuestions(const std::filesystem::path& file)
{
    const Task& task = taskNamed("own");
    std::vector<OwnQuestion> questions;
    forEachJsonLine(
        file,
        [&](const nlohmann::json& row, double /*fraction*/) {
            const auto prompt =
                row.is_object() ? jsonFieldAs<std::string>(row, "prompt") : std::nullopt;
            const nlohmann::json* const expected =
                row.is_object() ? jsonField(row, "expected") : nullptr;
            if (!prompt || expected == nullptr) {
                throw Error(
                    ErrorKind::Format,
                    "is " + shownValue(row)
                        + " (expected an object with \"prompt\", a text, and \"expected\")");
            }
            try {
                task.gold(*expected);
            } catch (const Error& e) {
                throw Error(e.kind(), std::string("its \"expected\" ") + e.what());
            }
            questions.push_back({*prompt, *expected});
        },
        {});
    if (questions.empty()) {
        throw Error(ErrorKind::Format,
                    shownPath(file)
                        + ": holds no question (expected an object with \"prompt\" and "
                          "\"expected\" a line)");
    }
    return questions;
}

} // namespace pissarro::core::inline tasks
