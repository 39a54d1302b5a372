# SPDX-License-Identifier: GPL-3.0-or-later
pissarro_test(NAME core.run_spec SOURCE core/train/tst_run_spec.cpp LINK Pissarro::core_base LABELS core unit)
pissarro_test(NAME core.run_directory SOURCE core/train/tst_run_directory.cpp LINK Pissarro::core_base LABELS core unit)
pissarro_test(NAME core.run_place SOURCE core/train/tst_run_place.cpp LINK Pissarro::core_base LABELS core unit)
pissarro_test(NAME core.rank_pattern SOURCE core/adapter/tst_rank_pattern.cpp LINK Pissarro::core_base LABELS core unit)
pissarro_test(NAME core.regex SOURCE core/text/tst_regex.cpp LINK Pissarro::core_base LABELS core unit)
pissarro_test(NAME core.peft_config SOURCE core/adapter/tst_peft_config.cpp LINK Pissarro::core_base LABELS core unit)
