#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The monkey of tests/ui/tst_monkey.cpp for SECONDS under asan: ./dev fuzz calls it. The seed is printed with every failure;
# PISSARRO_MONKEY_SEED=N gives the same hands again.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
export QT_QPA_PLATFORM=offscreen PISSARRO_MONKEY_SECONDS=${1:-600} QTEST_FUNCTION_TIMEOUT=$(((${1:-600} + 1800) * 1000))
export ASAN_OPTIONS=detect_leaks=0:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
exec "$root/build/asan/tests/tst_ui_monkey"
