# SPDX-License-Identifier: GPL-3.0-or-later
"""The model as a PEFT user of today makes it: bfloat16 base, float32 adapters on all 7 modules."""
import os
import time

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

TARGETS = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj']


def load(folder, dtype=torch.bfloat16):
    torch.set_num_threads(os.cpu_count())
    torch.manual_seed(0)
    return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, attn_implementation='sdpa')


def adapted(model, init, rank=16):
    """The model with adapters, and the seconds that making them took."""
    config = LoraConfig(task_type='CAUSAL_LM', r=rank, lora_alpha=rank, lora_dropout=0.0, target_modules=TARGETS,
                        init_lora_weights=init)
    start = time.monotonic()
    model = get_peft_model(model, config)
    return model, time.monotonic() - start
