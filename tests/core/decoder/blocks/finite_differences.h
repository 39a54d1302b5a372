// SPDX-License-Identifier: GPL-3.0-or-later
// Gradients against central finite differences in float64 (step 1e-5, so the truncation error is about 1e-10), and blocks
// of a tiny model to try them on. A class that uses these has initTestCase_data() { eachBackend(); }.
#pragma once

#include "core/decoder/blocks/weight_loader_tensors.h"
#include "tests/core/decoder/ops/backends.h"
#include "tests/tools/golden.h"

#include <ATen/ATen.h>

#include <functional>
#include <type_traits>

namespace pissarro::tests {

inline constexpr double kStep = 1e-5;
inline constexpr double kLimit = 1e-7; // of one operator
inline constexpr double kBlockLimit = 1e-6; // of several, one after the other

// Where this backend computes.
inline at::Tensor normal(at::IntArrayRef shape)
{
    return at::randn(shape, at::kDouble).to(thisBackend().device);
}

// Worst difference between `gradient` and central differences of f at 12 spread elements of x, relative to the largest,
// or to `least` where the gradient is nothing (of a bias of keys, which softmax does not see).
inline double worst(at::Tensor x, const at::Tensor& gradient, const std::function<double()>& f,
                    double least = 1e-12)
{
    at::Tensor flat = x.view(-1);
    const at::Tensor wanted = gradient.reshape(-1);
    const double scale = std::max(least, wanted.abs().max().item<double>());
    double largest = 0.0;
    const std::int64_t stride = std::max<std::int64_t>(1, flat.numel() / 12);
    for (std::int64_t i = 0; i < flat.numel(); i += stride) {
        const double before = flat[i].item<double>();
        flat[i] = before + kStep;
        const double up = f();
        flat[i] = before - kStep;
        const double down = f();
        flat[i] = before;
        largest = std::max(largest,
                           std::abs((up - down) / (2 * kStep) - wanted[i].item<double>()) / scale);
    }
    return largest;
}

// Numbers of tokens, where this backend computes.
inline at::Tensor whole(const std::vector<std::int64_t>& values)
{
    return at::tensor(values, at::kLong).to(thisBackend().device);
}

// A tiny model's weights in float64, for this backend.
struct TinyWeights {
    explicit TinyWeights(const char* name)
        : files(core::ModelFiles::open(golden() / "tiny" / name))
    {
    }
    const core::ModelConfig& config() const { return files->config(); }

    std::shared_ptr<const core::ModelFiles> files;
    core::JobContext job;
    core::WeightPlan plan = thisBackend().plan();
    core::WeightLoader loader {
        files, at::TensorOptions().dtype(at::kDouble).device(thisBackend().device), job, plan};
};

// Makes everything of a block train: its weights, and factors on each of its matrices.
template <class Block>
std::vector<core::Trainable*> trainWhole(Block& block)
{
    std::vector<core::Trainable*> all;
    block.visit([&](auto& parameter) {
        if constexpr (std::is_same_v<std::decay_t<decltype(parameter)>, core::Projection>) {
            for (std::size_t i = 0; i < parameter.parts().size(); ++i) {
                const core::Projection::Part part = parameter.parts()[i];
                const std::int64_t in = parameter.weightOf(i).size(1);
                parameter.attach(
                    i, {part.module, normal({3, in}) * 0.3, normal({part.rows, 3}) * 0.3, 0.5});
            }
        }
        parameter.trainWeights([](const std::string& /*module*/) { return true; });
        parameter.refresh();
        parameter.collect(all);
    });
    return all;
}

// What trains, against f, which is the block's forward pass; `want` of them.
template <class Block>
void checkTrained(Block& block, const std::vector<core::Trainable*>& trained, std::size_t want,
                  const std::function<double()>& f)
{
    QCOMPARE(trained.size(), want);
    const auto refreshed = [&] {
        block.visit([](auto& parameter) { parameter.refresh(); });
        return f();
    };
    for (const core::Trainable* one : trained) {
        QVERIFY2(one->gradient.defined(), one->name.c_str());
        const double off = worst(one->value, one->gradient, refreshed);
        QVERIFY2(off < kBlockLimit, (one->name + ": " + std::to_string(off)).c_str());
    }
}

} // namespace pissarro::tests
