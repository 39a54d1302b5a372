# SPDX-License-Identifier: GPL-3.0-or-later
pissarro_test(NAME ui.window SOURCE ui/tst_window.cpp LINK Pissarro::ui LABELS ui)
