// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/json_file.h"

#include "core/base/error.h"
#include "core/file/atomic_file.h"
#include "core/text/json_text.h"
#include "core/text/message_text.h"

#include <string>
#include <string_view>

namespace pissarro::core::inline file {

namespace {

using Parse = nlohmann::json(std::string_view text, const JobContext& job);

nlohmann::json readWith(Parse& parse, const std::filesystem::path& path, std::uint64_t limitBytes,
                        const JobContext& job)
{
    const std::string text = readWholeFile(path, limitBytes, job);
    try {
        return parse(text, job);
    } catch (const Error& e) {
        throw e.within(shownPath(path));
    }
}

} // namespace

nlohmann::json readJsonFile(const std::filesystem::path& path, std::uint64_t limitBytes,
                            const JobContext& job)
{
    return readWith(parseJson, path, limitBytes, job);
}

nlohmann::json readOwnJsonFile(const std::filesystem::path& path, std::uint64_t limitBytes,
                               const JobContext& job)
{
    return readWith(parseOwnPlain, path, limitBytes, job);
}

} // namespace pissarro::core::inline file
