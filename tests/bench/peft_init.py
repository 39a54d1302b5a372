# SPDX-License-Identifier: GPL-3.0-or-later
"""Seconds that PEFT takes to initialise.   peft_init.py MODEL pissa|pissa_niter_4 RANK [FACTORS]

FACTORS: a safetensors file to write the factors into. The base is float32 then, where PEFT rounds them to a bfloat16
base's dtype: what they miss is the decomposition's error alone.
"""
import json
import sys

import torch
from safetensors.torch import save_file

import peft_model

folder, name, rank, *factors = sys.argv[1:]
model, seconds = peft_model.adapted(peft_model.load(folder, torch.float32 if factors else torch.bfloat16), name, int(rank))
if factors:
    save_file({key.replace('.default.', '.'): value.detach().contiguous()
               for key, value in model.named_parameters() if '.lora_' in key}, factors[0])
print(json.dumps({'seconds': seconds}))
