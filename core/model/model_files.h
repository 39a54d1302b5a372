// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/file/mapped_file.h"
#include "core/format/tensor_view.h"
#include "core/model/model_config.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline format {
struct BnbWeight; // core/format/bnb_weight.h
class CodedWeight; // core/format/coded_weight.h
} // namespace pissarro::core::inline format

namespace pissarro::core::inline model {

// A linear matrix of a layer: what spectra are taken of and adapters are put on.
struct LinearModule {
    std::string name; // "model.layers.14.self_attn.q_proj"
    std::string type; // "q_proj"; "attention.output.dense" of an encoder's that end alike
    std::int64_t layer = 0;
    std::int64_t rows = 0; // out features
    std::int64_t cols = 0; // in features
    DType dtype = DType::F32; // as stored

    std::int64_t smallerSide() const { return rows < cols ? rows : cols; }
};

// A head for texts as a whole that a model is given where it has none: its first numbers are drawn, as transformers draws them.
struct NewHead {
    std::int64_t labels = 0; // classes; 1: a number; 0: no such head is wanted
    std::uint64_t seed = 0;
    std::vector<std::string> names = {}; // of the classes; empty: none
};

// How much is read to open a model.
enum class Opening {
    Checked, // headers, and where a tied model stores a head all the same, a few rows of it: whether it is another
    HeadersAlone, // no weight: such a head is taken for the embedding once more
};

// A model on disk, opened by its headers alone: a Hugging Face folder or a GGUF file.
//
// Weights are known by their Hugging Face names ("model.layers.0.self_attn.q_proj.weight") whatever the file;
// reading a GGUF weight undoes what llama.cpp's converter makes of some (GgufChange, core/model/families/family.h).
// Threads: immutable once open; share it freely. The mapping lives as long as the object.
class ModelFiles {
public:
    // Opens a folder, a .gguf file, or an id ("org/name") found in the local Hugging Face cache.
    // Checks that every tensor the architecture needs is there with the right shape; none is read.
    // Throws: Error{Io} when nothing is there; Error{Format} for unknown architectures (names found and supported),
    //   missing shards, pickles (.bin, .pt), wrong shapes, all naming the file. Error{InvalidArgument} for a head that the
    //   model cannot have.
    static std::shared_ptr<const ModelFiles> open(const std::filesystem::path& model,
                                                  Opening how = Opening::Checked,
                                                  const NewHead& head = {});
    virtual ~ModelFiles() = default;

    const ModelConfig& config() const { return m_config; }
    const std::filesystem::path& path() const { return m_path; } // folder or file, absolute
    const std::string& displayName() const { return m_displayName; } // "SmolLM2-135M-Instruct"
    bool isGguf() const { return m_isGguf; }
    std::int64_t parameters() const; // each weight once; a tied head is not counted twice
    std::uint64_t weightBytes() const; // as stored
    bool isFourBit() const; // some matrix is stored in bitsandbytes' four bits

    const std::vector<TensorView>& weights() const
    {
        return m_weights;
    } // under their Hugging Face names
    const TensorView* find(std::string_view name) const;
    // Modules of a head whose numbers were drawn, since the files have none.
    const std::vector<std::string>& drawnModules() const { return m_drawnModules; }
    // What a person should know of the files, a line each: tensors that are not used, a text model within another.
    const std::vector<std::string>& notes() const { return m_notes; }
    // Every linear matrix inside the layers, in layer order, q k v o gate up down within a layer.
    const std::vector<LinearModule>& linearModules() const { return m_linears; }
    // Identity for caches: path, size and times of the file that holds the weight, its offset, dtype and shape.
    std::string identityOf(std::string_view weightName) const;

    // Throws: Error{Format} naming the file and the weight when it holds NaN or Inf, or is unknown.
    void requireFinite(std::string_view weightName) const;

    // The weight as float32 [elements of its shape], row-major, changes of llama.cpp undone.
    // Throws: Error{Format} when the name is unknown.
    virtual void readFloat32(std::string_view weightName, float* out) const = 0;
    // True when the stored bytes are the weight itself (F32, F16, BF16, not permuted, not offset): may be used in place.
    virtual bool isVerbatim(std::string_view weightName) const = 0;
    // True of a matrix that Hugging Face's files of this architecture hold as [cols, rows]; here it is [rows, cols] all the same.
    bool isTransposed(std::string_view weightName) const
    {
        return m_transposed.contains(weightName);
    }
    // True of a weight that files keep in float32 whatever the model's dtype (transformers: _keep_in_fp32_modules_strict).
    bool isPrecise(std::string_view weightName) const;
    // The weight as it is stored in bitsandbytes' four bits, good while the files live; null: it is not.
    virtual const BnbWeight* fourBitWeight(std::string_view) const { return nullptr; }
    // The weight as codes and scales, good while the files live; null: it is neither FP8 with scales, LLM.int8, GPTQ nor AWQ.
    virtual const CodedWeight* codedWeight(std::string_view) const { return nullptr; }
    // Asks the system to read the weight's pages while other work goes on, and gives them back.
    void prefetch(std::string_view weightName) const;
    void release(std::string_view weightName) const;

protected:
    ModelFiles() = default;
    // Checks names, shapes and dtypes against the config, drops what is no weight, sorts (embedding,
    // layers, norm, head), builds the index and m_linears. Throws: Error{Format} without the path.
    void finish(Opening how);
    // What is left when each expected weight was found: noted, or refused where it might change numbers.
    void checkOthers(const std::map<std::string, std::size_t, std::less<>>& others);
    const TensorView& at(std::string_view name) const; // Throws: Error{Format} when unknown
    // Null: its numbers are in no file.
    const MappedFile* fileOf(const TensorView& view) const;
    std::filesystem::path pathOf(const TensorView& view) const; // of that file, or of the model

    ModelConfig m_config;
    std::filesystem::path m_path;
    std::string m_displayName;
    bool m_isGguf = false;
    std::vector<TensorView> m_weights;
    std::vector<LinearModule> m_linears;
    std::vector<std::shared_ptr<const MappedFile>> m_mappings; // every file that holds weights
    std::map<std::string, std::size_t, std::less<>> m_index; // name -> place in m_weights
    std::vector<std::string> m_notes;
    std::vector<std::string> m_drawnModules;
    std::set<std::string, std::less<>> m_transposed;
};

// Modules whose whole path matches one of the globs: * any run, ? one character, {a,b} alternatives.
// A glob without a dot that matches a bare type ("q_proj") matches that type in every layer. One without * and ? matches the
// end of a path from a dot on too, as PEFT's target_modules do. Empty: every module.
// Throws: Error{InvalidArgument} naming the glob when it matches nothing, with the types there are.
std::vector<LinearModule> selectModules(const ModelFiles& files,
                                        const std::vector<std::string>& globs);
bool globMatches(std::string_view glob, std::string_view text);

// Resolves MODEL: an existing path, else an id in $HF_HUB_CACHE, $HF_HOME/hub or ~/.cache/huggingface/hub.
// Throws: Error{Io} saying where it was looked for. Nothing is ever downloaded.
std::filesystem::path resolveModel(const std::string& model);

} // namespace pissarro::core::inline model
