// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/export_run.h"

#include "core/adapter/adapter_tensors.h"
#include "core/adapter/make_adapter_tensors.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/atomic_file.h"
#include "core/file/intact.h"
#include "core/file/mapped_file.h"
#include "core/file/output_marker.h"
#include "core/model/provenance.h"
#include "core/run/run_inputs.h"
#include "core/run/step_zero_kind.h"
#include "core/session/open_model_tensors.h"
#include "core/tensor/guarded.h"
#include "core/tensor/threads.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"
#include "core/weights/model_writer.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace pissarro::core::inline exports {

namespace {

namespace fs = std::filesystem;

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

// A link may lead anywhere, and what is exported is published. Those of a Hugging Face cache lead to its own blobs.
void requireOwn(const fs::directory_entry& entry)
{
    std::error_code failed;
    if (!entry.is_symlink()) {
        return;
    }
    const fs::path target = fs::canonical(entry.path(), failed);
    const fs::path folder = fs::canonical(entry.path().parent_path(), failed);
    if (failed || target.parent_path() == folder
        || target.parent_path() == folder.parent_path().parent_path() / "blobs") {
        return; // one that leads nowhere is no file, and not copied
    }
    throw Error(ErrorKind::InvalidArgument,
                shownPath(entry.path())
                    + ": is a link that leads out of its folder; what it leads to is not exported: "
                      "remove it and export again");
}

void copyFiles(const fs::path& from, const fs::path& to, const JobContext& job)
{
    constexpr std::size_t kPieceBytes = 8U << 20U;
    for (const auto& entry : fs::directory_iterator(from)) {
        requireOwn(entry);
        if (entry.is_regular_file() && entry.path().filename() != kFolderMarker) {
            const auto file = MappedFile::open(entry.path());
            AtomicFile copy(to
                            / entry.path().filename()); // its errors name the file and the reason
            const auto bytes = file->bytes();
            for (std::size_t at = 0; at < bytes.size(); at += kPieceBytes) {
                job.throwIfCancelled();
                copy.write(bytes.data() + at, std::min(kPieceBytes, bytes.size() - at));
            }
            requireIntact(bytes.data());
            copy.commit();
        }
    }
}

// A run read back: its models, its factors at step 0 and now.
class RunExport {
public:
    RunExport(const fs::path& runDirectory, const StateChoice& choice, const JobContext& job)
        : m_run(readRun(runDirectory))
        , m_state(full() ? stateOf(m_run, choice) : findState(m_run, choice))
        , m_held(holdsState(m_run, m_state))
        , m_job(job)
        , m_trainedFiles(trainedFilesOf(m_run))
        , m_baseFiles(ModelFiles::open(untouchedModelOf(m_run, m_trainedFiles->path())))
        , m_probe(probeOf(m_baseFiles->config().vocabulary))
        , m_threads(m_run.spec.threads)
    {
        if (!isFourBit(m_run.spec.method)) { // whose base is the run's own
            requireSameModel(m_run, *m_trainedFiles, job);
        }
        for (const fs::path& own : {baseOf(m_run), m_run.directory / "model"}) {
            if (fs::exists(own / "config.json")) {
                requireSameTokenizer(m_run, own);
            }
        }
    }

    const RunSummary& run() const { return m_run; }
    bool full() const { return !hasAdapter(m_run.spec.method); }

    void readAdapters();
    OutputRule ruleFor(const ExportOptions& options) const;
    ExportReport write(const ExportOptions& options, const fs::path& directory);

private:
    bool isRounded() const { return m_run.spec.dtype == BaseDType::BFloat16; }
    void checkPlainLora();
    void writeModel(const ModelFiles& files, const WeightProvider& weights, const fs::path& folder,
                    const ExportOptions& options, ExportReport& report);
    void writePairBase(const fs::path& folder, const ExportOptions& options, ExportReport& report);
    void writePair(const fs::path& folder, const fs::path& target, const ExportOptions& options,
                   ExportReport& report);
    void writeMerged(const fs::path& folder, const ExportOptions& options, ExportReport& report);
    at::Tensor logitsOf(const std::shared_ptr<const ModelFiles>& files, const AdapterSet& adapters,
                        at::ScalarType type = at::kFloat) const;
    enum class On { Untouched, Trained }; // which base a form stands on
    void compare(const std::shared_ptr<const ModelFiles>& files, const AdapterSet& adapters,
                 On base, ExportReport& report) const;
    void requireHeldModel(const ModelFiles& held) const;
    void require(bool good, const ExportReport& report, const char* expected) const;

    RunSummary m_run;
    StoredState m_state;
    bool m_held; // RUNDIR/adapter, or RUNDIR/model, is that state
    const JobContext& m_job;
    std::shared_ptr<const ModelFiles> m_trainedFiles; // what the run was given
    std::shared_ptr<const ModelFiles> m_baseFiles; // the untouched model
    FlatBatch m_probe;
    ThreadBudget m_threads;
    AdapterSet m_taken; // out of the untouched weights
    AdapterSet m_trained; // as the checkpoint has them
    PlainLora m_plain; // RUNDIR/adapter of that state
    at::Tensor m_wanted; // logits of the trained model in float32
    // The same where the base is a residual that was stored rounded: on the untouched weights less what was taken, which is
    // what a plain LoRA can give. Undefined: that is m_wanted.
    at::Tensor m_unrounded;
    at::Tensor m_own; // in the type that it was trained in; undefined: float32
};

void RunExport::readAdapters()
{
    if (isRounded()) {
        m_own =
            openTrained(m_run, m_state, at::kBFloat16, m_job).decoder->scoredLogits(m_probe, m_job);
    }
    const TrainedModel model = openTrained(m_run, m_state, at::kFloat, m_job);
    m_wanted = model.decoder->scoredLogits(m_probe, m_job);
    m_taken = model.taken;
    m_trained = model.trained;
    m_plain = plainLoraOf(m_run, *m_trainedFiles, m_trained, m_taken);
    if (m_held) {
        m_plain.adapters = readPeftAdapter(m_run.directory / "adapter", *m_baseFiles).adapters;
    }
    if (!m_taken.empty() && !reducesBase(m_run.spec)) {
        m_unrounded = openAdapted(m_baseFiles, {m_taken, m_trained}, at::kFloat, at::kCPU, m_job)
                          ->scoredLogits(m_probe, m_job);
    }
}

void RunExport::checkPlainLora()
{
    const at::Tensor& wanted = m_unrounded.defined() ? m_unrounded : m_wanted;
    const double difference =
        (logitsOf(m_baseFiles, m_plain.adapters) - wanted).abs().max().item<double>();
    if (!(difference <= kStepZeroFloat32Limit)) {
        throw Error(ErrorKind::Numeric,
                    fmt::format("{}: the adapter is not the trained model: logits differ by {} "
                                "(expected at most 0.002); was the base model changed since?",
                                m_run.directory.string(), numberText(difference)));
    }
}

at::Tensor RunExport::logitsOf(const std::shared_ptr<const ModelFiles>& files,
                               const AdapterSet& adapters, at::ScalarType type) const
{
    return openAdapted(files, {{}, adapters}, type, at::kCPU, m_job)->scoredLogits(m_probe, m_job);
}

void RunExport::require(bool good, const ExportReport& report, const char* expected) const
{
    if (!good) {
        throw Error(
            ErrorKind::Numeric,
            fmt::format("{}: what was written is not the trained model: logits differ by {} "
                        "at most and {} on average (expected {}",
                        m_run.directory.string(), numberText(report.maxLogitDifference),
                        numberText(report.meanLogitDifference), expected));
    }
}

// In float32, which finds a wrong formula, and then in the type of the run, with the numbers that its trainer had.
void RunExport::compare(const std::shared_ptr<const ModelFiles>& files, const AdapterSet& adapters,
                        On base, ExportReport& report) const
{
    const auto measure = [&](const at::Tensor& logits, const at::Tensor& wanted) {
        const at::Tensor difference = (logits.to(at::kFloat) - wanted.to(at::kFloat)).abs();
        report.maxLogitDifference = difference.max().item<double>();
        report.meanLogitDifference = difference.mean().item<double>();
    };
    const bool exact = report.dtype.empty() || report.dtype == "float32";
    const bool unrounded = base == On::Untouched && m_unrounded.defined();
    measure(logitsOf(files, adapters), unrounded ? m_unrounded : m_wanted);
    require(exact ? report.maxLogitDifference <= kStepZeroFloat32Limit
                  : report.meanLogitDifference <= kStepZeroMeanLimit,
            report, exact ? "at most 0.002)" : "0.5 on average); choose --dtype float32");
    if (m_own.defined()) {
        measure(logitsOf(files, adapters, at::kBFloat16), m_own);
        require(report.meanLogitDifference <= kStepZeroMeanLimit, report,
                "0.5 on average in bfloat16, in which it was trained)");
    } else if (unrounded) {
        measure(logitsOf(files, adapters), m_wanted);
        require(report.meanLogitDifference <= kStepZeroMeanLimit, report,
                "0.5 on average, on a residual base that was rounded)");
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

// The base that was trained on, and what leads back from it to the untouched model.
void RunExport::writePairBase(const fs::path& folder, const ExportOptions& options,
                              ExportReport& report)
{
    const bool reduces = reducesBase(m_run.spec);
    const std::string method(methodName(m_run.spec.method));
    const auto made = factorsMadeWith(m_trainedFiles->path());
    if (m_trainedFiles->isFourBit() && options.dtype.empty()
        && !reduces) { // as it is, in four bits
        copyFiles(m_trainedFiles->path(), folder, m_job);
        if (made) {
            fs::create_directories(folder / made->filename());
            copyFiles(*made, folder / made->filename(), m_job);
        }
        return;
    }
    writeModel(*m_trainedFiles,
               reduces ? weightsPlus(*m_trainedFiles, m_taken, -1.0) : WeightProvider(), folder,
               options, report);
    if (!m_taken.empty()) {
        writeProvenance(folder, m_baseFiles->path(), method);
        writePeftAdapter(folder / (method + "_init"), m_taken,
                         {m_baseFiles->path().string(), m_run.spec.rank, m_run.spec.alpha,
                          m_run.spec.rslora, m_trainedFiles.get()});
    }
}

void RunExport::writePair(const fs::path& folder, const fs::path& target,
                          const ExportOptions& options, ExportReport& report)
{
    writePairBase(folder, options, report);
    const RunSpec& spec = m_run.spec;
    const std::string name = std::string(methodName(spec.method)) + "_ft";
    writePeftAdapter(
        folder / name, m_trained,
        {target.string(), spec.rank, spec.alpha, spec.rslora, m_trainedFiles.get(), spec.dropout});
    compare(ModelFiles::open(folder), readPeftAdapter(folder / name, *m_trainedFiles).adapters,
            On::Trained, report);
    report.adapterDirectory = target / name;
    report.rank = spec.rank;
}

// A copy of RUN/model would always equal it: it is the state on disk that tells of a damaged one.
void RunExport::requireHeldModel(const ModelFiles& held) const
{
    if (m_state.directory.empty()) {
        return;
    }
    const auto weight = differingWeight(*m_trainedFiles, held,
                                        trainedWeights(m_run, m_state, m_trainedFiles), m_job);
    if (weight) {
        throw Error(
            ErrorKind::Format,
            fmt::format("{}: {} is not what the run learned ({} has other numbers); the "
                        "folder was changed or damaged: remove it, and the export takes the "
                        "state",
                        shownPath(held.path()), *weight, shownPath(m_state.directory)));
    }
}

void RunExport::writeMerged(const fs::path& folder, const ExportOptions& options,
                            ExportReport& report)
{
    if (full() && m_held) {
        const auto trained = ModelFiles::open(m_run.directory / "model");
        report.comparedWithState = !m_state.directory.empty();
        requireHeldModel(*trained);
        m_wanted = logitsOf(trained, {});
        writeModel(*trained, {}, folder, options, report);
    } else if (full()) {
        const WeightProvider weights = trainedWeights(m_run, m_state, m_trainedFiles);
        m_wanted = openWith(m_trainedFiles, weights, at::kFloat, at::kCPU, m_job)
                       ->scoredLogits(m_probe, m_job);
        ExportOptions own = options;
        own.dtype = own.dtype.empty() ? std::string(dtypeTitle(m_run.spec.dtype)) : own.dtype;
        writeModel(*m_trainedFiles, weights, folder, own, report);
    } else {
        checkPlainLora();
        writeModel(*m_baseFiles, weightsPlus(*m_baseFiles, m_plain.adapters, 1.0), folder, options,
                   report);
    }
    compare(ModelFiles::open(folder), {}, On::Untouched, report);
}

ExportReport RunExport::write(const ExportOptions& options, const fs::path& directory)
{
    ExportReport report;
    report.directory = directory;
    report.state = m_state;
    const auto target = fs::absolute(directory);
    const auto fill = [&](const fs::path& folder) {
        switch (options.form) {
        case ExportForm::Lora:
            m_held ? copyFiles(m_run.directory / "adapter", folder, m_job)
                   : writePeftAdapter(folder, m_plain.adapters, m_plain.description);
            compare(m_baseFiles, readPeftAdapter(folder, *m_baseFiles).adapters, On::Untouched,
                    report);
            report.adapterDirectory = directory;
            report.rank = m_plain.description.rank;
            return;
        case ExportForm::Pair:
            writePair(folder, target, options, report);
            return;
        case ExportForm::Merged:
            writeMerged(folder, options, report);
            return;
        }
    };
    writeOutputFolder(directory, fill, ruleFor(options));
    return report;
}

OutputRule RunExport::ruleFor(const ExportOptions& options) const
{
    const RunSpec& spec = m_run.spec;
    return options.output.with({m_run.directory, m_trainedFiles->path(), m_baseFiles->path(),
                                spec.data, spec.batches, spec.initAdapter});
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
                fmt::format("unknown export form {} (expected lora, pair, merged)", text));
}

std::vector<StoredState> exportableStates(const fs::path& runDirectory)
{
    const RunSummary run = readRun(runDirectory);
    std::vector<StoredState> states = storedStates(run);
    if (states.empty()) { // of full fine-tuning RUN/model may be all there is
        states.push_back(hasAdapter(run.spec.method) ? findState(run, {}) : stateOf(run, {}));
    }
    std::stable_partition(states.begin(), states.end(),
                          [](const StoredState& state) { return state.isBest; });
    return states;
}

ExportReport exportRun(const fs::path& runDirectory, const ExportOptions& options,
                       const fs::path& directory, const JobContext& job)
{
    ExportReport report;
    guarded("export of " + shownPath(runDirectory), [&] {
        const c10::NoGradGuard noGrad;
        RunExport run(runDirectory, options.checkpoint, job);
        checkOutputFolder(directory, run.ruleFor(options)); // before any work
        if (!run.full()) {
            run.readAdapters();
        } else if (options.form != ExportForm::Merged) {
            throw Error(
                ErrorKind::Format,
                fmt::format("{}: is a full fine-tuning, which has no adapter (expected --as "
                            "merged)",
                            runDirectory.string()));
        }
        report = run.write(options, directory);
    });
    return report;
}

} // namespace pissarro::core::inline exports
