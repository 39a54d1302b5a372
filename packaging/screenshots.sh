#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Pictures of every page, light and dark, from today's program, and those of resources/guide/ in DIR/guide:
# screenshots.sh DIR MODEL
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

folder=$1
model=$2
data=resources/demo/demo_train.jsonl
export QT_QPA_PLATFORM=offscreen
build/release/app/pissarro "$model" --data "$data" --screenshots "$folder"

# The guide's: the Spectrum page with the demo model, and what a short PiSSA run changed.
run=$(mktemp -d)
trap 'rm -rf "$run"' EXIT
mkdir -p "$folder/guide"
build/release/app/pissarro-cli train --model "$model" --data "$data" --method pissa --steps 24 --batch-size 2 \
  --max-length 128 --lr 2e-4 --eval-ratio 0.1 --threads 1 -o "$run/pissa"
PISSARRO_TUNED="$run/pissa/adapter" PISSARRO_SHOTS="$folder/guide" build/release/tests/tst_ui_spectrum_page
