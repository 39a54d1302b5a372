// SPDX-License-Identifier: GPL-3.0-or-later
// The tiny LLaMA that PEFT trained beside: its folder, its first batch, what it says, and a short run on its batches.
#pragma once

#include "core/decoder/decoder_tensors.h"
#include "core/session/session.h"
#include "core/train/trainer.h"
#include "tests/tools/golden.h"

#include <ATen/ATen.h>

#include <filesystem>

namespace pissarro::tests {

inline std::filesystem::path tiny()
{
    return golden() / "tiny" / "llama";
}

inline std::filesystem::path tinyBatches()
{
    return golden() / "peft-llama" / "batches.safetensors";
}

inline at::Tensor ids()
{
    return Golden(tinyBatches())["input_ids"][0].to(at::kLong);
}

inline at::Tensor mask()
{
    return Golden(tinyBatches())["attention_mask"][0].to(at::kLong);
}

// Of that batch, by a model or a folder of PEFT on it.
inline at::Tensor logitsOf(const std::filesystem::path& model,
                           const std::filesystem::path& adapter = {})
{
    return core::session::open({model.string(), adapter}, core::session::Tokens::NotNeeded,
                               core::JobContext())
        .decoder->logits(ids(), mask());
}

inline core::RunSpec tinySpec(core::Method method)
{
    core::RunSpec spec;
    spec.model = tiny().string();
    spec.batches = tinyBatches().string();
    spec.method = method;
    spec.rank = 4;
    spec.alpha = 4;
    spec.iters = 1;
    spec.learningRate = 2e-3;
    spec.schedule = core::Schedule::Constant;
    spec.warmupRatio = 0.0;
    spec.steps = 4;
    spec.dtype = core::BaseDType::Float32;
    return spec;
}

inline core::RunSummary trainQuietly(const core::RunSpec& spec,
                                     const std::filesystem::path& directory)
{
    core::TrainObserver silent;
    return core::train({spec, {}, directory, false, nullptr}, silent, core::JobContext()).front();
}

} // namespace pissarro::tests
