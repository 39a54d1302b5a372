// SPDX-License-Identifier: GPL-3.0-or-later
// Golden values as tensors, for the tests of core that link LibTorch. PISSARRO_NEEDS(path) skips a test whose values are
// not in golden(): the smaller ones of the tree lack some.
#pragma once

#include "core/dataset/batches.h"
#include "core/format/safetensors.h"
#include "core/tensor/dtypes_tensors.h"
#include "tests/tools/golden_folder.h"

#include <QtTest/QtTest>

#include <filesystem>
#include <string>

namespace pissarro::tests {

// A safetensors file of golden tensors; they live as long as it.
class Golden {
public:
    explicit Golden(const std::filesystem::path& path)
        : m_file(core::SafetensorsFile::open(path))
    {
    }
    bool has(const std::string& name) const { return m_file.find(name) != nullptr; }
    at::Tensor operator[](const std::string& name) const
    {
        return core::tensorOver(m_file.at(name)).clone();
    }
    const std::vector<core::TensorView>& views() const { return m_file.tensors(); }

private:
    core::SafetensorsFile m_file;
};

inline double maxDifference(const at::Tensor& a, const at::Tensor& b)
{
    return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

// ||a - b|| / ||b||
inline double relativeDifference(const at::Tensor& a, const at::Tensor& b)
{
    const double norm = b.to(at::kDouble).norm().item<double>();
    return (a.to(at::kDouble) - b.to(at::kDouble)).norm().item<double>() / (norm > 0 ? norm : 1.0);
}

inline core::Batch toBatch(const at::Tensor& ids_BT, const at::Tensor& labels_BT,
                           const at::Tensor& mask_BT)
{
    const auto values = [](const at::Tensor& t) {
        const at::Tensor flat = t.to(at::kLong).contiguous();
        const auto* p = flat.const_data_ptr<std::int64_t>();
        return std::vector<std::int64_t>(p, p + flat.numel());
    };
    return {ids_BT.size(0), ids_BT.size(1), values(ids_BT), values(labels_BT), values(mask_BT)};
}

} // namespace pissarro::tests

#define PISSARRO_NEEDS(what)                                                                       \
    do {                                                                                           \
        const std::filesystem::path neededPath = what;                                             \
        if (!std::filesystem::exists(neededPath)) {                                                \
            QSKIP(("needs " + neededPath.string()).c_str());                                       \
        }                                                                                          \
    } while (false)
