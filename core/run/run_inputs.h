// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pissarro::core::inline model {
class ModelFiles;
} // namespace pissarro::core::inline model

namespace pissarro::core::inline run {

struct RunSpec;
struct RunSummary;

// A file as a run found it. Size and times tell at once that it is still the same one; else the content does.
struct FileMark {
    std::string name; // without its folder
    std::string fingerprint;
    std::int64_t sizeBytes = 0;
    std::int64_t modifiedNs = 0;
    std::int64_t changedNs = 0; // which no program can put back; 0 in runs of older versions
};

// What a run began with, by content: base, tokenizer and data may be moved, but not changed underneath it.
struct RunInputs {
    std::filesystem::path model; // absolute: where it lay when the run last began
    std::vector<FileMark> weights; // the shards, or the GGUF
    std::string config; // config.json; empty of a GGUF, whose weights hold it
    std::string tokenizer; // all files of the tokenizer; empty where the run reads none
    std::filesystem::path data; // absolute
    std::string examples; // token ids and labels, or the file of ready batches
    std::int64_t exampleCount = 0;
    std::int64_t heldCount = 0; // of them only evaluated
    // The date that the chat template was told, for those that write one: a run that goes on is told the same. Empty: it
    // asked for none.
    std::string now;

    bool isKnown() const { return !weights.empty(); } // false of runs of older versions
};

// The model's part, added to the data's. Cost: reads every weight file once.
RunInputs inputsOf(const ModelFiles& files, RunInputs data, const JobContext& job);
// Of the tokenizer's files in a model folder: their names and contents. Empty for a GGUF.
std::string tokenizerFingerprint(const std::filesystem::path& model);

// What of `now` is not what it was `then`, a sentence each: "the weights changed: model.safetensors". Empty: nothing.
std::vector<std::string> inputChanges(const RunInputs& then, const RunInputs& now);

// Paths of `spec` made absolute, so that a run can be gone on with from any folder; ids of the local cache stay.
void makePathsAbsolute(RunSpec& spec);

// The model that a run trained on, where it is now. Throws: Error{Io} saying where it lay and how to name its new place.
std::filesystem::path modelPathOf(const RunSummary& run);

// For whoever reads a run: that `files` is the model that it trained on, with the tokenizer that it read. Weights whose size
// and times are as they were are taken for unchanged; others are read, once: what a file holds is kept by its times
// (cacheRoot()/fingerprints). Throws: Error{Format} in one line naming what
// changed; Cancelled.
void requireSameModel(const RunSummary& run, const ModelFiles& files, const JobContext& job);
// The tokenizer's part alone, for what needs no weights.
void requireSameTokenizer(const RunSummary& run, const std::filesystem::path& model);

} // namespace pissarro::core::inline run
