# SPDX-License-Identifier: GPL-3.0-or-later
include(cli/cli.cmake)
include(bench/bench.cmake)
