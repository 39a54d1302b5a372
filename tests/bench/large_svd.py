# SPDX-License-Identifier: GPL-3.0-or-later
"""Seconds that torch takes for the matrices of one layer of 7B shapes.   large_svd.py FOLDER REPEATS

svdvals and svd_lowrank (r = 128) in float32, the weights loaded; float64's matrix-multiply peak beside them.
"""
import json
import os
import pathlib
import statistics
import sys
import time

import torch
from safetensors.torch import load_file

torch.set_num_threads(os.cpu_count())
repeats = int(sys.argv[2])


def median_of(work, times=repeats):
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


weights = {name: w for file in pathlib.Path(sys.argv[1]).glob('*.safetensors') for name, w in load_file(file).items()}
figures = {}
for kind, name in (('q_proj', 'self_attn.q_proj'), ('gate_proj', 'mlp.gate_proj')):
    w = weights[f'model.layers.0.{name}.weight'].float()
    figures[kind] = {'svdvals': median_of(lambda: torch.linalg.svdvals(w), 1),
                     'lowrank_4': median_of(lambda: torch.svd_lowrank(w, 128, niter=4)),
                     'lowrank_16': median_of(lambda: torch.svd_lowrank(w, 128, niter=16))}
a = torch.randn(2048, 2048, dtype=torch.float64)
figures['float64_gflops'] = 2 * 2048 ** 3 / median_of(lambda: a @ a, 5) / 1e9
b = a.float()
figures['float32_gflops'] = 2 * 2048 ** 3 / median_of(lambda: b @ b, 5) / 1e9
print(json.dumps(figures))
