# SPDX-License-Identifier: GPL-3.0-or-later
"""Micro-batches of real rows, as `pissarro-cli train --batches` reads them.   make_batches.py MODEL DATA OUT COUNT

Alpaca template, loss on the answer only, one end token after it, 8 rows of at most 256 tokens. Beside OUT a .json with the
tokens of each batch: real, and padded to its longest row.
"""
import json
import pathlib
import sys

import numpy
from safetensors.numpy import save_file
from transformers import AutoTokenizer

TEMPLATE = ('Below is an instruction that describes a task. Write a response that appropriately completes the request.'
            '\n\n### Instruction:\n{}\n\n### Response:')
ROWS, LENGTH, IGNORED = 8, 256, -100


def read_rows(path):
    text = path.read_text()
    rows = json.loads(text) if text.lstrip().startswith('[') else [json.loads(line) for line in text.splitlines() if line.strip()]
    for row in rows:
        question = row.get('question') or row.get('query') or row.get('instruction') or row['prompt']
        answer = row.get('answer') or row.get('response') or row.get('output') or row['completion']
        yield question, answer


def main():
    model, data, out, count = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]), int(sys.argv[4])
    tokenizer = AutoTokenizer.from_pretrained(model)
    end = tokenizer.eos_token_id
    ids = numpy.full((count, ROWS, LENGTH), end, numpy.int64)
    labels = numpy.full_like(ids, IGNORED)
    mask = numpy.zeros_like(ids)
    rows = list(read_rows(data))
    for i in range(count * ROWS):
        question, answer = rows[i % len(rows)]
        prompt = TEMPLATE.format(question)
        tokens = (tokenizer(prompt + answer).input_ids + [end])[:LENGTH]
        start = min(len(tokenizer(prompt).input_ids), len(tokens))
        batch, row = divmod(i, ROWS)
        ids[batch, row, :len(tokens)] = tokens
        labels[batch, row, start:len(tokens)] = tokens[start:]
        mask[batch, row, :len(tokens)] = 1
    save_file({'input_ids': ids, 'labels': labels, 'attention_mask': mask}, out)
    real = mask.sum((1, 2))
    padded = mask.sum(2).max(1) * ROWS
    out.with_suffix('.json').write_text(json.dumps({'real': real.tolist(), 'padded': padded.tolist()}))


if __name__ == '__main__':
    main()
