# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs Pissarro and PEFT + transformers alternately on the same batches and prints a Markdown table of both.

SmolLM2-135M, bfloat16 base, float32 adapters, r = 16, alpha = 16, all 7 modules, batch 8 of at most 256 tokens, AdamW
2e-4, real GSM8K rows where ../shared/data is there and the demo data otherwise. This process never imports torch: every
program measured is a child, whose peak resident set the kernel reports when it ends (wait4).
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CLI = ROOT / 'build/release/app/pissarro-cli'
GUI = ROOT / 'build/release/tests/bench_gui'
LIBRARY = ROOT / 'build/release/tests/bench_library'
MODELS = ROOT / 'build/release/tests/bench_models'
QUANT = ROOT / 'build/release/tests/bench_quant'
CHAT = ROOT / 'build/release/tests/bench_chat'
TINY = ROOT.parent / 'shared/golden/tiny/llama'
PARTS = ('machine', 'train', 'full', 'four-bit', 'generate', 'voices', 'chat', 'init', 'spectra', 'large', 'quant',
         'gui')
EXTRA = ('stream',)  # minutes, and gigabytes on disk: only when asked for


class Child:
    """A program that ended: seconds, peak bytes and what it printed."""

    def __init__(self, command, **environment):
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            start = time.monotonic()
            process = subprocess.Popen([str(part) for part in command], stdout=out, stderr=err,
                                       env=dict(os.environ, **{k: str(v) for k, v in environment.items()}))
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.seconds = time.monotonic() - start
            self.peak = usage.ru_maxrss * 1024
            out.seek(0)
            err.seek(0)
            self.out = out.read().decode()
            if process.returncode != 0:
                sys.exit(f'error: {" ".join(map(str, command))}: exit {process.returncode}\n{err.read().decode()[-2000:]}')

    def json(self):
        return json.loads(self.out)


def say(text):
    print(text, file=sys.stderr, flush=True)


def table(title, head, rows):
    print(f'\n### {title}\n\n| ' + ' | '.join(head) + ' |\n|' + ' --- |' * len(head))
    for row in rows:
        print('| ' + ' | '.join(str(cell) for cell in row) + ' |')
    sys.stdout.flush()


def python(script, *arguments, **environment):
    return Child([sys.executable, HERE / script, *arguments], TOKENIZERS_PARALLELISM='false', HF_HUB_OFFLINE=1, **environment)


def median(values):
    return statistics.median(values)


def safetensors_sizes(file):
    with open(file, 'rb') as stream:
        header = json.loads(stream.read(int.from_bytes(stream.read(8), 'little')))
    return {name: one['data_offsets'][1] - one['data_offsets'][0] for name, one in header.items() if name != '__metadata__'}


def loss_table(title, peer, theirs, ours):
    table(title, ['step', peer, 'Pissarro', 'difference'],
          [[i + 1, f'{a:.5f}', f'{b:.5f}', f'{b - a:+.5f}'] for i, (a, b) in enumerate(zip(theirs, ours))])


def data_file():
    real = ROOT.parent / 'shared/data/gsm8k_train.jsonl'
    if real.exists():
        return real
    demo = sorted((ROOT / 'resources/demo').glob('*.json*'))
    return demo[0] if demo else sys.exit('error: no data: neither ../shared/data nor resources/demo is there')


def demo_model():
    files = sorted((ROOT / '.deps/model').glob('*.gguf'))
    return files[0] if files else sys.exit('error: no model below .deps/model: ./dev setup fetches it')


class Bench:
    def __init__(self, options, work):
        self.options = options
        self.work = work
        self.model = work / 'model'
        self.repeats = 1 if options.quick else 3
        self.steps = options.steps or (3 if options.quick else 6)
        self.warm = 1 if options.quick else 2

    def prepare(self):
        """The weights as a Hugging Face folder that both programs read, and the batches of both."""
        say('making the model folder and the batches')
        Child([CLI, 'init', demo_model(), '--method', 'lora', '--rank', 1, '--copy-base', '--force', '-o', self.model])
        self.batches = self.work / 'batches.safetensors'
        python('make_batches.py', self.model, data_file(), self.batches, self.steps)

    def machine(self):
        peaks = python('machine.py').json()
        table('The machine', ['what', 'figure'], [
            ['cores', os.cpu_count()],
            ['matrix product 2048³, float32', f'{peaks["float32_gflops"]:,.0f} GFLOP/s'],
            ['matrix product 2048³, bfloat16', f'{peaks["bfloat16_gflops"]:,.0f} GFLOP/s'],
            ['copy bandwidth', f'{peaks["copy_gb_per_s"]:.1f} GB/s']])

    def ours_train(self, method, dtype, *flags):
        run = self.work / 'run'
        shutil.rmtree(run, ignore_errors=True)
        adapters = [] if method == 'full' else ['--rank', 16, '--alpha', 16]
        child = Child([CLI, 'train', '--model', self.model, '--batches', self.batches, '--method', method, *adapters,
                       '--lr', self.rate(method), '--schedule', 'constant', '--warmup-ratio', 0,
                       '--steps', self.steps, '--dtype', dtype, *flags, '--force', '-o', run, '--json'])
        lines = [json.loads(line) for line in (run / 'metrics.jsonl').read_text().splitlines()]
        return {'losses': [line['loss'] for line in lines], 'ends': [line['elapsed_s'] for line in lines], 'peak': child.peak}

    @staticmethod
    def rate(method):
        return '2e-5' if method.startswith('full') else '2e-4'

    def peers_train(self, method, dtype, model=None):
        child = python('peft_train.py', model or self.model, self.batches, method, self.steps, dtype, self.rate(method))
        return dict(child.json(), peak=child.peak)

    def train(self):
        self.train_beside(self.options.method, 'bfloat16', 'PEFT')

    def full(self):
        for dtype in ('bfloat16', 'float32'):
            ours = self.train_beside('full', dtype, 'transformers')
            if dtype == 'bfloat16':  # that peer's masters are bfloat16, ours are float32
                masters = self.peers_train('full-masters', dtype)
                loss_table('Losses beside float32 masters', 'torch, float32 masters', masters['losses'], ours)

    def train_beside(self, method, dtype, peer):
        sizes = json.loads((self.work / 'batches.json').read_text())
        counted = range(self.warm, self.steps)
        real = sum(sizes['real'][i] for i in counted)
        padded = sum(sizes['padded'][i] for i in counted)
        results = {'Pissarro': [], peer: []}
        for repeat in range(self.repeats):
            say(f'training {method} {dtype}, round {repeat + 1} of {self.repeats}: {peer}')
            results[peer].append(self.peers_train(method, dtype))
            say(f'training {method} {dtype}, round {repeat + 1} of {self.repeats}: Pissarro')
            results['Pissarro'].append(self.ours_train(method, dtype))
        rows, figures = [], {}
        for name, runs in results.items():
            seconds = median([run['ends'][-1] - run['ends'][self.warm - 1] for run in runs])
            figures[name] = (padded / seconds, real / seconds, median([run['peak'] for run in runs]))
            rows.append([name, f'{padded / seconds:,.0f}', f'{real / seconds:,.0f}', f'{figures[name][2] / 1e9:.2f} GB'])
        ours, peers = figures['Pissarro'], figures[peer]
        rows.append(['ratio', *(f'**{ours[i] / peers[i]:.2f}×**' for i in range(3))])
        table(f'Training, {method}, {dtype}, {self.steps} steps, the first {self.warm} not counted, '
              f'median of {self.repeats}', ['program', 'padded tokens/s', 'real tokens/s', 'peak memory'], rows)
        ours = results['Pissarro'][0]['losses']
        loss_table('Losses on the same batches', peer, results[peer][0]['losses'], ours)
        return ours

    def four_bit(self):
        """LoRA on the bfloat16 base and on its four bits, ours and PEFT's, on the same batches."""
        sizes = json.loads((self.work / 'batches.json').read_text())
        padded = sum(sizes['padded'][i] for i in range(self.warm, self.steps))
        base = self.work / 'nf4'
        Child([CLI, 'init', self.model, '--method', 'qlora', '--rank', 1, '--double-quant', '--force', '-o', base])
        runs = {'bfloat16': [], 'NF4': [], 'NF4, double-quantized': [], 'PEFT, bfloat16': [], 'PEFT + bitsandbytes, NF4': []}
        for repeat in range(self.repeats):
            say(f'training on four bits, round {repeat + 1} of {self.repeats}')
            runs['bfloat16'].append(self.ours_train('lora', 'bfloat16'))
            runs['NF4'].append(self.ours_train('qlora', 'bfloat16'))
            runs['NF4, double-quantized'].append(self.ours_train('qlora', 'bfloat16', '--double-quant'))
            runs['PEFT, bfloat16'].append(self.peers_train('lora', 'bfloat16'))
            runs['PEFT + bitsandbytes, NF4'].append(self.peers_train('lora', 'bfloat16', base))
        pace = {name: padded / median([run['ends'][-1] - run['ends'][self.warm - 1] for run in runs[name]]) for name in runs}
        rows = [[name, f'{pace[name]:,.0f}', f'**{pace[name] / pace[name.startswith("PEFT") and "PEFT, bfloat16" or "bfloat16"]:.2f}×**',
                 f'{median([run["peak"] for run in runs[name]]) / 1e9:.2f} GB'] for name in runs]
        table(f'LoRA r 16 on four bits, {self.steps} steps, the first {self.warm} not counted, median of {self.repeats}',
              ['base', 'padded tokens/s', 'of the same on bfloat16', 'peak memory'], rows)
        self.base_bytes()

    def base_bytes(self):
        rows = []
        for name, flags in (('float32 absmax', []), ('double-quantized', ['--double-quant'])):
            folder = self.work / f'bytes-{len(flags)}'
            Child([CLI, 'init', self.model, '--method', 'qlora', '--rank', 1, *flags, '--force', '-o', folder])
            model = Child([CLI, 'inspect', folder, '--json']).json()
            tensors = safetensors_sizes(folder / 'model.safetensors')
            quantized = {n for n in tensors if n + '.absmax' in tensors}
            held = sum(tensors[n] + tensors[n + '.absmax'] + tensors.get(n + '.nested_absmax', 0) for n in quantized)
            plain = sum(4 * tensors[n] for n in quantized)  # a code is half a byte, a bfloat16 two
            others = 2 * model['parameters'] - plain
            rows.append([name, f'{held / 1e6:.1f} MB', f'**{held / plain:.4f}**', f'{(held + others) / (plain + others):.3f}'])
        table('The base in four bits beside bfloat16', ['absmax', 'quantized matrices', 'of bfloat16', 'whole model'], rows)

    def generate(self):
        """Greedy, at most 64 new tokens, the questions of GSM8K's test set in the Alpaca template."""
        questions = data_file().with_name('gsm8k_test.jsonl')
        questions = questions if questions.exists() else data_file()
        rows = []
        for dtype in ('bfloat16', 'float32'):
            for batch, count in ((1, 4), (32, 32)):
                prompts = self.work / 'prompts.jsonl'
                ours, peers = [], []
                for repeat in range(self.repeats):
                    say(f'decoding {dtype}, batch {batch}, round {repeat + 1} of {self.repeats}')
                    ours.append(Child([CLI, 'generate', self.model, '--prompts', questions, '--limit', count,
                                       '--batch-size', batch, '--greedy', '--max-new-tokens', 64, '--dtype', dtype,
                                       '--force', '-o', prompts, '--json']).json())
                    peers.append(python('hf_generate.py', self.model, prompts, batch, 64, dtype).json())
                same = {line['prompt']: line['new_ids'] for line in map(json.loads, prompts.read_text().splitlines())}
                equal = sum(same[text] == ids for text, ids in zip(peers[0]['texts'], peers[0]['ids']))

                def pace(runs, *parts):
                    return median([run['new_tokens'] / sum(run[part] for part in parts) for run in runs])

                cells = []
                for parts in (('prefill_s', 'decode_s'), ('decode_s',)):
                    a, b = pace(peers, *parts), pace(ours, *parts)
                    cells += [f'{a:,.0f}', f'{b:,.0f}', f'**{b / a:.1f}×**']
                rows.append([dtype, batch, *cells, f'{equal} of {count}'])
        table('Greedy decoding, new tokens/s: prefill and decode together, then decode alone',
              ['dtype', 'batch', 'transformers', 'Pissarro', 'faster', 'transformers', 'Pissarro', 'faster', 'same text'],
              rows)

    def voice_folders(self):
        """Two adapters for the model."""
        folders = []
        for seed in (1, 2):
            folder = self.work / f'voice-{seed}'
            Child([CLI, 'init', self.model, '--method', 'lora', '--rank', 16, '--alpha', 16, '--seed', seed, '--force', '-o',
                   folder])
            folders.append(folder / 'lora_init')
        return folders

    def chat(self):
        """What a person waits for in the chat: the first token of a short question and of a
        third turn, and other adapters on the base."""
        say('the chat')
        told = Child([CHAT, self.model, *self.voice_folders(), 3 if self.repeats == 1 else 9]).json()
        table('Chat on SmolLM2 in float32, once it is open',
              ['first token (below 0.15 s)', 'with two adapters beside', 'adapters changed, median (below 0.2 s)', 'longest',
               'tokens/s alone', 'each of three'],
              [[f'**{told["first_s"]:.3f} s**', f'{told["first_three_s"]:.3f} s', f'**{told["switch_s"]:.3f} s**',
                f'{told["switch_max_s"]:.3f} s', f'{told["tokens_per_s"]:.1f}', f'{told["three_tokens_per_s"]:.1f}']])
        table(f'First token of a third turn behind {told["history_tokens"]} tokens',
              ['kept from the turns before', 'read again', 'faster'],
              [[f'**{told["third_kept_s"]:.3f} s**', f'{told["third_again_s"]:.3f} s',
                f'{told["third_again_s"] / told["third_kept_s"]:.1f}×']])

    def voices(self):
        """Two adapters on one base, which answer in one pass, beside one of them alone. Times without opening."""
        questions = data_file().with_name('gsm8k_test.jsonl')
        questions = questions if questions.exists() else data_file()
        adapters = [f'{self.model}+{folder}' for folder in self.voice_folders()]

        def seconds(what, count, dtype):
            out = self.work / 'voices'
            Child([CLI, 'eval', *what, '--task', 'gsm8k', '--data', questions, '--rows', count, '--max-new-tokens', 64,
                   '--batch-size', 64, '--dtype', dtype, '--force', '-o', out])
            return sum(model['seconds'] for model in json.loads((out / 'summary.json').read_text())['models'])

        rows = []
        for dtype in ('bfloat16', 'float32'):
            for count in (1, 32):
                one, two = [], []
                for repeat in range(self.repeats):
                    say(f'voices {dtype}, {count} questions, round {repeat + 1} of {self.repeats}')
                    one.append(seconds(adapters[:1], count, dtype))
                    two.append(seconds(adapters, count, dtype))
                rows.append([dtype, count, f'{median(one):.2f} s', f'{median(two):.2f} s',
                             f'**{median(two) / median(one):.2f}×**'])
        table('Greedy answers of two adapters on one base, beside one alone (at most 64 new tokens)',
              ['dtype', 'questions', 'one adapter', 'two', 'time'], rows)

    def ours_init(self, rank, *flags, **environment):
        """Seconds of decomposition and residual; the factors lie in work/init then."""
        out = self.work / 'init'
        shutil.rmtree(out, ignore_errors=True)
        return Child([CLI, 'init', self.model, '--rank', rank, '--alpha', rank, *flags, '--force', '-o', out, '--json'],
                     **environment).json()['decomposition_seconds']

    def subspace_errors(self, *files):
        return python('subspace_error.py', self.model, *files).json()['errors']

    def init(self):
        ways = [('exact', 16, 'pissa', []),
                ('fast: PEFT niter 4, Pissarro niter 3, oversampling 0', 16, 'pissa_niter_4',
                 ['--niter', 3, '--oversampling', 0]),
                ('fast: PEFT niter 4, Pissarro niter 2, oversampling 24', 128, 'pissa_niter_4',
                 ['--niter', 2, '--oversampling', 24])]
        ours_factors = self.work / 'init/pissa_init/adapter_model.safetensors'
        peers_factors = self.work / 'peft.safetensors'
        rows = []
        for title, rank, peer_name, settings in ways:
            flags = ['--svd', 'fast', *settings] if settings else []
            peers, ours = [], []
            for repeat in range(self.repeats):
                say(f'initialising ({title}, r = {rank}), round {repeat + 1} of {self.repeats}')
                peers.append(python('peft_init.py', self.model, peer_name, rank).json()['seconds'])
                ours.append(self.ours_init(rank, *flags))
            say(f'initialising ({title}, r = {rank}), the error')
            python('peft_init.py', self.model, peer_name, rank, peers_factors)
            errors = self.subspace_errors(peers_factors, ours_factors)
            rows.append([title, rank, f'{median(peers):.2f} s', f'{median(ours):.2f} s',
                         f'**{median(peers) / median(ours):.1f}×**', *(f'{error:.1e}' for error in errors)])
        rows.append(self.init_from_cache(ours_factors))
        table('Initialisation of 210 matrices, residual included; error: (mean sin²)^½ of the principal angles to the '
              'exact subspace, the 7 matrices of the middle layer',
              ['decomposition', 'r', 'PEFT', 'Pissarro', 'faster', "PEFT's error", "Pissarro's error"], rows)

    def init_from_cache(self, factors):
        """The exact way at a rank that was never asked for, after a run at another one has filled the factor cache."""
        say('initialising (exact, factors cached)')
        cache = dict(XDG_CACHE_HOME=self.work / 'factors', PISSARRO_CACHE_MB=4096)
        self.ours_init(16, **cache)
        seconds = median([self.ours_init(32, **cache) for _ in range(self.repeats)])
        return ['exact, after a run with r = 16', 32, '–', f'{seconds:.2f} s', '–', '–',
                f'{self.subspace_errors(factors)[0]:.1e}']

    def spectra(self):
        ours, peers = [], []
        for repeat in range(self.repeats):
            say(f'spectra, round {repeat + 1} of {self.repeats}')
            peers.append(python('svdvals.py', self.model).json()['seconds'])
            cache = self.work / f'cache-{repeat}'
            ours.append(Child([CLI, 'spectrum', self.model, '--force', '-o', self.work / 'spectra.safetensors'],
                              XDG_CACHE_HOME=cache).seconds)
        again = Child([CLI, 'spectrum', self.model, '--force', '-o', self.work / 'spectra.safetensors'], XDG_CACHE_HOME=cache).seconds
        table('All singular values of 210 matrices', ['what', 'time'], [
            ['`torch.linalg.svdvals` in a loop, weights loaded', f'{median(peers):.2f} s'],
            ['Pissarro, the whole program, nothing cached', f'{median(ours):.2f} s'],
            ['Pissarro, the whole program, cached', f'{again:.2f} s'],
            ['Pissarro, the difference: reading and decomposing', f'{median(ours) - again:.2f} s'],
            ['faster', f'**{median(peers) / (median(ours) - again):.1f}×** (whole program '
                       f'{median(peers) / median(ours):.1f}×)']])

    def large(self):
        """One 4096 x 4096 and one 4096 x 11008 matrix: the whole program, reading the file included, beside torch's calls."""
        folder = self.work / 'shapes'
        Child([sys.executable, HERE / 'make_shapes.py', folder, 1])
        say('large matrices: torch')
        peers = python('large_svd.py', folder, self.repeats).json()

        def ours(module, *flags):
            say(f'large matrices: Pissarro, {module} {" ".join(map(str, flags))}')
            return median([Child([CLI, 'spectrum', folder, '--modules', module, *flags,
                                  '--force', '-o', self.work / 'large.safetensors'],
                                 XDG_CACHE_HOME=self.work / f'large-{module}-{repeat}').seconds
                           for repeat in range(self.repeats)])

        def share(flops, seconds, dtype):
            return f'{100 * flops / seconds / 1e9 / peers[dtype + "_gflops"]:.0f} %'

        rows = []
        for module, longer in (('q_proj', 4096), ('gate_proj', 11008)):
            shape = f'4096 × {longer:,}'
            seconds = ours(module)
            # The symmetric product and the reduction to tridiagonal form.
            flops = 4096 ** 2 * longer + 4 / 3 * 4096 ** 3
            rows.append([shape, 'all values', f'{peers[module]["svdvals"]:.2f} s', f'{seconds:.2f} s',
                         f'{peers[module]["svdvals"] / seconds:.1f}×', share(flops, seconds, 'float64')])
            for niter in (4, 16):
                seconds = ours(module, '--method', 'fast', '--rank', 128, '--niter', niter)
                theirs = peers[module][f'lowrank_{niter}']
                rows.append([shape, f'r = 128, niter {niter}', f'{theirs:.2f} s', f'{seconds:.2f} s',
                             f'{theirs / seconds:.1f}×',
                             share((2 * niter + 2) * 2 * 4096 * longer * 136, seconds, 'float32')])
        shutil.rmtree(folder)
        table('Large matrices: torch (svdvals, svd_lowrank) and Pissarro with start and reading; the share is of the '
              'matrix-multiply peak, by the flops of the textbook way',
              ['matrix', 'what', 'torch', 'Pissarro', 'faster', 'share of the peak'], rows)

    def quant(self):
        say('NF4 of a 4096 × 4096 matrix')
        theirs, ours = [], []
        for _ in range(self.repeats):
            theirs.append(python('bnb_quant.py').json())
            ours.append(Child([QUANT]).json())
        copy = median([one['copy'] for one in ours])
        megabytes = {'quantize': 67.1 + 9.4, 'quantize_nested': 67.1 + 8.7, 'to_bfloat16': 9.4 + 33.6,
                     'nested_to_bfloat16': 8.7 + 33.6, 'to_float32': 9.4 + 67.1}  # read and written
        rows = []
        for what, moved in megabytes.items():
            a, b = median([one[what] for one in theirs]), median([one[what] for one in ours])
            rows.append([what.replace('_', ' '), f'{a:.1f} ms', f'{b:.2f} ms', f'**{a / b:.1f}×**', f'{moved / b:.1f}'])
        rows.append(['plain copy of 67 MB', '', f'{copy:.2f} ms', '', f'{134.2 / copy:.1f}'])
        table('NF4 of a 4096 × 4096 matrix beside bitsandbytes on the CPU', ['what', 'bitsandbytes', 'Pissarro', 'faster', 'GB/s'],
              rows)
        say('QPiSSA, T = 5, of all matrices')
        rows = []
        for flags in ([], ['--svd', 'fast', '--niter', 4]):
            theirs = python('bnb_qpissa.py', self.model, 16, 5).json()['seconds']
            ours = Child([CLI, 'init', self.model, '--method', 'qpissa', '--rank', 16, '--iters', 5, *flags, '--force', '-o',
                          self.work / f'qpissa-{len(flags)}', '--json']).json()
            rows.append([' '.join(map(str, flags)) or 'exact', f'{theirs:.1f} s', f'{ours["decomposition_seconds"]:.1f} s',
                         f'**{theirs / ours["decomposition_seconds"]:.1f}×**', f'{ours["seconds"]:.1f} s'])
        table('QPiSSA, T = 5, r = 16, 210 matrices: torch.linalg.svd + bitsandbytes, weights loaded, and Pissarro with reading',
              ['SVD', 'torch + bitsandbytes', 'Pissarro', 'faster', 'with the writing'], rows)

    def stream(self):
        spectra = ['spectrum', '--force', '-o', self.work / 'shapes.safetensors']
        fast = [*spectra, '--method', 'fast', '--niter', 2]
        qpissa = ['init', '--method', 'qpissa', '--rank', 16, '--iters', 1, '--svd', 'fast', '--force', '-o', self.work / 'shapes-qpissa']
        rows = []
        for layers, what, (verb, *flags) in ((1, 'spectra, exact', spectra), (2, 'spectra, exact', spectra),
                                             (8, 'spectra, fast, r = 16', fast), (2, 'QPiSSA, fast, r = 16, T = 1', qpissa),
                                             (32, 'QPiSSA, fast, r = 16, T = 1', qpissa)):
            say(f'{layers} layers of 7B shapes: {what}')
            folder = self.work / f'shapes-{layers}'
            Child([sys.executable, HERE / 'make_shapes.py', folder, layers])
            child = Child([CLI, verb, folder, *flags], XDG_CACHE_HOME=self.work / f'shapes-cache-{layers}')
            rows.append([f'{layers}', what, f'{child.seconds:.0f} s', f'{child.peak / 2 ** 30:.2f} GiB'])
            shutil.rmtree(folder)
            shutil.rmtree(self.work / 'shapes-qpissa', ignore_errors=True)
        table('7B shapes (4096 / 11008, bfloat16), streamed', ['layers', 'what', 'time', 'peak memory'], rows)

    def gui(self):
        say('the window while both twins train')
        shutil.rmtree(self.work / 'gui', ignore_errors=True)  # nothing cached
        figures = Child([GUI, demo_model(), data_file(), self.work / 'gui-run', 3 if self.options.quick else 8],
                        QT_QPA_PLATFORM='offscreen', XDG_CACHE_HOME=self.work / 'gui', XDG_CONFIG_HOME=self.work / 'gui',
                        XDG_DATA_HOME=self.work / 'gui').json()
        table('Opening a model in the window', ['what', 'time'], [
            ['first curve on screen, nothing cached', f'{figures["first_curve_ms"]:.0f} ms'],
            ['all 210 spectra, nothing cached', f'{figures["spectra_ms"]:.0f} ms'],
            ['reopened, all 210 spectra from the cache', f'{figures["reopened_ms"]:.0f} ms']])
        table(f'Drawing all of the Spectrum page, {figures["curves"]} curves, median of 21', ['σ', 'energy', 'heat map'],
              [[f'{figures[part]:.1f} ms' for part in ('sigma_ms', 'energy_ms', 'map_ms')]])
        table('Event loop of the window while PiSSA and LoRA train', ['median', '99th percentile', 'longest', 'samples'],
              [self.pauses(figures)])
        if TINY.exists():
            say('the same on a model that makes hundreds of steps a second, and long runs')
            steps = 200 if self.options.quick else 2000
            tiny = Child([GUI, TINY, data_file(), self.work / 'gui-tiny', steps], QT_QPA_PLATFORM='offscreen',
                         XDG_CACHE_HOME=self.work / 'gui', XDG_CONFIG_HOME=self.work / 'gui', XDG_DATA_HOME=self.work / 'gui').json()
            table(f'Event loop of the window while twins of a tiny model train, {tiny["steps"]} steps',
                  ['median', '99th percentile', 'longest (below 16 ms)', 'samples'], [self.pauses(tiny)])
        runs = Child([GUI, '--runs'], QT_QPA_PLATFORM='offscreen').json()
        table(f'{runs["runs"]} runs of {runs["steps"]} steps that grow by a step each frame',
              ['first picture', 'frame, median', 'frame, longest (below 16 ms)', 'memory (below 150 MB)'],
              [[f'{runs["first_ms"]:.0f} ms', f'{runs["frame_p50_ms"]:.1f} ms', f'{runs["frame_max_ms"]:.1f} ms',
                f'{runs["bytes"] / 1e6:.0f} MB']])
        over = Child([GUI, '--compare'], QT_QPA_PLATFORM='offscreen').json()
        table(f'{over["runs"]} runs of {over["steps"]} steps over one another, one of which grows',
              ['made on a worker', 'frame, median', 'frame, 99th percentile (below 16 ms)', 'read-out, 99th percentile', 'memory'],
              [[f'{over["made_ms"]:.0f} ms', f'{over["frame_p50_ms"]:.1f} ms', f'{over["frame_p99_ms"]:.1f} ms',
                f'{over["read_out_p99_ms"]:.1f} ms', f'{over["bytes"] / 1e6:.0f} MB']])
        runs = Child([LIBRARY], QT_QPA_PLATFORM='offscreen').json()
        table(f'A library of {runs["runs"]} runs of {runs["steps"]} steps',
              ['first rows (below 300 ms)', 'all rows', 'another look', 'first rows in the window (below 300 ms)', 'all in the window',
               'memory of the list'],
              [[f'{runs["list_first_ms"]:.0f} ms', f'{runs["list_all_ms"]:.0f} ms', f'{runs["list_again_ms"]:.1f} ms',
                f'{runs["page_first_ms"]:.0f} ms', f'{runs["page_all_ms"]:.0f} ms', f'{runs["list_bytes"] / 1e6:.1f} MB']])
        models = Child([MODELS], QT_QPA_PLATFORM='offscreen').json()
        table(f'{models["models"]} models at hand',
              ['first rows (below 300 ms)', 'all rows', 'first rows, headers kept', 'all rows, headers kept',
               'first rows in the window (below 300 ms)', 'all in the window', 'a letter in the search', 'memory of the list'],
              [[f'{models["first_ms"]:.0f} ms', f'{models["all_ms"]:.0f} ms', f'{models["kept_first_ms"]:.0f} ms',
                f'{models["kept_all_ms"]:.0f} ms', f'{models["page_first_ms"]:.0f} ms', f'{models["page_all_ms"]:.0f} ms',
                f'{models["search_ms"]:.0f} ms', f'{models["bytes"] / 1e6:.1f} MB']])

    @staticmethod
    def pauses(figures):
        return [f'{figures["p50_ms"]:.2f} ms', f'{figures["p99_ms"]:.2f} ms', f'{figures["max_ms"]:.1f} ms', figures['samples']]


def main():
    parser = argparse.ArgumentParser(prog='./dev bench', description=__doc__.splitlines()[0])
    parser.add_argument('--quick', action='store_true', help='one round, 3 steps: to see that it works')
    parser.add_argument('--only', action='append', choices=PARTS + EXTRA, help='this part alone; may be repeated')
    parser.add_argument('--steps', type=int, help='training steps (6)')
    parser.add_argument('--method', choices=('pissa', 'lora'), default='pissa')
    parser.add_argument('--keep', type=pathlib.Path, help='folder to keep model, batches and runs in')
    options = parser.parse_args()
    if not CLI.exists():
        sys.exit(f'error: {CLI}: is not built; ./dev bench builds it')
    parts = [part for part in PARTS + EXTRA if part in (options.only or PARTS)]
    os.environ['PISSARRO_CACHE_MB'] = '0'  # no factors of an earlier run: every decomposition is measured
    with tempfile.TemporaryDirectory(prefix='pissarro-bench-') as scratch:
        work = options.keep or pathlib.Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        bench = Bench(options, work)
        if set(parts) & {'train', 'full', 'four-bit', 'generate', 'voices', 'chat', 'init', 'spectra', 'quant'}:
            bench.prepare()
        print('## Pissarro beside PEFT + transformers: SmolLM2-135M')
        for part in parts:
            getattr(bench, part.replace('-', '_'))()


if __name__ == '__main__':
    main()
