#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The case of resources/guide/is-it-better.md: PiSSA and LoRA on SmolLM2 with rows of GSM8K over rates and seeds, evaluated,
# as a report.
#   tests/tools/guide_case.sh OUT [--write]
# --write: its table and sentence go into the guide. It goes on where it was stopped. For another size: ROWS, STEPS, RATES, SEEDS,
# QUESTIONS, THREADS, MODEL, DATA, CLI; the guide says what its figures are of.
set -euo pipefail
out=${1:?usage: guide_case.sh OUT [--write]}
mkdir -p "$out"
out=$(readlink -f "$out")
write=${2:-}
cd "$(dirname "$(readlink -f "$0")")/../.."
cli=${CLI:-$PWD/build/release/app/pissarro-cli}
model=${MODEL:-$(ls "$PWD"/.deps/model/*.gguf 2>/dev/null | head -n 1)}
data=$(readlink -f "${DATA:-../shared/data}")
[ -x "$cli" ] || { echo "guide_case.sh: no $cli: ./dev build" >&2; exit 1; }
[ -n "$model" ] || { echo "guide_case.sh: no model below .deps/model: ./dev setup fetches it" >&2; exit 1; }
[ -f "$data/gsm8k_train.jsonl" ] || { echo "guide_case.sh: no $data/gsm8k_train.jsonl" >&2; exit 1; }

rows=${ROWS:-400}
head -n "$rows" "$data/gsm8k_train.jsonl" > "$out/gsm8k-$rows.jsonl"
cat > "$out/case.json" <<JSON
{"base": {"model": "$model", "data": "$out/gsm8k-$rows.jsonl", "rank": 16, "alpha": 16, "steps": ${STEPS:-24},
          "batch_size": 4, "max_length": 256, "eval_ratio": 0.1, "eval_every": 12},
 "axes": {"method": ["pissa", "lora"], "learning_rate": [${RATES:-2e-5, 2e-4, 2e-3}], "seed": [${SEEDS:-0, 1, 2}]},
 "eval": {"task": "gsm8k", "data": "$data/gsm8k_test.jsonl", "rows": ${QUESTIONS:-40}, "max_new_tokens": 256}}
JSON

threads=()
[ -z "${THREADS:-}" ] || threads=(--threads "$THREADS")
if [ ! -e "$out/case/sweep.json" ]; then # with one there, that is the sweep that is gone on with
  "$cli" sweep "$out/case.json" -o "$out/case" --dry-run
fi
"$cli" sweep "$out/case.json" -o "$out/case" "${threads[@]}"
for form in html pdf md; do
  "$cli" compare "$out/case/runs" --eval "$out/case/eval/1" -o "$out/case.$form" --force > "$out/case.txt"
done
"$cli" compare "$out/case/runs" --eval "$out/case/eval/1" --no-update --json > "$out/case-compare.json"
python3 - "$out" "$write" <<'PY'
import csv, json, math, statistics, sys
from pathlib import Path
out = Path(sys.argv[1])
groups, losses = {}, {}
for row in csv.DictReader(open(out / 'case/results.csv')):
    key = (row['method'], float(row['learning_rate']))
    groups.setdefault(key, [])
    if row['state'] == 'done':
        run = json.load(open(out / 'case/runs' / row['run'] / 'run.json'))['run']
        groups[key].append((run.get('best_eval_loss'), float(row['score']) if row['score'] else None))

def mean(values, form):
    values = [v for v in values if v is not None and math.isfinite(v)]
    if not values:
        return '–'
    error = statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else None
    return form(statistics.mean(values)) + (f' ± {form(error)}' if error is not None else '')

title = {'pissa': 'PiSSA', 'lora': 'LoRA'}
lines = ['| method | rate | seeds | held-out loss | GSM8K, reported half |', '| --- | --- | --- | --- | --- |']
for (method, rate), runs in sorted(groups.items(), key=lambda one: (one[0][0] != 'pissa', one[0][1])):
    lines.append(f"| {title.get(method, method)} | {rate:g} | {len(runs)} | "
                 f"{mean([loss for loss, _ in runs], lambda v: f'{v:.3f}')} | "
                 f"{mean([score for _, score in runs], lambda v: f'{100 * v:.1f} %')} |")
compared = json.load(open(out / 'case-compare.json'))
text = '\n'.join(lines) + '\n\n> ' + compared['sentence'] + '\n>\n> ' + compared.get('basis', '') + '\n'
(out / 'guide_table.md').write_text(text)
print(text)
if sys.argv[2] == '--write':
    guide = Path('resources/guide/is-it-better.md')
    page = guide.read_text()
    begin = page.index('\n', page.index('<!-- guide_case: begin')) + 1
    end = page.index('<!-- guide_case: end')
    guide.write_text(page[:begin] + '\n' + text + '\n' + page[end:])
    print(f'wrote the table into {guide}')
PY
