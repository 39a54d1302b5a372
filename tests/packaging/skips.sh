#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/tools/skips.sh counts the skips of a run, and fails at one whose reason does not hold.
#   tests/packaging/skips.sh SOURCE_DIR
set -uo pipefail
skips=$1/tests/tools/skips.sh
failures=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

expect() { # what, wanted exit, part of the output, the reasons of the run's skips…
  local what=$1 wanted=$2 part=$3 output found reason
  shift 3
  printf '1/2 Test: core.x\nPASS   : TestX::f()\n' >"$work/LastTest.log"
  for reason in "$@"; do printf 'SKIP   : TestX::f(a row) %s\n   Loc: [x.cpp(1)]\n' "$reason" >>"$work/LastTest.log"; done
  output=$(PISSARRO_SHARED=$work/shared "$skips" "$work/LastTest.log" 2>&1)
  found=$?
  [ $found = "$wanted" ] && grep -q -- "$part" <<<"$output" || {
    echo "FAIL: $what: exit $found, expected $wanted with «$part»: $output"; failures=$((failures + 1)); }
}

expect 'none' 0 '^0 skipped, 0 of them'
expect 'a reason that is none' 1 '^unexpected skip: core.x f(a row): too tired' 'too tired'
expect 'golden values that are not there' 0 '^2 skipped, 0 of them' 'shared/golden is not here' 'shared/golden is not here'
mkdir -p "$work/shared/golden"
expect 'golden values that are there' 1 '^1 skipped, 1 of them' 'shared/golden is not here'
expect 'what the smaller golden values lack' 0 '^1 skipped, 0 of them' "needs $1/tests/fixtures/golden/eval"
expect 'what the smaller golden values alone have' 0 '^1 skipped, 0 of them' "needs $work/shared/golden/tiny/qwen3"
expect 'what neither has' 1 '^1 skipped, 1 of them' "needs $work/shared/golden/tiny/nothing"
expect 'what namespaces hide' 0 '^1 skipped, 0 of them' 'namespaces hide it: the probe of each start tries that'
rm -f "$work/LastTest.log"
"$skips" "$work/LastTest.log" >/dev/null 2>&1 && { echo 'FAIL: no log: it passed'; failures=$((failures + 1)); }

[ $failures = 0 ] && echo 'skips are counted and judged'
exit $((failures > 0))
