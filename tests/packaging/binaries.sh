#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every program of ours is hardened and loads nothing from the folder it is started in, in the build tree and installed.
#   tests/packaging/binaries.sh BUILD_DIR fortified|plain PROGRAM…
# plain: a build without optimization or with a sanitizer, where _FORTIFY_SOURCE is off.
set -uo pipefail
build=$(cd "$1" && pwd) fortify=$2
shift 2
failures=0
fail() { echo "FAIL: $*"; failures=$((failures + 1)); }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Where the loader looks: absolute folders and those relative to the program; an empty element is the current folder.
check_paths() { # program, its dynamic section
  local paths element
  paths=$(sed -nE 's/.*\((RUNPATH|RPATH)\).*\[(.*)\]$/\2/p' <<<"$2")
  [ -n "$paths" ] || return 0
  while IFS= read -r element; do
    case "$element" in
      /*|'$ORIGIN'|'$ORIGIN/'*|'${ORIGIN}'*) ;;
      *) fail "$1: its run path has the element '$element': $paths" ;;
    esac
  done < <(tr ':' '\n' <<<"$paths")
}

check_hardening() { # program
  local dynamic segments symbols
  dynamic=$(readelf -dW "$1") segments=$(readelf -lW "$1") symbols=$(readelf -W --dyn-syms "$1")
  check_paths "$1" "$dynamic"
  grep -q 'Type: *DYN' <(readelf -hW "$1") && grep -q 'FLAGS_1.*PIE' <<<"$dynamic" || fail "$1: not position independent (PIE)"
  grep -q 'GNU_RELRO' <<<"$segments" || fail "$1: no RELRO"
  grep -q 'FLAGS_1.*NOW' <<<"$dynamic" || fail "$1: binds lazily: RELRO is not full"
  grep -E 'GNU_STACK' <<<"$segments" | grep -q ' RW ' || fail "$1: its stack is executable"
  grep -q '__stack_chk_fail' <<<"$symbols" || fail "$1: no stack protector"
  grep -q '__glibcxx_assert_fail' <<<"$symbols" || fail "$1: without -D_GLIBCXX_ASSERTIONS"
  [ "$fortify" = plain ] || grep -qE '__[a-z]+_chk@' <<<"$symbols" || fail "$1: without _FORTIFY_SOURCE"
}

# A file beside downloaded weights that is named like a library is not looked at: it is no library, so a program that
# tried it would not start.
check_current_folder() { # program, arguments that make it end at once
  local program=$1 trap_folder=$work/trap output name
  shift
  mkdir -p "$trap_folder"
  while IFS= read -r name; do echo 'no library' >"$trap_folder/$name"; done \
    < <(readelf -dW "$program" | sed -nE 's/.*\(NEEDED\).*\[(.*)\]$/\1/p'; echo libpcre2-8.so.0)
  output=$(cd "$trap_folder" && env -u LD_LIBRARY_PATH QT_QPA_PLATFORM=offscreen timeout 120 "$program" "$@" 2>&1) ||
    fail "$program: does not start in a folder of files named like its libraries: $output"
}

for program in "$@"; do
  if [ -f "$program" ]; then check_hardening "$program"; else fail "$program: not built"; fi
done

check_installed() {
  cmake --install "$build" --prefix "$work/prefix" >"$work/install.log" 2>&1 || { fail "cmake --install: $(tail -n 3 "$work/install.log")"; return; }
  local found=0 program
  for program in "$work"/prefix/bin/*; do
    check_hardening "$program"
    check_current_folder "$program" --version
    found=$((found + 1))
  done
  [ $found = 2 ] || fail "cmake --install gave $found programs (expected pissarro and pissarro-cli)"
}

check_current_folder "$build/app/pissarro-cli" --version
check_current_folder "$build/app/pissarro" --version
check_installed
[ $failures = 0 ] && echo "$# programs are hardened, also installed"
exit $((failures > 0))
