// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/quant_error_probe.h"

#include "core/analysis/quant_error_by_rank_tensors.h"
#include "core/base/error.h"
#include "core/tensor/guarded.h"
#include "core/tensor/parallel_tasks.h"
#include "core/tensor/runtime.h"
#include "core/weights/weights.h"

#include <map>
#include <utility>

namespace pissarro::core::inline analysis {

struct QuantErrorProbe::Private {
    std::shared_ptr<const ModelFiles> files;
    Method method;
    int iters;
    std::map<std::string, std::unique_ptr<QuantErrorByRank>> kept; // by module
};

QuantErrorProbe::QuantErrorProbe(std::shared_ptr<const ModelFiles> files, Method method, int iters)
    : d(new Private {std::move(files), method, iters, {}})
{
}

QuantErrorProbe::~QuantErrorProbe() = default;

std::vector<double> QuantErrorProbe::sharesAt(const std::vector<Question>& questions,
                                              const JobContext& job)
{
    std::map<std::string, std::unique_ptr<QuantErrorByRank>> kept;
    std::map<std::string, std::vector<std::size_t>> asked; // questions, by module
    std::vector<double> shares(questions.size());
    for (std::size_t i = 0; i < questions.size(); ++i) {
        const std::string& module = questions[i].module.name;
        asked[module].push_back(i);
        kept.try_emplace(module, std::move(d->kept[module]));
    }
    d->kept = std::move(kept);
    const std::vector<std::pair<std::string, std::vector<std::size_t>>> modules(asked.begin(),
                                                                                asked.end());
    guarded([&] {
        keepFreedMemory();
        const ThreadBudget threads;
        // A thread takes a module, not a question: what is kept of a module has one user at a time.
        forEachInParallel(static_cast<std::int64_t>(modules.size()), [&](std::int64_t i) {
            const auto& [module, places] = modules[static_cast<std::size_t>(i)];
            auto& errors = d->kept.at(module);
            try {
                for (const std::size_t place : places) {
                    job.throwIfCancelled();
                    if (!errors) {
                        errors = std::make_unique<QuantErrorByRank>(
                            loadWeight(*d->files, module + ".weight", at::kFloat, job), d->method,
                            d->iters, job);
                    }
                    shares[place] = errors->shareAt(questions[place].rank, job);
                }
            } catch (const Error& error) {
                throw error.within(module);
            }
        });
    });
    return shares;
}

} // namespace pissarro::core::inline analysis
