# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of others read, and ours written, against TensorBoard's own EventAccumulator and the files' own JSON.

  * every scalar of the event files of shared/data/runs, step by step and bit for bit;
  * event files that tensorboard's writer makes here: simple_value and tensors (float, double, half, integers; raw and in
    fields), other plugins beside them, a file torn at many places;
  * our own event files, also of a run that went on from a checkpoint: what TensorBoard shows is what was told last;
  * trainer_state.json and trainer_log.jsonl, against Python's json.
Exit 77: the peers are not installed.

  history_parity.py --tool TOOL --shared DIR [--golden FILE]    FILE: tests/fixtures/history_events.json is written anew
"""
import argparse
import json
import math
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

try:
    import numpy as np
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2
    from tensorboard.summary.writer.record_writer import RecordWriter
    from tensorboard.util import tensor_util
except ImportError as e:
    print(f"skipped: {e}; ./dev test installs the peers")
    sys.exit(77)

p = argparse.ArgumentParser()
p.add_argument("--tool", required=True)
p.add_argument("--shared", required=True)
p.add_argument("--golden")
a = p.parse_args()
runs = pathlib.Path(a.shared) / "data" / "runs"
if not runs.exists():
    print(f"skipped: needs {runs}")
    sys.exit(77)

NAMES = {"learning_rate": "lr", "num_input_tokens_seen": "tokens", "num_tokens": "tokens", "total_tokens": "tokens",
         "throughput": "tokens_per_s", "vram_allocated": "memory_bytes"}
WHOLE = {"train_runtime", "train_samples_per_second", "train_steps_per_second", "total_flos", "train_loss"}


def ours(path):
    done = subprocess.run([a.tool, str(path)], capture_output=True, text=True)
    assert done.returncode == 0, f"{path}: {done.stderr}"
    return json.loads(done.stdout)


def name_of(tag):
    group, _, rest = tag.partition("/")
    if group in ("eval", "test") and rest:
        rest = f"{group}_{rest}"
    elif group != "train" or not rest:
        rest = tag
    return NAMES.get(rest, rest)


def theirs(path):
    """The scalars that TensorBoard shows, by our names; a tensor of one number of the plugin scalars is one, too."""
    accumulator = EventAccumulator(str(path), size_guidance={"scalars": 0, "tensors": 0})
    accumulator.Reload()
    tags = accumulator.Tags()
    found = {name_of(tag): [(e.step, e.value) for e in accumulator.Scalars(tag)] for tag in tags["scalars"]}
    for tag in tags["tensors"]:
        if accumulator.SummaryMetadata(tag).plugin_data.plugin_name == "scalars":
            found[name_of(tag)] = [(e.step, tensor_util.make_ndarray(e.tensor_proto).item())
                                   for e in accumulator.Tensors(tag)]
    return found


def same(one, other):
    return one == other or (isinstance(one, float) and math.isnan(one) and math.isnan(other))


def hold(what, own, peer):
    assert len(own) == len(peer), f"{what}: {len(own)} points, the peer has {len(peer)}"
    for (step, value), (their_step, their_value) in zip(own, peer):
        assert step == their_step and same(float(value), float(their_value)), \
            f"{what}: {step} {value!r}, the peer has {their_step} {their_value!r}"


def hold_all(what, history, peer):
    own = dict(history["metrics"])
    last = max((s for points in peer.values() for s, _ in points), default=0)
    own |= {name: [(last, value)] for name, value in history["figures"].items()}
    own.pop("elapsed_s", None)  # wall times, looked at below
    assert own.keys() == peer.keys(), f"{what}: {sorted(own.keys() ^ peer.keys())}"
    for name, points in peer.items():
        hold(f"{what}: {name}", own[name], points)


# --- event files as they were found

def strangers():
    golden = {}
    for path in sorted(runs.rglob("*tfevents*")):
        history, peer = ours(path), theirs(path)
        hold_all(path.name, history, peer)
        accumulator = EventAccumulator(str(path), size_guidance={"scalars": 0})
        accumulator.Reload()
        if "train/loss" in accumulator.Tags()["scalars"]:
            wall = [e.wall_time for e in accumulator.Scalars("train/loss")]
            elapsed = dict(map(tuple, history["metrics"]["elapsed_s"]))
            steps = [e.step for e in accumulator.Scalars("train/loss")]
            for step, time in zip(steps, wall):
                assert elapsed[step] == time - accumulator.FirstEventTimestamp(), (step, time)
        golden[path.name] = {name: {"count": len(points), "first": points[0], "last": points[-1],
                                    "steps": sum(s for s, _ in points), "values": sum(v for _, v in points)}
                             for name, points in peer.items()}
        print(f"{path.name}: {sum(map(len, peer.values()))} scalars of {len(peer)} tags are TensorBoard's")
    assert golden, f"{runs} holds no event file"
    if a.golden:
        pathlib.Path(a.golden).write_text(json.dumps(golden, indent=1, sort_keys=True) + "\n")


# --- event files made here

def event(step, *values):
    return event_pb2.Event(wall_time=1000.0 + step, step=step, summary=summary_pb2.Summary(value=values))


def value(tag, plugin=None, **content):
    made = summary_pb2.Summary.Value(tag=tag, **content)
    if plugin:
        made.metadata.plugin_data.plugin_name = plugin
    return made


def write_events(path, events):
    with open(path, "wb") as file:
        writer = RecordWriter(file)
        writer.write(event_pb2.Event(wall_time=1000.0, file_version="brain.Event:2").SerializeToString())
        for one in events:
            writer.write(one.SerializeToString())


def numbers(step):
    """One number in each form that a tensor can hold it in."""
    x = 1.5 + step
    tensors = {f"raw_{kind}": tensor_util.make_tensor_proto(np.asarray(x, kind))
               for kind in ("float32", "float64", "float16", "int32", "int64")}
    for kind, tensor in list(tensors.items()):
        array = tensor_util.make_ndarray(tensor)
        raw = tensor_pb2.TensorProto(dtype=tensor.dtype, tensor_content=array.tobytes())
        tensors[f"bytes_{kind}"] = raw
        shaped = tensor_pb2.TensorProto(dtype=tensor.dtype, tensor_content=array.tobytes())
        shaped.tensor_shape.dim.add(size=1)
        tensors[f"one_{kind}"] = shaped
    tensors["negative"] = tensor_pb2.TensorProto(dtype=types_pb2.DT_INT32, int_val=[-7])
    tensors["double"] = tensor_pb2.TensorProto(dtype=types_pb2.DT_DOUBLE, double_val=[math.pi])
    return tensors


def made_here(folder):
    path = folder / "events.out.tfevents.1000.made.1.0"
    events = []
    for step in range(5):
        values = [value("train/loss", simple_value=2.0 / (step + 1)), value("val", simple_value=float("nan")),
                  value("inf", simple_value=float("-inf"))]
        plugin = {"plugin": "scalars"} if step == 0 else {}  # later ones leave out what the first has said
        values += [value(name, tensor=tensor, **plugin) for name, tensor in numbers(step).items()]
        plugin = {"plugin": "histograms"} if step == 0 else {}
        values += [value("histogram", tensor=tensor_util.make_tensor_proto(np.zeros((3, 3))), **plugin),
                   value("one_bucket", tensor=tensor_util.make_tensor_proto(np.asarray(1.0)), **plugin)]
        text = tensor_util.make_tensor_proto(np.array([b"text"], dtype=object))
        values.append(value("words", tensor=text, **({"plugin": "text"} if step == 0 else {})))
        events.append(event(step, *values))
    write_events(path, events)
    hold_all("made here", ours(path), theirs(path))
    whole = path.read_bytes()
    torn = folder / "torn" / path.name
    torn.parent.mkdir()
    for size in [0, 1, 7, 8, 11, 12, 13, 24, 40, *range(60, len(whole), 997), len(whole) - 1]:
        torn.write_bytes(whole[:size])
        hold_all(f"cut at {size}", ours(torn), theirs(torn))
    # A restarted program: what the first one told from step 3 on counts no more.
    restarted = folder / "restarted" / path.name
    restarted.parent.mkdir()
    events = [event(step, value("train/loss", simple_value=2.0 / (step + 1)), value("eval/loss", simple_value=1.0))
              for step in range(5)]  # TensorBoard takes back no tensors
    start = event_pb2.Event(wall_time=2000.0, step=3,
                            session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START))
    write_events(restarted, [*events, start, event(3, value("train/loss", simple_value=9.0))])
    hold_all("restarted", ours(restarted), theirs(restarted))
    print(f"made here: {len(whole)} bytes, torn at many places, and restarted: as TensorBoard reads them")


def written_by_us(folder):
    subprocess.run([a.tool, "--write", str(folder)], check=True)
    files = sorted(folder.glob("events.out.tfevents.*"))
    peer = theirs(folder)
    hold_all("ours", {"metrics": ours(files[0])["metrics"], "figures": {}}, theirs(files[0]))
    single = lambda x: struct.unpack("f", struct.pack("f", x))[0]
    loss = [(s, single(math.nan if s == 15 else 3.0 / s + (1.0 if s <= 12 else 0.0))) for s in range(1, 21)]
    hold("ours: loss", peer["loss"], loss)
    hold("ours: eval_loss", peer["eval_loss"], [(s, single(4.0 / s + (1.0 if s <= 12 else 0.0))) for s in (5, 10, 15, 20)])
    assert {"loss", "grad_norm", "lr", "epoch", "eval_loss"} == peer.keys(), peer.keys()
    print(f"ours: {len(files)} files, the steps that were trained twice as they were told last")


# --- JSON

def first_told(points):
    kept = {}
    for step, number in points:
        kept.setdefault(step, number)
    return sorted(kept.items())


def logs():
    for path in sorted(runs.rglob("trainer_state.json")):
        state, peer, step = json.loads(path.read_text()), {}, None
        for record in state["log_history"]:
            step = record.get("step", step)  # that of predict() has none in older versions
            for key, number in record.items():
                if key != "step":
                    peer.setdefault(NAMES.get(key, key), []).append((step, number))
        peer = {name: first_told(points) for name, points in peer.items()}
        history = ours(path)
        hold_all(str(path.relative_to(runs)), history, peer)
        assert set(history["figures"]) <= WHOLE and history["steps"] == state["max_steps"]
    for path in sorted(runs.rglob("trainer_log.jsonl")):
        peer = {}
        for line in path.read_text().splitlines():
            record = json.loads(line)
            for key, number in record.items():
                if key not in ("current_steps", "total_steps", "percentage", "elapsed_time", "remaining_time"):
                    peer.setdefault(NAMES.get(key, key), []).append((record["current_steps"], float(number)))
        peer = {name: first_told(points) for name, points in peer.items()}
        for name in ("tokens", "tokens_per_s"):  # 0: nobody counted
            if not any(number for _, number in peer.get(name, [])):
                peer.pop(name, None)
        hold_all(str(path.relative_to(runs)), ours(path), peer)
    print("trainer_state.json and trainer_log.jsonl: as Python reads them")


scratch = pathlib.Path(tempfile.mkdtemp(prefix="history-"))
try:
    strangers()
    made_here(scratch)
    (scratch / "ours").mkdir()
    written_by_us(scratch / "ours")
    logs()
finally:
    shutil.rmtree(scratch)
