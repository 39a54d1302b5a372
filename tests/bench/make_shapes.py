# SPDX-License-Identifier: GPL-3.0-or-later
"""A LLaMA-2-7B-shaped folder of noise in bfloat16: 4096 wide, 11008 in the MLP.   make_shapes.py FOLDER LAYERS

What memory and time of a 7B model are, without its 13.5 GB to fetch. The same 128 MB of noise fill every tensor, from
another place each time, so that writing it takes seconds a layer.
"""
import json
import pathlib
import random
import struct
import sys

WIDTH, FFN, VOCABULARY, SHARD = 4096, 11008, 32000, 4 * 10 ** 9


def noise(size):
    """bfloat16 bytes of values between -0.04 and 0.04: random sign and mantissa, exponents of small numbers."""
    generator = random.Random(0)
    low = generator.randbytes(size // 2)
    high = bytes((0x3C if byte & 1 else 0xBC) for byte in generator.randbytes(size // 2))
    mixed = bytearray(size)
    mixed[0::2], mixed[1::2] = low, high
    return bytes(mixed)


def tensors(layers):
    yield 'model.embed_tokens.weight', [VOCABULARY, WIDTH]
    for i in range(layers):
        for name in ('q_proj', 'k_proj', 'v_proj', 'o_proj'):
            yield f'model.layers.{i}.self_attn.{name}.weight', [WIDTH, WIDTH]
        for name, shape in (('gate_proj', [FFN, WIDTH]), ('up_proj', [FFN, WIDTH]), ('down_proj', [WIDTH, FFN])):
            yield f'model.layers.{i}.mlp.{name}.weight', shape
        for name in ('input_layernorm', 'post_attention_layernorm'):
            yield f'model.layers.{i}.{name}.weight', [WIDTH]
    yield 'model.norm.weight', [WIDTH]
    yield 'lm_head.weight', [VOCABULARY, WIDTH]


def sized(layers):
    for name, shape in tensors(layers):
        size = 2
        for side in shape:
            size *= side
        yield name, shape, size


def shards_of(layers):
    shards, total = [[]], 0
    for name, shape, size in sized(layers):
        if total + size > SHARD:
            shards.append([])
            total = 0
        shards[-1].append((name, shape, size))
        total += size
    return shards


def main():
    folder, layers = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'config.json').write_text(json.dumps({
        'architectures': ['LlamaForCausalLM'], 'model_type': 'llama', 'hidden_size': WIDTH, 'intermediate_size': FFN,
        'num_hidden_layers': layers, 'num_attention_heads': 32, 'num_key_value_heads': 32, 'vocab_size': VOCABULARY,
        'max_position_embeddings': 4096, 'rms_norm_eps': 1e-5, 'rope_theta': 10000.0, 'hidden_act': 'silu',
        'tie_word_embeddings': False, 'torch_dtype': 'bfloat16'}))
    filling = noise(128 << 20)
    weights, start = {}, 0
    shards = shards_of(layers)
    for i, shard in enumerate(shards):
        name = f'model-{i + 1:05d}-of-{len(shards):05d}.safetensors'
        header, offset = {}, 0
        for tensor, shape, size in shard:
            header[tensor] = {'dtype': 'BF16', 'shape': shape, 'data_offsets': [offset, offset + size]}
            weights[tensor] = name
            offset += size
        text = json.dumps(header).encode()
        text += b' ' * (-len(text) % 8)
        with open(folder / name, 'wb') as file:
            file.write(struct.pack('<Q', len(text)) + text)
            for _, _, size in shard:
                start = (start + 2 * 7919) % (1 << 20)
                at = start
                while size > 0:
                    part = filling[at:at + size]
                    file.write(part)
                    size -= len(part)
                    at = 0
    (folder / 'model.safetensors.index.json').write_text(json.dumps({'weight_map': weights}))


main()
