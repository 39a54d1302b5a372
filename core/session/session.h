// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/session/open_model.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace pissarro::core::inline decoder {
class Decoder; // decoder_tensors.h
} // namespace pissarro::core::inline decoder

namespace pissarro::core::inline session {

// A model that computes, open between calls: weights and tokenizer are read once, whatever is asked of it afterwards.
// Threads: one user at a time. Memory: the model's, as long as it lives.
struct Session {
    ModelParts
        provenance; // what was named: a base, its adapter, the run that made them and which state of it
    std::shared_ptr<const ModelFiles> files; // of provenance.base
    std::shared_ptr<Decoder> decoder; // with its adapter on it
    std::shared_ptr<const Tokenizer> tokenizer; // null: it was not asked for
    int threads = 0; // that a call on it computes with; as InferenceModel's
};

enum class Tokens {
    Needed,
    NotNeeded
}; // a model without a tokenizer can still be asked for logits

// The one way that verbs and pages get a model that computes: of a folder, a GGUF, an id, a PEFT folder on one of them, or a
// run.
// Throws: Error{Io}; Error{Format}, also where a run's model or tokenizer was changed since; Error{InvalidArgument} for an
//   unknown device; Cancelled.
Session open(const InferenceModel& model, Tokens tokens, const JobContext& job);

// The same beside a session that is open: its weights are used in place, not read and held once more, where the two are made
// of the same files in the same type on the same device. Which numbers come out does not depend on it.
// Requires: nobody changes either decoder's weights. Threads: one user at a time of both.
Session openBeside(const Session& other, const InferenceModel& model, Tokens tokens,
                   const JobContext& job);

// Several models that are one base with an adapter of each, or none, and compute together: one copy of the weights, and
// products with them made once for all (Decoder::attachVoices()). Threads and memory: as Session.
struct VoiceTerms; // an adapter that was read
struct Choir {
    struct Voice {
        ModelParts provenance;
        std::shared_ptr<const Tokenizer> tokenizer; // null: it was not asked for
        // For openTogetherBeside(): what it is beside the base, and stateMark() of when that was read; null: one alone.
        std::shared_ptr<const VoiceTerms> terms = {};
        std::string mark = {};
    };
    std::shared_ptr<const ModelFiles> files;
    std::shared_ptr<Decoder> decoder;
    std::vector<Voice> voices; // KvCache::voices counts them
    int threads = 0;
};

// A session as a choir of one; they share what they hold.
Choir choirOf(const Session& session);

// Which of the models can compute together, by their place: those that begin with the same weights, untouched, in one type
// on one device. Every model is in one group, groups in the order of their first. Throws: as partsOf().
std::vector<std::vector<std::size_t>> choirsOf(const std::vector<InferenceModel>& models);

// Of one such group, voices in the order of `models`. A single model is opened as open() does it. Of several an adapter that
// takes its start out of the base (PEFT's init_lora_weights) becomes a plain one of twice the rank: other roundings than
// alone, in the last digits.
// Requires: choirsOf() put them together. Throws: as open().
Choir openTogether(const std::vector<InferenceModel>& models, Tokens tokens, const JobContext& job);

// The same on the weights of a session that is open (openBeside()): the base is not read again. Voices of `before`, null for
// none, that are named again and are the same on disk are taken over as they are; of those InferenceModel::warn and took
// are told nothing. Throws: as open().
Choir openTogetherBeside(const Session& ground, const Choir* before,
                         const std::vector<InferenceModel>& models, Tokens tokens,
                         const JobContext& job);

// Tells one state of what was named from another by a look at the folder: a run goes on, an adapter is written anew.
std::string stateMark(const ModelParts& parts);

} // namespace pissarro::core::inline session
