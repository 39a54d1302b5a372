#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ./dev clean takes away what was built and drawn, and keeps every run and whatever else lies in the tree.
#   tests/packaging/clean.sh SOURCE_DIR
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$1/dev" "$work/dev"
cd "$work"

gone=(build/release/app/pissarro-cli demo-out/tour.webm demo-out/shots/train.png 'demo-out/shots/a b/c.png')
kept=(demo-out/runs/pissa/adapter/adapter_model.safetensors demo-out/runs/pissa/.lock 'demo-out/shots/runs/lora 2/metrics.jsonl'
  runs/mine/run.json eval/summary.json notes.txt .deps/venv/bin/python)
for file in "${gone[@]}" "${kept[@]}"; do
  mkdir -p "$(dirname "$file")"
  echo two years >"$file"
done
mkdir -p demo-out/runs/begun demo-out/empty

failures=0
for again in 1 2; do # the second time there is nothing to take
  ./dev clean >output 2>&1 || { echo "FAIL: ./dev clean, time $again: $(cat output)"; failures=1; }
done
for file in "${gone[@]}" build demo-out/empty; do
  [ ! -e "$file" ] || { echo "FAIL: $file is still there"; failures=1; }
done
for file in "${kept[@]}"; do
  [ "$(cat "$file" 2>/dev/null)" = 'two years' ] || { echo "FAIL: $file is gone"; failures=1; }
done
[ -d demo-out/runs/begun ] || { echo 'FAIL: demo-out/runs/begun is gone'; failures=1; }
exit $failures
