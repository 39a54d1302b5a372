// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <string>

namespace pissarro::core::inline tensor {

// Lets the allocator keep what is freed for what comes next: the same shapes come again with every matrix and every step,
// and pages that go back to the system cost a fault each when they return. For the process; may be called again.
void keepFreedMemory();
void returnFreedMemory(); // to the system, once the work is done

// Turns "auto", "cpu", "cuda", "cuda:1" into a device. libtorch_cuda.so is loaded at the first call that could need it,
// from the folder that libtorch_cpu.so came from; without it, or without a card, only the CPU is there.
// "auto" is the CPU until this version has passed its tests on a card: kTestedOnCuda in devices.cpp.
// Throws: Error{InvalidArgument} naming the devices there are, and why there is no card where one was asked for.
c10::Device parseDevice(const std::string& text);

// The most that LibTorch's allocator of a card has had in use since the reset; 0 for the CPU, and before its first tensor.
std::int64_t peakDeviceBytes(c10::Device device);
void resetPeakDeviceBytes(c10::Device device);

} // namespace pissarro::core::inline tensor
