// SPDX-License-Identifier: GPL-3.0-or-later
// Time in tests: no test passes or fails by how fast the machine is.
#pragma once

#include <cstdlib>
#include <ctime>

namespace pissarro::tests {

// How long a test waits for what has to come: five minutes, $PISSARRO_TEST_SLOW times as long where it is set (a
// sanitizer's build, an emulator). It ends a test that hangs, and nothing else.
inline int hangMs()
{
    const char* const slow = std::getenv("PISSARRO_TEST_SLOW");
    const int factor = slow == nullptr ? 1 : std::atoi(slow);
    return 300'000 * (factor > 1 ? factor : 1);
}

// Seconds of processor time that this process has used since the clock was made. For work that is known to take
// milliseconds and would take hours if it grew with the square of its input: a busy neighbour does not count.
class CpuClock {
public:
    double seconds() const { return now() - m_start; }

private:
    static double now()
    {
        timespec used {};
        ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
        return static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec);
    }
    double m_start = now();
};

// What work of milliseconds stays below on any machine and under any sanitizer.
constexpr double kSoonS = 20.0;

} // namespace pissarro::tests
