// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/export/run_export_p.h"
#include "core/file/atomic_file.h"
#include "core/file/intact.h"
#include "core/file/mapped_file.h"
#include "core/file/output_marker.h"
#include "core/model/base_files.h"
#include "core/run/run_inputs.h"
#include "core/run/run_resume.h"
#include "core/run/step_zero_kind.h"
#include "core/text/number_text.h"
#include "core/weights/model_writer.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace pissarro::core::inline exports {

namespace {

namespace fs = std::filesystem;

// A handful of tokens spread over the vocabulary: any input serves to compare two forms of one model.
FlatBatch probeOf(const ModelConfig& config)
{
    constexpr std::int64_t kTokens = 32;
    std::vector<std::int64_t> ids;
    for (std::int64_t i = 0; i < kTokens; ++i) {
        ids.push_back((i * 7919 + 11) % config.vocabulary);
    }
    Batch batch {1, kTokens, ids, ids, std::vector<std::int64_t>(kTokens, 1)};
    if (config.head.kind == HeadKind::Sequence) {
        batch.labels.assign(batch.labels.size(), kIgnoreLabel);
        batch.targets = {0.0};
    }
    return flatten(batch, at::kCPU);
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

} // namespace

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

RunExport::RunExport(const fs::path& runDirectory, const StateChoice& choice, const JobContext& job)
    : m_run(readRun(runDirectory))
    , m_state(full() ? stateOf(m_run, choice) : findState(m_run, choice))
    , m_held(holdsState(m_run, m_state))
    , m_job(job)
    , m_trainedFiles(trainedFilesOf(m_run))
    , m_baseFiles(ModelFiles::open(untouchedModelOf(m_run, m_trainedFiles->path()),
                                   Opening::Checked, newHeadOf(m_run.spec)))
    , m_probe(probeOf(m_baseFiles->config()))
    , m_threads(m_run.spec.threads)
{
    requireTrainedWith(m_run, m_state);
    if (!isFourBit(m_run.spec.method)) { // whose base is the run's own
        requireSameModel(m_run, *m_trainedFiles, job);
    }
    for (const fs::path& own : {baseOf(m_run), m_run.directory / "model"}) {
        if (holdsModel(own)) {
            requireSameTokenizer(m_run, own);
        }
    }
}

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
    m_plain.description.saved = model.saved;
    if (m_held) {
        PeftAdapter held = readPeftAdapter(m_run.directory / "adapter", *m_baseFiles);
        m_plain.adapters = std::move(held.adapters);
        m_plain.description.saved = std::move(held.saved);
    }
    if (!m_taken.empty() && !reducesBase(m_run.spec)) {
        m_unrounded =
            openAdapted(m_baseFiles, {m_taken, m_trained, model.saved}, at::kFloat, at::kCPU, m_job)
                ->scoredLogits(m_probe, m_job);
    }
}

void RunExport::checkPlainLora() const
{
    const at::Tensor& wanted = m_unrounded.defined() ? m_unrounded : m_wanted;
    const double difference =
        (logitsOf(m_baseFiles, {{}, m_plain.adapters, m_plain.description.saved}) - wanted)
            .abs()
            .max()
            .item<double>();
    if (!(difference <= kStepZeroFloat32Limit)) {
        throw Error(ErrorKind::Numeric,
                    fmt::format("{}: the adapter is not the trained model: logits differ by {} "
                                "(expected at most 0.002); was the base model changed since?",
                                m_run.directory.string(), numberText(difference)));
    }
}

at::Tensor RunExport::logitsOf(const std::shared_ptr<const ModelFiles>& files,
                               const RunFactors& factors, at::ScalarType type) const
{
    return openAdapted(files, factors, type, at::kCPU, m_job)->scoredLogits(m_probe, m_job);
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
void RunExport::compare(const std::shared_ptr<const ModelFiles>& files, const RunFactors& factors,
                        On base, ExportReport& report) const
{
    const auto measure = [&](const at::Tensor& logits, const at::Tensor& wanted) {
        const at::Tensor difference = (logits.to(at::kFloat) - wanted.to(at::kFloat)).abs();
        report.maxLogitDifference = difference.max().item<double>();
        report.meanLogitDifference = difference.mean().item<double>();
    };
    const bool exact = report.dtype.empty() || report.dtype == "float32";
    const bool unrounded = base == On::Untouched && m_unrounded.defined();
    measure(logitsOf(files, factors), unrounded ? m_unrounded : m_wanted);
    require(exact ? report.maxLogitDifference <= kStepZeroFloat32Limit
                  : report.meanLogitDifference <= kStepZeroMeanLimit,
            report, exact ? "at most 0.002)" : "0.5 on average); choose --dtype float32");
    if (m_own.defined()) {
        measure(logitsOf(files, factors, at::kBFloat16), m_own);
        require(report.meanLogitDifference <= kStepZeroMeanLimit, report,
                "0.5 on average in bfloat16, in which it was trained)");
    } else if (unrounded) {
        measure(logitsOf(files, factors), m_wanted);
        require(report.meanLogitDifference <= kStepZeroMeanLimit, report,
                "0.5 on average, on a residual base that was rounded)");
    }
}

void RunExport::expectModel(const std::shared_ptr<const ModelFiles>& files)
{
    m_wanted = logitsOf(files, {});
}

void RunExport::expectWeights(const WeightProvider& weights)
{
    m_wanted = openWith(m_trainedFiles, weights, at::kFloat, at::kCPU, m_job)
                   ->scoredLogits(m_probe, m_job);
}

void RunExport::writeModel(const ModelFiles& files, const WeightProvider& weights,
                           const fs::path& folder, const ExportOptions& options,
                           ExportReport& report) const
{
    report.dtype = options.dtype.empty() ? storedDType(files) : options.dtype;
    fillModelFolder(files, folder, report.dtype, weights, m_job, options.shardBytes);
    checkModelFolder(files, *ModelFiles::open(folder), weights, m_job);
}

OutputRule RunExport::ruleFor(const ExportOptions& options) const
{
    const RunSpec& spec = m_run.spec;
    return options.output.with({m_run.directory, m_trainedFiles->path(), m_baseFiles->path(),
                                spec.data, spec.batches, spec.initAdapter});
}

} // namespace pissarro::core::inline exports
