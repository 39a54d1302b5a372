# SPDX-License-Identifier: GPL-3.0-or-later
include(ui/plot.cmake)
include(ui/shell.cmake)
include(ui/train.cmake)
include(ui/window.cmake)
