# SPDX-License-Identifier: GPL-3.0-or-later
pissarro_test(NAME core.tensor_view SOURCE core/io/tst_tensor_view.cpp LINK Pissarro::core_base LABELS core unit)
pissarro_test(NAME core.atomic_file SOURCE core/io/tst_atomic_file.cpp LINK Pissarro::core_base LABELS core unit)
pissarro_test(NAME core.safetensors SOURCE core/io/tst_safetensors.cpp LINK Pissarro::core_base LABELS core unit golden)
pissarro_test(NAME core.gguf SOURCE core/io/tst_gguf.cpp LINK Pissarro::core_base LABELS core unit)
pissarro_test(NAME core.model_config SOURCE core/model/tst_model_config.cpp LINK Pissarro::core_base LABELS core unit golden)
pissarro_test(NAME core.model_files SOURCE core/model/tst_model_files.cpp LINK Pissarro::core_base LABELS core golden)
pissarro_test(NAME core.model_files_damage SOURCE core/model/tst_model_files_damage.cpp LINK Pissarro::core_base LABELS core golden)
pissarro_test(NAME core.model_files_hostile SOURCE core/model/tst_model_files_hostile.cpp LINK Pissarro::core_base LABELS core golden)
