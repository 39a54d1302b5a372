# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations of tiny models, a case for each way in which published models differ.

A case says what config.json holds and how the weights are stored. `wrong` is what a program would compute that
misreads the option: the same weights under these values must give other logits, else the case proves nothing.
"""
import dataclasses

SIZES = dict(hidden_size=64, num_hidden_layers=3, vocab_size=256, intermediate_size=96, num_attention_heads=4)
LLAMA = dict(SIZES, model_type="llama", architectures=["LlamaForCausalLM"], hidden_act="silu", bos_token_id=1, eos_token_id=2,
             num_key_value_heads=4, max_position_embeddings=512, rms_norm_eps=1e-5, rope_theta=10000.0, torch_dtype="float32",
             tie_word_embeddings=False)
MISTRAL = dict(LLAMA, model_type="mistral", architectures=["MistralForCausalLM"], num_key_value_heads=2, sliding_window=None)
GEMMA = dict(SIZES, model_type="gemma", architectures=["GemmaForCausalLM"], hidden_act="gelu", hidden_activation=None, bos_token_id=2,
             eos_token_id=1, pad_token_id=0, num_key_value_heads=1, head_dim=32, max_position_embeddings=512, rms_norm_eps=1e-6,
             rope_theta=10000.0, torch_dtype="float32")
QWEN2 = dict(SIZES, model_type="qwen2", architectures=["Qwen2ForCausalLM"], hidden_act="silu", bos_token_id=3, eos_token_id=5,
             num_key_value_heads=2, max_position_embeddings=512, rms_norm_eps=1e-6, rope_theta=1000000.0, tie_word_embeddings=False,
             torch_dtype="float32", use_sliding_window=False, sliding_window=16, max_window_layers=3)
QWEN3 = dict(QWEN2, model_type="qwen3", architectures=["Qwen3ForCausalLM"], head_dim=24, attention_bias=False, tie_word_embeddings=True,
             sliding_window=None)
SMOLLM2 = dict(LLAMA, hidden_size=144, intermediate_size=192, num_attention_heads=9, num_key_value_heads=3, rope_theta=100000.0,
               tie_word_embeddings=True, pad_token_id=2)


def llama3(factor=8.0, original=64, **more):
    return dict(factor=factor, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=original, rope_type="llama3", **more)


def without(config, *keys):
    return {k: v for k, v in config.items() if k not in keys}


NO_ROPE = dict(rope_scaling=None, rope_theta=10000.0, rope_parameters=None)


@dataclasses.dataclass
class Case:
    name: str
    config: dict  # of config.json, as published models write it
    wrong: dict | None = None  # None: nothing to mistake
    tokens: int = 32
    stored: str = "float32"
    shards: bool = False
    newer: bool = False  # config.json as transformers 5 itself writes it
    gguf: str = ""  # a GGUF file with matrices of this type instead of a folder
    gate: float = 1.0  # factor of gate_proj: both forms of GELU differ by little where the input is small
    extra: str = ""  # what else the file holds: "head", "another head" (both of a tied model), "buffers" (rotary_emb.inv_freq)


CASES = [
    # LLaMA
    Case("llama 1: no key for heads of keys, rotary base", without(LLAMA, "num_key_value_heads", "rope_theta", "tie_word_embeddings")
         | dict(rms_norm_eps=1e-6, pad_token_id=-1, max_position_embeddings=2048), dict(rope_theta=500000.0), extra="buffers"),
    Case("llama 2: groups of 4, float16", LLAMA | dict(num_attention_heads=8, num_key_value_heads=2, torch_dtype="float16"),
         dict(rms_norm_eps=1e-4), stored="float16"),
    Case("llama 3: rope_type llama3, 300 tokens", LLAMA | dict(num_key_value_heads=1, rope_theta=500000.0, rope_scaling=llama3()),
         dict(rope_scaling=None), tokens=300),
    Case("llama 3: rope_parameters, 300 tokens", without(LLAMA, "rope_theta", "torch_dtype")
         | dict(dtype="float32", rope_parameters=llama3(32.0, rope_theta=500000.0), tie_word_embeddings=True, head_dim=16),
         dict(rope_parameters=dict(rope_type="default", rope_theta=500000.0)), tokens=300),
    Case("llama 3: written by transformers 5", LLAMA | dict(rope_theta=500000.0, rope_scaling=llama3()), NO_ROPE, tokens=100, newer=True),
    Case("llama 3: original length absent", LLAMA | dict(max_position_embeddings=48, rope_scaling=without(llama3(), "original_max_position_embeddings")),
         dict(rope_scaling=llama3(original=64)), tokens=100),
    Case("llama 3: original length outside", LLAMA | dict(original_max_position_embeddings=32, rope_scaling=llama3(original=64)),
         dict(rope_scaling=llama3(original=512), original_max_position_embeddings=512), tokens=100),
    Case("llama: type linear", LLAMA | dict(rope_scaling=dict(type="linear", factor=2.0)), dict(rope_scaling=None), tokens=100),
    Case("llama: rope_type linear, whole factor", LLAMA | dict(rope_scaling=dict(rope_type="linear", factor=4)), dict(rope_scaling=None)),
    Case("llama: linear in rope_parameters", without(LLAMA, "rope_theta") | dict(rope_parameters=dict(
        rope_type="linear", factor=2.5, rope_theta=20000.0)), dict(rope_parameters=dict(rope_type="default", rope_theta=20000.0))),
    Case("llama: scaling before parameters", LLAMA | dict(rope_scaling=dict(type="linear", factor=2.0),
                                                          rope_parameters=dict(rope_type="default", rope_theta=77.0)),
         dict(rope_scaling=None)),
    Case("llama: empty rope_scaling", LLAMA | dict(rope_scaling={}, rope_theta=5000.0), dict(rope_theta=10000.0)),
    Case("llama: attention_bias", LLAMA | dict(attention_bias=True), dict(attention_bias=False)),
    Case("llama: mlp_bias", LLAMA | dict(mlp_bias=True), dict(mlp_bias=False)),
    Case("llama: all biases, 2 groups, tied", LLAMA | dict(attention_bias=True, mlp_bias=True, num_key_value_heads=2, tie_word_embeddings=True),
         dict(attention_bias=False)),
    Case("llama: tied, one key head", LLAMA | dict(tie_word_embeddings=True, num_key_value_heads=1), dict(rope_theta=1000.0)),
    Case("llama: tied, head stored too", LLAMA | dict(tie_word_embeddings=True), dict(rope_theta=1000.0), extra="head"),
    Case("llama: tied, another head stored", LLAMA | dict(tie_word_embeddings=True), dict(rope_theta=1000.0), extra="another head"),
    Case("llama: head_dim 24 of 64/4", LLAMA | dict(head_dim=24, num_key_value_heads=2), dict(rope_theta=1000.0)),
    Case("llama: head_dim 8 of 64/4", LLAMA | dict(head_dim=8), dict(rope_theta=1000.0)),
    Case("llama: head_dim null, keys null", LLAMA | dict(head_dim=None, num_key_value_heads=None), dict(rope_theta=1000.0)),
    Case("llama: eps 1e-3", LLAMA | dict(rms_norm_eps=1e-3), dict(rms_norm_eps=1e-5)),
    Case("llama: eps absent", without(LLAMA, "rms_norm_eps"), dict(rms_norm_eps=1e-5)),
    Case("llama: gelu", LLAMA | dict(hidden_act="gelu"), dict(hidden_act="silu")),
    Case("llama: gelu_pytorch_tanh", LLAMA | dict(hidden_act="gelu_pytorch_tanh"), dict(hidden_act="gelu"), gate=2),
    Case("llama: dtype over torch_dtype, bfloat16", LLAMA | dict(dtype="bfloat16", torch_dtype="float16"), dict(rms_norm_eps=1e-4),
         stored="bfloat16"),
    Case("llama: shards", LLAMA | dict(num_hidden_layers=4), dict(num_hidden_layers=3), shards=True),
    Case("llama: five layers, odd widths", LLAMA | dict(num_hidden_layers=5, hidden_size=42, num_attention_heads=3, num_key_value_heads=3,
                                                        intermediate_size=53, vocab_size=131), dict(num_hidden_layers=4)),
    Case("smollm2: 9 heads, 3 of keys, tied, bfloat16", SMOLLM2 | dict(torch_dtype="bfloat16"), dict(rope_theta=10000.0), stored="bfloat16"),
    Case("smollm2: written by transformers 5, shards", SMOLLM2, dict(rope_theta=10000.0, rope_parameters=None), shards=True, newer=True),
    # Mistral
    Case("mistral: window 8", MISTRAL | dict(sliding_window=8), dict(sliding_window=9)),
    Case("mistral: window 1", MISTRAL | dict(sliding_window=1), dict(sliding_window=2)),
    Case("mistral: window 31 of 32 tokens", MISTRAL | dict(sliding_window=31), dict(sliding_window=None)),
    Case("mistral: window null, theta 1e6", MISTRAL | dict(rope_theta=1000000.0), dict(sliding_window=16)),
    Case("mistral: window absent", without(MISTRAL, "sliding_window"), dict(sliding_window=16)),
    Case("mistral: head_dim 24, window 100 of 300", MISTRAL | dict(head_dim=24, sliding_window=100, rope_theta=1000000.0),
         dict(sliding_window=None), tokens=300),
    Case("mistral: keys absent, 8 of 16 heads", without(MISTRAL, "num_key_value_heads") | dict(num_attention_heads=16), dict(rope_theta=1000.0)),
    Case("mistral: one key head, linear, tied", MISTRAL | dict(num_key_value_heads=1, tie_word_embeddings=True,
                                                               rope_scaling=dict(type="linear", factor=2.0)), dict(rope_scaling=None)),
    Case("mistral: v5, window 5, bfloat16, shards", MISTRAL | dict(sliding_window=5), dict(sliding_window=6), stored="bfloat16", shards=True,
         newer=True),
    # Gemma
    Case("gemma: gelu means tanh, activation null", GEMMA, dict(hidden_act="gelu_python"), gate=2),
    Case("gemma: activation absent", without(GEMMA, "hidden_activation") | dict(hidden_act="gelu_pytorch_tanh"), dict(hidden_act="silu")),
    Case("gemma: both absent", without(GEMMA, "hidden_activation", "hidden_act"), dict(hidden_act="silu")),
    Case("gemma: hidden_act goes before", GEMMA | dict(hidden_act="silu", hidden_activation="gelu_pytorch_tanh"), dict(hidden_act="gelu")),
    Case("gemma: hidden_activation alone", without(GEMMA, "hidden_act") | dict(hidden_activation="silu"), dict(hidden_act="silu")),
    Case("gemma: untied, 2 key heads, biases", GEMMA | dict(tie_word_embeddings=False, num_key_value_heads=2, attention_bias=True),
         dict(attention_bias=False)),
    Case("gemma: head_dim 8, eps 1e-3, float16", GEMMA | dict(head_dim=8, rms_norm_eps=1e-3, torch_dtype="float16"), dict(rms_norm_eps=1e-6),
         stored="float16"),
    Case("gemma: v5, bfloat16, shards", GEMMA | dict(hidden_size=80), dict(hidden_act="silu"), stored="bfloat16", shards=True, newer=True),
    Case("gemma: 300 tokens, theta 1000", GEMMA | dict(rope_theta=1000.0), dict(rope_theta=10000.0), tokens=300),
    # Qwen2
    Case("qwen2: untied", QWEN2, dict(rope_theta=10000.0)),
    Case("qwen2: tied, one key head", QWEN2 | dict(tie_word_embeddings=True, num_key_value_heads=1), dict(rope_theta=10000.0)),
    Case("qwen2: window 8 from layer 1", QWEN2 | dict(use_sliding_window=True, sliding_window=8, max_window_layers=1),
         dict(max_window_layers=0)),
    Case("qwen2: window 8 in all layers", QWEN2 | dict(use_sliding_window=True, sliding_window=8, max_window_layers=0),
         dict(max_window_layers=1)),
    Case("qwen2: window switched off", QWEN2 | dict(sliding_window=8, max_window_layers=0), dict(use_sliding_window=True)),
    Case("qwen2: max_window_layers absent", without(QWEN2, "max_window_layers") | dict(use_sliding_window=True, sliding_window=8),
         dict(max_window_layers=0)),
    Case("qwen2: v5, layer_types, window 8 from layer 2", QWEN2 | dict(use_sliding_window=True, sliding_window=8, max_window_layers=2),
         dict(sliding_window=9), newer=True),
    Case("qwen2: layer_types in turns", QWEN2 | dict(use_sliding_window=True, sliding_window=8, layer_types=[
        "sliding_attention", "full_attention", "sliding_attention"]), dict(layer_types=["full_attention", "sliding_attention", "sliding_attention"])),
    Case("qwen2: head_dim 24", QWEN2 | dict(head_dim=24), dict(rope_theta=10000.0)),
    Case("qwen2: linear, shards, bfloat16", QWEN2 | dict(rope_scaling=dict(rope_type="linear", factor=3.0), torch_dtype="bfloat16"),
         dict(rope_scaling=None), stored="bfloat16", shards=True),
    # The same as GGUF files
    Case("gguf llama: groups, F32", LLAMA | dict(num_key_value_heads=2), dict(rms_norm_eps=1e-4), gguf="F32"),
    Case("gguf llama: rope_freqs, tied, 300 tokens, F16", LLAMA | dict(rope_theta=500000.0, rope_scaling=llama3(), tie_word_embeddings=True),
         dict(rope_scaling=None), tokens=300, gguf="F16"),
    Case("gguf llama: linear, biases, BF16", LLAMA | dict(attention_bias=True, mlp_bias=True, num_key_value_heads=1, rope_scaling=dict(
        type="linear", factor=2.0)), dict(rope_scaling=None), gguf="BF16"),
    Case("gguf smollm2: Q8_0", SMOLLM2 | dict(hidden_size=288), dict(rope_theta=10000.0), gguf="Q8_0"),
    Case("gguf mistral: head_dim 24, window 8", MISTRAL | dict(head_dim=24, sliding_window=8), dict(sliding_window=9), gguf="F32"),
    Case("gguf gemma: F16", GEMMA | dict(num_key_value_heads=2), dict(hidden_act="silu"), gguf="F16"),
    Case("gguf qwen2: tied, Q8_0", QWEN2 | dict(tie_word_embeddings=True), dict(rope_theta=10000.0), gguf="Q8_0"),
    # Qwen3
    Case("qwen3: tied, head stored too, head_dim 24 of 64/4", QWEN3, dict(rms_norm_eps=1e-2), extra="head"),
    Case("qwen3: head_dim absent", without(QWEN3, "head_dim", "num_key_value_heads") | dict(num_attention_heads=32), dict(rope_theta=10000.0)),
    Case("qwen3: untied, one key head, biases, bfloat16", QWEN3 | dict(tie_word_embeddings=False, num_key_value_heads=1, attention_bias=True),
         dict(attention_bias=False), stored="bfloat16"),
    Case("qwen3: window 8 from layer 1", QWEN3 | dict(use_sliding_window=True, sliding_window=8, max_window_layers=1), dict(max_window_layers=0)),
    Case("qwen3: v5, layer_types in turns, shards", QWEN3 | dict(use_sliding_window=True, sliding_window=8, layer_types=[
        "sliding_attention", "full_attention", "sliding_attention"]), dict(layer_types=["full_attention", "sliding_attention", "sliding_attention"]),
         shards=True, newer=True),
    Case("qwen3: linear, 300 tokens", QWEN3 | dict(rope_scaling=dict(rope_type="linear", factor=3.0)), dict(rope_scaling=None, rope_parameters=None),
         tokens=300),
    Case("gguf qwen3: head_dim 24, tied, F32", QWEN3, dict(rope_theta=10000.0), gguf="F32"),
    Case("gguf qwen3: untied, Q8_0", QWEN3 | dict(tie_word_embeddings=False, head_dim=32), dict(rope_theta=10000.0), gguf="Q8_0"),
]
