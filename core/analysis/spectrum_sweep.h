// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/linalg/spectrum.h"
#include "core/model/model_files.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace pissarro::core::inline analysis {

struct ModuleSpectrum {
    std::string module; // "model.layers.14.self_attn.q_proj"
    Spectrum spectrum; // empty `values` when `problem` is set
    bool fromCache = false;
    std::string
        problem; // "holds 3 NaN": this matrix could not be decomposed, the others go on; empty: fine
};

// What to compute next while a sweep runs: the modules on screen go first.
// Threads: any.
class SweepPriority {
public:
    void wantFirst(std::vector<std::string> modules)
    {
        const std::lock_guard lock(m_mutex);
        m_first = std::move(modules);
    }
    std::vector<std::string> first() const
    {
        const std::lock_guard lock(m_mutex);
        return m_first;
    }

private:
    mutable std::mutex m_mutex;
    std::vector<std::string> m_first; // guarded by m_mutex
};

// Hands on what the cache under $XDG_CACHE_HOME/pissarro holds of these modules, in their order, and returns the others.
// Threads: any; onResult is called on the calling one.
std::vector<LinearModule> cachedSpectra(const ModelFiles& files, std::vector<LinearModule> modules,
                                        const std::function<void(ModuleSpectrum)>& onResult);

// Exact singular values of many matrices, one after the other, through that cache.
// What is cached is reported first, at once; the rest is computed matrix by matrix, those of `priority` first.
//
// onResult is called once for each module in the order of completion, one call at a time, on the calling thread or on one
// of LibTorch's; `job` reports likewise.
// Throws: Cancelled within one matrix; Error{InvalidArgument} where the device is not there. A cache that cannot be read is rebuilt; one that cannot be written is left out.
void sweepSpectra(std::shared_ptr<const ModelFiles> files, std::vector<LinearModule> modules,
                  const SpectrumOptions& options, const SweepPriority& priority,
                  const std::function<void(ModuleSpectrum)>& onResult, const JobContext& job);

// What the seconds of one spectrum are in proportion to: rows cols min(rows, cols).
double spectrumWork(const LinearModule& module);

} // namespace pissarro::core::inline analysis
