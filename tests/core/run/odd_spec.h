// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_spec.h"

namespace pissarro::tests {

// Every setting away from its default that a training on the tiny model's ready batches lets be so; what needs rows of text
// or an adapter is left as it is.
inline core::RunSpec oddSpec()
{
    core::RunSpec spec;
    spec.promptTemplate = core::PromptTemplate::Plain;
    spec.columns = "instruction=question,output=answer";
    spec.learned = core::LearnedTurns::Last;
    spec.strict = true;
    spec.method = core::methodNamed("lora");
    spec.rank = 2;
    spec.alpha = 3.25;
    spec.patterns.ranks = {{"q_proj", 1}};
    spec.patterns.alphas = {{"q_proj", 0.5}};
    spec.adapterKind = core::adapterKindNames().back().name;
    spec.rslora = true;
    spec.dropout = 0.05;
    spec.svd = {core::SvdKind::Fast, {4, 5}};
    spec.iters = 2;
    spec.quant = {core::QuantType::Fp4, 128, true};
    spec.targets = {"q_proj", "*.layers.0.self_attn.{k,v}_proj"};
    spec.learningRate = 1.7e-4;
    spec.schedule = core::Schedule::Linear;
    spec.warmupRatio = 0.1;
    spec.optimizer = core::allOptimizers().back()->name;
    spec.beta1 = 0.8;
    spec.beta2 = 0.95;
    spec.epsilon = 1e-6;
    spec.weightDecay = 0.01;
    spec.clip = 1.5;
    spec.batchSize = 3;
    spec.gradAccum = 2;
    spec.maxLength = 77;
    spec.steps = 2;
    spec.dtype = core::BaseDType::Float32;
    spec.seed = 18'446'744'073'709'551'615U;
    spec.threads = 1;
    spec.device = "cpu";
    spec.checkpointEvery = 9;
    spec.checkpointMinutes = 2.5;
    spec.keepCheckpoints = 5;
    spec.evalEvery = 4;
    spec.evalTaskRows = 7;
    spec.evalTaskEvery = 6;
    spec.shareBase = true;
    spec.gradientCheckpointing = true;
    return spec;
}

} // namespace pissarro::tests
