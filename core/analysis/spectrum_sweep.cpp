// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/spectrum_sweep.h"

#include "core/analysis/spectrum_cache.h"
#include "core/base/fmt.h"
#include "core/file/log.h"
#include "core/tensor/parallel_tasks.h"
#include "core/tensor/runtime.h"
#include "core/text/message_text.h"
#include "core/text/said.h"
#include "core/weights/weights.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <unordered_map>

namespace pissarro::core::inline analysis {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kSaveEvery = std::chrono::seconds(10);
constexpr std::int64_t kWorthAGpu = 1024; // smaller side; below it a core is as soon done

// The matrices still to do; whoever is free takes the next one that is wanted most.
class Pending {
public:
    Pending(std::vector<LinearModule> modules, const SweepPriority& priority)
        : m_modules(std::move(modules))
        , m_taken(m_modules.size(), false)
        , m_priority(priority)
    {
        for (std::size_t i = 0; i < m_modules.size(); ++i) {
            m_index.emplace(m_modules[i].name, i);
        }
    }

    const LinearModule& take() // Requires: called at most size() times
    {
        const std::lock_guard lock(m_mutex);
        for (const std::string& name : m_priority.first()) {
            const auto found = m_index.find(name);
            if (found != m_index.end() && !m_taken[found->second]) {
                return mark(found->second);
            }
        }
        while (m_taken[m_next]) {
            ++m_next;
        }
        return mark(m_next);
    }

    std::int64_t size() const { return static_cast<std::int64_t>(m_modules.size()); }

private:
    const LinearModule& mark(std::size_t index)
    {
        m_taken[index] = true;
        return m_modules[index];
    }

    std::mutex m_mutex; // guards what follows
    std::vector<LinearModule> m_modules;
    std::vector<bool> m_taken;
    std::unordered_map<std::string, std::size_t> m_index;
    const SweepPriority& m_priority;
    std::size_t m_next = 0;
};

// Where each matrix is decomposed. The GPU is looked for only when a matrix is worth it.
class Place {
public:
    explicit Place(const std::string& wanted)
        : m_wanted(wanted)
        , m_fixed(wanted == "auto" ? c10::Device(c10::kCPU) : parseDevice(wanted))
    {
    }

    c10::Device of(const LinearModule& module) const
    {
        return m_wanted == "auto" && module.smallerSide() >= kWorthAGpu ? parseDevice(m_wanted)
                                                                        : m_fixed;
    }

private:
    std::string m_wanted;
    c10::Device m_fixed;
};

// The same out of a cache that is open.
std::vector<LinearModule> takeCached(SpectrumCache& cache, std::vector<LinearModule> modules,
                                     const std::function<void(ModuleSpectrum)>& onResult)
{
    std::erase_if(modules, [&](const LinearModule& module) {
        auto known = cache.find(module);
        if (known) {
            onResult({module.name, std::move(*known), /*fromCache=*/true, {}});
        }
        return known.has_value();
    });
    return modules;
}

ModuleSpectrum computeOne(const ModelFiles& files, const LinearModule& module,
                          const SpectrumOptions& options, c10::Device device, const JobContext& job)
{
    ModuleSpectrum result;
    result.module = module.name;
    try {
        SpectrumOptions fitted = options;
        fitted.rank = std::min(options.rank, module.smallerSide());
        // NaN and Inf are told of one matrix; the others still have their values.
        const at::Tensor w_OI =
            loadWeight(files, module.name + ".weight", at::kFloat, NotFinite::Keep);
        result.spectrum = computeSpectrum(w_OI.to(device), fitted, job);
    } catch (const Error& e) {
        if (e.kind() != ErrorKind::Numeric) {
            throw e.within(module.name);
        }
        result.problem = e.what();
        result.spectrum = {};
        result.spectrum.rows = module.rows;
        result.spectrum.cols = module.cols;
    }
    return result;
}

} // namespace

std::vector<LinearModule> cachedSpectra(const ModelFiles& files, std::vector<LinearModule> modules,
                                        const std::function<void(ModuleSpectrum)>& onResult)
{
    SpectrumCache cache(files);
    return takeCached(cache, std::move(modules), onResult);
}

void sweepSpectra(std::shared_ptr<const ModelFiles> files, std::vector<LinearModule> modules,
                  const SpectrumOptions& options, const SweepPriority& priority,
                  const std::function<void(ModuleSpectrum)>& onResult, const JobContext& job)
{
    const std::size_t total = modules.size();
    const bool exact = options.rank == 0;
    const ThreadBudget threads;
    const Place place(options.device);
    keepFreedMemory();
    SpectrumCache cache(*files);
    if (exact) {
        modules = takeCached(cache, std::move(modules), onResult);
    }
    const std::size_t cached = total - modules.size();
    Pending pending(std::move(modules), priority);
    Clock::time_point lastSave = Clock::now();
    const auto computeNext = [&](std::int64_t) {
        const LinearModule& module = pending.take();
        return std::pair(&module, computeOne(*files, module, options, place.of(module), job));
    };
    const auto keep = [&](std::int64_t, std::pair<const LinearModule*, ModuleSpectrum> done) {
        if (exact && done.second.problem.empty()) {
            cache.add(*done.first, done.second.spectrum);
        }
        onResult(std::move(done.second));
        if (Clock::now() - lastSave > kSaveEvery) {
            cache.save();
            lastSave = Clock::now();
        }
    };
    if (pending.size() == 0) {
        return;
    }
    const PieceReport report {job, PISSARRO_SAID("pissarro::core", "Singular values"),
                              static_cast<std::int64_t>(cached), static_cast<std::int64_t>(total)};
    try {
        logged(
            fmt::format("spectra of {} matrices of {}", pending.size(), shownPath(files->path())),
            [&] { forEachInParallel(pending.size(), report, computeNext, keep); });
    } catch (...) {
        cache.save();
        throw;
    }
    cache.save();
}

double spectrumWork(const LinearModule& module)
{
    return static_cast<double>(module.rows) * static_cast<double>(module.cols)
        * static_cast<double>(module.smallerSide());
}

} // namespace pissarro::core::inline analysis
