// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tensor/start_log.h"

#include "core/base/allowed_cores.h"
#include "core/base/machine_memory.h"
#include "core/base/version.h"
#include "core/kernels/operations.h"
#include "core/text/message_text.h"

#include <torch/version.h>

#include <cstdlib>

namespace pissarro::core::inline tensor {

std::string machineText()
{
    const char* const asked = std::getenv("PISSARRO_OPS"); // as it stands: it may be none
    return threadsText(allowedCores()) + ", "
        + std::string(kernels::operationsName(kernels::presentOperations().back()))
        + (asked != nullptr ? " (PISSARRO_OPS=" + std::string(asked) + ")" : "") + ", "
        + bytesText(static_cast<std::uint64_t>(machineMemoryBytes())) + ", LibTorch "
        + TORCH_VERSION;
}

LogEntry startEntry(const std::string& program, const std::string& verb)
{
    return {LogLevel::Info,
            program + " " + version() + (verb.empty() ? "" : ", verb " + verb) + ", on "
                + machineText()};
}

} // namespace pissarro::core::tensor
