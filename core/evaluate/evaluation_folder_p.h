// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluate/evaluate.h"
#include "core/session/open_model.h"

namespace pissarro::core::inline evaluate {

// The folder of an evaluation (evaluate.h).

std::string dataFingerprint(const EvaluationSpec& spec, const JobContext& job);
// Of a model's weights, its adapter and its state. Cost: reads them once.
std::string modelFingerprint(const ModelFiles& files, const ModelParts& parts,
                             const JobContext& job);
// Throws: Error{Format} where the evaluation knows the model by another fingerprint: it has changed since.
void noteModel(Evaluation& evaluation, const std::string& name, const std::string& fingerprint);

// Takes the folder for this evaluation, or goes on with the one that is there, whose fingerprints are read into it.
// Throws: as runEvaluation().
void takeFolder(Evaluation& evaluation, const EvaluateOptions& options);
void writeEvaluation(const Evaluation& evaluation, const std::filesystem::path& folder);
void writeResults(const Evaluation& evaluation, const std::filesystem::path& folder);
std::vector<std::string> namesOf(const EvaluationSpec& spec);

} // namespace pissarro::core::inline evaluate
