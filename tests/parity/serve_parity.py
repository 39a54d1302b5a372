#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`pissarro-cli serve` as the `openai` client sees it, and what it says beside transformers and PEFT.

    serve_parity.py --cli FILE --shared DIR       exit 0: as they do; 1: not; 77: what is needed is not here

On a tiny model with a chat template of its own, base and an adapter that PEFT made at one address, in float32:
  * chats and completions, greedy: the text of transformers' generate(), whole and streamed alike;
  * log-probabilities of the tokens and of the likeliest: transformers' log-softmax;
  * sampling: the same seed says the same, stop texts and limits end as they say, usage adds up;
  * errors are the client's own exceptions; a stream that is closed early leaves the server free.
"""
import argparse
import concurrent.futures
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

try:
    import openai
    import torch
    from peft import LoraConfig, PeftModel, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer
except ImportError as e:
    print(f"skipped: {e}; ./dev test installs the peers")
    sys.exit(77)

p = argparse.ArgumentParser()
p.add_argument("--cli", required=True)
p.add_argument("--shared", required=True)
a = p.parse_args()
source = pathlib.Path(a.shared) / "golden" / "tiny" / "llama"
if not source.exists():
    print(f"skipped: needs {source}")
    sys.exit(77)

TEMPLATE = ("{% for m in messages %}<|{{ m['role'] }}|>\n{{ m['content'] }}\n{% endfor %}"
            "{% if add_generation_prompt %}<|assistant|>\n{% endif %}")
TALKS = [[{"role": "user", "content": "What is the capital of France?"}],
         [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "8 + 64?"}],
         [{"role": "user", "content": "Größe 日本 🙂"}, {"role": "assistant", "content": "Yes."}, {"role": "user", "content": "Why?"}]]
LOGS = 2e-4  # nats of a token in float32
NEW = 16


def make_model(scratch):
    folder = scratch / "model"
    shutil.copytree(source, folder)
    config = folder / "tokenizer_config.json"
    settings = json.loads(config.read_text()) if config.exists() else {}
    config.write_text(json.dumps({**settings, "chat_template": TEMPLATE}))
    torch.manual_seed(1)
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32), LoraConfig(
        r=4, lora_alpha=8, target_modules=["q_proj", "v_proj", "down_proj"]))
    for name, value in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(value, std=0.05)
    model.save_pretrained(scratch / "adapter")
    return folder


def load(folder, adapter=None):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    return PeftModel.from_pretrained(model, adapter).eval() if adapter else model


def greedy(model, ids, ends):
    """New ids, and the log-softmax at each; and whether two logits were as good as one."""
    found, logs, tie = [], [], False
    with torch.no_grad():
        for _ in range(NEW):
            logits = model(torch.tensor([ids + found])).logits[0, -1].double()
            top = logits.topk(2).values
            tie = tie or (top[0] - top[1]).item() < 1e-4
            logs.append(torch.log_softmax(logits, -1))
            found.append(int(logits.argmax()))
            if found[-1] in ends:
                break
    return found, logs, tie


def expect(kind, ask, part):
    try:
        ask()
    except kind as e:
        assert part in str(e), (part, str(e))
        return
    raise AssertionError(f"no {kind.__name__}")


def check_chats(client, name, model, tokenizer, ends):
    ties = 0
    for talk in TALKS:
        ids = tokenizer.apply_chat_template(talk, add_generation_prompt=True, tokenize=True, return_dict=True)["input_ids"]
        theirs, logs, tie = greedy(model, list(ids), ends)
        reply = client.chat.completions.create(model=name, messages=talk, temperature=0, max_tokens=NEW, logprobs=True,
                                               top_logprobs=5)
        choice = reply.choices[0]
        if tie:
            ties += 1
            continue
        text = tokenizer.decode(theirs, skip_special_tokens=True)
        assert choice.message.content == text, (name, choice.message.content, text)
        assert choice.message.role == "assistant"
        ended = theirs[-1] in ends
        assert choice.finish_reason == ("stop" if ended else "length")
        assert reply.usage.prompt_tokens == len(ids) and reply.usage.completion_tokens == len(theirs)
        shown = choice.logprobs.content
        assert len(shown) == len(theirs) - ended
        for token, log, id in zip(shown, logs, theirs):
            assert abs(token.logprob - log[id].item()) < LOGS, (token, log[id])
            best = log.topk(5).values.tolist()
            assert all(abs(x.logprob - y) < LOGS for x, y in zip(token.top_logprobs, best)), (token.top_logprobs, best)
        stream = client.chat.completions.create(model=name, messages=talk, temperature=0, max_tokens=NEW, stream=True,
                                                stream_options={"include_usage": True})
        said, reason, usage = "", None, None
        for chunk in stream:
            usage = chunk.usage or usage
            for one in chunk.choices:
                said += one.delta.content or ""
                reason = one.finish_reason or reason
        assert (said, reason, usage) == (text, choice.finish_reason, reply.usage), (said, reason, usage)
    return ties


def check_completions(client, name, model, tokenizer, ends):
    texts = ["Once upon a time", "8 + 64 ="]
    reply = client.completions.create(model=name, prompt=texts, temperature=0, max_tokens=NEW, logprobs=1)
    for text, choice in zip(texts, reply.choices):
        theirs, logs, tie = greedy(model, tokenizer(text).input_ids, ends)
        if not tie:
            assert choice.text == tokenizer.decode(theirs, skip_special_tokens=True), (name, choice.text)
            for mine, log, id in zip(choice.logprobs.token_logprobs, logs, theirs):
                assert abs(mine - log[id].item()) < LOGS
    ids = tokenizer(texts[0]).input_ids
    by_ids = client.completions.create(model=name, prompt=ids, temperature=0, max_tokens=NEW)
    assert by_ids.choices[0].text == reply.choices[0].text


def check_settings(client):
    talk = TALKS[0]
    ask = lambda **how: client.chat.completions.create(model="base", messages=talk, max_tokens=24, **how)
    hot = dict(temperature=1.5, top_p=0.95, extra_body={"top_k": 40, "min_p": 0.01, "repetition_penalty": 1.1})
    assert ask(seed=3, **hot).choices[0].message.content == ask(seed=3, **hot).choices[0].message.content
    several = ask(seed=3, n=4, **hot).choices
    assert [c.index for c in several] == [0, 1, 2, 3]
    assert several[0].message.content == ask(seed=3, **hot).choices[0].message.content
    assert len({c.message.content for c in several}) > 1
    whole = ask(seed=4, temperature=1.5).choices[0].message.content
    if len(whole) > 3:
        stop = whole[2:4]
        cut = ask(seed=4, temperature=1.5, stop=[stop]).choices[0]
        assert cut.message.content == whole[:whole.index(stop)] and cut.finish_reason == "stop"
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        alone = [ask(seed=i, **hot).choices[0].message.content for i in range(8)]
        together = list(pool.map(lambda i: ask(seed=i, **hot).choices[0].message.content, range(8)))
    assert sum(x == y for x, y in zip(alone, together)) >= 7  # a draw may fall on a rounding


def check_errors(client, url):
    talk = TALKS[0]
    chat = client.chat.completions.create
    expect(openai.NotFoundError, lambda: chat(model="gpt-4", messages=talk), "gpt-4")
    expect(openai.BadRequestError, lambda: chat(model="base", messages=talk, temperature=-1), "temperature")
    expect(openai.BadRequestError, lambda: chat(model="base", messages=[]), "messages")
    expect(openai.BadRequestError, lambda: chat(model="base", messages=talk, max_tokens=10**6), "tokens")
    expect(openai.BadRequestError, lambda: chat(model="base", messages=talk, presence_penalty=1), "presence_penalty")
    expect(openai.AuthenticationError, lambda: openai.OpenAI(base_url=url, api_key="wrong").models.list(), "key")
    expect(openai.NotFoundError, lambda: client.embeddings.create(model="base", input="a"), "/v1/")
    for _ in range(3):  # closed early: the next is answered at once
        stream = chat(model="base", messages=talk, max_tokens=200, temperature=1.0, stream=True)
        next(iter(stream))
        stream.close()
    assert chat(model="base", messages=talk, max_tokens=1).usage.completion_tokens == 1


with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)
    folder = make_model(scratch)
    server = subprocess.Popen([a.cli, "serve", folder, "--name", "base", "--adapter", f"tuned={scratch / 'adapter'}", "--port", "0",
                               "--api-key", "right", "--json"], stdout=subprocess.PIPE, text=True)
    try:
        url = json.loads(server.stdout.readline())["url"]
        client = openai.OpenAI(base_url=url, api_key="right", max_retries=0, timeout=120)
        assert [m.id for m in client.models.list()] == ["base", "tuned"]
        assert client.models.retrieve("tuned").owned_by == "pissarro"
        tokenizer = AutoTokenizer.from_pretrained(folder)
        ties = 0
        said = {}
        for name, model in {"base": load(folder), "tuned": load(folder, scratch / "adapter")}.items():
            config = model.config.eos_token_id
            ends = {tokenizer.eos_token_id, *(config if isinstance(config, list) else [config])} - {None}
            ties += check_chats(client, name, model, tokenizer, ends)
            check_completions(client, name, model, tokenizer, ends)
            said[name] = client.chat.completions.create(model=name, messages=TALKS[0], temperature=0, max_tokens=1, logprobs=True,
                                                        top_logprobs=1).choices[0].logprobs.content[0].logprob
        assert said["base"] != said["tuned"]
        assert ties <= 2, f"{ties} of {2 * len(TALKS)} chats have a tie"
        check_settings(client)
        check_errors(client, url)
    finally:
        server.send_signal(signal.SIGTERM)
        code = server.wait(60)
    assert code == 0, code
    print(f"openai {openai.__version__}: chats, completions, streams, log-probabilities and errors as they should be; {ties} ties")
