// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/atomic_file.h"
#include "core/tasks/json_lines_p.h"
#include "core/text/json_text.h"
#include "core/text/message_text.h"

#include <algorithm>

namespace pissarro::core::inline tasks {

void forEachJsonLine(const std::filesystem::path& file,
                     const std::function<void(const nlohmann::json& row, double fraction)>& read,
                     const JobContext& job)
{
    constexpr std::uint64_t kLargestFile = 4ULL << 30U;
    const std::string text = readWholeFile(file, kLargestFile, job);
    std::size_t number = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = std::string_view(text).substr(begin, end - begin);
        ++number;
        job.throwIfCancelled();
        begin = end + 1;
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
            continue;
        }
        try {
            read(parseJson(line, job), static_cast<double>(end) / static_cast<double>(text.size()));
        } catch (const Error& e) {
            if (e.kind() != ErrorKind::Format) { // not the line's fault
                throw;
            }
            throw e.within(fmt::format("line {}", number)).within(shownPath(file));
        }
    }
}

} // namespace pissarro::core::inline tasks
