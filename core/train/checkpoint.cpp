// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/torch/weights.h"
#include "core/io/safetensors.h"
#include "core/train/checkpoint_tensors.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace pissarro::core {

namespace {

using nlohmann::json;

constexpr const char* kTensors = "state.safetensors";
constexpr const char* kState = "state.json";

// Every tensor of a checkpoint with its name: each value, what it lacks of its master, the two
// moments.
std::vector<std::pair<std::string, at::Tensor>> namedTensors(AdamW& optimizer)
{
    std::vector<std::pair<std::string, at::Tensor>> named;
    const auto& trainables = optimizer.trainables();
    for (std::size_t i = 0; i < trainables.size(); ++i) {
        named.emplace_back(trainables[i]->name, trainables[i]->value);
        if (trainables[i]->low.defined()) {
            named.emplace_back(trainables[i]->name + ".low", trainables[i]->low);
        }
        named.emplace_back(trainables[i]->name + ".exp_avg", optimizer.firstMoments()[i]);
        named.emplace_back(trainables[i]->name + ".exp_avg_sq", optimizer.secondMoments()[i]);
    }
    return named;
}

std::int64_t stepOf(const std::filesystem::path& directory)
{
    const std::string name = directory.filename().string();
    if (name.rfind("step-", 0) != 0 || name.size() > 17
        || name.find_first_not_of("0123456789", 5) != std::string::npos || name.size() == 5) {
        return -1;
    }
    return std::stoll(name.substr(5));
}

// Whole checkpoints, newest first.
std::vector<std::filesystem::path> checkpoints(const std::filesystem::path& runDirectory)
{
    std::vector<std::filesystem::path> found;
    std::error_code ignored;
    for (const auto& entry :
         std::filesystem::directory_iterator(runDirectory / "checkpoints", ignored)) {
        if (stepOf(entry.path()) >= 0) {
            found.push_back(entry.path());
        }
    }
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return stepOf(a) > stepOf(b); });
    return found;
}

struct OpenCheckpoint {
    TrainState state;
    SafetensorsFile tensors;
};

// nullopt for one that a crash has cut: the one before is whole.
std::optional<OpenCheckpoint> openCheckpoint(const std::filesystem::path& directory)
{
    try {
        const json state = json::parse(readWholeFile(directory / kState, 1U << 20U));
        return OpenCheckpoint {
            {state.at("step").get<std::int64_t>(),
             {state.at("epoch").get<std::int64_t>(), state.at("position").get<std::int64_t>()},
             state.at("tokens").get<std::int64_t>(),
             state.at("elapsed_s").get<double>(),
             // Checkpoints of versions without evaluation, and of runs before their first one, have none.
             state.value("best_eval_loss", std::numeric_limits<double>::infinity()),
             state.value("best_step", std::int64_t {0}),
             state.value("stale", std::int64_t {0})},
            SafetensorsFile::open(directory / kTensors)};
    } catch (const Error&) {
        return std::nullopt;
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

} // namespace

void writeCheckpoint(const std::filesystem::path& runDirectory, const TrainState& state,
                     AdamW& optimizer, int keep)
{
    const auto target = runDirectory / "checkpoints" / ("step-" + std::to_string(state.step));
    std::filesystem::create_directories(target.parent_path());
    writeDirectoryAtomically(
        target,
        [&](const std::filesystem::path& directory) {
            const auto named = namedTensors(optimizer);
            std::vector<TensorSpec> specs;
            for (const auto& [name, tensor] : named) {
                specs.push_back({name, fileDType(tensor.scalar_type()), tensor.sizes().vec()});
            }
            SafetensorsWriter writer(directory / kTensors, std::move(specs));
            for (const auto& [name, tensor] : named) {
                const at::Tensor host = tensor.to(at::kCPU).contiguous();
                writer.append(host.const_data_ptr(), host.nbytes());
            }
            writer.commit();
            json text {{"step", state.step},
                       {"epoch", state.cursor.epoch},
                       {"position", state.cursor.position},
                       {"tokens", state.tokens},
                       {"elapsed_s", state.elapsedS}};
            if (state.bestStep > 0) {
                text["best_eval_loss"] = state.bestEvalLoss;
                text["best_step"] = state.bestStep;
                text["stale"] = state.stale;
            }
            writeFileAtomically(directory / kState, text.dump(2) + "\n");
        },
        ExistingFolder::SetAside);
    const auto all = checkpoints(runDirectory);
    for (std::size_t i = static_cast<std::size_t>(std::max(1, keep)); i < all.size(); ++i) {
        std::error_code ignored;
        std::filesystem::remove_all(all[i], ignored);
    }
}

std::optional<TrainState> readNewestCheckpoint(const std::filesystem::path& runDirectory,
                                               AdamW& optimizer, std::int64_t lastStep)
{
    const c10::NoGradGuard noGrad;
    for (const auto& directory : checkpoints(runDirectory)) {
        const auto checkpoint =
            stepOf(directory) <= lastStep ? openCheckpoint(directory) : std::nullopt;
        if (!checkpoint) {
            continue;
        }
        const SafetensorsFile& file = checkpoint->tensors;
        auto named = namedTensors(optimizer);
        if (file.tensors().size() != named.size()) {
            throw Error(ErrorKind::Format,
                        directory.string() + ": belongs to another run ("
                            + std::to_string(file.tensors().size()) + " tensors, expected "
                            + std::to_string(named.size()) + ")");
        }
        for (auto& [name, tensor] : named) {
            const TensorView* view = file.find(name);
            if (view == nullptr || view->shape != tensor.sizes().vec()
                || view->dtype != fileDType(tensor.scalar_type())) {
                throw Error(ErrorKind::Format,
                            directory.string() + ": belongs to another run (" + name + ")");
            }
        }
        for (auto& [name, tensor] : named) {
            tensor.copy_(tensorOver(*file.find(name)));
        }
        optimizer.setSteps(checkpoint->state.step);
        return checkpoint->state;
    }
    return std::nullopt;
}

std::int64_t newestCheckpointStep(const std::filesystem::path& runDirectory)
{
    for (const auto& directory : checkpoints(runDirectory)) {
        if (openCheckpoint(directory)) {
            return stepOf(directory);
        }
    }
    return 0;
}

std::int64_t checkpointBytes(const AdamW& optimizer)
{
    std::int64_t bytes = 0;
    for (const Trainable* trainable : optimizer.trainables()) {
        // Master, in one piece or two, and two moments.
        bytes += 3 * trainable->value.numel()
            * static_cast<std::int64_t>(c10::elementSize(trainable->masterType()));
    }
    return bytes;
}

} // namespace pissarro::core
