# SPDX-License-Identifier: GPL-3.0-or-later
"""Seconds of torch.linalg.svdvals over every linear matrix of the layers, weights loaded before.   svdvals.py MODEL"""
import json
import os
import pathlib
import sys
import time

import torch
from safetensors.torch import load_file

torch.set_num_threads(os.cpu_count())
weights = {}
for file in sorted(pathlib.Path(sys.argv[1]).glob('*.safetensors')):
    weights |= {name: t.float() for name, t in load_file(file).items() if '.layers.' in name and t.dim() == 2}
start = time.monotonic()
for weight in weights.values():
    torch.linalg.svdvals(weight)
print(json.dumps({'seconds': time.monotonic() - start, 'matrices': len(weights)}))
