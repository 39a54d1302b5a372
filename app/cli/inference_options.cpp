// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/inference_options.h"

namespace pissarro::cli {

void addInferenceModel(CLI::App& verb, core::InferenceModel& model)
{
    addModel(verb, model.model);
    verb.add_option("--adapter", model.adapter, "PEFT folder to put on the model");
    verb.add_option_function<std::string>(
            "--dtype",
            [&model](const std::string& text) { model.dtype = core::parseBaseDType(text); },
            "computed in; the file's own dtype is converted")
        ->check(CLI::IsMember({"float32", "bfloat16"}))
        ->default_str("float32");
    verb.add_option("--device", model.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
    verb.add_option("--threads", model.threads, "0: as many as this process may use")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
}

} // namespace pissarro::cli
