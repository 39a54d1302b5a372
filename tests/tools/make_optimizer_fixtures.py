# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps of bitsandbytes' AdamW8bit: tests/fixtures/adamw8/adamw8.safetensors, the expected values of core.adamw8.

    .deps/peers/bin/python tests/tools/make_optimizer_fixtures.py [--out FILE] [--seed 0]

Made with torch 2.11.0 (CPU), bitsandbytes 0.50.2; seed 0. A tensor of 61 x 83 (8 bits, the last block is not full) and one of
3 x 7 (under min_8bit_size: float32) take 8 steps of rate 1e-3 and weight decay 0.1; start and gradients are bfloat16 numbers, so
that they take little room; the first hundred elements have no gradient.

The moments are rounded as bitsandbytes does on CUDA and in its general backend, to the nearest code. Its x86 kernel looks a
number up in a table with a step of 3e-5, where 0 is not 0: elements without a gradient drift. So the one function that
quantizes is replaced by that of the general backend, word for word; all else is bitsandbytes' own.
"""
import argparse
import os

import bitsandbytes as bnb
import bitsandbytes.backends.cpu.ops as cpu
import bitsandbytes.functional as F
import torch
from safetensors.torch import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
STEPS, RATE, DECAY = 8, 1e-3, 0.1


def quantize(a, code, absmax_out, out, blocksize):
    """bitsandbytes/backends/default/ops.py, "bitsandbytes::quantize_blockwise"."""
    flat = a.reshape(-1).float()
    full = flat.numel() - flat.numel() % blocksize
    blocks = flat[:full].reshape(-1, blocksize)
    absmax = blocks.abs().max(dim=-1)[0]
    scaled = torch.clamp(blocks * (1.0 / absmax.clamp(min=1e-38).view(-1, 1)), -1, 1).reshape(-1)
    if full < flat.numel():
        last = flat[full:].abs().max().clamp(min=1e-38)
        absmax = torch.cat([absmax, last.unsqueeze(0)])
        scaled = torch.cat([scaled, torch.clamp(flat[full:] / last, -1, 1)])
    out.copy_(torch.bucketize(scaled, (code[:-1] + code[1:]) / 2, out_int32=True).to(torch.uint8).reshape(a.shape))
    absmax_out.copy_(absmax)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--out', default=os.path.join(HERE, '..', 'fixtures', 'adamw8', 'adamw8.safetensors'))
    p.add_argument('--seed', type=int, default=0)
    a = p.parse_args()
    cpu._quant_blockwise_fp32_direct = quantize
    gen = torch.Generator().manual_seed(a.seed)
    made = {'dynamic': F.create_dynamic_map(True), 'unsigned_dynamic': F.create_dynamic_map(False)}
    parameters = {}
    for name, shape in (('large', (61, 83)), ('small', (3, 7))):
        start = torch.randn(shape, generator=gen).bfloat16()
        made[f'{name}.start'] = start
        parameters[name] = torch.nn.Parameter(start.float())
    optimizer = bnb.optim.AdamW8bit(parameters.values(), lr=RATE, betas=(0.9, 0.999), eps=1e-8, weight_decay=DECAY)
    for step in range(STEPS):
        for name, parameter in parameters.items():
            gradient = (torch.randn(parameter.shape, generator=gen) * 10.0 ** (step % 3 - 2)).bfloat16()
            if name == 'large':
                gradient.view(-1)[:100] = 0
            made[f'{name}.gradient.{step + 1}'] = gradient
            parameter.grad = gradient.float()
        optimizer.step()
    for name, parameter in parameters.items():
        state = optimizer.state[parameter]
        made |= {f'{name}.value': parameter.data, f'{name}.exp_avg': state['state1'], f'{name}.exp_avg_sq': state['state2']}
        if 'absmax1' in state:
            made |= {f'{name}.exp_avg.absmax': state['absmax1'], f'{name}.exp_avg_sq.absmax': state['absmax2']}
    save_file({k: v.contiguous() for k, v in made.items()}, a.out)


if __name__ == '__main__':
    main()
