// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/history/json_lines.h"

#include "core/base/error.h"
#include "core/file/intact.h"
#include "core/file/mapped_file.h"
#include "core/history/history_builder.h"
#include "core/history/json_numbers.h"
#include "core/text/foreign_text.h"
#include "core/text/json_text.h"
#include "core/text/message_text.h"

#include <optional>
#include <string_view>

namespace pissarro::core::inline history {

namespace {

constexpr std::size_t kLongestLine = 1U << 20U;
constexpr std::size_t kCheckEvery = 1000; // lines

bool isBlank(std::string_view line)
{
    return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

std::optional<nlohmann::json> objectOf(std::string_view line, RepeatedKey repeated)
{
    if (line.size() > kLongestLine) {
        return std::nullopt;
    }
    try {
        nlohmann::json object =
            repeated == RepeatedKey::Refused ? parseOwnPlain(line) : parsePythonJson(line);
        return object.is_object() ? std::optional(std::move(object)) : std::nullopt;
    } catch (const Error&) {
        return std::nullopt;
    }
}

} // namespace

void readJsonLines(const std::filesystem::path& file, HistoryBuilder& builder,
                   const JobContext& job,
                   const std::function<bool(const nlohmann::json& record)>& take,
                   RepeatedKey repeated)
{
    const auto mapped = MappedFile::open(file);
    const auto* const begin = reinterpret_cast<const char*>(mapped->bytes().data());
    const std::string_view text(begin, mapped->bytes().size());
    std::size_t taken = 0;
    std::size_t lines = 0;
    for (std::size_t at = 0; at < text.size(); ++lines) {
        if (lines % kCheckEvery == 0) {
            job.checkpoint(static_cast<double>(at) / static_cast<double>(text.size()), "Reading");
        }
        const std::size_t end = text.find('\n', at);
        const std::string_view line = text.substr(at, end - at);
        at = end == std::string_view::npos ? text.size() : end + 1;
        if (isBlank(line)) {
            continue;
        }
        const auto object = objectOf(line, repeated);
        try {
            if (object && take(*object)) {
                ++taken;
            } else if (!object && end == std::string_view::npos) {
                builder.noteTorn();
            } else {
                builder.countUnread();
            }
        } catch (const Error& e) {
            throw e.within(shownPath(file));
        }
    }
    requireIntact(mapped->bytes().data());
    if (taken == 0 && !isBlank(text)) {
        try {
            refuseForeign(text.substr(0, kLongestLine));
        } catch (const Error& e) {
            throw e.within(shownPath(file));
        }
        throw Error(ErrorKind::Format,
                    shownPath(file)
                        + ": none of its lines tells a step (expected a JSON object a line); "
                          "choose another file");
    }
}

} // namespace pissarro::core::inline history
