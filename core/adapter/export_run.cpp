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
#include "core/train/checkpoint_tensors.h"
#include "core/train/run_directory.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

namespace pissarro::core {

namespace {

constexpr double kLimit =
    2e-3; // float32 logits: (W - s B0 A0) + s B A against W + s [B | -B0] [A ; A0]

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

// The trained model as the trainer had it: residual and raw factors for PiSSA, base and factors for LoRA.
at::Tensor trainedLogits(Decoder& decoder, const RunSummary& run, const AdapterSet& initial,
                         const FlatBatch& probe)
{
    if (run.spec.method == Method::Pissa && run.spec.initAdapter.empty()) {
        for (const Adapter& adapter : initial) {
            at::Tensor weight = decoder.weightOf(adapter.module);
            weight.copy_(subtractAdapter(weight, adapter));
        }
    }
    decoder.attach(initial);
    AdamW masters(decoder.trainables(), 0.0);
    if (!readNewestCheckpoint(run.directory, masters)) {
        throw Error(ErrorKind::Format,
                    run.directory.string()
                        + ": has no checkpoint to compare the exported adapter with");
    }
    decoder.refresh();
    return decoder.scoredLogits(probe);
}

} // namespace

ExportReport exportLora(const std::filesystem::path& runDirectory,
                        const std::filesystem::path& directory, const JobContext& job)
{
    ExportReport report;
    guarded([&] {
        const c10::NoGradGuard noGrad;
        const RunSummary run = readRun(runDirectory);
        if (run.spec.method == Method::Full) {
            throw Error(
                ErrorKind::Format,
                runDirectory.string()
                    + ": is a full fine-tuning, which has no adapter; its weights are in model/");
        }
        useThreads(run.spec.threads);
        const auto trained = resolveModel(run.spec.model);
        const auto base = sourceModelOf(trained).value_or(trained);
        const auto trainedFiles = ModelFiles::open(trained);
        const auto baseFiles = ModelFiles::open(base);
        const FlatBatch probe = probeOf(baseFiles->config().vocabulary);
        const auto initialDirectory =
            runDirectory / (std::string(methodName(run.spec.method)) + "_init");
        const AdapterSet initial = readPeftAdapter(initialDirectory, *trainedFiles).adapters;
        const PeftAdapter plain = readPeftAdapter(runDirectory / "adapter", *baseFiles);
        at::Tensor wanted;
        {
            Decoder decoder(trainedFiles, at::kFloat, at::kCPU, job);
            wanted = trainedLogits(decoder, run, initial, probe);
        }
        Decoder untouched(baseFiles, at::kFloat, at::kCPU, job);
        untouched.attach(plain.adapters);
        report.maxLogitDifference =
            (untouched.scoredLogits(probe) - wanted).abs().max().item<double>();
        if (!(report.maxLogitDifference <= kLimit)) {
            throw Error(ErrorKind::Numeric,
                        runDirectory.string()
                            + ": the exported adapter is not the trained model: logits differ by "
                            + std::to_string(report.maxLogitDifference)
                            + " (expected at most 0.002)");
        }
        writeDirectoryAtomically(directory, [&](const std::filesystem::path& temporary) {
            for (const auto& entry :
                 std::filesystem::directory_iterator(runDirectory / "adapter")) {
                std::filesystem::copy_file(entry.path(), temporary / entry.path().filename());
            }
        });
        report.directory = directory;
        report.rank = plain.rank;
    });
    return report;
}

} // namespace pissarro::core
