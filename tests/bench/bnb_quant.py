# SPDX-License-Identifier: GPL-3.0-or-later
"""Milliseconds of bitsandbytes' NF4 on a 4096 × 4096 matrix on the CPU, median of 15."""
import json
import os
import statistics
import time

import bitsandbytes.functional as bnb
import torch

torch.set_num_threads(os.cpu_count())


def milliseconds(work):
    times = []
    for _ in range(16):
        start = time.perf_counter()
        work()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times[1:])


w = 0.02 * torch.randn(4096, 4096)
half = w.bfloat16()
options = dict(blocksize=64, quant_type='nf4')
q, state = bnb.quantize_4bit(w, compress_statistics=False, **options)
q16, state16 = bnb.quantize_4bit(half, compress_statistics=False, **options)
nested, nested_state = bnb.quantize_4bit(half, compress_statistics=True, **options)
print(json.dumps({
    'quantize': milliseconds(lambda: bnb.quantize_4bit(w, compress_statistics=False, **options)),
    'quantize_nested': milliseconds(lambda: bnb.quantize_4bit(w, compress_statistics=True, **options)),
    'to_bfloat16': milliseconds(lambda: bnb.dequantize_4bit(q16, state16)),
    'nested_to_bfloat16': milliseconds(lambda: bnb.dequantize_4bit(nested, nested_state)),
    'to_float32': milliseconds(lambda: bnb.dequantize_4bit(q, state))}))
