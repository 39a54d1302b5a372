// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace pissarro::core::inline history {

// JSON as Python writes it: NaN, Infinity and -Infinity stand there bare. Throws: as parseJson(); the byte of an error is
// that of the text with quotes around these.
nlohmann::json parsePythonJson(std::string_view text, const JobContext& job = {});

// A number, also one that is told as text: NaN and the two others, "0.00". nullopt: none.
std::optional<double> figureOf(const nlohmann::json& value);

// A duration as Python prints one, "0:00:24", "1 day, 0:08:23", "-1 day, 23:59:59.5", in seconds. nullopt: none.
std::optional<double> secondsOf(std::string_view text);

} // namespace pissarro::core::inline history
