// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/base_files.h"

#include "core/base/error.h"

#include <set>
#include <system_error>

namespace pissarro::core::inline model {

namespace {

std::string_view endingOf(FactorsAre which)
{
    switch (which) {
    case FactorsAre::Init:
        return "_init";
    case FactorsAre::Start:
        return "_start";
    case FactorsAre::Trained:
        return "_ft";
    }
    throw Error(ErrorKind::Internal, "factors without a name");
}

bool holds(const std::filesystem::path& folder, const char* file)
{
    std::error_code ignored;
    return std::filesystem::exists(folder / file, ignored);
}

} // namespace

bool holdsModel(const std::filesystem::path& folder)
{
    return holds(folder, kConfigFile);
}

bool holdsAdapter(const std::filesystem::path& folder)
{
    return holds(folder, kAdapterConfigFile);
}

std::string factorsFolder(std::string_view method, FactorsAre which)
{
    std::string name(method);
    return name.append(endingOf(which));
}

std::optional<std::filesystem::path> trainedFactorsIn(const std::filesystem::path& pair)
{
    std::error_code ignored;
    std::set<std::filesystem::path> found; // the first by name, whatever order the disk has
    for (const auto& entry : std::filesystem::directory_iterator(pair, ignored)) {
        if (entry.path().filename().string().ends_with(endingOf(FactorsAre::Trained))
            && holdsAdapter(entry.path())) {
            found.insert(entry.path());
        }
    }
    return found.empty() ? std::nullopt : std::optional(*found.begin());
}

} // namespace pissarro::core::inline model
