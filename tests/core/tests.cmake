# SPDX-License-Identifier: GPL-3.0-or-later
include(core/plain.cmake)
include(core/torch.cmake)
