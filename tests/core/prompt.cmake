# SPDX-License-Identifier: GPL-3.0-or-later
pissarro_test(NAME core.jinja SOURCE core/prompt/tst_jinja.cpp LINK Pissarro::core_base LABELS core unit golden)
pissarro_test(NAME core.chat_render SOURCE core/prompt/tst_chat_render.cpp LINK Pissarro::core_base LABELS core unit golden)
