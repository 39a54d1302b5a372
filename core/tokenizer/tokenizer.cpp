// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/tokenizer.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/atomic_file.h"
#include "core/file/json_file.h"
#include "core/file/regular_file.h"
#include "core/format/gguf.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"
#include "core/tokenizer/tokenizer_spec_p.h"

#include <optional>

namespace pissarro::core::inline tokenizer {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kJsonLimitBytes = 96U << 20U; // Gemma 3's, of 262 thousand tokens, has 33

bool isGguf(const fs::path& path)
{
    const auto file = RegularFile::open(path);
    return file && file->read(0, 4) == "GGUF";
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

bool isTekkenName(const std::string& name)
{
    return name.starts_with("tekken") && name.ends_with(".json");
}

// Is a "….model" no SentencePiece model but tiktoken's lines?
bool isTiktokenFile(const fs::path& path)
{
    constexpr std::size_t kEnough = 512;
    const auto file = RegularFile::open(path);
    return file && isTiktoken(file->read(0, std::min<std::uint64_t>(kEnough, file->size())));
}

// Whatever holds pieces alone, so that a class or a library knows how texts are cut.
std::shared_ptr<const Tokenizer> openPieces(const fs::path& path)
{
    const std::string name = path.filename().string();
    TokenizerSpec spec = name == "vocab.txt" ? specFromWordList(path)
        : isTekkenName(name)                 ? specFromTekken(path)
        : name == "vocab.json"               ? specFromPair(path.parent_path())
                                             : specFromTiktoken(path);
    spec.file = shownPath(path);
    return named(path, [&] { return makePipelineTokenizer(std::move(spec)); });
}

std::shared_ptr<const Tokenizer> openJson(const fs::path& path)
{
    const TokenizerSettings settings = readTokenizerSettings(path.parent_path());
    const nlohmann::json document = readJsonFile(path, kJsonLimitBytes);
    return named(path, [&] {
        TokenizerSpec spec = tokenizerSpecFromJson(document);
        spec.settings = settings;
        spec.file = shownPath(path);
        return makePipelineTokenizer(std::move(spec));
    });
}

// GgufFile names the file in its own messages; what is wrong with the tokenizer in it does not.
template <class Work>
auto namedOnce(const fs::path& path, const Work& work)
{
    try {
        return work();
    } catch (const Error& e) {
        throw e.withinOnce(shownPath(path));
    }
}

// Rows of the model's embedding that a folder's config.json speaks of; nullopt: it has none that can be read, which is
// for the reader of models to tell.
std::optional<std::int64_t> embeddingRows(const fs::path& directory)
{
    const fs::path config = directory / "config.json";
    if (!pathExists(config)) {
        return std::nullopt;
    }
    try {
        const nlohmann::json document = readJsonFile(config);
        return jsonFieldAs<std::int64_t>(document, "vocab_size");
    } catch (const Error&) {
        return std::nullopt;
    }
}

// Special tokens that were added without a row of the embedding ([PAD] in many LLaMA 2 folders): harmless until a text
// holds one, which whoever feeds the model refuses by name.
bool areSpecialFrom(const Tokenizer& tokenizer, std::int64_t rows)
{
    constexpr std::int64_t kAddedLimit = 256;
    const std::int64_t size = tokenizer.vocabularySize();
    bool special = size - rows <= kAddedLimit;
    for (std::int64_t id = rows; special && id < size; ++id) {
        special = tokenizer.isSpecial(static_cast<std::int32_t>(id));
    }
    return special;
}

// An embedding may have rows to spare, padded for speed, but none may lack for a token of the vocabulary; and with less
// than half of them used the tokenizer is another model's.
void checkSize(const Tokenizer& tokenizer, const fs::path& file, std::optional<std::int64_t> rows)
{
    const std::int64_t size = tokenizer.vocabularySize();
    const bool lacksRows = rows && size > *rows && !areSpecialFrom(tokenizer, *rows);
    if (rows && (lacksRows || size < *rows / 2)) {
        throw Error(ErrorKind::Format,
                    fmt::format("{}: has {} tokens, but the model's embedding has {}{}; it is "
                                "another model's tokenizer: get the right one",
                                shownPath(file), size, *rows,
                                size > *rows
                                    ? " (expected at most that many, but for added special ones)"
                                    : " (expected at least half of that)"));
    }
}

// The file of a folder that holds its tokenizer; empty: none.
fs::path tokenizerFile(const fs::path& directory)
{
    for (const char* name :
         {"tokenizer.json", "tokenizer.model", "tekken.json", "spm.model", "spiece.model"}) {
        if (pathExists(directory / name)) {
            return directory / name;
        }
    }
    if (pathExists(directory / "vocab.json") && pathExists(directory / "merges.txt")) {
        return directory / "vocab.json";
    }
    return pathExists(directory / "vocab.txt") ? directory / "vocab.txt" : fs::path();
}

std::shared_ptr<const Tokenizer> openGguf(const fs::path& file)
{
    const GgufFile gguf = GgufFile::open(file);
    if (const auto source = namedOnce(file, [&] { return sentencePieceFromGguf(gguf); })) {
        auto tokenizer = makeSentencePiece(*source, file);
        checkSize(*tokenizer, file, source->embeddingRows);
        return tokenizer;
    }
    TokenizerSpec spec = namedOnce(file, [&] { return specFromGguf(gguf); });
    spec.file = shownPath(file);
    const auto rows = spec.embeddingRows;
    auto tokenizer = named(file, [&] { return makePipelineTokenizer(std::move(spec)); });
    checkSize(*tokenizer, file, rows);
    return tokenizer;
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
                            + ": there is no tokenizer.json or tokenizer.model in this folder, nor "
                              "one of the older files; copy the model's tokenizer into it");
        }
    } else if (!pathExists(path)) {
        throw Error(ErrorKind::Io, shownPath(path) + ": there is no such file or folder");
    }
    if (isGguf(file) || file.extension() == ".gguf") { // a damaged one is told of as a GGUF
        return openGguf(file);
    }
    const std::string name = file.filename().string();
    const bool isModel = file.extension() == ".model";
    const bool isOfPieces = isModel
        ? isTiktokenFile(file)
        : name == "vocab.json" || name == "vocab.txt" || isTekkenName(name);
    auto tokenizer = isOfPieces ? openPieces(file)
        : isModel               ? openSentencePiece(file, readTokenizerSettings(file.parent_path()))
                                : openJson(file);
    checkSize(*tokenizer, file, embeddingRows(file.parent_path()));
    return tokenizer;
}

const std::vector<std::string>& tokenizerFileNames()
{
    static const std::vector<std::string> names {
        "tokenizer.json",
        "tokenizer.model",
        "tekken.json",
        "spm.model",
        "spiece.model",
        "vocab.txt",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "added_tokens.json",
        "vocab.json",
        "merges.txt",
        "chat_template.jinja",
        "chat_template.json",
    };
    return names;
}

void writeTokenizerFiles(const fs::path& model, const fs::path& targetDirectory)
{
    std::error_code ignored;
    if (!fs::is_directory(model, ignored) && isGguf(model)) {
        TokenizerSpec spec;
        nlohmann::json config;
        const GgufFile gguf = GgufFile::open(model);
        if (const auto source = namedOnce(model, [&] { return sentencePieceFromGguf(gguf); })) {
            spec.settings = source->settings;
            config = configFromSpec(spec);
            const bool bos = source->settings.addBos.value_or(false);
            const bool eos = source->settings.addEos.value_or(false);
            config["add_bos_token"] = bos;
            config["add_eos_token"] = eos;
            config["tokenizer_class"] = eos && !bos ? "T5Tokenizer" : "LlamaTokenizer";
            writeFileAtomically(targetDirectory / "spiece.model", source->model);
        } else {
            spec = namedOnce(model, [&] { return specFromGguf(gguf); });
            config = configFromSpec(spec);
            writeFileAtomically(targetDirectory / "tokenizer.json", jsonFromSpec(spec).dump());
        }
        writeFileAtomically(targetDirectory / "tokenizer_config.json", config.dump(2) + "\n");
        nlohmann::json tokens = nlohmann::json::object();
        for (const char* key : {"bos_token", "eos_token", "pad_token", "unk_token"}) {
            if (jsonText(config[key]) != nullptr) {
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
    for (const std::string& name : tokenizerFileNames()) {
        if (pathExists(directory / name)) {
            writeFileAtomically(targetDirectory / name,
                                readWholeFile(directory / name, kJsonLimitBytes));
        }
    }
}

} // namespace pissarro::core::inline tokenizer
