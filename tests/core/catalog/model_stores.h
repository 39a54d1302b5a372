// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The stores that people have, made: huggingface_hub's cache, LM Studio's folders, Ollama's manifests and blobs.

#include "core/catalog/model_list.h"
#include "core/format/safetensors.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"

#include <QtGlobal>

#include <algorithm>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <sys/stat.h>

namespace pissarro::test {

// A repository of the hub's cache whose snapshot `revision` holds the files of `model`, as links into blobs/.
inline fs::path writeHubRepository(const fs::path& hub, const std::string& folder,
                                   const fs::path& model, const std::string& revision = "a1b2c3",
                                   const std::string& reference = "main")
{
    const fs::path repository = hub / folder;
    const fs::path snapshot = repository / "snapshots" / revision;
    fs::create_directories(snapshot);
    fs::create_directories(repository / "blobs");
    fs::create_directories(repository / "refs");
    if (!reference.empty()) {
        writeBytes(repository / "refs" / reference, revision);
    }
    for (const auto& entry : fs::directory_iterator(model)) {
        const std::string name = entry.path().filename().string();
        const std::string blob = "blob-" + revision + "-" + name;
        fs::copy_file(entry.path(), repository / "blobs" / blob);
        fs::create_symlink(fs::path("../../blobs") / blob, snapshot / name);
    }
    return snapshot;
}

inline std::string digestOf(char digit)
{
    return "sha256:" + std::string(64, digit);
}

inline std::string blobName(char digit)
{
    return "sha256-" + std::string(64, digit);
}

// A manifest as Ollama writes it; `bytes` of the model's layer.
inline std::string ollamaManifest(const std::string& digest, std::uint64_t bytes)
{
    return nlohmann::json {{"schemaVersion", 2},
                           {"mediaType", "application/vnd.docker.distribution.manifest.v2+json"},
                           {"config",
                            {{"mediaType", "application/vnd.docker.container.image.v1+json"},
                             {"digest", digestOf('c')},
                             {"size", 2}}},
                           {"layers",
                            {{{"mediaType", "application/vnd.ollama.image.license"},
                              {"digest", digestOf('e')},
                              {"size", 1}},
                             {{"mediaType", "application/vnd.ollama.image.model"},
                              {"digest", digest},
                              {"size", bytes}}}}}
        .dump();
}

inline void writeManifest(const fs::path& store, const std::string& name, const std::string& text)
{
    const fs::path file = store / "manifests" / name;
    fs::create_directories(file.parent_path());
    fs::create_directories(store / "blobs");
    writeBytes(file, text);
}

// A GGUF of an architecture that nobody knows: two matrices of 32 x 64, in F32 and in Q4_0.
inline std::string strangeGguf(const std::string& architecture = "phi9")
{
    GgufBuilder builder;
    builder.string("general.architecture", architecture)
        .u32(architecture + ".block_count", 1)
        .u32(architecture + ".embedding_length", 64);
    builder.tensor("token_embd.weight", {32, 64}, 2, std::string(32 * 64 / 32 * 18, '\0'));
    builder.tensor("blk.0.attn_q.weight", {16, 64}, 0, std::string(16 * 64 * 4, '\0'));
    return builder.bytes();
}

// Elements of all tensors of the file.
inline std::int64_t elementsIn(const fs::path& file)
{
    std::int64_t sum = 0;
    const auto stored = core::SafetensorsFile::open(file);
    for (const core::TensorView& tensor : stored.tensors()) {
        sum += tensor.elements();
    }
    return sum;
}

// Writes in place, so that neither place, size nor time tell of it.
inline void changeSecretly(const fs::path& file, char with)
{
    struct ::stat before { };
    if (::stat(file.c_str(), &before) != 0) {
        throw std::runtime_error("no such file: " + file.string());
    }
    {
        std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
        out << std::string(static_cast<std::size_t>(before.st_size), with);
    }
    const struct timespec times[2] = {before.st_atim, before.st_mtim};
    if (::utimensat(AT_FDCWD, file.c_str(), times, 0) != 0) {
        throw std::runtime_error("its time cannot be set: " + file.string());
    }
}

// --- Of a list

inline const core::ListedModel* rowOf(const core::ModelList& list, const std::string& title,
                                      const std::string& version = {})
{
    for (const auto& model : list.models) {
        if (model->title() == title && model->version == version) {
            return model.get();
        }
    }
    return nullptr;
}

inline bool isNoted(const core::ModelList& list, const std::string& part)
{
    return std::any_of(list.notes.begin(), list.notes.end(), [&](const std::string& note) {
        return note.find(part) != std::string::npos && note.find('\n') == std::string::npos;
    });
}

inline bool says(const core::ListedModel* model, const std::string& part)
{
    const bool is = model != nullptr && model->problem.find(part) != std::string::npos
        && model->problem.find('\n') == std::string::npos;
    if (!is) {
        qWarning("%s", model == nullptr ? "no such model" : model->problem.c_str());
    }
    return is;
}

inline core::ModelList lookIn(const fs::path& folder,
                              core::PlaceKind kind = core::PlaceKind::Folder)
{
    core::ModelLister lister;
    return lister.look({{kind, folder}}, {});
}

} // namespace pissarro::test
