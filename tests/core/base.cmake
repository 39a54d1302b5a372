# SPDX-License-Identifier: GPL-3.0-or-later
pissarro_test(NAME core.allowed_cores SOURCE core/base/tst_allowed_cores.cpp LINK Pissarro::core_base LABELS core unit)
