// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/atomic_file.h"
#include "core/file/intact.h"
#include "core/format/safetensors.h"
#include "core/session/checkpoint_tensors.h"
#include "core/tensor/dtypes_tensors.h"
#include "core/tensor/host_pointer_tensors.h"
#include "core/text/message_text.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <numeric>
#include <string>

namespace pissarro::core::inline session {

namespace {

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
            const auto bytes = hostBytes(host);
            writer.append(bytes.data(), bytes.size());
        }
        writer.commit();
        writeFileAtomically(directory / kStateFile, stateToJson(state));
    };
    writeDirectoryAtomically(target, fill, ExistingFolder::SetAside);
}

[[noreturn]] void refuseForeign(const std::filesystem::path& directory, const std::string& what)
{
    throw Error(ErrorKind::Format,
                fmt::format("{}: belongs to another run ({})", shownPath(directory), what));
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
                     const NamedTensors& tensors)
{
    writeState(checkpointDirectory(runDirectory, state.step), state, tensors);
}

void writeBest(const std::filesystem::path& runDirectory, const TrainState& state,
               const NamedTensors& tensors)
{
    writeState(bestDirectory(runDirectory), state, tensors);
}

std::optional<TrainState> readNewestCheckpoint(const std::filesystem::path& runDirectory,
                                               const NamedTensors& tensors)
{
    const auto steps = checkpointSteps(runDirectory, /*whole=*/true);
    if (steps.empty()) {
        return std::nullopt;
    }
    const auto directory = checkpointDirectory(runDirectory, steps.front());
    const auto file = SafetensorsFile::open(directory / kStateTensors);
    if (file.tensors().size() != tensors.size()) {
        refuseForeign(
            directory,
            fmt::format("{} tensors, expected {}", file.tensors().size(), tensors.size()));
    }
    copyInto(tensors, file, directory);
    return readState(directory);
}

void readTrained(const std::filesystem::path& directory, const NamedTensors& tensors)
{
    copyInto(tensors, SafetensorsFile::open(directory / kStateTensors), directory);
}

std::int64_t checkpointBytes(const NamedTensors& tensors)
{
    return std::accumulate(tensors.begin(), tensors.end(), std::int64_t {0},
                           [](std::int64_t sum, const auto& one) {
                               return sum + static_cast<std::int64_t>(one.second.nbytes());
                           });
}

} // namespace pissarro::core::inline session
