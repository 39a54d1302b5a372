// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/optim/trainable_tensors.h"

#include <ATen/ATen.h>

namespace pissarro::core::inline optim {

at::ScalarType masterTypeOf(at::ScalarType compute)
{
    return compute == at::kDouble ? at::kDouble : at::kFloat;
}

at::ScalarType Trainable::masterType() const
{
    return masterTypeOf(value.scalar_type());
}

at::Tensor& Trainable::sum()
{
    if (!gradient.defined()) {
        gradient = at::zeros(value.sizes(), value.options().dtype(masterType()));
    }
    return gradient;
}

Trainable trainableWeight(std::string name, const at::Tensor& compute)
{
    Trainable trainable;
    trainable.name = std::move(name);
    trainable.passing = true;
    const bool split =
        compute.scalar_type() == at::kBFloat16 && compute.is_cpu() && compute.is_contiguous();
    if (split) {
        trainable.value = compute;
        trainable.low = at::zeros(compute.sizes(), compute.options().dtype(at::kShort));
    } else {
        trainable.value = compute.to(masterTypeOf(compute.scalar_type()));
    }
    return trainable;
}

void refreshFrom(const Trainable& trainable, const at::Tensor& compute)
{
    if (trainable.value.defined() && !trainable.value.is_alias_of(compute)) {
        compute.copy_(trainable.value);
    }
}

} // namespace pissarro::core::inline optim
