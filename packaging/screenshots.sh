#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Pictures of every page, light and dark, from today's program: screenshots.sh DIR MODEL
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

folder=$1
model=$2
QT_QPA_PLATFORM=offscreen exec build/release/app/pissarro "$model" \
  --data resources/demo/demo_train.jsonl --screenshots "$folder"
