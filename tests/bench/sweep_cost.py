#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a sweep costs beside the sum of its steps: twelve runs (two methods, three ranks, two rates) of SmolLM2 on rows of a file.

  tests/bench/sweep_cost.py DATA.jsonl [--steps N] [--model M] [--cli build/release/app/pissarro-cli]

Prints the wall time of `sweep`, that of all steps (elapsed_s of each run's last line) and their quotient; issue 28 wants at most 1.05.
The forecast before the first run is part of the wall time and told apart. A figure never fails a test.
"""
import argparse
import glob
import json
import os
import subprocess
import tempfile
import time

ROOT = os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', '..')


def seconds_of_steps(folder):
    total = 0.0
    for metrics in glob.glob(os.path.join(folder, 'runs', '*', 'metrics.jsonl')):
        with open(metrics, encoding='utf-8') as lines:
            total += json.loads(lines.readlines()[-1])['elapsed_s']
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('data')
    parser.add_argument('--steps', type=int, default=20)
    parser.add_argument('--model', default=next(iter(glob.glob(os.path.join(ROOT, '.deps/model/*.gguf'))), None))
    parser.add_argument('--cli', default=os.path.join(ROOT, 'build/release/app/pissarro-cli'))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        sweep, folder = os.path.join(scratch, 'sweep.json'), os.path.join(scratch, 'sweep')
        with open(sweep, 'w', encoding='utf-8') as file:
            json.dump({'base': {'model': given.model, 'data': os.path.abspath(given.data), 'steps': given.steps},
                       'axes': {'method': ['pissa', 'lora'], 'rank': [4, 8, 16], 'learning_rate': [1e-4, 1e-3]},
                       'pair_alpha_with_rank': True}, file)
        start = time.monotonic()
        subprocess.run([given.cli, 'sweep', sweep, '--dry-run'], check=True, stdout=subprocess.DEVNULL)
        forecast = time.monotonic() - start
        start = time.monotonic()
        subprocess.run([given.cli, 'sweep', sweep, '-o', folder], check=True, stdout=subprocess.DEVNULL)
        wall, steps = time.monotonic() - start, seconds_of_steps(folder)
        print(f'wall {wall:.1f} s, of it about {forecast:.1f} s forecast; steps {steps:.1f} s; '
              f'{wall / steps:.3f}, without the forecast {(wall - forecast) / steps:.3f}')


if __name__ == '__main__':
    main()
