// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/model_files.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/intact.h"
#include "core/file/regular_file.h"
#include "core/format/coded_weight.h"
#include "core/model/base_files.h"
#include "core/model/model_files_p.h"
#include "core/model/plan/layer_plan.h"
#include "core/model/weight_names.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

namespace pissarro::core::inline model {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse(const std::string& what)
{
    throw Error(ErrorKind::Format, what);
}

void checkWeight(const TensorView& found, const ExpectedWeight& expected)
{
    if (found.shape != expected.shape) {
        refuse("tensor " + shownText(found.name) + " has the shape " + shownShape(found.shape)
               + " (expected " + shownShape(expected.shape)
               + " by the configuration); configuration and weights do not belong together");
    }
    if (found.dtype.info().needsScales && found.shape.size() != 2) {
        refuse("tensor " + shownText(found.name) + " is in codes (expected of matrices only)");
    }
    if (!isWeightType(found.dtype)) {
        refuse("tensor " + shownText(found.name) + " holds " + std::string(dtypeName(found.dtype))
               + " (expected F32, F16 or BF16); convert the model");
    }
}

bool startsWithGgufMagic(const fs::path& file)
{
    const auto there = RegularFile::open(file);
    return there && there->read(0, 4) == "GGUF";
}

bool isPickle(const fs::path& file)
{
    const std::string extension = file.extension().string();
    return extension == ".bin" || extension == ".pt" || extension == ".pth" || extension == ".ckpt"
        || extension == ".pkl";
}

// Whether two matrices of one shape hold other numbers: rows spread over them are compared, since matrices that were
// trained apart differ in every row.
bool differs(const TensorView& a, const TensorView& b)
{
    constexpr std::int64_t kRows = 16;
    const std::int64_t rows = a.shape[0];
    const std::int64_t cols = a.shape[1];
    std::vector<float> ofA(static_cast<std::size_t>(cols));
    std::vector<float> ofB(static_cast<std::size_t>(cols));
    for (std::int64_t i = 0; i < kRows; ++i) {
        const std::int64_t row = (rows - 1) * i / (kRows - 1);
        toFloat32(a, row * cols, cols, ofA.data());
        toFloat32(b, row * cols, cols, ofB.data());
        if (ofA != ofB) {
            return true;
        }
    }
    return false;
}

bool isZero(const TensorView& view)
{
    if (view.dtype.info().toFloat32 == nullptr || view.shape.size() != 1) {
        return false;
    }
    std::vector<float> values(static_cast<std::size_t>(view.elements()));
    toFloat32(view, 0, view.elements(), values.data());
    return std::all_of(values.begin(), values.end(), [](float value) { return value == 0.0F; });
}

// "model.layers.61.…" of a model of 61 layers that has one more to draft with.
bool isOfDrafts(std::string_view name, const ModelConfig& config)
{
    const std::string layers = layersPrefix(config);
    if (config.draftLayers == 0 || !name.starts_with(layers)) {
        return false;
    }
    const std::string_view rest = name.substr(layers.size());
    std::int64_t layer = -1;
    const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), layer);
    return read.ec == std::errc() && layer >= config.layers
        && layer - config.layers < config.draftLayers;
}

bool holdsAnotherHead(const std::vector<TensorView>& weights, const ModelConfig& config)
{
    const std::vector<std::int64_t> shape {config.vocabulary, config.width};
    const auto stored = [&](std::string_view name) {
        return std::find_if(weights.begin(), weights.end(), [&](const TensorView& w) {
            return w.name == name && w.shape == shape && isWeightType(w.dtype)
                && !w.dtype.info().needsScales;
        });
    };
    if (!headPlan(config).tied) {
        return false;
    }
    const auto head = stored(headPlan(config).logits.name + ".weight");
    const auto embedding = stored(embeddingPlan(config).name + ".weight");
    return head != weights.end() && embedding != weights.end() && differs(*head, *embedding);
}

// What a matrix of an encoder is called within its layer: its last word, or all of them where others of the layer end alike.
// Those of a decoder that do so are of one kind, as experts are.
std::string typeOf(const std::string& module, const std::string& prefix,
                   const std::vector<LinearPlan>& layer)
{
    const auto lastOf = [](const std::string& name) { return name.substr(name.rfind('.') + 1); };
    const auto alike = std::count_if(layer.begin(), layer.end(), [&](const LinearPlan& other) {
        return lastOf(other.name) == lastOf(module);
    });
    return alike <= 1 ? lastOf(module) : module.substr(prefix.size());
}

[[noreturn]] void refuseHead(const fs::path& model)
{
    throw Error(ErrorKind::InvalidArgument,
                shownPath(model)
                    + ": can be given no head that sorts texts (expected the folder of an encoder, "
                      "such as BERT); leave --labels out");
}

} // namespace

std::shared_ptr<const ModelFiles> ModelFiles::open(const fs::path& model, Opening how,
                                                   const NewHead& head)
{
    const fs::path path = resolveModel(model.string());
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
        return openModelFolder(path, how, head);
    }
    if (path.extension() == ".gguf"
        || (fs::is_regular_file(path, ignored) && startsWithGgufMagic(path))) {
        if (head.labels > 0) {
            refuseHead(path);
        }
        return openModelGguf(path, how);
    }
    if (isPickle(path)) {
        throw Error(
            ErrorKind::Format,
            shownPath(path)
                + ": is a Python pickle, which can run code when it is read and is therefore "
                  "refused (expected safetensors or GGUF); convert it to safetensors");
    }
    const bool isShard = path.extension() == ".safetensors";
    if (path.filename() == kConfigFile || path.filename() == "model.safetensors.index.json"
        || (isShard && holdsModel(path.parent_path()))) {
        return openModelFolder(path.parent_path(), how, head);
    }
    if (isShard) {
        throw Error(ErrorKind::Format,
                    shownPath(path)
                        + ": is a file of weights alone (expected the model's folder, with "
                          "config.json beside it); give that folder");
    }
    throw Error(ErrorKind::Format,
                shownPath(path) + ": is no model (expected a Hugging Face folder or a GGUF file)");
}

void ModelFiles::finish(Opening how)
{
    // A tied head that is stored all the same is the embedding once more. If it is not, it counts: transformers 5 then
    // ties nothing.
    if (how == Opening::Checked && m_config.tiedEmbeddings
        && holdsAnotherHead(m_weights, m_config)) {
        m_config.tiedEmbeddings = false;
    }
    const HeadPlan headOf = headPlan(m_config);
    const std::string head = headOf.logits.name + ".weight";
    std::map<std::string, std::size_t, std::less<>> found;
    for (std::size_t i = 0; i < m_weights.size(); ++i) {
        if (isBuffer(m_weights[i]) || (headOf.tied && m_weights[i].name == head)) {
            continue;
        }
        found.emplace(m_weights[i].name, i);
    }
    std::vector<TensorView> sorted;
    for (const ExpectedWeight& expected : expectedWeights(m_config)) {
        const auto place = found.find(expected.name);
        if (place == found.end()) {
            refuse("tensor " + shownText(expected.name) + " is missing (expected "
                   + shownShape(expected.shape) + "); the model is incomplete: get it again");
        }
        TensorView& weight = m_weights[place->second];
        if (expected.transposed) {
            m_transposed.insert(expected.name);
        }
        if (expected.transposed && !m_isGguf) {
            std::reverse(weight.shape.begin(), weight.shape.end());
        }
        checkWeight(weight, expected);
        m_index.emplace(expected.name, sorted.size());
        sorted.push_back(std::move(weight));
        found.erase(place);
    }
    checkOthers(found);
    m_weights = std::move(sorted);
    for (std::int64_t layer = 0; layer < m_config.layers; ++layer) {
        const std::vector<LinearPlan> linears = layerPlan(m_config, layer).linears();
        const std::vector<LinearPlan> toldApart =
            m_config.bidirectional ? linears : std::vector<LinearPlan>();
        const std::string prefix = fmt::format("{}{}.", layersPrefix(m_config), layer);
        for (const LinearPlan& linear : linears) {
            m_linears.push_back({linear.name, typeOf(linear.name, prefix, toldApart), layer,
                                 linear.rows, linear.cols, at(linear.name + ".weight").dtype});
        }
    }
    if (m_config.dtype.empty()) {
        m_config.dtype = modelDType(m_linears.front().dtype);
    }
}

void ModelFiles::checkOthers(const std::map<std::string, std::size_t, std::less<>>& others)
{
    std::vector<std::string> beside;
    std::vector<std::string> unknown;
    for (const auto& [name, place] : others) {
        if (isOfDrafts(name, m_config)) {
            beside.push_back(name);
            continue;
        }
        // GPTQ's makers write biases that no model has.
        if (!name.ends_with(".bias") || !isZero(m_weights[place])) {
            (!m_isGguf && isBesideDecoder(name, m_config.names) ? beside : unknown).push_back(name);
        }
    }
    if (!unknown.empty()) {
        const std::size_t more = unknown.size() - 1;
        refuse(fmt::format("tensor {} is not part of a {} model of {} layer{}{}; configuration and "
                           "weights do not belong together",
                           shownText(unknown.front()), m_config.architecture, m_config.layers,
                           m_config.layers == 1 ? "" : "s",
                           more == 0       ? std::string()
                               : more == 1 ? std::string(", and one more is not")
                                           : fmt::format(", and {} more are not", more)));
    }
    if (!beside.empty()) {
        m_notes.push_back(
            fmt::format("the weights hold {}, which no part of the model reads", someOf(beside)));
    }
}

std::int64_t ModelFiles::parameters() const
{
    std::int64_t sum = 0;
    for (const TensorView& weight : m_weights) {
        sum += weight.elements();
    }
    return sum;
}

bool ModelFiles::isFourBit() const
{
    return std::any_of(m_linears.begin(), m_linears.end(), [](const LinearModule& module) {
        return module.dtype == DType::Nf4 || module.dtype == DType::Fp4;
    });
}

std::uint64_t ModelFiles::weightBytes() const
{
    std::uint64_t sum = 0;
    for (const TensorView& weight : m_weights) {
        sum += weight.sizeBytes;
    }
    return sum;
}

const TensorView* ModelFiles::find(std::string_view name) const
{
    const auto found = m_index.find(name);
    return found == m_index.end() ? nullptr : &m_weights[found->second];
}

const TensorView& ModelFiles::at(std::string_view name) const
{
    const TensorView* const found = find(name);
    if (found == nullptr) {
        throw Error(ErrorKind::Format,
                    shownPath(m_path) + ": the model has no weight " + shownText(name));
    }
    return *found;
}

const MappedFile* ModelFiles::fileOf(const TensorView& view) const
{
    const auto holds = [&](const std::shared_ptr<const MappedFile>& file) {
        const std::span<const std::byte> bytes = file->bytes();
        return view.data >= bytes.data() && view.data < bytes.data() + bytes.size();
    };
    const auto found = std::find_if(m_mappings.begin(), m_mappings.end(), holds);
    return found == m_mappings.end() ? nullptr : found->get();
}

fs::path ModelFiles::pathOf(const TensorView& view) const
{
    const MappedFile* const file = fileOf(view);
    return file == nullptr ? m_path : file->path();
}

bool ModelFiles::isPrecise(std::string_view weightName) const
{
    return m_config.mixture.correction && weightName.ends_with(m_config.names.mixture.correction);
}

void ModelFiles::prefetch(std::string_view weightName) const
{
    const TensorView& view = at(weightName);
    if (const MappedFile* const file = fileOf(view)) {
        file->prefetch(view.data, view.sizeBytes);
    }
}

void ModelFiles::release(std::string_view weightName) const
{
    const TensorView& view = at(weightName);
    if (const MappedFile* const file = fileOf(view)) {
        file->release(view.data, view.sizeBytes);
    }
    requireIntact(view.data); // whoever is done with it
}

void ModelFiles::requireFinite(std::string_view weightName) const
{
    const TensorView& view = at(weightName);
    const CodedWeight* const coded = codedWeight(weightName);
    const bool finite = isFinite(view) && (coded == nullptr || coded->isFinite());
    requireIntact(view.data);
    if (!finite) {
        throw Error(ErrorKind::Format,
                    shownPath(pathOf(view)) + ": tensor " + shownText(view.name)
                        + " holds NaN or Inf (expected finite numbers); the weights are damaged: "
                          "get the model again");
    }
}

std::string ModelFiles::identityOf(std::string_view weightName) const
{
    const TensorView& view = at(weightName);
    const MappedFile* const file = fileOf(view);
    if (file == nullptr) { // drawn: what nothing is kept of
        return fmt::format("{}|{}", m_path.string(), weightName);
    }
    std::error_code failed;
    const fs::path real = fs::canonical(file->path(), failed);
    return fmt::format("{}|{}|{}|{}|{}|{}|{}", (failed ? file->path() : real).string(),
                       file->bytes().size(), file->modifiedNs(), file->changedNs(),
                       view.data - file->bytes().data(), dtypeName(view.dtype),
                       shownShape(view.shape));
}

} // namespace pissarro::core::inline model
