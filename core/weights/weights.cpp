// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/weights/weights.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/model/model_files_scan.h"
#include "core/tensor/dtypes_tensors.h"
#include "core/tensor/host_pointer_tensors.h"

#include <ATen/ATen.h>

namespace pissarro::core::inline weights {

at::Tensor loadWeight(const ModelFiles& files, std::string_view name, at::ScalarType type,
                      NotFinite notFinite)
{
    const TensorView* view = files.find(name);
    if (view == nullptr) {
        throw Error(ErrorKind::Format,
                    fmt::format("{}: has no tensor {}", files.path().string(), name));
    }
    if (notFinite == NotFinite::Refuse) {
        files.requireFinite(name);
    }
    at::Tensor out;
    if (files.isVerbatim(name)) {
        // One pass from the mapped file into the wanted type, without a float32 copy between.
        out = tensorOver(*view).to(type, /*non_blocking=*/false, /*copy=*/true);
    } else {
        out = at::empty(view->shape, at::kFloat);
        files.readFloat32(name, pissarro::core::out<float>(out));
        out = out.to(type);
    }
    files.release(name);
    return out;
}

at::Tensor loadWeight(const ModelFiles& files, std::string_view name, at::ScalarType type,
                      const JobContext& job)
{
    requireFinite(files, name, job);
    return loadWeight(files, name, type, NotFinite::Keep);
}

at::Tensor readWeight(const ModelFiles& files, std::string_view name, NotFinite notFinite)
{
    const TensorView* view = files.find(name);
    if (view == nullptr || view->dtype != DType::F32 || !files.isVerbatim(name)) {
        return loadWeight(files, name, at::kFloat, notFinite);
    }
    if (notFinite == NotFinite::Refuse) {
        files.requireFinite(name);
    }
    return tensorOver(*view);
}

} // namespace pissarro::core::inline weights
