#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs each fuzz target for SECONDS (600), from the seeds and the finds kept in the tree; stops at the first finding.
#
#   tests/fuzz/fuzz.sh [SECONDS] [READER…]     readers: the folders of tests/fuzz/seeds
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."

seconds=600
case "${1:-}" in '' | *[!0-9]*) ;; *) seconds=$1; shift ;; esac
readers=("$@")
[ $# -gt 0 ] || readers=($(ls tests/fuzz/seeds))
declare -A max_len=([gguf]=16384 [tokenizer_json]=16384) # else 4096

for reader in "${readers[@]}"; do
  [ -d "tests/fuzz/seeds/$reader" ] || { echo "error: there is no reader $reader" >&2; exit 2; }
  corpus=build/fuzz/corpus/$reader found=build/fuzz/found/$reader
  rm -rf "$corpus" "$found"
  mkdir -p "$corpus" "$found"
  inputs=("$corpus" "tests/fuzz/seeds/$reader")
  [ -d "tests/fuzz/finds/$reader" ] && inputs+=("tests/fuzz/finds/$reader")
  dictionary=()
  words=$reader
  case $reader in *_cache) words=safetensors ;; esac # what caches are made of
  [ -f "tests/fuzz/$words.dict" ] && dictionary=("-dict=tests/fuzz/$words.dict")
  printf '\033[1m==>\033[0m %s\n' "fuzz_$reader for $seconds s" >&2
  if ! build/fuzz/tests/fuzz_$reader -max_total_time="$seconds" -max_len="${max_len[$reader]:-4096}" -timeout=20 \
    -rss_limit_mb=1024 "${dictionary[@]}" -artifact_prefix="$found/" -print_final_stats=1 \
    "${inputs[@]}"; then
    printf 'error: fuzz_%s has a finding; its input: %s\n' "$reader" "$(ls "$found"/* 2>/dev/null | tail -n 1)" >&2
    exit 1
  fi
done
