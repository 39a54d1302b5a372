# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains with PEFT on ready batches, or every weight with plain torch, and prints losses and times.

peft_train.py MODEL BATCHES pissa|lora|full|full-masters STEPS bfloat16|float32 LEARNING_RATE

full-masters: the optimizer works on float32 copies of the weights (masters), which are rounded into the model after each
step, as mixed precision has it and as Pissarro does; plain `full` steps in the weights' own dtype.
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
    if method in ('pissa', 'lora'):
        model, seconds = peft_model.adapted(model, 'pissa' if method == 'pissa' else True)
    model.train()
    trained = [p for p in model.parameters() if p.requires_grad]
    masters = [p.detach().float() for p in trained] if method == 'full-masters' else trained
    optimizer = torch.optim.AdamW(masters, lr=float(sys.argv[6]), weight_decay=0.0)
    losses, ends, start = [], [], time.monotonic()
    for step in range(steps):
        longest = int(batches['attention_mask'][step].sum(1).max())
        batch = {name: tensor[step, :, :longest].contiguous() for name, tensor in batches.items()}
        loss = model(**batch, use_cache=False).loss
        loss.backward()
        if masters is not trained:
            for master, weight in zip(masters, trained):
                master.grad, weight.grad = weight.grad.float(), None
        optimizer.step()
        optimizer.zero_grad()
        if masters is not trained:
            with torch.no_grad():
                for master, weight in zip(masters, trained):
                    weight.copy_(master)
        losses.append(loss.item())
        ends.append(time.monotonic() - start)
    print(json.dumps({'losses': losses, 'ends': ends, 'init_seconds': seconds}))


if __name__ == '__main__':
    main()
