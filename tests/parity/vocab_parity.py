#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Token ids of pissarro-cli for every vocabulary below shared/data/vocab, in every form that people have it.

    vocab_parity.py --cli FILE --shared DIR [--count N] [--only WORD]      exit 0: equal; 1: not; 77: what is needed is not here

* The stored ids: expected.json of 40 texts (`truth` names what counts: `ids` of transformers 5, `sp_ids` of the sentencepiece
  library), llama.cpp's .inp and .out beside a GGUF.
* N odd texts (300) against the peers in this process: transformers and tokenizers for vocab.txt, vocab.json with merges.txt, tokenizer.json
  of WordPiece, Unigram with Precompiled, WordLevel, tekken.json, tiktoken's lines; sentencepiece for its models and a GGUF of "t5";
  each name of tokenizer.ggml.pre that transformers knows.
"""
import argparse
import base64
import gzip
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

SPECIAL = ["<s>", "</s>", "<unk>", "[CLS]", "[MASK]", "[SEP]", "[PAD]", "<0x0A>", "<|im_start|>", "<|endoftext|>", "<mask>"]
BLOCKS = [(0x20, 0x7E), (0xA0, 0x24F), (0x300, 0x36F), (0x391, 0x3C9), (0x410, 0x44F), (0x5D0, 0x5EA), (0x621, 0x64A), (0x660, 0x669),
          (0x905, 0x939), (0x93C, 0x94D), (0xE01, 0xE3A), (0x1100, 0x11F9), (0x1E00, 0x1EFF), (0x2000, 0x206F), (0x20A0, 0x20BF),
          (0x2150, 0x218B), (0x2190, 0x21FF), (0x2460, 0x24FF), (0x3000, 0x303F), (0x3041, 0x30FE), (0x3200, 0x33FF), (0x4E00, 0x9FA5),
          (0xAC00, 0xD7A3), (0xF900, 0xFA2D), (0xFB00, 0xFB06), (0xFE00, 0xFE0F), (0xFF01, 0xFFEE), (0x1D400, 0x1D7FF), (0x1F1E6, 0x1F1FF),
          (0x1F300, 0x1F5FF), (0x1F600, 0x1F64F), (0x20000, 0x2A6D6), (0xE0020, 0xE007F), (0x0, 0x1F), (0x7F, 0x9F), (0xE000, 0xE010)]
FIXED = ["", " ", "   ", "\n", "\t\t", "\u00a0", "\u3000", "\ufeff", "\u200b", "\u200d", "\u2060", "\x00", "a\x00b", "\x7f\x85", "\r\n\r", "\ufffd",
         "x" * 101, "x" * 99 + "y", "ä" * 100, "ä" * 101, "1" * 400, "a b " * 300, "\u0301", "e\u0301\u0323", "\u1e9b\u0323", "①\u0301",
         "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "👍🏽", "❤️", "🇨🇭🇩🇪🇫", "ﷺ", "ﬁﬂ", "Å Å Å", "가각", "각", "क्षि", "ﾊﾟﾋﾞ", "İstanbul ıI", "ΑΣ ς ß ẞ",
         "\u202eabc\u202c", "ltr\u200e rtl\u200f", "don't can't I'LL we'VE", "ſ's 'ſ", "▁a ▁▁b", "a▁b", "  two", "two  ", "##ing ##", "don’t “quote”",
         "Ⅷ ⅷ ² ½ ₂ ٣", "𝒞𝔸𝟘", "C++ & C# <b>!?</b>", "http://a.b/c?d=e&f=%20", "\u0000\u0001\u001f\u001e", "a\u2028b\u2029c", "\u180e\u1680", "\u00ad"]


def odd_texts(count, seed):
    r, out = random.Random(seed), list(FIXED)
    while len(out) < count:
        text = ""
        for _ in range(r.randint(1, 40)):
            kind = r.random()
            text += (chr(r.randint(32, 126)) if kind < 0.35 else r.choice([" ", "  ", "\n", "\t", "\r\n", "\u00a0"]) if kind < 0.5
                     else r.choice(["the", " and", "'LL", "12345", "ing", " Über", "東京", " привет"]) if kind < 0.65
                     else r.choice(SPECIAL) if kind < 0.68 else chr(r.randint(*r.choice(BLOCKS))))
        out.append(text)
    return out


class Check:
    def __init__(self, args):
        self.args, self.states, self.ties = args, {}, False

    def same(self, a, b):
        """ties: of pieces whose orders score the same either counts."""
        return a == b or (self.ties and sorted(a) == sorted(b))

    def ours(self, model, texts, special):
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as f:
            json.dump(texts, f)
            f.flush()
            run = subprocess.run([self.args.cli, "tokenize", str(model), "--file", f.name, "--json"] + ([] if special else ["--no-special"]),
                                 capture_output=True, text=True, check=False)
        return json.loads(run.stdout)["ids"] if run.returncode == 0 else run.stderr.strip()

    def equal(self, name, model, texts, want, special):
        got = self.ours(model, texts, special)
        wrong = [got] if isinstance(got, str) else [x for x in zip(texts, got, want) if not self.same(x[1], x[2])]
        equal, count = self.states.get(name, (0, 0))
        self.states[name] = (equal + (0 if isinstance(got, str) else len(texts) - len(wrong)), count + len(texts))
        print(f"{name}{', special tokens added' if special else ''}: {0 if isinstance(got, str) else len(texts) - len(wrong)} of {len(texts)} equal",
              flush=True)
        for difference in wrong[:3]:
            if isinstance(difference, str):
                print("  ", difference)
            else:
                print(f"   {ascii(difference[0])[:160]}\n     ours     {difference[1][:40]}\n     expected {difference[2][:40]}")

    def against(self, name, model, peer, texts=None, specials=(False, True)):
        """peer(text, special) gives the ids."""
        if self.args.only and self.args.only not in name:
            return
        texts = texts or odd_texts(self.args.count, len(name))
        for special in specials:
            self.equal(name, model, texts, [peer(t, special) for t in texts], special)


def unpacked(folder, into):
    into.mkdir(parents=True)
    for f in folder.iterdir():
        if f.suffix == ".gz":
            (into / f.stem).write_bytes(gzip.decompress(f.read_bytes()))
        elif f.name != "expected.json":
            shutil.copy(f, into / f.name)
    return into


def stored(check, vocab, models, scratch):
    for golden in sorted(list(vocab.glob("*/expected.json")) + list(models.glob("*/expected.json"))):
        known = json.loads(golden.read_text(encoding="utf-8"))
        model = unpacked(golden.parent, scratch / golden.parent.name)
        name, rows = f"stored {golden.parent.name}", known["rows"]
        if check.args.only and check.args.only not in name:
            continue
        if known["truth"] == "ids":
            for special, key in ((True, "ids"), (False, "ids_no_special")):
                check.equal(name, model, [r["text"] for r in rows], [r[key] for r in rows], special)
        else:  # the library alone spells special tokens out, which Hugging Face never does
            rows = [r for r in rows if "<s>" not in r["text"]]
            check.equal(name, model, [r["text"] for r in rows], [r["sp_ids"] for r in rows], False)
    for base in sorted(vocab.glob("gguf/*.inp")):
        name = base.with_suffix("")
        gguf = name
        if not name.exists():
            gguf = scratch / name.name
            gguf.write_bytes(gzip.decompress(pathlib.Path(f"{name}.gz").read_bytes()))
        texts = base.read_bytes().decode("utf-8").split("\n__ggml_vocab_test__\n")
        want = [[int(x) for x in line.split()] for line in pathlib.Path(f"{name}.out").read_text(encoding="utf-8").split("\n")]
        if not check.args.only or check.args.only in f"stored {name.name}":
            check.equal(f"stored {name.name}", gguf, texts, want[:len(texts)], False)


def hf_folder(check, name, folder):
    from transformers import AutoTokenizer
    peer = AutoTokenizer.from_pretrained(folder)
    check.against(name, folder, lambda t, special: peer(t, add_special_tokens=special).input_ids)


def saved_json(check, name, folder, tokenizer):
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    check.against(name, folder, lambda t, special: tokenizer.encode(t, add_special_tokens=special).ids)


def sentencepiece_forms(check, scratch, name, file):
    import sentencepiece
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
    library = sentencepiece.SentencePieceProcessor(model_file=str(file))
    plain = [t for t in odd_texts(check.args.count, 5) if not any(s in t for s in SPECIAL)]
    check.ties = tuple(int(n) for n in sentencepiece.__version__.split(".")[:3]) < (0, 2, 3)  # broken the other way
    check.against(f"sentencepiece {name}", file.parent, lambda t, _: library.encode(t), plain, (False,))
    from sentencepiece import sentencepiece_model_pb2
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(file.read_bytes())
    if proto.trainer_spec.model_type != 1:
        check.ties = False
        return
    t5 = scratch / f"{name}-t5.gguf"
    write_t5(t5, proto)
    check.against(f"gguf t5 of {name}", t5, lambda t, _: library.encode(t), plain, (False,))
    check.ties = False
    unigram = Tokenizer(models.Unigram([(p.piece, p.score) for p in proto.pieces], proto.trainer_spec.unk_id, byte_fallback=name == "deberta-v3"))
    unigram.normalizer = normalizers.Sequence([normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap),
                                               normalizers.Replace(Regex(" {2,}"), " ")])
    unigram.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    unigram.decoder = decoders.Metaspace(prepend_scheme="always")
    saved_json(check, f"Unigram with Precompiled of {name}", scratch / f"{name}-json", unigram)
    unigram.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")])
    unigram.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.StripAccents()])
    saved_json(check, f"Unigram with Nmt of {name}", scratch / f"{name}-nmt", unigram)


def write_t5(path, proto):
    import gguf
    out = gguf.GGUFWriter(path, "t5")
    out.add_tokenizer_model("t5")
    out.add_tokenizer_pre("default")
    out.add_token_list([p.piece for p in proto.pieces])
    out.add_token_scores([p.score for p in proto.pieces])
    out.add_token_types([p.type for p in proto.pieces])
    out.add_add_space_prefix(proto.normalizer_spec.add_dummy_prefix)
    out.add_remove_extra_whitespaces(proto.normalizer_spec.remove_extra_whitespaces)
    out.add_precompiled_charsmap(proto.normalizer_spec.precompiled_charsmap)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.close()


def bert_forms(check, scratch, folder):
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers
    hf_folder(check, "vocab.txt", folder)
    words = (folder / "vocab.txt").read_text(encoding="utf-8").split("\n")
    for name, options in (("cased", {"lowercase": False}), ("accents", {"lowercase": True, "strip_accents": False}),
                          ("unclean", {"lowercase": False, "clean_text": False, "handle_chinese_chars": False})):
        vocab = {w: i for i, w in enumerate(words)}
        bert = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]", max_input_chars_per_word=20))
        bert.normalizer = normalizers.BertNormalizer(**options)
        bert.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        bert.decoder = decoders.WordPiece()
        saved_json(check, f"WordPiece, {name}", scratch / f"bert-{name}", bert)
        copy = scratch / f"bert-{name}-old"
        copy.mkdir()
        shutil.copy(folder / "vocab.txt", copy)
        (copy / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer", "do_lower_case": options["lowercase"],
                                                                "strip_accents": options.get("strip_accents"), "model_max_length": 512}))
        hf_folder(check, f"vocab.txt, {name}", copy)
    levels = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="[UNK]"))
    levels.normalizer = normalizers.Lowercase()
    levels.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.CharDelimiterSplit("-"), pre_tokenizers.Whitespace(),
                                                    pre_tokenizers.Punctuation("contiguous")])
    saved_json(check, "WordLevel", scratch / "levels", levels)


def byte_pairs(check, scratch, folder):
    """vocab.json and merges.txt under each class, tekken.json, tiktoken's lines and GGUF's pre names of GPT-2's pieces."""
    from transformers import AutoTokenizer
    for name, config in (("GPT2Tokenizer", {"add_bos_token": True}), ("GPT2Tokenizer space", {"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": True}),
                         ("RobertaTokenizer", {}), ("Qwen2Tokenizer", {"add_eos_token": True}), ("GPTNeoXTokenizer", {})):
        copy = scratch / name.replace(" ", "-")
        copy.mkdir()
        for file in ("vocab.json", "merges.txt"):
            shutil.copy(folder / file, copy)
        (copy / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": name, **config}))
        hf_folder(check, f"pair, {name}", copy)
    copy = scratch / "added"
    shutil.copytree(scratch / "GPT2Tokenizer", copy)
    (copy / "added_tokens.json").write_text(json.dumps({"<|im_start|>": 50257, "[PAD]": 50258, "New": 50259}))
    (copy / "special_tokens_map.json").write_text(json.dumps({"pad_token": "[PAD]"}))
    hf_folder(check, "added_tokens.json", copy)

    vocab = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    peer = AutoTokenizer.from_pretrained(scratch / "GPT2Tokenizer")
    decode = {c: b for b, c in byte_alphabet().items()}
    ranked = sorted(((i, bytes(decode[c] for c in p)) for p, i in vocab.items() if p != "<|endoftext|>"))
    pieces = [b for _, b in ranked]
    tekken = scratch / "tekken"
    tekken.mkdir()
    pattern = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    document = {"config": {"pattern": pattern, "num_vocab_tokens": len(pieces), "default_vocab_size": len(pieces) - 1000 + 20,
                           "default_num_special_tokens": 20, "version": "v7"},
                "special_tokens": [{"rank": i, "token_str": t, "is_control": True} for i, t in enumerate(["<unk>", "<s>", "</s>", "[INST]"])],
                "vocab": [{"rank": i, "token_bytes": base64.b64encode(b).decode(), "token_str": None} for i, b in enumerate(pieces)]}
    (tekken / "tekken.json").write_text(json.dumps(document))
    from transformers.integrations.mistral.tokenizer import MistralConverter
    converted = MistralConverter(str(tekken / "tekken.json")).converted()
    check.against("tekken.json", tekken, lambda t, _: converted.encode(t).ids, None, (False,))
    lines = scratch / "tiktoken"
    lines.mkdir()
    (lines / "tokenizer.model").write_bytes(b"".join(base64.b64encode(b) + b" %d\n" % i for i, b in enumerate(pieces)))
    from transformers.convert_slow_tokenizer import TikTokenConverter
    TikTokenConverter.load_tiktoken_bpe = staticmethod(lambda _: {b: i for i, b in enumerate(pieces)})
    extra = {str(len(pieces) + i): {"content": t, "special": True} for i, t in enumerate(["<|begin_of_text|>", "<|end_of_text|>"])}
    (lines / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "added_tokens_decoder": extra,
                                                             "bos_token": "<|begin_of_text|>", "add_bos_token": True}))
    tiktoken = TikTokenConverter(vocab_file="x", extra_special_tokens=[e["content"] for e in extra.values()]).converted()
    check.against("tiktoken", lines, lambda t, special: ([len(pieces)] if special else []) + tiktoken.encode(t).ids)
    pre_names(check, scratch, peer, vocab, folder)


def byte_alphabet():
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [b for b in range(256) if b not in visible]
    return {**{b: chr(b) for b in visible}, **{b: chr(256 + i) for i, b in enumerate(rest)}}


def pre_names(check, scratch, peer, vocab, folder):
    import gguf
    from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
    from transformers.integrations.gguf.gguf_tokenizer_mapping import GGUF_PRE_TOKENIZER_SPLITS
    merges = [m for m in (folder / "merges.txt").read_text(encoding="utf-8").split("\n") if m and not m.startswith("#version")]
    for name in sorted({"llama-bpe", "tekken", "qwen2", "qwen35", "gpt-4o", "dbrx"} & set(GGUF_PRE_TOKENIZER_SPLITS)):
        path = scratch / f"pre-{name}.gguf"
        out = gguf.GGUFWriter(path, "llama")
        out.add_tokenizer_model("gpt2")
        out.add_tokenizer_pre(name)
        out.add_token_list([p for p, _ in sorted(vocab.items(), key=lambda item: item[1])])
        out.add_token_types([3 if p == "<|endoftext|>" else 1 for p, _ in sorted(vocab.items(), key=lambda item: item[1])])
        out.add_token_merges(merges)
        out.write_header_to_file()
        out.write_kv_data_to_file()
        out.close()
        document = json.loads(peer.backend_tokenizer.to_str())
        document["model"]["ignore_merges"] = name in ("llama-bpe", "tekken")
        expected = Tokenizer.from_str(json.dumps(document))
        if name.startswith("qwen"):
            expected.normalizer = normalizers.NFC()
        expected.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(GGUF_PRE_TOKENIZER_SPLITS[name]), "isolated"),
                                                          pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
        check.against(f"tokenizer.ggml.pre {name}", path, lambda t, _, e=expected: e.encode(t, add_special_tokens=False).ids, None, (False,))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--cli", type=pathlib.Path, required=True)
    p.add_argument("--shared", type=pathlib.Path, required=True)
    p.add_argument("--count", type=int, default=300)
    p.add_argument("--only", default="")
    args = p.parse_args()
    vocab = args.shared / "data/vocab"
    if not vocab.exists():
        print("skipped: there are no vocabularies in", vocab)
        sys.exit(77)
    check = Check(args)
    with tempfile.TemporaryDirectory() as d:
        scratch = pathlib.Path(d)
        stored(check, vocab, args.shared / "data/models", scratch)
        try:
            import gguf  # noqa: F401
            import sentencepiece  # noqa: F401
            import transformers  # noqa: F401
        except ImportError as error:
            print("skipped:", error)
            sys.exit(77)
        bert_forms(check, scratch, scratch / "bert-base-uncased")
        byte_pairs(check, scratch, scratch / "gpt2")
        for name in ("deberta-v3", "sp-unigram-en", "sp-unigram-ja", "llama2"):
            sentencepiece_forms(check, scratch, name, next((scratch / name).glob("*.model")))
    whole = sum(equal == count for equal, count in check.states.values())
    print(f"{whole} of {len(check.states)} are equal as a whole")
    sys.exit(0 if whole == len(check.states) else 1)


if __name__ == "__main__":
    main()
