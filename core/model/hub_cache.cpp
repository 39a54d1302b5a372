// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/hub_cache.h"

#include "core/base/fmt.h"
#include "core/file/regular_file.h"
#include "core/model/base_files.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string_view>
#include <system_error>

namespace pissarro::core::inline model {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kModels = "models--";

std::optional<std::string> environment(const char* name)
{
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') {
        return std::nullopt;
    }
    const std::string_view text = value;
    const char* const home = std::getenv("HOME");
    return text.starts_with("~/") && home != nullptr // as huggingface_hub has it
        ? fmt::format("{}{}", home, text.substr(1))
        : std::string(text);
}

} // namespace

std::vector<fs::path> hubCacheFolders()
{
    std::vector<fs::path> out;
    for (const char* const name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}) {
        if (const auto folder = environment(name)) {
            out.emplace_back(*folder);
        }
    }
    if (const auto home = environment("HF_HOME")) {
        out.push_back(fs::path(*home) / "hub");
    }
    if (const auto cache = environment("XDG_CACHE_HOME")) {
        out.push_back(fs::path(*cache) / "huggingface" / "hub");
    }
    if (const auto home = environment("HOME")) {
        out.push_back(fs::path(*home) / ".cache" / "huggingface" / "hub");
    }
    return out;
}

std::string hubRevision(const fs::path& reference)
{
    const auto file = RegularFile::open(reference);
    std::string revision = file ? file->read(0, 128) : std::string();
    revision.erase(std::find_if(revision.begin(), revision.end(),
                                [](char c) { return c == '\n' || c == '\r' || c == ' '; }),
                   revision.end());
    const bool isPlain = revision.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
    return isPlain ? revision : std::string();
}

std::optional<fs::path> hubSnapshotIn(const fs::path& repository)
{
    const std::string revision = hubRevision(repository / "refs" / "main");
    const fs::path named = repository / "snapshots" / revision;
    if (!revision.empty() && holdsModel(named)) {
        return named;
    }
    std::error_code failed;
    std::set<fs::path> complete;
    for (fs::directory_iterator it(repository / "snapshots", failed), end; !failed && it != end;
         it.increment(failed)) {
        if (holdsModel(it->path())) {
            complete.insert(it->path());
        }
    }
    return complete.empty() ? std::nullopt : std::optional<fs::path>(*complete.begin());
}

std::optional<std::string> hubIdOf(const std::string& folderName)
{
    if (!folderName.starts_with(kModels) || folderName.size() == kModels.size()) {
        return std::nullopt;
    }
    const std::string id = folderName.substr(kModels.size());
    const std::size_t dashes = id.find("--");
    return dashes == std::string::npos
        ? id
        : fmt::format("{}/{}", id.substr(0, dashes), id.substr(dashes + 2));
}

} // namespace pissarro::core::inline model
