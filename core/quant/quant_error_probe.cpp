// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/quant_error_probe.h"

#include "core/base/error.h"
#include "core/base/torch/runtime.h"
#include "core/base/torch/weights.h"
#include "core/quant/quant_error_by_rank_tensors.h"

#include <map>

namespace pissarro::core {

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
    std::vector<double> shares(questions.size());
    for (const Question& one : questions) { // places first: the threads below fill them
        kept[one.module.name] = std::move(d->kept[one.module.name]);
    }
    d->kept = std::move(kept);
    guarded([&] {
        keepFreedMemory();
        forEachInParallel(static_cast<std::int64_t>(questions.size()), [&](std::int64_t i) {
            const auto [module, rank] = questions[static_cast<std::size_t>(i)];
            try {
                auto& errors = d->kept.at(module.name);
                if (!errors) {
                    job.throwIfCancelled();
                    errors = std::make_unique<QuantErrorByRank>(
                        loadWeight(*d->files, module.name + ".weight", at::kFloat), d->method,
                        d->iters, job);
                }
                shares[static_cast<std::size_t>(i)] = errors->shareAt(rank, job);
            } catch (const Error& error) {
                throw error.within(module.name);
            }
        });
    });
    return shares;
}

} // namespace pissarro::core
