// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/file/atomic_file.h"
#include "core/file/intact.h"
#include "core/format/safetensors.h"
#include "core/session/checkpoint_tensors.h"
#include "core/tensor/dtypes_tensors.h"
#include "core/text/message_text.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <string>
#include <utility>

namespace pissarro::core {

namespace {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

// Each value and what it lacks of its master.
NamedTensors trainedTensors(const std::vector<Trainable*>& trainables)
{
    NamedTensors named;
    for (const Trainable* trainable : trainables) {
        named.emplace_back(trainable->name, trainable->value);
        if (trainable->low.defined()) {
            named.emplace_back(trainable->name + ".low", trainable->low);
        }
    }
    return named;
}

// Every tensor of a checkpoint with its name: those above and the two moments of each.
NamedTensors allTensors(AdamW& optimizer)
{
    NamedTensors named;
    const auto& trainables = optimizer.trainables();
    for (std::size_t i = 0; i < trainables.size(); ++i) {
        for (auto& one : trainedTensors({trainables[i]})) {
            named.push_back(std::move(one));
        }
        named.emplace_back(trainables[i]->name + ".exp_avg", optimizer.firstMoments()[i]);
        named.emplace_back(trainables[i]->name + ".exp_avg_sq", optimizer.secondMoments()[i]);
    }
    return named;
}

void writeState(const std::filesystem::path& target, const TrainState& state,
                const NamedTensors& named)
{
    std::filesystem::create_directories(target.parent_path());
    const auto fill = [&](const std::filesystem::path& directory) {
        std::vector<TensorSpec> specs;
        for (const auto& [name, tensor] : named) {
            specs.push_back({name, fileDType(tensor.scalar_type()), tensor.sizes().vec()});
        }
        SafetensorsWriter writer(directory / kStateTensors, std::move(specs));
        for (const auto& [name, tensor] : named) {
            const at::Tensor host = tensor.to(at::kCPU).contiguous();
            writer.append(host.const_data_ptr(), host.nbytes());
        }
        writer.commit();
        writeFileAtomically(directory / kStateFile, stateToJson(state));
    };
    writeDirectoryAtomically(target, fill, ExistingFolder::SetAside);
}

[[noreturn]] void refuseForeign(const std::filesystem::path& directory, const std::string& what)
{
    throw Error(ErrorKind::Format,
                shownPath(directory) + ": belongs to another run (" + what + ")");
}

void copyInto(const NamedTensors& named, const SafetensorsFile& file,
              const std::filesystem::path& directory)
{
    const c10::NoGradGuard noGrad;
    for (const auto& [name, tensor] : named) {
        const TensorView* view = file.find(name);
        if (view == nullptr || view->shape != tensor.sizes().vec()
            || view->dtype != fileDType(tensor.scalar_type())) {
            refuseForeign(directory, name);
        }
    }
    for (const auto& [name, tensor] : named) {
        tensor.copy_(tensorOver(*file.find(name)));
    }
    requireIntact(file.file()->bytes().data()); // or zeros would be trained on from
}

} // namespace

void writeCheckpoint(const std::filesystem::path& runDirectory, const TrainState& state,
                     AdamW& optimizer)
{
    writeState(checkpointDirectory(runDirectory, state.step), state, allTensors(optimizer));
}

void writeBest(const std::filesystem::path& runDirectory, const TrainState& state, AdamW& optimizer)
{
    writeState(bestDirectory(runDirectory), state, trainedTensors(optimizer.trainables()));
}

std::optional<TrainState> readNewestCheckpoint(const std::filesystem::path& runDirectory,
                                               AdamW& optimizer)
{
    const auto steps = checkpointSteps(runDirectory, /*whole=*/true);
    if (steps.empty()) {
        return std::nullopt;
    }
    const auto directory = checkpointDirectory(runDirectory, steps.front());
    const auto file = SafetensorsFile::open(directory / kStateTensors);
    const auto named = allTensors(optimizer);
    if (file.tensors().size() != named.size()) {
        refuseForeign(directory,
                      std::to_string(file.tensors().size()) + " tensors, expected "
                          + std::to_string(named.size()));
    }
    copyInto(named, file, directory);
    auto state = readState(directory);
    if (state) {
        optimizer.setSteps(state->step);
    }
    return state;
}

void readTrained(const std::filesystem::path& directory, const std::vector<Trainable*>& trainables)
{
    copyInto(trainedTensors(trainables), SafetensorsFile::open(directory / kStateTensors),
             directory);
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
