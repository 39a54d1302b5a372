// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/model/hub_cache.h"
#include "core/model/module_selection.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <system_error>

namespace pissarro::core::inline model {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kAlternativesLimit = 4096; // {a,b}{a,b}… grows without bound
constexpr std::size_t kLongestGlob = 4096; // bytes: {{{…}}} goes as deep as it is long

// Position of the '}' that closes the '{' at `open`; npos when there is none.
std::size_t closingBrace(std::string_view glob, std::size_t open)
{
    int depth = 0;
    for (std::size_t i = open; i < glob.size(); ++i) {
        depth += glob[i] == '{' ? 1 : glob[i] == '}' ? -1 : 0;
        if (depth == 0) {
            return i;
        }
    }
    return std::string_view::npos;
}

// Writes out every {a,b}: "x{a,b}" -> "xa", "xb". A brace without its partner stands for itself.
void expand(const std::string& glob, std::size_t from, std::vector<std::string>& out)
{
    const std::size_t open = glob.find('{', from);
    const std::size_t close = open == std::string::npos ? open : closingBrace(glob, open);
    if (close == std::string::npos) {
        if (out.size() >= kAlternativesLimit) {
            throw Error(
                ErrorKind::InvalidArgument,
                fmt::format("module pattern {} has more than {} alternatives; use * instead",
                            shownText(glob), kAlternativesLimit));
        }
        out.push_back(glob);
        return;
    }
    int depth = 0;
    std::size_t start = open + 1;
    for (std::size_t i = open + 1; i <= close; ++i) {
        if (i == close || (glob[i] == ',' && depth == 0)) {
            expand(glob.substr(0, open) + glob.substr(start, i - start) + glob.substr(close + 1),
                   open, out);
            start = i + 1;
        } else {
            depth += glob[i] == '{' ? 1 : glob[i] == '}' ? -1 : 0;
        }
    }
}

// The glob with every {a,b} written out.
std::vector<std::string> alternativesOf(const std::string& glob)
{
    if (glob.size() > kLongestGlob) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("module pattern {} has {} bytes (expected at most {})",
                                shownText(glob), glob.size(), kLongestGlob));
    }
    std::vector<std::string> plain;
    expand(glob, 0, plain);
    return plain;
}

// * and ? only; goes back to the last * on a mismatch, so time is bounded by the product of the lengths.
bool matchesPlain(std::string_view glob, std::string_view text)
{
    std::size_t g = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (t < text.size()) {
        if (g < glob.size() && glob[g] == '*') {
            star = g++;
            resume = t;
        } else if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t])) {
            ++g;
            ++t;
        } else if (star != std::string_view::npos) {
            g = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    return glob.find_first_not_of('*', g) == std::string_view::npos;
}

// "org/name" or "name" in letters, digits and ._-, as the hub allows; nothing that could leave the cache.
bool isModelId(const std::string& text)
{
    const bool plain =
        text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/")
        == std::string::npos;
    const std::size_t slash = text.find('/');
    return plain && !text.empty() && text.find("..") == std::string::npos
        && text.find("--") == std::string::npos && slash != 0 && slash != text.size() - 1
        && (slash == std::string::npos || text.find('/', slash + 1) == std::string::npos);
}

std::string typesOf(const ModelFiles& files)
{
    std::vector<std::string_view> types; // layers may differ
    for (const LinearModule& module : files.linearModules()) {
        if (std::find(types.begin(), types.end(), module.type) == types.end()) {
            types.push_back(module.type);
        }
    }
    std::string out;
    for (const std::string_view type : types) {
        out += fmt::format("{}{}", out.empty() ? "" : ", ", type);
    }
    return out;
}

} // namespace

bool globMatches(std::string_view glob, std::string_view text)
{
    for (const std::string& one : alternativesOf(std::string(glob))) {
        if (matchesPlain(one, text)) {
            return true;
        }
    }
    return false;
}

std::vector<LinearModule> selectModules(const ModelFiles& files,
                                        const std::vector<std::string>& globs)
{
    if (globs.empty()) {
        return files.linearModules();
    }
    const std::vector<LinearModule>& all = files.linearModules();
    const auto endsIn = [](const std::string& name, const std::string& end) {
        return end.find_first_of("*?") == std::string::npos
            && name.ends_with(fmt::format(".{}", end));
    };
    std::vector<bool> chosen(all.size(), false);
    for (const std::string& glob : globs) {
        const std::vector<std::string> plain = alternativesOf(glob);
        bool matched = false;
        for (std::size_t i = 0; i < all.size(); ++i) {
            for (const std::string& one : plain) {
                const bool isType = one.find('.') == std::string::npos;
                if (matchesPlain(one, all[i].name) || endsIn(all[i].name, one)
                    || (isType && matchesPlain(one, all[i].type))) {
                    chosen[i] = matched = true;
                    break;
                }
            }
        }
        if (!matched) {
            throw Error(
                ErrorKind::InvalidArgument,
                fmt::format("no module matches {} (there are {} in layers 0 to {}); correct "
                            "the pattern",
                            shownText(glob), typesOf(files), files.config().layers - 1));
        }
    }
    std::vector<LinearModule> out;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (chosen[i]) {
            out.push_back(all[i]);
        }
    }
    return out;
}

ModuleSelection trySelectModules(const ModelFiles& files, const std::vector<std::string>& globs)
{
    try {
        return {selectModules(files, globs), {}};
    } catch (const Error& error) {
        return {{}, error.what()};
    }
}

fs::path resolveModel(const std::string& model)
{
    std::error_code failed;
    if (!model.empty() && fs::exists(model, failed)) {
        // "x/." and "x/" become "x"; "link/.." keeps its meaning.
        const fs::path given = fs::absolute(model);
        requireUtf8(given);
        const fs::path normal = given.lexically_normal();
        const fs::path absolute = fs::equivalent(given, normal, failed) ? normal : given;
        return absolute.has_filename() ? absolute : absolute.parent_path();
    }
    if (!isModelId(model)) {
        throw Error(ErrorKind::Io,
                    shownPath(model)
                        + ": there is no such file or folder (expected a Hugging Face folder, a "
                          "GGUF file, or an id like org/name)");
    }
    std::string folder = "models--" + model;
    if (const std::size_t slash = folder.find('/'); slash != std::string::npos) {
        folder.replace(slash, 1, "--");
    }
    std::string places;
    for (const fs::path& cache : hubCacheFolders()) {
        if (const auto snapshot = hubSnapshotIn(cache / folder)) {
            return fs::absolute(*snapshot);
        }
        if (places.empty()) {
            places = shownPath(cache);
        }
    }
    throw Error(ErrorKind::Io,
                shownPath(model)
                    + ": is neither a file or folder nor a model in the Hugging Face cache"
                    + (places.empty() ? "" : " (looked in " + places + ")")
                    + "; give a path, or download the model first");
}

} // namespace pissarro::core::inline model
