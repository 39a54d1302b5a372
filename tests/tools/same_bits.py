# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests/tools/same_bits.sh compares of the outputs of two builds.

  same_bits.py inputs DIR MODEL        ids.json and batches.safetensors of token ids that the model knows
  same_bits.py digest DIR              JSON on stdout: each output below DIR to [sha256, the commands that made it]
  same_bits.py compare WHAT OLD NEW COUNT   a line per difference of two digests; "EQUAL DIFFER" into COUNT

Of safetensors the tensors and the metadata count, in any order; of JSON all but times, measured memory and versions, in the
order in which it is written and with the digits that it is written with; every other file by its bytes. Left out: logs,
TensorBoard's events, locks, caches and what goes to stderr, but for the `error:` line.
"""
import hashlib
import json
import pathlib
import random
import struct
import sys

TIMES = {"memory_bytes", "started_at", "modified_ns", "changed_ns", "versions"}


def is_a_time(key):
    return key in TIMES or key.endswith(("_s", "seconds"))


def without_times(value):
    if isinstance(value, dict):
        return {key: without_times(inner) for key, inner in value.items() if not is_a_time(key)}
    return [without_times(inner) for inner in value] if isinstance(value, list) else value


def normalised(text):
    """Every JSON document of a text without what differs from one run to the next; other text as it is."""
    decoder = json.JSONDecoder(parse_float=lambda digits: "float " + digits)
    documents, at = [], 0
    try:
        while text[at:].strip():
            at += len(text[at:]) - len(text[at:].lstrip())
            document, at = decoder.raw_decode(text, at)
            documents.append(json.dumps(without_times(document)))
    except ValueError:
        return text
    return "\n".join(documents)


def sha_of_tensors(path):
    total = hashlib.sha256()
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(size))
        total.update(json.dumps(header.pop("__metadata__", {}), sort_keys=True).encode())
        for name, entry in sorted(header.items()):
            begin, end = entry["data_offsets"]
            total.update(f"{name} {entry['dtype']} {entry['shape']} {end - begin}\n".encode())
            file.seek(8 + size + begin)
            left = end - begin
            while left > 0:
                piece = file.read(min(left, 1 << 24))
                if not piece:
                    raise ValueError(f"{path} ends within {name}")
                total.update(piece)
                left -= len(piece)
    return total.hexdigest()


def sha_of(path):
    if path.suffix == ".safetensors":
        return sha_of_tensors(path)
    data = path.read_bytes()
    if path.name == ".pissarro" and data.startswith(b"{"):
        mark = json.loads(data)
        mark["files"] = sorted(mark.get("files", {}))  # not their sizes: some hold times
        mark.pop("prints", None)
        data = json.dumps(mark).encode()
    elif path.suffix in (".json", ".jsonl", ".stdout"):
        data = normalised(data.decode()).encode()
    return hashlib.sha256(data).hexdigest()


def is_left_out(path):
    return (path.parts[0] == ".xdg" or path.name in (".lock", "log.txt") or path.suffix in (".cmd", ".stderr")
            or path.name.startswith("events.out."))


def digest(folder):
    outputs = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if not path.is_file() or is_left_out(relative):
            continue
        name = relative.parts[0].split(".")[0]
        command = " && ".join((folder / (name + ".cmd")).read_text().splitlines())
        failed = path.suffix == ".exit" and path.read_text().split()[0] != "0"
        sha = "failed: " + " ".join(path.read_text().split()) if failed else sha_of(path)
        outputs[str(relative)] = [sha, command]
    return outputs


def compare(what, old, new, count):
    old, new = (json.loads(pathlib.Path(path).read_text()) for path in (old, new))
    equal = differ = 0
    for name in sorted(old.keys() | new.keys()):
        (was, command), (now, _) = old.get(name, ("not there", new.get(name, ("", ""))[1])), new.get(name, ("not there", ""))
        if was == now and not was.startswith("failed"):
            equal += 1
            continue
        differ += 1
        sides = [side if side.startswith(("failed", "not there")) else side[:8] for side in (was, now)]
        print(f"DIFFERS {what} {name} (old {sides[0]}, new {sides[1]}): {command}", flush=True)
    pathlib.Path(count).write_text(f"{equal} {differ}\n")


def vocabulary_of(model):
    config = pathlib.Path(model) / "config.json"
    return json.loads(config.read_text())["vocab_size"] if config.exists() else 512


def inputs(folder, model):
    """Two rows for `logits`; eight micro-batches of four rows, a third of each masked, for a model without a tokenizer."""
    source, top = random.Random(1), vocabulary_of(model)
    rows = [[source.randrange(3, top) for _ in range(40)] for _ in range(2)]
    (folder / "ids.json").write_text(json.dumps(rows))
    shape = [8, 4, 24]
    ids = [source.randrange(3, top) for _ in range(8 * 4 * 24)]
    labels = [-100 if i % 24 < 8 else token for i, token in enumerate(ids)]
    tensors = {"input_ids": ids, "labels": labels, "attention_mask": [1] * len(ids)}
    width = 8 * len(ids)
    header = json.dumps({name: {"dtype": "I64", "shape": shape, "data_offsets": [i * width, (i + 1) * width]}
                         for i, name in enumerate(tensors)}).encode()
    with open(folder / "batches.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        for values in tensors.values():
            file.write(struct.pack(f"<{len(values)}q", *values))


def main():
    verb, *rest = sys.argv[1:]
    if verb == "inputs":
        inputs(pathlib.Path(rest[0]), rest[1])
    elif verb == "digest":
        json.dump(digest(pathlib.Path(rest[0])), sys.stdout)
    else:
        compare(*rest)


main()
