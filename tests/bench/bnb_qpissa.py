# SPDX-License-Identifier: GPL-3.0-or-later
"""Seconds of QPiSSA-T by torch and bitsandbytes over every linear matrix, as the reference code does it, weights loaded
before.   bnb_qpissa.py MODEL RANK ITERS"""
import json
import os
import pathlib
import sys
import time

import bitsandbytes.functional as bnb
import torch
from safetensors.torch import load_file

torch.set_num_threads(os.cpu_count())
rank, iters = int(sys.argv[2]), int(sys.argv[3])
weights = {}
for file in sorted(pathlib.Path(sys.argv[1]).glob('*.safetensors')):
    weights |= {name: t.float() for name, t in load_file(file).items() if '.layers.' in name and t.dim() == 2}
start = time.monotonic()
for w in weights.values():
    rest = w
    for _ in range(iters):
        u, s, v = torch.linalg.svd(rest, full_matrices=False)
        half = s[:rank].sqrt()
        low = (u[:, :rank] * half) @ (half[:, None] * v[:rank])
        codes, state = bnb.quantize_4bit(w - low, blocksize=64, quant_type='nf4', compress_statistics=False)
        rest = w - bnb.dequantize_4bit(codes, state)
print(json.dumps({'seconds': time.monotonic() - start, 'matrices': len(weights)}))
