// SPDX-License-Identifier: GPL-3.0-or-later
// For tests/parity/history_parity.py: what core makes of a run's files, and a run's files as core writes them.
//
//   history_series PATH          the metrics and figures of readHistory(PATH), as Python's json reads them
//   history_series --write DIR   TensorBoard files of a run of 20 steps that went on from its step 12
#include "core/base/error.h"
#include "core/history/history.h"
#include "core/run/run_log.h"

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>

using namespace pissarro::core;

namespace {

std::string numberOf(double value)
{
    if (std::isnan(value)) {
        return "NaN";
    }
    if (std::isinf(value)) {
        return value > 0.0 ? "Infinity" : "-Infinity";
    }
    char text[32];
    std::snprintf(text, sizeof text, "%.17g", value);
    return text;
}

void print(const History& history)
{
    std::printf("{\"title\": \"%s\", \"step\": %lld, \"steps\": %lld, \"metrics\": {",
                history.title.c_str(), static_cast<long long>(history.step),
                static_cast<long long>(history.steps));
    const char* between = "";
    for (const auto& [name, series] : history.metrics) {
        std::printf("%s\"%s\": [", between, name.c_str());
        for (std::size_t i = 0; i < series.steps.size(); ++i) {
            std::printf("%s[%lld, %s]", i == 0 ? "" : ", ", static_cast<long long>(series.steps[i]),
                        numberOf(series.values[i]).c_str());
        }
        std::printf("]");
        between = ", ";
    }
    std::printf("}, \"figures\": {");
    between = "";
    for (const auto& [name, value] : history.figures) {
        std::printf("%s\"%s\": %s", between, name.c_str(), numberOf(value).c_str());
        between = ", ";
    }
    std::printf("}}\n");
}

StepRecord recordOf(std::int64_t step, double shift)
{
    StepRecord record;
    const auto place = static_cast<double>(step);
    record.step = step;
    record.loss = step == 15 ? std::nan("") : 3.0 / place + shift;
    record.gradNorm = 0.5 + place;
    record.learningRate = 1e-4 / place;
    record.epoch = place / 7.0;
    if (step % 5 == 0) {
        record.evalLoss = 4.0 / place + shift;
    }
    return record;
}

void write(const std::filesystem::path& folder)
{
    {
        RunLog log(folder, 0);
        for (std::int64_t step = 1; step <= 17; ++step) {
            log.add(recordOf(step, 1.0));
        }
    }
    RunLog log(folder, 12);
    for (std::int64_t step = 13; step <= 20; ++step) {
        log.add(recordOf(step, 0.0));
    }
}

} // namespace

int main(int count, char** arguments)
{
    try {
        if (count == 3 && std::string(arguments[1]) == "--write") {
            write(arguments[2]);
        } else if (count == 2) {
            print(readHistory(arguments[1]));
        } else {
            std::fprintf(stderr, "error: history_series PATH, or --write DIR\n");
            return 2;
        }
    } catch (const Error& e) {
        std::fprintf(stderr, "error: %s\n", e.what());
        return 1;
    }
    return 0;
}
