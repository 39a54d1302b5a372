// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/inference_options.h"
#include "core/base/fmt.h"
#include "core/http/http_client.h"
#include "core/serve/model_server.h"
#include "core/text/number_text.h"

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

namespace pissarro::cli {

namespace {

constexpr std::chrono::milliseconds kLook {50}; // for a signal

struct Options {
    core::InferenceModel model;
    std::optional<core::StoredState> took; // of a run
    std::string name; // of the model; empty: that of its file
    std::vector<std::string> adapters; // NAME=PATH
    core::ServeOptions how;
    bool json = false;
};

std::vector<core::ServedModel> modelsOf(const Options& options)
{
    const std::string name =
        options.name.empty() ? core::servedName(options.model.model) : options.name;
    std::vector<core::ServedModel> models {{name, options.model}};
    for (const std::string& adapter : options.adapters) {
        models.push_back(core::servedAdapter(adapter, options.model));
    }
    return models;
}

void warnOfOthers(const core::ServeOptions& how, Session& session)
{
    if (core::http::isLoopback(how.host)) {
        return;
    }
    session.console.warning(fmt::format(
        "whoever reaches {} from the network can ask these models{}, and what is said goes in the "
        "clear",
        how.host, how.key.empty() ? ": there is no --api-key" : " with the key"));
}

ExitCode serve(const Options& options, Session& session)
{
    const std::vector<core::ServedModel> models = modelsOf(options);
    warnOfOthers(options.how, session);
    session.tellOfDevice(options.model.device);
    std::vector<std::string> names;
    for (const core::ServedModel& one : models) {
        names.push_back(one.name);
    }
    core::ModelServer server(core::openServed(models, session.job()), names, options.how);
    if (options.json) {
        session.console.json({{"url", server.url()}, {"port", server.port()}, {"models", names}});
    } else {
        session.console.product(server.url() + "\n");
    }
    for (const std::string& name : names) {
        session.console.message("model: " + name);
    }
    session.console.message("answering until Ctrl+C (again: at once)");
    while (!session.job().isCancelled()) {
        std::this_thread::sleep_for(kLook);
    }
    session.console.message("ending; answers that are written are cut off");
    server.stop();
    session.console.message(fmt::format("{} requests came", core::groupedText(server.requests())));
    return ExitCode::Done; // a signal is how a server ends
}

} // namespace

void addServe(VerbTable& verbs)
{
    auto options = std::make_shared<Options>();
    CLI::App& verb = verbs.add(
        "serve", "Answers other programs as OpenAI's API does: base and adapters at one address",
        "pissarro-cli serve model.gguf --adapter tuned=runs/gsm8k/adapter --port 8000",
        [options](Session& session) {
            tellInto(session, options->model, options->took);
            return serve(*options, session);
        });
    verb.add_option("MODEL", options->model.model,
                    "model folder, .gguf file, id of the local Hugging Face cache, or the "
                    "directory of a run: the tuned model")
        ->required();
    addTexts(verb, "--adapter", options->adapters,
             "NAME=PATH: a PEFT folder on the model, or the directory of a run on it, that clients "
             "choose by NAME; may be repeated");
    addCheckpoint(verb, options->model.checkpoint);
    addComputing(verb, options->model);
    core::ServeOptions& how = options->how;
    verb.add_option("--name", options->name,
                    "that clients know the model by; default: that of its folder or file");
    verb.add_option("--host", how.host,
                    "address to listen on; another than this machine's own is warned of")
        ->capture_default_str();
    addWhole(verb, "--port", how.port, {0, 65'535}, "to listen on; 0: any that is free");
    verb.add_option("--api-key", how.key,
                    "that clients have to send; others of this machine may read it in the list of "
                    "processes, so better in $PISSARRO_API_KEY")
        ->envname("PISSARRO_API_KEY");
    addWhole(verb, "--batch-size", how.rows, {1, 256}, "answers that are written together");
    addWhole(verb, "--queue", how.waiting, {0, 512},
             "answers that may wait; more are told to come again");
    addWhole(verb, "--max-new-tokens", how.chatTokens, {1},
             "of an answer for which the client sets no limit");
    addJson(verb, options->json);
}

} // namespace pissarro::cli
