// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_spec.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline compare {

// The experiments of the PiSSA paper (arXiv:2404.02948v4) as recipes that can be run again, with the figures that it printed.
// paper.cpp holds them, and nothing else names one.

// A figure that the paper prints.
struct PaperFigure {
    std::string row; // "PiSSA", "LoftQ, r = 128, T = 5"
    std::string column; // "GSM8K", "Q"
    double value = std::numeric_limits<double>::quiet_NaN();
    double deviation = std::numeric_limits<double>::quiet_NaN(); // over three runs; NaN: not told
    std::string method = {}; // whose it is, as methodName() has it; empty: none that is here
    std::int64_t rank = 0; // 0: that of the recipe
    std::int64_t iters = 0; // T; 0: it has none
};

// A setting that is tried with several values, as a sweep has it: the key of run.json, the values as JSON.
struct PaperAxis {
    std::string key;
    std::string valuesJson; // "[1, 2, 4]"
};

struct PaperExperiment {
    std::string key; // "table2-llama2-7b": files and the command line
    std::string title; // "Table 2, LLaMA-2-7B"
    std::string about; // what is asked, and where the recipe is from: one or two sentences
    std::string model; // as its authors name it
    std::string data; // "MetaMathQA, the first 100,000"
    std::vector<std::string> tasks; // what it is scored by
    RunSpec spec; // of the first run; model and data are still to be named
    std::vector<PaperAxis> axes; // empty: nothing is trained, see `commands`
    // What is run besides, or instead: command lines with MODEL and DATA to be put in.
    std::vector<std::string> commands;
    std::string unit; // of the figures: "%", "reduction, %"
    std::vector<PaperFigure> figures;
    std::vector<std::string> notes; // what differs between versions, or is only drawn there
};

const std::vector<PaperExperiment>& paperExperiments();
// Throws: Error{InvalidArgument} with the keys known.
const PaperExperiment& paperExperiment(std::string_view key);

// The recipe with a model and data of one's own, as RUN.json (indented) and as SWEEP.json of DESIGN §7.
std::string paperSpecJson(const PaperExperiment& experiment, const std::string& model,
                          const std::string& data);
std::string paperSweepJson(const PaperExperiment& experiment, const std::string& model,
                           const std::string& data);

} // namespace pissarro::core::inline compare
