// SPDX-License-Identifier: GPL-3.0-or-later
// Readers of what lies in folders: runs, specs, adapters, sharded models, caches, marked outputs.
#include "core/file/event_records.h"
#include "core/file/intact.h"
#include "core/file/output.h"
#include "core/file/output_marker.h"
#include "core/format/peft_config.h"
#include "core/history/history.h"
#include "core/linalg/cache_files.h"
#include "core/model/model_files.h"
#include "core/model/rank_pattern.h"
#include "core/run/run_directory.h"
#include "core/run/run_lock.h"
#include "core/run/run_spec.h"
#include "tests/fuzz/input_folder.h"
#include "tests/fuzz/reader_tools.h"
#include "tests/fuzz/readers.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>

namespace pissarro::fuzz {
namespace {

namespace fs = std::filesystem;

bool isSame(double a, double b)
{
    return a == b || (std::isnan(a) && std::isnan(b));
}

void useSpec(const core::RunSpec& spec)
{
    const std::string written = core::specToJson(spec);
    demand(core::specToJson(core::specFromJson(written)) == written,
           "a spec that was read is not the one that was written");
    for (const std::string& target : spec.targets) {
        refusal([&] { core::globMatches(target, "model.layers.0.self_attn.q_proj"); });
    }
    core::specToCommand(spec, {core::methodNamed("lora")}, "runs/x");
    core::specDifferences({spec, core::RunSpec()});
    if (core::checkSpec(spec).empty()) {
        const std::int64_t steps = core::totalSteps(spec, 100);
        demand(steps > 0, "a spec without a problem has no steps");
        demand(std::isfinite(core::learningRateAt(spec, 1, steps)),
               "the rate of step 1 is no number");
    }
}

// Modules as a decoder has them, for patterns to be tried on.
const std::vector<core::LinearModule>& sampleModules()
{
    static const std::vector<core::LinearModule> kModules = [] {
        std::vector<core::LinearModule> modules;
        for (const char* name :
             {"model.layers.0.self_attn.q_proj", "model.layers.11.self_attn.k_proj",
              "model.layers.11.mlp.down_proj"}) {
            core::LinearModule module;
            module.name = name;
            module.rows = 64;
            module.cols = 48;
            modules.push_back(module);
        }
        return modules;
    }();
    return kModules;
}

// A LLaMA of one layer whose weights lie in two shards: what an index may be right about.
void writeShards()
{
    InputFolder::write(
        "config.json",
        R"({"model_type":"llama","architectures":["LlamaForCausalLM"],)"
        R"("hidden_size":4,"num_hidden_layers":1,"vocab_size":4,)"
        R"("intermediate_size":4,"num_attention_heads":2,"num_key_value_heads":2,)"
        R"("max_position_embeddings":16,"rms_norm_eps":1e-5,"rope_theta":10000.0,)"
        R"("hidden_act":"silu","tie_word_embeddings":true,"torch_dtype":"float32"})");
    const auto shard = [](const char* file, std::initializer_list<const char*> names) {
        std::string header = "{";
        std::size_t at = 0;
        for (const char* name : names) {
            const bool vector = std::string_view(name).find("norm") != std::string_view::npos;
            const std::size_t size = vector ? 16 : 64;
            header += (at == 0 ? "\"" : ",\"") + std::string(name) + R"(":{"dtype":"F32","shape":)"
                + (vector ? "[4]" : "[4,4]") + R"(,"data_offsets":[)" + std::to_string(at) + ","
                + std::to_string(at + size) + "]}";
            at += size;
        }
        header += "}";
        const auto length = static_cast<std::uint64_t>(header.size());
        InputFolder::write(file,
                           std::string(reinterpret_cast<const char*>(&length), sizeof(length))
                               + header + std::string(at, '\0'));
    };
    shard("one.safetensors",
          {"model.embed_tokens.weight", "model.norm.weight",
           "model.layers.0.input_layernorm.weight",
           "model.layers.0.post_attention_layernorm.weight"});
    shard("two.safetensors",
          {"model.layers.0.self_attn.q_proj.weight", "model.layers.0.self_attn.k_proj.weight",
           "model.layers.0.self_attn.v_proj.weight", "model.layers.0.self_attn.o_proj.weight",
           "model.layers.0.mlp.gate_proj.weight", "model.layers.0.mlp.up_proj.weight",
           "model.layers.0.mlp.down_proj.weight"});
}

} // namespace

std::optional<std::string> readSpec(std::string_view bytes)
{
    return refusal([&] { useSpec(core::specFromJson(bytes)); });
}

std::optional<std::string> readRunFolder(std::string_view bytes)
{
    const InputFolder folder(bytes, {core::kRunFile, core::kMetricsFile, ".lock", ".order"});
    const fs::path& path = InputFolder::path();
    core::MetricsTail tail(path);
    const std::vector<core::StepRecord> records = tail.poll();
    std::vector<core::StepRecord> all;
    core::appendRecords(all, records);
    for (std::size_t i = 1; i < all.size(); ++i) {
        demand(all[i - 1].step < all[i].step, "the steps of a run are out of order");
    }
    core::meanLoss(all, 0, 5);
    for (const core::StepRecord& record : all) {
        const auto again = core::stepFromJson(record.toJson());
        demand(again && isSame(again->loss, record.loss) && again->step == record.step,
               "a step that was read is not the one that was written");
    }
    refusal([&] { core::lastHolder(path); });
    refusal([&] { core::readOrder(path, core::thisProcess()); });
    core::findRuns(path.parent_path() / path.filename());
    refusal([&] { core::runsOfRequest(path); });
    return refusal([&] {
        const core::RunSummary run = core::readRun(path);
        core::initialAdapterOf(run);
        const std::string written = core::runToJson(run);
        InputFolder::write(core::kRunFile, written);
        demand(core::runToJson(core::readRun(path)) == written,
               "a run that was read is not the one that was written");
    });
}

std::optional<std::string> readAdapterConfig(std::string_view bytes)
{
    return refusal([&] {
        const core::PeftConfig config = core::peftConfigFromJson(bytes);
        for (const core::LinearModule& module : sampleModules()) {
            refusal([&] { config.targets(module.name); });
            refusal([&] { config.rankOf(module.name); });
            refusal([&] { config.alphaOf(module.name); });
        }
        for (const std::string& warning : config.warnings) {
            demand(core::isValidUtf8(warning) && warning.size() < kMessageLimit,
                   "a warning is no plain text: " + warning);
        }
    });
}

std::optional<std::string> readRankMap(std::string_view bytes)
{
    return refusal([&] {
        const core::RankPatterns patterns = core::rankPatternsFromJson(bytes);
        for (const core::LinearModule& module : sampleModules()) {
            refusal([&] {
                const auto given = core::rankAndAlphaOf(module.name, 8, 16.0, patterns);
                demand(given.rank > 0 && std::isfinite(given.alpha), "a rank map gives no rank");
            });
        }
        refusal([&] { core::adapterParameters(sampleModules(), 8, patterns); });
        core::checkRanks(sampleModules(), 8, patterns);
    });
}

std::optional<std::string> readConfig(std::string_view bytes)
{
    const InputFolder folder(bytes, {"config.json", "generation_config.json"});
    if (bytes.find(kNextFile) == std::string_view::npos) { // most models come without
        fs::remove(InputFolder::path() / "generation_config.json");
    }
    return refusal([&] {
        const core::ModelConfig config = core::readModelConfig(InputFolder::path() / "config.json");
        for (const std::int64_t size : {config.layers, config.width, config.heads, config.kvHeads,
                                        config.headDim, config.ffn, config.vocabulary}) {
            demand(size > 0, "a size of the model is not positive");
        }
        demand(config.heads % config.kvHeads == 0 && config.headDim % 2 == 0,
               "the heads do not fit");
        demand(std::isfinite(config.rmsEpsilon) && config.rmsEpsilon >= 0.0
                   && std::isfinite(config.ropeTheta) && config.ropeTheta > 0.0,
               "a number of the model cannot be computed with");
        for (const std::int64_t layer : {std::int64_t {0}, config.layers / 2, config.layers - 1}) {
            demand(config.windowOf(layer) >= 0, "the window of a layer is negative");
        }
    });
}

std::optional<std::string> readSpectrumCache(std::string_view bytes)
{
    const InputFolder folder(bytes, {"spectra.safetensors"});
    const fs::path path = InputFolder::path() / "spectra.safetensors";
    const core::SpectrumEntries entries = core::readSpectrumEntries(path);
    if (entries.empty()) {
        return "counts as empty";
    }
    for (const auto& [name, entry] : entries) {
        core::Spectrum spectrum = entry;
        spectrum.rows = spectrum.cols = static_cast<std::int64_t>(spectrum.values.size());
        for (const core::Measure measure :
             {core::Measure::Energy, core::Measure::NuclearShare, core::Measure::ResidualNorm,
              core::Measure::StableRank, core::Measure::EffectiveRank,
              core::Measure::DecayExponent}) {
            demand(std::isfinite(core::measureOf(spectrum, measure, 1)),
                   std::string(core::measureName(measure)) + " of a spectrum is no number");
        }
        const std::int64_t knee = core::kneeRank(spectrum);
        const std::int64_t rank = core::rankForEnergy(spectrum, 0.9);
        demand(knee >= 1 && knee <= spectrum.rows && rank >= 0 && rank <= spectrum.rows,
               "a rank is outside the spectrum");
    }
    core::writeSpectrumEntries(path, entries);
    demand(core::readSpectrumEntries(path).size() == entries.size(),
           "what was read is not read again");
    return std::nullopt;
}

std::optional<std::string> readFactorCache(std::string_view bytes)
{
    const InputFolder folder(bytes, {"factors.safetensors"});
    constexpr std::int64_t kSmaller = 4;
    constexpr std::int64_t kNeeded = 2;
    const auto factors =
        core::openFactorFile(InputFolder::path() / "factors.safetensors", kSmaller, kNeeded);
    if (!factors) {
        return "counts as absent";
    }
    const auto values = static_cast<std::uint64_t>(factors->values.elements());
    const auto vectors = static_cast<std::uint64_t>(factors->vectors.elements());
    demand(values == kSmaller && factors->values.sizeBytes == values * sizeof(double)
               && vectors >= kSmaller * kNeeded
               && factors->vectors.sizeBytes == vectors * sizeof(float),
           "factors have another size than was asked for");
    core::requireIntact(factors->values.data);
    return std::nullopt;
}

std::optional<std::string> readMarker(std::string_view bytes)
{
    const InputFolder folder(bytes, {"out/.pissarro", "out/config.json", "out/part/model.bin"});
    const fs::path out = InputFolder::path() / "out";
    InputFolder::write("kept.txt", "beside");
    core::isOurFile(out / "config.json");
    core::isOurFile(out / "part/model.bin");
    core::isGrowingFolder(out);
    const auto foreign = core::foreignIn(out);
    const auto refused = refusal([&] {
        core::OutputRule rule;
        rule.overwrite = core::Overwrite::Ours;
        core::checkOutputFolder(out, rule);
        core::emptyOurFolder(out);
    });
    demand(foreign.has_value() == refused.has_value(), "two answers to whose a folder is");
    demand(fs::exists(InputFolder::path() / "kept.txt"), "a file beside the output is gone");
    demand(fs::exists(out / "config.json") == refused.has_value(),
           "a folder is neither kept nor emptied");
    return refused;
}

std::optional<std::string> readIndex(std::string_view bytes)
{
    const InputFolder folder(bytes, {"model.safetensors.index.json"});
    writeShards();
    return refusal([&] {
        const auto files = core::ModelFiles::open(InputFolder::path());
        for (const core::TensorView& weight : files->weights()) {
            std::vector<float> values(static_cast<std::size_t>(weight.elements()));
            files->readFloat32(weight.name, values.data());
            files->identityOf(weight.name);
        }
    });
}

namespace {

void useHistory(const core::History& history)
{
    for (const auto& [name, series] : history.metrics) {
        demand(!series.steps.empty() && series.steps.size() == series.values.size(),
               "a metric has no figures, or another number of steps");
        demand(series.steps.front() >= 0
                   && std::adjacent_find(series.steps.begin(), series.steps.end(),
                                         std::greater_equal<>())
                       == series.steps.end(),
               "the steps of a metric do not ascend");
        demand(series.steps.back() <= history.step, "a metric goes on behind the last step");
        demand(core::isValidUtf8(name), "the name of a metric is no UTF-8");
    }
    for (const core::Said& note : history.notes) {
        demand(core::isValidUtf8(note.text()), "a note is no UTF-8");
    }
}

std::optional<std::string> readHistoryFile(std::string_view bytes, const char* name)
{
    const InputFolder folder(bytes, {name});
    return refusal([&] { useHistory(core::readHistory(InputFolder::path() / name)); });
}

} // namespace

std::optional<std::string> readTrainerState(std::string_view bytes)
{
    return readHistoryFile(bytes, "trainer_state.json");
}

std::optional<std::string> readTrainerLog(std::string_view bytes)
{
    return readHistoryFile(bytes, "trainer_log.jsonl");
}

std::optional<std::string> readEventFile(std::string_view bytes)
{
    constexpr const char* kName = "events.out.tfevents.1";
    std::string framed; // so that what stands in records is reached, too
    for (std::string_view rest = bytes; !rest.empty();) {
        const std::string_view piece = rest.substr(0, rest.find(kNextFile));
        framed += core::eventRecord(piece);
        rest.remove_prefix(std::min(rest.size(), piece.size() + 1));
    }
    readHistoryFile(framed, kName);
    return readHistoryFile(bytes, kName);
}

} // namespace pissarro::fuzz
