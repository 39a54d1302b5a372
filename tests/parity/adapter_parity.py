# SPDX-License-Identifier: GPL-3.0-or-later
"""PEFT loads what Pissarro writes, and computes the same.

Trains PiSSA and LoRA for six steps with pissarro-cli on a tiny model, then with transformers + PEFT:
  * PeftModel.from_pretrained(base, RUNDIR/adapter) gives the logits that pissarro-cli gives with --adapter;
  * the residual base with pissa_init beside it (pissarro-cli init) gives the base model's logits;
  * six more steps of PEFT's own training from the converted adapter run without complaint and start at its loss.
Exit 77: the peers are not installed.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import peft
    import torch
    from safetensors.torch import load_file, save_file
    from transformers import AutoModelForCausalLM
except ImportError as e:
    print(f"skipped: {e}; ./dev test installs the peers")
    sys.exit(77)

p = argparse.ArgumentParser()
p.add_argument("--cli", required=True)
p.add_argument("--shared", required=True)
a = p.parse_args()
tiny = pathlib.Path(a.shared) / "golden" / "tiny"
if not tiny.exists():
    print(f"skipped: needs {tiny}")
    sys.exit(77)

LIMIT = 1e-4  # float32 logits; a wrong feature moves them by 6e-3 and more


def cli(*arguments):
    subprocess.run([a.cli, *map(str, arguments)], check=True, capture_output=True, text=True)


def load(folder):
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()


worst = 0.0
for name, golden in (("llama", "peft-llama"), ("mistral-gqa", "peft-mistral-gqa"), ("gemma", "peft-gemma"), ("qwen2", "peft-qwen2")):
    base = tiny / name
    batches = pathlib.Path(a.shared) / "golden" / golden / "batches.safetensors"
    with tempfile.TemporaryDirectory() as folder:
        t = pathlib.Path(folder)
        ids = load_file(batches)["input_ids"][0][:, :24].contiguous()
        save_file({"input_ids": ids}, t / "ids.safetensors")
        cli("train", "--model", base, "--batches", batches, "--method", "pissa", "--twin", "lora", "--rank", 8, "--alpha", 8,
            "--lr", 2e-3, "--schedule", "constant", "--warmup-ratio", 0, "--steps", 6, "--dtype", "float32", "-o", t / "run")
        with torch.no_grad():
            plain = load(base)(ids).logits
        for method, rank in (("pissa", 16), ("lora", 8)):
            adapter = t / "run" / method / "adapter"
            cli("logits", base, "--ids", t / "ids.safetensors", "--adapter", adapter, "-o", t / f"{method}.safetensors")
            ours = load_file(t / f"{method}.safetensors")["logits"]
            model = peft.PeftModel.from_pretrained(load(base), str(adapter), is_trainable=True)
            assert model.peft_config["default"].r == rank, model.peft_config["default"].r
            with torch.no_grad():
                theirs = model(ids).logits
            assert (theirs - plain).abs().max() > 1e-3, "six steps changed nothing"
            worst = max(worst, (ours - theirs).abs().max().item())
            losses = []
            optimizer = torch.optim.AdamW([q for q in model.parameters() if q.requires_grad], lr=1e-3, weight_decay=0)
            for _ in range(6):
                loss = model(ids, labels=ids).loss
                loss.backward()
                optimizer.step()
                optimizer.zero_grad()
                losses.append(loss.item())
            assert losses[-1] < losses[0], losses
        cli("init", base, "--method", "pissa", "--rank", 8, "--alpha", 8, "-o", t / "pair")
        pair = peft.PeftModel.from_pretrained(load(t / "pair"), str(t / "pair" / "pissa_init"))
        with torch.no_grad():
            worst = max(worst, (pair(ids).logits - plain).abs().max().item())
            reduced = (load(t / "pair")(ids).logits - plain).abs().max().item()
        assert reduced > 1e-2, "the residual base is the base"
print(json.dumps({"worst_logit_difference": worst, "limit": LIMIT}))
assert worst < LIMIT, worst
