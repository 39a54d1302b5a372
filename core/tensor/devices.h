// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace pissarro::core::inline tensor {

// Devices a run may name: "cpu", then "cuda:0" and so on with the card's name, when libtorch_cuda is there.
struct DeviceInfo {
    std::string id; // "cpu", "cuda:0"
    std::string title; // "CPU · 2 threads", "NVIDIA H100 PCIe · 79 GiB"
    int threads = 0; // that a CPU may use; 0: no CPU
};
DeviceInfo cpuDevice(); // asks no driver
std::vector<DeviceInfo> availableDevices(); // may load CUDA: seconds

// What a device's name stands for, "auto" resolved: "cpu", "cuda:0". Throws: Error{InvalidArgument}.
std::string resolvedDevice(const std::string& text);
// Why "auto" is not the card that is there: one line for people; empty: there is nothing to say.
std::string autoDeviceNote(const std::string& text);

} // namespace pissarro::core::inline tensor
