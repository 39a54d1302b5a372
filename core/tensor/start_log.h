// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/file/log.h"

#include <string>

namespace pissarro::core::inline tensor {

// What a report of a fault needs to know of a machine: "2 threads, avx512bf16 (PISSARRO_OPS=plain), 16.7 GB, LibTorch 2.11.0".
std::string machineText();

// What the log says of the start of a program: "pissarro-cli 0.1.0, verb train, on " and machineText(). `program`: its name.
LogEntry startEntry(const std::string& program, const std::string& verb = {});

} // namespace pissarro::core::inline tensor
