# SPDX-License-Identifier: GPL-3.0-or-later
"""Greedy decoding with transformers' generate().   hf_generate.py MODEL PROMPTS.jsonl BATCH NEW_TOKENS DTYPE

Prompts are padded on the left; the longest first, as ours. Times of the prefill (one new token) and of the whole: their
difference is the decoding.
"""
import json
import os
import sys
import time

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

folder, prompts, batch, new_tokens, dtype = sys.argv[1:]
torch.set_num_threads(os.cpu_count())
tokenizer = AutoTokenizer.from_pretrained(folder, padding_side='left')
tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype)).eval()
texts = [json.loads(line)['prompt'] for line in open(prompts, encoding='utf-8')]
texts.sort(key=lambda text: -len(tokenizer(text)['input_ids']))
batch, new_tokens = int(batch), int(new_tokens)


def run(inputs, count):
    start = time.perf_counter()
    with torch.inference_mode():
        out = model.generate(**inputs, max_new_tokens=count, do_sample=False, pad_token_id=tokenizer.pad_token_id)
    return time.perf_counter() - start, out[:, inputs['input_ids'].shape[1]:]


tokens, prefill, whole, ids = 0, 0.0, 0.0, []
for first in range(0, len(texts), batch):
    inputs = tokenizer(texts[first:first + batch], return_tensors='pt', padding=True)
    prefill += run(inputs, 1)[0]
    seconds, new = run(inputs, new_tokens)
    whole += seconds
    for row in new.tolist():
        ended = row.index(tokenizer.eos_token_id) + 1 if tokenizer.eos_token_id in row else len(row)
        tokens += ended
        ids.append(row[:ended])
print(json.dumps({'new_tokens': tokens, 'prefill_s': prefill, 'decode_s': whole - prefill, 'texts': texts, 'ids': ids}))
