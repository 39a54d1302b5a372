// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/inference.h"

#include "core/base/error.h"
#include "core/base/torch/runtime.h"
#include "core/base/torch/weights.h"
#include "core/eval/load_model_tensors.h"
#include "core/io/json_text.h"
#include "core/io/safetensors.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

namespace pissarro::core {

std::unique_ptr<Decoder> loadModel(const InferenceModel& model, const JobContext& job)
{
    const c10::Device device = parseDevice(model.device);
    useThreads(model.threads);
    const auto files = ModelFiles::open(resolveModel(model.model));
    auto decoder = std::make_unique<Decoder>(
        files, model.dtype == BaseDType::BFloat16 ? at::kBFloat16 : at::kFloat, device, job);
    if (!model.adapter.empty()) {
        decoder->attach(readPeftAdapter(model.adapter, *files).adapters);
    }
    return decoder;
}

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::uint64_t kIdsLimit = 1ULL << 30U;

struct IdsFile {
    at::Tensor ids_BT;
    at::Tensor mask_BT; // undefined: nothing is masked
};

[[noreturn]] void bad(const std::filesystem::path& file, const std::string& what)
{
    throw Error(ErrorKind::Format, file.string() + ": " + what);
}

IdsFile readTensors(const std::filesystem::path& path)
{
    const auto file = SafetensorsFile::open(path);
    const auto matrix = [&](const char* name) {
        const TensorView& view = file.at(name);
        if (view.shape.size() != 2 || (view.dtype != DType::I64 && view.dtype != DType::I32)) {
            bad(path,
                std::string(name) + " is not a matrix of whole numbers (expected [B, T], I64)");
        }
        return tensorOver(view).to(at::kLong, /*non_blocking=*/false, /*copy=*/true);
    };
    IdsFile ids {matrix("input_ids"), {}};
    if (file.find("attention_mask") != nullptr) {
        ids.mask_BT = matrix("attention_mask");
        if (ids.mask_BT.sizes() != ids.ids_BT.sizes()) {
            bad(path, "attention_mask has another shape than input_ids");
        }
    }
    return ids;
}

IdsFile readLists(const std::filesystem::path& path)
{
    const nlohmann::json lists = readJsonFile(path, kIdsLimit);
    if (!lists.is_array() || lists.empty() || !lists.front().is_array() || lists.front().empty()) {
        bad(path, "is not a list of lists of token ids");
    }
    const std::size_t length = lists.front().size();
    std::vector<std::int64_t> ids;
    for (const auto& row : lists) {
        if (!row.is_array() || row.size() != length) {
            bad(path,
                "has rows of different length; give an attention_mask in a safetensors file "
                "instead");
        }
        for (const auto& id : row) {
            if (!id.is_number_integer()) {
                bad(path, "holds something that is no token id (expected whole numbers)");
            }
            ids.push_back(id.get<std::int64_t>());
        }
    }
    return {at::tensor(ids, at::kLong)
                .view({static_cast<std::int64_t>(lists.size()), static_cast<std::int64_t>(length)}),
            {}};
}

// How many leading bytes are whole UTF-8 characters.
std::size_t wholeCharacters(const std::string& text)
{
    std::size_t end = text.size();
    std::size_t tail = 0;
    while (tail < 4 && tail < end) {
        const auto byte = static_cast<unsigned char>(text[end - 1 - tail]);
        ++tail;
        if ((byte & 0xc0U) == 0x80U) {
            continue;
        }
        const std::size_t needs = byte < 0x80U ? 1
            : byte >= 0xf0U                    ? 4
            : byte >= 0xe0U                    ? 3
            : byte >= 0xc0U                    ? 2
                                               : 1;
        return needs > tail ? end - tail : end;
    }
    return end;
}

class Sampler {
public:
    explicit Sampler(const GenerateOptions& options)
        : m_options(options)
        , m_generator(at::make_generator<at::CPUGeneratorImpl>(options.seed))
    {
    }

    std::int32_t pick(const at::Tensor& logits_V)
    {
        const at::Tensor logits = logits_V.to(at::kCPU, at::kFloat);
        if (m_options.greedy) {
            return static_cast<std::int32_t>(logits.argmax().item<std::int64_t>());
        }
        at::Tensor probabilities = at::softmax(logits / m_options.temperature, 0);
        if (m_options.topP < 1.0) {
            // The smallest set of most likely tokens whose sum reaches top-p; the first is always in it.
            const auto [sorted, order] = probabilities.sort(0, /*descending=*/true);
            const at::Tensor outside = (sorted.cumsum(0) - sorted) >= m_options.topP;
            probabilities.index_fill_(0, order.masked_select(outside), 0.0);
        }
        return static_cast<std::int32_t>(
            at::multinomial(probabilities, 1, false, m_generator).item<std::int64_t>());
    }

private:
    GenerateOptions m_options;
    at::Generator m_generator;
};

void checkOptions(const GenerateOptions& options)
{
    if (options.maxNewTokens < 1 || !(options.temperature > 0) || !(options.topP > 0)
        || options.topP > 1) {
        throw Error(ErrorKind::InvalidArgument,
                    "generation needs at least 1 new token, a temperature above 0 and a top-p "
                    "above 0 and at most 1");
    }
}

} // namespace

void writeLogits(const InferenceModel& model, const std::filesystem::path& ids,
                 const std::filesystem::path& out, const JobContext& job)
{
    guarded([&] {
        const c10::NoGradGuard noGrad;
        const IdsFile input = ids.extension() == ".json" ? readLists(ids) : readTensors(ids);
        const auto decoder = loadModel(model, job);
        const std::int64_t vocabulary = decoder->config().vocabulary;
        if (input.ids_BT.numel() == 0 || input.ids_BT.min().item<std::int64_t>() < 0
            || input.ids_BT.max().item<std::int64_t>() >= vocabulary) {
            bad(ids,
                "holds no ids, or one outside the model's 0 to " + std::to_string(vocabulary - 1));
        }
        const at::Tensor logits_BTV = decoder->logits(input.ids_BT, input.mask_BT).contiguous();
        SafetensorsWriter writer(out, {{"logits", DType::F32, logits_BTV.sizes().vec()}});
        writer.append(logits_BTV.const_data_ptr(), logits_BTV.nbytes());
        writer.commit();
    });
}

GenerateResult generate(const InferenceModel& model, std::string_view prompt,
                        const GenerateOptions& options,
                        const std::function<void(std::string_view)>& onText, const JobContext& job)
{
    checkOptions(options);
    GenerateResult result;
    guarded([&] {
        const c10::NoGradGuard noGrad;
        const auto tokenizer = openTokenizer(resolveModel(model.model));
        const std::string text = options.chat
            ? tokenizer->applyChatTemplate({{"user", std::string(prompt)}})
            : std::string(prompt);
        result.promptIds = tokenizer->encode(text, /*addSpecial=*/!options.chat);
        if (result.promptIds.empty()) {
            throw Error(ErrorKind::InvalidArgument,
                        "the prompt is empty (expected at least one token)");
        }
        const auto decoder = loadModel(model, job);
        std::vector<std::int64_t> ends = decoder->config().eosIds;
        if (tokenizer->eosId() >= 0) {
            ends.push_back(tokenizer->eosId());
        }
        Sampler sampler(options);
        KvCache cache;
        auto start = Clock::now();
        at::Tensor logits_V = decoder->feed(result.promptIds, cache);
        result.prefillSeconds = std::chrono::duration<double>(Clock::now() - start).count();
        start = Clock::now();
        std::size_t told = 0;
        const auto tell = [&](bool last) {
            result.text = tokenizer->decode(result.newIds, /*skipSpecial=*/true);
            const std::size_t whole = last ? result.text.size() : wholeCharacters(result.text);
            // A cut character decodes to U+FFFD until its other bytes come: that tail waits too.
            const bool waits =
                !last && whole >= 3 && result.text.compare(whole - 3, 3, "\xEF\xBF\xBD") == 0;
            if (onText && !waits && whole > told) {
                onText(std::string_view(result.text).substr(told, whole - told));
                told = whole;
            }
        };
        while (static_cast<std::int64_t>(result.newIds.size()) < options.maxNewTokens) {
            job.throwIfCancelled();
            const std::int32_t next = sampler.pick(logits_V);
            result.newIds.push_back(next);
            if (std::find(ends.begin(), ends.end(), next) != ends.end()) {
                break;
            }
            tell(false);
            if (static_cast<std::int64_t>(result.newIds.size()) < options.maxNewTokens) {
                logits_V = decoder->feed({next}, cache);
            }
        }
        tell(true);
        result.decodeSeconds = std::chrono::duration<double>(Clock::now() - start).count();
    });
    return result;
}

} // namespace pissarro::core
