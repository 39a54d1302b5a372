# SPDX-License-Identifier: GPL-3.0-or-later
pissarro_test(NAME core.tokenizer SOURCE core/data/tst_tokenizer.cpp LINK Pissarro::core_base LABELS core golden)
pissarro_test(NAME core.tokenizer_hostile SOURCE core/data/tst_tokenizer_hostile.cpp LINK Pissarro::core_base LABELS core unit)
pissarro_test(NAME core.chat_template SOURCE core/data/tst_chat_template.cpp LINK Pissarro::core_base LABELS core unit golden)
pissarro_test(NAME core.dataset SOURCE core/data/tst_dataset.cpp LINK Pissarro::core_base LABELS core unit)
pissarro_test(NAME core.batches SOURCE core/data/tst_batches.cpp LINK Pissarro::core_base LABELS core unit golden)
