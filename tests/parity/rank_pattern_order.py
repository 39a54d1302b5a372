#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What PEFT gives each module where several keys of a pattern match: the rows of core.rank_pattern takesTheFirstKeyAsPeft.

    .deps/peers/bin/python tests/parity/rank_pattern_order.py
"""
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

MAPS = [
    ({"q_proj": 2, "layers.0.self_attn.q_proj": 6}, {}),
    ({"layers.0.self_attn.q_proj": 6, "q_proj": 2}, {}),
    ({"q_proj": 2, "model.layers.1.self_attn.q_proj": 5}, {}),
    ({"model.layers.1.self_attn.q_proj": 5, "q_proj": 2}, {}),
    ({"layers.2.self_attn.v_proj": 3, r".*\.[12]\..*": 4, "v_proj": 7}, {}),
    ({"z": 1, "q_proj": 2}, {"q_proj": 4, "^model.layers.1.*": 6, "v_proj": 1}),
]

for ranks, alphas in MAPS:
    model = LlamaForCausalLM(LlamaConfig(
        hidden_size=64, intermediate_size=64, num_hidden_layers=3, num_attention_heads=4, vocab_size=32))
    config = LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"], rank_pattern=ranks, alpha_pattern=alphas)
    layers = get_peft_model(model, config).base_model.model.model.layers
    found = [getattr(layer.self_attn, kind) for kind in ("q_proj", "v_proj") for layer in layers]
    print([one.r["default"] for one in found], [one.lora_alpha["default"] for one in found])
