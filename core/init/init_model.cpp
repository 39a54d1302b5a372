// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/init/init_model.h"

#include "core/adapter/make_adapter_tensors.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/atomic_file.h"
#include "core/file/log.h"
#include "core/model/base_files.h"
#include "core/model/provenance.h"
#include "core/tensor/parallel_tasks.h"
#include "core/tensor/runtime.h"
#include "core/text/message_text.h"
#include "core/text/said.h"
#include "core/weights/model_writer.h"
#include "core/weights/weights.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <map>

namespace pissarro::core::inline init {

namespace {

// How many residuals from adapter `first` on are made at a time: 64 MB of them, so that threads do not wait for one
// another, but at least one for each thread.
std::int64_t residualsAtOnce(const AdapterSet& adapters, std::int64_t first)
{
    constexpr std::int64_t kBytes = 64 << 20;
    const auto count = static_cast<std::int64_t>(adapters.size());
    std::int64_t bytes = 0;
    std::int64_t last = first;
    while (last < count && (bytes < kBytes || last - first < at::get_num_threads())) {
        const Adapter& adapter = adapters[static_cast<std::size_t>(last++)];
        bytes += 4 * adapter.b_OR.size(0) * adapter.a_RI.size(1);
    }
    return last - first;
}

// The residual weights, several at a time: asked for in the order of the adapters, which is that of the file, each is ready
// when its turn comes. Adds the time that it takes to `seconds`.
WeightProvider residualsAhead(const ModelFiles& files, const AdapterSet& adapters, double& seconds)
{
    std::map<std::string, std::ptrdiff_t> places; // of adapters, by weight
    for (const Adapter& one : adapters) {
        places.emplace(fmt::format("{}.weight", one.module),
                       static_cast<std::ptrdiff_t>(places.size()));
    }
    return [&, byWeight = std::move(places),
            plus = weightsPlus(files, adapters, -1.0, NotFinite::Keep),
            ready = std::map<std::string, at::Tensor>()](const std::string& name) mutable {
        const auto start = Clock::now();
        const auto known = byWeight.find(name);
        const auto place =
            known == byWeight.end() ? adapters.end() : adapters.begin() + known->second;
        if (place != adapters.end() && !ready.contains(name)) {
            ready.clear();
            std::vector<at::Tensor> made(static_cast<std::size_t>(
                residualsAtOnce(adapters, static_cast<std::int64_t>(place - adapters.begin()))));
            forEachInParallel(static_cast<std::int64_t>(made.size()), [&](std::int64_t i) {
                made[static_cast<std::size_t>(i)] = plus(place[i].module + ".weight");
            });
            for (std::size_t i = 0; i < made.size(); ++i) {
                ready.emplace((place + static_cast<std::ptrdiff_t>(i))->module + ".weight",
                              made[i]);
            }
        }
        const auto found = ready.extract(name);
        seconds += secondsSince(start);
        return found.empty() ? at::Tensor() : found.mapped();
    };
}

InitReport writeStart(const ModelFiles& files, const AdapterOptions& options,
                      const std::filesystem::path& directory, const JobContext& job)
{
    const c10::NoGradGuard noGrad;
    const bool reduces = isResidual(options.method);
    if (!reduces && !isUntouched(options.method)) {
        throw Error(
            ErrorKind::InvalidArgument,
            fmt::format(
                "{} does not begin on the model as it is (expected {})", methodName(options.method),
                namesWhere([](Method one) { return isResidual(one) || isUntouched(one); }, "or")));
    }
    const ThreadBudget threads(options.threads);
    parseDevice(options.device); // before any work
    keepFreedMemory();
    const OutputRule rule = options.output.with({files.path()});
    checkOutputFolder(directory, rule); // before any work
    const auto start = Clock::now();
    const auto modules = selectModules(files, options.targets);
    checkRanks(modules, options.rank, options.patterns);
    // Without the residuals: those are made again as each weight is written.
    const AdapterSet adapters =
        makeFactors(files, modules, options, {job, PISSARRO_SAID("pissarro::core", "Decomposing")});

    InitReport report;
    report.decompositionSeconds = secondsSince(start);
    const bool writesBase = reduces || options.copyBase;
    const auto target = std::filesystem::absolute(directory);
    const std::string adapterName = factorsFolder(methodName(options.method), FactorsAre::Init);
    for (const Adapter& adapter : adapters) {
        report.trainableParameters += adapter.a_RI.numel() + adapter.b_OR.numel();
    }
    double residualSeconds = 0.0;
    const WeightProvider weights =
        reduces ? residualsAhead(files, adapters, residualSeconds) : WeightProvider();
    const auto fill = [&](const std::filesystem::path& temporary) {
        if (writesBase) {
            fillModelFolder(files, temporary, storedDType(files), weights, job);
        }
        if (reduces) {
            writeProvenance(temporary, files.path(), std::string(methodName(options.method)));
        }
        writePeftAdapter(temporary / adapterName, adapters,
                         {writesBase ? target.string() : files.path().string(), options.rank,
                          options.alpha, options.rslora, &files});
        job.throwIfCancelled();
    };
    writeOutputFolder(target, fill, rule);
    report.decompositionSeconds += residualSeconds;
    report.baseDirectory = writesBase ? target : std::filesystem::path();
    report.adapterDirectory = target / adapterName;
    report.modules = static_cast<std::int64_t>(modules.size());
    report.seconds = secondsSince(start);
    return report;
}

} // namespace

InitReport initModel(const ModelFiles& files, const AdapterOptions& options,
                     const std::filesystem::path& directory, const JobContext& job)
{
    InitReport report;
    logged(fmt::format("{} start of {}", methodTitle(options.method), shownPath(files.path())),
           [&] { report = writeStart(files, options, directory, job); });
    return report;
}

} // namespace pissarro::core::inline init
