# SPDX-License-Identifier: GPL-3.0-or-later
"""Evaluations agree with transformers, question by question, in float32.

On a tiny model of several families, base and an adapter that PEFT made, side by side in one evaluation:
  * 200 questions of GSM8K: each answer is the text of transformers' greedy generate() of that question alone, and its
    score what the rule makes of it. Two answers may part only where the two largest logits are closer than float32 tells
    apart (GAP of the largest): that is looked at, and counted;
  * multiple choice: each log-likelihood is the sum of transformers' log-softmax over the choice;
  * perplexity by stride: the mean loss of transformers' over the same windows.
With --model (a Hugging Face folder) the same on that one, --rows questions of it: SmolLM2 by hand.
Exit 77: the peers are not installed, or the questions are not there.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    import torch
    from peft import LoraConfig, PeftModel, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer
except ImportError as e:
    print(f"skipped: {e}; ./dev test installs the peers")
    sys.exit(77)

p = argparse.ArgumentParser()
p.add_argument("--cli", required=True)
p.add_argument("--shared", required=True)
p.add_argument("--model", help="a Hugging Face folder instead of the tiny models")
p.add_argument("--rows", type=int, default=200)
p.add_argument("--new-tokens", type=int, default=0, help="0: 24 of a tiny model, 256 of another")
a = p.parse_args()
shared = pathlib.Path(a.shared)
questions = shared / "data" / "gsm8k_test.jsonl"
models = [pathlib.Path(a.model)] if a.model else [shared / "golden" / "tiny" / name for name in ("llama", "qwen2", "gemma")]
for needed in [questions, *models]:
    if not needed.exists():
        print(f"skipped: needs {needed}")
        sys.exit(77)
new_tokens = a.new_tokens or (256 if a.model else 24)

GAP = 2e-5  # of the largest logit: sums of float32 in another order
LIKELIHOOD = 1e-4  # nats of a token
ALPACA = ("Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n"
          "### Instruction:\n{}\n\n### Response:")


def cli(*arguments):
    done = subprocess.run([a.cli, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def load(folder, adapter=None):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    return PeftModel.from_pretrained(model, adapter).eval() if adapter else model


def make_adapter(folder, target):
    """A LoRA as PEFT saves it, whose B is not zero: about as strong as a short training leaves it."""
    torch.manual_seed(1)
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32), LoraConfig(
        r=8, lora_alpha=16, target_modules=["q_proj", "v_proj", "o_proj", "up_proj", "down_proj"]))
    for name, value in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(value, std=0.02)
    model.save_pretrained(target)


def lines(path):
    return [json.loads(line) for line in open(path, encoding="utf-8")]


def greedy(model, ids, count, ends):
    with torch.no_grad():
        out = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=count, do_sample=False,
                             eos_token_id=ends, pad_token_id=0, temperature=None, top_p=None, top_k=None)
    return out[0, ids.shape[1]:].tolist()


def parts_in_a_tie(model, tokenizer, ids, theirs, ours):
    """Whether the texts part where the two largest logits are one to float32."""
    for count in range(len(theirs)):
        if not ours.startswith(tokenizer.decode(theirs[:count + 1], skip_special_tokens=True)) or count == len(theirs) - 1:
            known = torch.cat([ids, torch.tensor([theirs[:count]], dtype=torch.long)], 1)
            with torch.no_grad():
                top = model(known).logits[0, -1].topk(2).values
            return (top[0] - top[1]).item() <= GAP * abs(top[0].item())
    return False


def flexible(text, gold):
    """lm-evaluation-harness' flexible-extract."""
    found = [one[0] or one[1] for one in re.findall(r"(-?[$0-9.,]{2,})|(-?[0-9]+)", text)]
    clean = lambda s: re.sub(r"\.$", "", re.sub(r"(?s).*#### ", "", s.replace(",", "").replace("$", "")))
    return clean(found[-1] if found else "[invalid]") == clean(gold)


def compare_answers(folder, tokenizer, voices, out):
    ends = tokenizer.eos_token_id
    rows = lines(questions)[:a.rows]
    ties = 0
    for name, model in voices.items():
        answers = lines(out / f"{name}.jsonl")
        assert len(answers) == len(rows), (folder, name, len(answers))
        config_ends = model.config.eos_token_id
        stop = sorted({ends, *(config_ends if isinstance(config_ends, list) else [config_ends])} - {None})
        for index, (row, answer) in enumerate(zip(rows, answers)):
            assert answer["index"] == index and answer["prompt"] == ALPACA.format(row["question"])
            ids = tokenizer(answer["prompt"], return_tensors="pt").input_ids
            theirs = greedy(model, ids, new_tokens, stop)
            text = tokenizer.decode(theirs, skip_special_tokens=True)
            if text != answer["output"]:
                assert parts_in_a_tie(model, tokenizer, ids, theirs, answer["output"]), \
                    f"{folder} {name} question {index}:\n{text!r}\n{answer['output']!r}"
                ties += 1
                continue
            usual = next(one for one in answer["rules"] if one["rule"] == "usual")
            assert usual["correct"] == flexible(text, row["answer"]), (folder, name, index)
    return len(rows) * len(voices), ties


def log_softmax(model, ids):
    with torch.no_grad():
        return torch.log_softmax(model(ids).logits[0].double(), -1)


def compare_choices(folder, tokenizer, voices, scratch):
    rows = [{"question": "The capital of France is", "choices": ["Paris", "London", "a loaf of bread"], "gold": 0},
            {"question": "Two and two are", "choices": ["four", "five", "a great many things at once"], "gold": 0},
            {"question": "She said: \u201cno\u201d. He", "choices": ["left", "agreed \u2013 at last"], "gold": 1}]
    data = scratch / "choices.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    out = scratch / "choice"
    cli("eval", folder, f"{folder}+{scratch / 'adapter'}", "--name", "base", "--name", "tuned", "--task", "choice", "--data",
        data, "--template", "plain", "-o", out)
    worst = 0.0
    for name, model in voices.items():
        for row, answer in zip(rows, lines(out / f"{name}.jsonl")):
            context = tokenizer(row["question"]).input_ids
            for choice, found in zip(row["choices"], answer["output"]["loglikelihoods"]):
                whole = tokenizer(row["question"] + " " + choice).input_ids
                logs = log_softmax(model, torch.tensor([whole]))
                wanted = sum(logs[i - 1, whole[i]].item() for i in range(len(context), len(whole)))
                worst = max(worst, abs(found - wanted) / (len(whole) - len(context)))
    assert worst < LIKELIHOOD, f"{folder}: log-likelihoods differ by {worst:.1e} a token"
    return worst


def compare_perplexity(folder, tokenizer, voices, scratch):
    text = " ".join(row["question"] for row in lines(questions)[:8])
    data = scratch / "text.txt"
    data.write_text(text, encoding="utf-8")
    out = scratch / "perplexity"
    length, stride = 64, 24
    cli("eval", folder, f"{folder}+{scratch / 'adapter'}", "--name", "base", "--name", "tuned", "--task", "perplexity",
        "--data", data, "--window", length, "--stride", stride, "-o", out)
    summary = json.loads((out / "summary.json").read_text())
    ids = tokenizer(text).input_ids
    worst = 0.0
    for found in summary["models"]:
        model, nll, scored, before = voices[found["name"]], 0.0, 0, 1
        for begin in range(0, len(ids), stride):
            end = min(begin + length, len(ids))
            logs = log_softmax(model, torch.tensor([ids[begin:end]]))
            for i in range(max(before, begin + 1), end):
                nll -= logs[i - begin - 1, ids[i]].item()
                scored += 1
            before = end
            if end == len(ids):
                break
        assert found["scored"] == scored, (folder, found["name"], found["scored"], scored)
        worst = max(worst, abs(found["mean_nll"] - nll / scored) / (nll / scored))
    assert worst < 1e-5, f"{folder}: mean losses differ by {worst:.1e} of them"
    assert summary["pairs"][0]["mean_nll_difference"] is not None
    return worst


for folder in models:
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        make_adapter(folder, scratch / "adapter")
        tokenizer = AutoTokenizer.from_pretrained(folder)
        voices = {"base": load(folder), "tuned": load(folder, scratch / "adapter")}
        out = scratch / "gsm8k"
        cli("eval", folder, f"{folder}+{scratch / 'adapter'}", "--name", "base", "--name", "tuned", "--task", "gsm8k",
            "--data", questions, "--rows", a.rows, "--max-new-tokens", new_tokens, "--dtype", "float32", "-o", out)
        answers, ties = compare_answers(folder, tokenizer, voices, out)
        assert ties <= answers // 50, f"{folder}: {ties} of {answers} answers part at ties"
        choice = compare_choices(folder, tokenizer, voices, scratch)
        loss = compare_perplexity(folder, tokenizer, voices, scratch)
        print(f"{folder.name}: {answers} answers as transformers', {ties} part where two logits are one; "
              f"log-likelihoods within {choice:.0e} nats a token, mean losses within {loss:.0e}")
