#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Token ids and decoded texts of pissarro-cli against Hugging Face tokenizers and sentencepiece's goldens.

    tokenizer_parity.py --cli FILE --deps DIR --shared DIR      exit 0: equal; 1: not; 77: what is needed is not here

* SmolLM2's GGUF on every question and answer of GSM8K and on random Unicode, against the tokenizer.json that
  scripts/make_smollm2.py of the golden values makes of it.
* The four tiny tokenizers on random Unicode.
* Mistral-7B's tokenizer.model, which `./dev peers` puts into DIR/mistral-common.
"""
import argparse
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

SPECIAL = ["<s>", "</s>", "<unk>", "<0x0A>", "<|im_start|>", "<|im_end|>", "<bos>", "<|begin_of_text|>", "<start_of_turn>"]
# Blocks that Unicode has long had: newer characters are letters to one library and unassigned to the other.
BLOCKS = [(0x20, 0x7E), (0xA0, 0x24F), (0x300, 0x36F), (0x391, 0x3C9), (0x410, 0x44F), (0x5D0, 0x5EA), (0x621, 0x64A),
          (0x905, 0x939), (0x1E00, 0x1EFF), (0x2000, 0x206F), (0x20A0, 0x20BF), (0x2190, 0x21FF), (0x3041, 0x30FE),
          (0x4E00, 0x9FA5), (0xAC00, 0xD7A3), (0xFF01, 0xFF5E), (0x1F300, 0x1F5FF)]


def skip(reason):
    print("skipped:", reason)
    sys.exit(77)


def random_texts(count, seed):
    r, out = random.Random(seed), []
    for _ in range(count):
        text = ""
        for _ in range(r.randint(1, 60)):
            kind = r.random()
            text += (chr(r.randint(32, 126)) if kind < 0.4 else r.choice([" ", "  ", "\n", "\t", "\r\n"]) if kind < 0.5
                     else r.choice(["the", " and", "'LL", "12345", " ▁"]) if kind < 0.6
                     else r.choice(SPECIAL) if kind < 0.65 else chr(r.randint(*r.choice(BLOCKS))))
        out.append(text)
    return out


def ours(cli, model, texts, special):
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as f:
        json.dump(texts, f)
        f.flush()
        run = subprocess.run([cli, "tokenize", str(model), "--file", f.name, "--json"] + ([] if special else ["--no-special"]),
                             capture_output=True, text=True, check=False)
    if run.returncode:
        sys.exit(f"pissarro-cli tokenize {model}: {run.stderr.strip()}")
    return json.loads(run.stdout)


def compare(name, texts, got, ids, decoded):
    wrong = [i for i in range(len(texts)) if got["ids"][i] != ids[i] or got["decoded"][i] != decoded[i]]
    print(f"{name}: {len(texts) - len(wrong)} of {len(texts)} texts equal")
    for i in wrong[:3]:
        print(f"  {ascii(texts[i])[:200]}\n    ours     {got['ids'][i][:40]}\n    expected {ids[i][:40]}")
    return not wrong


def against_tokenizers(cli, name, model, tokenizer_json, texts):
    from tokenizers import Tokenizer
    peer = Tokenizer.from_file(str(tokenizer_json))
    plain = [peer.encode(t, add_special_tokens=False).ids for t in texts]
    decoded = [peer.decode(ids, skip_special_tokens=False) for ids in plain]
    equal = compare(name, texts, ours(cli, model, texts, False), plain, decoded)
    with_special = [peer.encode(t).ids for t in texts]
    return compare(name + ", special tokens added", texts, ours(cli, model, texts, True), with_special, decoded) and equal


def against_sentencepiece(cli, model, golden):
    rows = [r for r in json.loads(golden.read_text(encoding="utf-8"))["rows"] if r["sp_ids"] == r["ids_no_special"]]
    with tempfile.TemporaryDirectory() as d:
        shutil.copy(model, pathlib.Path(d) / "tokenizer.model")
        got = ours(cli, d, [r["text"] for r in rows], False)
    return compare("Mistral-7B's tokenizer.model", [r["text"] for r in rows], got, [r["sp_ids"] for r in rows],
                   [r["sp_decoded"] for r in rows])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--cli", "--deps", "--shared"):
        p.add_argument(name, type=pathlib.Path, required=True)
    a = p.parse_args()
    golden = a.shared / "golden"
    if not golden.exists():
        skip(f"there are no golden values in {golden}")
    try:
        import tokenizers  # noqa: F401
    except ImportError:
        skip("the Python package tokenizers is not installed (./dev test installs it)")
    gguf = next(iter((a.deps / "model").glob("*.gguf")), None)
    if gguf is None:
        skip("the demo model is not here (./dev fetches it)")
    mistral = a.deps / "mistral-common/tokenizer.model.v1"
    if not mistral.exists():
        skip("tokenizer.model.v1 is not in .deps/mistral-common")

    rows = [json.loads(line) for part in ("train", "test")
            for line in (a.shared / f"data/gsm8k_{part}.jsonl").read_text(encoding="utf-8").splitlines()]
    texts = [r["question"] for r in rows] + [r["answer"] for r in rows] + random_texts(1000, 1)
    equal = True
    with tempfile.TemporaryDirectory() as d:
        subprocess.run([sys.executable, golden / "scripts/make_smollm2.py", d, "--gguf", gguf], check=True)
        equal &= against_tokenizers(a.cli, "SmolLM2 (GGUF), GSM8K", gguf, pathlib.Path(d) / "tokenizer.json", texts)
    for seed, name in enumerate(("sp-llama", "sp-gemma", "bpe-qwen2", "bpe-llama3"), 2):
        folder = golden / "tokenizers/tiny" / name
        equal &= against_tokenizers(a.cli, name, folder, folder / "tokenizer.json", random_texts(1000, seed))
    equal &= against_sentencepiece(a.cli, mistral, golden / "tok_mistral.json")
    sys.exit(0 if equal else 1)


if __name__ == "__main__":
    main()
