#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `pissarro-cli render` makes of conversations against transformers' apply_chat_template.

    chat_parity.py --cli FILE --shared DIR [--seed N] [--talks N]     exit 0: equal; 1: not; 77: what is needed is not here

Every template of DIR/data/templates over random conversations (roles, spaces, Unicode, markup, tool calls, reasoning, missing contents), plain, with a
generation prompt and to be continued: text, ids, and the mask where the template marks its answers."""
import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

WORDS = ["Hi", "8 + 64?", "Größe", "日本", "🙂", "<b>\"q\" & 'x'</b>", "{{ x }}", "{% if %}", "</s>", "  two  spaces", "\tTab\n", "\n\n", "it's",
         "<think>\nhm\n</think>\n\nYes", "a\r\nb", "\u00a0", "ﬁ", "[/INST]", ""]
TOOLS = [{"type": "function", "function": {"name": "get", "description": "Say \"hi\" & <bye> é", "parameters": {
    "type": "object", "properties": {"city": {"type": "string", "description": "A place"}, "n": {"type": "integer"}}, "required": ["city"]}}}]


def skip(reason):
    print("skipped:", reason)
    sys.exit(77)


def random_talk(r):
    talk = {"messages": []}
    if r.random() < 0.4:
        talk["messages"].append({"role": "system", "content": text(r)})
    for _ in range(r.randint(1, 3)):
        talk["messages"].append({"role": "user", "content": text(r)})
        if r.random() < 0.85:
            answer = {"role": "assistant", "content": text(r)}
            if r.random() < 0.15:
                answer["reasoning_content"] = text(r)
            talk["messages"].append(answer)
    if r.random() < 0.15:
        talk["tools"] = TOOLS
        if r.random() < 0.5:
            talk["messages"] += [
                {"role": "assistant", "content": r.choice([None, "Looking."]), "tool_calls": [
                    {"id": "call00001", "type": "function", "function": {"name": "get", "arguments": {"city": "Köln", "n": 2}}}]},
                {"role": "tool", "tool_call_id": "call00001", "name": "get", "content": "{\"t\": 64}"}]
    if r.random() < 0.05:
        talk["messages"].append({"role": r.choice(["critic", "developer"]), "content": text(r)})
    return talk


def text(r):
    return r.choice(["", " "]).join(r.choice(WORDS) for _ in range(r.randint(0, 4)))


def expected(tokenizer, source, request):
    options = {k: v for k, v in request.items() if k not in ("messages", "tools")}
    try:
        return tokenizer.apply_chat_template(request["messages"], tools=request.get("tools"), chat_template=source, tokenize=False, **options)
    except Exception as error:  # noqa: BLE001  whatever the template raises
        return error


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cli", required=True)
    parser.add_argument("--shared", required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--talks", type=int, default=6)
    options = parser.parse_args()
    shared = pathlib.Path(options.shared)
    templates = sorted((shared / "data/templates").glob("*.jinja"))
    model = shared / "golden/tokenizers/tiny/bpe-qwen2"
    if not templates or not model.is_dir():
        skip("the published templates are not here (../shared)")
    try:
        import transformers
    except ImportError:
        skip("transformers is not here (tools/peers.sh)")
    tokenizer = transformers.AutoTokenizer.from_pretrained(model)
    r, bad, compared = random.Random(options.seed), [], 0
    with tempfile.TemporaryDirectory() as folder:
        messages = pathlib.Path(folder) / "talk.json"
        for path in templates:
            source = path.read_text(encoding="utf-8")
            for _ in range(options.talks):
                request = random_talk(r)
                kind = r.choice(["plain", "prompt", "continued"])
                if kind == "prompt":
                    request["add_generation_prompt"] = True
                elif kind == "continued" and request["messages"][-1].get("content"):
                    request["continue_final_message"] = True
                want = expected(tokenizer, source, request)
                messages.write_text(json.dumps(request, ensure_ascii=False), encoding="utf-8")
                got = subprocess.run([options.cli, "render", path, "--messages", messages, "--tokenizer", model, "--json"], capture_output=True, text=True)
                compared += 1
                if isinstance(want, Exception):
                    right = got.returncode == 3 and got.stderr.count("error:") == 1
                else:
                    shown = json.loads(got.stdout) if got.returncode == 0 else {}
                    right = shown.get("text") == want and shown.get("ids") == tokenizer(want, add_special_tokens=False).input_ids
                if not right:
                    bad.append(f"{path.name}: {json.dumps(request, ensure_ascii=False)[:300]}\n  want {want!r:.300}\n  got {got.returncode} {(got.stdout or got.stderr)[:300]}")
    print("\n".join(bad[:10]))
    print(f"{compared} renderings of {len(templates)} templates compared, {len(bad)} differ")
    sys.exit(1 if bad or compared < 50 else 0)


if __name__ == "__main__":
    main()
