// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/json_file.h"

#include "core/base/error.h"
#include "core/io/atomic_file.h"
#include "core/io/json_text.h"
#include "core/io/message_text.h"

#include <string>

namespace pissarro::core {

nlohmann::json readJsonFile(const std::filesystem::path& path, std::uint64_t limitBytes)
{
    const std::string text = readWholeFile(path, limitBytes);
    try {
        return parseJson(text);
    } catch (const Error& e) {
        throw e.within(shownPath(path));
    }
}

} // namespace pissarro::core
