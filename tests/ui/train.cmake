# SPDX-License-Identifier: GPL-3.0-or-later
# The Train, Runs and Quantize pages; tst_train_page trains a tiny model for real.
pissarro_test(NAME ui.train_form SOURCE ui/pages/train/tst_train_form.cpp LINK Pissarro::ui LABELS ui unit)
pissarro_test(NAME ui.progress_card SOURCE ui/pages/train/tst_progress_card.cpp LINK Pissarro::ui LABELS ui unit)
pissarro_test(NAME ui.train_page SOURCE ui/pages/train/tst_train_page.cpp LINK Pissarro::ui LABELS ui)
pissarro_test(NAME ui.runs_page SOURCE ui/pages/runs/tst_runs_page.cpp LINK Pissarro::ui LABELS ui)
pissarro_test(NAME ui.quantize_page SOURCE ui/pages/quantize/tst_quantize_page.cpp LINK Pissarro::ui LABELS ui)
