// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/inference_options.h"

#include "core/base/fmt.h"

#include <string_view>

namespace pissarro::cli {

void addInferenceModel(CLI::App& verb, core::InferenceModel& model)
{
    verb.add_option("MODEL", model.model,
                    "model folder, .gguf file, id of the local Hugging Face cache, or the "
                    "directory of a run: the tuned model")
        ->required();
    auto* adapter = verb.add_option("--adapter", model.adapter, "PEFT folder to put on the model");
    addCheckpoint(verb, model.checkpoint)->excludes(adapter);
    addComputing(verb, model);
}

void addComputing(CLI::App& verb, core::InferenceModel& model)
{
    verb.add_option_function<std::string>(
            "--dtype",
            [&model](const std::string& text) { model.dtype = core::parseBaseDType(text); },
            "computed in; the file's own dtype is converted")
        ->check(CLI::IsMember({"float32", "bfloat16"}))
        ->default_str("float32");
    verb.add_option("--device", model.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
    addWhole(verb, "--threads", model.threads, {0, 1024}, "0: as many as this process may use");
}

void tellInto(Session& session, core::InferenceModel& model, std::optional<core::StoredState>& took)
{
    model.warn = [&console = session.console](std::string_view line) { console.warning(line); };
    model.took = [&console = session.console, &took](const core::StoredState& state) {
        took = state;
        console.message("checkpoint: " + state.title());
    };
    if (session.given("--checkpoint")
        && !core::partsOf(model.model, {}, model.checkpoint).run.has_value()) {
        throw UsageError(fmt::format(
            "--checkpoint is for the directory of a run, and {} is a model; leave it out",
            model.model));
    }
}

} // namespace pissarro::cli
