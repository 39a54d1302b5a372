// SPDX-License-Identifier: GPL-3.0-or-later
// How long models at hand take: made folders of the Hugging Face cache, LM Studio's and Ollama's, with headers as published
// models have them and holes for weights; listed for the first time, again by another lister, and shown by the Model page.
// The aim is 300 ms to the first rows of 2,000. Prints one JSON object; fails nothing.
//   bench_models [MODELS]        (2,000; QT_QPA_PLATFORM=offscreen where there is no display)
#include "core/catalog/model_list.h"
#include "core/train/memory_estimate.h"
#include "tests/core/catalog/model_stores.h"
#include "ui/pages/model/model_page.h"
#include "ui/pages/model/models_view.h"
#include "ui/services/services.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QTemporaryDir>

#include <cstdio>

using namespace pissarro;
using namespace pissarro::ui;
namespace fs = std::filesystem;

namespace {

constexpr double kPatienceMs = 120'000.0;
constexpr int kLayers = 30; // SmolLM2-135M's, and its other sizes
constexpr int kTokens = 49'152;

double msOf(const QElapsedTimer& clock)
{
    return static_cast<double>(clock.nsecsElapsed()) / 1e6;
}

std::string configText()
{
    return nlohmann::json {{"architectures", {"LlamaForCausalLM"}},
                           {"model_type", "llama"},
                           {"num_hidden_layers", kLayers},
                           {"hidden_size", 576},
                           {"num_attention_heads", 9},
                           {"num_key_value_heads", 3},
                           {"intermediate_size", 1536},
                           {"vocab_size", kTokens},
                           {"max_position_embeddings", 8192},
                           {"rms_norm_eps", 1e-5},
                           {"rope_theta", 100000.0},
                           {"hidden_act", "silu"},
                           {"tie_word_embeddings", true},
                           {"torch_dtype", "bfloat16"}}
        .dump();
}

// Names and shapes of its weights, as Hugging Face and llama.cpp call them.
struct Weight {
    std::string name;
    std::string ggufName;
    std::vector<std::int64_t> shape;
};
std::vector<Weight> weightsOf()
{
    std::vector<Weight> all {{"model.embed_tokens.weight", "token_embd.weight", {kTokens, 576}}};
    for (int layer = 0; layer < kLayers; ++layer) {
        const std::string a = QStringLiteral("model.layers.%1.").arg(layer).toStdString();
        const std::string b = QStringLiteral("blk.%1.").arg(layer).toStdString();
        all.push_back({a + "input_layernorm.weight", b + "attn_norm.weight", {576}});
        all.push_back({a + "self_attn.q_proj.weight", b + "attn_q.weight", {576, 576}});
        all.push_back({a + "self_attn.k_proj.weight", b + "attn_k.weight", {192, 576}});
        all.push_back({a + "self_attn.v_proj.weight", b + "attn_v.weight", {192, 576}});
        all.push_back({a + "self_attn.o_proj.weight", b + "attn_output.weight", {576, 576}});
        all.push_back({a + "post_attention_layernorm.weight", b + "ffn_norm.weight", {576}});
        all.push_back({a + "mlp.gate_proj.weight", b + "ffn_gate.weight", {1536, 576}});
        all.push_back({a + "mlp.up_proj.weight", b + "ffn_up.weight", {1536, 576}});
        all.push_back({a + "mlp.down_proj.weight", b + "ffn_down.weight", {576, 1536}});
    }
    all.push_back({"model.norm.weight", "output_norm.weight", {576}});
    return all;
}

std::uint64_t elementsOf(const Weight& weight)
{
    std::uint64_t count = 1;
    for (const std::int64_t side : weight.shape) {
        count *= static_cast<std::uint64_t>(side);
    }
    return count;
}

// The header alone, and how long the file is with its holes.
struct Hollow {
    std::string header;
    std::uint64_t bytes = 0;

    void write(const fs::path& file) const
    {
        test::writeBytes(file, header);
        fs::resize_file(file, bytes);
    }
};

Hollow safetensors()
{
    nlohmann::ordered_json header;
    std::uint64_t end = 0;
    for (const Weight& weight : weightsOf()) {
        const std::uint64_t bytes = 2 * elementsOf(weight);
        header[weight.name] = {
            {"dtype", "BF16"}, {"shape", weight.shape}, {"data_offsets", {end, end + bytes}}};
        end += bytes;
    }
    const std::string text = test::safetensorsBytes(header.dump(), {});
    return {text, text.size() + end};
}

// Float16, with a vocabulary whose tokens are as long as real ones are.
Hollow gguf()
{
    std::string tokens;
    test::put<std::uint32_t>(tokens, test::GgufBuilder::kText);
    test::put<std::uint64_t>(tokens, kTokens);
    for (int i = 0; i < kTokens; ++i) {
        tokens += test::GgufBuilder::text("tok" + QString::number(i).toStdString());
    }
    test::GgufBuilder out;
    out.string("general.architecture", "llama").u32("llama.block_count", kLayers);
    out.u32("llama.context_length", 8192).u32("llama.embedding_length", 576);
    out.u32("llama.feed_forward_length", 1536).u32("llama.attention.head_count", 9);
    out.u32("llama.attention.head_count_kv", 3).f32("llama.rope.freq_base", 100000.0F);
    out.f32("llama.attention.layer_norm_rms_epsilon", 1e-5F);
    out.raw("tokenizer.ggml.tokens", test::GgufBuilder::kList, tokens);
    std::uint64_t end = 0;
    for (const Weight& weight : weightsOf()) {
        out.tensorAt(weight.ggufName, weight.shape, 1, end, {});
        end += (2 * elementsOf(weight) + 31) / 32 * 32;
    }
    const std::string text = out.bytes();
    return {text, text.size() + end};
}

// Half in the hub's cache, a third in LM Studio's folders, the rest in Ollama's store, on blobs of twenty models.
void makeModels(const fs::path& root, int models)
{
    const Hollow folder = safetensors();
    const Hollow file = gguf();
    const std::string config = configText();
    const auto number = [](int i) { return QString::number(i).toStdString(); };
    for (int i = 0; i < models / 2; ++i) {
        const fs::path repository = root / "hub" / ("models--maker--model-" + number(i));
        const fs::path snapshot = repository / "snapshots/0123456789abcdef";
        fs::create_directories(snapshot);
        fs::create_directories(repository / "blobs");
        fs::create_directories(repository / "refs");
        test::writeBytes(repository / "refs/main", "0123456789abcdef");
        test::writeBytes(repository / "blobs/c", config);
        folder.write(repository / "blobs/w");
        fs::create_symlink("../../blobs/c", snapshot / "config.json");
        fs::create_symlink("../../blobs/w", snapshot / "model.safetensors");
    }
    for (int i = models / 2; i < models / 2 + models / 3; ++i) {
        const fs::path home = root / "home/.lmstudio/models/maker" / ("model-" + number(i));
        fs::create_directories(home);
        file.write(home / "model-F16.gguf");
    }
    const fs::path store = root / "home/.ollama/models";
    const std::string digits = "0123456789abcdef";
    for (int i = models / 2 + models / 3; i < models; ++i) {
        const char digit = digits[static_cast<std::size_t>(i) % digits.size()];
        test::writeManifest(
            store, QStringLiteral("registry.ollama.ai/library/m%1/latest").arg(i).toStdString(),
            test::ollamaManifest(test::digestOf(digit), file.bytes));
    }
    for (const char digit : digits) {
        file.write(store / "blobs" / test::blobName(digit));
    }
}

struct Listing {
    double firstMs = 0.0;
    double allMs = 0.0;
    std::size_t models = 0;
    std::size_t refused = 0;
};

Listing listModels()
{
    Listing listing;
    QElapsedTimer clock;
    clock.start();
    core::ModelLister lister; // as a program that has just begun
    const core::ModelList list =
        lister.look(core::usualPlaces(), {}, [&](const core::ListedModels&) {
            listing.firstMs = listing.firstMs > 0.0 ? listing.firstMs : msOf(clock);
        });
    listing.allMs = msOf(clock);
    listing.models = list.models.size();
    for (const auto& model : list.models) {
        listing.refused += model->canBeOpened() ? 0 : 1;
    }
    return listing;
}

struct Shown {
    double firstMs = 0.0; // from the wish until rows stand in the list
    double allMs = 0.0;
    double searchMs = 0.0; // of a letter in the search
};

Shown showModels(qsizetype models)
{
    Services services;
    ModelPage page(services);
    page.resize(1440, 900);
    page.show();
    auto* view = page.findChild<ModelsView*>(QStringLiteral("model.models"));
    Shown shown;
    QElapsedTimer clock;
    clock.start();
    page.showModelsAtHand();
    while (shown.allMs == 0.0 && msOf(clock) < kPatienceMs) {
        QApplication::processEvents(QEventLoop::WaitForMoreEvents, 5);
        const auto rows = view->model()->shownCount();
        shown.firstMs = shown.firstMs == 0.0 && rows > 0 ? msOf(clock) : shown.firstMs;
        shown.allMs = rows >= models ? msOf(clock) : 0.0;
    }
    clock.start();
    ModelsFilter filter;
    filter.words = QStringLiteral("model-1");
    view->model()->setFilter(filter);
    page.repaint();
    shown.searchMs = msOf(clock);
    return shown;
}

} // namespace

int main(int argc, char** argv)
{
    QApplication app(argc, argv);
    QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
    QCoreApplication::setApplicationName(QStringLiteral("bench_models"));
    const int models = QApplication::arguments().value(1, QStringLiteral("2000")).toInt();
    const QTemporaryDir folder;
    const fs::path root = folder.path().toStdString();
    for (const char* name : {"HF_HOME", "HUGGINGFACE_HUB_CACHE", "OLLAMA_MODELS"}) {
        qunsetenv(name);
    }
    const auto set = [&root](const char* name, const char* below) {
        qputenv(name, QByteArray::fromStdString((root / below).string()));
    };
    set("XDG_DATA_HOME", "data");
    set("XDG_CONFIG_HOME", "config");
    set("XDG_CACHE_HOME", "cache");
    set("HF_HUB_CACHE", "hub");
    set("HOME", "home");
    makeModels(root, models);
    const std::int64_t before = core::processMemoryBytes();
    const Listing fresh = listModels();
    const std::int64_t held = core::processMemoryBytes() - before;
    const Listing kept = listModels();
    const Shown shown = showModels(static_cast<qsizetype>(fresh.models));
    std::printf("{\"models\": %zu, \"refused\": %zu, \"first_ms\": %.1f, \"all_ms\": %.1f, "
                "\"kept_first_ms\": %.1f, \"kept_all_ms\": %.1f, \"bytes\": %lld, ",
                fresh.models, fresh.refused, fresh.firstMs, fresh.allMs, kept.firstMs, kept.allMs,
                static_cast<long long>(held));
    std::printf("\"page_first_ms\": %.1f, \"page_all_ms\": %.1f, \"search_ms\": %.1f}\n",
                shown.firstMs, shown.allMs, shown.searchMs);
    return 0;
}
