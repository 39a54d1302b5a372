# SPDX-License-Identifier: GPL-3.0-or-later
"""Every number of `spectrum` and `advise` against torch and numpy in float64, and rank maps against PEFT.

On a tiny model of each family, with other ranks than the tests of core:
  * singular values, energy, nuclear share, residual norm, stable and effective rank, condition number, decay exponent;
  * rank advice by energy, threshold and budget, each found again by its definition;
  * Delta W of a LoRA adapter: its values, and the principal angles as scipy's definition gives them;
  * the fast SVD's errors of `--meter` against torch.linalg.svd;
  * a rank map is trained, and PEFT loads the run's adapter with the same number of parameters and the same logits;
  * the middle and minor slices, written by `init`, are those of torch.linalg.svd.
Exit 77: the peers are not installed.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
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

worst = {}


def cli(*arguments):
    return subprocess.run([a.cli, *map(str, arguments)], check=True, capture_output=True, text=True).stdout


def hold(what, ours, theirs, limit, scale=None):
    """Relative to `scale`, or to the peer's own figure."""
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    scale = np.maximum(np.abs(theirs), 1e-300) if scale is None else scale
    difference = float(np.max(np.abs(ours - theirs) / scale)) if ours.size else 0.0
    worst[what] = max(worst.get(what, 0.0), difference)
    assert difference <= limit, f"{what}: {difference:.2e} away from the peer, more than {limit:.0e}"


def weights_of(folder):
    weights = {}
    for file in sorted(folder.glob("*.safetensors")):
        weights |= {name: w.double() for name, w in load_file(file).items()}
    return weights


def values_of(w):
    return torch.linalg.svdvals(w).numpy()


def check_measures(folder, weights, rank):
    for one in json.loads(cli("spectrum", folder, "--rank", rank, "--json"))["modules"]:
        w = weights[one["name"] + ".weight"]
        s = values_of(w)
        r = min(rank, len(s))
        share = s / s.sum()
        i = np.arange(1, len(s) + 1)
        x, y, weight = np.log(i), np.log(s), 1 / i
        x_mean, y_mean = np.average(x, weights=weight), np.average(y, weights=weight)
        slope = np.average((x - x_mean) * (y - y_mean), weights=weight) / np.average((x - x_mean) ** 2, weights=weight)
        hold("singular values, of max(s_i, 1e-3 s_1)", one["singular_values"], s, 1e-6, np.maximum(s, 1e-3 * s[0]))
        hold("energy at rank", one["energy_at_rank"], (s[:r] ** 2).sum() / (s ** 2).sum(), 1e-9)
        hold("nuclear share", one["nuclear_share"], s[:r].sum() / s.sum(), 1e-8)
        u, t, v = torch.linalg.svd(w, full_matrices=False)
        hold("residual norm", one["residual_norm"], (w - u[:, :r] * t[:r] @ v[:r]).norm().item(), 1e-8)
        hold("stable rank", one["stable_rank"], (s ** 2).sum() / s[0] ** 2, 1e-9)
        hold("effective rank", one["effective_rank"], np.exp(-(share * np.log(share)).sum()), 1e-8)
        hold("condition number", one["condition_number"], np.linalg.cond(w.numpy()), 1e-4)
        hold("decay exponent", one["decay_exponent"], -slope, 1e-6)


def median_of_marchenko_pastur(beta):
    low, high = (1 - beta ** 0.5) ** 2, (1 + beta ** 0.5) ** 2
    t = np.linspace(low, high, 2_000_001)[1:-1]
    density = np.sqrt((high - t) * (t - low)) / (2 * np.pi * beta * t)
    mass = np.cumsum(density)
    return t[np.searchsorted(mass, mass[-1] / 2)]


def check_advice(folder, weights, names):
    spectra = {name: values_of(weights[name + ".weight"]) for name in names}
    shapes = {name: weights[name + ".weight"].shape for name in names}
    ranks = json.loads(cli("advise", folder, "--by", "energy", "--value", 0.8, "--json"))["rank_pattern"]
    for name, s in spectra.items():
        energy = np.cumsum(s ** 2) / (s ** 2).sum()
        assert ranks[name] == int(np.searchsorted(energy, 0.8) + 1), (name, ranks[name])
    ranks = json.loads(cli("advise", folder, "--by", "threshold", "--json"))["rank_pattern"]
    for name, s in spectra.items():
        beta = min(shapes[name]) / max(shapes[name])
        known = (2 * (beta + 1) + 8 * beta / (beta + 1 + (beta ** 2 + 14 * beta + 1) ** 0.5)) ** 0.5
        threshold = known / median_of_marchenko_pastur(beta) ** 0.5 * np.median(s)
        wanted = max(1, int((s > threshold).sum()))
        at_edge = np.min(np.abs(s / threshold - 1)) < 1e-3
        assert ranks[name] == wanted or at_edge, (name, ranks[name], wanted)
    budget = sum(sum(shape) for shape in shapes.values()) * 7 + 3
    advice = json.loads(cli("advise", folder, "--by", "budget", "--value", budget, "--json"))
    ranks = advice["rank_pattern"]
    spent = sum(ranks[name] * sum(shapes[name]) for name in names)
    assert advice["parameters"] == spent <= budget, (spent, budget)
    # One level for all: what a matrix takes keeps at least as much per parameter as what another one leaves.
    gains = {name: s ** 2 / (s ** 2).sum() / sum(shapes[name]) for name, s in spectra.items()}
    taken = min(gains[name][r - 1] for name, r in ranks.items() if r > 1)
    cheapest = min(sum(shape) for shape in shapes.values())
    assert budget - spent < max(sum(shape) for shape in shapes.values()) and cheapest > 0
    left = [gains[name][r] for name, r in ranks.items() if r < len(gains[name]) and spent + sum(shapes[name]) <= budget]
    assert not left or taken >= max(left) * (1 - 1e-9), (taken, left)
    return advice


def check_rank_map(folder, batches_file, advice, t):
    (t / "ranks.json").write_text(json.dumps(advice))
    for method in ("pissa", "lora"):
        run = t / f"run-{method}"
        cli("train", "--model", folder, "--batches", batches_file, "--method", method, "--rank-map", t / "ranks.json",
            "--rank", 4, "--alpha", 4, "--steps", 2, "--lr", "1e-3", "--dtype", "float32", "-o", run)
        spec = json.loads((run / "run.json").read_text())
        assert spec["rank_pattern"] == advice["rank_pattern"]
        base = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
        model = peft.PeftModel.from_pretrained(base, str(run / "adapter"))
        count = sum(q.numel() for name, q in model.named_parameters() if "lora_" in name)
        factor = 2 if method == "pissa" else 1
        assert count == factor * advice["parameters"] == factor * spec["run"]["trainable_parameters"], (count, spec["run"])
        ids = load_file(batches_file)["input_ids"][0][:, :16].contiguous()
        save_file({"input_ids": ids}, t / "ids.safetensors")
        cli("logits", folder, "--ids", t / "ids.safetensors", "--adapter", run / "adapter", "--force", "-o", t / "out.safetensors")
        with torch.no_grad():
            theirs = model(ids).logits
        hold("logits of a trained rank map in PEFT", load_file(t / "out.safetensors")["logits"], theirs, 1e-4, 1.0)
    fresh = load_file(t / "run-lora" / "lora_init" / "adapter_model.safetensors")
    for name, rank in advice["rank_pattern"].items():
        assert fresh[f"base_model.model.{name}.lora_A.weight"].shape[0] == rank
    return t / "run-lora" / "adapter"


def check_delta(folder, weights, adapter, t):
    factors = load_file(adapter / "adapter_model.safetensors")
    config = json.loads((adapter / "adapter_config.json").read_text())
    rank = 4
    for one in json.loads(cli("spectrum", folder, "--against", adapter, "--rank", rank, "--json"))["modules"]:
        name = one["name"]
        w = weights[name + ".weight"]
        b = factors[f"base_model.model.{name}.lora_B.weight"].double()
        a_ = factors[f"base_model.model.{name}.lora_A.weight"].double()
        r = config["rank_pattern"].get(name, config["r"])
        delta = config["alpha_pattern"].get(name, config["lora_alpha"]) / r * b @ a_
        s = values_of(delta)
        hold("values of Delta W", one["delta_singular_values"], s, 1e-6, s[0])
        hold("values of the tuned weights", one["tuned_singular_values"], values_of(w + delta), 1e-6, values_of(w)[0])
        hold("relative norm of Delta W", one["relative_norm"], (delta.norm() / w.norm()).item(), 1e-6)
        k = min(rank, int((s > 1e-6 * s[0]).sum()))
        uw, _, vw = torch.linalg.svd(w, full_matrices=False)
        ud, _, vd = torch.linalg.svd(delta, full_matrices=False)
        gap = s[k - 1] / s[k] if k < len(s) and s[k] > 0 else np.inf
        if gap > 1.01:  # else the subspace itself is not defined
            hold("cosines of principal angles", one["input_cosines"], values_of(vw[:rank] @ vd[:k].T), 1e-4, 1.0)
            hold("cosines of principal angles", one["output_cosines"], values_of(uw[:, :rank].T @ ud[:, :k]), 1e-4, 1.0)


def check_slices(folder, weights, names, t):
    rank = 3
    for slice_, first in (("middle", lambda k: (k - rank + 1) // 2), ("minor", lambda k: k - rank)):
        out = t / f"slice-{slice_}"
        cli("init", folder, "--method", "pissa", "--rank", rank, "--alpha", rank, "--slice", slice_, "-o", out)
        factors = load_file(out / "pissa_init" / "adapter_model.safetensors")
        residual = weights_of(out)
        for name in names:
            w = weights[name + ".weight"]
            u, s, v = torch.linalg.svd(w, full_matrices=False)
            i = first(len(s))
            wanted = u[:, i:i + rank] * s[i:i + rank] @ v[i:i + rank]
            ours = (factors[f"base_model.model.{name}.lora_B.weight"] @ factors[f"base_model.model.{name}.lora_A.weight"])
            gaps = [s[j - 1] / s[j] for j in (i, i + rank) if 0 < j < len(s)]
            if min(gaps, default=2) > 1.002:
                hold(f"B A of the {slice_} slice", ours, wanted, 2e-3, s[0].item())
            hold("residual + B A against W", ours.double() + residual[name + ".weight"], w, 1e-6, s[0].item())


def check_meter(folder, weights, names):
    module, rank = names[0], 4
    rows = json.loads(cli("spectrum", folder, "--modules", module, "--meter", "--ranks", rank, "--niters", "0,40",
                          "--oversamplings", 2, "--repeats", 1, "--json"))["rows"]
    none, many = rows[0], rows[1]
    s = values_of(weights[module + ".weight"])
    assert none["subspace_error"] > 0.05 > many["subspace_error"], rows
    assert none["reconstruction_error"] > many["reconstruction_error"] >= 0 and many["reconstruction_error"] < 1e-3, rows
    assert len(s) and rows[-1]["method"] == "exact" and rows[-1]["seconds"] > 0


CASES = [("llama", "peft-llama", 5), ("mistral-gqa", "peft-mistral-gqa", 9), ("gemma", "peft-gemma", 2),
         ("qwen2", "peft-qwen2", 17)]
for case, golden, rank in CASES:
    folder = tiny / case
    weights = weights_of(folder)
    names = [m["name"] for m in json.loads(cli("inspect", folder, "--json"))["modules"] if ".layers." in m["name"]]
    with tempfile.TemporaryDirectory() as scratch:
        t = pathlib.Path(scratch)
        check_measures(folder, weights, rank)
        advice = check_advice(folder, weights, names)
        adapter = check_rank_map(folder, pathlib.Path(a.shared) / "golden" / golden / "batches.safetensors", advice, t)
        check_delta(folder, weights, adapter, t)
        check_slices(folder, weights, names, t)
        check_meter(folder, weights, names)
print(json.dumps({"worst_deviations": worst}, indent=1))
