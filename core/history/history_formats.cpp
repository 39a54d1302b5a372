// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/history/history_format.h"

namespace pissarro::core::inline history {

extern const HistoryFormat kMetricsLog, kTrainerState, kTrainerLog, kEventFiles;

const std::vector<const HistoryFormat*>& allHistoryFormats()
{
    static const std::vector<const HistoryFormat*> kAll {
        &kMetricsLog,
        &kTrainerState,
        &kTrainerLog,
        &kEventFiles,
    };
    return kAll;
}

std::vector<std::filesystem::path> fileIn(const std::filesystem::path& folder,
                                          std::string_view name)
{
    std::error_code missing;
    const auto file = folder / name;
    return std::filesystem::is_regular_file(file, missing)
        ? std::vector<std::filesystem::path> {file}
        : std::vector<std::filesystem::path> {};
}

} // namespace pissarro::core::inline history
