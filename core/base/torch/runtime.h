// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <c10/core/Device.h>

#include <functional>
#include <string>

namespace pissarro::core {

// Sets LibTorch's thread count for the process; 0: as many as the machine has cores. Returns what is in force.
int useThreads(int threads);

// Lets the allocator keep what is freed for what comes next: the same shapes come again with every matrix and every step,
// and pages that go back to the system cost a fault each when they return. For the process; may be called again.
void keepFreedMemory();
void returnFreedMemory(); // to the system, once the work is done

// Turns "auto", "cpu", "cuda", "cuda:1" into a device. libtorch_cuda.so is loaded at the first call that could need it,
// from the folder that libtorch_cpu.so came from; without it, or without a card, only the CPU is there.
// Throws: Error{InvalidArgument} naming the devices there are.
c10::Device parseDevice(const std::string& text);

// Runs body() so that LibTorch computes on the calling thread alone, for timings and for what is small.
void onOneThread(const std::function<void()>& body);

// Runs body(i) for i in [0, count) on LibTorch's threads, each i on one thread that computes alone: what many small
// matrices want. Items are taken in order by whichever thread is free.
// Throws: what a body throws, the first one; the others end early.
void forEachInParallel(std::int64_t count, const std::function<void(std::int64_t)>& body);

} // namespace pissarro::core
