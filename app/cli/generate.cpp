// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/inference_options.h"
#include "core/io/atomic_file.h"

#include <memory>
#include <nlohmann/json.hpp>

namespace pissarro::cli {

namespace {

using nlohmann::ordered_json;

struct Options {
    core::InferenceModel model;
    core::GenerateOptions how;
    std::string prompt;
    std::string idsOut;
    bool json = false;
};

double perSecond(std::size_t count, double seconds)
{
    return seconds > 0.0 ? static_cast<double>(count) / seconds : 0.0;
}

ExitCode generate(const Options& options, Session& session)
{
    if (!options.idsOut.empty()) {
        requireFolderOf(options.idsOut);
    }
    const auto show = [&](std::string_view text) {
        if (!options.json) {
            session.console.result(text);
        }
    };
    const core::GenerateResult result =
        core::generate(options.model, options.prompt, options.how, show, session.job());
    show("\n");
    if (!options.idsOut.empty()) {
        core::writeFileAtomically(options.idsOut, dumped(ordered_json(result.newIds)) + "\n");
    }
    if (options.json) {
        session.console.json({{"text", result.text},
                              {"prompt_ids", result.promptIds},
                              {"new_ids", result.newIds},
                              {"prefill_s", result.prefillSeconds},
                              {"decode_s", result.decodeSeconds}});
    }
    session.console.message(
        std::to_string(result.promptIds.size()) + " prompt tokens in "
        + durationText(result.prefillSeconds) + ", " + std::to_string(result.newIds.size())
        + " new tokens in " + durationText(result.decodeSeconds) + " ("
        + fixed(perSecond(result.newIds.size(), result.decodeSeconds), 1) + " tokens/s)");
    return ExitCode::Done;
}

} // namespace

void addGenerate(VerbTable& verbs)
{
    auto options = std::make_shared<Options>();
    CLI::App& verb =
        verbs.add("generate", "Text that the model, perhaps with an adapter, continues with",
                  "pissarro-cli generate model.gguf --chat --greedy --prompt "
                  "\"What is the capital of France?\"",
                  [options](Session& session) { return generate(*options, session); });
    addInferenceModel(verb, options->model);
    core::GenerateOptions& how = options->how;
    verb.add_option("--prompt", options->prompt, "text to continue")->required();
    verb.add_flag("--chat", how.chat, "the prompt is a message in the model's chat template");
    verb.add_option("--max-new-tokens", how.maxNewTokens, "at most this many")
        ->check(aboveZero())
        ->capture_default_str();
    auto* greedy = verb.add_flag("--greedy", how.greedy, "always the likeliest token");
    addReal(verb, "--temperature", how.temperature, "of sampling, above 0")
        ->check(aboveZero())
        ->excludes(greedy);
    addReal(verb, "--top-p", how.topP, "sample from the likeliest tokens of this total probability")
        ->check(CLI::Range(1e-9, 1.0))
        ->excludes(greedy);
    verb.add_option("--seed", how.seed, "of sampling")->capture_default_str();
    verb.add_option("--ids-out", options->idsOut, "JSON file to write the new token ids to");
    addJson(verb, options->json);
}

} // namespace pissarro::cli
