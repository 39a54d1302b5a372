// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/catalog/finding_p.h"
#include "core/model/base_files.h"
#include "core/model/hub_cache.h"
#include "core/run/run_directory.h"
#include "core/text/ascii.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <sys/stat.h>
#include <system_error>

namespace pissarro::core::inline catalog {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kDepth = 6; // folders below a place that are looked into
constexpr std::size_t kMostFolders = 200'000; // of a look
constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr int kMostParts = 99'999; // of a split GGUF

bool endsWithAny(const std::string& name, std::initializer_list<std::string_view> endings)
{
    return std::any_of(endings.begin(), endings.end(),
                       [&](std::string_view one) { return name.ends_with(one); });
}

bool isOfModels(const std::string& lowerName)
{
    return endsWithAny(lowerName,
                       {".safetensors", ".json", ".gguf", ".bin", ".pt", ".pth", ".ckpt", ".model",
                        ".jinja", ".txt"});
}

bool isUnfinished(const std::string& lowerName)
{
    return endsWithAny(lowerName, {".incomplete", ".part", ".partial", ".crdownload", ".download"});
}

bool isGguf(const std::string& name)
{
    return lowered(name).ends_with(".gguf");
}

bool isWeights(const std::string& name)
{
    return endsWithAny(lowered(name),
                       {".safetensors", ".safetensors.index.json", ".bin", ".pt", ".pth", ".ckpt",
                        ".bin.index.json"});
}

// "model-00002-of-00003.gguf": part 2 of 3 of "model". nullopt: it is whole.
struct Part {
    std::string of;
    int number = 0;
    int count = 0;
};
std::optional<Part> partOf(const std::string& name)
{
    constexpr std::size_t kDigits = 5;
    constexpr std::string_view kOf = "-of-";
    const std::string stem = name.substr(0, name.size() - std::string_view(".gguf").size());
    const std::size_t tail = 1 + kDigits + kOf.size() + kDigits;
    if (stem.size() <= tail) {
        return std::nullopt;
    }
    const std::string_view end = std::string_view(stem).substr(stem.size() - tail);
    const auto number = numberIn<int>(end.substr(1, kDigits));
    const auto count = numberIn<int>(end.substr(tail - kDigits));
    const bool isSplit = end[0] == '-' && end.substr(1 + kDigits, kOf.size()) == kOf && number
        && count && *number >= 1 && *count >= 1 && *number <= kMostParts && *count <= kMostParts;
    return isSplit ? std::optional(Part {stem.substr(0, stem.size() - tail), *number, *count})
                   : std::nullopt;
}

std::pair<std::uint64_t, std::uint64_t> idOf(const fs::path& folder)
{
    const FileStamp stamp = stampOf(folder);
    return {stamp.device, stamp.inode};
}

const FileStamp* fileIn(const FolderContent& content, std::string_view name)
{
    const auto found = std::find_if(content.files.begin(), content.files.end(),
                                    [&](const FileStamp& one) { return one.name == name; });
    return found == content.files.end() ? nullptr : &*found;
}

bool hasFolder(const FolderContent& content, std::string_view name)
{
    return std::any_of(content.folders.begin(), content.folders.end(),
                       [&](const fs::path& one) { return one.filename() == name; });
}

// The GGUF files of a folder, each with all its parts: by the name that it has without them.
std::map<std::string, std::vector<FileStamp>> ggufsOf(const FolderContent& content)
{
    std::map<std::string, std::vector<FileStamp>> all;
    for (const FileStamp& file : content.files) {
        const bool isProjector =
            lowered(file.name).starts_with("mmproj"); // what sees, beside a model
        if (isGguf(file.name) && !isProjector) {
            const auto part = partOf(file.name);
            all[part ? fmt::format("{}-of-{}", part->of, part->count) : file.name].push_back(file);
        }
    }
    return all;
}

// Of a split model: which part is not there. Empty: none.
std::string missingPart(const std::vector<FileStamp>& parts)
{
    const auto first = partOf(parts.front().name);
    if (!first) {
        return {};
    }
    std::set<int> there;
    for (const FileStamp& one : parts) {
        there.insert(partOf(one.name)->number);
    }
    for (int number = 1; number <= first->count; ++number) {
        if (!there.contains(number)) {
            return fmt::format("part {} of {} is not there; get the whole model", number,
                               first->count);
        }
    }
    return {};
}

} // namespace

FileStamp stampOf(const fs::path& file)
{
    struct ::stat status { };
    FileStamp stamp;
    stamp.name = file.filename().string();
    if (::stat(file.c_str(), &status) == 0) {
        stamp.device = static_cast<std::uint64_t>(status.st_dev);
        stamp.inode = static_cast<std::uint64_t>(status.st_ino);
        stamp.bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(0, status.st_size));
        stamp.writtenNs = static_cast<std::int64_t>(status.st_mtim.tv_sec) * kNsPerSecond
            + static_cast<std::int64_t>(status.st_mtim.tv_nsec);
    }
    return stamp;
}

std::string unfinishedClause(const fs::path& folder)
{
    if (folder.empty()) {
        return {};
    }
    std::uint64_t bytes = 0;
    bool isAny = false;
    std::error_code failed;
    for (fs::directory_iterator it(folder, failed), end; !failed && it != end;
         it.increment(failed)) {
        if (isUnfinished(lowered(it->path().filename().string()))) {
            bytes += stampOf(it->path()).bytes;
            isAny = true;
        }
    }
    return isAny ? fmt::format("its download is not finished: {} wait in {}; go on with it",
                               bytesText(bytes), shownPath(folder.filename()))
                 : std::string();
}

void Finding::take(FoundModel found)
{
    m_job.throwIfCancelled();
    if (!isValidUtf8(found.path.native())) {
        note(found.path, "has a name that is not UTF-8 and cannot be listed; rename it");
        return;
    }
    for (std::string* text : {&found.author, &found.name, &found.version}) {
        *text = replaceInvalidUtf8(*text);
    }
    m_take(std::move(found));
}

void Finding::note(const fs::path& path, std::string_view clause) const
{
    m_note(fmt::format("{}: {}", shownPath(path), clause));
}

FolderContent Finding::contentOf(const fs::path& folder)
{
    FolderContent content;
    std::error_code failed;
    fs::directory_iterator entry(folder, failed);
    for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
        m_job.throwIfCancelled();
        const std::string name = entry->path().filename().string();
        const std::string known = lowered(name);
        std::error_code unreadable;
        if (entry->is_directory(unreadable)) {
            content.folders.push_back(entry->path());
        } else if (isUnfinished(known)) {
            content.unfinished.push_back(name);
        } else if (isOfModels(known)) {
            FileStamp stamp = stampOf(entry->path());
            if (stamp.inode == 0) {
                content.brokenLinks.push_back(name);
            } else if (entry->is_regular_file(unreadable)) { // not what waits for ever
                content.files.push_back(std::move(stamp));
            }
        }
    }
    if (failed) {
        content.problem = fmt::format("cannot be read: {}", failed.message());
    }
    std::sort(content.folders.begin(), content.folders.end());
    std::sort(content.brokenLinks.begin(), content.brokenLinks.end());
    std::sort(content.files.begin(), content.files.end(),
              [](const FileStamp& a, const FileStamp& b) { return a.name < b.name; });
    return content;
}

void Finding::takeFolder(const fs::path& folder, const FolderContent& content, const FoundModel& as)
{
    const auto ggufs = ggufsOf(content);
    const bool hasConfig = fileIn(content, kConfigFile) != nullptr;
    const bool hasWeights = std::any_of(content.files.begin(), content.files.end(),
                                        [](const FileStamp& one) { return isWeights(one.name); })
        || std::any_of(content.brokenLinks.begin(), content.brokenLinks.end(), isWeights);
    if (hasConfig && (hasWeights || ggufs.empty())) {
        FoundModel model = as;
        model.path = folder;
        model.isCertain = hasWeights;
        std::copy_if(content.files.begin(), content.files.end(), std::back_inserter(model.files),
                     [](const FileStamp& one) { return !isGguf(one.name); });
        if (!content.brokenLinks.empty() && model.problem.empty()) {
            model.problem = fmt::format("{} is a link to a file that is not there; get it again",
                                        shownText(content.brokenLinks.front()));
        }
        take(std::move(model));
    }
    for (const auto& [whole, parts] : ggufs) {
        FoundModel model = as;
        model.path = folder / parts.front().name;
        const std::string stem = parts.size() > 1 || partOf(parts.front().name)
            ? partOf(parts.front().name)->of
            : fs::path(parts.front().name).stem().string();
        if (model.name.empty()) {
            model.name = stem;
        } else if (ggufs.size() > 1) {
            model.version =
                model.version.empty() ? stem : fmt::format("{}, {}", model.version, stem);
        }
        model.files = parts;
        model.problem = model.problem.empty() ? missingPart(parts) : model.problem;
        take(std::move(model));
    }
    for (const std::string& name : content.unfinished) {
        note(folder / name, "is a download that is not finished");
    }
    for (const std::string& name : content.brokenLinks) {
        if (isGguf(name)) {
            note(folder / name, "is a link to a file that is not there");
        }
    }
}

// By where it lies: ORG/NAME as programs have it; else its own name, and the folders above it.
FoundModel Finding::namedBelow(const fs::path& folder, const ModelPlace& place) const
{
    const fs::path below = folder.lexically_relative(place.folder);
    FoundModel named;
    if (below.empty() || below == ".") {
        named.name = place.kind == PlaceKind::Folder ? std::string() : folder.filename().string();
        return named;
    }
    named.name = folder.filename().string();
    named.author = below.parent_path().string();
    return named;
}

void Finding::walk(const fs::path& folder, std::vector<Id>& above, const ModelPlace& place)
{
    m_job.throwIfCancelled();
    const Id id = idOf(folder);
    if (std::find(above.begin(), above.end(), id) != above.end()) {
        note(folder, "is a link to a folder that it lies in; it is not followed");
        return;
    }
    if (m_seen.size() >= kMostFolders) {
        if (!std::exchange(m_isFull, true)) {
            note(place.folder,
                 fmt::format("holds more than {} folders; choose one of them", kMostFolders));
        }
        return;
    }
    if (!m_seen.insert(id).second) {
        return; // it lies in another place, too
    }
    if (hubIdOf(folder.filename().string())) {
        findInHubRepository(folder, *this);
        return;
    }
    const FolderContent content = contentOf(folder);
    if (!content.problem.empty()) {
        note(folder, content.problem);
    }
    if (hasFolder(content, "manifests") && hasFolder(content, "blobs")) {
        findInOllamaStore(folder, *this);
        return;
    }
    if (fileIn(content, kRunFile) != nullptr) {
        return; // of this program: the library of runs has it
    }
    FoundModel named = namedBelow(folder, place);
    const bool hasOne = fileIn(content, kConfigFile) != nullptr;
    if (named.name.empty() && hasOne) {
        named.name = folder.filename().string(); // the chosen folder is a model
    } else if (place.kind == PlaceKind::Folder && !hasOne) {
        // Files of a folder have names of their own.
        const fs::path below = folder.lexically_relative(place.folder);
        named = {};
        named.author = below == "." ? std::string() : below.string();
    }
    takeFolder(folder, content, named);
    if (above.size() >= kDepth) {
        return;
    }
    above.push_back(id);
    for (const fs::path& one : content.folders) {
        const std::string name = one.filename().string();
        const bool isHidden = name.starts_with('.');
        if (!isHidden && !name.starts_with("datasets--") && !name.starts_with("spaces--")) {
            walk(one, above, place);
        }
    }
    above.pop_back();
}

void Finding::takeOpened(const fs::path& path)
{
    std::error_code failed;
    FoundModel model;
    model.path = path;
    if (fs::is_directory(path, failed)) {
        const bool isCached = path.parent_path().filename() == "snapshots";
        const auto id = hubIdOf(path.parent_path().parent_path().filename().string());
        model.name = isCached && id ? *id : path.filename().string();
        model.files = contentOf(path).files;
        std::erase_if(model.files, [](const FileStamp& one) { return isGguf(one.name); });
    } else {
        model.name = path.stem().string();
        model.files = {stampOf(path)};
        if (isGguf(model.files.front().name) && partOf(model.files.front().name)) {
            const auto all = ggufsOf(contentOf(path.parent_path()));
            const auto whole = std::find_if(all.begin(), all.end(), [&](const auto& one) {
                return std::any_of(
                    one.second.begin(), one.second.end(),
                    [&](const FileStamp& part) { return part.name == path.filename(); });
            });
            model.name = partOf(model.files.front().name)->of;
            model.files = whole == all.end() ? model.files : whole->second;
        }
    }
    if (model.files.empty() || model.files.front().inode == 0) {
        model.files.clear();
        model.problem = "it is not there any more";
    }
    take(std::move(model));
}

void Finding::findIn(const ModelPlace& place)
{
    std::error_code failed;
    if (place.kind == PlaceKind::Opened) {
        takeOpened(place.folder);
    } else if (fs::is_directory(place.folder, failed)) {
        std::vector<Id> above;
        walk(place.folder, above, place);
    } else if (place.kind == PlaceKind::Folder) {
        if (fs::is_regular_file(place.folder, failed)) {
            takeOpened(place.folder);
        } else {
            note(place.folder, "there is no such folder");
        }
    }
}

} // namespace pissarro::core::inline catalog
