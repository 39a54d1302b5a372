// SPDX-License-Identifier: GPL-3.0-or-later
// Ollama's store: manifests/HOST/NAMESPACE/NAME/TAG, a JSON file each, whose layers are files of blobs/.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/catalog/finding_p.h"
#include "core/file/json_file.h"
#include "core/file/regular_file.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <optional>

namespace pissarro::core::inline catalog {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kModelLayer = "application/vnd.ollama.image.model";
constexpr std::uint64_t kManifestLimit = 1U << 20; // bytes
constexpr int kDepth = 5; // of manifests/

// The blob of a digest, which is hexadecimal and so leads nowhere else. nullopt: it is no digest.
std::optional<fs::path> blobOf(const fs::path& store, const std::string& digest)
{
    constexpr std::string_view kKind = "sha256:";
    constexpr std::size_t kDigits = 64;
    const std::string hex = digest.starts_with(kKind) ? digest.substr(kKind.size()) : std::string();
    if (hex.size() != kDigits || hex.find_first_not_of("0123456789abcdef") != std::string::npos) {
        return std::nullopt;
    }
    const fs::path older =
        store / "blobs" / digest; // with a colon, as versions before 0.1.30 have it
    return pathExists(older) ? older : store / "blobs" / fmt::format("sha256-{}", hex);
}

struct Layer {
    std::string digest;
    std::optional<std::uint64_t> bytes;
};

// Of the weights; nullopt: the manifest has none, as that of a model in the cloud.
std::optional<Layer> modelLayerOf(const nlohmann::json& manifest)
{
    const auto* const layers = manifest.is_object() ? jsonField(manifest, "layers") : nullptr;
    if (layers == nullptr || !layers->is_array()) {
        throw Error(ErrorKind::Format, Clause {"has no list of layers; pull the model again"});
    }
    for (const nlohmann::json& layer : *layers) {
        if (!layer.is_object() || jsonFieldAs<std::string>(layer, "mediaType") != kModelLayer) {
            continue;
        }
        return Layer {jsonFieldAs<std::string>(layer, "digest").value_or(""),
                      jsonFieldAs<std::uint64_t>(layer, "size")};
    }
    return std::nullopt;
}

// The type of its blocks as Ollama's own description says it: "Q4_K_M".
std::string storedAs(const fs::path& store, const nlohmann::json& manifest)
{
    const auto* const config = jsonField(manifest, "config");
    const auto digest = config != nullptr && config->is_object()
        ? jsonFieldAs<std::string>(*config, "digest")
        : std::nullopt;
    const auto blob = digest ? blobOf(store, *digest) : std::nullopt;
    if (!blob || !pathExists(*blob)) {
        return {};
    }
    try {
        const nlohmann::json told = readJsonFile(*blob, kManifestLimit);
        return told.is_object() ? jsonFieldAs<std::string>(told, "file_type").value_or("")
                                : std::string();
    } catch (const Error&) {
        return {}; // only a name: the blocks tell as much
    }
}

// library/llama3/8b is "llama3:8b"; others are named with who made them, and where they are from.
FoundModel namedBy(const fs::path& below)
{
    std::vector<std::string> parts;
    for (const fs::path& part : below) {
        parts.push_back(part.string());
    }
    FoundModel model;
    const std::string tag = parts.empty() ? std::string() : parts.back();
    model.name = parts.size() < 2 ? tag : fmt::format("{}:{}", parts[parts.size() - 2], tag);
    const std::size_t above = parts.size() < 2 ? 0 : parts.size() - 2;
    for (std::size_t i = 0; i < above; ++i) {
        const bool isUsual =
            (i == 0 && parts[i] == "registry.ollama.ai") || (i == 1 && parts[i] == "library");
        if (!isUsual) {
            model.author += (model.author.empty() ? "" : "/") + parts[i];
        }
    }
    return model;
}

bool waits(const fs::path& blob)
{
    std::error_code failed;
    const std::string begin = blob.filename().string() + "-partial";
    for (fs::directory_iterator it(blob.parent_path(), failed), end; !failed && it != end;
         it.increment(failed)) {
        if (it->path().filename().string().starts_with(begin)) {
            return true;
        }
    }
    return false;
}

void takeManifest(const fs::path& store, const fs::path& file, Finding& finding)
{
    FoundModel model = namedBy(file.lexically_relative(store / "manifests"));
    model.path = file;
    try {
        const nlohmann::json manifest = readJsonFile(file, kManifestLimit, finding.job());
        const auto layer = modelLayerOf(manifest);
        const auto blob = layer ? blobOf(store, layer->digest) : std::nullopt;
        if (!layer) {
            model.problem = "its manifest names no weights, as that of a model in the cloud";
        } else if (!blob) {
            model.problem =
                fmt::format("its manifest names the weights {} (expected sha256: and 64 "
                            "digits); pull it again",
                            shownText(layer->digest, 24));
        } else if (FileStamp stamp = stampOf(*blob); stamp.inode == 0) {
            model.problem = waits(*blob)
                ? "its download is not finished; go on with it: ollama pull"
                : fmt::format("its weights are not there ({}); pull it again",
                              shownText(blob->filename().string().substr(0, 19)));
        } else {
            model.path = *blob;
            model.storedAs = storedAs(store, manifest);
            if (layer->bytes && *layer->bytes != stamp.bytes) {
                model.problem =
                    fmt::format("its weights have {} bytes (expected {} by its manifest); pull it "
                                "again",
                                stamp.bytes, *layer->bytes);
            }
            model.files.push_back(std::move(stamp));
        }
    } catch (const Error& e) {
        const std::string begin = shownPath(file) + ": ";
        const std::string_view what = e.what();
        model.problem = fmt::format("its manifest {}",
                                    what.starts_with(begin) ? what.substr(begin.size()) : what);
    }
    finding.take(std::move(model));
}

void takeManifests(const fs::path& store, const fs::path& folder, int depth, Finding& finding)
{
    std::error_code failed;
    std::vector<fs::path> entries;
    for (fs::directory_iterator it(folder, failed), end; !failed && it != end;
         it.increment(failed)) {
        finding.job().throwIfCancelled();
        if (!it->path().filename().string().starts_with('.')) {
            entries.push_back(it->path());
        }
    }
    if (failed) {
        finding.note(folder, fmt::format("cannot be read: {}", failed.message()));
    }
    std::sort(entries.begin(), entries.end());
    for (const fs::path& one : entries) {
        std::error_code unreadable;
        if (fs::is_regular_file(one, unreadable)) {
            takeManifest(store, one, finding);
        } else if (depth > 0 && fs::is_directory(one, unreadable)) {
            takeManifests(store, one, depth - 1, finding);
        }
    }
}

} // namespace

void findInOllamaStore(const fs::path& store, Finding& finding)
{
    takeManifests(store, store / "manifests", kDepth, finding);
}

} // namespace pissarro::core::inline catalog
