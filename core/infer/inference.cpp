// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/infer/inference.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/decoder/decoder_tensors.h"
#include "core/file/intact.h"
#include "core/file/json_file.h"
#include "core/format/safetensors.h"
#include "core/session/session.h"
#include "core/tensor/dtypes_tensors.h"
#include "core/tensor/guarded.h"
#include "core/tensor/host_pointer_tensors.h"
#include "core/tensor/threads.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <nlohmann/json.hpp>
#include <utility>

namespace pissarro::core::inline infer {

namespace {

constexpr std::uint64_t kIdsLimit = 1ULL << 30U;

struct IdsFile {
    at::Tensor ids_BT;
    at::Tensor mask_BT; // undefined: nothing is masked
    at::Tensor types_BT = {}; // which of two texts a token is of; undefined: all of the first
};

[[noreturn]] void bad(const std::filesystem::path& file, const std::string& what)
{
    throw Error(ErrorKind::Format, fmt::format("{}: {}", file.string(), what));
}

IdsFile readTensors(const std::filesystem::path& path)
{
    const auto file = SafetensorsFile::open(path);
    const auto matrix = [&](const char* name) {
        const TensorView& view = file.at(name);
        if (view.shape.size() != 2 || (view.dtype != DType::I64 && view.dtype != DType::I32)) {
            bad(path,
                fmt::format("{} is not a matrix of whole numbers (expected [B, T], I64)", name));
        }
        return tensorOver(view).to(at::kLong, /*non_blocking=*/false, /*copy=*/true);
    };
    IdsFile ids {matrix("input_ids"), {}};
    const auto beside = [&](const char* name, at::Tensor& place) {
        if (file.find(name) != nullptr) {
            place = matrix(name);
            if (place.sizes() != ids.ids_BT.sizes()) {
                bad(path, fmt::format("{} has another shape than input_ids", name));
            }
        }
    };
    beside("attention_mask", ids.mask_BT);
    beside("token_type_ids", ids.types_BT);
    requireIntact(file.file()->bytes().data());
    return ids;
}

IdsFile readLists(const std::filesystem::path& path, const JobContext& job)
{
    const nlohmann::json lists = readJsonFile(path, kIdsLimit, job);
    if (!lists.is_array() || lists.empty() || !lists.front().is_array() || lists.front().empty()) {
        bad(path, "is not a list of lists of token ids");
    }
    const std::size_t length = lists.front().size();
    std::vector<std::int64_t> ids;
    for (const auto& row : lists) {
        job.throwIfCancelled();
        if (!row.is_array() || row.size() != length) {
            bad(path,
                "has rows of different length; give an attention_mask in a safetensors file "
                "instead");
        }
        for (const auto& value : row) {
            const auto id = jsonAs<std::int64_t>(value);
            if (!id) {
                bad(path, "holds something that is no token id (expected whole numbers)");
            }
            ids.push_back(*id);
        }
    }
    return {at::tensor(ids, at::kLong)
                .view({static_cast<std::int64_t>(lists.size()), static_cast<std::int64_t>(length)}),
            {}};
}

} // namespace

void writeLogits(const InferenceModel& model, const std::filesystem::path& ids,
                 const std::filesystem::path& out, Overwrite overwrite, const JobContext& job)
{
    guarded("logits of " + shownPath(model.model), [&] {
        const OutputRule rule =
            OutputRule {{ids}, overwrite}.with(readPlaces(model.model, model.adapter));
        checkOutputFile(out, rule); // before any work
        const c10::NoGradGuard noGrad;
        const ThreadBudget threads(model.threads);
        const IdsFile input = ids.extension() == ".json" ? readLists(ids, job) : readTensors(ids);
        const auto decoder = session::open(model, session::Tokens::NotNeeded, job).decoder;
        const std::int64_t vocabulary = decoder->config().vocabulary;
        if (input.ids_BT.numel() == 0 || input.ids_BT.min().item<std::int64_t>() < 0
            || input.ids_BT.max().item<std::int64_t>() >= vocabulary) {
            bad(ids,
                fmt::format("holds no ids, or one outside the model's 0 to {}", vocabulary - 1));
        }
        const at::Tensor logits_BTV =
            decoder->logits(input.ids_BT, input.mask_BT, job, input.types_BT).contiguous();
        job.throwIfCancelled();
        SafetensorsWriter writer(out, {{"logits", DType::F32, logits_BTV.sizes().vec()}}, {},
                                 checkOutputFile(out, rule));
        const auto bytes = hostBytes(logits_BTV);
        writer.append(bytes.data(), bytes.size());
        writer.commit();
    });
}

} // namespace pissarro::core::inline infer
