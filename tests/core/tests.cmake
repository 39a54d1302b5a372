# SPDX-License-Identifier: GPL-3.0-or-later
include(core/train_files.cmake)
include(core/base.cmake)
include(core/io.cmake)
include(core/torch.cmake)
include(core/data.cmake)
include(core/prompt.cmake)
