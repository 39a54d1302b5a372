// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/cli/cli_process.h"

namespace pissarro::tests {

struct MeasuredResult : CliResult {
    double cpuSeconds = 0.0; // of the processor: a busy neighbour does not count
    qint64 peakBytes = 0; // largest resident memory
};

// As runCli(), on one thread, with what the kernel counted; killed after hangMs().
// Threads: may run in several at once.
MeasuredResult runMeasured(const QStringList& arguments);

// Whether the process has taken the signal into its own hands: before main() it ends as the system ends a program.
bool hears(qint64 pid, int signal);

} // namespace pissarro::tests
