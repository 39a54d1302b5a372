// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/session.h"

#include "core/adapter/make_adapter_tensors.h"
#include "core/run/run_inputs.h"
#include "core/session/open_model_tensors.h"
#include "core/tensor/guarded.h"
#include "core/tensor/runtime.h"
#include "core/tensor/threads.h"
#include "core/text/message_text.h"

#include <c10/core/GradMode.h>

#include <utility>

namespace pissarro::core::inline session {

namespace {

struct Computes {
    at::ScalarType type;
    at::Device device;
    const Decoder* donor = nullptr; // has the files' weights as they are; null: nobody
};

// Whether what `parts` name begins with the weights that the session holds, untouched.
bool holdsWeightsOf(const Session& session, const ModelParts& parts, const Computes& how)
{
    const ModelParts& held = session.provenance;
    std::error_code ignored;
    return held.adapter.empty() && !held.raw && session.decoder->type() == how.type
        && session.decoder->device() == how.device
        && std::filesystem::equivalent(held.base, parts.base, ignored);
}

// The base of a run is the one that it trained on. Weights that the run holds itself need no proof.
void requireOwnModel(const ModelParts& parts, const JobContext& job)
{
    const RunSummary& run = *parts.run;
    if (!isFourBit(run.spec.method) && (hasAdapter(run.spec.method) || parts.raw)) {
        requireSameModel(run, *trainedFilesOf(run), job);
    } else {
        requireSameTokenizer(run, parts.tokenizer);
    }
}

// A state that no folder of the run holds ready for use.
std::unique_ptr<Decoder> openRaw(const ModelParts& parts,
                                 const std::shared_ptr<const ModelFiles>& files,
                                 const Computes& how, const JobContext& job)
{
    const RunSummary& run = *parts.run;
    if (!hasAdapter(run.spec.method)) {
        return openWith(files, trainedWeights(run, *parts.state, files), how.type, how.device, job);
    }
    const auto trainedOn = trainedFilesOf(run);
    const RunFactors factors = factorsOf(run, *parts.state, *trainedOn);
    return openAdapted(files,
                       {{}, plainLoraOf(run, *trainedOn, factors.trained, factors.taken).adapters},
                       how.type, how.device, job, how.donor);
}

std::unique_ptr<Decoder> openWeights(const InferenceModel& model, const ModelParts& parts,
                                     const std::shared_ptr<const ModelFiles>& files,
                                     const Computes& how, const JobContext& job)
{
    if (parts.raw) {
        return openRaw(parts, files, how, job);
    }
    RunFactors factors;
    if (!parts.adapter.empty()) {
        const PeftAdapter adapter =
            readPeftAdapter(parts.adapter, *files, parts.run ? Warn() : model.warn);
        factors = {takenFromBase(adapter, *files, job), adapter.adapters};
    }
    return openAdapted(files, factors, how.type, how.device, job, how.donor);
}

// `beside`: null for none.
Session opened(const InferenceModel& model, Tokens tokens, const Session* beside,
               const JobContext& job)
{
    Session session;
    guarded("opening " + shownPath(model.model), [&] {
        const c10::NoGradGuard noGrad;
        const ThreadBudget threads(model.threads);
        session.threads = model.threads;
        session.provenance = partsOf(model.model, model.adapter, model.checkpoint);
        const ModelParts& parts = session.provenance;
        if (tokens == Tokens::Needed) { // before the weights, which take their time
            session.tokenizer = tokenizerOf(parts);
        }
        Computes how {model.dtype == BaseDType::BFloat16 ? at::kBFloat16 : at::kFloat,
                      parseDevice(model.device)};
        const bool shares = beside != nullptr && holdsWeightsOf(*beside, parts, how);
        how.donor = shares ? beside->decoder.get() : nullptr;
        session.files = shares ? beside->files : ModelFiles::open(parts.base);
        if (parts.run) {
            requireOwnModel(parts, job);
            if (model.took) {
                model.took(*parts.state);
            }
        }
        session.decoder = openWeights(model, parts, session.files, how, job);
    });
    return session;
}

} // namespace

Session open(const InferenceModel& model, Tokens tokens, const JobContext& job)
{
    return opened(model, tokens, nullptr, job);
}

Session openBeside(const Session& other, const InferenceModel& model, Tokens tokens,
                   const JobContext& job)
{
    return opened(model, tokens, &other, job);
}

} // namespace pissarro::core::inline session
