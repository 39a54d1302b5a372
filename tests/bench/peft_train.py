# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains with PEFT on ready batches, or every weight with plain torch, and prints losses and times.

peft_train.py MODEL BATCHES pissa|lora|full STEPS bfloat16|float32 LEARNING_RATE
"""
import json
import sys
import time

import torch
from safetensors.torch import load_file

import peft_model


def main():
    folder, batches, method, steps = sys.argv[1], load_file(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    model, seconds = peft_model.load(folder, getattr(torch, sys.argv[5])), 0.0
    if method != 'full':
        model, seconds = peft_model.adapted(model, 'pissa' if method == 'pissa' else True)
    model.train()
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=float(sys.argv[6]), weight_decay=0.0)
    losses, ends, start = [], [], time.monotonic()
    for step in range(steps):
        longest = int(batches['attention_mask'][step].sum(1).max())
        batch = {name: tensor[step, :, :longest].contiguous() for name, tensor in batches.items()}
        loss = model(**batch, use_cache=False).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        ends.append(time.monotonic() - start)
    print(json.dumps({'losses': losses, 'ends': ends, 'init_seconds': seconds}))


if __name__ == '__main__':
    main()
