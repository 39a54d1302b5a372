// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/init/init_quantized.h"

#include "core/adapter/make_adapter_tensors.h"
#include "core/adapter/method_start_tensors.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/atomic_file.h"
#include "core/file/log.h"
#include "core/model/base_files.h"
#include "core/model/plan/layer_plan.h"
#include "core/model/provenance.h"
#include "core/quant/bnb_layout_tensors.h"
#include "core/tensor/dtypes_tensors.h"
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
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

namespace pissarro::core::inline init {

namespace {

struct Started {
    QuantizedMatrix base;
    Adapter adapter;
};

Started startOf(const ModelFiles& files, const LinearModule& module,
                const QuantInitOptions& options, const JobContext& job)
{
    const AdapterOptions& how = options.adapters;
    const auto [rank, alpha] = rankAndAlphaOf(module.name, how.rank, how.alpha, how.patterns);
    const double scale = adapterScale(alpha, rank, how.rslora);
    StartInput input;
    input.module = module;
    input.weight = [&] { return loadWeight(files, module.name + ".weight", at::kFloat, job); };
    input.rank = rank;
    input.scale = scale;
    input.how = how;
    input.iters = options.iters;
    input.each = [&job](int, const MethodStart&) { job.throwIfCancelled(); };
    input.quant = options.quant;
    MethodStart made = how.method->start(input, job);
    return {std::move(made.base), {module.name, made.a_RI, made.b_OR, scale}};
}

// The folder's weights in file order, those of `modules` quantized. Several of these are made at a
// time, so that each is ready when its turn comes.
class QuantizedWeights {
public:
    QuantizedWeights(const ModelFiles& files, const std::vector<LinearModule>& modules,
                     const QuantInitOptions& options, std::string dtype, const JobContext& job)
        : m_files(files)
        , m_modules(modules)
        , m_options(options)
        , m_dtype(std::move(dtype))
        , m_type(storableType(m_dtype))
        , m_job(job)
    {
        for (std::size_t i = 0; i < modules.size(); ++i) {
            m_places.emplace(fmt::format("{}.weight", modules[i].name), i);
        }
        for (const TensorView& view : files.weights()) {
            const std::size_t module = moduleOf(view.name);
            if (module == modules.size()) {
                m_groups.push_back({{view.name, fileDType(typeOf(view.name)), view.shape}});
                continue;
            }
            const LinearModule& shape = modules[module];
            m_groups.push_back(bnbTensors(view.name,
                                          unfilledMatrix(shape.rows, shape.cols, options.quant),
                                          m_dtype)
                                   .specs);
        }
    }

    void write(const std::filesystem::path& directory)
    {
        // The progress is that of the decompositions.
        writeShards(
            directory, m_groups, [this](std::size_t group) { return tensorsOf(group); },
            JobContext(m_job.stopToken()));
    }

    AdapterSet takeAdapters() { return std::move(m_adapters); }
    double seconds() const { return m_seconds; } // of the decompositions

private:
    std::size_t moduleOf(const std::string& weight) const
    {
        const auto found = m_places.find(weight);
        return found == m_places.end() ? m_modules.size() : found->second;
    }
    at::ScalarType typeOf(const std::string& weight) const
    {
        return m_files.isPrecise(weight) ? at::kFloat : m_type;
    }

    std::vector<at::Tensor> tensorsOf(std::size_t group)
    {
        const std::string& name = m_groups[group].front().name;
        const std::size_t module = moduleOf(name);
        if (module == m_modules.size()) {
            return {loadWeight(m_files, name, typeOf(name), m_job).contiguous()};
        }
        if (!m_ready.contains(module)) {
            makeReady(module);
        }
        const auto found = m_ready.extract(module);
        m_adapters.push_back(std::move(found.mapped().adapter));
        return bnbTensors(name, found.mapped().base, m_dtype).tensors;
    }

    // As many from `first` on as keep every thread busy: what is ready waits in four bits, 64 MB of it, and each thread holds
    // one matrix in float32 while the system reads the next.
    void makeReady(std::size_t first)
    {
        const auto start = Clock::now();
        constexpr std::int64_t kElements = 128 << 20;
        const auto threads = static_cast<std::size_t>(at::get_num_threads());
        std::size_t last = first;
        for (std::int64_t elements = 0;
             last < m_modules.size() && (elements < kElements || last - first < threads); ++last) {
            elements += m_modules[last].rows * m_modules[last].cols;
        }
        const PieceReport report {m_job, PISSARRO_SAID("pissarro::core", "Quantizing"), m_made,
                                  static_cast<std::int64_t>(m_modules.size())};
        const auto startOne = [&](std::int64_t i) {
            const std::size_t module = first + static_cast<std::size_t>(i);
            if (const std::size_t next = module + threads; next < m_modules.size()) {
                m_files.prefetch(m_modules[next].name + ".weight");
            }
            try {
                return startOf(m_files, m_modules[module], m_options, m_job);
            } catch (const Error& error) {
                throw error.within(m_modules[module].name);
            }
        };
        forEachInParallel(static_cast<std::int64_t>(last - first), report, startOne,
                          [&](std::int64_t i, Started made) {
                              m_ready.emplace(first + static_cast<std::size_t>(i), std::move(made));
                              ++m_made;
                          });
        m_seconds += secondsSince(start);
    }

    const ModelFiles& m_files;
    const std::vector<LinearModule>& m_modules;
    const QuantInitOptions& m_options;
    std::string m_dtype;
    at::ScalarType m_type;
    const JobContext& m_job;
    std::map<std::string, std::size_t> m_places; // of m_modules, by weight
    std::vector<WeightGroup> m_groups;
    std::map<std::size_t, Started> m_ready; // by module
    std::int64_t m_made = 0; // modules, in m_ready or taken out of it
    AdapterSet m_adapters;
    double m_seconds = 0.0;
};

// As transformers' BitsAndBytesConfig writes itself. Modules that are not quantized are named, for
// transformers would look for four bits in every other linear matrix.
void describeQuantization(nlohmann::json& config, const ModelFiles& files,
                          const std::vector<LinearModule>& modules, const QuantInitOptions& options,
                          const std::string& dtype)
{
    const HeadPlan head = headPlan(files.config());
    nlohmann::json skipped {head.logits.name};
    if (head.dense.exists()) {
        skipped.push_back(head.dense.name);
    }
    std::set<std::string_view> taken;
    for (const LinearModule& module : modules) {
        taken.insert(module.name);
    }
    for (const LinearModule& module : files.linearModules()) {
        if (!taken.contains(module.name)) {
            skipped.push_back(module.name);
        }
    }
    for (std::int64_t layer = 0; layer < files.config().layers; ++layer) {
        const MixturePlan mixture = layerPlan(files.config(), layer).mixture;
        for (const std::string& matrix : {mixture.router, mixture.sharedGate}) {
            if (!matrix.empty()) {
                skipped.push_back(matrix);
            }
        }
    }
    config["quantization_config"] = {{"quant_method", "bitsandbytes"},
                                     {"load_in_4bit", true},
                                     {"load_in_8bit", false},
                                     {"_load_in_4bit", true},
                                     {"_load_in_8bit", false},
                                     {"bnb_4bit_compute_dtype", dtype},
                                     {"bnb_4bit_quant_storage", "uint8"},
                                     {"bnb_4bit_quant_type", quantTypeName(options.quant.type)},
                                     {"bnb_4bit_use_double_quant", options.quant.doubleQuant},
                                     {"llm_int8_enable_fp32_cpu_offload", false},
                                     {"llm_int8_has_fp16_weight", false},
                                     {"llm_int8_skip_modules", skipped},
                                     {"llm_int8_threshold", 6.0}};
}

InitReport writeStart(const ModelFiles& files, const QuantInitOptions& options,
                      const std::filesystem::path& directory, const JobContext& job)
{
    const c10::NoGradGuard noGrad;
    const AdapterOptions& how = options.adapters;
    const std::string method(methodName(how.method));
    if (!isFourBit(how.method)) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("{} has no four-bit base (expected {})", method,
                                namesWhere(isFourBit, "or")));
    }
    if (files.config().storedTransposed) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("matrices of a {} model lie in its files as [in, out], which "
                                "bitsandbytes has no four bits of; choose a method without them",
                                files.config().architecture));
    }
    parseDevice(how.device); // before any work
    const ThreadBudget budget(how.threads);
    keepFreedMemory();
    const OutputRule rule = how.output.with({files.path()});
    checkOutputFolder(directory, rule); // before any work
    const auto start = Clock::now();
    const auto modules = selectModules(files, how.targets);
    checkRanks(modules, how.rank, how.patterns);
    const std::string dtype = files.isGguf() ? "bfloat16" : storedDType(files);
    const auto target = std::filesystem::absolute(directory);
    InitReport report;
    const auto fill = [&](const std::filesystem::path& temporary) {
        QuantizedWeights weights(files, modules, options, dtype, job);
        weights.write(temporary);
        writeModelText(files, temporary, dtype, [&](nlohmann::json& config) {
            describeQuantization(config, files, modules, options, dtype);
        });
        writeProvenance(temporary, files.path(), method);
        const AdapterSet adapters = weights.takeAdapters();
        for (const Adapter& adapter : adapters) {
            report.trainableParameters += adapter.a_RI.numel() + adapter.b_OR.numel();
        }
        writePeftAdapter(temporary / factorsFolder(method, FactorsAre::Init), adapters,
                         {target.string(), how.rank, how.alpha, how.rslora, &files});
        report.decompositionSeconds = weights.seconds();
        job.throwIfCancelled();
    };
    writeOutputFolder(target, fill, rule);
    report.baseDirectory = target;
    report.adapterDirectory = target / factorsFolder(method, FactorsAre::Init);
    report.modules = static_cast<std::int64_t>(modules.size());
    report.seconds = secondsSince(start);
    return report;
}

} // namespace

InitReport initQuantized(const ModelFiles& files, const QuantInitOptions& options,
                         const std::filesystem::path& directory, const JobContext& job)
{
    InitReport report;
    logged(fmt::format("{} start of {}", methodTitle(options.adapters.method),
                       shownPath(files.path())),
           [&] { report = writeStart(files, options, directory, job); });
    return report;
}

} // namespace pissarro::core::inline init
