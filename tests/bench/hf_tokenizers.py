#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What bench_tokenizer measures, by tokenizers (a folder) or sentencepiece (a .model file); one thread.

    TOKENIZERS_PARALLELISM=0 RAYON_NUM_THREADS=1 hf_tokenizers.py MODEL TEXT [BYTES]
"""
import json
import pathlib
import sys
import time


def main():
    model, text = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).read_bytes()
    text = (text[:int(sys.argv[3])] if len(sys.argv) > 3 else text).decode("utf-8", "replace")
    begin = time.process_time()
    if model.suffix == ".model":
        import sentencepiece
        peer = sentencepiece.SentencePieceProcessor(model_file=str(model))
        encode, kind = peer.encode, "sentencepiece"
    elif (model / "tokenizer.json").exists():
        from tokenizers import Tokenizer
        peer = Tokenizer.from_file(str(model / "tokenizer.json"))
        encode, kind = (lambda t: peer.encode(t, add_special_tokens=False).ids), "tokenizers"
    else:
        from transformers import AutoTokenizer
        peer = AutoTokenizer.from_pretrained(model).backend_tokenizer
        encode, kind = (lambda t: peer.encode(t, add_special_tokens=False).ids), "tokenizers"
    opened = time.process_time() - begin
    lines = text.split("\n")
    begin = time.process_time()
    ids = sum(len(encode(line)) for line in lines)
    by_lines = time.process_time() - begin
    begin = time.process_time()
    ids += len(encode(text))
    whole = time.process_time() - begin
    megabytes = len(text.encode("utf-8")) / 1e6
    print(json.dumps({"kind": kind, "open_ms": round(opened * 1e3, 1), "lines_mb_s": round(megabytes / by_lines, 2),
                      "whole_mb_s": round(megabytes / whole, 2), "ids": ids}))


if __name__ == "__main__":
    main()
