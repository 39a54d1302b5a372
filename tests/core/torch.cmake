# SPDX-License-Identifier: GPL-3.0-or-later
# Tests of what computes: they link LibTorch themselves.
function(pissarro_torch_test name source)
  pissarro_test(NAME ${name} SOURCE ${source} LINK Pissarro::core LABELS core golden TORCH ${ARGN})
endfunction()
pissarro_torch_test(core.decoder core/model/tst_decoder.cpp)
pissarro_torch_test(core.gradients core/model/tst_gradients.cpp)
pissarro_torch_test(core.bf16_kernels core/model/tst_bf16_kernels.cpp)
pissarro_torch_test(core.spectrum core/linalg/tst_spectrum.cpp)
pissarro_torch_test(core.pissa core/adapter/tst_pissa.cpp)
pissarro_torch_test(core.optimizer core/train/tst_optimizer.cpp)
pissarro_torch_test(core.trainer core/train/tst_trainer.cpp)
pissarro_torch_test(core.smollm2 core/train/tst_smollm2.cpp TIMEOUT 900)
pissarro_torch_test(core.nf4 core/quant/tst_nf4.cpp)
