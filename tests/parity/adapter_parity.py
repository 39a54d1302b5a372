# SPDX-License-Identifier: GPL-3.0-or-later
"""What Pissarro writes, transformers and PEFT load, and compute the same.

Trains PiSSA and its LoRA twin for six steps with pissarro-cli on a tiny model of each family, and the same six steps
from the same factors with transformers + PEFT themselves. Then, on tokens of their own:
  * each export of the run (plain LoRA, pair, merged, merged in shards), loaded by transformers and PEFT, gives the
    logits of the model that PEFT trained;
  * the residual base with pissa_init beside it (pissarro-cli init) gives the base model's logits, rsLoRA or not;
  * PEFT trains on from the converted adapter without complaint;
  * dropout on the adapter's inputs gives the loss of one batch the mean and the deviation that PEFT's lora_dropout gives it,
    over hundreds of masks of each;
  * DoRA (--adapter-kind dora) on LoRA's start and on PiSSA's begins with PEFT's magnitudes, follows it for twelve steps, and
    its exports are that model;
  * a folder of PEFT's with bias "all" or "lora_only" is that model where the base has no biases, and is refused by the bias's
    name where one was stored;
  * OLoRA's start and residual are PEFT's (init_lora_weights "olora"), and twelve steps from it, with the exports of that run.
Exit 77: the peers are not installed.
"""
import argparse
import json
import pathlib
import statistics
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

LIMIT = 1e-4  # float32 logits of one model in two programs; a wrong feature moves them by 6e-3 and more
TRAINED = 1e-4  # after six steps in each of two programs
START = 1e-5  # factors and residuals of one decomposition, float32
RATE, RANK, ALPHA, STEPS = 2e-3, 8, 8, 6


def cli(*arguments):
    return subprocess.run([a.cli, *map(str, arguments)], check=True, capture_output=True, text=True).stdout


def load(folder):
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()


def logits(model, ids):
    with torch.no_grad():
        return model(ids).logits


def steps(model, batches, count):
    """AdamW as the trainer's, on the micro-batches of the file; returns the losses."""
    optimizer = torch.optim.AdamW([q for q in model.parameters() if q.requires_grad], lr=RATE, weight_decay=0)
    losses = []
    for i in range(count):
        loss = model(input_ids=batches["input_ids"][i], attention_mask=batches["attention_mask"][i],
                     labels=batches["labels"][i]).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses


worst = {}


def hold(what, ours, theirs, limit):
    difference = (ours - theirs).abs().max().item()
    worst[what] = max(worst.get(what, 0.0), difference)
    assert difference < limit, f"{what}: logits differ by {difference:.2e}, more than {limit:.0e}"


def check_exports(run, method, wanted, base, ids, t, tag=""):
    """`run` in every form against `wanted`, the logits of the model that PEFT trained."""
    for form, extra in (("lora", []), ("pair", []), ("merged", []), ("merged", ["--max-shard-size", "200KB"])):
        out = t / f"{tag}{method}-{form}-{len(extra)}"
        report = json.loads(cli("export", run, "--as", form, *extra, "-o", out, "--json"))
        assert report["max_logit_difference"] < LIMIT, report
        if form == "lora":
            model = peft.PeftModel.from_pretrained(load(base), str(out))
            config = model.peft_config["default"]
            assert config.r == (RANK if method == "lora" else 2 * RANK) and config.init_lora_weights is True, config
        elif form == "pair":
            model = peft.PeftModel.from_pretrained(load(out), str(out / f"{method}_ft"))
        else:
            assert (out / "model.safetensors.index.json").exists() == bool(extra)
            model = load(out)
        hold(f"{form} export against PEFT's own training", logits(model, ids), wanted, TRAINED)
    out = t / f"{tag}{method}-bfloat16"
    cli("export", run, "--as", "merged", "--dtype", "bfloat16", "-o", out)
    rounded, exact = load_file(out / "model.safetensors"), load_file(t / f"{tag}{method}-merged-0" / "model.safetensors")
    for name, weight in exact.items():
        assert torch.equal(rounded[name], weight.to(torch.bfloat16)), name


def check_family(base, batches_file, ids, t, rslora):
    batches = load_file(batches_file)
    plain = logits(load(base), ids)
    flags = ["--rank", RANK, "--alpha", ALPHA, *(["--rslora"] if rslora else [])]
    cli("train", "--model", base, "--batches", batches_file, "--method", "pissa", "--twin", "lora", *flags, "--lr", RATE,
        "--schedule", "constant", "--warmup-ratio", 0, "--steps", STEPS, "--dtype", "float32", "-o", t / "run")
    cli("init", base, "--method", "pissa", *flags, "-o", t / "pair")
    pissa = peft.PeftModel.from_pretrained(load(t / "pair"), str(t / "pair" / "pissa_init"), is_trainable=True)
    assert pissa.peft_config["default"].use_rslora == rslora
    hold("residual base with its adapter against the base", logits(pissa, ids), plain, LIMIT)
    reduced = (logits(load(t / "pair"), ids) - plain).abs().max().item()
    assert reduced > 1e-2, "the residual base is the base"
    lora = peft.PeftModel.from_pretrained(load(base), str(t / "run" / "lora" / "lora_init"), is_trainable=True)
    for method, model in (("pissa", pissa), ("lora", lora)):
        run = t / "run" / method
        theirs = steps(model, batches, STEPS)
        ours = [json.loads(line)["loss"] for line in open(run / "metrics.jsonl")]
        for x, y in zip(ours, theirs, strict=True):
            assert abs(x - y) < 1e-4, (method, ours, theirs)
        wanted = logits(model, ids)
        assert (wanted - plain).abs().max() > 1e-2, "six steps changed nothing"
        check_exports(run, method, wanted, base, ids, t)
        cli("logits", base, "--ids", t / "ids.safetensors", "--adapter", run / "adapter", "--force", "-o", t / "ours.safetensors")
        model = peft.PeftModel.from_pretrained(load(base), str(run / "adapter"), is_trainable=True)
        hold("pissarro-cli logits --adapter against PEFT's", load_file(t / "ours.safetensors")["logits"], logits(model, ids),
             LIMIT)
        losses = steps(model, batches, STEPS)
        assert losses[-1] < theirs[0], (losses, theirs)


def check_olora(base, batches_file, ids, t, rslora):
    """From the weights alone: PEFT's start, then PEFT's training, at a scale that is not 1."""
    batches, steps_of_it = load_file(batches_file), 2 * STEPS
    flags = ["--rank", RANK, "--alpha", 2 * ALPHA, *(["--rslora"] if rslora else [])]
    cli("init", base, "--method", "olora", *flags, "-o", t / "olora")
    model = peft.get_peft_model(load(base), peft.LoraConfig(
        task_type="CAUSAL_LM", r=RANK, lora_alpha=2 * ALPHA, use_rslora=rslora, init_lora_weights="olora",
        target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]))
    factors, residual = load_file(t / "olora" / "olora_init" / "adapter_model.safetensors"), load_file(t / "olora" / "model.safetensors")
    theirs = peft.get_peft_model_state_dict(model)
    assert factors.keys() == theirs.keys(), factors.keys() ^ theirs.keys()
    bases = {name.removeprefix("base_model.model.").replace(".base_layer", ""): weight
             for name, weight in model.state_dict().items() if ".base_layer." in name and name.endswith("weight")}
    for name, ours, wanted in [*((k, factors[k], v) for k, v in theirs.items()), *((k, residual[k], v) for k, v in bases.items())]:
        difference = (ours - wanted).abs().max().item()
        worst["OLoRA's start"] = max(worst.get("OLoRA's start", 0.0), difference)
        assert difference < START, (name, difference)
    cli("train", "--model", base, "--batches", batches_file, "--method", "olora", *flags, "--lr", RATE, "--schedule", "constant",
        "--warmup-ratio", 0, "--steps", steps_of_it, "--dtype", "float32", "-o", t / "olora-run")
    wanted = steps(model, batches, steps_of_it)
    ours = [json.loads(line)["loss"] for line in open(t / "olora-run" / "metrics.jsonl")]
    for x, y in zip(ours, wanted, strict=True):
        assert abs(x - y) < 1e-4, ("olora", ours, wanted)
    check_exports(t / "olora-run", "olora", logits(model, ids), base, ids, t)


def check_dora(base, batches_file, ids, t, rslora):
    """From our start, on the base or on PiSSA's residual: the magnitudes are those that PEFT begins with, then its training."""
    batches, steps_of_it = load_file(batches_file), 2 * STEPS
    flags = ["--rank", RANK, "--alpha", 2 * ALPHA, *(["--rslora"] if rslora else [])]
    cli("init", base, "--method", "pissa", *flags, "-o", t / "dora-residual")
    for method, under in (("lora", base), ("pissa", t / "dora-residual")):
        run = t / f"{method}-dora"
        cli("train", "--model", base, "--batches", batches_file, "--method", method, *flags, "--adapter-kind", "dora", "--lr", RATE,
            "--schedule", "constant", "--warmup-ratio", 0, "--steps", steps_of_it, "--dtype", "float32", "-o", run)
        begun = run / f"{method}_init"
        start = load_file(begun / "adapter_model.safetensors")
        model = peft.PeftModel.from_pretrained(load(under), str(begun), is_trainable=True)
        assert model.peft_config["default"].use_dora
        assert peft.get_peft_model_state_dict(model).keys() == start.keys()
        magnitudes = 0
        for name, module in model.named_modules():
            if not hasattr(module, "lora_magnitude_vector") or "default" not in module.lora_magnitude_vector:
                continue
            magnitudes += 1
            a_ri, b_or = module.lora_A["default"].weight, module.lora_B["default"].weight
            dora = module.lora_magnitude_vector["default"]
            norm = dora.get_weight_norm(module.get_base_layer().weight, b_or @ a_ri, module.scaling["default"])
            difference = (start[f"{name}.lora_magnitude_vector"] - norm).abs().max().item()
            worst["DoRA's start"] = max(worst.get("DoRA's start", 0.0), difference)
            assert difference < START, (name, difference)
        assert 3 * magnitudes == len(start), (magnitudes, len(start))
        theirs = steps(model, batches, steps_of_it)
        ours = [json.loads(line)["loss"] for line in open(run / "metrics.jsonl")]
        for x, y in zip(ours, theirs, strict=True):
            assert abs(x - y) < 1e-4, (method, "dora", ours, theirs)
        check_exports(run, method, logits(model, ids), base, ids, t, tag="dora-")


def check_bias(base, ids, t):
    """PEFT stores what trained of the biases: nothing of a model that has none."""
    for bias in ("all", "lora_only"):
        model = peft.get_peft_model(load(base), peft.LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=["q_proj", "v_proj"], bias=bias))
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if parameter.requires_grad and "lora_A" not in name:
                    parameter.normal_(0, 0.05)
        folder = t / f"bias-{bias}"
        model.save_pretrained(folder)
        stored = [name for name in load_file(folder / "adapter_model.safetensors") if name.endswith(".bias")]
        command = [a.cli, "logits", base, "--adapter", folder, "--ids", t / "ids.safetensors", "--dtype", "float32", "-o", t / f"bias-{bias}.safetensors"]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        if stored:
            assert done.returncode == 3 and "trained biases" in done.stderr and any(name in done.stderr for name in stored), done
        else:
            assert done.returncode == 0 and f"bias {bias}" in done.stderr, done
            hold('bias "all" of a model without', load_file(t / f"bias-{bias}.safetensors")["logits"], logits(model.eval(), ids), LIMIT)


def check_dropout(base, batches_file, t):
    """One batch again and again at a rate that moves nothing: each step is another mask of the same factors."""
    masks, rate = 400, 0.4
    batch = {k: v[:1].contiguous() for k, v in load_file(batches_file).items()}
    save_file({k: v.expand(masks, *v.shape[1:]).contiguous() for k, v in batch.items()}, t / "again.safetensors")
    flags = ["--rank", RANK, "--alpha", ALPHA]
    cli("train", "--model", base, "--batches", t / "again.safetensors", "--method", "pissa", *flags, "--dropout", rate, "--lr", 1e-12,
        "--schedule", "constant", "--warmup-ratio", 0, "--steps", masks, "--dtype", "float32", "-o", t / "dropped")
    ours = [json.loads(line)["loss"] for line in open(t / "dropped" / "metrics.jsonl")]
    cli("init", base, "--method", "pissa", *flags, "-o", t / "dropped-pair")
    config = t / "dropped-pair" / "pissa_init" / "adapter_config.json"
    assert json.loads(config.read_text())["lora_dropout"] == 0
    config.write_text(json.dumps({**json.loads(config.read_text()), "lora_dropout": rate}))
    model = peft.PeftModel.from_pretrained(load(t / "dropped-pair"), str(config.parent), is_trainable=True).train()
    torch.manual_seed(3)
    one = {k: batch[k][0] for k in ("input_ids", "attention_mask", "labels")}
    with torch.no_grad():
        theirs = [model(**one).loss.item() for _ in range(masks)]
        whole = model.eval()(**one).loss.item()
    deviations = [statistics.stdev(x) for x in (ours, theirs)]
    error = (sum(d * d for d in deviations) / masks) ** 0.5
    apart = statistics.mean(ours) - statistics.mean(theirs)
    worst["dropout, in errors of the mean"] = abs(apart) / error
    assert min(deviations) > 1e-4, "no mask changed the loss"
    assert abs(apart) < 5 * error, (apart, error, whole)
    assert 0.75 < deviations[0] / deviations[1] < 1.33, deviations  # each is good to 3.5 %
    written = json.loads((t / "dropped" / "adapter" / "adapter_config.json").read_text())
    assert written["lora_dropout"] == rate, written


CASES = [("llama", "peft-llama", False), ("llama", "peft-llama", True), ("mistral-gqa", "peft-mistral-gqa", False),
         ("gemma", "peft-gemma", False), ("qwen2", "peft-qwen2", False)]
for name, golden, rslora in CASES:
    batches_file = pathlib.Path(a.shared) / "golden" / golden / "batches.safetensors"
    with tempfile.TemporaryDirectory() as folder:
        t = pathlib.Path(folder)
        ids = load_file(batches_file)["input_ids"][0][:, :24].contiguous()
        save_file({"input_ids": ids}, t / "ids.safetensors")
        check_family(tiny / name, batches_file, ids, t, rslora)
        check_olora(tiny / name, batches_file, ids, t, rslora)
        check_dora(tiny / name, batches_file, ids, t, rslora)
        check_bias(tiny / name, ids, t)
        if not rslora:
            check_dropout(tiny / name, batches_file, t)
print(json.dumps({"worst_logit_differences": worst, "limits": [LIMIT, TRAINED]}, indent=1))
