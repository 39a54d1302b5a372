// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QStringList>

#include <filesystem>
#include <functional>
#include <vector>

namespace pissarro::tests {

// A folder with one lie in it, and who must refuse it.
struct HostileCase {
    const char* row;
    QStringList verbs; // each must refuse it
    const char* names; // what the message names: the end of a path
    const char* says; // what is wrong
    std::function<void(const std::filesystem::path& folder)> spoil;
    QStringList more = {}; // arguments of the verb
};

// Writes what every verb is content with:
//   model/ (tiny LLaMA with a tokenizer of 62 pieces), data.jsonl, text.json, ids.json, out/.
void writeRightInputs(const std::filesystem::path& folder);
// The same model as model.gguf, which then is the one to open.
void writeRightGguf(const std::filesystem::path& folder);

std::vector<HostileCase> hostileWeights(); // safetensors, shards, numbers in them
std::vector<HostileCase> hostileModels(); // config.json, GGUF, pickles
std::vector<HostileCase> hostileTexts(); // tokenizers, data files, settings of a run

} // namespace pissarro::tests
