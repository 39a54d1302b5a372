// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/verb.h"
#include "core/base/fmt.h"
#include "core/file/json_file.h"
#include "core/session/open_model.h"
#include "core/text/json_value.h"
#include "core/tokenizer/tokenizer.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

namespace pissarro::cli {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

struct Options {
    std::string model;
    std::vector<std::string> texts;
    std::string file;
    bool noSpecial = false;
    bool json = false;
};

constexpr std::uint64_t kLargestList = 1ull << 30;

// The texts of a JSON list. Throws: Error{Io}; Error{Format} naming the file.
std::vector<std::string> readTexts(const std::string& path)
{
    const json list = core::readJsonFile(path, kLargestList);
    if (!list.is_array()) {
        throw core::Error(core::ErrorKind::Format,
                          path + R"(: is no JSON list (expected a list of texts: ["one", "two"]))");
    }
    std::vector<std::string> texts;
    for (const json& item : list) {
        auto text = core::jsonAs<std::string>(item);
        if (!text) {
            throw core::Error(core::ErrorKind::Format,
                              fmt::format("{}: item {} of the list is {} (expected a text)", path,
                                          texts.size(), item.type_name()));
        }
        texts.push_back(std::move(*text));
    }
    return texts;
}

ExitCode tokenize(const Options& options, Session& session)
{
    session.endsAtOnce();
    const std::vector<std::string> texts =
        options.file.empty() ? options.texts : readTexts(options.file);
    const auto tokenizer = core::tokenizerOf(core::partsOf(options.model));
    ordered_json document;
    document["ids"] = ordered_json::array();
    document["pieces"] = ordered_json::array();
    document["decoded"] = ordered_json::array();
    for (const std::string& text : texts) {
        const std::vector<std::int32_t> ids = tokenizer->encode(text, !options.noSpecial);
        std::vector<std::string> pieces;
        pieces.reserve(ids.size());
        for (const std::int32_t id : ids) {
            pieces.push_back(tokenizer->piece(id));
        }
        document["ids"].push_back(ids);
        document["pieces"].push_back(pieces);
        // What of the text comes back: without the tokens that the tokenizer puts around it.
        document["decoded"].push_back(
            tokenizer->decode(options.noSpecial ? ids : tokenizer->encode(text, false)));
    }
    if (options.json) {
        session.console.json(document);
        return ExitCode::Done;
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
        session.console.product(dumped(document["ids"][i]) + "\n" + dumped(document["pieces"][i])
                                + "\n");
    }
    return ExitCode::Done;
}

} // namespace

void addTokenize(VerbTable& verbs)
{
    auto options = std::make_shared<Options>();
    CLI::App& verb = verbs.add("tokenize", "Text to the token ids that the model sees",
                               "pissarro-cli tokenize model.gguf --text \"Hello world\" --json",
                               [options](Session& session) { return tokenize(*options, session); });
    addModel(verb, options->model);
    auto* source = verb.add_option_group("text", "What to tokenize");
    addTexts(*source, "--text", options->texts, "one text; may be repeated");
    source->add_option("--file", options->file, "JSON file: a list of texts");
    source->require_option(1);
    verb.add_flag("--no-special", options->noSpecial,
                  "leave out what the tokenizer puts around a text, such as a leading <s>");
    addJson(verb, options->json);
}

} // namespace pissarro::cli
