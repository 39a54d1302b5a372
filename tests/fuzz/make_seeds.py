# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tests/fuzz/seeds: small files of each format, the right ones named right_*, for fuzz targets to start from.

    python3 tests/fuzz/make_seeds.py [GOLDEN]     GOLDEN: the folder of golden values, ../shared/golden by default

Without GOLDEN the four published tokenizers, cut to a few pieces, keep what they are.
"""
import base64
import gzip
import json
import pathlib
import struct
import sys

ROOT = pathlib.Path(__file__).resolve().parent
SEEDS = ROOT / "seeds"
GOLDEN = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parents[2] / "shared" / "golden"


def write(reader, name, data):
    path = SEEDS / reader / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


# --- safetensors

SIZES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}


def safetensors(tensors, metadata=None, pad=0, data=None):
    header, at = {}, 0
    if metadata is not None:
        header["__metadata__"] = metadata
    for name, (dtype, shape) in tensors.items():
        size = SIZES[dtype]
        for side in shape:
            size *= side
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header, separators=(",", ":")).encode() + b" " * pad
    return struct.pack("<Q", len(text)) + text + (data or bytes(i % 251 for i in range(at)))


def safetensors_seeds():
    layer = "model.layers.0.self_attn.q_proj.weight"
    write("safetensors", "right_model.safetensors",
          safetensors({"model.norm.weight": ("F32", [4]), layer: ("BF16", [4, 2])}, {"format": "pt"}, 5))
    write("safetensors", "right_types.safetensors",
          safetensors({d.lower(): (d, [3]) for d in SIZES}, {"format": "pt", "note": "a\u2581\n\"b"}))
    write("safetensors", "right_scalar.safetensors", safetensors({"s": ("F64", []), "none": ("I8", [0, 7])}))
    write("safetensors", "right_empty.safetensors", safetensors({}))
    write("safetensors", "right_axes.safetensors", safetensors({"a": ("U8", [1] * 32)}))
    for name in ("gptq_part_group", "awq", "fp8_rows", "fp8_powers", "int8", "nf4_float32"):
        write("safetensors", f"right_{name}.safetensors", (ROOT.parent / "fixtures" / "codes" / f"{name}.safetensors").read_bytes())
    write("safetensors", "gap.safetensors", safetensors({"a": ("U8", [4])}) + b"x")
    write("safetensors", "long_header.safetensors", struct.pack("<Q", 99_999_999) + b"{}")
    write("safetensors", "escapes.safetensors",
          struct.pack("<Q", 75) + rb'{"\ud83d\ude00":{"shape":[1e2],"dtype":"F8_E4M3","data_offsets":[-1,2.5]}}' + b" ")


# --- GGUF

U8, I8, U16, I16, U32, I32, F32, BOOL, TEXT, LIST, U64, I64, F64 = range(13)
PACK = dict(zip(range(13), "BbHhIif?  Qqd"))
BLOCK = {0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 10: (256, 84), 11: (256, 110), 12: (256, 144),
         13: (256, 176), 14: (256, 210), 16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82),
         23: (256, 136), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17), 40: (64, 36)}


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack("<Q", len(data)) + data


def value(kind, content):
    if kind == TEXT:
        return text(content)
    if kind == LIST:
        inner, items = content
        return struct.pack("<IQ", inner, len(items)) + b"".join(value(inner, item) for item in items)
    return struct.pack("<" + PACK[kind], content)


def gguf(values, tensors=(), version=3, alignment=32):
    """values: key -> (kind, content); tensors: (name, shape slowest first, type)."""
    out = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(values))
    for key, (kind, content) in values.items():
        out += text(key) + struct.pack("<I", kind) + value(kind, content)
    data = b""
    for name, shape, kind in tensors:
        elements = 1
        for side in shape:
            elements *= side
        per, size = BLOCK[kind]
        out += text(name) + struct.pack("<I", len(shape)) + b"".join(struct.pack("<Q", s) for s in reversed(shape))
        out += struct.pack("<IQ", kind, len(data))
        data += bytes((7 * i) % 97 for i in range(elements // per * size))
        data += bytes(-len(data) % alignment)
    return out + bytes(-len(out) % alignment) + data


def tokens(pieces, model, **more):
    out = {"tokenizer.ggml.model": (TEXT, model), "tokenizer.ggml.tokens": (LIST, (TEXT, pieces))}
    out.update({"tokenizer." + key.replace("__", "."): item for key, item in more.items()})
    return out


def llama(**more):
    out = {"general.architecture": (TEXT, "llama"), "general.name": (TEXT, "Tiny-1M"),
           "llama.block_count": (U32, 1), "llama.embedding_length": (U32, 32), "llama.attention.head_count": (U32, 2),
           "llama.attention.head_count_kv": (U32, 1), "llama.feed_forward_length": (U32, 32),
           "llama.context_length": (U32, 64), "llama.attention.layer_norm_rms_epsilon": (F32, 1e-5)}
    out.update(more)
    return out


def renamed(values, architecture):
    out = {key.replace("llama.", architecture + "."): item for key, item in values.items()}
    out["general.architecture"] = (TEXT, architecture)
    return out


def weights(kind, bias=False, head=False, factors=False, width=32, inner=32):
    """inner: rows of q and of the feed-forward part. Where a row is no whole block, a matrix is in F16."""
    out = [("token_embd.weight", [4, width], kind), ("output_norm.weight", [width], 0)]
    for name, shape in (("attn_norm", [width]), ("attn_q", [inner, width]), ("attn_k", [inner // 2, width]),
                        ("attn_v", [inner // 2, width]), ("attn_output", [width, inner]), ("ffn_norm", [width]),
                        ("ffn_gate", [inner, width]), ("ffn_up", [inner, width]), ("ffn_down", [width, inner])):
        whole = kind if shape[-1] % BLOCK[kind][0] == 0 else 1
        out.append((f"blk.0.{name}.weight", shape, whole if len(shape) == 2 else 0))
        if bias and name in ("attn_q", "attn_k", "attn_v"):
            out.append((f"blk.0.{name}.bias", shape[:1], 0))
    if head:
        out.append(("output.weight", [4, 32], kind))
    if factors:
        out.append(("rope_freqs.weight", [8], 0))
    return out


BYTES = [f"<0x{b:02X}>" for b in range(256)]
CHATML = "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n'}}{% endfor %}"


def charsmap():
    """SentencePiece's map of characters with one key: "A" is written "a"."""
    units = [0] * 1024
    at = lambda offset: offset << 10
    units[0] = at(256)
    units[256 ^ 0x41] = at(512 ^ 256 ^ 0x41) | 0x100 | 0x41
    units[512] = 1 << 31
    return struct.pack("<I1024I", 4096, *units) + b"a\0"


def gguf_seeds():
    write("gguf", "right_values.gguf", gguf({
        "u8": (U8, 1), "i8": (I8, -1), "u16": (U16, 2), "i16": (I16, -2), "u32": (U32, 3), "i32": (I32, -3),
        "f32": (F32, .5), "bool": (BOOL, True), "text": (TEXT, "a\u2581"), "u64": (U64, 1 << 63), "i64": (I64, -4),
        "f64": (F64, 2.5), "general.alignment": (U32, 64), **{f"list{k}": (LIST, (k, [1, 0])) for k in
                                                              (U8, I8, U16, I16, U32, I32, F32, BOOL, U64, I64, F64)}},
        [("m", [2, 32], 8), ("v", [3], 0)], alignment=64))
    write("gguf", "right_v2.gguf", gguf({}, version=2))
    write("gguf", "v1.gguf", gguf({}, version=1))
    three = ["<unk>", "<s>", "</s>"]
    pieces = three + ["\u2581", "a", "b", "c", "ab", "abc", "\u2581ab", "H", "e", "l", "o", "ll", "\u4e2d"] + BYTES
    count = len(pieces)
    write("gguf", "right_llama.gguf", gguf({**llama(), **tokens(
        pieces, "llama", ggml__scores=(LIST, (F32, [-float(i % 9) for i in range(count)])),
        ggml__token_type=(LIST, (I32, [2, 3, 3] + [1] * (count - 259) + [6] * 256)),
        ggml__bos_token_id=(U32, 1), ggml__eos_token_id=(U32, 2), ggml__unknown_token_id=(U32, 0),
        ggml__add_bos_token=(BOOL, True), ggml__add_eos_token=(BOOL, True), ggml__add_space_prefix=(BOOL, True),
        chat_template=(TEXT, CHATML))}, weights(2, head=True, factors=True)))
    alphabet = [c for c in "abcdeghlorw'.,0123456789"] + ["\u0120", "\u010a", "ab", "abc", "\u0120w", "ll"]
    merges = ["a b", "ab c", "\u0120 w", "l l"]
    for pre, template in (("gpt-2", CHATML), ("smollm", "<|start_header_id|>"), ("llama-bpe", "<start_of_turn>"),
                          ("qwen2", "[INST] <<SYS>>"), ("tekken", "{{ ' [/INST]' }} [INST]")):
        write("gguf", f"right_{pre}.gguf", gguf(tokens(
            alphabet + ["<|im_start|>", "<|im_end|>"], "gpt2", ggml__pre=(TEXT, pre),
            ggml__merges=(LIST, (TEXT, merges)), ggml__token_type=(LIST, (I32, [1] * len(alphabet) + [3, 4])),
            ggml__bos_token_id=(U32, len(alphabet)), ggml__padding_token_id=(U32, 0),
            ggml__add_bos_token=(BOOL, pre != "tekken"), chat_template=(TEXT, template))))
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "\u2581hello", "\u2581a", "b", "\u2581.", "\u2581world", "s"]
    write("gguf", "right_bert.gguf", gguf(tokens(
        words, "bert", ggml__token_type=(LIST, (I32, [3] * 5 + [1] * 6)), ggml__unknown_token_id=(U32, 1), ggml__cls_token_id=(U32, 2),
        ggml__seperator_token_id=(U32, 3), ggml__mask_token_id=(U32, 4), ggml__padding_token_id=(U32, 0))))
    unigram = ["<pad>", "</s>", "<unk>", "\u2581", "a", "ab", "\u2581abc", "H", "el", "lo", "sym bol"]
    write("gguf", "right_t5.gguf", gguf(tokens(
        unigram, "t5", ggml__scores=(LIST, (F32, [0.0] * 3 + [-float(i % 5) for i in range(8)])),
        ggml__token_type=(LIST, (I32, [3, 3, 2] + [1] * 7 + [4])), ggml__add_space_prefix=(BOOL, True),
        ggml__remove_extra_whitespaces=(BOOL, True), ggml__precompiled_charsmap=(LIST, (U8, list(charsmap()))))))
    for kind, name in ((1, "f16"), (30, "bf16"), (2, "q4_0"), (3, "q4_1"), (8, "q8_0"), (6, "q5_0"), (7, "q5_1"), (20, "iq4_nl"), (39, "mxfp4")):
        write("gguf", f"right_model_{name}.gguf", gguf(llama(), weights(kind)))
    wide = llama(**{"llama.embedding_length": (U32, 256), "llama.feed_forward_length": (U32, 8),
                    "llama.attention.key_length": (U32, 4), "llama.attention.value_length": (U32, 4),
                    "llama.rope.dimension_count": (U32, 4)})
    write("gguf", "right_model_q6_k.gguf", gguf(wide, weights(14, width=256, inner=8)))
    # A type each for the six matrices whose rows are whole blocks.
    for kinds, name in (((10, 11, 12, 13, 23, 40), "k_quants"), ((16, 17, 22, 18, 21, 34), "iq2_iq3"), ((19, 29, 19, 29, 35, 35), "iq1_tq2")):
        left = list(kinds)
        mixed = [(n, s, left.pop(0) if k == 14 else k) for n, s, k in weights(14, width=256, inner=8)]
        write("gguf", f"right_model_{name}.gguf", gguf(wide, mixed))
    one = {"split.no": (U16, 0), "split.count": (U16, 2), "split.tensors.count": (I32, 11)}
    write("gguf", "one_of_two_parts.gguf", gguf({**llama(), **one}, weights(8)))
    gemma = renamed(llama(**{"llama.attention.key_length": (U32, 16), "llama.attention.value_length": (U32, 16),
                             "llama.rope.dimension_count": (U32, 16), "llama.rope.freq_base": (F32, 1e6),
                             "llama.rope.scaling.type": (TEXT, "linear"), "llama.rope.scaling.factor": (F32, 2.0)}),
                    "gemma")
    write("gguf", "right_gemma.gguf", gguf(gemma, weights(8)))
    qwen = renamed(llama(**{"llama.attention.sliding_window": (U32, 16), "llama.rope.scale_linear": (F32, 1.0),
                            "llama.expert_count": (U32, 0)}), "qwen2")
    write("gguf", "right_qwen2_bias.gguf", gguf(qwen, weights(3, bias=True)))


# --- tokenizer.json

def small(**more):
    model = {"type": "BPE", "vocab": {p: i for i, p in enumerate(["a", "b", "c", "ab", "abc", "\u2581", "<unk>"])},
             "merges": ["a b", ["ab", "c"]], "unk_token": "<unk>", "fuse_unk": True, "byte_fallback": False,
             "ignore_merges": False}
    out = {"added_tokens": [
        {"id": 7, "content": "<s>", "special": True, "lstrip": True, "rstrip": True, "normalized": False},
        {"id": 8, "content": "world", "single_word": True, "normalized": True}],
        "normalizer": None, "pre_tokenizer": None, "post_processor": None, "decoder": None, "model": model}
    out.update(more)
    return out


def cut(tokenizer, count):
    """A published tokenizer with few pieces, all else as it is."""
    model = tokenizer["model"]
    special = {token["content"] for token in tokenizer["added_tokens"]}
    kept = [p for p, i in sorted(model["vocab"].items(), key=lambda item: item[1]) if p not in special][:count]
    vocab = {p: i for i, p in enumerate(kept)}
    pairs = [m.split(" ") if isinstance(m, str) else m for m in model["merges"]]
    model["merges"] = [m for m in pairs if all(p in vocab for p in (*m, "".join(m)))]
    ids = {}
    for token in tokenizer["added_tokens"]:
        ids[token["content"]] = token["id"] = len(vocab)
        vocab[token["content"]] = token["id"]
    model["vocab"] = vocab

    def renumber(node):
        if isinstance(node, dict):
            for name, entry in (node.get("special_tokens") or {}).items():
                entry["ids"] = [ids[name]]
            for child in node.values():
                renumber(child)
        elif isinstance(node, list):
            for child in node:
                renumber(child)
    renumber(tokenizer["post_processor"])
    return tokenizer


def put_json(name, document):
    write("tokenizer_json", name + ".json", json.dumps(document, ensure_ascii=False, separators=(",", ":")))


def tokenizer_seeds():
    replace = {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}
    put_json("right_small", small())
    put_json("right_normalizers", small(normalizer={"type": "Sequence", "normalizers": [
        {"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"}, {"type": "Strip", "strip_right": False},
        {"type": "Prepend", "prepend": "\u2581"}, replace, None,
        {"type": "Replace", "pattern": {"Regex": "\\s+|(?<=a)b"}, "content": "c"}, {"type": "NFC"}]}))
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        put_json("right_" + form.lower(), small(normalizer={"type": form}))
    put_json("right_cutters", small(pre_tokenizer={"type": "Sequence", "pretokenizers": [
        {"type": "WhitespaceSplit"}, {"type": "Punctuation", "behavior": "Contiguous"},
        {"type": "Digits", "individual_digits": True}, {"type": "Metaspace", "replacement": "\u2581",
                                                        "prepend_scheme": "first", "split": True},
        {"type": "Split", "pattern": {"Regex": "\\p{N}{1,3}|\\w+"}, "behavior": "MergedWithPrevious", "invert": True},
        {"type": "ByteLevel", "add_prefix_space": True, "use_regex": True}]}))
    put_json("right_whitespace", small(pre_tokenizer={"type": "Whitespace"}, post_processor={
        "type": "Sequence", "processors": [{"type": "BertProcessing", "cls": ["<s>", 7], "sep": ["a", 0]}, {
            "type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>"}}, {"Sequence": {"id": "A"}}],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [7]}}}, {"type": "ByteLevel"}]}))
    put_json("right_decoders", small(decoder={"type": "Sequence", "decoders": [
        {"type": "Replace", "pattern": {"Regex": "[\u2581]"}, "content": " "}, {"type": "ByteFallback"},
        {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "never"}, {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 1}, {"type": "ByteLevel"}]}))
    put_json("right_unigram", small(model={"type": "Unigram", "unk_id": 0, "byte_fallback": True, "vocab": [
        ["<unk>", 0], ["\u2581", -1.5], ["a", -2], ["ab", -2.5], ["\u2581H", -3], ["el", -1e308], ["<0x80>", -4],
        ["\u2581abc", 0.5]]}, added_tokens=[], pre_tokenizer={"type": "Metaspace"}))
    put_json("right_bytes", small(model={"type": "BPE", "byte_fallback": True, "merges": [["a", "b"]],
                                         "vocab": {p: i for i, p in enumerate(["a", "b", "ab"] + BYTES)}},
                                  added_tokens=[], normalizer=replace))
    put_json("right_charsmap", small(normalizer={"type": "Sequence", "normalizers": [
        {"type": "Nmt"}, {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(charsmap()).decode()}]}))
    put_json("charsmap_circle", small(normalizer={"type": "Precompiled", "precompiled_charsmap": base64.b64encode(
        struct.pack("<I256I", 1024, *[b for b in range(256)]) + b"\0").decode()}))
    bert = {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
            "vocab": {p: i for i, p in enumerate(["[UNK]", "[CLS]", "[SEP]", "hello", "a", "##b", ",", "\u4e2d", "world"])}}
    put_json("right_wordpiece", small(
        model=bert, added_tokens=[{"id": 1, "content": "[CLS]", "special": True}], normalizer={"type": "BertNormalizer"},
        pre_tokenizer={"type": "BertPreTokenizer"}, decoder={"type": "WordPiece", "prefix": "##", "cleanup": True},
        post_processor={"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                        "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [1], "tokens": ["[CLS]"]}}}))
    put_json("right_wordlevel", small(
        model={"type": "WordLevel", "unk_token": "a", "vocab": {"a": 0, "Hello": 1}}, added_tokens=[],
        pre_tokenizer={"type": "CharDelimiterSplit", "delimiter": " "}, post_processor={"type": "RobertaProcessing", "cls": ["a", 0], "sep": ["Hello", 1]}))
    put_json("slow_regex", small(pre_tokenizer={"type": "Split", "behavior": "Removed", "pattern": {
        "Regex": "(*NO_JIT)((a*)*)*b|(?=(a+))\\1$"}}))
    for name in ("bpe-llama3", "bpe-qwen2", "sp-gemma", "sp-llama"):
        source = GOLDEN / "tokenizers" / "tiny" / name / "tokenizer.json"
        if source.exists():
            put_json("right_" + name, cut(json.loads(source.read_text()), 120))


def older_tokenizer_seeds():
    write("older_tokenizer", "right_words.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\n##s\na\n\u4e2d\r\na\n")
    pieces = [b"a", b"b", b" ", b"c", b"ab", b"abc", b" a", b"\xc3"]
    ranked = [base64.b64encode(piece).decode() for piece in pieces]
    write("older_tokenizer", "right_ranks.model", "".join(f"{piece} {i}\n" for i, piece in enumerate(ranked)))
    write("older_tokenizer", "right_tekken.json", json.dumps({
        "config": {"pattern": " ?\\w+|\\s", "default_vocab_size": 11, "default_num_special_tokens": 4},
        "special_tokens": [{"rank": i, "token_str": token} for i, token in enumerate(("<unk>", "<s>", "</s>"))],
        "vocab": [{"rank": i, "token_bytes": piece, "token_str": None} for i, piece in enumerate(ranked)]}))
    write("older_tokenizer", "right_tekken_old.json", json.dumps({"config": {"pattern": "\\S+"}, "vocab": [{"token_bytes": ranked[0]}]}))
    write("older_tokenizer", "rank_twice.model", "IQ== 0\nIg== 0\n")
    write("older_tokenizer", "many.json", json.dumps({"config": {"pattern": "a", "default_num_special_tokens": 3999999}, "vocab": []}))


# --- data files

def jsonl_seeds():
    rows = {
        "alpaca": [{"instruction": "Add.", "input": "1 2", "output": "3"}, {"instruction": "i", "input": "", "output": "o"}],
        "question": [{"question": "q\u00e9", "answer": "a"}], "query": [{"query": "q", "response": "r"}],
        "prompt": [{"prompt": "p", "completion": "c", "input": None, "more": [1, {"a": [True, 1e5]}]}],
        "messages": [{"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"},
                                   {"role": "assistant", "content": "a"}, {"role": "user", "content": "x"}]}],
        "sharegpt": [{"conversations": [{"from": "human", "value": "h\u3000"}, {"from": "gpt", "value": "g"},
                                        {"from": "human", "value": "\\ \" h"}, {"from": "gpt", "value": "\ud83d\ude00"}]}],
    }
    for name, content in rows.items():
        write("jsonl", f"right_{name}.jsonl", "".join(json.dumps(row) + "\n" for row in content))
        write("jsonl", f"right_{name}_array.json", "\ufeff" + json.dumps(content, indent=1, ensure_ascii=False).encode(
            "utf-16", "surrogatepass").decode("utf-16"))
    write("jsonl", "empty_lines.jsonl", "\r\n \n{}\n")
    write("jsonl", "cut.json", '[{"prompt":"a","completion":"b"},\n{"prompt":')
    write("jsonl", "depth.jsonl", "[" * 70)


def table_seeds():
    rows = {
        "plain.csv": "question,answer\na,b\nc,d\n", "quotes.csv": 'question,answer\n"a, ""b""\r\nc",d\r\n',
        "marks.csv": "\ufeff,question,answer\r\n0,a,b\r\n", "semicolons.csv": "question;answer\na,b;c\n",
        "open.csv": 'question,answer\n"a,b\nc,d\n"e\n', "no_names.tsv": "gj04\t1\t\tA text.\ngj04\t0\t*\t\" Another .\n",
        "text.txt": "One.\n\nTwo.\r\n",
    }
    for name, text in rows.items():
        write("table", "right_" + name, text)
    write("table", "right_packed.csv.gz", gzip.compress(rows["plain.csv"].encode(), mtime=0))


# --- chat templates, and the settings that hold one

CHAT = ("{{ bos_token }}{% for m in messages %}<|{{ m['role'] }}|>\n{% if m.role == 'assistant' %}{% generation %}{{ m.content | trim }}"
        "{{ eos_token }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}\n{% endfor %}{% if add_generation_prompt %}<|assistant|>\n{% endif %}")


def chat_template_seeds():
    write("chat_template", "right_plain.jinja", CHAT)
    write("chat_template", "right_namespace.jinja",
          "{%- set ns = namespace(n=0, t='') -%}{%- for m in messages if m.role != 'system' -%}{%- set ns.n = ns.n + 1 -%}"
          "{{ loop.index0 ~ '/' ~ loop.length }}{{ loop.previtem.role if not loop.first else 'none' }}{%- endfor -%}{{ ns.n }}")
    write("chat_template", "right_macro.jinja",
          "{% macro show(x, sep=', ') %}{% if x is mapping %}{{ x.items() | list | join(sep) }}{% else %}{{ x | string }}{% endif %}{% endmacro %}"
          "{% for t in tools %}{{ show(t) }}{{ t | tojson(indent=2) }}{% endfor %}{{ '%s|%5.1f' % ('a', 2) }}{{ 'a b'.split()[::-1] }}")
    write("chat_template", "right_filters.jinja",
          "{{ messages | map(attribute='role') | unique | list }}{{ messages | selectattr('role', 'equalto', 'user') | list | length }}"
          "{% set b %}x{{ messages[0]['content'] | upper | replace('E', 'e') | indent(2) }}{% endset %}{{ b }}{{ [3, 1] | sort | first }}"
          "{% filter lower %}ABC{% endfilter %}{{ '{:>4}'.format(1) }}{{ strftime_now('%d %b %Y') }}")
    write("chat_template", "open.jinja", "{% for m in messages %}")
    write("chat_template", "raises.jinja", "{{ raise_exception('no') }}")


def tokenizer_config_seeds():
    write("tokenizer_config", "right_plain.json", json.dumps({"bos_token": "<s>", "chat_template": CHAT, "add_bos_token": True}))
    write("tokenizer_config", "right_list.json", json.dumps({
        "eos_token": {"content": "</s>", "lstrip": False}, "chat_template": [{"name": "tool_use", "template": "x"}, {"name": "default", "template": CHAT}],
        "added_tokens_decoder": {"4": {"content": "</s>", "special": True, "lstrip": True}}, "sep_token": None}))
    write("tokenizer_config", "wrong_id.json", json.dumps({"added_tokens_decoder": {"-1": {"content": "x"}}}))


# --- folders: the files of one input, byte 0x1C between them (tests/fuzz/folder_readers.cpp)

SPEC = {"model": "models/m", "data": "d.jsonl", "method": "qpissa", "rank": 8, "alpha": 4.5, "targets": ["q_proj", "*.mlp.{up,down}_proj"],
        "rank_pattern": {"q_proj": 2, "layers.1.mlp.up_proj": 3}, "alpha_pattern": {"q_proj": 0.5}, "learning_rate": 0.0125,
        "steps": 12, "dtype": "float32", "device": "cpu", "seed": 18446744073709551615, "eval_ratio": 0.1, "slice": 0.25}
STEP = {"step": 1, "epoch": 0.5, "loss": 2.25, "grad_norm": 0.125, "lr": 2e-5, "tokens": 40, "elapsed_s": 0.5, "tokens_per_s": 80.0,
        "memory_bytes": 1000, "batch_hash": "00ff"}


def folder_seeds():
    write("spec", "right_full.json", json.dumps(SPEC, indent=1))
    write("spec", "right_short.json", '{"model":"m","data":"d","epochs":2}')
    write("spec", "right_batches.json", '{"model":"m","batches":"b.safetensors","method":"full","steps":1}')
    write("spec", "no_number.json", '{"model":"m","data":"d","rank":1e300,"alpha":null}')
    write("spec", "unknown.json", '{"model":"m","rang":3}')
    lines = "".join(json.dumps({**STEP, "step": step, "loss": 3.0 / step}) + "\n" for step in (1, 2, 3))
    evaluated = json.dumps({"step": 3, "eval_loss": 1.5}) + "\n"
    run = {**SPEC, "run": {"state": "finished", "steps_done": 3, "directory": "/x", "message": "", "step_zero": None}}
    lock = json.dumps({"process": 1, "host": "h", "request": "/x"})
    order = json.dumps({"process": 1, "order": "pause"})
    write("run_folder", "right_run", "\x1c".join([json.dumps(run), lines + evaluated, lock, order]))
    write("run_folder", "right_repeated", "\x1c".join([json.dumps(run), lines + lines + '{"step": 4, "lo']))
    write("run_folder", "numbers", "\x1c".join(['{"run":{"best_step":1e300}}', '{"step":-1}\n{"step":9e18,"loss":null}\n[]\n']))
    config = {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q_proj", "v_proj"], "rank_pattern": {}, "alpha_pattern": {}}
    ranks = {"rank_pattern": {"q_proj": 4, "model.layers.11.mlp.down_proj": 9}, "alpha_pattern": {"q_proj": 4}}
    write("rank_map", "right_map.json", json.dumps(ranks))
    write("rank_map", "right_advice.json", json.dumps({"generator": "pissarro", **ranks, "parameters": 12, "reason": "energy", "r": 8}))
    write("rank_map", "expression.json", json.dumps({"rank_pattern": {"layers\\.(0|1[0-9])\\..*_proj": 3, "(?i)Q_PROJ": 2}}))
    write("rank_map", "numbers.json", '{"rank_pattern":{"q_proj":1e300,"k_proj":-1},"alpha_pattern":{"q_proj":null}}')
    write("adapter_config", "right_peft.json", json.dumps(config))
    write("adapter_config", "expressions.json", json.dumps({**config, "rank_pattern": {"^model\\.layers\\.\\d+\\.(self_attn|mlp)\\.[kq]_proj$": 3}}))
    write("adapter_config", "explodes.json", json.dumps({**config, "rank_pattern": {"((([a-z_.0-9]|[a-z_.])+)+)#": 3}, "alpha_pattern": {"(?i)Q_": 1e300}}))
    places = {"model.embed_tokens.weight": "one.safetensors", "model.norm.weight": "one.safetensors"}
    for norm in ("input_layernorm", "post_attention_layernorm"):
        places[f"model.layers.0.{norm}.weight"] = "one.safetensors"
    for module in ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"):
        places[f"model.layers.0.{module}.weight"] = "two.safetensors"
    write("index", "right_index.json", json.dumps({"metadata": {"total_size": 544}, "weight_map": places}))
    write("index", "outside.json", json.dumps({"weight_map": {**places, "model.norm.weight": "../../etc/passwd"}}))
    write("index", "swapped.json", json.dumps({"weight_map": {**places, "model.norm.weight": "two.safetensors", "more": "three.safetensors"}}))
    write("index", "itself.json", json.dumps({"weight_map": {**places, "model.norm.weight": "model.safetensors.index.json"}}))


# --- config.json, and generation_config.json behind byte 0x1C

CONFIG = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 64, "num_hidden_layers": 2, "vocab_size": 64,
          "intermediate_size": 96, "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 128, "rms_norm_eps": 1e-5,
          "rope_theta": 10000.0, "hidden_act": "silu", "tie_word_embeddings": True, "torch_dtype": "float32", "eos_token_id": 2}


def config_seeds():
    scaling = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64}
    write("config", "right_llama.json", json.dumps(CONFIG) + "\x1c" + json.dumps({"eos_token_id": [2, 3]}))
    write("config", "right_llama3.json", json.dumps({**CONFIG, "rope_scaling": scaling, "eos_token_id": [1, 2], "attention_bias": False}))
    write("config", "right_new_style.json", json.dumps({**CONFIG, "dtype": "bfloat16", "rope_parameters": {"rope_type": "linear", "factor": 2.0, "rope_theta": 1e6}}))
    write("config", "right_qwen2.json", json.dumps({**CONFIG, "model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"], "use_sliding_window": True,
                                                    "sliding_window": 16, "max_window_layers": 1, "layer_types": ["full_attention", "sliding_attention"]}))
    write("config", "right_mistral.json", json.dumps({**CONFIG, "model_type": "mistral", "architectures": ["MistralForCausalLM"], "sliding_window": 16, "head_dim": 16}))
    write("config", "right_gemma.json", json.dumps({**CONFIG, "model_type": "gemma", "architectures": ["GemmaForCausalLM"], "hidden_act": "gelu_pytorch_tanh", "head_dim": 32}))
    write("config", "right_bert.json", json.dumps({**CONFIG, "model_type": "bert", "architectures": ["BertForSequenceClassification"], "hidden_act": "gelu",
                                                   "type_vocab_size": 2, "id2label": {"0": "no", "1": "yes"}, "problem_type": "single_label_classification"}))
    write("config", "right_deberta.json", json.dumps({**CONFIG, "model_type": "deberta-v2", "architectures": ["DebertaV2ForMaskedLM"], "hidden_act": "gelu",
                                                      "relative_attention": True, "position_buckets": 8, "pos_att_type": "p2c|c2p", "share_att_key": True,
                                                      "norm_rel_ebd": "layer_norm", "conv_kernel_size": 3, "conv_act": "gelu", "legacy": False}))
    write("config", "four_bit.json", json.dumps({**CONFIG, "quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": True, "bnb_4bit_quant_type": "nf4"}}))
    write("config", "numbers.json", json.dumps({**CONFIG, "num_hidden_layers": 1 << 62, "hidden_size": 1e300, "vocab_size": -1}))


# --- caches, and the marker of an output folder

def cache_seeds():
    def spectrum(*values):
        return struct.pack(f"<{len(values) + 1}d", *values, sum(v * v for v in values))
    # The hashes are XXH3's of 128 bits, of the values and the vectors below.
    hashes = {"values_hash": "055502ba658ce11aca0bfc060ce48393", "vectors_hash": "ba0193832175969ccbc3dfcfcfdc2835"}
    names = {"/m/model.safetensors|9|1|0|F32|[4, 4]": ("F64", [5]), "b": ("F64", [3])}
    values = spectrum(2.0, 1.0, 0.5, 0.25) + spectrum(3.0, 0.0)
    write("spectrum_cache", "right_two.safetensors", safetensors(names, {"version": "1"}, data=values))
    write("spectrum_cache", "right_others.safetensors", safetensors({"z": ("F64", [3]), "f": ("F32", [4]), "s": ("F64", [1])}, {"version": "1"}, 3,
                                                                    struct.pack("<3d", 1.0, 1.0, 2.0) + bytes(24)))
    write("spectrum_cache", "version.safetensors", safetensors(names, {"version": "2"}, data=values))
    write("spectrum_cache", "no_number.safetensors", safetensors({"a": ("F64", [3])}, {"version": "1"}, data=struct.pack("<3d", float("nan"), 1.0, 2.0)))
    unit = struct.pack("<16f", *(1.0 if i % 5 == 0 else 0.0 for i in range(16)))
    shapes = {"singular_values": ("F64", [4]), "vectors": ("F32", [4, 4])}
    values = struct.pack("<4d", 2.0, 1.0, 0.5, 0.25)
    write("factor_cache", "right_whole.safetensors", safetensors(shapes, {"version": "1", **hashes}, data=values + unit))
    write("factor_cache", "torn.safetensors", safetensors(shapes, {"version": "1", **hashes}, data=values + bytes(64)))
    write("factor_cache", "narrow.safetensors", safetensors({**shapes, "vectors": ("F32", [4, 1])}, {"version": "1", **hashes}, data=values + unit[:16]))
    write("factor_cache", "nothing.safetensors", safetensors({}, {"version": "1"}))


def marker_seeds():
    def folder(marker, config='{"generator":"pissarro"}', part="x"):
        return "\x1c".join([json.dumps(marker), config, part])
    mark = {"generator": "pissarro", "version": "1"}
    write("marker", "right_files", folder({**mark, "files": {"config.json": 24, "part/model.bin": 1}}))
    write("marker", "right_patterns", folder({**mark, "patterns": ["config.js?n", "part/*.bin"]}))
    write("marker", "right_csv", folder({**mark, "patterns": ["*.json", "part/m[a-z]*.bin"]}, "a,b,generator: pissarro\n1,2,\n", "%PDF-1.4 /Creator (pissarro)"))
    write("marker", "size", folder({**mark, "files": {"config.json": 23, "part/model.bin": 1}}))
    write("marker", "outside", folder({**mark, "files": {"../kept.txt": 6, "config.json": 24}, "patterns": ["../*", "*"]}))
    write("marker", "foreign", folder({"generator": "other", "files": {}}))
    write("marker", "deep", "\x1c".join(["[" * 70, "[" * 70, '{"a":' * 70]))
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 18) + b"tEXtgenerator\0pissarro" + bytes(4) + struct.pack(">I", 0) + b"IEND" + bytes(4)
    write("marker", "png", json.dumps({**mark, "patterns": ["config.json", "part/"]}).encode() + b"\x1c" + png + b"\x1c"
          + safetensors({"a": ("U8", [1])}, {"format": "pt", "generator": "pissarro"}))


# --- runs of others

def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def record(data):
    def masked(part):
        crc = crc32c(part)
        return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)
    length = struct.pack("<Q", len(data))
    return length + masked(length) + data + masked(data)


def proto(number, content):
    """A field of a message: bytes, a double, or a small whole number."""
    if isinstance(content, bytes):
        return bytes([number << 3 | 2, len(content)]) + content
    if isinstance(content, float):
        return bytes([number << 3 | 1]) + struct.pack("<d", content)
    return bytes([number << 3, content])


def history_seeds():
    def scalar(step, tag, value):
        return proto(1, 100.0 + step) + proto(2, step) + proto(5, proto(1, proto(1, tag) + b"\x15" + struct.pack("<f", value)))

    def tensor(step, tag, plugin, content):
        value = proto(1, tag) + proto(8, content) + proto(9, proto(1, proto(1, plugin)))
        return proto(1, 100.0) + proto(2, step) + proto(5, proto(1, value))
    version = proto(1, 100.0) + proto(3, b"brain.Event:2")
    events = [version, scalar(1, b"train/loss", 2.5), scalar(1, b"eval/loss", float("nan")),
              tensor(2, b"val", b"scalars", proto(1, 1) + proto(2, b"") + proto(4, struct.pack("<f", 0.5))),
              tensor(2, b"half", b"scalars", proto(1, 19) + proto(2, proto(2, proto(1, 1))) + proto(13, b"\x80\x78")),
              tensor(2, b"words", b"text", proto(1, 7) + proto(8, b"text")),
              proto(1, 200.0) + proto(2, 1) + proto(7, proto(1, 1)), scalar(1, b"train/loss", 1.5)]
    whole = b"".join(map(record, events))
    write("event_file", "right_whole", whole)
    write("event_file", "right_torn", whole[:-5])
    write("event_file", "right_damaged", whole[:90] + b"x" + whole[91:])
    write("event_file", "long", struct.pack("<Q", 1 << 63) + bytes(12))
    write("event_file", "messages", b"\x1c".join(events))  # the reader frames these itself
    log = [{"step": 5, "loss": 2.5, "learning_rate": 1e-4, "grad_norm": 1.0, "epoch": 0.5}, {"step": 5, "eval_loss": 3.0, "eval_wer": 1},
           {"predict_loss": 1.0, "epoch": 0.5}, {"step": 10, "loss": float("nan"), "num_tokens": 100.0},
           {"step": 10, "train_runtime": 3.5, "train_loss": 2.0, "total_flos": 1e9}]
    state = {"global_step": 10, "max_steps": 20, "log_history": log}
    write("trainer_state", "right_state", json.dumps(state))
    write("trainer_state", "right_empty", '{"log_history": []}')
    write("trainer_state", "steps", json.dumps({"log_history": [{"step": -1, "a": 1}, {"step": 1e300}, {"step": "7", "a": "NaN"}, 3, [], {}]}))
    write("trainer_state", "no_list", '{"log_history": {"step": NaN, "b": -Infinity}}')
    lines = [{"current_steps": 10, "total_steps": 40, "loss": 2.5, "lr": 1e-4, "epoch": 0.5, "elapsed_time": "0:00:10", "throughput": "0.00"},
             {"current_steps": 20, "total_steps": 40, "eval_loss": 2.0, "elapsed_time": "1 day, 0:08:23", "vram_allocated": 1.5},
             {"current_steps": 20, "loss": float("inf"), "elapsed_time": "0:00:09"}, {"current_steps": 5, "elapsed_time": "-1 day, 23:59:59"}]
    write("trainer_log", "right_log", "\n".join(map(json.dumps, lines)) + '\n{"current_st')
    write("trainer_log", "right_crlf", "\r\n".join(map(json.dumps, lines[:2])))
    write("trainer_log", "foreign", '{"step": 1}\n[]\n{"current_steps": -4}\n{"current_steps": 1e3}\n')


# --- what sweeps, evaluations, judges and people leave behind

EVALUATION = {"generator": "pissarro", "task": "own", "rule": "number", "data": "own.jsonl",
              "models": [{"name": "base", "model": "m", "adapter": "", "checkpoint": ""}, {"name": "tuned", "model": "m", "adapter": "runs/x/adapter", "checkpoint": "best"}],
              "prompt_template": "plain", "rows": 0, "samples": 1, "greedy": True, "temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0,
              "repetition_penalty": 1.0, "seed": 0, "max_new_tokens": 400, "stops": ["\n\n"], "window_rule": "stride", "window": 1024, "stride": 512,
              "dtype": "float32", "device": "auto", "batch_size": 8, "threads": 0, "data_fingerprint": "fe", "fingerprints": {"base": "d1"}}


def lines(*rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def sweep_seeds():
    base = {"model": "m", "data": "d", "steps": 12, "rank": 8, "method": "pissa"}
    plain = {"base": base, "axes": {"rank": [4, 8], "method": ["pissa", "lora"]}}
    stop = {"rule": "halving", "first": 4, "keep_one_of": 2, "metric": "loss", "within": ["method"]}
    asked = {"task": "own", "data": "own.jsonl", "rule": "number", "max_new_tokens": 40}
    write("sweep", "right_grid.json", json.dumps({**plain, "pair_alpha_with_rank": True, "workers": 2}))
    write("sweep", "right_all.json", json.dumps({**plain, "twins": {"lora": {"learning_rate": [2e-4, 1e-4]}}, "runs": [{"method": "full", "learning_rate": 1e-5}],
                                                 "stop": stop, "eval": asked}))
    write("sweep", "right_median.json", json.dumps({"base": base, "axes": {"targets": [["q_proj"], ["v_proj", "*.mlp.*"]], "seed": [0, 1]},
                                                    "stop": {"rule": "median", "first": 4, "every": 4}}))
    write("sweep", "numbers.json", json.dumps({"base": {**base, "steps": 1e300}, "axes": {"rank": [1e300, -1, None]}, "workers": 1 << 62}))
    write("sweep", "threads.json", json.dumps({**plain, "eval": {**asked, "threads": 1000000, "window": 1 << 62, "max_new_tokens": 10**12}}))
    ranks = {"base": base, "axes": {"rank": [4, 8]}, "stop": {"rule": "halving", "first": 4, "keep_one_of": 2}}
    run = {"state": "done", "message": "", "step": 12, "attempts": 1}
    state = {"generator": "pissarro", "version": 1, "sweep": ranks, "paused": False, "why": "", "workers": 1,
             "runs": [{"name": "rank4", **run, "looks": [2.5, 2.25], "passed": 1}, {"name": "rank8", **run, "state": "running", "looks": [2.0],
                                                                                 "worker": {"process": 1, "host": "h"}}]}
    write("sweep_folder", "right_state.json", json.dumps(state))
    write("sweep_folder", "looks.json", json.dumps({**state, "runs": [{**state["runs"][0], "looks": [1e308, -1e308, 1e308], "passed": 3},
                                                                      {**state["runs"][1], "looks": [], "passed": 9}]}))
    write("sweep_folder", "other_runs.json", json.dumps({**state, "runs": [{"name": "../../x", "state": "waiting"}]}))
    write("sweep_folder", "newer.json", json.dumps({**state, "version": 2}))


def evaluation_seeds():
    def answer(model, index, correct, **more):
        score = {"extracted": "18" if correct else None, "correct": correct}
        return {"model": model, "index": index, "sample": 0, "prompt": "q", "output": "It is 18, \u00e9", "gold": "18", **score,
                "rules": [{"rule": "number", **score}], "tokens": 4, "ending": "end", "seconds": 0.5, **more}
    answers = [answer(model, index, index % 2 == 0) for model in ("base", "tuned") for index in range(3)]
    summary = {"generator": "pissarro", "task": "own", "rule": "number",
               "models": [{"name": "base", "score": 0.5, "correct": 1, "questions": 2, "interval": [0.1, 0.9]}, {"name": "../base", "correct": 0, "questions": 3}]}
    loss = {"nll": 12.5, "scored": 8, "bytes": 30, "words": 6}
    whole = [json.dumps(EVALUATION), lines(*answers), json.dumps(summary), lines(*answers[:3])]
    write("evaluation", "right_whole", "\x1c".join(whole))
    write("evaluation", "right_torn", "\x1c".join([whole[0], whole[1] + whole[1][:90]]))
    def windows(scored):
        return [answer(model, index, True, output={**loss, "scored": scored}, rules=[]) for model in ("base", "tuned") for index in range(2)]
    perplexity = json.dumps({**EVALUATION, "task": "perplexity", "rule": ""})
    write("evaluation", "right_perplexity", "\x1c".join([perplexity, lines(*windows(8)), json.dumps({"models": [{"name": "base", "perplexity": 4.5}]})]))
    write("evaluation", "right_scored_below_none", "\x1c".join([perplexity, lines(*windows(-8))]))
    write("evaluation", "right_scored_too_many", "\x1c".join([perplexity, lines(*windows((1 << 63) - 1))]))
    turns = answer("base", 0, False, prompt=["a", "b"], output=["c", "d"], gold={"question_id": 81}, rules=[])
    write("evaluation", "right_turns", "\x1c".join([json.dumps({**EVALUATION, "task": "mt-bench", "rule": ""}), lines(turns)]))
    write("evaluation", "outside", "\x1c".join([json.dumps({**EVALUATION, "models": [{**EVALUATION["models"][0], "name": "../../victim"}]}), whole[1]]))
    write("evaluation", "numbers", "\x1c".join([whole[0], lines(answer("base", 1 << 62, True, sample=-(1 << 63), tokens=-1, seconds=1e308)),
                                                '{"models":[{"name":"base","correct":9223372036854775807,"questions":1e300}]}']))


def task_seeds():
    gold = {"prompt": "def f():\n", "test": "def check(f):\n    assert f() == 1\n", "entry_point": "f", "task_id": "HumanEval/0", "canonical_solution": "    return 1\n"}
    tests = {"text": "Write f.", "task_id": 1, "code": "def f(): return 1", "test_list": ["assert f() == 1"], "test_setup_code": ""}
    choices = {"question": "Which?", "choices": ["a", "b"], "answer": 1}
    said = {"loglikelihoods": [-1.5, "-inf"], "tokens": [1, 2], "unconditional": [-2.0, "nan"]}
    write("tasks", "right_gsm8k", lines({"question": "9 + 9?", "answer": "9 + 9 = 18\n#### 18"}) + "\x1c" + lines({"output": "The answer is: 18", "gold": "#### 18"}))
    write("tasks", "right_math", lines({"problem": "1/2?", "solution": "It is $\\boxed{\\frac{1}{2}}$."})
          + "\x1c" + lines({"output": "\\boxed{\\dfrac12}", "gold": "$\\boxed{\\frac{1}{2}}$"}, {"output": "0.5", "gold": "\\boxed{(1,\\infty)}"}))
    write("tasks", "right_humaneval", lines(gold) + "\x1c" + lines({"output": "    return 1", "gold": gold}))
    write("tasks", "right_mbpp", lines(tests) + "\x1c" + lines({"output": "def f(): return 1", "gold": tests}))
    write("tasks", "right_choice", lines(choices) + "\x1c" + lines({"output": said, "gold": {"choices": ["a", "b"], "gold": 0}}))
    write("tasks", "right_own", lines({"prompt": "9 + 9?", "expected": 18}, {"prompt": "A?", "expected": "A"})
          + "\x1c" + lines({"output": "It is 1,8.5", "gold": "[0-9]+"}, {"output": "(B)", "gold": 7}))
    write("tasks", "expression", lines({"prompt": "p", "expected": "x"}) + "\x1c" + lines({"output": "a" * 200, "gold": "((a|aa)+)+b"}))
    write("tasks", "tokens", lines(choices) + "\x1c" + lines({"output": {**said, "tokens": [1e300, "nan"]}, "gold": {"choices": ["a", ""], "gold": [0, 1]}}))


def library_seeds():
    mark = {"name": "best", "notes": "a\nb", "tags": ["x", "y"], "colour": "#3b82f6", "pinned": True, "archived": False, "newer": 1}
    write("project", "right_project.json", json.dumps({"generator": "pissarro", "version": 1, "runs": {"run": mark, "a/b": {}, "/elsewhere/x": mark, "../up": mark}}))
    write("project", "right_empty.json", '{"runs": {}}')
    write("project", "kinds.json", json.dumps({"runs": {"run": 7, "": {"tags": [1, None]}, "x\u0000y": mark, "x" * 300: {"name": [], "colour": "red"}}}))
    write("project", "foreign.json", '{"runs": []}')
    errors = {"generator": "pissarro", "rank": 8, "iters": 5, "by_type": {"q_proj": {"loftq": 8.1, "qpissa": 12.5}}, "average": {"loftq": 8.1, "qpissa": 12.5}}
    write("quant_errors", "right_errors.json", json.dumps(errors))
    write("quant_errors", "kinds.json", json.dumps({"by_type": {"q_proj": [], "": {"a": "b"}}, "average": {"x": 1e308}, "rank": 1e300, "iters": "5"}))
    write("quant_errors", "none.json", '{"average": [], "by_type": {}}')
    vote = {"question_id": 81, "model_a": "base", "model_b": "pissa", "winner": "model_b", "judge": "human", "turn": 2, "tstamp": 1.7e9}
    write("votes", "right_votes", lines(vote, {**vote, "winner": "tie", "model_a": "pissa", "model_b": "base"}, {**vote, "question_id": -5}))
    write("votes", "right_torn", lines(vote) + '{"question_id": 8')
    write("votes", "kinds", lines(vote, {**vote, "winner": "model_c"}, {**vote, "turn": 1e300}))
    question = {"question_id": 81, "category": "math", "turns": ["Add", "More"], "reference": ["2", "4"]}
    answer = {"question_id": 81, "answer_id": "x", "model_id": "a", "choices": [{"index": 0, "turns": ["2", "4"]}], "tstamp": 1.5}
    judged = {"question_id": 81, "model": "a", "judge": ["j", "single-v1"], "user_prompt": "u", "judgment": "Good. [[8.5]]", "score": 8.5, "turn": 1, "tstamp": 1.5}
    pair = {"question_id": 81, "model_1": "a", "model_2": "b", "g1_winner": "model_1", "g2_winner": "error", "judge": ["j", "pair-v2"], "g1_user_prompt": "u",
            "g1_judgment": "[[A]]", "g2_user_prompt": "v", "g2_judgment": "", "turn": 2, "tstamp": 1.5}
    files = [lines(question), lines(answer), lines({**answer, "model_id": "b"}), lines(judged, {**judged, "score": -1}), lines(pair)]
    write("judged", "right_judged", "\x1c".join(files))
    write("judged", "names", "\x1c".join([files[0], lines({**answer, "model_id": "../a"}), files[1], lines({**judged, "turn": 9, "score": 1e308}), lines({**pair, "g1_winner": "x"})]))
    write("judged", "turns", "\x1c".join([lines(question, {**question, "turns": ["one"]}), lines({**answer, "choices": [{"turns": []}]}), "\n\n"]))
    told = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "2 + 2?"}, {"role": "assistant", "content": "4", "stopped": True}]
    token = {"token": "4", "id": 52, "logprob": -0.25, "rank": 1, "top_logprobs": [{"token": "4", "id": 52, "logprob": -0.25}, {"token": "", "id": 2, "logprob": -9.0, "special": True}]}
    longer = told[:2] + [{**told[2], "logprobs": {"content": [token]}}, {"role": "user", "content": "3 + 3?"}]
    write("conversation", "right_sides.json", json.dumps({"version": 1, "title": "Sums", "model": "m", "messages": told,
                                                          "sides": [{"title": "base", "path": "", "messages": told}, {"title": "run", "path": "runs/x", "messages": longer}]}))
    write("conversation", "right_alone.json", json.dumps({"messages": told}))
    write("conversation", "right_none.json", '{"messages": []}')
    write("conversation", "tokens.json", json.dumps({"messages": told[:2] + [{**told[2], "logprobs": {"content": [{**token, "id": 1e300}]}}]}))
    write("conversation", "order.json", json.dumps({"messages": [told[2], told[1]], "sides": [7]}))


config_seeds()
cache_seeds()
history_seeds()
marker_seeds()
safetensors_seeds()
chat_template_seeds()
tokenizer_config_seeds()
gguf_seeds()
tokenizer_seeds()
older_tokenizer_seeds()
jsonl_seeds()
table_seeds()
folder_seeds()
sweep_seeds()
evaluation_seeds()
task_seeds()
library_seeds()
