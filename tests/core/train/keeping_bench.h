// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of what a run keeps share.
#pragma once

#include "core/base/error.h"
#include "core/run/run_directory.h"
#include "core/run/run_observer.h"
#include "tests/tools/golden.h"

#include <QTemporaryDir>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pissarro::tests {

namespace fs = std::filesystem;

// Does something once run `run` has told of step `step`.
class AtStep : public core::TrainObserver {
public:
    AtStep(int run, std::int64_t step, std::function<void()> act)
        : m_run(run)
        , m_step(step)
        , m_act(std::move(act))
    {
    }
    void stepDone(int run, const core::StepRecord& record) override
    {
        if (run == m_run && record.step == m_step) {
            m_act();
        }
    }
    void runFailed(int run, std::string_view /*why*/) override { failed = run; }
    void message(std::string_view text) override { messages += std::string(text) + "\n"; }

    int failed = -1;
    std::string messages;

private:
    int m_run;
    std::int64_t m_step;
    std::function<void()> m_act;
};

// The metrics from step `first` on without times and memory.
inline std::string numbersOf(const fs::path& run, std::int64_t first = 1)
{
    std::string text;
    for (core::StepRecord record : core::MetricsTail(run).poll()) {
        record.elapsedS = 0;
        record.tokensPerS = 0;
        record.memoryBytes = 0;
        text += record.step >= first ? record.toJson() + "\n" : std::string();
    }
    return text;
}

inline std::string messageOf(const std::function<void()>& work)
{
    try {
        work();
        return {};
    } catch (const core::Error& e) {
        return e.what();
    }
}

inline void verifyHolds(const std::string& text, const std::vector<std::string>& parts)
{
    for (const std::string& part : parts) {
        QVERIFY2(text.find(part) != std::string::npos, (text + " | " + part).c_str());
    }
}

// A folder of a test's own with the tiny model and rows, and short runs in it.
class KeepingBench : public QObject {
protected:
    void beginTests() { PISSARRO_NEEDS(golden()); }
    void beginTest()
    {
        m_temporary = std::make_unique<QTemporaryDir>();
        m_root = m_temporary->path().toStdString();
        fs::create_directories(m_root / "model");
        for (const char* name : {"config.json", "model.safetensors", "tokenizer.json",
                                 "tokenizer_config.json", "special_tokens_map.json"}) {
            fs::copy_file(golden() / "tiny" / "llama" / name, m_root / "model" / name);
        }
        writeRows(24);
    }

    // A LoRA of a few steps at a constant rate.
    core::RunSpec shortRun(std::int64_t steps) const
    {
        core::RunSpec spec;
        spec.model = (m_root / "model").string();
        spec.data = (m_root / "rows.jsonl").string();
        spec.promptTemplate = core::PromptTemplate::Plain;
        spec.method = core::methodNamed("pissa");
        spec.rank = 4;
        spec.alpha = 4;
        spec.learningRate = 1e-3;
        spec.schedule = core::Schedule::Constant;
        spec.warmupRatio = 0.0;
        spec.batchSize = 2;
        spec.steps = steps;
        spec.dtype = core::BaseDType::Float32;
        spec.device = "cpu";
        return spec;
    }

    void writeRows(int count, const std::string& word = "row") const
    {
        std::ofstream file(m_root / "rows.jsonl");
        for (int i = 0; i < count; ++i) {
            const std::string number = std::to_string(i * 37 % 101);
            file << "{\"prompt\": \"What is " << word << " " << i
                 << "?\", \"completion\": \" It is " << number << " and " << i << ".\"}\n";
        }
    }

    std::unique_ptr<QTemporaryDir> m_temporary;
    fs::path m_root;
};

} // namespace pissarro::tests
