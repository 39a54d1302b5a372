// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/catalog/headers_p.h"
#include "core/file/fingerprint.h"
#include "core/file/json_file.h"
#include "core/format/gguf.h"
#include "core/format/safetensors.h"
#include "core/model/base_files.h"
#include "core/model/model_files.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

namespace pissarro::core::inline catalog {

namespace fs = std::filesystem;

namespace {

using Elements = std::map<DType, std::int64_t>;

constexpr std::uint64_t kConfigLimit = 32U << 20; // bytes
constexpr std::int64_t kCountLimit = std::int64_t {1} << 55; // elements: nobody has more

// A type that files of models are called by, in their name or by a manifest: "Q4_K_M", "iq2_xs".
std::string typeIn(const std::string& text)
{
    std::string type = text.substr(text.find_last_of(".-") + 1);
    std::transform(type.begin(), type.end(), type.begin(), [](unsigned char c) {
        return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    });
    return type;
}

// A mix of blocks is known by a longer name, "Q4_K_M" of Q4_K and Q6_K; a name that says another type is not believed.
bool isMixOf(const std::string& name, const std::string& main)
{
    const std::size_t size = std::min(main.find('_'), main.size()); // "Q4", "IQ2"
    return name.size() > size && name.starts_with(main.substr(0, size))
        && name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string::npos;
}

void setTypes(const Elements& elements, const FoundModel& found, ListedModel& model)
{
    for (const auto& [type, count] : elements) {
        model.types.push_back({std::string(dtypeName(type)), count});
    }
    std::stable_sort(
        model.types.begin(), model.types.end(),
        [](const StoredType& a, const StoredType& b) { return a.elements > b.elements; });
    if (model.types.empty()) {
        return;
    }
    model.storedAs = model.types.front().name;
    const std::string told =
        typeIn(found.storedAs.empty() ? fs::path(found.path).stem().string() : found.storedAs);
    if (model.isGguf && isMixOf(told, model.storedAs)) {
        model.storedAs = told;
    }
}

void setNeed(const ModelFiles& files, ListedModel& model)
{
    RunSpec spec;
    const std::int64_t tokens = largestMicroBatch(nullptr, spec);
    const auto needOf = [&](Method method) {
        spec.method = method;
        return estimateMemory(files, spec, {}, tokens);
    };
    model.need.adapter = needOf(firstWhere(isResidual));
    model.need.fourBit = needOf(firstWhere(isFourBit));
    model.need.full = needOf(firstWhere([](Method method) { return !hasAdapter(method); }));
}

void setOpened(const ModelFiles& files, const FoundModel& found, ListedModel& model)
{
    const ModelConfig& config = files.config();
    model.architecture = config.architecture;
    model.isGguf = files.isGguf();
    model.parameters = files.parameters();
    model.layers = config.layers;
    model.width = config.width;
    model.heads = config.heads;
    model.kvHeads = config.kvHeads;
    model.vocabulary = config.vocabulary;
    model.maxPositions = config.maxPositions;
    Elements elements;
    for (const TensorView& weight : files.weights()) {
        elements[weight.dtype] += weight.elements();
    }
    setTypes(elements, found, model);
    setNeed(files, model);
}

// Of tensors that are no model as it is known here: their number is that of the parameters only where none is packed.
void setTensors(const std::vector<TensorView>& tensors, Elements& elements)
{
    for (const TensorView& tensor : tensors) {
        const std::int64_t count = tensor.elements();
        if (count >= 0 && count < kCountLimit && elements[tensor.dtype] < kCountLimit) {
            elements[tensor.dtype] += count;
        }
    }
}

void setParameters(const Elements& elements, ListedModel& model)
{
    const bool isPlain = std::all_of(elements.begin(), elements.end(), [](const auto& one) {
        return isWeightType(one.first) || one.second < 1'000'000;
    });
    model.parameters = isPlain
        ? std::accumulate(elements.begin(), elements.end(), std::int64_t {0},
                          [](std::int64_t sum, const auto& one) { return sum + one.second; })
        : 0;
}

std::int64_t sizeIn(const nlohmann::json& config, const char* key)
{
    const auto inner = jsonField(config, "text_config"); // of wrappers
    const auto own = jsonFieldAs<std::int64_t>(config, key);
    const auto below = inner != nullptr && inner->is_object()
        ? jsonFieldAs<std::int64_t>(*inner, key)
        : std::nullopt;
    return std::clamp(own.value_or(below.value_or(0)), std::int64_t {0}, kCountLimit);
}

std::string shortened(const std::string& text)
{
    const std::string shown = shownText(text, 40);
    return shown.substr(1, shown.size() - 2);
}

// What a config.json says of itself; false: it says of no model.
bool setConfig(const fs::path& file, ListedModel& model)
{
    try {
        const nlohmann::json config = readJsonFile(file, kConfigLimit);
        if (!config.is_object()) {
            return true; // a damaged one, which is said
        }
        const auto* const classes = jsonField(config, "architectures");
        const auto type = jsonFieldAs<std::string>(config, "model_type");
        if (!type && classes == nullptr) {
            return false;
        }
        model.architecture = shortened(type.value_or(""));
        if (!type && classes->is_array() && !classes->empty()) {
            model.architecture = shortened(jsonAs<std::string>(classes->front()).value_or(""));
        }
        model.layers = sizeIn(config, "num_hidden_layers");
        model.width = sizeIn(config, "hidden_size");
        model.heads = sizeIn(config, "num_attention_heads");
        model.kvHeads = sizeIn(config, "num_key_value_heads");
        model.vocabulary = sizeIn(config, "vocab_size");
        model.maxPositions = sizeIn(config, "max_position_embeddings");
    } catch (const Error&) {
        return true;
    }
    return true;
}

void setFolderTensors(const FoundModel& found, ListedModel& model)
{
    Elements elements;
    // Some repositories hold the weights once more, as consolidated.safetensors.
    const bool isUsual =
        std::any_of(found.files.begin(), found.files.end(), [](const FileStamp& file) {
            return file.name.starts_with("model") && file.name.ends_with(".safetensors");
        });
    for (const FileStamp& file : found.files) {
        if (file.name.ends_with(".safetensors") && (!isUsual || file.name.starts_with("model"))) {
            setTensors(SafetensorsFile::open(found.path / file.name).tensors(), elements);
        }
    }
    setTypes(elements, found, model);
    setParameters(elements, model);
}

void setGguf(const FoundModel& found, ListedModel& model)
{
    const GgufFile file = GgufFile::open(found.path);
    const std::string architecture = file.text("general.architecture").value_or("");
    const auto sizeOf = [&](const char* key) {
        const auto value = file.values().find(fmt::format("{}.{}", architecture, key));
        const auto* const whole =
            value == file.values().end() ? nullptr : std::get_if<std::uint64_t>(&value->second);
        return whole == nullptr
            ? std::int64_t {0}
            : static_cast<std::int64_t>(std::min<std::uint64_t>(*whole, kCountLimit));
    };
    model.architecture = shortened(architecture);
    model.layers = sizeOf("block_count");
    model.width = sizeOf("embedding_length");
    model.heads = sizeOf("attention.head_count");
    model.kvHeads = sizeOf("attention.head_count_kv");
    model.maxPositions = sizeOf("context_length");
    Elements elements;
    setTensors(file.tensors(), elements);
    setTypes(elements, found, model);
    setParameters(elements, model);
}

// What an error says of the model, which the list names already.
std::string clauseOf(const Error& error, const FoundModel& found)
{
    const std::string what = error.what();
    std::vector<fs::path> files {found.path, found.path / kConfigFile};
    for (const FileStamp& file : found.files) {
        files.push_back(found.path / file.name);
    }
    for (const fs::path& file : files) {
        const std::string begin = shownPath(file) + ": ";
        if (what.starts_with(begin)) {
            const std::string rest = what.substr(begin.size());
            return file == found.path ? rest
                                      : fmt::format("{}: {}", shownPath(file.filename()), rest);
        }
    }
    return what;
}

} // namespace

ListedModel listedBare(const FoundModel& found, const ModelPlace& place)
{
    ListedModel model;
    model.place = place;
    model.path = found.path;
    model.author = found.author;
    model.name = found.name;
    model.version = found.version;
    model.problem = found.problem;
    std::set<std::pair<std::uint64_t, std::uint64_t>> counted; // two names of one file
    for (const FileStamp& file : found.files) {
        if (counted.emplace(file.device, file.inode).second) {
            model.diskBytes += file.bytes;
        }
        model.writtenNs = std::max(model.writtenNs, file.writtenNs);
    }
    return model;
}

std::optional<ListedModel> readHeaders(const FoundModel& found, const ModelPlace& place)
{
    ListedModel model = listedBare(found, place);
    std::error_code failed;
    const bool isFolder = fs::is_directory(found.path, failed);
    model.isGguf = !isFolder && !found.files.empty();
    if (model.problem.empty()) {
        try {
            setOpened(*ModelFiles::open(found.path, Opening::HeadersAlone), found, model);
            return model;
        } catch (const Error& e) {
            const std::string unfinished = unfinishedClause(found.unfinished);
            model.problem = unfinished.empty() ? clauseOf(e, found) : unfinished;
        }
    }
    model.types.clear();
    try {
        if (isFolder) {
            if (!setConfig(found.path / kConfigFile, model) && !found.isCertain) {
                return std::nullopt;
            }
            setFolderTensors(found, model);
        } else if (model.isGguf) {
            setGguf(found, model);
        }
    } catch (const Error&) {
        // What was read so far is what there is to say beside the reason.
    }
    return model;
}

std::string identityOf(const FoundModel& found)
{
    Fingerprint print;
    for (const std::string& text :
         {found.author, found.name, found.version, found.storedAs, found.problem}) {
        print.add(std::string_view(text));
    }
    for (const FileStamp& file : found.files) {
        print.add(std::string_view(file.name));
        print.add(static_cast<std::int64_t>(file.inode));
        print.add(static_cast<std::int64_t>(file.bytes));
        print.add(file.writtenNs);
    }
    return print.text();
}

} // namespace pissarro::core::inline catalog
