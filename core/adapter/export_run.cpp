// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/export_run.h"

#include "core/adapter/adapter_tensors.h"
#include "core/adapter/make_adapter_tensors.h"
#include "core/adapter/provenance.h"
#include "core/base/error.h"
#include "core/base/torch/runtime.h"
#include "core/base/torch/weights.h"
#include "core/io/atomic_file.h"
#include "core/model/decoder_tensors.h"
#include "core/model/model_writer.h"
#include "core/train/checkpoint_tensors.h"
#include "core/train/run_directory.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cstdio>
#include <utility>

namespace pissarro::core {

namespace {

namespace fs = std::filesystem;

constexpr double kFloat32Limit = 2e-3; // max |difference of logits|, the gate of step 0
constexpr double kRoundedLimit = 0.5; // mean |difference of logits| of weights rounded to 16 bits

// A handful of tokens spread over the vocabulary: any input serves to compare two forms of one model.
FlatBatch probeOf(std::int64_t vocabulary)
{
    constexpr std::int64_t kTokens = 32;
    std::vector<std::int64_t> ids;
    for (std::int64_t i = 0; i < kTokens; ++i) {
        ids.push_back((i * 7919 + 11) % vocabulary);
    }
    return flatten({1, kTokens, ids, ids, std::vector<std::int64_t>(kTokens, 1)}, at::kCPU);
}

void copyFiles(const fs::path& from, const fs::path& to)
{
    for (const auto& entry : fs::directory_iterator(from)) {
        if (entry.is_regular_file()) {
            fs::copy_file(entry.path(), to / entry.path().filename(),
                          fs::copy_options::overwrite_existing);
        }
    }
}

// A run read back: its models, its factors at step 0 and now.
class RunExport {
public:
    RunExport(const fs::path& runDirectory, const JobContext& job)
        : m_run(readRun(runDirectory))
        , m_job(job)
        , m_trainedFiles(
              ModelFiles::open(isFourBit(m_run.spec.method) ? baseOf(m_run) : modelPathOf(m_run)))
        , m_baseFiles(ModelFiles::open(untouchedModelOf(m_run.spec, *m_trainedFiles)))
        , m_probe(probeOf(m_baseFiles->config().vocabulary))
    {
        useThreads(m_run.spec.threads);
        if (!isFourBit(m_run.spec.method)) { // whose base is the run's own
            requireSameModel(m_run, *m_trainedFiles, job);
        }
    }

    const RunSummary& run() const { return m_run; }
    bool full() const { return !hasAdapter(m_run.spec.method); }

    void readAdapters();
    ExportReport write(const ExportOptions& options, const fs::path& directory);

private:
    bool reduces() const // the trainer made the residual itself, in memory
    {
        return m_run.spec.method == Method::Pissa && m_run.spec.initAdapter.empty();
    }
    void checkPlainLora();
    void writeModel(const ModelFiles& files, const WeightProvider& weights, const fs::path& folder,
                    const ExportOptions& options, ExportReport& report);
    void writePair(const fs::path& folder, const fs::path& target, const ExportOptions& options,
                   ExportReport& report);
    void writeMerged(const fs::path& folder, const ExportOptions& options, ExportReport& report);
    at::Tensor logitsOf(std::shared_ptr<const ModelFiles> files, const AdapterSet& adapters) const;
    void compare(const at::Tensor& logits, ExportReport& report) const;

    RunSummary m_run;
    const JobContext& m_job;
    std::shared_ptr<const ModelFiles> m_trainedFiles; // what the run was given
    std::shared_ptr<const ModelFiles> m_baseFiles; // the untouched model
    FlatBatch m_probe;
    AdapterSet m_initial;
    AdapterSet m_trained; // as the checkpoint has them
    PeftAdapter m_plain; // RUNDIR/adapter
    at::Tensor m_wanted; // logits of the trained model
};

// The trained model as the trainer had it: residual and raw factors for PiSSA, base and factors for LoRA.
void RunExport::readAdapters()
{
    m_initial = readPeftAdapter(initialAdapterOf(m_run), *m_trainedFiles).adapters;
    m_plain = readPeftAdapter(m_run.directory / "adapter", *m_baseFiles);
    Decoder decoder(m_trainedFiles, at::kFloat, at::kCPU, m_job);
    if (reduces()) {
        for (const Adapter& adapter : m_initial) {
            at::Tensor weight = decoder.heldWeight(adapter.module);
            weight.copy_(subtractAdapter(weight, adapter));
        }
    }
    decoder.attach(m_initial);
    readTrained(findState(m_run).directory, decoder.trainables());
    decoder.refresh();
    m_wanted = decoder.scoredLogits(m_probe);
    m_trained = decoder.adapters();
}

void RunExport::checkPlainLora()
{
    const double difference =
        (logitsOf(m_baseFiles, m_plain.adapters) - m_wanted).abs().max().item<double>();
    if (!(difference <= kFloat32Limit)) {
        throw Error(ErrorKind::Numeric,
                    m_run.directory.string()
                        + ": the adapter is not the trained model: logits differ by "
                        + numberText(difference)
                        + " (expected at most 0.002); was the base model changed since?");
    }
}

at::Tensor RunExport::logitsOf(std::shared_ptr<const ModelFiles> files,
                               const AdapterSet& adapters) const
{
    Decoder decoder(std::move(files), at::kFloat, at::kCPU, m_job);
    if (!adapters.empty()) {
        decoder.attach(adapters);
    }
    return decoder.scoredLogits(m_probe);
}

void RunExport::compare(const at::Tensor& logits, ExportReport& report) const
{
    const at::Tensor difference = (logits - m_wanted).abs();
    report.maxLogitDifference = difference.max().item<double>();
    report.meanLogitDifference = difference.mean().item<double>();
    const bool exact = report.dtype.empty() || report.dtype == "float32";
    const bool good = exact ? report.maxLogitDifference <= kFloat32Limit
                            : report.meanLogitDifference <= kRoundedLimit;
    if (!good) {
        throw Error(ErrorKind::Numeric,
                    m_run.directory.string()
                        + ": what was written is not the trained model: logits differ by "
                        + numberText(report.maxLogitDifference) + " at most and "
                        + numberText(report.meanLogitDifference) + " on average (expected "
                        + (exact ? "at most 0.002)" : "0.5 on average); choose --dtype float32"));
    }
}

void RunExport::writeModel(const ModelFiles& files, const WeightProvider& weights,
                           const fs::path& folder, const ExportOptions& options,
                           ExportReport& report)
{
    report.dtype = options.dtype.empty() ? storedDType(files) : options.dtype;
    fillModelFolder(files, folder, report.dtype, weights, m_job, options.shardBytes);
    checkModelFolder(files, *ModelFiles::open(folder), weights, m_job);
}

void RunExport::writePair(const fs::path& folder, const fs::path& target,
                          const ExportOptions& options, ExportReport& report)
{
    if (m_trainedFiles->isFourBit() && options.dtype.empty()) { // as it is, in four bits
        copyFiles(m_trainedFiles->path(), folder);
    } else {
        const WeightProvider residual =
            reduces() ? weightsPlus(*m_trainedFiles, m_initial, -1.0) : WeightProvider();
        writeModel(*m_trainedFiles, residual, folder, options, report);
    }
    const RunSpec& spec = m_run.spec;
    const std::string method(methodName(spec.method));
    if (reduces() || m_baseFiles->path() != m_trainedFiles->path()) {
        writeProvenance(folder, m_baseFiles->path(), method);
    }
    const std::string name = method + "_ft";
    writePeftAdapter(folder / name, m_trained,
                     {target.string(), spec.rank, spec.alpha, spec.rslora});
    compare(logitsOf(ModelFiles::open(folder),
                     readPeftAdapter(folder / name, *m_trainedFiles).adapters),
            report);
    report.adapterDirectory = target / name;
    report.rank = spec.rank;
}

void RunExport::writeMerged(const fs::path& folder, const ExportOptions& options,
                            ExportReport& report)
{
    if (full()) {
        const auto trained = ModelFiles::open(m_run.directory / "model");
        m_wanted = logitsOf(trained, {});
        writeModel(*trained, {}, folder, options, report);
    } else {
        checkPlainLora();
        writeModel(*m_baseFiles, weightsPlus(*m_baseFiles, m_plain.adapters, 1.0), folder, options,
                   report);
    }
    compare(logitsOf(ModelFiles::open(folder), {}), report);
}

ExportReport RunExport::write(const ExportOptions& options, const fs::path& directory)
{
    ExportReport report;
    report.directory = directory;
    const auto target = fs::absolute(directory);
    writeDirectoryAtomically(directory, [&](const fs::path& folder) {
        switch (options.form) {
        case ExportForm::Lora:
            copyFiles(m_run.directory / "adapter", folder);
            compare(logitsOf(m_baseFiles, readPeftAdapter(folder, *m_baseFiles).adapters), report);
            report.adapterDirectory = directory;
            report.rank = m_plain.rank;
            return;
        case ExportForm::Pair:
            writePair(folder, target, options, report);
            return;
        case ExportForm::Merged:
            writeMerged(folder, options, report);
            return;
        }
    });
    return report;
}

} // namespace

std::string_view exportFormName(ExportForm form)
{
    switch (form) {
    case ExportForm::Lora:
        return "lora";
    case ExportForm::Pair:
        return "pair";
    case ExportForm::Merged:
        return "merged";
    }
    throw Error(ErrorKind::Internal, "an export form without a name");
}

ExportForm parseExportForm(std::string_view text)
{
    for (const ExportForm form : {ExportForm::Lora, ExportForm::Pair, ExportForm::Merged}) {
        if (exportFormName(form) == text) {
            return form;
        }
    }
    throw Error(ErrorKind::InvalidArgument,
                "unknown export form " + std::string(text) + " (expected lora, pair, merged)");
}

ExportReport exportRun(const fs::path& runDirectory, const ExportOptions& options,
                       const fs::path& directory, const JobContext& job)
{
    ExportReport report;
    guarded([&] {
        const c10::NoGradGuard noGrad;
        RunExport run(runDirectory, job);
        if (!run.full()) {
            run.readAdapters();
        } else if (options.form != ExportForm::Merged) {
            throw Error(ErrorKind::Format,
                        runDirectory.string()
                            + ": is a full fine-tuning, which has no adapter (expected --as "
                              "merged)");
        }
        report = run.write(options, directory);
    });
    return report;
}

} // namespace pissarro::core
