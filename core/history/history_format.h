// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"

#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace pissarro::core::inline history {

class HistoryBuilder;

// A format that tells a run step by step: each is one file of core/history, and history_formats.cpp lists them.
struct HistoryFormat {
    std::string_view name; // what its file is called: "trainer_state.json"
    std::string_view title; // what wrote it: "Hugging Face Trainer"
    bool (*takes)(std::string_view fileName) = nullptr;
    // The files of one run that `folder` holds, in the order of reading; empty: none.
    std::vector<std::filesystem::path> (*find)(const std::filesystem::path& folder) = nullptr;
    // Throws: Error{Io}; Error{Format} naming the file; Cancelled.
    void (*read)(std::span<const std::filesystem::path> files, HistoryBuilder& builder,
                 const JobContext& job) = nullptr;
};

const std::vector<const HistoryFormat*>& allHistoryFormats();

// The regular file of that name, where there is one; for find().
std::vector<std::filesystem::path> fileIn(const std::filesystem::path& folder,
                                          std::string_view name);

// takes() and find() of a format that is one file of a fixed name.
template <const std::string_view& Name>
bool isNamed(std::string_view fileName)
{
    return fileName == Name;
}
template <const std::string_view& Name>
std::vector<std::filesystem::path> fileNamed(const std::filesystem::path& folder)
{
    return fileIn(folder, Name);
}

} // namespace pissarro::core::inline history
