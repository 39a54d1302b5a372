// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/expert_tensors.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/model/plan/layer_plan.h"
#include "core/text/message_text.h"

#include <string_view>

namespace pissarro::core::inline model {

namespace {

// Of transformers 5, whatever the family.
constexpr std::string_view kGateAndUp = "mlp.experts.gate_up_proj";
constexpr std::string_view kDown = "mlp.experts.down_proj";
constexpr std::string_view kRouter = "mlp.gate.weight";

struct Rows {
    std::int64_t first = 0;
    std::int64_t count = 0;
};

// Throws where the tensor is no [experts, rows, cols] of whole blocks, or `parts` does not divide its rows.
void checkFused(const TensorView& all, const ModelConfig& config, std::int64_t parts)
{
    const DTypeInfo& info = all.dtype.info();
    const bool fits = all.shape.size() == 3 && all.shape[0] == config.mixture.experts
        && all.shape[1] > 0 && all.shape[1] % parts == 0 && all.shape[2] > 0
        && all.shape[2] % info.elements == 0
        && all.sizeBytes == dtypeBytes(all.dtype, static_cast<std::uint64_t>(all.elements()));
    if (!fits) {
        throw Error(ErrorKind::Format,
                    fmt::format("tensor {} has the shape {} (expected a matrix for each of the {} "
                                "experts); configuration and weights do not belong together",
                                shownText(all.name), shownShape(all.shape),
                                config.mixture.experts));
    }
}

TensorView matrixOf(const TensorView& all, std::int64_t expert, const Rows& rows, std::string name)
{
    const std::uint64_t rowBytes = dtypeBytes(all.dtype, static_cast<std::uint64_t>(all.shape[2]));
    const auto first = static_cast<std::uint64_t>(expert * all.shape[1] + rows.first);
    return {std::move(name),
            all.dtype,
            {rows.count, all.shape[2]},
            all.data + first * rowBytes,
            static_cast<std::uint64_t>(rows.count) * rowBytes};
}

// "model.layers.3.": what stands before `rest` in a layer's name; empty: it is no such name.
std::string_view layerOf(std::string_view name, std::string_view rest, const ModelConfig& config)
{
    if (!name.ends_with(rest)) { // nearly all are others
        return {};
    }
    const std::string layers = layersPrefix(config);
    if (!name.starts_with(layers) || name.size() < layers.size() + rest.size()) {
        return {};
    }
    const std::string_view number =
        name.substr(layers.size(), name.size() - layers.size() - rest.size());
    const bool isNumber = number.size() > 1 && number.back() == '.'
        && number.find_first_not_of("0123456789") == number.size() - 1;
    return isNumber ? name.substr(0, layers.size() + number.size()) : std::string_view();
}

// False: the tensor is another.
bool split(const TensorView& weight, const ModelConfig& config, std::vector<TensorView>& out)
{
    const ModuleNames& names = config.names;
    const std::string_view both = layerOf(weight.name, kGateAndUp, config);
    const std::string_view down = layerOf(weight.name, kDown, config);
    const std::string_view layer = both.empty() ? down : both;
    if (layer.empty()) {
        return false;
    }
    checkFused(weight, config, both.empty() ? 1 : 2);
    const std::int64_t rows = weight.shape[1];
    const auto add = [&](std::int64_t expert, const Rows& some, const std::string& matrix) {
        out.push_back(matrixOf(
            weight, expert, some,
            fmt::format("{}{}.{}.{}.weight", layer, names.mixture.experts, expert, matrix)));
    };
    for (std::int64_t expert = 0; expert < config.mixture.experts; ++expert) {
        if (both.empty()) {
            add(expert, {0, rows}, names.mixture.down);
        } else {
            add(expert, {0, rows / 2}, names.mixture.gate);
            add(expert, {rows / 2, rows / 2}, names.mixture.up);
        }
    }
    return true;
}

} // namespace

std::vector<TensorView> matricesOfExperts(const TensorView& all, const std::string& name,
                                          const ModelConfig& config)
{
    checkFused(all, config, 1);
    const std::size_t star = name.find('*');
    std::vector<TensorView> each;
    for (std::int64_t expert = 0; expert < config.mixture.experts; ++expert) {
        std::string one = name;
        if (star != std::string::npos) {
            one.replace(star, 1, fmt::format("{}", expert));
        }
        each.push_back(matrixOf(all, expert, {0, all.shape[1]}, std::move(one)));
    }
    return each;
}

void splitFusedExperts(std::vector<TensorView>& weights, const ModelConfig& config)
{
    if (config.mixture.experts == 0) {
        return;
    }
    std::vector<TensorView> each;
    for (TensorView& weight : weights) {
        if (split(weight, config, each)) {
            continue;
        }
        const std::string_view layer = layerOf(weight.name, kRouter, config);
        if (!layer.empty()) {
            weight.name = fmt::format("{}{}.weight", layer, config.names.mixture.router);
        }
        each.push_back(std::move(weight));
    }
    weights = std::move(each);
}

} // namespace pissarro::core::inline model
