// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/tokenizer.h"

#include "core/base/error.h"
#include "core/data/tokenizer_spec_p.h"
#include "core/io/atomic_file.h"
#include "core/io/json_text.h"
#include "core/io/message_text.h"

#include <array>
#include <fstream>

namespace pissarro::core {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kJsonLimitBytes = 192U << 20U;

constexpr std::array<const char*, 8> kTokenizerFiles {
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "vocab.json",
    "merges.txt",
};

bool isThere(const fs::path& path)
{
    std::error_code ignored;
    return fs::exists(path, ignored);
}

bool isGguf(const fs::path& path)
{
    std::array<char, 4> magic {};
    std::ifstream file(path, std::ios::binary);
    file.read(magic.data(), magic.size());
    return file.gcount() == 4 && std::string_view(magic.data(), 4) == "GGUF";
}

template <class Work>
auto named(const fs::path& path, const Work& work)
{
    try {
        return work();
    } catch (const Error& e) {
        throw e.within(shownPath(path));
    }
}

std::shared_ptr<const Tokenizer> openJson(const fs::path& path)
{
    const TokenizerSettings settings = readTokenizerSettings(path.parent_path());
    const nlohmann::json document = readJsonFile(path, kJsonLimitBytes);
    return named(path, [&] {
        TokenizerSpec spec = specFromJson(document);
        spec.settings = settings;
        spec.file = shownPath(path);
        return makePipelineTokenizer(std::move(spec));
    });
}

// GgufFile names the file in its own messages; what is wrong with the tokenizer in it does not.
TokenizerSpec readGguf(const fs::path& path)
{
    try {
        return specFromGguf(path);
    } catch (const Error& e) {
        const std::string name = shownPath(path);
        throw std::string_view(e.what()).starts_with(name) ? e : e.within(name);
    }
}

// The file of a folder that holds its tokenizer; empty: none.
fs::path tokenizerFile(const fs::path& directory)
{
    for (const char* name : {"tokenizer.json", "tokenizer.model"}) {
        if (isThere(directory / name)) {
            return directory / name;
        }
    }
    return {};
}

} // namespace

std::shared_ptr<const Tokenizer> openTokenizer(const fs::path& path)
{
    std::error_code ignored;
    fs::path file = path;
    if (fs::is_directory(path, ignored)) {
        file = tokenizerFile(path);
        if (file.empty()) {
            throw Error(ErrorKind::Io,
                        shownPath(path)
                            + ": there is no tokenizer.json or tokenizer.model in this folder; "
                              "copy the model's tokenizer into it");
        }
    } else if (!isThere(path)) {
        throw Error(ErrorKind::Io, shownPath(path) + ": there is no such file or folder");
    }
    if (isGguf(file)) {
        TokenizerSpec spec = readGguf(file);
        spec.file = shownPath(file);
        return named(file, [&] { return makePipelineTokenizer(std::move(spec)); });
    }
    if (file.extension() == ".model") {
        return openSentencePiece(file, readTokenizerSettings(file.parent_path()));
    }
    return openJson(file);
}

void writeTokenizerFiles(const fs::path& model, const fs::path& targetDirectory)
{
    std::error_code ignored;
    if (!fs::is_directory(model, ignored) && isGguf(model)) {
        const TokenizerSpec spec = readGguf(model);
        nlohmann::json config = configFromSpec(spec);
        writeFileAtomically(targetDirectory / "tokenizer.json", jsonFromSpec(spec).dump());
        writeFileAtomically(targetDirectory / "tokenizer_config.json", config.dump(2) + "\n");
        nlohmann::json tokens = nlohmann::json::object();
        for (const char* key : {"bos_token", "eos_token", "pad_token", "unk_token"}) {
            if (config[key].is_string()) {
                tokens[key] = config[key];
            }
        }
        writeFileAtomically(targetDirectory / "special_tokens_map.json", tokens.dump(2) + "\n");
        return;
    }
    const fs::path directory = fs::is_directory(model, ignored) ? model : model.parent_path();
    if (tokenizerFile(directory).empty()) {
        throw Error(ErrorKind::Io,
                    shownPath(directory)
                        + ": there is no tokenizer.json or tokenizer.model to copy");
    }
    for (const char* name : kTokenizerFiles) {
        if (isThere(directory / name)) {
            writeFileAtomically(targetDirectory / name,
                                readWholeFile(directory / name, kJsonLimitBytes));
        }
    }
}

} // namespace pissarro::core
