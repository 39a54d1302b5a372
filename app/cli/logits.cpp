// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/inference_options.h"

#include <memory>
#include <nlohmann/json.hpp>

namespace pissarro::cli {

namespace {

struct Options {
    core::InferenceModel model;
    std::optional<core::StoredState> took; // of a run
    std::string ids;
    Output output;
    bool json = false;
};

ExitCode logits(const Options& options, Session& session)
{
    session.tellOfDevice(options.model.device);
    core::writeLogits(options.model, options.ids, options.output.path,
                      options.output.rule({}).overwrite, session.job());
    if (options.json) {
        nlohmann::ordered_json json {{"output", options.output.path}};
        if (options.took) {
            json["checkpoint"] = stateJson(*options.took);
        }
        session.console.json(json);
    } else {
        session.console.product(options.output.path + "\n");
    }
    return ExitCode::Done;
}

} // namespace

void addLogits(VerbTable& verbs)
{
    auto options = std::make_shared<Options>();
    CLI::App& verb =
        verbs.add("logits", "Logits of given token ids, for checking against other programs",
                  "pissarro-cli logits model-folder --ids ids.json -o logits.safetensors",
                  [options](Session& session) {
                      tellInto(session, options->model, options->took);
                      return logits(*options, session);
                  });
    addInferenceModel(verb, options->model);
    verb.add_option("--ids", options->ids,
                    "safetensors file with input_ids [B, T] and perhaps attention_mask and "
                    "token_type_ids, or a JSON list of lists")
        ->required();
    addOutput(verb, options->output,
              "safetensors file to write: logits [B, T, V], or [B, labels] of a head of texts")
        ->required();
    addJson(verb, options->json);
}

} // namespace pissarro::cli
