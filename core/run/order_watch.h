// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <thread>

namespace pissarro::core::inline run {

// While it lives, calls `stop` once where somebody asks this process, which trains in `request`, to stop and keep
// (RUNDIR/.order), a tenth of a second after they did: in phases that ask for no orders themselves, such as a decomposition.
// An order that cannot be read is none.
// Threads: `stop` is called on a thread of its own; it must not throw, nor wait for whoever destroys the watch.
class OrderWatch {
public:
    OrderWatch(std::filesystem::path request, std::function<void()> stop);

private:
    std::jthread m_thread;
};

} // namespace pissarro::core::inline run
