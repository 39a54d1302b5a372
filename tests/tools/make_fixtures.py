# SPDX-License-Identifier: GPL-3.0-or-later
"""Small models and what the peers make of them: tests/fixtures/golden, for a checkout without ../shared.

    .deps/peers/bin/python tests/tools/make_fixtures.py [--out tests/fixtures/golden] [--seed 0]

Made with torch 2.11.0 (CPU, one thread), transformers 5.23.0, peft 0.21.2, bitsandbytes 0.50.2; seed 0. The layout is that
of shared/golden, with which the tests compare where it is there; the models are smaller (width 16, 3 layers):

  tiny/NAME      config.json, model.safetensors, golden.safetensors: ids, logits, losses, hidden states, gradients,
                 a padded batch, greedy decoding, by transformers' eager attention in float32
  peft-NAME      batches.safetensors; {pissa,lora}_init, {pissa,lora,full}_run by PEFT and torch's AdamW; pissa_as_lora_peft,
                 PEFT's conversion; info.json: the settings
  eval           gsm8k, math, code, choice, sampling and statistics.json of shared/golden/eval as they are (its scripts/make_eval_*.py, seed 0)
  nf4            matrices with bitsandbytes' codes, absmax, nested statistics and values
Tolerances are the tests'; float32 and float64 of the peers differ by at most 2e-6 in logits.
"""
import argparse
import json
import math
import os
import shutil

import bitsandbytes.functional as F
import peft
import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM, get_cosine_schedule_with_warmup

HERE = os.path.dirname(os.path.abspath(__file__))
WIDTH, LAYERS, VOCABULARY = 16, 3, 64
BASE = dict(hidden_size=WIDTH, num_hidden_layers=LAYERS, vocab_size=VOCABULARY, intermediate_size=44, num_attention_heads=4,
            num_key_value_heads=4, max_position_embeddings=512, rms_norm_eps=1e-5, initializer_range=0.02, use_cache=True,
            attention_dropout=0.0, torch_dtype='float32')
LLAMA = dict(BASE, model_type='llama', architectures=['LlamaForCausalLM'], hidden_act='silu', attention_bias=False, mlp_bias=False,
             tie_word_embeddings=False, rope_theta=10000.0, rope_scaling=None, bos_token_id=1, eos_token_id=2)
MODELS = {
    'llama': LLAMA,
    'llama3-rope-scaled': dict(LLAMA, num_key_value_heads=2, rope_theta=500000.0,
                               rope_scaling=dict(rope_type='llama3', factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                                                 original_max_position_embeddings=64)),
    'mistral-gqa': dict(BASE, model_type='mistral', architectures=['MistralForCausalLM'], hidden_act='silu', num_key_value_heads=2,
                        tie_word_embeddings=False, rope_theta=10000.0, sliding_window=None, bos_token_id=1, eos_token_id=2),
    'gemma': dict(BASE, model_type='gemma', architectures=['GemmaForCausalLM'], hidden_act='gelu_pytorch_tanh', head_dim=8,
                  hidden_activation='gelu_pytorch_tanh', num_key_value_heads=1, rms_norm_eps=1e-6, attention_bias=False,
                  rope_theta=10000.0, pad_token_id=0, eos_token_id=1, bos_token_id=2, tie_word_embeddings=True),
    'qwen2': dict(BASE, model_type='qwen2', architectures=['Qwen2ForCausalLM'], hidden_act='silu', num_key_value_heads=2,
                  rms_norm_eps=1e-6, rope_theta=1000000.0, tie_word_embeddings=True, use_sliding_window=False, sliding_window=32768,
                  max_window_layers=3, bos_token_id=61, eos_token_id=63),
}
MODELS['llama-bias-tied'] = dict(LLAMA, attention_bias=True, mlp_bias=True, tie_word_embeddings=True, num_key_value_heads=2,
                                 rms_norm_eps=1e-6)
MODELS['mistral-swa16'] = dict(MODELS['mistral-gqa'], sliding_window=16)
MODELS['qwen3'] = dict(BASE, model_type='qwen3', architectures=['Qwen3ForCausalLM'], hidden_act='silu', num_key_value_heads=2, head_dim=6,
                       rms_norm_eps=1e-6, attention_bias=False, rope_theta=1000000.0, rope_scaling=None, tie_word_embeddings=True,
                       use_sliding_window=False, sliding_window=None, max_window_layers=3, bos_token_id=61, eos_token_id=63)
REPEAT_THE_HEAD = ('qwen3',)  # tied, and the file holds the head all the same, as Qwen3-0.6B's
WITH_PEFT = ('llama', 'mistral-gqa', 'gemma', 'qwen2', 'qwen3')
TARGETS = 'q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj'
SETTINGS = dict(rank=4, alpha=4, steps=8, batch=4, len=20, lr=2e-4, lr_full=2e-5, warmup=0.03, wd=0.0, clip=0.0, accum=1,
                schedule='cosine', targets=TARGETS)


def weight(shape, gen, first=1.5, decay=0.72):
    """0.02 * normal and a part whose singular values fall geometrically: an SVD of it is well posed."""
    rows, cols = shape
    k = min(20, rows, cols)
    u = torch.linalg.qr(torch.randn(rows, k, generator=gen, dtype=torch.float64))[0]
    v = torch.linalg.qr(torch.randn(cols, k, generator=gen, dtype=torch.float64))[0]
    s = first * decay ** torch.arange(k, dtype=torch.float64)
    return 0.02 * torch.randn(rows, cols, generator=gen, dtype=torch.float64) + (u * s) @ v.T


def load(folder):
    return AutoModelForCausalLM.from_pretrained(folder, attn_implementation='eager', dtype=torch.float32).train()


def save(values, path):
    save_file({name: value.contiguous() for name, value in values.items()}, path)


def write_model(folder, config, gen, repeat_head):
    os.makedirs(folder)
    with open(f'{folder}/config.json', 'w', encoding='utf-8') as file:
        json.dump(config, file, indent=1)
    model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder), attn_implementation='eager', dtype=torch.float32)
    model.tie_weights()
    with torch.no_grad():
        for name, p in model.named_parameters():
            if p.dim() == 1:
                x = torch.randn(p.shape, generator=gen, dtype=torch.float64)
                p.copy_(0.1 * x if name.endswith('bias') or config['model_type'] == 'gemma' else 1 + 0.1 * x)
            else:
                p.copy_(weight(p.shape, gen, 4.0 if 'embed' in name or 'lm_head' in name else 1.5))
    weights = {n: p.detach().clone() for n, p in model.named_parameters()}
    if repeat_head:
        weights['lm_head.weight'] = weights['model.embed_tokens.weight'].clone()
    save_file(weights, f'{folder}/model.safetensors', {'format': 'pt'})


def write_golden(folder, config, gen):
    model = load(folder)
    ids = torch.randint(3, VOCABULARY - 4, (2, 24), generator=gen)
    labels = ids.clone()
    labels[:, :8] = -100
    mask = torch.ones_like(ids)
    mask[1, 17:] = 0  # right padding
    pad = config.get('pad_token_id', config['eos_token_id'])
    padded = {'input_ids': torch.where(mask.bool(), ids, pad), 'labels': torch.where(mask.bool(), labels, -100)}
    out = model(input_ids=ids, labels=labels, output_hidden_states=True, use_cache=False)
    out.loss.backward()
    golden = {'input_ids': ids, 'labels': labels, 'logits': out.logits.detach(), 'loss': out.loss.detach().reshape(1)}
    golden |= {f'hidden.{i}': h.detach() for i, h in enumerate(out.hidden_states)}
    for name, p in model.named_parameters():
        golden['gradnorm.' + name] = p.grad.norm().reshape(1)
    golden['gradnorm.total'] = torch.stack([p.grad.double().norm() for p in model.parameters()]).norm().float().reshape(1)
    for name in ('model.layers.0.self_attn.q_proj.weight', 'model.layers.1.self_attn.k_proj.weight',
                 'model.layers.2.mlp.down_proj.weight', 'model.layers.0.input_layernorm.weight', 'model.norm.weight'):
        golden['grad.' + name] = model.get_parameter(name).grad.clone()
    model.eval()
    with torch.no_grad():
        out = model(**padded, attention_mask=mask, use_cache=False)
        golden |= {'padded.input_ids': padded['input_ids'], 'padded.labels': padded['labels'], 'padded.attention_mask': mask,
                   'padded.logits': out.logits, 'padded.loss': out.loss.reshape(1)}
        text = ids[:1, :10]
        for _ in range(16):
            text = torch.cat([text, model(input_ids=text, use_cache=False).logits[:, -1:].argmax(-1)], 1)
        golden['greedy'] = text
        exact = model.double()(input_ids=ids, use_cache=False).logits
    save(golden, f'{folder}/golden.safetensors')
    return (golden['logits'] - exact).abs().max().item()


def batches_of(config, gen, settings):
    count = settings['steps'] * settings['accum']
    shape = (count, settings['batch'], settings['len'])
    ids = torch.randint(3, VOCABULARY - 4, shape, generator=gen)
    mask = torch.zeros(shape, dtype=torch.long)
    labels = ids.clone()
    for step in range(count):
        for row in range(settings['batch']):
            length = int(torch.randint(settings['len'] // 2, settings['len'] + 1, (1,), generator=gen))
            mask[step, row, :length] = 1
            labels[step, row, :settings['len'] // 4 + 1] = -100
    labels[mask == 0] = -100
    ids[mask == 0] = config.get('pad_token_id', config['eos_token_id'])
    return {'input_ids': ids, 'labels': labels, 'attention_mask': mask}


def train(model, lr, batches, settings):
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=settings['wd'])
    schedule = get_cosine_schedule_with_warmup(optimizer, math.ceil(settings['steps'] * settings['warmup']), settings['steps'])
    out = {'loss': [], 'grad_norm': [], 'lr': []}
    for step in range(settings['steps']):
        micro = [{n: v[step * settings['accum'] + k] for n, v in batches.items()} for k in range(settings['accum'])]
        counted = [(x['labels'][:, 1:] != -100).sum().item() for x in micro]
        total = 0.0
        for x, n in zip(micro, counted):  # each counted token of the step weighs the same
            loss = model(**x, use_cache=False).loss
            (loss * (n / sum(counted))).backward()
            total += loss.item() * n / sum(counted)
        out['loss'].append(total)
        out['grad_norm'].append(torch.stack([p.grad.norm() for p in trained if p.grad is not None]).norm().item())
        if settings['clip']:
            torch.nn.utils.clip_grad_norm_(trained, settings['clip'])
        out['lr'].append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    return {name: torch.tensor(values, dtype=torch.float64) for name, values in out.items()}


def short(name):
    return name.replace('base_model.model.', '').replace('.default.weight', '').replace('.base_layer.weight', '')


def adapters(model):
    return {short(n): p.detach().clone() for n, p in model.named_parameters() if 'lora_' in n}


def write_peft(folder, model_folder, config, gen, seed, settings):
    os.makedirs(folder)

    def adapted(init):
        torch.manual_seed(seed)
        return peft.get_peft_model(load(model_folder), peft.LoraConfig(
            r=settings['rank'], lora_alpha=settings['alpha'], lora_dropout=0.0, target_modules=TARGETS.split(','),
            init_lora_weights=init, task_type='CAUSAL_LM'))

    batches = batches_of(config, gen, settings)
    save(batches, f'{folder}/batches.safetensors')
    model = adapted('pissa')
    start = adapters(model)
    for name, p in model.named_parameters():
        if name.endswith('base_layer.weight'):
            start[short(name) + '.residual'] = p.detach().clone()
    for name, p in load(model_folder).named_parameters():
        if name.endswith('.weight') and name.split('.')[-2] in TARGETS.split(','):
            start[name.removesuffix('.weight') + '.singular_values'] = torch.linalg.svdvals(p.detach().double())
    save(start, f'{folder}/pissa_init.safetensors')
    scratch = f'{folder}/start'
    model.peft_config['default'].init_lora_weights = True  # as PEFT's documentation saves the initial adapter
    model.save_pretrained(scratch)
    save(train(model, settings['lr'], batches, settings), f'{folder}/pissa_run.safetensors')
    model.peft_config['default'].init_lora_weights = 'pissa'
    model.save_pretrained(f'{folder}/pissa_as_lora_peft', path_initial_model_for_weight_conversion=scratch)
    shutil.rmtree(scratch)
    os.remove(f'{folder}/pissa_as_lora_peft/README.md')
    path = f'{folder}/pissa_as_lora_peft/adapter_config.json'
    with open(path, encoding='utf-8') as file:
        lora = json.load(file)
    lora['base_model_name_or_path'] = os.path.basename(model_folder)  # not where it was made
    with open(path, 'w', encoding='utf-8') as file:
        json.dump(lora, file, indent=1)
    model = adapted(True)
    save(adapters(model), f'{folder}/lora_init.safetensors')
    save(train(model, settings['lr'], batches, settings), f'{folder}/lora_run.safetensors')
    save(train(load(model_folder), settings['lr_full'], batches, settings), f'{folder}/full_run.safetensors')
    with open(f'{folder}/info.json', 'w', encoding='utf-8') as file:
        json.dump({'settings': settings, 'peft': peft.__version__}, file, indent=1)


# Columns are whole blocks, or no multiple of 32: between (96) bitsandbytes 0.50.2 dequantizes on the CPU by other absmax
# values than it quantized with.
def four_bit_matrices(gen):
    def normal(*shape):
        return torch.randn(*shape, generator=gen)

    def student(rows, cols, df=3):
        return 0.02 * normal(rows, cols) / (sum(normal(rows, cols) ** 2 for _ in range(df)) / df).sqrt()

    u, v = torch.linalg.qr(normal(24, 24))[0], torch.linalg.qr(normal(64, 24))[0]
    zero = 0.02 * normal(16, 128)
    zero[5] = 0
    zero[9, :64] = 0
    code = F.get_4bit_type('nf4', device='cpu')
    ties = torch.cat([code, (code[1:] + code[:-1]) / 2, torch.linspace(-1, 1, 481)])
    ties = ties.view(8, 64).contiguous()
    ties[:, 0] = 1.0  # absmax 1 in each block: code points, halves between them, a sweep
    return {'normal': 0.02 * normal(24, 128), 'heavy': student(24, 128),
            'decaying': (u * (2.0 * torch.arange(1, 25) ** -0.8)) @ v.T + 0.01 * normal(24, 64), 'zero-row': zero,
            'odd-7x37': 0.02 * normal(7, 37),  # the last block is short, the last byte half used
            'odd-30x50': 0.02 * normal(30, 50), 'one-block': 0.02 * normal(8, 8),
            'tall-1024x65': 0.05 * normal(280, 65),  # more than one group of double quantization, the last one short
            'normal-bf16': (0.02 * normal(16, 128)).bfloat16(), 'heavy-bf16': student(16, 128).bfloat16(),
            'codepoints-and-midpoints': ties}


def write_four_bit(folder, gen):
    os.makedirs(folder)
    golden = {'nf4_code': F.get_4bit_type('nf4', device='cpu').clone(), 'dynamic_code': F.create_dynamic_map().float().clone()}
    for name, w in four_bit_matrices(gen).items():
        codes, plain = F.quantize_4bit(w, blocksize=64, quant_type='nf4', compress_statistics=False)
        again, nested = F.quantize_4bit(w, blocksize=64, quant_type='nf4', compress_statistics=True)
        assert torch.equal(codes, again)
        each = torch.stack([codes.view(-1) >> 4, codes.view(-1) & 15], 1).view(-1)[:w.numel()].long()
        by_hand = golden['nf4_code'][each] * plain.absmax.repeat_interleave(64)[:w.numel()]
        assert torch.equal(by_hand.view(w.shape).to(w.dtype), F.dequantize_4bit(codes, plain)), name
        golden |= {f'{name}.W': w, f'{name}.codes': codes, f'{name}.absmax': plain.absmax,
                   f'{name}.dequant': F.dequantize_4bit(codes, plain), f'{name}.dq.absmax_q': nested.absmax,
                   f'{name}.dq.absmax2': nested.state2.absmax, f'{name}.dq.offset': nested.offset.reshape(1),
                   f'{name}.dq.dequant': F.dequantize_4bit(again, nested)}
    save(golden, f'{folder}/nf4.safetensors')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--out', default=os.path.join(HERE, '..', 'fixtures', 'golden'))
    parser.add_argument('--seed', type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    shutil.rmtree(options.out, ignore_errors=True)
    for i, (name, config) in enumerate(MODELS.items()):
        gen = torch.Generator().manual_seed(1000 * options.seed + i)
        folder = f'{options.out}/tiny/{name}'
        write_model(folder, config, gen, name in REPEAT_THE_HEAD)
        print(f'{name}: float32 and float64 logits differ by {write_golden(folder, config, gen):.1e}')
        if name in WITH_PEFT:
            write_peft(f'{options.out}/peft-{name}', folder, config, gen, options.seed, SETTINGS)
        if name == 'llama':
            write_peft(f'{options.out}/peft-llama-accum', folder, config, gen, options.seed,
                       dict(SETTINGS, accum=4, clip=1.0, wd=0.01, batch=2))
    write_four_bit(f'{options.out}/nf4', torch.Generator().manual_seed(options.seed))
    for folder, _, files in os.walk(options.out):
        for file in files:
            os.chmod(os.path.join(folder, file), 0o644)


main()
