# SPDX-License-Identifier: GPL-3.0-or-later
"""Tiny random models of every family compute in Pissarro what they compute in transformers and PEFT.

The golden files pin ten models; here are models of other shapes, options and ways of storing, made on the spot (--seed):
  * logits of each case in architecture_cases.py without a mask, padded on the right and on the left, from folders and GGUF files;
  * greedy replies of generate() with its cache;
  * PiSSA's initialisation for odd ranks and alpha, against the float64 SVD and against PEFT;
  * eight training steps with the options that the goldens leave at their defaults, against PEFT.
Prints the worst deviation of each case (--markdown: as a table for a note). Exit 77: the peers are not installed.
"""
import argparse
import json
import logging
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import warnings

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"
logging.disable(logging.ERROR)  # what the peers say about old keys is known here
warnings.simplefilter("ignore")
try:
    import peft
    import torch
    import transformers
    from safetensors.torch import load_file, save_file
    from tokenizers import Tokenizer
    from transformers import AutoConfig, AutoModelForCausalLM
except ImportError as e:
    print(f"skipped: {e}; ./dev test installs the peers")
    sys.exit(77)

from architecture_cases import CASES, GEMMA, LLAMA, MISTRAL, QWEN2, QWEN3, llama3
from gguf_writer import write_gguf

p = argparse.ArgumentParser()
p.add_argument("--cli", required=True)
p.add_argument("--shared", required=True)
p.add_argument("--seed", type=int, default=0)
p.add_argument("--only", default="", help="cases whose name holds this text")
p.add_argument("--markdown", action="store_true")
a = p.parse_args()
tokenizers = pathlib.Path(a.shared) / "golden" / "tokenizers" / "tiny"

LOGITS = 1e-4  # float32 logits of standard deviation near 1
FELT = 5e-4  # what misreading the option must change at least
INIT = 1e-4  # relative: float32 SVD, singular values that lie 8 % apart and more
LOSS = 1e-5
NORM = 1e-4  # relative

torch.set_num_threads(1)
transformers.utils.logging.disable_progress_bar()
rows, failures = [], []


def report(name, what, worst, limit, note=""):
    rows.append((name, what, worst, limit, note))
    if not worst <= limit:
        failures.append(f"{name}: {what} {worst:.3g} is above {limit:.3g}")


def cli(*arguments):
    done = subprocess.run([a.cli, *map(str, arguments)], capture_output=True, text=True, errors="replace")
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit {done.returncode}")


def load(folder):
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()


def random_matrix(shape, gen):
    """Noise and a low-rank part with singular values 8 % apart, so that every rank below 12 is well defined."""
    o, i = shape
    k = min(12, o, i)
    u = torch.linalg.qr(torch.randn(o, k, generator=gen))[0]
    v = torch.linalg.qr(torch.randn(i, k, generator=gen))[0]
    return torch.randn(o, i, generator=gen) * 0.5 / math.sqrt(max(o, i)) + (u * (4.0 * 0.92 ** torch.arange(k))) @ v.T


def randomise(model, gen, spread, gate):
    """Weights under which every option is felt; the final norm makes the logits' standard deviation `spread`."""
    gemma = model.config.model_type == "gemma"
    with torch.no_grad():
        for name, q in model.named_parameters():
            if q.dim() == 1:
                q.copy_(0.3 * torch.randn(q.shape, generator=gen) + (0 if gemma or name.endswith("bias") else 1))
            elif "embed" in name or "lm_head" in name:
                q.copy_(0.1 * torch.randn(q.shape, generator=gen))
            else:
                q.copy_(random_matrix(q.shape, gen) * (gate if "gate_proj" in name else 1))
        ids = torch.randint(6, model.config.vocab_size, (2, 32), generator=gen)
        factor = spread / model(ids).logits.std()
        norm = model.model.norm.weight
        norm.copy_((1 + norm) * factor - 1 if gemma else norm * factor)


def make(folder, config, gen, spread=1.0, stored="float32", shards=False, newer=False, extra="", gate=1.0):
    """A model folder; returns the float32 model it holds, as transformers itself reads it."""
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder), dtype=torch.float32, attn_implementation="eager").eval()
    randomise(model, gen, spread, gate)
    model.to(getattr(torch, stored)).save_pretrained(folder, max_shard_size="100KB" if shards else "1GB")
    assert shards == (folder / "model.safetensors.index.json").exists()
    if not newer:
        (folder / "config.json").write_text(json.dumps(config))
    if extra:
        weights = load_file(folder / "model.safetensors")
        if "head" in extra:
            sign = -1 if "another" in extra else 1  # transformers 5 ties only what is equal
            weights["lm_head.weight"] = sign * weights["model.embed_tokens.weight"]
        else:
            weights["model.layers.0.self_attn.rotary_emb.inv_freq"] = torch.zeros(8)
        save_file(weights, folder / "model.safetensors", {"format": "pt"})
    return load(folder)


def difference(model, model_path, ids, mask, scratch):
    """Largest difference of a logit between both programs."""
    tensors = {"input_ids": ids} if mask is None else {"input_ids": ids, "attention_mask": mask}
    save_file(tensors, scratch / "ids.safetensors")
    cli("logits", model_path, "--ids", scratch / "ids.safetensors", "--threads", 1, "--force", "-o",
        scratch / "logits.safetensors")
    ours = load_file(scratch / "logits.safetensors")["logits"]
    with torch.no_grad():
        theirs = model(input_ids=ids, attention_mask=mask, use_cache=False).logits
    assert ours.shape == theirs.shape and ours.isfinite().all()
    return (ours - theirs).abs().max().item()


def check_logits(case, scratch):
    gen = torch.Generator().manual_seed(a.seed * 1000 + CASES.index(case))
    folder = scratch / "model"
    model = make(folder, case.config, gen, stored=case.stored, shards=case.shards, newer=case.newer, extra=case.extra,
                 gate=case.gate)
    path = folder
    if case.gguf:
        path = scratch / "model.gguf"
        model.load_state_dict(write_gguf(path, model, case.gguf), strict=False)
        model.tie_weights()
    ids = torch.randint(0, model.config.vocab_size, (3, case.tokens), generator=gen)
    mask = torch.ones_like(ids)
    mask[1, -case.tokens // 4:] = 0
    mask[1, 3] = 0
    mask[2, :case.tokens // 5] = 0
    worst = difference(model, path, ids, mask, scratch)
    if CASES.index(case) % 4 == 0:  # a row without padding takes the same path; reading the file does not
        worst = max(worst, difference(model, path, ids[:1], None, scratch))
    if case.gguf:  # and a folder made of the file is read by transformers itself
        cli("init", path, "--method", "lora", "--copy-base", "--rank", 1, "--threads", 1, "-o", scratch / "copy")
        with torch.no_grad():
            worst = max(worst, (load(scratch / "copy")(ids).logits - model(ids).logits).abs().max().item())
    note = ""
    with torch.no_grad():
        spread = model(ids).logits.std().item()
        assert 0.3 < spread < 3, spread
        if case.wrong:
            config = {k: v for k, v in {**case.config, **case.wrong}.items() if k not in ("model_type", "architectures")}
            other = AutoModelForCausalLM.from_config(type(model.config)(**config), dtype=torch.float32, attn_implementation="eager").eval()
            other.load_state_dict(model.state_dict(), strict=False)
            felt = (other(ids).logits - model(ids).logits).abs().max().item()
            note = f"misread: {felt:.2g}"
            if felt < FELT:
                failures.append(f"{case.name}: the option changes logits by {felt:.2g} only")
    report(case.name, "logits", worst, LOGITS, note)


GREEDY = {
    "llama, scaled rotary": ("bpe-llama3", LLAMA | dict(vocab_size=512, num_key_value_heads=2, rope_scaling=llama3(original=16), bos_token_id=507,
                                                        eos_token_id=508)),
    "mistral, window 8": ("sp-llama", MISTRAL | dict(vocab_size=512, sliding_window=8)),
    "gemma": ("sp-gemma", GEMMA | dict(vocab_size=512)),
    "qwen2, window 8 from layer 1": ("bpe-qwen2", QWEN2 | dict(vocab_size=512, use_sliding_window=True, sliding_window=8, max_window_layers=1,
                                                               bos_token_id=509, eos_token_id=511)),
    "qwen3": ("bpe-qwen2", QWEN3 | dict(vocab_size=512, bos_token_id=509, eos_token_id=511)),
}


def check_greedy(name, scratch):
    tokenizer, config = GREEDY[name]
    if not tokenizers.exists():
        rows.append((name, "greedy", math.nan, 0, f"skipped: needs {tokenizers}"))
        return
    folder = scratch / "model"
    model = make(folder, config, torch.Generator().manual_seed(a.seed + 7), spread=4.0)
    for file in (tokenizers / tokenizer).iterdir():
        shutil.copyfile(file, folder / file.name)
    prompt = "Natalia sold clips to 48 of her friends in April."
    ids = torch.tensor([Tokenizer.from_file(str(folder / "tokenizer.json")).encode(prompt).ids])
    out = model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=40, pad_token_id=0, output_logits=True,
                         return_dict_in_generate=True)
    theirs = out.sequences[0, ids.shape[1]:].tolist()
    margin = min((top[0, 0] - top[0, 1]).item() for top in (step.topk(2).values for step in out.logits))
    cli("generate", folder, "--prompt", prompt, "--greedy", "--max-new-tokens", 40, "--threads", 1, "--ids-out", scratch / "ids.json")
    ours = json.loads((scratch / "ids.json").read_text())
    ours = ours["ids"] if isinstance(ours, dict) else ours
    while theirs and theirs[-1] == model.config.eos_token_id and ours != theirs:
        theirs.pop()  # the program may leave the end of the text out
    wrong = sum(x != y for x, y in zip(ours, theirs)) + abs(len(ours) - len(theirs))
    report(name, "greedy ids that differ", wrong, 0, f"{ids.shape[1]} + {len(theirs)} tokens, smallest margin {margin:.2g}")


INIT_CASES = [("llama, head_dim 24", LLAMA | dict(head_dim=24, num_key_value_heads=1), ((1, 4), (3, 5), (7, 3))),
              ("gemma, tied", GEMMA, ((1, 3), (3, 1), (7, 16)))]
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def lora(rank, alpha, init):
    return peft.LoraConfig(r=rank, lora_alpha=alpha, lora_dropout=0.0, target_modules=TARGETS, init_lora_weights=init, task_type="CAUSAL_LM")


def check_init(name, config, settings, scratch):
    model = make(scratch / "model", config, torch.Generator().manual_seed(a.seed + 11))
    plain = {n[:-7]: q.detach().double() for n, q in model.named_parameters() if n.endswith("proj.weight")}
    bases = {n: torch.linalg.svd(w, full_matrices=False) for n, w in plain.items()}
    for rank, alpha in settings:
        out = scratch / f"init-{rank}"
        cli("init", scratch / "model", "--method", "pissa", "--svd", "exact", "--rank", rank, "--alpha", alpha, "--threads", 1, "-o", out)
        adapter, residual = load_file(out / "pissa_init" / "adapter_model.safetensors"), load_file(out / "model.safetensors")
        written = json.loads((out / "pissa_init" / "adapter_config.json").read_text())
        assert written["r"] == rank and written["lora_alpha"] == alpha, written
        assert len(adapter) == 2 * len(plain)
        peer = peft.get_peft_model(load(scratch / "model"), lora(rank, alpha, "pissa"))
        theirs = {n: m for n, m in peer.named_modules() if hasattr(m, "lora_A")}
        best, whole, other, gap = 0.0, 0.0, 0.0, 1.0
        for n, w in plain.items():
            u, s, vt = bases[n]
            low_rank = (u[:, :rank] * s[:rank]) @ vt[:rank]
            key = f"base_model.model.{n}."
            ours = alpha / rank * adapter[key + "lora_B.weight"].double() @ adapter[key + "lora_A.weight"].double()
            module = theirs["base_model.model." + n]
            peers = module.scaling["default"] * module.lora_B["default"].weight.double() @ module.lora_A["default"].weight.double()
            best = max(best, ((ours - low_rank).norm() / low_rank.norm()).item())
            whole = max(whole, ((residual[n + ".weight"].double() + ours - w).abs().max() / w.abs().max()).item())
            other = max(other, ((ours - peers).norm() / peers.norm()).item(),
                        ((residual[n + ".weight"] - module.base_layer.weight).norm() / module.base_layer.weight.norm()).item())
            gap = min(gap, ((s[rank - 1] - s[rank]) / s[0]).item())
        title = f"{name}: rank {rank}, alpha {alpha}"
        report(title, "B·A from the float64 SVD, relative", best, INIT, f"smallest gap {gap:.2g} of the largest value")
        report(title, "base + adapter - weight, relative", whole, 1e-6)
        report(title, "B·A and residual from PEFT, relative", other, INIT)


# Options that the goldens leave at their defaults.
STEPS, ACCUMULATE, RATE, CLIP, DECAY, WARMUP, RANK, ALPHA = 8, 2, 2e-3, 0.5, 0.1, 0.3, 3, 7
TRAIN_CASES = {
    "llama, biases, head_dim 24": LLAMA | dict(attention_bias=True, mlp_bias=True, head_dim=24, num_key_value_heads=2, rope_scaling=llama3(original=16)),
    "mistral, window 8": MISTRAL | dict(sliding_window=8, num_key_value_heads=1),
    "gemma, 2 key heads": GEMMA | dict(num_key_value_heads=2),
    "qwen2, tied, window 8 from layer 1": QWEN2 | dict(tie_word_embeddings=True, use_sliding_window=True, sliding_window=8, max_window_layers=1,
                                                       pad_token_id=5),
    "qwen3, tied, head_dim 24": QWEN3,
}


def micro_batches(config, gen):
    """Rows padded on the right, one of three on the left; a prompt without labels; the padding token within the text, too."""
    ids = torch.randint(0, config["vocab_size"], (STEPS * ACCUMULATE, 3, 24), generator=gen)
    mask, labels = torch.ones_like(ids), ids.clone()
    pad = config.get("pad_token_id", 0)
    for batch in range(len(ids)):
        for row, missing in enumerate(torch.randint(0, 12, (3,), generator=gen).tolist()):
            text = slice(missing, 24) if row == 2 else slice(0, 24 - missing)
            labels[batch, row, text.start:text.start + 6] = -100
            ids[batch, row, text.stop - 1] = labels[batch, row, text.stop - 1] = config["eos_token_id"]
            outside = torch.ones(24, dtype=torch.bool)
            outside[text] = False
            ids[batch, row, outside], mask[batch, row, outside], labels[batch, row, outside] = pad, 0, -100
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def train_peer(model, batches, rate):
    parameters = [q for q in model.parameters() if q.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=rate, betas=(0.9, 0.999), eps=1e-8, weight_decay=DECAY)
    schedule = transformers.get_linear_schedule_with_warmup(optimizer, math.ceil(STEPS * WARMUP), STEPS)
    lines = []
    for step in range(STEPS):
        loss = 0.0
        parts = [{n: v[step * ACCUMULATE + k] for n, v in batches.items()} for k in range(ACCUMULATE)]
        # Each counted token of the step weighs the same, as in transformers' Trainer since 4.46.
        counted = sum(int((part["labels"][:, 1:] != -100).sum()) for part in parts)
        for inputs in parts:
            part = model(**inputs, use_cache=False, num_items_in_batch=counted).loss
            part.backward()
            loss += part.item()
        norm = torch.nn.utils.clip_grad_norm_(parameters, CLIP).item()
        lines.append((loss, norm, schedule.get_last_lr()[0]))
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    return lines


def check_training(name, config, method, scratch):
    gen = torch.Generator().manual_seed(a.seed + 13)
    model = make(scratch / "model", config, gen)
    batches = micro_batches(config, gen)
    save_file(batches, scratch / "batches.safetensors")
    rate = RATE / 10 if method == "full" else RATE
    more = ["--rank", RANK, "--alpha", ALPHA]
    if method != "full":
        torch.manual_seed(a.seed)
        model = peft.get_peft_model(model, lora(RANK, ALPHA, "pissa" if method == "pissa" else True))
        if method == "lora":
            model.save_pretrained(scratch / "start")
            more += ["--init-adapter", scratch / "start"]
    cli("train", "--model", scratch / "model", "--batches", scratch / "batches.safetensors", "--method", method, *more, "--lr", rate,
        "--schedule", "linear", "--warmup-ratio", WARMUP, "--grad-accum", ACCUMULATE, "--clip", CLIP, "--weight-decay", DECAY, "--steps", STEPS,
        "--dtype", "float32", "--threads", 1, "--device", "cpu", "-o", scratch / "run")
    ours = [json.loads(line) for line in (scratch / "run" / "metrics.jsonl").read_text().splitlines()]
    ours = [(line["loss"], line["grad_norm"], line["lr"]) for line in ours if "loss" in line]
    theirs = train_peer(model.train(), batches, rate)
    assert len(ours) == len(theirs) == STEPS
    assert any(norm > CLIP for _, norm, _ in theirs), "nothing was clipped"
    title = f"{name}: {method}"
    report(title, "loss, relative", max(abs(x[0] - y[0]) / y[0] for x, y in zip(ours, theirs)), LOSS,
           f"{theirs[0][0]:.5f} to {theirs[-1][0]:.5f}")
    report(title, "gradient norm, relative", max(abs(x[1] - y[1]) / y[1] for x, y in zip(ours, theirs)), NORM)
    report(title, "learning rate", max(abs(x[2] - y[2]) for x, y in zip(ours, theirs)), 0.0)


def attempt(name, check, *arguments):
    if a.only not in name:
        return
    with tempfile.TemporaryDirectory() as scratch:
        try:
            check(*arguments, pathlib.Path(scratch))
        except Exception as e:  # a case that cannot run fails alone; the others still report
            rows.append((name, type(e).__name__, math.nan, 0, str(e).splitlines()[0][:110]))
            failures.append(f"{name}: {e}")


def print_table():
    head = ("case", "what", "worst", "limit", "")
    cells = [head] + [(n, w, f"{d:.1e}" if isinstance(d, float) else str(d), f"{limit:g}", note) for n, w, d, limit, note in rows]
    if a.markdown:
        cells.insert(1, ("---",) * 5)
        for row in cells:
            print("| " + " | ".join(row) + " |")
        return
    widths = [max(len(row[i]) for row in cells) for i in range(5)]
    for row in cells:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip())


began = time.monotonic()
for case in CASES:
    attempt(case.name, check_logits, case)
for name in GREEDY:
    attempt("greedy: " + name, check_greedy, name)
for name, config, settings in INIT_CASES:
    attempt("init: " + name, check_init, name, config, settings)
for name, config in TRAIN_CASES.items():
    for method in ("pissa", "lora", "full"):
        attempt("train: " + name, check_training, name, config, method)
print_table()
print(f"{len(rows)} figures, {len(failures)} failures, {time.monotonic() - began:.0f} s without the imports")
sys.exit("\n".join(failures) if failures else 0)
