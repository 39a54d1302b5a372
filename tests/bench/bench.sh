#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Pissarro beside PEFT + transformers on this machine; ./dev bench builds first. Figures never fail a test.
#   tests/bench/bench.sh [--quick] [--only train|init|spectra|gui|machine]... [--steps N] [--method pissa|lora] [--keep DIR]
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
exec .deps/peers/bin/python tests/bench/bench.py "$@"
