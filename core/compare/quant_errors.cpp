// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compare/quant_errors.h"

#include "core/base/error.h"
#include "core/file/json_file.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

namespace pissarro::core::inline compare {

namespace {

using nlohmann::json;

std::map<std::string, double> numbersOf(const json& object)
{
    std::map<std::string, double> numbers;
    for (const auto& [name, value] : object.items()) {
        if (const auto number = jsonAs<double>(value)) {
            numbers[name] = *number;
        }
    }
    return numbers;
}

} // namespace

MeasuredQuantErrors readQuantErrors(const std::filesystem::path& file, const JobContext& job)
{
    const json text = readOwnJsonFile(file, 1U << 30U, job);
    const json* types = text.is_object() ? jsonField(text, "by_type") : nullptr;
    const json* average = types != nullptr ? jsonField(text, "average") : nullptr;
    if (average == nullptr || !types->is_object() || !average->is_object()) {
        throw Error(ErrorKind::Format,
                    shownPath(file)
                        + ": has no by_type and average (expected what pissarro-cli quant-error -o "
                          "FILE.json writes)");
    }
    MeasuredQuantErrors found;
    found.file = file;
    found.rank = jsonFieldAs<std::int64_t>(text, "rank").value_or(0);
    found.iters = jsonFieldAs<std::int64_t>(text, "iters").value_or(0);
    found.average = numbersOf(*average);
    for (const auto& [type, methods] : types->items()) {
        if (methods.is_object()) {
            found.byType[type] = numbersOf(methods);
        }
    }
    return found;
}

} // namespace pissarro::core::inline compare
