// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/library/project.h"

#include "core/base/error.h"
#include "core/file/atomic_file.h"
#include "core/file/file_lock.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"
#include "core/text/ordered_json.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline library {

namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr std::uint64_t kLimitBytes = 256U << 20U;
constexpr const char* kRuns = "runs";

fs::path plainPath(const fs::path& path)
{
    std::error_code failed;
    fs::path plain = fs::weakly_canonical(path, failed);
    if (failed) {
        plain = fs::absolute(path, failed).lexically_normal();
    }
    return plain.has_filename() ? plain : plain.parent_path();
}

ordered_json readProject(const fs::path& file)
{
    std::error_code missing;
    if (!fs::exists(file, missing)) {
        return {{"generator", "pissarro"}, {"version", 1}, {kRuns, ordered_json::object()}};
    }
    const std::string text = readWholeFile(file, kLimitBytes);
    try {
        ordered_json project = parseOwnJson(text);
        if (!project.is_object() || !project.contains(kRuns) || !project[kRuns].is_object()) {
            throw Error(
                ErrorKind::Format,
                Clause {"has no object runs (expected a project of Pissarro); move it away"});
        }
        return project;
    } catch (const Error& e) {
        throw e.within(shownPath(file));
    }
}

RunMark markFrom(const ordered_json& entry)
{
    RunMark mark;
    if (!entry.is_object()) {
        return mark;
    }
    mark.name = jsonFieldAs<std::string>(entry, "name").value_or("");
    mark.notes = jsonFieldAs<std::string>(entry, "notes").value_or("");
    mark.tags = jsonFieldAs<std::vector<std::string>>(entry, "tags").value_or(mark.tags);
    mark.colour = jsonFieldAs<std::string>(entry, "colour").value_or("");
    mark.pinned = jsonFieldAs<bool>(entry, "pinned").value_or(false);
    mark.archived = jsonFieldAs<bool>(entry, "archived").value_or(false);
    return mark;
}

// What is as it is without a mark is not written; keys that are not ours stay.
void putMark(ordered_json& entry, const RunMark& mark)
{
    if (!entry.is_object()) {
        entry = ordered_json::object();
    }
    const auto put = [&](const char* key, bool isSaid, const ordered_json& value) {
        if (isSaid) {
            entry[key] = value;
        } else {
            entry.erase(key);
        }
    };
    put("name", !mark.name.empty(), replaceInvalidUtf8(mark.name));
    put("notes", !mark.notes.empty(), replaceInvalidUtf8(mark.notes));
    std::vector<std::string> tags;
    for (const std::string& tag : mark.tags) {
        std::string valid = replaceInvalidUtf8(tag);
        if (!valid.empty() && std::find(tags.begin(), tags.end(), valid) == tags.end()) {
            tags.push_back(std::move(valid));
        }
    }
    put("tags", !tags.empty(), tags);
    put("colour", !mark.colour.empty(), replaceInvalidUtf8(mark.colour));
    put("pinned", mark.pinned, true);
    put("archived", mark.archived, true);
}

// Under the lock of all that change it: what is there, changed, in its place.
void changeProject(const fs::path& file, const std::function<void(ordered_json& runs)>& change)
{
    std::error_code failed;
    fs::create_directories(file.parent_path(), failed);
    const FileLock lock(file);
    ordered_json project = readProject(file);
    const ordered_json before = project;
    change(project[kRuns]);
    if (project != before) {
        writeFileAtomically(file, project.dump(1) + "\n");
    }
}

} // namespace

void addTag(RunMark& mark, const std::string& tag)
{
    if (!tag.empty() && std::find(mark.tags.begin(), mark.tags.end(), tag) == mark.tags.end()) {
        mark.tags.push_back(tag);
    }
}

void removeTag(RunMark& mark, const std::string& tag)
{
    std::erase(mark.tags, tag);
}

void applyChange(RunMark& mark, const RunMark& before, const RunMark& after)
{
    const auto take = [&](auto RunMark::*part) {
        if (before.*part != after.*part) {
            mark.*part = after.*part;
        }
    };
    take(&RunMark::name);
    take(&RunMark::notes);
    take(&RunMark::colour);
    take(&RunMark::pinned);
    take(&RunMark::archived);
    const auto lacks = [](const std::vector<std::string>& tags, const std::string& tag) {
        return std::find(tags.begin(), tags.end(), tag) == tags.end();
    };
    for (const std::string& tag : before.tags) {
        if (lacks(after.tags, tag)) {
            removeTag(mark, tag);
        }
    }
    for (const std::string& tag : after.tags) {
        if (lacks(before.tags, tag)) {
            addTag(mark, tag);
        }
    }
}

std::string colourOf(const std::string& text)
{
    constexpr std::size_t kLength = 7;
    const bool isColour = text.size() == kLength && text.front() == '#'
        && text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string::npos;
    if (!text.empty() && !isColour) {
        throw Error(ErrorKind::InvalidArgument,
                    shownText(text) + " is no colour (expected # and six digits, as #3b82f6)");
    }
    return text;
}

Project::Project(fs::path folder)
    : m_folder(plainPath(folder))
    , m_file(m_folder / kProjectFile)
{
}

std::string Project::keyOf(const fs::path& run) const
{
    const fs::path plain = plainPath(run);
    const fs::path inside = plain.lexically_relative(m_folder);
    const bool isBelow = !inside.empty() && *inside.begin() != "..";
    return replaceInvalidUtf8((isBelow ? inside : plain).generic_string());
}

std::map<fs::path, RunMark> Project::marks() const
{
    std::map<fs::path, RunMark> marks;
    const ordered_json project = readProject(m_file);
    for (const auto& [key, entry] : project[kRuns].items()) {
        marks[plainPath(m_folder / key)] = markFrom(entry); // an absolute key stays that
    }
    return marks;
}

RunMark Project::markOf(const fs::path& run) const
{
    const ordered_json project = readProject(m_file);
    const auto found = project[kRuns].find(keyOf(run));
    return found == project[kRuns].end() ? RunMark() : markFrom(*found);
}

RunMark Project::change(const fs::path& run, const std::function<void(RunMark&)>& change)
{
    RunMark before;
    changeProject(m_file, [&](ordered_json& runs) {
        const std::string key = keyOf(run);
        before = runs.contains(key) ? markFrom(runs[key]) : RunMark();
        RunMark mark = before;
        change(mark);
        if (mark == before) {
            return;
        }
        putMark(runs[key], mark);
        if (runs[key].empty()) {
            runs.erase(key);
        }
    });
    return before;
}

void Project::forget(const fs::path& run)
{
    changeProject(m_file, [&](ordered_json& runs) { runs.erase(keyOf(run)); });
}

void Project::moved(const fs::path& from, const fs::path& to)
{
    changeProject(m_file, [&](ordered_json& runs) {
        const std::string old = keyOf(from);
        if (runs.contains(old)) {
            const ordered_json entry = runs[old];
            runs.erase(old);
            runs[keyOf(to)] = entry;
        }
    });
}

} // namespace pissarro::core::inline library
