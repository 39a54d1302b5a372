# SPDX-License-Identifier: GPL-3.0-or-later
"""The tiny models of shared/golden/scripts/make_tiny2.py (TINY2.md there), made on the spot, compute what transformers computes.

Of each family that Pissarro reads (FAMILIES), under names and keys as they are published:
  * logits of a batch, one padded on the right and one on the left, and of its GGUF files where there are some;
  * twelve steps of LoRA from PEFT's own start and of PiSSA, against PEFT's curves;
  * of mixtures the logits of transformers 5's own names, and a step with the load-balancing loss that a config may ask for.
Of each encoder: logits of single texts and of pairs with each of its heads, and the same curves of its heads for texts, with the head
that trained beside the adapter and what PEFT makes of the folder.
Prints the worst deviation of each. Exit 77: the peers or the scripts are not here.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

try:
    from safetensors.torch import load_file, save_file
except ImportError as e:
    print(f"skipped: {e}; ./dev test installs the peers")
    sys.exit(77)

FAMILIES = ["qwen3", "qwen2-untied", "qwen2-swa", "mistral-nemo", "yi", "llama-rope-linear", "llama-rope-llama3", "llama-rope-dynamic",
            "llama-rope-yarn", "gemma2", "gemma3", "gemma3-linear", "phi3", "phi3-longrope", "phi4-mini", "olmo", "olmo2", "granite", "smollm3",
            "stablelm", "stablelm2-12b", "starcoder2", "phi2", "gpt2", "pythia", "neox-serial", "falcon-7b", "falcon-40b", "falcon-rw", "glm4",
            "cohere", "cohere2", "mixtral", "qwen2-moe", "qwen3-moe", "deepseek-v2", "deepseek-v3"]
ENCODERS = ["bert", "roberta", "distilbert", "deberta-v3", "deberta-v2"]  # each with a head for hidden tokens, three classes, one number
COUNTED = {"gpt2", "falcon-rw"}  # their positions are counted from the first token that is seen, by generate() alone: not relative ones
MIXTURES = {"mixtral", "qwen2-moe", "qwen3-moe", "deepseek-v2", "deepseek-v3"}
BALANCED = {"mixtral", "qwen2-moe", "qwen3-moe"}  # of which transformers adds it to the loss
LOGITS, LOSS, NORM = 1e-4, 1e-5, 1e-3  # of TINY2.md; losses and norms relative

p = argparse.ArgumentParser()
p.add_argument("--cli", required=True)
p.add_argument("--shared", required=True)
p.add_argument("--seed", type=int, default=0)
p.add_argument("--models", help="a tree that make_tiny2.py has made; without it one is made for this run")
p.add_argument("--only", default=",".join(FAMILIES + ENCODERS), help="names of TINY2.md, with commas")
a = p.parse_args()
maker = pathlib.Path(a.shared) / "golden" / "scripts" / "make_tiny2.py"
failures = []


def report(name, what, worst, limit):
    print(f"{name:20s}{what:32s}{worst:9.1e}  limit {limit:g}")
    if not worst <= limit:
        failures.append(f"{name}: {what} {worst:.3g} is above {limit:.3g}")


def run(*command):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, errors="replace", env=dict(os.environ, OMP_NUM_THREADS="1"))
    if done.returncode != 0:
        raise RuntimeError((done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1])


def logits(model, ids, mask, scratch, types=None):
    tensors = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
    save_file({name: tensor for name, tensor in tensors.items() if tensor is not None}, scratch / "ids.safetensors")
    run(a.cli, "logits", model, "--ids", scratch / "ids.safetensors", "--threads", 1, "--force", "-o", scratch / "logits.safetensors")
    return load_file(scratch / "logits.safetensors")["logits"]


def worst(ours, theirs):
    assert ours.shape == theirs.shape and ours.isfinite().all()
    return (ours - theirs).abs().max().item()


def check_logits(name, folder, scratch):
    want = load_file(folder / name / "golden.safetensors")
    report(name, "logits", worst(logits(folder / name, want["input_ids"], None, scratch), want["logits"]), LOGITS)
    mask = want["padded.attention_mask"]
    seen = mask.bool()
    padded = logits(folder / name, want["padded.input_ids"], mask, scratch)
    report(name, "logits, padded on the right", worst(padded[seen], want["padded.logits"][seen]), LOGITS)
    if name not in COUNTED:
        last = logits(folder / name, want["left.input_ids"], want["left.attention_mask"], scratch)[:, -1]
        report(name, "logits, padded on the left", worst(last, want["left.last_logits"]), LOGITS)
    gguf = folder / "gguf" / f"{name}.safetensors"
    if gguf.exists():
        want = load_file(gguf)
        for kind in ("f16", "q8_0"):
            ours = logits(folder / "gguf" / f"{name}-{kind}.gguf", want["input_ids"], None, scratch)
            report(name, f"logits, {kind}.gguf", worst(ours, want[f"logits_{kind}"]), LOGITS)


def targets_of(name, settings):
    """PEFT's as globs: with transformers 5 gate_proj and its like are no modules of Qwen2-MoE's experts."""
    inner = {"gate_proj", "up_proj", "down_proj"}
    return ",".join(f"*.shared_expert.{t}" if name == "qwen2-moe" and t in inner else t for t in settings["targets"])


def check_newer_names(name, folder, scratch):
    if name not in MIXTURES:
        return
    want = load_file(folder / name / "golden.safetensors")
    ours = logits(folder / f"{name}-v5names", want["input_ids"], None, scratch)
    report(name, "logits, names of transformers 5", worst(ours, want["logits"]), LOGITS)


def check_balance(name, folder, scratch):
    """Loss and gradient's norm of a first step, with output_router_logits, from PEFT's start."""
    if name not in BALANCED:
        return
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM
    torch.set_num_threads(1)
    model = scratch / name
    shutil.copytree(folder / name, model)
    config = json.loads((model / "config.json").read_text()) | {"output_router_logits": True, "router_aux_loss_coef": 0.7}
    (model / "config.json").write_text(json.dumps(config))
    settings = json.loads((folder / name / "info.json").read_text())["peft"]
    batch = {k: v[0] for k, v in load_file(folder / name / "batches.safetensors").items()}
    peer = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32), str(folder / name / "lora_init_peft"),
                                     is_trainable=True)
    loss = peer(**batch).loss
    loss.backward()
    norm = torch.stack([p.grad.norm() for p in peer.parameters() if p.grad is not None]).norm().item()
    run(a.cli, "train", "--model", model, "--batches", folder / name / "batches.safetensors", "--method", "lora", "--init-adapter",
        folder / name / "lora_init_peft", "--rank", settings["rank"], "--alpha", settings["alpha"], "--targets", targets_of(name, settings),
        "--lr", settings["lr"], "--steps", 1, "--dtype", "float32", "--threads", 1, "--device", "cpu", "-o", scratch / "run")
    first = next(line for line in map(json.loads, (scratch / "run" / "metrics.jsonl").read_text().splitlines()) if "loss" in line)
    report(name, "balanced: loss, relative", abs(first["loss"] / loss.item() - 1), LOSS)
    report(name, "balanced: grad_norm, relative", abs(first["grad_norm"] / norm - 1), NORM)


def check_texts(name, folder, scratch):
    """Single texts and pairs, padded on the right, with each head."""
    for case in (name, f"{name}-cls", f"{name}-reg"):
        want = load_file(folder / case / "golden.safetensors")
        for tag in ("single", "pair"):
            mask, types = want[f"{tag}.attention_mask"], want.get(f"{tag}.token_type_ids")
            ours = logits(folder / case, want[f"{tag}.input_ids"], mask, scratch, types)
            theirs = want[f"{tag}.logits"]
            seen = mask.bool() if ours.dim() == 3 else slice(None)
            report(case, f"logits, {tag}", worst(ours[seen], theirs[seen]), LOGITS)


def check_heads(name, folder, scratch):
    for case in (f"{name}-cls", f"{name}-reg"):
        check_curves(case, folder, scratch)
        want = load_file(folder / case / "peft.safetensors")
        text = load_file(folder / case / "golden.safetensors")
        ids, mask, types = (text.get(f"pair.{key}") for key in ("input_ids", "attention_mask", "token_type_ids"))
        for method in ("lora", "pissa"):
            ours = logits(scratch / method, ids, mask, scratch, types)
            report(case, f"{method}: logits when trained", worst(ours, want[f"{method}.logits_trained"]), 2e-4)
            kept = load_file(scratch / method / "adapter" / "adapter_model.safetensors")
            head = {key: value for key, value in want.items() if key.startswith(f"{method}.head.")}
            assert head
            for key, value in head.items():
                mine = kept["base_model.model." + key.removeprefix(f"{method}.head.")]
                report(case, key, worst(mine, value), 2e-4)
            report(case, f"{method}: what PEFT makes of it", worst(by_peft(folder / case, scratch / method / "adapter", text), ours), LOGITS)
        for method in ("lora", "pissa"):
            shutil.rmtree(scratch / method)


def by_peft(model, adapter, text):
    import peft
    import torch
    import transformers
    base = transformers.AutoModelForSequenceClassification.from_pretrained(model, attn_implementation="eager")
    tuned = peft.PeftModel.from_pretrained(base, adapter).eval()
    inputs = {key: text[f"pair.{key}"] for key in ("input_ids", "attention_mask", "token_type_ids") if f"pair.{key}" in text}
    with torch.no_grad():
        return tuned(**inputs).logits


def check_curves(name, folder, scratch):
    settings = json.loads((folder / name / "info.json").read_text())["peft"]
    want = load_file(folder / name / "peft.safetensors")
    for method in ("lora", "pissa"):
        start = ["--init-adapter", folder / name / "lora_init_peft"] if method == "lora" else ["--svd", "exact"]
        run(a.cli, "train", "--model", folder / name, "--batches", folder / name / "batches.safetensors", "--method", method, *start,
            "--rank", settings["rank"], "--alpha", settings["alpha"], "--targets", targets_of(name, settings), "--lr", settings["lr"],
            "--schedule", "cosine", "--warmup-ratio", settings["warmup_steps"] / settings["steps"], "--steps", settings["steps"],
            "--dtype", "float32", "--threads", 1, "--device", "cpu", "-o", scratch / method)
        lines = [json.loads(line) for line in (scratch / method / "metrics.jsonl").read_text().splitlines()]
        for what, limit in (("loss", LOSS), ("grad_norm", NORM)):
            ours = [line[what] for line in lines if "loss" in line]
            theirs = want[f"{method}.{what}"].tolist()
            assert len(ours) == len(theirs) == settings["steps"]
            report(name, f"{method}: {what}, relative", max(abs(x / y - 1) for x, y in zip(ours, theirs)), limit)


if not maker.exists():
    print(f"skipped: needs {maker}")
    sys.exit(77)
with tempfile.TemporaryDirectory() as top:
    models = pathlib.Path(a.models or top)
    if a.models is None:
        run(sys.executable, maker, "--out", models, "--seed", a.seed, "--only", a.only, "--no-check")
    for family in a.only.split(","):
        checks = (check_texts, check_heads) if family in ENCODERS else (check_logits, check_newer_names, check_curves, check_balance)
        for check in checks:
            with tempfile.TemporaryDirectory() as scratch:
                try:
                    check(family, models, pathlib.Path(scratch))
                except Exception as e:  # one that cannot run fails alone; the others still report
                    failures.append(f"{family}: {e}")
sys.exit("\n".join(failures) if failures else 0)
