// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/verb.h"
#include "core/base/fmt.h"
#include "core/dataset/conversation.h"
#include "core/file/atomic_file.h"
#include "core/session/open_model.h"
#include "core/text/json_text.h"
#include "core/text/message_text.h"
#include "core/tokenizer/tokenizer.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

namespace pissarro::cli {

namespace {

using nlohmann::ordered_json;

struct Options {
    std::string source; // a model, or a .jinja file
    std::string messages;
    std::string tokenizer;
    bool json = false;
};

constexpr std::uint64_t kLargestFile = 64U << 20U;

ordered_json readRequest(const std::string& path)
{
    try {
        return core::parseOrderedJson(core::readWholeFile(path, kLargestFile));
    } catch (const core::Error& e) {
        throw e.withinOnce(core::shownPath(path));
    }
}

ExitCode render(const Options& options, Session& session)
{
    session.endsAtOnce();
    const bool isTemplate = std::filesystem::path(options.source).extension() == ".jinja";
    if (isTemplate && options.tokenizer.empty()) {
        throw UsageError("a .jinja file needs --tokenizer MODEL, whose tokens it is shown in");
    }
    const auto tokenizer = core::tokenizerOf(
        core::partsOf(options.tokenizer.empty() ? options.source : options.tokenizer));
    const std::string source =
        isTemplate ? core::readWholeFile(options.source, kLargestFile) : tokenizer->chatTemplate();
    const ordered_json request = readRequest(options.messages);
    core::RenderedConversation rendered;
    try {
        rendered = core::renderConversation(source, *tokenizer, request);
    } catch (const core::Error& e) {
        throw e.within(core::shownPath(options.source));
    }
    if (options.json) {
        ordered_json mask = ordered_json::array();
        for (const bool learned : rendered.learned) {
            mask.push_back(learned ? 1 : 0);
        }
        ordered_json document = {{"text", rendered.text}, {"ids", rendered.ids}, {"mask", mask}};
        if (!rendered.whyNoMask.empty()) {
            document["mask"] = nullptr;
            document["mask_error"] = rendered.whyNoMask;
        }
        session.console.json(document);
        return ExitCode::Done;
    }
    session.console.product(rendered.text + "\n");
    session.console.message(
        rendered.whyNoMask.empty()
            ? fmt::format("{} tokens, {} of them learned", rendered.ids.size(),
                          std::count(rendered.learned.begin(), rendered.learned.end(), true))
            : fmt::format("{} tokens; {}", rendered.ids.size(), rendered.whyNoMask));
    return ExitCode::Done;
}

} // namespace

void addRender(VerbTable& verbs)
{
    auto options = std::make_shared<Options>();
    CLI::App& verb = verbs.add(
        "render", "What a chat template makes of a conversation, and which tokens the loss sees",
        "pissarro-cli render model.gguf --messages talk.json --json",
        [options](Session& session) { return render(*options, session); });
    verb.add_option("source", options->source,
                    "a model with a chat template, or a template's file (.jinja)")
        ->required();
    verb.add_option("--messages", options->messages,
                    "JSON file: a list of messages, or an object with messages, tools, "
                    "add_generation_prompt, continue_final_message, special_tokens, now, and any "
                    "variable of the template")
        ->required();
    verb.add_option("--tokenizer", options->tokenizer, "model whose tokenizer is used");
    addJson(verb, options->json);
}

} // namespace pissarro::cli
