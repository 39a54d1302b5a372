#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Counts what a run of ctest skipped and names the reasons; fails where a skip has no reason that holds on this machine.
#   tests/tools/skips.sh build/release/Testing/Temporary/LastTest.log
set -uo pipefail
log=$1
source_dir=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd)
shared=${PISSARRO_SHARED:-$source_dir/../shared}

# A reason is good where what it says is so here: a pattern of the reason, and a command that is true then.
reasons=(
  'no NVIDIA card|! command -v nvidia-smi'
  'AVX512-BF16|! grep -q avx512_bf16 /proc/cpuinfo'
  'no right to mount|! unshare --mount true'
  'on the same disk|[ "$(stat -c %d /dev/shm)" = "$(stat -c %d /tmp)" ]'
  'no second disk|[ ! -w /dev/shm ]'
  'there is a card|command -v nvidia-smi'
  'OMP_THREAD_LIMIT|[ -n "${OMP_THREAD_LIMIT:-}" ]'
  'cannot be run safely|! unshare --user --map-root-user --net --pid --ipc --uts --mount --fork true'
  '[Ss]anitizer|without OpenMP|outlast the two minutes|grep -q "PISSARRO_SANITIZE:STRING=." "$(dirname "$log")/../../CMakeCache.txt"'
  'mistral-common|[ ! -f "$source_dir/.deps/mistral-common/tokenizer.model.v3" ]'
  'lupdate|[ ! -x /usr/lib/qt6/bin/lupdate ]'
  'namespaces hide it|true' # the same rows run by Landlock, where the kernel has it
  'no font here has Japanese|[ -z "$(fc-list :lang=ja)" ]'
  'fixtures/golden|true'
  'done before it could be told|true'
  'needs .*/golden/|[ -e "$source_dir/tests/fixtures/golden/${1##*/golden/}" ]' # runs as NAME.own
  'shared|golden|[ ! -d "$shared/golden" ]'
)

is_expected() { # reason
  local entry pattern condition
  for entry in "${reasons[@]}"; do
    condition=${entry##*|} pattern=${entry%|*}
    grep -qE -- "$pattern" <<<"$1" && eval "$condition" >/dev/null 2>&1 && return 0
  done
  return 1
}

# "test<TAB>function<TAB>reason" for each skip of Qt Test and each script that returned 77.
skips() {
  awk '
    / Test: / && /^[0-9]+\/[0-9]+ / { test = $3 }
    /^SKIP +: / {
      line = $0
      sub(/^SKIP +: [^:]*::/, "", line)
      name = line; sub(/\).*/, ")", name)
      reason = line; sub(/^[^)]*\) */, "", reason)
      print test "\t" name "\t" reason
    }
    /^skipped: / { reason = $0; sub(/^skipped: /, "", reason); print test "\t(all)\t" reason }
  ' "$log"
}

[ -f "$log" ] || { echo "skips.sh: $log is not there: ctest has not run" >&2; exit 2; }
total=0 unexpected=0
declare -A count
while IFS=$'\t' read -r test name reason; do
  total=$((total + 1))
  count[$reason]=$((${count[$reason]:-0} + 1))
  is_expected "$reason" || { unexpected=$((unexpected + 1)); echo "unexpected skip: $test $name: $reason"; }
done < <(skips)
for reason in "${!count[@]}"; do printf '%5d  %s\n' "${count[$reason]}" "$reason"; done | sort -rn
echo "$total skipped, $unexpected of them for a reason that does not hold here"
[ $unexpected = 0 ]
