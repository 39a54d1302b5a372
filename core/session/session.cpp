// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/session.h"

#include "core/adapter/make_adapter_tensors.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/model/base_files.h"
#include "core/model/model_config.h"
#include "core/run/run_inputs.h"
#include "core/run/run_resume.h"
#include "core/session/open_model_tensors.h"
#include "core/tensor/guarded.h"
#include "core/tensor/runtime.h"
#include "core/tensor/threads.h"
#include "core/text/message_text.h"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <utility>

namespace pissarro::core::inline session {

struct VoiceTerms {
    AdapterSet adapters; // of the untouched base
};

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
    return openAdapted(
        files,
        {{}, plainLoraOf(run, *trainedOn, factors.trained, factors.taken).adapters, factors.saved},
        how.type, how.device, job, how.donor);
}

std::unique_ptr<Decoder> openWeights(const InferenceModel& model, const ModelParts& parts,
                                     const std::shared_ptr<const ModelFiles>& files,
                                     const Computes& how, const JobContext& job)
{
    if (parts.raw) {
        return openRaw(parts, files, how, job);
    }
    if (!parts.run && model.warn) { // of a run's base it was said when it was trained
        for (const std::string& note : files->notes()) {
            model.warn(note);
        }
    }
    RunFactors factors;
    if (!parts.adapter.empty()) {
        const PeftAdapter adapter =
            readPeftAdapter(parts.adapter, *files, parts.run ? Warn() : model.warn);
        factors = {takenFromBase(adapter, *files, job), adapter.adapters, adapter.saved};
    }
    return openAdapted(files, factors, how.type, how.device, job, how.donor);
}

// What a model is beside its base's untouched weights, as a plain low-rank term. Requires: choirsOf() found it so.
AdapterSet termsOf(const InferenceModel& model, const ModelParts& parts, const ModelFiles& files,
                   const JobContext& job)
{
    if (parts.raw) {
        const RunSummary& run = *parts.run;
        const auto trainedOn = trainedFilesOf(run);
        const RunFactors factors = factorsOf(run, *parts.state, *trainedOn);
        return plainLoraOf(run, *trainedOn, factors.trained, factors.taken).adapters;
    }
    if (parts.adapter.empty()) {
        return {};
    }
    return plainAdapters(readPeftAdapter(parts.adapter, files, parts.run ? Warn() : model.warn),
                         files, job);
}

at::ScalarType typeOf(const InferenceModel& model)
{
    return model.dtype == BaseDType::BFloat16 ? at::kBFloat16 : at::kFloat;
}

// A run's base is checked, and told of which state it is.
void lookAt(const InferenceModel& model, const ModelParts& parts, const JobContext& job)
{
    if (parts.run) {
        requireTrainedWith(*parts.run, *parts.state);
        requireOwnModel(parts, job);
        if (model.took) {
            model.took(*parts.state);
        }
    }
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
        Computes how {typeOf(model), parseDevice(model.device)};
        const bool shares = beside != nullptr && holdsWeightsOf(*beside, parts, how);
        how.donor = shares ? beside->decoder.get() : nullptr;
        session.files = shares ? beside->files : baseFilesOf(parts);
        lookAt(model, parts, job);
        session.decoder = openWeights(model, parts, session.files, how, job);
    });
    return session;
}

} // namespace

Choir choirOf(const Session& session)
{
    return {
        session.files, session.decoder, {{session.provenance, session.tokenizer}}, session.threads};
}

namespace {

bool isEncoder(const std::filesystem::path& model)
{
    try {
        return readModelConfig(model / kConfigFile).bidirectional;
    } catch (const Error&) { // a GGUF; or told of when it is opened
        return false;
    }
}

} // namespace

std::vector<std::vector<std::size_t>> choirsOf(const std::vector<InferenceModel>& models)
{
    std::vector<std::vector<std::size_t>> groups;
    std::vector<ModelParts> firsts; // of each group
    const auto ownsWeights = [](const ModelParts& parts) {
        return parts.raw && !hasAdapter(parts.run->spec.method);
    };
    for (std::size_t i = 0; i < models.size(); ++i) {
        const ModelParts parts = partsOf(models[i].model, models[i].adapter, models[i].checkpoint);
        const bool isAlone = isEncoder(parts.base); // a head of its own is no term of a base
        const auto joins = [&](std::size_t group) {
            const InferenceModel& first = models[groups[group].front()];
            std::error_code ignored;
            return !isAlone && !ownsWeights(parts) && !ownsWeights(firsts[group])
                && typeOf(first) == typeOf(models[i]) && first.device == models[i].device
                && std::filesystem::equivalent(firsts[group].base, parts.base, ignored);
        };
        std::size_t group = 0;
        while (group < groups.size() && !joins(group)) {
            ++group;
        }
        if (group == groups.size()) {
            groups.emplace_back();
            firsts.push_back(parts);
        }
        groups[group].push_back(i);
    }
    return groups;
}

std::string stateMark(const ModelParts& parts)
{
    std::error_code ignored;
    const auto written =
        std::filesystem::last_write_time(parts.adapter / kAdapterTensorsFile, ignored);
    return fmt::format("{}\n{}\n{}\n{}\n{}", parts.base.string(), parts.adapter.string(),
                       parts.state ? parts.state->directory.string() : std::string(),
                       parts.state ? parts.state->step : 0, written.time_since_epoch().count());
}

namespace {

// The voice of `before` that is this very state; null: it is read.
const Choir::Voice* sameVoice(const Choir* before, const std::string& mark)
{
    if (before == nullptr) {
        return nullptr;
    }
    const auto found =
        std::find_if(before->voices.begin(), before->voices.end(), [&](const Choir::Voice& one) {
            return one.terms != nullptr && one.mark == mark;
        });
    return found == before->voices.end() ? nullptr : &*found;
}

Choir::Voice voiceOf(const InferenceModel& model, const ModelFiles& files, const Choir* before,
                     Tokens tokens, const JobContext& job)
{
    ModelParts parts = partsOf(model.model, model.adapter, model.checkpoint);
    std::string mark = stateMark(parts);
    const Choir::Voice* const known = sameVoice(before, mark);
    if (known != nullptr && (known->tokenizer != nullptr || tokens == Tokens::NotNeeded)) {
        return *known;
    }
    lookAt(model, parts, job);
    auto terms = std::make_shared<const VoiceTerms>(VoiceTerms {termsOf(model, parts, files, job)});
    auto tokenizer = tokens == Tokens::Needed ? tokenizerOf(parts) : nullptr;
    return {std::move(parts), std::move(tokenizer), std::move(terms), std::move(mark)};
}

// `ground`: null for none; `before` likewise. Requires: several models.
Choir joined(const std::vector<InferenceModel>& models, const Session* ground, const Choir* before,
             Tokens tokens, const JobContext& job)
{
    Choir choir;
    guarded(fmt::format("opening {} models on one base", models.size()), [&] {
        const c10::NoGradGuard noGrad;
        const InferenceModel& first = models.front();
        const ThreadBudget threads(first.threads);
        choir.threads = first.threads;
        const ModelParts parts = partsOf(first.model, first.adapter, first.checkpoint);
        const Computes how {typeOf(first), parseDevice(first.device)};
        const bool shares = ground != nullptr && holdsWeightsOf(*ground, parts, how);
        choir.files = shares ? ground->files : ModelFiles::open(parts.base);
        std::vector<AdapterSet> terms;
        for (const InferenceModel& model : models) {
            choir.voices.push_back(voiceOf(model, *choir.files, before, tokens, job));
            terms.push_back(choir.voices.back().terms->adapters);
        }
        choir.decoder = openAdapted(choir.files, {}, how.type, how.device, job,
                                    shares ? ground->decoder.get() : nullptr);
        choir.decoder->attachVoices(terms);
    });
    return choir;
}

} // namespace

Choir openTogether(const std::vector<InferenceModel>& models, Tokens tokens, const JobContext& job)
{
    return models.size() == 1 ? choirOf(open(models.front(), tokens, job))
                              : joined(models, nullptr, nullptr, tokens, job);
}

Choir openTogetherBeside(const Session& ground, const Choir* before,
                         const std::vector<InferenceModel>& models, Tokens tokens,
                         const JobContext& job)
{
    return models.size() == 1 ? choirOf(openBeside(ground, models.front(), tokens, job))
                              : joined(models, &ground, before, tokens, job);
}

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
