// SPDX-License-Identifier: GPL-3.0-or-later
// Every backend that this machine has, as rows of a test: the processor's operations, and a card where there is one.
#pragma once

#include "core/decoder/blocks/weight_loader_tensors.h"
#include "core/decoder/ops/ops_tensors.h"
#include "core/tensor/devices.h"

#include <ATen/core/Tensor.h>

#include <QtTest/QtTest>

#include <string>
#include <vector>

namespace pissarro::tests {

struct Backend {
    std::string name;
    at::Device device;
    core::kernels::Operations operations;

    const core::Ops& ops() const { return core::opsFor(device, operations); }
    core::WeightPlan plan() const
    {
        core::WeightPlan plan;
        plan.operations = operations;
        return plan;
    }
};

inline const std::vector<Backend>& presentBackends()
{
    static const std::vector<Backend> present = [] {
        std::vector<Backend> found;
        for (const auto one : core::kernels::presentOperations()) {
            found.push_back({std::string(core::kernels::operationsName(one)), at::kCPU, one});
        }
        for (const core::DeviceInfo& device : core::availableDevices()) {
            if (device.id != "cpu") {
                found.push_back(
                    {device.id, at::Device(device.id), core::kernels::Operations::LibTorch});
            }
        }
        return found;
    }();
    return present;
}

// Of a class: void initTestCase_data() { eachBackend(); } runs every test for each of them, which asks thisBackend().
inline void eachBackend()
{
    QTest::addColumn<int>("backend");
    for (std::size_t i = 0; i < presentBackends().size(); ++i) {
        QTest::newRow(presentBackends()[i].name.c_str()) << static_cast<int>(i);
    }
}

inline const Backend& thisBackend()
{
    QFETCH_GLOBAL(int, backend);
    return presentBackends()[static_cast<std::size_t>(backend)];
}

inline const core::Ops& theseOps()
{
    return thisBackend().ops();
}

} // namespace pissarro::tests
