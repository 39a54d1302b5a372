// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluate/evaluate.h"
#include "core/file/file_lock.h"
#include "core/session/open_model.h"

#include <memory>

namespace pissarro::core::inline evaluate {

// The folder of an evaluation (evaluate.h).

std::string dataFingerprint(const EvaluationSpec& spec, const JobContext& job);
// Of a model's weights, its adapter and its state. Cost: reads them once.
std::string modelFingerprint(const ModelFiles& files, const ModelParts& parts,
                             const JobContext& job);
// Throws: Error{Format} where the evaluation knows the model by another fingerprint: it has changed since.
void noteModel(Evaluation& evaluation, const std::string& name, const std::string& fingerprint);

// Whether the folder holds this evaluation, to go on with: its fingerprints are read into `evaluation` then. Else it may be
// taken. One without any answer is not gone on with, but taken anew: a start that failed keeps nobody from a better one.
// Nothing is touched. Throws: as runEvaluation().
bool goesOn(Evaluation& evaluation, const EvaluateOptions& options);

// Whether it went on or begins anew; the folder is this program's as long as `lock` lives.
struct TakenFolder {
    bool goesOn = false;
    std::unique_ptr<FileLock> lock;
};
// Makes the folder this evaluation's, or goes on with it. An earlier output goes only now: what can be refused has to be
// before. Throws: as goesOn(); what it made is taken back then.
TakenFolder takeFolder(Evaluation& evaluation, const EvaluateOptions& options,
                       const JobContext& job);
void writeEvaluation(const Evaluation& evaluation, const std::filesystem::path& folder);
void writeResults(const Evaluation& evaluation, const std::filesystem::path& folder);
std::vector<std::string> namesOf(const EvaluationSpec& spec);

} // namespace pissarro::core::inline evaluate
