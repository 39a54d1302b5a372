# SPDX-License-Identifier: GPL-3.0-or-later
"""Matrices in the codes that quantizers store, and their numbers: tests/fixtures/codes.

    .deps/peers/bin/python tests/tools/make_code_fixtures.py [--out tests/fixtures/codes]     made with torch 2.11.0, bitsandbytes 0.50.2

Each NAME.safetensors holds the tensors as a model's file has them, under m.*, what they stand for, "expected", and in its
metadata what config.json says: quantization_config as JSON. The packing is written here from the formats' definitions:
  GPTQ  qweight [in / 8, out]: input i of output o in bits 4 (i % 8); qzeros [groups, out / 8]: zero point less one (format
        "gptq") or as it is ("gptq_v2"); value = scale · (code - zero), g_idx names the group of each input
  AWQ   qweight [in, out / 8], qzeros [groups, out / 8]: columns 0, 2, 4, 6, 1, 3, 5, 7 of each eight from the lowest bits on
  FP8   torch's float8 times weight_scale_inv [ceil(out / 128), ceil(in / 128)], or weight_scale, one or one a row
  INT8  bitsandbytes' int8_vectorwise_quant and int8_vectorwise_dequant on the CPU
  NF4   bitsandbytes' Params4bit with quant_storage bfloat16 and float32
"""
import argparse
import json
import os

import bitsandbytes as bnb
import bitsandbytes.functional as F
import numpy as np
import torch
from safetensors.torch import save_file

AWQ_ORDER = [0, 2, 4, 6, 1, 3, 5, 7]
rng = np.random.default_rng(7)


def i32(words):
    return torch.from_numpy(words.astype(np.uint32).view(np.int32).copy())


def packed_columns(codes, order):
    """[rows, 8 n] codes into [rows, n] words."""
    words = np.zeros((codes.shape[0], codes.shape[1] // 8), np.uint64)
    for place, column in enumerate(order):
        words |= codes[:, column::8].astype(np.uint64) << np.uint64(4 * place)
    return i32(words)


def four_bits(inputs, outputs, group, scale_dtype, symmetric=False):
    groups = -(-inputs // group)
    codes = rng.integers(0, 16, (inputs, outputs))
    zeros = np.full((groups, outputs), 8) if symmetric else rng.integers(0, 16, (groups, outputs))
    scales = torch.from_numpy(rng.uniform(-0.01, 0.02, (groups, outputs))).to(scale_dtype)
    return codes, zeros, scales


def expected(codes, zeros, scales, index):
    return (scales.float()[index].numpy() * (codes - zeros[index]).astype(np.float32)).T.copy()


def gptq(inputs, outputs, group, order=None, version="gptq", scale_dtype=torch.float16, symmetric=False, index=True):
    size = group if group > 0 else inputs
    codes, zeros, scales = four_bits(inputs, outputs, size, scale_dtype, symmetric)
    g_idx = np.arange(inputs) // size if order is None else order // size
    words = np.zeros((inputs // 8, outputs), np.uint64)
    for i in range(8):
        words |= codes[i::8].astype(np.uint64) << np.uint64(4 * i)
    stored = (zeros - 1) % 16 if version == "gptq" else zeros
    tensors = {"m.qweight": i32(words), "m.qzeros": packed_columns(stored, range(8)), "m.scales": scales,
               "expected": torch.from_numpy(expected(codes, zeros, scales, g_idx))}
    if index:
        tensors["m.g_idx"] = torch.from_numpy(g_idx.astype(np.int32))
    how = {"quant_method": "gptq", "bits": 4, "group_size": group, "desc_act": order is not None, "sym": symmetric}
    return tensors, how if version == "gptq" else how | {"checkpoint_format": version}


def awq(inputs, outputs, group):
    codes, zeros, scales = four_bits(inputs, outputs, group, torch.float16)
    return ({"m.qweight": packed_columns(codes, AWQ_ORDER), "m.qzeros": packed_columns(zeros, AWQ_ORDER), "m.scales": scales,
             "expected": torch.from_numpy(expected(codes, zeros, scales, np.arange(inputs) // group))},
            {"quant_method": "awq", "bits": 4, "group_size": group, "version": "gemm", "zero_point": True})


def fp8(rows, cols, dtype, scale_name, scale_shape, scale_dtype=torch.float32, block=(128, 128)):
    codes = torch.from_numpy(rng.standard_normal((rows, cols)).astype(np.float32) * 40).to(dtype)
    scales = torch.from_numpy(rng.uniform(0.001, 0.1, scale_shape).astype(np.float32))
    if scale_dtype == torch.uint8:
        scales = torch.from_numpy(rng.integers(118, 131, scale_shape).astype(np.uint8))
        numbers = torch.exp2(scales.float() - 127)
    else:
        scales = scales.to(scale_dtype)
        numbers = scales.float()
    grid = numbers.numpy().reshape(-1) if numbers.ndim == 0 else numbers.numpy()
    if numbers.numel() == 1:
        full = np.full((rows, cols), grid.reshape(-1)[0], np.float32)
    elif grid.ndim == 1 or grid.shape[1] == 1 and grid.shape[0] == rows:
        full = np.repeat(grid.reshape(rows, 1), cols, 1)
    else:
        full = np.kron(grid, np.ones(block, np.float32))[:rows, :cols]
    return ({"m.weight": codes, f"m.weight_{scale_name}": scales, "expected": torch.from_numpy(codes.float().numpy() * full)},
            {"quant_method": "fp8", "weight_block_size": list(block)})


def int8(rows, cols):
    weight = torch.from_numpy(rng.standard_normal((rows, cols)).astype(np.float16))
    codes, scales, _ = F.int8_vectorwise_quant(weight)
    return ({"m.weight": codes, "m.SCB": scales, "m.weight_format": torch.tensor(0, dtype=torch.uint8),
             "expected": F.int8_vectorwise_dequant(codes, scales)}, {"quant_method": "bitsandbytes", "load_in_8bit": True})


def four_bit_storage(rows, cols, storage):
    weight = torch.from_numpy(rng.standard_normal((rows, cols)).astype(np.float32))
    p = bnb.nn.Params4bit(weight, requires_grad=False, quant_type="nf4", quant_storage=storage).to("cpu")
    tensors = {"m.weight": p.data} | {f"m.weight.{k}": v for k, v in p.quant_state.as_dict(packed=True).items()}
    return (tensors | {"expected": F.dequantize_4bit(p.data, p.quant_state)}, {"quant_method": "bitsandbytes", "load_in_4bit": True})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "../fixtures/codes"))
    out = parser.parse_args().out
    os.makedirs(out, exist_ok=True)
    e4m3, e5m2 = torch.float8_e4m3fn, torch.float8_e5m2
    shuffled = rng.permutation(96)
    cases = {
        "gptq": gptq(64, 40, 32), "gptq_sym": gptq(64, 24, 16, symmetric=True, index=False),
        "gptq_act_order": gptq(96, 24, 32, order=shuffled), "gptq_one_group": gptq(64, 24, -1),
        "gptq_v2": gptq(64, 24, 32, version="gptq_v2", scale_dtype=torch.bfloat16), "gptq_part_group": gptq(72, 16, 32),
        "awq": awq(64, 40, 32), "awq_wide": awq(48, 144, 16),
        "fp8_blocks": fp8(40, 72, e4m3, "scale_inv", (3, 3), block=(16, 32)), "fp8_tensor": fp8(24, 16, e5m2, "scale", ()),
        "fp8_rows": fp8(24, 16, e4m3, "scale", (24, 1), torch.bfloat16), "fp8_row_list": fp8(24, 16, e4m3, "scale", (24,)),
        "fp8_powers": fp8(32, 32, e4m3, "scale_inv", (2, 2), torch.uint8, (16, 16)),
        "int8": int8(24, 40), "nf4_bfloat16": four_bit_storage(24, 64, torch.bfloat16), "nf4_float32": four_bit_storage(24, 64, torch.float32),
    }
    for name, (tensors, how) in cases.items():
        save_file({k: v.contiguous() for k, v in tensors.items()}, f"{out}/{name}.safetensors", {"quantization_config": json.dumps(how)})
    every = torch.arange(256, dtype=torch.uint8)
    tables = {"F8_E4M3": e4m3, "F8_E5M2": e5m2, "F8_E8M0": torch.float8_e8m0fnu}
    save_file({k: every.view(v).float() for k, v in tables.items()}, f"{out}/fp8_numbers.safetensors")


main()
