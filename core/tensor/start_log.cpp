// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tensor/start_log.h"

#include "core/base/allowed_cores.h"
#include "core/base/fmt.h"
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
    return fmt::format("{}, {}{}, {}, LibTorch {}", threadsText(allowedCores()),
                       kernels::operationsName(kernels::presentOperations().back()),
                       asked != nullptr ? fmt::format(" (PISSARRO_OPS={})", asked) : std::string(),
                       bytesText(static_cast<std::uint64_t>(machineMemoryBytes())), TORCH_VERSION);
}

LogEntry startEntry(const std::string& program, const std::string& verb)
{
    return {LogLevel::Info,
            fmt::format("{} {}{}, on {}", program, version(),
                        verb.empty() ? std::string() : ", verb " + verb, machineText())};
}

} // namespace pissarro::core::inline tensor
