// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/spectrum_sweep.h"

#include <vector>

namespace pissarro::core::inline analysis {

// Spectra of what matrices that make several things at once hold for each: queries, keys and values, gate and up. Named
// "model.layers.0.self_attn.qkv_proj (q)". Matrices of `modules` that make one thing have none.
// Cost: that of their parts, which are not cached. Throws: as computeSpectrum(); Cancelled.
std::vector<ModuleSpectrum> partSpectra(const ModelFiles& files,
                                        const std::vector<LinearModule>& modules,
                                        const SpectrumOptions& options, const JobContext& job);

} // namespace pissarro::core::inline analysis
