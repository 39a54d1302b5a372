# SPDX-License-Identifier: GPL-3.0-or-later
"""The ceilings of this machine that figures are judged against: matrix products and copying."""
import json
import os
import statistics
import time

import torch

torch.set_num_threads(os.cpu_count())


def seconds(work, repeats=7):
    work()
    times = []
    for _ in range(repeats):
        start = time.monotonic()
        work()
        times.append(time.monotonic() - start)
    return statistics.median(times)


def gflops(dtype, side=2048):
    a, b = torch.randn(side, side, dtype=dtype), torch.randn(side, side, dtype=dtype)
    return 2 * side ** 3 / seconds(lambda: a @ b) / 1e9


source = torch.ones(1 << 26)  # 256 MiB, far beyond the caches
target = torch.empty_like(source)
print(json.dumps({'float32_gflops': gflops(torch.float32), 'bfloat16_gflops': gflops(torch.bfloat16),
                  'copy_gb_per_s': 2 * source.nbytes / seconds(lambda: target.copy_(source)) / 1e9}))
