# SPDX-License-Identifier: GPL-3.0-or-later
pissarro_test(NAME ui.first_day SOURCE ui/tst_first_day.cpp LINK Pissarro::ui LABELS ui)
pissarro_test(NAME ui.monkey SOURCE ui/tst_monkey.cpp LINK Pissarro::ui LABELS ui)
target_sources(tests_ui PRIVATE ui/monkey.cpp)
pissarro_test(NAME ui.window SOURCE ui/tst_window.cpp LINK Pissarro::ui LABELS ui)
pissarro_test(NAME ui.japanese SOURCE ui/tst_japanese.cpp LINK Pissarro::ui LABELS ui)
pissarro_test(NAME ui.pseudo_locale SOURCE ui/tst_pseudo_locale.cpp LINK Pissarro::ui LABELS ui)
target_sources(tests_ui PRIVATE ui/spoken.cpp)
