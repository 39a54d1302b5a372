# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a GGUF file of a transformers model, as llama.cpp's converter would: its names, its order of rows, its norms.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md; the conventions: llama.cpp's convert_hf_to_gguf.py.
"""
import struct

import numpy as np
import torch

NAMES = {"input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
         "self_attn.o_proj": "attn_output", "post_attention_layernorm": "ffn_norm", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
         "mlp.down_proj": "ffn_down", "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm"}
TYPES = {"F32": 0, "F16": 1, "Q8_0": 8, "BF16": 30}


def text(value):
    return struct.pack("<Q", len(value.encode())) + value.encode()


def typed(v):
    """Number of the type, bytes of the value."""
    if isinstance(v, list):
        return 9, struct.pack("<IQ", typed(v[0])[0], len(v)) + b"".join(typed(x)[1] for x in v)
    if isinstance(v, str):
        return 8, text(v)
    return (6, struct.pack("<f", v)) if isinstance(v, float) else (4, struct.pack("<I", v))


def vocabulary(config):
    """A SentencePiece vocabulary of nothing but names: a folder made of the file must have a tokenizer."""
    pieces = [f"▁t{i}" for i in range(config.vocab_size)]
    return {"tokenizer.ggml.model": "llama", "tokenizer.ggml.tokens": ["<unk>", "<s>", "</s>", *pieces[3:]],
            "tokenizer.ggml.scores": [-float(i) for i in range(config.vocab_size)],
            "tokenizer.ggml.token_type": [2, 3, 3] + [1] * (config.vocab_size - 3),
            "tokenizer.ggml.bos_token_id": config.bos_token_id, "tokenizer.ggml.eos_token_id": config.eos_token_id}


def encode(tensor, kind):
    """The bytes of a tensor, and what a reader gets back."""
    if kind == "Q8_0":  # blocks of 32: a float16 scale, then signed bytes
        blocks = tensor.reshape(-1, 32).numpy()
        scale = (np.abs(blocks).max(1, keepdims=True) / 127).astype(np.float16)
        with np.errstate(divide="ignore", invalid="ignore"):
            codes = np.where(scale > 0, np.round(blocks / scale.astype(np.float32)), 0).clip(-127, 127).astype(np.int8)
        read = torch.from_numpy(codes.astype(np.float32) * scale.astype(np.float32)).reshape(tensor.shape)
        return np.concatenate([scale.view(np.int8), codes], 1).tobytes(), read
    stored = tensor.to({"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}[kind]).contiguous()
    return stored.view(torch.uint8).numpy().tobytes(), stored.float()


def permute(tensor, heads):
    """llama.cpp keeps the two rows of a head that rotate together side by side."""
    return tensor.reshape(heads, 2, tensor.shape[0] // heads // 2, *tensor.shape[1:]).swapaxes(1, 2).reshape(tensor.shape).contiguous()


def frequency_factors(config, head):
    """What rope_freqs.weight of LLaMA-3 holds."""
    rope = config.rope_parameters
    frequencies = 1.0 / (rope["rope_theta"] ** (torch.arange(0, head, 2, dtype=torch.float32) / head))
    length, low, high = rope["original_max_position_embeddings"], rope["low_freq_factor"], rope["high_freq_factor"]
    factors = []
    for wave in (2 * torch.pi / frequencies).tolist():
        smooth = (length / wave - low) / (high - low)
        factors.append(1.0 if wave < length / high else rope["factor"] if wave > length / low
                       else 1 / ((1 - smooth) / rope["factor"] + smooth))
    return torch.tensor(factors, dtype=torch.float32)


def write_gguf(path, model, kind):
    """Returns the state dict of the float32 model that the file holds."""
    c = model.config
    arch = "llama" if c.model_type == "mistral" else c.model_type
    head = getattr(c, "head_dim", None) or c.hidden_size // c.num_attention_heads
    header = {"general.architecture": arch, "general.name": "Tiny", "block_count": c.num_hidden_layers, "embedding_length": c.hidden_size,
              "context_length": c.max_position_embeddings, "feed_forward_length": c.intermediate_size,
              "attention.head_count": c.num_attention_heads, "attention.head_count_kv": c.num_key_value_heads,
              "attention.key_length": head, "attention.value_length": head,
              "attention.layer_norm_rms_epsilon": float(c.rms_norm_eps), "rope.freq_base": float(c.rope_parameters["rope_theta"])}
    header |= vocabulary(c)
    if arch == "llama":
        header |= {"rope.dimension_count": head, "vocab_size": c.vocab_size}
    if c.rope_parameters["rope_type"] == "linear":
        header |= {"rope.scaling.type": "linear", "rope.scaling.factor": float(c.rope_parameters["factor"])}
    if c.model_type == "mistral" and c.sliding_window:
        header["attention.sliding_window"] = c.sliding_window
    tensors, read = [], {}
    for name, tensor in model.state_dict().items():
        module, _, end = name.rpartition(".")
        if name == "lm_head.weight" and c.tie_word_embeddings:
            continue
        if module.startswith("model.layers."):
            number, _, part = module[len("model.layers."):].partition(".")
            theirs = f"blk.{number}.{NAMES[part]}.{end}"
        else:
            theirs = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}[module] + "." + end
        k = kind if tensor.dim() > 1 else "F32"
        data, back = encode(tensor, k)
        heads = {"q_proj": c.num_attention_heads, "k_proj": c.num_key_value_heads}.get(module.rpartition(".")[2])
        if arch == "llama" and heads:
            data, _ = encode(permute(tensor, heads), k)
        elif arch == "gemma" and module.endswith("norm"):
            data, _ = encode(tensor + 1, k)
        read[name] = back
        tensors.append((theirs, list(tensor.shape), TYPES[k], data))
    if c.rope_parameters["rope_type"] == "llama3":
        factors = frequency_factors(c, head)
        tensors.append(("rope_freqs.weight", list(factors.shape), 0, encode(factors, "F32")[0]))
    out = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(header))
    for k, v in header.items():
        kind_number, data = typed(v)
        out += text(k if k.startswith(("general.", "tokenizer.")) else f"{arch}.{k}") + struct.pack("<I", kind_number) + data
    offset = 0
    for name, shape, kind_number, data in tensors:
        out += text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *reversed(shape))
        out += struct.pack("<IQ", kind_number, offset)
        offset += -(-len(data) // 32) * 32
    out += bytes(-len(out) % 32)
    for *_, data in tensors:
        out += data + bytes(-len(data) % 32)
    path.write_bytes(out)
    return read
