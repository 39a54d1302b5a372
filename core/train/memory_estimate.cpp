// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/memory_estimate.h"

#include "core/dataset/batches.h"
#include "core/decoder/decoder_tensors.h"
#include "core/format/bnb_weight.h"
#include "core/kernels/table.h"
#include "core/model/module_selection.h"
#include "core/model/plan/layer_plan.h"
#include "core/session/open_model_tensors.h"
#include "core/train/training_data.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <numeric>
#include <set>
#include <string>

namespace pissarro::core::inline training {

namespace {

// Fitted to runs of SmolLM2 by pissarro-cli, see the README.
constexpr std::int64_t kProgramBytes = 140'000'000; // LibTorch and its threads
constexpr double kFragments = 1.12; // of the activations: freed pieces that the next does not fit
// Of the activations, once more, beside a twin that completes the other's weights: pieces of both shapes stay. Measured,
// SmolLM2, 8 rows, two threads: peaks of 1.11 to 1.33 GB where 1.12 were foretold without it, by how busy the other core is.
constexpr double kCompletedShare = 0.2;
constexpr std::int64_t kGeneratedBytes =
    30'000'000; // code of LibTorch's products for the first few lengths of a batch
constexpr std::int64_t kProbeLogits = 4; // held at once by step 0's comparison

RunSpec withDType(RunSpec spec)
{
    spec.dtype = resolvedDType(spec.dtype, spec.device);
    return spec;
}

std::int64_t bytesOf(BaseDType dtype)
{
    return dtype == BaseDType::BFloat16 ? 2 : 4;
}

std::int64_t statusBytes(const char* key) // a "kB" line of /proc/self/status
{
    std::ifstream status("/proc/self/status");
    std::string name;
    while (status >> name) {
        if (name == key) {
            std::int64_t kilobytes = 0;
            status >> kilobytes;
            return kilobytes * 1024;
        }
        status.ignore(1024, '\n');
    }
    return 0;
}

const AdapterKind& adapterKindOf(const RunSpec& spec)
{
    const AdapterKind* const kind = findAdapterKind(spec.adapterKind);
    return kind == nullptr ? kPlainLowRank : *kind; // a form asks while a person types
}

// Of each token, over the layers: those of a mixture and the dense ones beside them differ.
struct LayersMemory {
    std::int64_t saved = 0; // of all
    std::int64_t largest = 0; // of one
    std::int64_t temporary = 0; // of one
    std::int64_t widestInput = 0; // of its matrices
    std::int64_t widestStack = 0; // of what is multiplied at once
};
LayersMemory layersMemory(const ModelConfig& c)
{
    LayersMemory all;
    // Layers with the same parts differ in what they see, not in size.
    std::map<bool, BlockMemory> byForm;
    for (std::int64_t i = 0; i < c.layers; ++i) {
        auto found = byForm.find(c.hasExperts(i));
        if (found == byForm.end()) {
            const LayerPlan plan = layerPlan(c, i);
            found = byForm.emplace(c.hasExperts(i), DecoderLayer::memory(plan)).first;
            all.widestInput = std::max(all.widestInput, plan.attention.query.cols);
            all.widestStack = std::max(all.widestStack, plan.attention.query.cols);
            for (const FeedForwardPlan& feed : plan.feeds()) {
                all.widestInput = std::max(all.widestInput, feed.down.cols);
                all.widestStack = std::max(all.widestStack, 2 * feed.down.cols);
            }
        }
        all.saved += found->second.saved;
        all.largest = std::max(all.largest, found->second.saved);
        all.temporary = std::max(all.temporary, found->second.temporary);
    }
    return all;
}

// Of layers whose scores depend on distances: what q|k|v makes of the table, or matrices of its own, and scores with their
// gradients, some rows at a time (relative_attention.cpp).
std::int64_t relativeBytes(const ModelConfig& c, const RunSpec& spec)
{
    constexpr std::int64_t kScores = 1 << 22;
    constexpr std::int64_t kAtOnce =
        6; // scores, places of 8 bytes, softmax, its gradient, one more
    if (c.relative.span == 0) {
        return 0;
    }
    const std::int64_t longest = std::min<std::int64_t>(c.maxPositions, 512);
    const std::int64_t scores = std::min(kScores, c.heads * longest * longest);
    const std::int64_t table = 2 * c.relative.span * 3 * c.width;
    return kAtOnce * scores * 4
        + table * (spec.gradientCheckpointing ? 1 : c.layers) * bytesOf(spec.dtype);
}

// What the backward pass of one micro-batch holds: what each layer saves, and at the top of the stack one layer's temporaries
// and a slice of logits with its gradient.
std::int64_t activationBytes(const ModelConfig& c, const RunSpec& spec, std::int64_t tokens)
{
    const LayersMemory layers = layersMemory(c);
    const std::int64_t kept =
        spec.gradientCheckpointing ? layers.largest + c.width * c.layers : layers.saved;
    // What an adapter reads or passes back, with and without its mask, and the mask: of one matrix at a time.
    const std::int64_t dropped = spec.dropout > 0.0 ? 3 * layers.widestInput : 0;
    // What lengths of rows multiply, made again for their gradient, and the gradient that comes to it, in float32.
    const std::int64_t gained =
        adapterKindOf(spec).norm == nullptr ? 0 : 3 * tokens * layers.widestStack * 4;
    return static_cast<std::int64_t>(
        kFragments
        * static_cast<double>(bytesOf(spec.dtype)
                                  * (tokens * (kept + layers.temporary + dropped)
                                     + HeadBlock::memory(headPlan(c), tokens))
                              + gained + relativeBytes(c, spec)));
}

std::vector<Method> methodsOf(const RunSpec& spec, const std::vector<Method>& twins)
{
    std::vector<Method> methods {spec.method};
    methods.insert(methods.end(), twins.begin(), twins.end());
    return methods;
}

std::int64_t elementsOf(const std::vector<LinearModule>& modules)
{
    return std::accumulate(modules.begin(), modules.end(), std::int64_t {0},
                           [](std::int64_t sum, const LinearModule& module) {
                               return sum + module.rows * module.cols;
                           });
}

// None where they match nothing: a form asks for figures while a person types.
std::vector<LinearModule> targetsOf(const ModelFiles& files, const RunSpec& spec)
{
    return trySelectModules(files, spec.targets).modules;
}

// Of what trains whole beside an adapter, tensor by tensor.
std::vector<std::int64_t> savedSizes(const ModelFiles& files)
{
    std::vector<std::int64_t> sizes;
    for (const std::string& module : savedModulesOf(files)) {
        for (const char* const ending : {".weight", ".bias"}) {
            if (const TensorView* const weight = files.find(module + ending)) {
                sizes.push_back(weight->elements());
            }
        }
    }
    return sizes;
}

std::int64_t trainedParameters(const ModelFiles& files, const RunSpec& spec, Method method)
{
    const auto targets = targetsOf(files, spec);
    if (hasAdapter(method)) {
        const std::vector<std::int64_t> head = savedSizes(files);
        return adapterParameters(spec.adapterKind, targets, spec.rank, spec.patterns)
            + std::accumulate(head.begin(), head.end(), std::int64_t {0});
    }
    return spec.targets.empty() ? files.parameters() : elementsOf(targets);
}

// What the optimizer keeps, tensor by tensor: small ones may be kept in another form.
std::int64_t optimizerBytes(const ModelFiles& files, const RunSpec& spec, Method method)
{
    const OptimizerKind* const kind = findOptimizer(spec.optimizer);
    if (kind == nullptr) { // a form asks while a person types
        return 0;
    }
    std::int64_t bytes = 0;
    if (!hasAdapter(method) && spec.targets.empty()) {
        for (const TensorView& weight : files.weights()) {
            bytes += kind->stateBytes(weight.elements());
        }
        return bytes;
    }
    for (const std::int64_t size : savedSizes(files)) {
        bytes += kind->stateBytes(size);
    }
    for (const LinearModule& module : targetsOf(files, spec)) {
        if (hasAdapter(method)) {
            const std::int64_t rank = adapterRank(module, spec.rank, spec.patterns);
            for (const std::int64_t size : adapterSizes(adapterKindOf(spec), module, rank)) {
                bytes += kind->stateBytes(size);
            }
        } else {
            bytes += kind->stateBytes(module.rows * module.cols);
        }
    }
    return bytes;
}

// Four bits and a share of an absmax, itself in 32 bits or in 8 of which 256 share 32.
double quantizedBytes(const RunSpec& spec, std::int64_t elements)
{
    const double absmax =
        spec.quant.doubleQuant ? 1.0 + 4.0 / static_cast<double>(kNestedBlock) : 4.0;
    return static_cast<double>(elements)
        * (0.5 + absmax / static_cast<double>(spec.quant.blockSize));
}

// Whether a run of this method trains on other matrices than those of the model.
bool changesBase(const RunSpec& spec, Method method)
{
    return !hasAdapter(method) || reducesBase(spec, method);
}

// Of linear matrices that the files hold in four bits and the method leaves so: elements and bytes.
struct StoredFourBit {
    std::int64_t elements = 0;
    std::int64_t bytes = 0;
};
StoredFourBit storedFourBit(const ModelFiles& files, const RunSpec& spec, Method method)
{
    StoredFourBit stored;
    if (!files.isFourBit() || changesBase(spec, method)) {
        return stored;
    }
    for (const LinearModule& module : files.linearModules()) {
        if (const BnbWeight* weight = files.fourBitWeight(module.name + ".weight")) {
            stored.elements += module.rows * module.cols;
            stored.bytes += static_cast<std::int64_t>(weight->bytes());
        }
    }
    return stored;
}

// Of the model as one run alone holds it, in bytes.
std::int64_t heldBytes(const ModelFiles& files, const RunSpec& spec, Method method)
{
    if (isFourBit(method)) {
        const std::int64_t quantized = elementsOf(targetsOf(files, spec));
        return (files.parameters() - quantized) * bytesOf(spec.dtype)
            + static_cast<std::int64_t>(quantizedBytes(spec, quantized));
    }
    const StoredFourBit stored = storedFourBit(files, spec, method);
    return (files.parameters() - stored.elements) * bytesOf(spec.dtype) + stored.bytes;
}

// Whether a twin works on the first run's weights and a difference that it adds.
bool completesBase(const RunSpec& spec, Method first, Method method)
{
    return spec.shareBase && spec.initAdapter.empty()
        && std::set {first->base, method->base}
        == std::set {MethodBase::Residual, MethodBase::Untouched};
}

// Of a twin's weights, what it does not take from the first run.
std::int64_t ownBytes(const ModelFiles& files, const RunSpec& spec, Method first, Method method)
{
    const std::int64_t targets = elementsOf(targetsOf(files, spec));
    if (isFourBit(method)) { // and the pages of its own base folder, which stay mapped
        return static_cast<std::int64_t>(quantizedBytes(spec, targets))
            + heldBytes(files, spec, method);
    }
    if (!changesBase(spec, method) && !changesBase(spec, first) && !isFourBit(first)) {
        return 0;
    }
    if (completesBase(spec, first, method)) {
        // The other's weights and the difference as low-rank factors.
        return trainedParameters(files, spec, method) * (4 + bytesOf(spec.dtype));
    }
    const bool whole = (!hasAdapter(method) || !hasAdapter(first)) && spec.targets.empty();
    return (whole ? files.parameters() : targets) * bytesOf(spec.dtype);
}

// What a trained weight's master takes beside the weight: nothing in float32, 16 bits of the split
// one on the CPU, all of it on a GPU.
std::int64_t missingMasterBytes(const RunSpec& spec)
{
    if (spec.dtype != BaseDType::BFloat16) {
        return 0;
    }
    return spec.device.starts_with("cuda") ? 4 : 2;
}

// LibTorch's bfloat16 products copy the weight into an order that they like, the largest is the head, and make code for each
// shape (productRows()). Ours pack a panel at a time.
std::int64_t libTorchBytes(const ModelConfig& config, const RunSpec& spec)
{
    const bool here = spec.dtype == BaseDType::BFloat16 && !spec.device.starts_with("cuda");
    return here && !kernels::tableOf().largeProducts
        ? 2 * config.vocabulary * config.width + kGeneratedBytes
        : 0;
}

// Step 0 is compared before anything trains: the logits of its rows, float32, of the base, with the adapter and their
// difference, and beside a four-bit base the model that was quantized.
std::int64_t stepZeroBytes(const ModelFiles& files, const RunSpec& spec, std::int64_t tokens)
{
    const std::int64_t rows = std::min(kProbeRows, spec.batchSize);
    const std::int64_t logits =
        tokens * rows / std::max<std::int64_t>(1, spec.batchSize) * files.config().vocabulary * 4;
    return kProbeLogits * logits
        + (isFourBit(spec.method) ? files.parameters() * bytesOf(spec.dtype) : 0);
}

// float32, before the first layer's activations are free.
std::int64_t headGradientBytes(const ModelConfig& config, const RunSpec& spec)
{
    return spec.targets.empty() ? 4 * config.vocabulary * config.width : 0;
}

} // namespace

MemoryEstimate estimateMemory(const ModelFiles& files, const RunSpec& asked,
                              const std::vector<Method>& twins, std::int64_t tokens)
{
    const RunSpec spec = withDType(asked);
    MemoryEstimate estimate;
    const auto methods = methodsOf(spec, twins);
    for (const Method& method : methods) {
        // Twins use the first run's weights in place where neither changes them.
        estimate.weights += &method == &methods.front()
            ? heldBytes(files, spec, method)
            : ownBytes(files, spec, methods.front(), method);
        const std::int64_t trained = trainedParameters(files, spec, method);
        estimate.adapters += hasAdapter(method) ? trained * 4 * 3 // master, gradient, start
                                                : trained * missingMasterBytes(spec);
        estimate.optimizer += optimizerBytes(files, spec, method);
    }
    estimate.activations =
        activationBytes(files.config(), spec, tokens) // one run at a time computes
        + libTorchBytes(files.config(), spec);
    if (std::any_of(methods.begin(), methods.end(),
                    [&](Method method) { return completesBase(spec, methods.front(), method); })) {
        estimate.activations +=
            static_cast<std::int64_t>(kCompletedShare * static_cast<double>(estimate.activations));
    }
    const auto full = std::find_if_not(methods.begin(), methods.end(), hasAdapter);
    if (full != methods.end()) {
        const std::int64_t gradients = 4 * trainedParameters(files, spec, *full);
        // They take the place of the activations, but for those of a tied head, which come first;
        // they stay where a step has more micro-batches, or twins work before the optimizer does.
        const bool pass = methods.size() == 1 && spec.gradAccum == 1;
        const std::int64_t first = headGradientBytes(files.config(), spec);
        estimate.adapters += pass ? std::max(first, gradients - estimate.activations) : gradients;
    }
    if (std::any_of(methods.begin(), methods.end(), hasAdapter)) {
        const std::int64_t before =
            stepZeroBytes(files, spec, tokens); // before the moments are there
        estimate.activations = std::max(estimate.activations, before - estimate.optimizer);
    }
    estimate.fixed = kProgramBytes;
    return estimate;
}

FourBitBytes fourBitBytes(const ModelFiles& files, const RunSpec& spec)
{
    const std::int64_t elements = elementsOf(targetsOf(files, spec));
    return {2 * elements, static_cast<std::int64_t>(quantizedBytes(spec, elements))};
}

std::int64_t largestMicroBatch(const DatasetSummary* summary, const RunSpec& spec)
{
    if (summary == nullptr || summary->lengths.empty() || spec.batchSize < 1) {
        return spec.batchSize * spec.maxLength;
    }
    const auto rows = static_cast<std::int64_t>(summary->lengths.size());
    const std::int64_t perEpoch = (rows + spec.batchSize - 1) / spec.batchSize;
    return largestBatch(summary->lengths, spec.batchSize, spec.seed,
                        totalSteps(spec, perEpoch) * spec.gradAccum);
}

DiskEstimate estimateDisk(const ModelFiles& files, const RunSpec& asked,
                          const std::vector<Method>& twins, std::int64_t steps)
{
    const RunSpec spec = withDType(asked);
    DiskEstimate estimate;
    const std::int64_t regular =
        spec.checkpointEvery > 0 ? std::max<std::int64_t>(0, steps - 1) / spec.checkpointEvery : 0;
    // How many the clock adds is not known beforehand: as many as are kept.
    const std::int64_t between = spec.checkpointMinutes > 0.0 ? steps - 1 : regular;
    const std::int64_t kept =
        std::min(spec.keepCheckpoints, std::max<std::int64_t>(0, between)) + 1;
    for (const Method method : methodsOf(spec, twins)) {
        const std::int64_t trained = trainedParameters(files, spec, method);
        estimate.checkpoints += kept * (trained * 4 + optimizerBytes(files, spec, method));
        const std::int64_t outcome = !hasAdapter(method) ? files.parameters() * bytesOf(spec.dtype)
            : isResidual(method)                         ? trained * 8 // as LoRA of twice the rank
                                                         : trained * 4;
        estimate.outcome += outcome + (hasAdapter(method) ? trained * 4 : 0)
            + (spec.evalRatio > 0.0 || spec.bestBy == BestBy::Score ? trained * 4
                                                                    : 0); // best/, raw
        if (isFourBit(method)) {
            // The base that the adapter belongs to; what is not quantized is stored as the model stores it.
            estimate.outcome += heldBytes(files, spec, method);
        }
    }
    return estimate;
}

std::int64_t freeDiskBytes(const std::filesystem::path& folder)
{
    std::error_code failed;
    std::filesystem::path at = std::filesystem::absolute(folder, failed);
    while (!failed && !std::filesystem::exists(at, failed) && at.has_relative_path()) {
        at = at.parent_path();
    }
    const auto space = std::filesystem::space(at, failed);
    return failed ? -1 : static_cast<std::int64_t>(space.available);
}

std::int64_t processMemoryBytes()
{
    return statusBytes("VmRSS:");
}

std::int64_t peakMemoryBytes()
{
    return statusBytes("VmHWM:");
}

void resetPeakMemory()
{
    std::ofstream("/proc/self/clear_refs")
        << 5; // the high-water mark; where it is refused, the old one stays
}

} // namespace pissarro::core::inline training
