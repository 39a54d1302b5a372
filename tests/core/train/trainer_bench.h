// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of the trainer share: runs with the settings of golden/peft-*, and rows that they are cut into.
#pragma once

#include "core/adapter/adapter_tensors.h"
#include "core/format/safetensors.h"
#include "core/model/model_files.h"
#include "core/model/module_selection.h"
#include "core/model/rank_pattern.h"
#include "core/run/run_directory.h"
#include "tests/tools/golden.h"

#include <QTemporaryDir>

#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace pissarro::tests {

inline nlohmann::json readJson(const std::filesystem::path& path)
{
    return nlohmann::json::parse(std::ifstream(path));
}

inline std::vector<core::StepRecord> metricsOf(const std::filesystem::path& run)
{
    return core::MetricsTail(run).poll();
}

inline void checkBelow(double found, double limit, const std::string& what)
{
    QVERIFY2(found <= limit,
             (what + " differs by " + std::to_string(found) + ", at most " + std::to_string(limit))
                 .c_str());
}

// Everything of the metrics but the times and the memory.
inline std::string numbersOf(const std::filesystem::path& run)
{
    std::string text;
    for (core::StepRecord record : metricsOf(run)) {
        record.elapsedS = 0;
        record.tokensPerS = 0;
        record.memoryBytes = 0;
        text += record.toJson() + "\n";
    }
    return text;
}

// A folder of a test's own, and runs like the peers' in it.
class TrainerBench : public QObject {
protected:
    void beginTest()
    {
        m_temporary = std::make_unique<QTemporaryDir>();
        m_root = m_temporary->path().toStdString();
    }

    // A file of the first `count` golden rows, `rows` a micro-batch, with 3 to 20 counted tokens a row, behind `masked`
    // micro-batches without any.
    std::filesystem::path rowsOf(std::int64_t count, std::int64_t rows, std::int64_t masked = 0)
    {
        const Golden batches(golden() / "peft-llama" / "batches.safetensors");
        const std::int64_t length = batches["input_ids"].size(2);
        const auto rowsOfTensor = [&](const char* name) {
            const at::Tensor all = batches[name].view({-1, length}).narrow(0, 0, count);
            return at::cat({all.narrow(0, 0, masked * rows), all}).to(at::kLong).contiguous();
        };
        at::Tensor labels = rowsOfTensor("labels");
        labels.narrow(0, 0, masked * rows).fill_(-100);
        for (std::int64_t row = 0; row < count; ++row) {
            labels[masked * rows + row]
                .narrow(0, 12 + (row * 11) % (length - 12),
                        length - 12 - (row * 11) % (length - 12))
                .fill_(-100);
        }
        const std::vector<std::int64_t> shape {count / rows + masked, rows, length};
        const auto file = m_root / ("rows-" + std::to_string(rows) + "-" + std::to_string(masked));
        core::SafetensorsWriter writer(file,
                                       {{"input_ids", core::DType::I64, shape},
                                        {"labels", core::DType::I64, shape},
                                        {"attention_mask", core::DType::I64, shape}});
        for (const at::Tensor& tensor :
             {rowsOfTensor("input_ids"), labels, rowsOfTensor("attention_mask")}) {
            writer.append(tensor.const_data_ptr(), tensor.nbytes());
        }
        writer.commit();
        return file;
    }

    static core::RunSpec specOf(const std::string& model, const std::filesystem::path& directory,
                                const std::string& method, const nlohmann::json& settings)
    {
        core::RunSpec spec;
        spec.model = (golden() / "tiny" / model).string();
        spec.batches = (directory / "batches.safetensors").string();
        spec.method = core::methodNamed(method);
        spec.rank = settings["rank"];
        spec.alpha = settings["alpha"];
        spec.learningRate =
            spec.method == core::methodNamed("full") ? settings["lr_full"] : settings["lr"];
        spec.schedule = core::parseSchedule(settings["schedule"].get<std::string>());
        // The peer's constant schedule had no warm-up.
        spec.warmupRatio =
            spec.schedule == core::Schedule::Constant ? 0.0 : settings["warmup"].get<double>();
        spec.weightDecay = settings["wd"];
        spec.clip = settings["clip"];
        spec.gradAccum = settings["accum"];
        spec.batchSize = settings["batch"];
        spec.maxLength = settings["len"];
        spec.steps = settings["steps"];
        spec.dtype = core::BaseDType::Float32;
        if (spec.method != core::methodNamed("full")) {
            std::string target;
            for (const char c : settings["targets"].get<std::string>() + ",") {
                if (c != ',') {
                    target += c;
                } else {
                    spec.targets.push_back(std::exchange(target, {}));
                }
            }
        }
        return spec;
    }

    // PEFT's own random start, as a folder for --init-adapter.
    std::filesystem::path loraStart(const std::filesystem::path& directory,
                                    const core::RunSpec& spec) const
    {
        const Golden start(directory / "lora_init.safetensors");
        const auto files = core::ModelFiles::open(spec.model);
        core::AdapterSet adapters;
        for (const core::LinearModule& module : core::selectModules(*files, spec.targets)) {
            adapters.push_back({module.name, start[module.name + ".lora_A"],
                                start[module.name + ".lora_B"],
                                core::adapterScale(spec.alpha, spec.rank, spec.rslora)});
        }
        core::writePeftAdapter(m_root / "start", adapters,
                               {spec.model, spec.rank, spec.alpha, spec.rslora});
        return m_root / "start";
    }

    std::unique_ptr<QTemporaryDir> m_temporary;
    std::filesystem::path m_root;
};

} // namespace pissarro::tests
