#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes example.json, which the first screen draws before a model is open: measured, none of it made up.

    make_example.py --model SmolLM2.gguf [--curves smollm2_curves.json] [--cli pissarro-cli] [--out example.json]

The losses are those of ../shared/golden/smollm2_curves.json: PiSSA and its LoRA twin by PEFT on SmolLM2-135M-Instruct and
GSM8K, 20 steps with the same batches (made by scripts/smollm2_curves.py there; core.smollm2 trains the same within its bound).
The singular values are those of `pissarro-cli spectrum`, exact, of one matrix of that model. Six digits of both are kept.
"""
import argparse
import json
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
MATRIX = "model.layers.14.self_attn.q_proj"


def rounded(values):
    return [float(f"{value:.6g}") for value in values]


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--model", required=True)
parser.add_argument("--curves", default=HERE.parents[2] / "shared/golden/smollm2_curves.json")
parser.add_argument("--cli", default=HERE.parents[1] / "build/release/app/pissarro-cli")
parser.add_argument("--out", default=HERE / "example.json")
options = parser.parse_args()


def told(*words):
    said = subprocess.run([options.cli, *words, "--json"], check=True, capture_output=True, text=True).stdout
    return json.loads(said)


model = told("inspect", options.model)
curves = json.load(open(options.curves))
spectrum = told("spectrum", options.model, "--modules", MATRIX)["modules"][0]
example = {
    "made_by": "resources/demo/make_example.py",
    "model": "SmolLM2-135M-Instruct",
    "model_parameters": model["parameters"],
    "largest_rank": min(min(module["shape"]) for module in model["modules"]),  # that every matrix has
    "matrix": {
        "name": MATRIX,
        "shape": [spectrum["rows"], spectrum["cols"]],
        "singular_values": rounded(spectrum["singular_values"]),
    },
    "runs": {
        "data": "GSM8K",
        "rank": curves["settings"]["rank"],
        "learning_rate": curves["settings"]["lr"],
        "trainable": curves["runs"]["pissa"]["trainable"],
        "pissa": rounded(curves["runs"]["pissa"]["loss"]),
        "lora": rounded(curves["runs"]["lora"]["loss"]),
    },
}
pathlib.Path(options.out).write_text(json.dumps(example, separators=(",", ":")) + "\n")
