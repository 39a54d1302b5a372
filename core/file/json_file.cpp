// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/json_file.h"

#include "core/base/error.h"
#include "core/file/atomic_file.h"
#include "core/text/json_text.h"
#include "core/text/message_text.h"

#include <string>

namespace pissarro::core::inline file {

nlohmann::json readJsonFile(const std::filesystem::path& path, std::uint64_t limitBytes,
                            const JobContext& job)
{
    const std::string text = readWholeFile(path, limitBytes, job);
    try {
        return parseJson(text, job);
    } catch (const Error& e) {
        throw e.within(shownPath(path));
    }
}

} // namespace pissarro::core::inline file
