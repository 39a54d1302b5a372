// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/memory_estimate.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <unistd.h>

namespace pissarro::core {

namespace {

constexpr std::int64_t kProgramBytes = 420'000'000; // LibTorch, Qt, the thread pools: measured idle
constexpr std::int64_t kLogitRows = 256; // as the decoder slices its logits

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

std::vector<LinearModule> targetsOf(const ModelFiles& files, const RunSpec& spec)
{
    return selectModules(files, spec.targets);
}

// What the backward pass of one micro-batch holds: per layer its input, rotated q k v, the attention output, the
// middle and gate|up; at the top of the stack one layer's temporaries and a slice of logits with its gradient.
std::int64_t activationBytes(const ModelConfig& c, const RunSpec& spec, std::int64_t longest)
{
    const std::int64_t tokens = spec.batchSize * std::min(longest, spec.maxLength);
    const std::int64_t attention = c.heads * c.headDim;
    const std::int64_t qkv = attention + 2 * c.kvHeads * c.headDim;
    const std::int64_t layer = 2 * c.width + qkv + attention + 2 * c.ffn;
    const std::int64_t temporaries = 5 * c.ffn + 4 * c.width + 2 * qkv;
    const std::int64_t logits = 2 * kLogitRows * c.vocabulary;
    const std::int64_t kept =
        spec.gradientCheckpointing ? layer + c.width * c.layers : layer * c.layers;
    return bytesOf(spec.dtype) * (tokens * (kept + temporaries) + logits);
}

} // namespace

MemoryEstimate estimateMemory(const ModelFiles& files, const RunSpec& spec,
                              const std::vector<Method>& twins, std::int64_t longest)
{
    MemoryEstimate estimate;
    std::vector<Method> methods {spec.method};
    methods.insert(methods.end(), twins.begin(), twins.end());
    const std::int64_t parameters = files.parameters();
    const auto targets = targetsOf(files, spec);
    for (const Method method : methods) {
        estimate.weights += parameters * bytesOf(spec.dtype);
        std::int64_t trained = adapterParameters(targets, spec.rank, spec.patterns);
        if (method == Method::Full) {
            trained = parameters;
            if (!spec.targets.empty()) {
                trained = 0;
                for (const LinearModule& module : targets) {
                    trained += module.rows * module.cols;
                }
            }
        }
        const bool ownMaster = method != Method::Full || spec.dtype == BaseDType::BFloat16;
        // float32 master and gradient; adapters also keep their start for the conversion.
        estimate.adapters += trained * 4 * ((ownMaster ? 2 : 1) + (method != Method::Full ? 1 : 0));
        estimate.optimizer += trained * 8;
    }
    estimate.activations =
        activationBytes(files.config(), spec, longest); // one run at a time computes
    estimate.fixed = kProgramBytes;
    return estimate;
}

std::int64_t machineMemoryBytes()
{
    return static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
}

std::int64_t processMemoryBytes()
{
    return statusBytes("VmRSS:");
}

std::int64_t peakMemoryBytes()
{
    return statusBytes("VmHWM:");
}

} // namespace pissarro::core
