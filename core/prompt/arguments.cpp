// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/prompt/filters_p.h"
#include "core/text/message_text.h"

#include <algorithm>

namespace pissarro::core::inline prompt::jinja {

std::vector<std::optional<Value>> bound(const std::string& function, const Arguments& arguments,
                                        std::initializer_list<const char*> names)
{
    if (arguments.positional.size() > names.size()) {
        fail(fmt::format("{} takes {} arguments at most, not {}", function, names.size(),
                         arguments.positional.size()));
    }
    std::vector<std::optional<Value>> out(names.size());
    std::copy(arguments.positional.begin(), arguments.positional.end(), out.begin());
    for (const auto& [name, value] : arguments.named) {
        const auto* place = std::find(names.begin(), names.end(), name);
        if (place == names.end()) {
            fail(function + " has no parameter " + shownText(name, 32));
        }
        std::optional<Value>& slot = out[static_cast<std::size_t>(place - names.begin())];
        if (slot) {
            fail(function + " is given " + shownText(name, 32) + " twice");
        }
        slot = value;
    }
    return out;
}

const Value& demanded(const std::optional<Value>& value, const std::string& function,
                      const char* parameter)
{
    if (!value) {
        fail(function + " is not given its argument '" + parameter + "'");
    }
    return *value;
}

} // namespace pissarro::core::inline prompt::jinja
