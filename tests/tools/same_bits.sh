#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Whether two builds of the program compute the same, bit for bit: for a change that moves code and must change nothing.
#   tests/tools/same_bits.sh [--whole] [--ops A,B] [--jobs N] OLD_CLI NEW_CLI [MODEL…]
# Both train each model x method x dtype x operations of this machine; what uses a run (logits, greedy text, export) and
# what looks at matrices (init, spectrum, quant-error) is asked with each of the operations, and in every form with the
# strongest. A line per difference names the command that shows it; exit 0 only where nothing differs. A command that fails
# proves nothing, so it counts as a difference.
#   MODEL     a folder or .gguf; default: four tiny ones of shared/golden. Without a tokenizer it trains on made-up ids
#   --whole   SmolLM2 of .deps/model too (its first layer trains): half an hour
#   --ops     only these of PISSARRO_OPS;  --jobs: commands at a time, the number of cores unless said
# What is compared and what is left out of it (times, logs): same_bits.py. Needs python3 alone.
set -uo pipefail
usage() { sed -n '4,13s/^# \{0,1\}//p' "$0" >&2; exit 2; }
source_dir=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd)
shared=${PISSARRO_SHARED:-$source_dir/../shared}
digest=$source_dir/tests/tools/same_bits.py
data=$source_dir/resources/demo/demo_train.jsonl
methods=(pissa lora qpissa loftq qlora full)
small_bytes=$((64 << 20)) # a model of more trains one layer, a method at a time

whole='' only='' jobs=$(nproc)
while [ $# -gt 0 ]; do
  case $1 in
    --whole) whole=1; shift ;;
    --ops) only=${2:?--ops wants names}; shift 2 ;;
    --jobs) jobs=${2:?--jobs wants a number}; shift 2 ;;
    -*) usage ;;
    *) break ;;
  esac
done
[ $# -ge 2 ] || usage
old=$(readlink -f "$1") new=$(readlink -f "$2"); shift 2
for program in "$old" "$new"; do
  [ -x "$program" ] || { echo "same_bits.sh: $program is no program" >&2; exit 2; }
done
models=("$@")
[ ${#models[@]} -gt 0 ] || models=("$shared"/golden/tiny/{llama,mistral-swa16,gemma,qwen2})
[ -z "$whole" ] || models+=("$source_dir"/.deps/model/*.gguf)
for i in "${!models[@]}"; do
  [ -e "${models[i]}" ] || { echo "same_bits.sh: no model ${models[i]}" >&2; exit 2; }
  models[i]=$(readlink -f "${models[i]}")
done

work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# What this processor has, weakest first: the program says so when it is asked for one that it has not.
present=$(PISSARRO_OPS='?' "$old" inspect "${models[0]}" 2>&1 >/dev/null | sed -n 's/.*(expected \(.*\)); choose.*/\1/p')
[ -n "$present" ] || { echo "same_bits.sh: $old does not say which operations are present" >&2; exit 2; }
strongest=${present##*, }
operations=$(tr -d ' ' <<<"${only:-$present}" | tr , ' ')
[ -z "$only" ] || strongest=${operations##* }

# Runs the program in the unit's folder. Outputs carry NAME, so that a difference finds the command.
run() { # NAME ARGUMENTS…
  local name=$1 count status; shift
  count=$((counts[$name] += 1))
  { printf 'PISSARRO_OPS=%s pissarro-cli' "$PISSARRO_OPS"; printf ' %q' "${@//$inputs/INPUTS}"; echo; } >>"$name.cmd"
  "$program" "$@" --json >"$name.$count.stdout" 2>"$name.stderr"
  status=$?
  { echo $status; grep '^error:' "$name.stderr"; } >"$name.$count.exit"
}

is_strongest() { [ "$ops" = "$strongest" ]; }
is_small() { [ "$(du -sLb "$model" | cut -f1)" -le "$small_bytes" ]; }

# Sets what is left to the model: where training takes its rows, how wide and how exactly it works.
choose_arguments() {
  rows=(--data "$data" --batch-size 2 --grad-accum 2 --max-length 256 --eval-ratio 0.01 --eval-every 2)
  tokenizer=1
  if [ -d "$model" ] && [ ! -e "$model/tokenizer.json" ] && [ ! -e "$model/tokenizer.model" ]; then
    tokenizer=''
    rows=(--batches "$inputs/batches.safetensors" --grad-accum 2)
  fi
  fit=(--svd exact --iters 2) modules=() targets=()
  if ! is_small; then
    rows=(--data "$data" --batch-size 1 --max-length 256)
    fit=(--svd fast --niter 2 --iters 1) modules=(--modules '*.layers.0.*') targets=(--targets '*.layers.0.*')
  fi
  recipe=(--rank 4 --alpha 8 "${fit[@]}" "${targets[@]}" --lr 1e-3 --warmup-ratio 0.3 --weight-decay 0.1 --clip 1)
}

# All methods on the same batches in one process; a model that is large, each in its own.
train_all() {
  local twins=() method
  if ! is_small; then
    for method in "${methods[@]}"; do
      run "run-$method" train --model "$model" "${rows[@]}" --method "$method" "${recipe[@]}" --dtype "$dtype" --steps 2 \
        -o "run-$method"
    done
    return
  fi
  for method in "${methods[@]:1}"; do twins+=(--twin "$method"); done
  run runs train --model "$model" "${rows[@]}" --method "${methods[0]}" "${twins[@]}" "${recipe[@]}" --dtype "$dtype" \
    --threads 1 --steps 3 -o runs
}

# A method alone, on two threads, stopped and gone on with.
train_alone() { # METHOD
  local arguments=(--model "$model" "${rows[@]}" --method "$1" "${recipe[@]}" --dtype "$dtype" --threads 2 --schedule linear)
  run "alone-$1" train "${arguments[@]}" --steps 2 -o "alone-$1"
  run "alone-$1" train "${arguments[@]}" --steps 4 --resume -o "alone-$1"
}

# A command on a run comes after the one that made it.
ask() { cp "$made" "$1.cmd" && run "$@"; } # NAME ARGUMENTS…

use_run() { # METHOD RUNDIR
  local forms=(merged) made=${2%%/*}.cmd
  ask "logits-$1" logits "$2" --ids "$inputs/ids.json" --dtype "$dtype" --threads 1 -o "logits-$1.safetensors"
  if [ -n "$tokenizer" ] && { is_strongest || [ "$1" = pissa ]; }; then
    ask "generate-$1" generate "$2" --greedy --prompt 'A farmer has 12 sheep' --max-new-tokens 12 --dtype "$dtype" \
      --threads 1 --ids-out "generate-$1.json"
  fi
  is_strongest || [ "$1" = qpissa ] || return
  ! is_strongest || [ "$1" = full ] || [ "$dtype" = bfloat16 ] || forms+=(lora pair)
  for form in "${forms[@]}"; do ask "export-$1-$form" export "$2" --as "$form" -o "export-$1-$form"; done
}

# What uses a run asks with each of the operations for one method of a kind: an adapter, an adapter on four bits, none.
unit_train() {
  local method
  train_all
  for method in $(is_strongest && echo "${methods[@]}" || echo pissa qpissa full); do
    use_run "$method" "$(is_small && echo "runs/$method" || echo "run-$method")"
  done
  if is_strongest && is_small; then train_alone pissa; train_alone full; fi
}

unit_matrices() {
  local method
  for method in $(is_strongest && echo "${methods[@]:0:5}" || echo pissa qpissa); do
    run "init-$method" init "$model" --method "$method" --rank 4 --alpha 8 "${fit[@]}" "${targets[@]}" --seed 3 --threads 1 \
      -o "init-$method"
  done
  run quant-error quant-error "$model" "${modules[@]}" --rank 4 "${fit[@]}" --other-types --threads 1 -o quant-error.json
  run spectrum spectrum "$model" "${modules[@]}" --method fast --rank 4 --seed 3 -o spectrum.safetensors
  is_strongest || return
  run init-fast init "$model" --rank 4 --alpha 8 --svd fast --niter 2 "${targets[@]}" --seed 3 --threads 1 -o init-fast
  run spectrum-exact spectrum "$model" "${modules[@]}" --rank 4 -o spectrum-exact.json
  run advise-energy advise "$model" "${modules[@]}" --by energy --value 0.8 -o advise-energy.json
  run advise-budget advise "$model" "${modules[@]}" --by budget --value 20000 -o advise-budget.json
  run advise-quant advise "$model" "${modules[@]}" --by quant-error --value 0.9 --max-rank 8 -o advise-quant.json
  run inspect inspect "$model"
}

# Old and new one after the other in one folder, so that the paths in their outputs are the same.
unit() { # NUMBER MODEL OPERATIONS DTYPE|matrices
  local number=$1 model=$2 ops=$3 dtype=$4 side program
  local base=$work/$number inputs=$work/$number-in
  local -A counts
  mkdir "$inputs"
  python3 "$digest" inputs "$inputs" "$model" || return
  choose_arguments
  export PISSARRO_OPS=$ops XDG_CACHE_HOME=$base/.xdg/cache XDG_DATA_HOME=$base/.xdg/data
  export XDG_CONFIG_HOME=$base/.xdg/config XDG_STATE_HOME=$base/.xdg/state
  for side in old new; do
    program=${!side} counts=()
    mkdir "$base" && cd "$base" || return
    if [ "$dtype" = matrices ]; then unit_matrices; else unit_train; fi
    python3 "$digest" digest "$base" >"$work/$number.$side"
    cd "$work" && rm -rf "$base"
  done
  rm -rf "$inputs"
  python3 "$digest" compare "$(basename "$model") $ops $dtype" "$work/$number.old" "$work/$number.new" \
    "$work/$number.count"
}

units=0
for model in "${models[@]}"; do
  for ops in $operations; do
    for kind in matrices float32 bfloat16; do
      while [ "$(jobs -pr | wc -l)" -ge "$jobs" ]; do wait -n; done
      units=$((units + 1))
      unit $units "$model" "$ops" $kind &
    done
  done
done
wait
read -r equal differ counted < <(cat "$work"/*.count 2>/dev/null | awk '{ e += $1; d += $2 } END { print e + 0, d + 0, NR }')
lost=$((units - counted))
[ $lost = 0 ] || echo "same_bits.sh: $lost of $units units came to no end" >&2
[ "$differ" = 0 ] || echo "INPUTS: mkdir INPUTS && python3 tests/tools/same_bits.py inputs INPUTS MODEL"
echo "$equal outputs equal, $differ differ"
[ "$differ" = 0 ] && [ $lost = 0 ] && [ "$equal" -gt 0 ]
