#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Starts Pissarro: run_demo.sh [MODEL] [ARG…], called by `./dev run`; arguments go to the program. Without MODEL it opens the
# demo's model and data, with settings that suit this machine; without a display it does the whole job offscreen and leaves
# the results in demo-out/.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

program=build/release/app/pissarro
data=resources/demo/demo_train.jsonl
within=100 # seconds that the two curves may take
model=
case "${1:--}" in
  -*) model=$(ls "$PWD"/.deps/model/*.gguf | head -n 1); open=(--data "$data" --fit "$within") ;;
  *) model=$1; shift; open=() ;;
esac

if [ -n "${DISPLAY:-}" ] || [ -n "${WAYLAND_DISPLAY:-}" ]; then
  exec "$program" "$model" "${open[@]}" "$@"
fi
echo "no display: the demo runs offscreen, results go to $PWD/demo-out" >&2
QT_QPA_PLATFORM=offscreen "$program" "$model" --data "$data" --demo demo-out --fit "$within" "$@"
echo "see demo-out/summary.md" >&2
