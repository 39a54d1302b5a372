# SPDX-License-Identifier: GPL-3.0-or-later
"""How far factors are from the exact principal subspace, on the matrices of the middle layer.

subspace_error.py MODEL FACTORS...   one figure for each safetensors file of factors in PEFT's names

(mean sin^2)^1/2 of the principal angles between the row space of lora_A and that of the R leading right singular vectors,
which torch.linalg.svd finds in float64; mean over all angles of all matrices.
"""
import json
import os
import pathlib
import re
import sys

import torch
from safetensors.torch import load_file

torch.set_num_threads(os.cpu_count())
weights = {}
for file in sorted(pathlib.Path(sys.argv[1]).glob('*.safetensors')):
    weights |= {name: w for name, w in load_file(file).items() if '.layers.' in name and w.dim() == 2}
middle = max(int(re.search(r'\.layers\.(\d+)\.', name)[1]) for name in weights) // 2
exact = {name.removesuffix('.weight'): torch.linalg.svd(w.double(), full_matrices=False)[2]
         for name, w in weights.items() if f'.layers.{middle}.' in name}
errors = []
for file in sys.argv[2:]:
    factors = load_file(file)
    squares = []
    for module, vh in exact.items():
        q = torch.linalg.qr(factors[f'base_model.model.{module}.lora_A.weight'].double().T)[0]  # [I, R]
        v = vh[:q.shape[1]].T
        # The part of each direction that lies outside; 1 - cos^2 would lose half of the digits.
        squares.append((q - v @ (v.T @ q)).square().sum() / q.shape[1])
    errors.append(torch.stack(squares).mean().sqrt().item())
print(json.dumps({'errors': errors, 'matrices': len(exact)}))
