#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Starts Pissarro with the demo model and data; without a display it does the whole job offscreen and leaves
# the results in demo-out/. Called by `./dev run` as run_demo.sh MODEL [ARG…]; arguments go to the program.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

model=$1; shift
program=build/release/app/pissarro
data=resources/demo/demo_train.jsonl

if [ -n "${DISPLAY:-}" ] || [ -n "${WAYLAND_DISPLAY:-}" ]; then
  exec "$program" "$model" --data "$data" "$@"
fi
echo "no display: the demo runs offscreen, results go to $PWD/demo-out" >&2
QT_QPA_PLATFORM=offscreen "$program" "$model" --data "$data" --demo demo-out "$@"
echo "see demo-out/summary.md" >&2
