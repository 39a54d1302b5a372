// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>

namespace pissarro::tests {

// Sizes of the model that writeTinyModel() writes.
constexpr std::int64_t kTinyLayers = 2;
constexpr std::int64_t kTinyWidth = 32;
constexpr std::int64_t kTinyFfn = 48;
constexpr std::int64_t kTinyKvWidth = 16; // 4 heads of 8, 2 for keys and values
constexpr std::int64_t kTinyVocabulary = 64;
constexpr std::int64_t kTinyModules = 7 * kTinyLayers;

// Writes a Hugging Face folder with a LLaMA of 2 layers, or as many as asked for, random weights in
// float32 and no tokenizer. `nanIn`: the weight that gets a NaN in its middle, or null.
void writeTinyModel(const std::filesystem::path& folder, const char* nanIn = nullptr,
                    std::int64_t layers = kTinyLayers);

// Puts a tokenizer beside such a model: ids 0 to 61 are the letters a-z, A-Z and the digits, 62 and 63 "<s>" and "</s>".
// Its chat template is the message between "Q" and "A".
void writeTinyTokenizer(const std::filesystem::path& folder);

// The same vocabulary and one layer, but matrices of 4 MB: what is computed with them needs memory that can run out.
void writeWideModel(const std::filesystem::path& folder);

// Writes micro-batches as `train --batches` reads them: [count, 4, 12], the first 4 labels of a row
// ignored.
void writeTinyBatches(const std::filesystem::path& file, std::int64_t count);

} // namespace pissarro::tests
