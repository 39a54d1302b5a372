// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/readers.h"

#include "core/dataset/data_figures.h"
#include "core/dataset/dataset.h"
#include "core/file/mapped_file.h"
#include "core/format/bnb_weight.h"
#include "core/format/coded_weight.h"
#include "core/format/gguf.h"
#include "core/format/safetensors.h"
#include "core/model/model_config.h"
#include "core/model/model_files.h"
#include "core/prompt/chat_request.h"
#include "core/prompt/chat_template.h"
#include "core/text/utf8.h"
#include "core/tokenizer/tokenizer.h"
#include "core/tokenizer/tokenizer_spec_p.h"
#include "tests/fuzz/input_folder.h"
#include "tests/fuzz/reader_tools.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <sys/mman.h>
#include <unistd.h>

namespace pissarro::fuzz {
namespace {

constexpr std::int64_t kReadLimit = 1 << 16; // elements of a weight that are converted

// A file in memory that has a path.
class InputFile {
public:
    explicit InputFile(std::string_view bytes)
        : m_descriptor(::memfd_create("fuzz", MFD_CLOEXEC))
    {
        const bool written = m_descriptor >= 0
            && ::write(m_descriptor, bytes.data(), bytes.size())
                == static_cast<ssize_t>(bytes.size());
        if (!written) {
            ::close(m_descriptor);
            throw std::logic_error("the input cannot be written to memory");
        }
    }
    ~InputFile() { ::close(m_descriptor); }
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;

    std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(m_descriptor); }

private:
    int m_descriptor = -1;
};

void checkTensors(const std::vector<core::TensorView>& tensors, const core::MappedFile& file)
{
    const auto begin = reinterpret_cast<std::uintptr_t>(file.bytes().data());
    for (const core::TensorView& view : tensors) {
        const auto data = reinterpret_cast<std::uintptr_t>(view.data);
        demand(data >= begin && data - begin <= file.bytes().size()
                   && view.sizeBytes <= file.bytes().size() - (data - begin),
               "tensor " + view.name + " lies outside the file");
        const auto elements = static_cast<std::uint64_t>(view.elements());
        demand(core::dtypeBytes(view.dtype, elements) == view.sizeBytes,
               "tensor " + view.name + " has another size than its shape");
        if (view.elements() <= kReadLimit) {
            std::vector<float> values(elements);
            refusal([&] { core::toFloat32(view, 0, view.elements(), values.data()); });
        }
    }
}

// Texts of every kind that a pipeline tells apart: words, spaces, digits, marks, special tokens, bytes that are no UTF-8.
const std::vector<std::string>& sampleTexts()
{
    static const std::vector<std::string> kTexts {
        "",
        "Hello, world's  aab abc 12345\n\n\t<s>a</s> <|im_start|>",
        "\xC3\xA9\x65\xCC\x81 \xEF\xB7\xBA \xE2\x96\x81 \xE4\xB8\xAD\xE6\x96\x87 "
        "\xF0\x9F\x98\x80\xE2\x80\x8D \xC4\xB0",
        "a\xFF\xC3 \x80" + std::string(3, '\0') + std::string(60, 'a') + std::string(20, ' '),
    };
    return kTexts;
}

void useTokenizer(const core::Tokenizer& tokenizer)
{
    const auto size = static_cast<std::int32_t>(tokenizer.vocabularySize());
    for (const std::string& text : sampleTexts()) {
        refusal([&] {
            const std::vector<std::int32_t> ids = tokenizer.encode(text);
            for (const std::int32_t id : ids) {
                demand(id >= 0 && id < size, "an encoded id is outside the vocabulary");
            }
            tokenizer.decode(ids, true);
            tokenizer.decode(ids);
        });
    }
    std::vector<std::int32_t> first;
    for (std::int32_t id = 0; id < std::min(size, 300); ++id) {
        first.push_back(id);
        tokenizer.piece(id);
        tokenizer.isSpecial(id);
    }
    refusal([&] { tokenizer.decode(first); });
    demand(refusal([&] { tokenizer.decode({size}); }).has_value(),
           "an id outside the vocabulary is decoded");
    refusal([&] {
        const core::EncodedPair pair = tokenizer.encodePair("a b", sampleTexts()[1], 8);
        demand(pair.ids.size() <= 8 && pair.ids.size() == pair.types.size(),
               "a pair is longer than its limit");
    });
    for (const std::int32_t id :
         {tokenizer.bosId(), tokenizer.eosId(), tokenizer.padId(), tokenizer.unkId(),
          tokenizer.clsId(), tokenizer.sepId(), tokenizer.maskId()}) {
        demand(id >= -1 && id < size, "a named id is outside the vocabulary");
    }
    refusal([&] {
        tokenizer.applyChatTemplate(
            {{"system", "s"}, {"user", " u "}, {"assistant", "a\xC2\xA0"}, {"user", "\xE0\x89"}});
    });
}

// A tokenizer of one id a byte, for data files.
class ByteTokenizer final : public core::Tokenizer {
public:
    explicit ByteTokenizer(const std::string& chatTemplate)
    {
        m_chatTemplate = chatTemplate;
        m_eosId = 256;
    }
    std::vector<std::int32_t> encode(std::string_view text, bool,
                                     const core::JobContext& /*job*/) const override
    {
        std::vector<std::int32_t> ids;
        for (const char c : text) {
            ids.push_back(static_cast<unsigned char>(c));
        }
        return ids;
    }
    std::string decode(const std::vector<std::int32_t>&, bool) const override { return {}; }
    std::string piece(std::int32_t) const override { return {}; }
    std::int64_t vocabularySize() const override { return 257; }
    bool isSpecial(std::int32_t id) const override { return id == 256; }
    std::string kind() const override { return "bytes"; }
};

void useModel(const core::ModelFiles& model)
{
    const core::ModelConfig& config = model.config();
    demand(config.slidingWindow >= 0, "the sliding window is negative");
    demand(config.headDim * config.heads > 0 && config.heads % config.kvHeads == 0,
           "the heads do not fit");
    demand(model.parameters() > 0 && model.weightBytes() > 0, "the model has no weights");
    core::selectModules(model, {"q_proj", "model.layers.*.mlp.{up,down}_proj"});
    for (const core::TensorView& weight : model.weights()) {
        model.identityOf(weight.name);
        model.isVerbatim(weight.name);
        if (weight.elements() <= kReadLimit) {
            std::vector<float> values(static_cast<std::size_t>(weight.elements()));
            model.readFloat32(weight.name, values.data());
        }
    }
}

// As the weights of a quantized model, whose config.json says `how`.
void useCodes(const core::SafetensorsFile& file, const core::WeightCodes& how)
{
    std::vector<core::TensorView> tensors = file.tensors();
    const auto fourBits = core::takeBnbWeights(tensors);
    const auto coded = core::takeCodedWeights(tensors, how);
    for (const core::TensorView& view : tensors) {
        const bool isSmall = view.elements() <= kReadLimit;
        std::vector<float> values(static_cast<std::size_t>(isSmall ? view.elements() : 0));
        if (const auto found = coded.find(view.name); isSmall && found != coded.end()) {
            found->second->isFinite();
            found->second->readFloat32(values.data());
        } else if (const auto four = fourBits.find(view.name); isSmall && four != fourBits.end()) {
            four->second.readFloat32(values.data());
        }
    }
}

void useGgufTokenizer(const std::filesystem::path& path)
{
    core::TokenizerSpec spec = core::specFromGguf(path);
    refusal([&] {
        const nlohmann::json written = core::jsonFromSpec(spec);
        written.dump();
        core::configFromSpec(spec).dump(2);
        // What is written out for a Hugging Face folder must be read again.
        core::makePipelineTokenizer(core::tokenizerSpecFromJson(written));
    });
    useTokenizer(*core::makePipelineTokenizer(std::move(spec)));
}

} // namespace

std::optional<std::string> readSafetensors(std::string_view bytes)
{
    const InputFile input(bytes);
    return refusal([&] {
        const auto file = core::SafetensorsFile::open(input.path());
        checkTensors(file.tensors(), *file.file());
        for (const core::TensorView& view : file.tensors()) {
            demand(&file.at(view.name) == &view, "a tensor is not found by its name");
        }
        file.find("absent");
        for (const auto packing :
             {core::WeightCodes::Packing::None, core::WeightCodes::Packing::Gptq,
              core::WeightCodes::Packing::Awq}) {
            refusal([&] { useCodes(file, {.packing = packing, .groupSize = 32}); });
        }
    });
}

std::optional<std::string> readGguf(std::string_view bytes)
{
    const InputFile input(bytes);
    const auto refused = refusal([&] {
        const auto file = core::GgufFile::open(input.path());
        checkTensors(file.tensors(), *file.file());
        for (const auto& entry : file.values()) {
            refusal([&] { file.integer(entry.first); });
            refusal([&] { file.number(entry.first); });
            refusal([&] { file.text(entry.first); });
            refusal([&] { file.texts(entry.first); });
        }
    });
    // A file may hold a tokenizer alone or a model alone: each is tried whatever came of the other.
    refusal([&] { useModel(*core::ModelFiles::open(input.path())); });
    refusal([&] { useGgufTokenizer(input.path()); });
    if (bytes.find("tokenizer.ggml.scores")
        != std::string_view::npos) { // SentencePiece's, perhaps "t5"
        refusal([&] { useTokenizer(*core::openTokenizer(input.path())); });
    }
    return refused;
}

std::optional<std::string> readTokenizerJson(std::string_view bytes)
{
    if (bytes.starts_with("GGUF")) { // openTokenizer() would take it for one
        return "is a GGUF";
    }
    const InputFile input(bytes);
    return refusal([&] { useTokenizer(*core::openTokenizer(input.path())); });
}

std::optional<std::string> readJsonl(std::string_view bytes)
{
    const InputFile input(bytes);
    const auto read = [&](core::PromptTemplate promptTemplate, const ByteTokenizer& tokenizer) {
        const core::DataFile file = core::readDataFile(input.path(), promptTemplate, &tokenizer);
        demand(!file.rows.empty() && !file.columns.empty(), "a data file has no rows");
        for (const std::int64_t maxLength : {4, 512}) {
            refusal([&] { core::tokenizeData(file, tokenizer, maxLength, {}); });
        }
    };
    // One of the chat templates, by the length of the input: all at each would only take time.
    static const std::array<std::string, 4> kTemplates {
        "{% for m in messages %}{{ m.role }}\n{{ m.content }}\n{% endfor %}"
        "{% if add_generation_prompt %}assistant\n{% endif %}",
        "{% for m in messages %}{% generation %}{{ m.content | trim }}{% endgeneration %}{% endfor "
        "%}",
        "{% for m in messages %}{{ m | tojson }}{{ m.tool_calls }}{% endfor %}{{ tools | tojson }}",
        "{{ messages[-1].content }}{{ raise_exception('no') if messages | length > 3 }}"};
    refusal([&] {
        read(core::PromptTemplate::Chat,
             ByteTokenizer(kTemplates[bytes.size() % kTemplates.size()]));
    });
    return refusal([&] { read(core::PromptTemplate::Alpaca, ByteTokenizer("")); });
}

// Tables and texts, as they are and packed: their name says what they are.
std::optional<std::string> readTable(std::string_view bytes)
{
    std::optional<std::string> refused;
    for (const char* name : {"rows.csv", "rows.tsv", "rows.txt"}) {
        const InputFolder folder(bytes, {name});
        const std::filesystem::path path = InputFolder::path() / name;
        std::string columns;
        refused = refusal([&] {
            const core::DataHead head = core::dataHead(path, 20);
            columns = head.columns.size() < 2
                ? std::string()
                : core::columnMapText(
                    {{"instruction", head.columns[0]}, {"output", head.columns[1]}});
            demand(core::columnMapText(core::parseColumnMap(columns)) == columns,
                   "a map of columns is read otherwise than it is written");
        });
        core::DataOptions options;
        options.promptTemplate = core::PromptTemplate::Plain;
        options.strict = false;
        refusal([&] { options.columns = core::parseColumnMap(columns); });
        const ByteTokenizer tokenizer("");
        refusal([&] {
            const auto data = core::tokenizeFile(path, options, tokenizer, 64);
            demand(!data.examples.empty(), "a data file has no rows");
            for (const core::Example& example : data.examples) {
                if (example.place.size > 0) {
                    core::rowAt(path, example.place);
                }
            }
            for (const core::BadRow& row : data.bad.first) {
                demand(core::isValidUtf8(row.why), "a reason is no UTF-8");
            }
        });
        refusal([&] { core::checkTexts(path, options.columns, path); });
    }
    return refused;
}

std::optional<std::string> readChatTemplate(std::string_view bytes)
{
    using Json = nlohmann::ordered_json;
    core::ChatRequest request;
    request.messages = {{{"role", "system"}, {"content", "Be brief."}},
                        {{"role", "user"}, {"content", " \xC3\x9F? \n"}},
                        {{"role", "assistant"}, {"content", "a"}, {"tool_calls", Json::array({1})}},
                        {{"role", "user"}, {"content", {{{"type", "text"}, {"text", "p"}}}}},
                        {{"role", "assistant"}, {"content", "{{ x }}"}}};
    request.tools = {{{"name", "f"}, {"parameters", {{"x", 1.5}, {"y", nullptr}}}}};
    request.now = "2026-02-03T04:05:06";
    return refusal([&] {
        const core::ChatTemplate chat(bytes, Json {{"bos_token", "<s>"}, {"eos_token", "</s>"}});
        for (const bool prompt : {false, true}) {
            request.addGenerationPrompt = prompt;
            refusal([&] {
                const std::string text = chat.render(request).text;
                demand(core::isValidUtf8(text), "a rendering is no UTF-8");
            });
        }
        request.addGenerationPrompt = false;
        refusal([&] {
            for (const core::TextSpan& span : chat.learned(request).answers) {
                demand(span.begin <= span.end, "an answer ends before it begins");
            }
        });
    });
}

// vocab.txt, tekken.json or tiktoken's lines, by how the input begins.
std::optional<std::string> readOlderTokenizer(std::string_view bytes)
{
    const char* const name = bytes.starts_with('{') ? "tekken.json"
        : core::isTiktoken(bytes)                   ? "tokenizer.model"
                                                    : "vocab.txt";
    const InputFolder folder(bytes, {name});
    return refusal([&] { useTokenizer(*core::openTokenizer(InputFolder::path())); });
}

std::optional<std::string> readTokenizerConfig(std::string_view bytes)
{
    static const std::filesystem::path folder = [] {
        std::string name = "/tmp/pissarro-fuzz-XXXXXX";
        demand(::mkdtemp(name.data()) != nullptr, "there is no folder for the input");
        std::ofstream(name + "/tokenizer.json")
            << R"({"added_tokens": [{"id": 3, "content": "<s>", "special": true}], "decoder": null,
                   "normalizer": null, "pre_tokenizer": null, "post_processor": null,
                   "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}})";
        return std::filesystem::path(name);
    }();
    std::ofstream(folder / "tokenizer_config.json", std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return refusal([&] { useTokenizer(*core::openTokenizer(folder)); });
}

const std::vector<Reader>& readers()
{
    static const std::vector<Reader> kReaders {
        {"safetensors", readSafetensors},
        {"gguf", readGguf},
        {"tokenizer_json", readTokenizerJson},
        {"jsonl", readJsonl},
        {"table", readTable},
        {"chat_template", readChatTemplate},
        {"tokenizer_config", readTokenizerConfig},
        {"older_tokenizer", readOlderTokenizer},
        {"spec", readSpec},
        {"run_folder", readRunFolder},
        {"adapter_config", readAdapterConfig},
        {"index", readIndex},
        {"rank_map", readRankMap},
        {"config", readConfig},
        {"spectrum_cache", readSpectrumCache},
        {"factor_cache", readFactorCache},
        {"marker", readMarker},
        {"trainer_state", readTrainerState},
        {"trainer_log", readTrainerLog},
        {"event_file", readEventFile},
        {"sweep", readSweep},
        {"sweep_folder", readSweepFolder},
        {"evaluation", readEvaluationFolder},
        {"tasks", readTaskFiles},
        {"project", readProject},
        {"quant_errors", readQuantErrorFile},
        {"judged", readJudged},
        {"votes", readVoteFile},
        {"conversation", readConversationFile},
    };
    return kReaders;
}

} // namespace pissarro::fuzz
