# SPDX-License-Identifier: GPL-3.0-or-later
"""Four bits against bitsandbytes, transformers and PEFT.

  * every matrix of SmolLM2: codes, absmax and nested state that `init --method qlora` writes, bit for bit, in NF4 and FP4;
  * on a tiny model of each family, the errors of `quant-error` against the same loops in torch with LAPACK's SVD in
    float64 and bitsandbytes: T = 1 to 1e-4, T = 3 to 1 % (iterated rounding is not robust), QLoRA to 1e-6;
  * these folders opened again are the values that bitsandbytes dequantizes, bit for bit, and our logits are transformers';
  * transformers with bitsandbytes and PEFT load the folders of `init --method qlora|loftq|qpissa`, with and without double
    quantization: their logits are those of a plain float32 model with deq(Q) + s B A as its weights, to 1e-4;
  * `train --method qlora|loftq|qpissa` in float32: the losses of five steps are those of PEFT and torch's AdamW on a plain
    model with deq(Q), from the adapter that the run kept, to 1e-4.
Exit 77: the peers are not installed.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import bitsandbytes.functional as bnb
    import torch
    from peft import PeftModel
    from safetensors.torch import load_file, save_file
    from transformers import AutoModelForCausalLM
except ImportError as e:
    print(f"skipped: {e}; ./dev test installs the peers")
    sys.exit(77)

p = argparse.ArgumentParser()
p.add_argument("--cli", required=True)
p.add_argument("--shared", required=True)
p.add_argument("--deps", required=True)
a = p.parse_args()
tiny = pathlib.Path(a.shared) / "golden" / "tiny"
if not tiny.exists():
    print(f"skipped: needs {tiny}")
    sys.exit(77)

RANK = 8


def cli(*arguments):
    return subprocess.run([a.cli, *map(str, arguments)], check=True, capture_output=True, text=True).stdout


def weights_of(folder):
    weights = {}
    for file in sorted(pathlib.Path(folder).glob("*.safetensors")):
        weights |= load_file(file)
    return weights


def nf4(x):
    return bnb.dequantize_4bit(*bnb.quantize_4bit(x.float().contiguous(), blocksize=64, quant_type="nf4", compress_statistics=False))


def leading(x):
    u, s, v = torch.linalg.svd(x.double(), full_matrices=False)
    half = s[:RANK].sqrt()
    return ((u[:, :RANK] * half) @ (half[:, None] * v[:RANK])).float()


def qpissa(w, iters):
    rest = w
    for _ in range(iters):
        low = leading(rest)
        q = nf4(w - low)
        rest = w - q
    return w - q - low


def loftq(w, iters):
    low = torch.zeros_like(w)
    for _ in range(iters):
        q = nf4(w - low)
        low = leading(w - q)
    return w - q - low


def nuclear(x):
    return torch.linalg.svdvals(x.double()).sum().item()


def half_precision(folder):
    file = folder / "model.safetensors"
    save_file({name: w.bfloat16() for name, w in load_file(file).items()}, file, {"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    config["torch_dtype"] = "bfloat16"
    (folder / "config.json").write_text(json.dumps(config))


def bits_of_smollm2(work):
    models = sorted(pathlib.Path(a.deps, "model").glob("*.gguf"))
    if not models:
        print("no SmolLM2: ./dev setup fetches it")
        return
    for nested in (False, True):
        # float32 and bfloat16, which is what a GGUF is quantized to.
        base = work / f"smollm2-base-{nested}"
        cli("init", models[0], "--method", "lora", "--rank", 1, "--copy-base", "-o", base)
        if nested:
            half_precision(base)
        weights = weights_of(base)
        folder = work / f"smollm2-{nested}"
        cli("init", base, "--method", "qlora", "--rank", 1, "-o", folder, *(["--double-quant"] if nested else []))
        stored, count = weights_of(folder), 0
        for name, w in weights.items():
            if name + ".absmax" not in stored:
                assert torch.equal(stored[name], w), name
                continue
            codes, state = bnb.quantize_4bit(w, blocksize=64, quant_type="nf4", compress_statistics=nested)
            assert torch.equal(stored[name], codes), f"{name}: codes"
            assert torch.equal(stored[name + ".absmax"], state.absmax), f"{name}: absmax"
            if nested:
                assert torch.equal(stored[name + ".nested_absmax"], state.state2.absmax), f"{name}: nested absmax"
                assert torch.equal(stored[name + ".nested_quant_map"], state.state2.code), f"{name}: dynamic map"
                about = json.loads(bytes(stored[name + ".quant_state.bitsandbytes__nf4"].tolist()))
                assert about["nested_offset"] == state.offset.item(), f"{name}: offset"
            count += 1
        # Opened again and written as plain weights: what bitsandbytes makes of the codes.
        cli("init", folder, "--method", "lora", "--rank", 1, "--copy-base", "-o", work / f"plain-{nested}")
        plain = weights_of(work / f"plain-{nested}")
        for name, w in weights.items():
            if name + ".absmax" in stored:
                codes, state = bnb.quantize_4bit(w, blocksize=64, quant_type="nf4", compress_statistics=nested)
                assert torch.equal(plain[name], bnb.dequantize_4bit(codes, state)), f"{name}: values"
        print(f"{count} matrices of SmolLM2 equal bitsandbytes' bit for bit, double quantization {nested}")


def errors(model, work):
    worst = {}
    for iters, limit in ((1, 1e-4), (3, 1e-2)):
        file = work / "errors.json"
        cli("quant-error", model, "--rank", RANK, "--iters", iters, "--force", "-o", file)
        weights = weights_of(model)
        for module in json.loads(file.read_text())["modules"]:
            w = weights[module["name"] + ".weight"].float()
            theirs = {"qlora": nuclear(w - nf4(w)), "loftq": nuclear(loftq(w, iters)), "qpissa": nuclear(qpissa(w, iters))}
            for method, value in theirs.items():
                off = abs(module[method]["nuclear"] / value - 1)
                allowed = 1e-6 if method == "qlora" else limit
                assert off <= allowed, f"{model.name} {module['name']} {method} T={iters}: {off:.2e} away"
                worst[method, iters] = max(worst.get((method, iters), 0.0), off)
            for method in ("loftq", "qpissa"):
                ratio = 100 * (1 - module[method]["nuclear"] / module["qlora"]["nuclear"])
                assert abs(ratio - module["reduction"][method]) < 1e-9
    print(model.name, {f"{m} T={t}": f"{v:.1e}" for (m, t), v in worst.items()})


def loads(model, work):
    ids = torch.arange(40).view(2, 20) * 7 % 500
    save_file({"input_ids": ids}, work / "ids.safetensors")
    for method in ("qlora", "loftq", "qpissa"):
        for nested in (False, True):
            folder = work / f"{model.name}-{method}-{nested}"
            cli("init", model, "--method", method, "--rank", RANK, "--alpha", 2 * RANK, "--iters", 2, "-o", folder,
                *(["--double-quant"] if nested else []))
            quantized = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32),
                                                  folder / f"{method}_init")
            quantized.train()  # there is no dropout; in eval() bitsandbytes packs weights anew, for some shapes only
            plain = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32).eval()
            adapter = load_file(folder / f"{method}_init" / "adapter_model.safetensors")
            parts = dict(plain.named_parameters())
            for name, module in quantized.get_base_model().named_modules():
                if hasattr(module, "base_layer"):
                    base = module.base_layer.weight
                    w = bnb.dequantize_4bit(base.data, base.quant_state).float()
                    low = adapter[f"base_model.model.{name}.lora_B.weight"] @ adapter[f"base_model.model.{name}.lora_A.weight"]
                    parts[name + ".weight"].data.copy_(w + 2.0 * low)
            with torch.no_grad():
                off = (quantized(ids).logits - plain(ids).logits).abs().max().item()
            assert off < 1e-4, f"{folder.name}: logits {off:.2e} away"
            cli("logits", folder, "--ids", work / "ids.safetensors", "--adapter", folder / f"{method}_init", "--force", "-o",
                work / "l.safetensors")
            with torch.no_grad():
                off = (load_file(work / "l.safetensors")["logits"] - plain(ids).logits).abs().max().item()
            assert off < 1e-4, f"{folder.name}: our own logits {off:.2e} away"
    print(model.name, "loads in transformers, bitsandbytes and PEFT")


def fp4_of_smollm2(work):
    models = sorted(pathlib.Path(a.deps, "model").glob("*.gguf"))
    if not models:
        return
    base, folder = work / "fp4-base", work / "fp4"
    cli("init", models[0], "--method", "lora", "--rank", 1, "--copy-base", "-o", base)
    cli("init", base, "--method", "qlora", "--rank", 1, "--type", "fp4", "-o", folder)
    weights, stored, count = weights_of(base), weights_of(folder), 0
    for name, w in weights.items():
        if name + ".absmax" in stored and (".layers.0." in name or ".layers.17." in name):  # bitsandbytes takes a second each
            codes, state = bnb.quantize_4bit(w, blocksize=64, quant_type="fp4", compress_statistics=False)
            assert torch.equal(stored[name + ".absmax"], state.absmax), f"{name}: absmax"
            assert torch.equal(stored[name + ".quant_map"], state.code), f"{name}: fp4's table"
            different = stored[name] != codes
            assert not different.any(), f"{name}: {different.sum().item()} of {codes.numel()} bytes of fp4 codes"
            count += 1
    print(count, "matrices of SmolLM2 in FP4: bit for bit bitsandbytes'")


def trains(model, work):
    steps, ids = 5, (torch.arange(5 * 2 * 24).view(5, 2, 24) * 31 + 5) % 500
    save_file({"input_ids": ids, "labels": ids.clone(), "attention_mask": torch.ones_like(ids)}, work / "batches.safetensors")
    run = work / f"{model.name}-runs"
    cli("train", "--model", model, "--batches", work / "batches.safetensors", "--method", "qpissa", "--twin", "qlora", "--twin",
        "loftq", "--rank", RANK, "--alpha", 2 * RANK, "--iters", 2, "--double-quant", "--dtype", "float32", "--lr", 1e-3,
        "--schedule", "constant", "--warmup-ratio", 0, "--steps", steps, "-o", run)
    for method in ("qpissa", "qlora", "loftq"):
        base = run / method / "base"
        stored = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
        plain = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
        weights = dict(plain.named_parameters())
        for name, module in stored.named_modules():
            if hasattr(getattr(module, "weight", None), "quant_state"):
                w = bnb.dequantize_4bit(module.weight.data, module.weight.quant_state)
                weights[name + ".weight"].data.copy_(w.float())
        peft = PeftModel.from_pretrained(plain, base / f"{method}_init", is_trainable=True).train()
        optimizer = torch.optim.AdamW([x for x in peft.parameters() if x.requires_grad], lr=1e-3, weight_decay=0.0)
        ours = [json.loads(line)["loss"] for line in (run / method / "metrics.jsonl").read_text().splitlines()]
        for step in range(steps):
            loss = peft(input_ids=ids[step], labels=ids[step]).loss
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            off = abs(loss.item() - ours[step])
            assert off < 1e-4, f"{model.name} {method}: loss {off:.2e} away at step {step + 1}"
    print(model.name, "trains as PEFT on the dequantized base")


with tempfile.TemporaryDirectory() as scratch:
    work = pathlib.Path(scratch)
    bits_of_smollm2(work)
    fp4_of_smollm2(work)
    for family in ("llama", "mistral-gqa", "gemma", "qwen2"):
        errors(tiny / family, work)
        loads(tiny / family, work)
        trains(tiny / family, work)
