# SPDX-License-Identifier: GPL-3.0-or-later
# The Train, Runs, Compare, Quantize and Chat pages; tst_train_page trains a tiny model for real, tst_chat_page asks one.
pissarro_test(NAME ui.train_form SOURCE ui/pages/train/tst_train_form.cpp LINK Pissarro::ui LABELS ui unit)
pissarro_test(NAME ui.progress_card SOURCE ui/pages/train/tst_progress_card.cpp LINK Pissarro::ui LABELS ui unit)
pissarro_test(NAME ui.train_page SOURCE ui/pages/train/tst_train_page.cpp LINK Pissarro::ui LABELS ui)
pissarro_test(NAME ui.runs_page SOURCE ui/pages/runs/tst_runs_page.cpp LINK Pissarro::ui LABELS ui)
pissarro_test(NAME ui.compare_page SOURCE ui/pages/compare/tst_compare_page.cpp LINK Pissarro::ui LABELS ui)
pissarro_test(NAME ui.quantize_page SOURCE ui/pages/quantize/tst_quantize_page.cpp LINK Pissarro::ui LABELS ui)
pissarro_test(NAME ui.chat_page SOURCE ui/pages/chat/tst_chat_page.cpp LINK Pissarro::ui LABELS ui)
target_sources(tests_ui_pages PRIVATE cli/cli_process.cpp cli/tiny_model.cpp)
add_dependencies(tests_ui_pages pissarro-cli)
