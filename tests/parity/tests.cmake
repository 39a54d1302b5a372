# SPDX-License-Identifier: GPL-3.0-or-later
include(parity/tokenizer_parity.cmake)
include(parity/chat_parity.cmake)
include(parity/adapter_parity.cmake)
include(parity/architecture_parity.cmake)
include(parity/tiny2_parity.cmake)
include(parity/spectrum_parity.cmake)
include(parity/quant_parity.cmake)
include(parity/history_parity.cmake)
