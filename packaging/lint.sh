#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The checks of `./dev lint`: formatting, layer rules, file budgets, clang-tidy.
#
#   packaging/lint.sh               everything; clang-tidy on the files changed since the upstream branch
#   packaging/lint.sh --all         everything; clang-tidy on every source (long)
#   packaging/lint.sh --layers      the layer rules alone, with no tool but Python (a test and the commit hook run it)
#   ... --root DIR                  another tree than this one
set -uo pipefail

root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
graph=$root/tests/tools/layers.py
tested=$root/tests/tools/tested_headers.py
budgets=$root/tests/tools/budgets.py
mode=changed
while [ $# -gt 0 ]; do
  case "$1" in
    --all) mode=all ;;
    --layers) mode=layers ;;
    --root) root=$2; shift ;;
    *) sed -n '3,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
  shift
done
cd "$root" || exit 2

failures=0
fail() { printf 'lint: %s\n' "$*" >&2; failures=$((failures + 1)); }

# Files of ours that match the patterns of `find -name`, one a line.
sources() { # folders... -- patterns...
  local folders=() names=()
  while [ "$1" != -- ]; do [ -d "$1" ] && folders+=("$1"); shift; done
  shift
  [ ${#folders[@]} -gt 0 ] || return 0
  for name in "$@"; do names+=(-o -name "$name"); done
  find "${folders[@]}" -type f \( "${names[@]:1}" \) | sort
}

# Fails with every line of `files` that matches: the rule, then file:line.
forbid() { # rule, regular expression; the files on stdin
  local hits
  hits=$(xargs -r grep -nHE -- "$2" 2>/dev/null)
  [ -z "$hits" ] && return 0
  while IFS= read -r hit; do fail "$hit"$'\n'"      $1"; done <<<"$hits"
}

qt='^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"](Q[A-Z]|Qt|qt|qcustomplot)'
torch='^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"](torch|ATen|c10)/'
above_core='^[[:space:]]*#[[:space:]]*include[[:space:]]*"(ui|app|tests)/'
above_ui='^[[:space:]]*#[[:space:]]*include[[:space:]]*"(app|tests)/'
keywords='(^|[^A-Za-z_])(signals|slots)[[:space:]]*:|^[[:space:]]*emit[[:space:]]'

check_private_headers() {
  local line file included
  while IFS= read -r line; do
    file=${line%%:*}
    included=$(sed -nE 's/.*include[[:space:]]*"([^"]+)".*/\1/p' <<<"$line")
    [ "$(dirname "$file")" = "$(dirname "$included")" ] ||
      fail "${line%%#*} $included"$'\n'"      a private header (_p.h) is for its own folder"
  done < <(sources app core ui -- '*.h' '*.cpp' | xargs -r grep -nHE '#[[:space:]]*include[[:space:]]*"[^"]+_p\.h"')
}

# Headers of core that declare something to call, and no test of their own folder includes. The commit hook has but a part
# of a tree.
check_tested_headers() {
  local found
  [ "$root" -ef "$(dirname "$graph")/../.." ] || return 0
  found=$(python3 "$tested" --root .) || fail "$found"
}

public_core_headers() {
  sources core -- '*.h' | grep -vE '(_tensors|_p|_impl)\.h$|^core/kernels/|^core/tensor/(parallel_tasks|pch|runtime)\.h$|^core/weights/weights\.h$'
}

check_layers() {
  local file found
  found=$(python3 "$graph" --check --root .) || fail "$found"
  forbid 'core knows no Qt' "$qt" < <(sources core -- '*.h' '*.cpp' '*.cu' '*.in')
  forbid 'core includes nothing of ui, app or tests' "$above_core" < <(sources core -- '*.h' '*.cpp' '*.cu' '*.in')
  forbid 'ui includes nothing of app or tests' "$above_ui" < <(sources ui -- '*.h' '*.cpp')
  forbid 'ui and app know no LibTorch: put it into core' "$torch" < <(sources ui app -- '*.h' '*.cpp')
  forbid 'a public header of core forward-declares at::Tensor; what holds tensors is named *_tensors.h' \
    "$torch" < <(public_core_headers)
  forbid "a tensor's memory is taken by core/tensor/host_pointer_tensors.h, which asks where it lies" 'data_ptr' \
    < <(sources core -- '*.h' '*.cpp' '*.cu' | grep -v '^core/tensor/host_pointer')
  forbid 'include core/base/fmt.h: LibTorch brings another version of {fmt}' '^[[:space:]]*#[[:space:]]*include[[:space:]]*<fmt/' \
    < <(sources app core ui tests -- '*.h' '*.cpp' | grep -v '^core/base/fmt.h$')
  forbid 'std::regex backtracks without bound: use core/text/regex.h' '^[[:space:]]*#[[:space:]]*include[[:space:]]*<regex>' \
    < <(sources app core ui tests -- '*.h' '*.cpp')
  forbid 'a message is put together by fmt::format, a double by core/text/number_text.h' '(std::to_string|snprintf) *\(' \
    < <(sources core app/cli -- '*.h' '*.cpp' | grep -vE '^core/prompt/(format|number_filters)\.cpp$') # a template asks for printf's
  forbid 'a JSON value is read by core/text/json_value.h or json_fields.h' \
    '(is_number[a-z_]*|is_string|is_boolean) *\(|get_ref<const std::string|\.get<(bool|double|std::(string|u?int|vector))' \
    < <(sources core app/cli -- '*.h' '*.cpp' | grep -vE '^core/text/json_value\.h$|^core/prompt/value\.cpp$') # by kind, into a template's
  forbid 'write Q_SIGNALS, Q_SLOTS and Q_EMIT' "$keywords" < <(sources app core ui -- '*.h' '*.cpp')
  check_private_headers
  check_tested_headers
  while IFS= read -r file; do
    head -n 3 "$file" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' ||
      fail "$file: its first line is no SPDX-License-Identifier: GPL-3.0-or-later"
  done < <(sources app core ui tests packaging -- '*.h' '*.cpp' '*.cu' '*.py' '*.sh')
}

check_sizes() {
  local file found
  while IFS= read -r -d '' file; do
    [ -f "$file" ] && [ "$(stat -c %s "$file")" -gt 1048576 ] &&
      fail "$file: over 1 MiB; data stays out of the repository"
  done < <(git ls-files -z)
  found=$(python3 "$budgets" --root .) || fail "$found"
}

# By what it would write: clang-format 14's --dry-run complains of the comment behind an inline namespace that it keeps.
check_format() {
  local file
  while IFS= read -r -d '' file; do
    [ -f "$file" ] && ! clang-format "$file" | cmp -s - "$file" &&
      fail "$file: not formatted; ./dev format does it"
  done < <(git ls-files -z '*.h' '*.cpp' '*.cu')
}

changed_sources() {
  local base
  base=$(git merge-base HEAD '@{upstream}' 2>/dev/null || git rev-parse HEAD)
  { git diff --name-only --diff-filter=d "$base"; git ls-files --others --exclude-standard; } |
    grep -E '^(app|core|ui)/.*\.cpp$' | sort -u
}

# GCC's precompiled headers mean nothing to clang: the commands go to it without them.
check_tidy() {
  local database=build/lint list
  [ -f build/release/compile_commands.json ] || { fail 'build/release is not configured: ./dev build first'; return; }
  mkdir -p $database
  python3 - $database/compile_commands.json <<'PY'
import json, re, sys
commands = json.load(open('build/release/compile_commands.json'))
for entry in commands:
    entry['command'] = re.sub(r'-Winvalid-pch|-include \S*cmake_pch\.hxx|-fpch-preprocess', '', entry['command'])
json.dump(commands, open(sys.argv[1], 'w'))
PY
  if [ "$mode" = all ]; then list=$(git ls-files 'app/*.cpp' 'core/*.cpp' 'ui/*.cpp'); else list=$(changed_sources); fi
  [ -n "$list" ] || { echo 'lint: no changed sources for clang-tidy' >&2; return; }
  printf '%s\n' "$list" | xargs -P "$(nproc)" -n 1 clang-tidy --quiet -p $database 2>/dev/null ||
    fail 'clang-tidy has findings'
}

check_layers
if [ "$mode" != layers ]; then
  check_sizes
  check_format
  check_tidy
fi
[ $failures = 0 ] && exit 0
printf 'lint: %d problem(s)\n' $failures >&2
exit 1
