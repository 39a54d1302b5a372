// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/blocks/whole_weight_tensors.h"

#include <ATen/ATen.h>

namespace pissarro::core::inline decoder::inline blocks {

void WholeWeight::trainWeights(const std::function<bool(const std::string&)>& wanted)
{
    trained = wanted(module) ? trainableWeight(module + "." + ending, value) : Trainable {};
}

void WholeWeight::collect(std::vector<Trainable*>& out)
{
    if (trains()) {
        out.push_back(&trained);
    }
}

void WholeWeight::refresh()
{
    refreshFrom(trained, value);
}

} // namespace pissarro::core::inline decoder::inline blocks
