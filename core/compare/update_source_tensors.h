// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/adapter_tensors.h"
#include "core/base/job_context.h"
#include "core/compare/update_map.h"
#include "core/format/safetensors.h"
#include "core/linalg/svd_tensors.h"
#include "core/weights/model_writer.h"

#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pissarro::core::inline compare {

// What a matrix changed by, as two thin products with everything that scales it in `b`, float64; or in full where the whole
// matrix trained. One of the two is there.
struct Change {
    at::Tensor b_OQ;
    at::Tensor a_QI;
    at::Tensor delta_OI;
};

// The triplets of a change: all of them of a thin one, else every value and the leading `most` vectors.
TruncatedSvd tripletsOf(const Change& change, std::int64_t most, const JobContext& job);
// Its singular values, with the zeros that a thin product cannot have otherwise.
Spectrum spectrumOf(const LinearModule& module, const at::Tensor& values);
std::int64_t directionsOf(const TruncatedSvd& svd); // that are an update and no rounding

// B_t A_t - B_0 A_0, stacked. `start`: null, or with a B that is zero: it began at nothing.
Change changeBetween(const Adapter& trained, const Adapter* start);
// The same of any kind: in full where rows have a length of their own, which is no thin product. `frozen` gives the weight
// that the adapter is on, float64; it is asked then alone.
Change changeOn(const std::function<at::Tensor()>& frozen, const Adapter& trained,
                const Adapter* start);

// What updates are read from: factors of a state and of the start, and the weights that they changed. Threads: const members
// from any, once made.
struct UpdateSource {
    std::shared_ptr<const ModelFiles>
        trainedOn; // the files that the run trained on, or a pair's base
    std::shared_ptr<const ModelFiles> untouched; // W; null: not at hand
    AdapterSet taken; // out of the weights of trainedOn before it trained; empty: nothing
    AdapterSet start; // of the modules that have an adapter; empty: whole matrices trained
    bool isFourBit = false;
    std::vector<std::string> notes;

    const Adapter* startOf(const std::string& module) const; // null: none
};
UpdateSource sourceOf(const RunSummary& run, bool withBase, const JobContext& job);

// A state of a run, mapped: no factor is read before it is asked for.
class StateReader {
public:
    // Throws: Error{Io}; Error{Format}.
    StateReader(const RunSummary& run, const StoredState& state, const UpdateSource& source);

    // Throws: Error{Format} where the state is of another run; Cancelled.
    Change changeOf(const LinearModule& module, const UpdateSource& source,
                    const JobContext& job) const;

private:
    Adapter trainedOf(const Adapter& start) const;

    std::string m_place; // for messages
    std::unique_ptr<SafetensorsFile> m_tensors; // null: the run keeps its result alone
    std::map<std::string, Adapter>
        m_result; // a plain LoRA for the untouched weights, or the trained factors
    bool m_resultIsPlain = false;
    WeightProvider m_weights; // where whole matrices trained
};

// Spectra of a matrix at a state, before and after. Throws: as StateReader::changeOf().
SpectraBesides spectraBesides(const LinearModule& module, const UpdateSource& source,
                              const StateReader& reader, const JobContext& job);

} // namespace pissarro::core::inline compare
