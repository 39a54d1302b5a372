// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/coded_weight.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/format/coded_weight_p.h"
#include "core/text/message_text.h"

#include <utility>

namespace pissarro::core::inline format {

void refuseTensor(std::string_view name, std::string_view what)
{
    throw Error(ErrorKind::Format,
                fmt::format("tensor {} {}; get the model again", shownText(name), what));
}

TensorView takePart(TensorsByName& tensors, const std::string& name, DType dtype,
                    const std::vector<std::int64_t>& shape)
{
    const auto found = tensors.find(name);
    if (found == tensors.end()) {
        refuseTensor(name, "is missing (expected beside the codes)");
    }
    TensorView view = std::move(found->second);
    if (view.dtype != dtype || view.shape != shape) {
        refuseTensor(name,
                     fmt::format("is {} {} (expected {} {})", dtypeName(view.dtype),
                                 shownShape(view.shape), dtypeName(dtype), shownShape(shape)));
    }
    tensors.erase(found);
    return view;
}

std::vector<float> numbersOf(const TensorView& view)
{
    std::vector<float> numbers(static_cast<std::size_t>(view.elements()));
    toFloat32(view, 0, view.elements(), numbers.data());
    return numbers;
}

CodedWeights takeCodedWeights(std::vector<TensorView>& tensors, const WeightCodes& how)
{
    TensorsByName byName;
    for (const TensorView& tensor : tensors) {
        byName.emplace(tensor.name, tensor);
    }
    CodedWeights found;
    takeFp8Weights(byName, how, found);
    takeInt8Weights(byName, found);
    if (how.packing != WeightCodes::Packing::None) {
        try {
            takePackedWeights(byName, how, found);
        } catch (const Error& e) {
            throw e.within(how.packing == WeightCodes::Packing::Gptq ? "GPTQ's codes"
                                                                     : "AWQ's codes");
        }
    }
    if (!found.empty()) {
        tensors.clear();
        for (auto& [name, view] : byName) {
            tensors.push_back(std::move(view));
        }
    }
    return found;
}

} // namespace pissarro::core::inline format
