// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/said.h"

namespace pissarro::core::inline text {

std::string Said::text() const
{
    const std::string& frame = count == 1 ? one : id;
    std::string out;
    for (std::size_t i = 0; i < frame.size(); ++i) {
        const bool isPlace =
            frame[i] == '%' && i + 1 < frame.size() && frame[i + 1] >= '1' && frame[i + 1] <= '9';
        const auto place = isPlace ? static_cast<std::size_t>(frame[i + 1] - '1') : args.size();
        if (place < args.size()) { // an argument's own %1 stays as it is
            out += args[place];
            ++i;
        } else {
            out += frame[i];
        }
    }
    return out;
}

} // namespace pissarro::core::inline text
