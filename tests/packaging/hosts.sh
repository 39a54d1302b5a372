#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# On a machine that cannot build or run Pissarro, ./dev and CMake say why in one line; with a LibTorch given by its path CMake
# needs nothing that ./dev made.
#   tests/packaging/hosts.sh SOURCE_DIR LIBTORCH_DIR
set -uo pipefail
source_dir=$(cd "$1" && pwd)
torch=$2
failures=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*"; failures=$((failures + 1)); }

# A folder of commands that stand in for the machine's; the rest is taken from where it is.
stand_in() { # name, what it prints
  mkdir -p "$work/bin"
  printf '#!/bin/sh\n%s\n' "$2" >"$work/bin/$1"
  chmod +x "$work/bin/$1"
}

# A path of the usual commands without apt-get and dpkg-query.
without_apt() {
  mkdir -p "$work/usual"
  local name
  for name in "$@"; do ln -sf "$(command -v "$name")" "$work/usual/$name"; done
}

expect_dev() { # what, PATH, a part of the one line
  local output
  output=$(cd "$work/tree" && PATH=$2 ./dev build 2>&1) && fail "$1: ./dev went on"
  [ "$(grep -c '^error: ' <<<"$output")" = 1 ] && grep -q "^error: .*$3" <<<"$output" || fail "$1: expected one line with «$3»: $output"
}

expect_cmake() { # what, a part of the message, arguments…
  local what=$1 part=$2 output
  shift 2
  output=$(cmake -S "$source_dir" -B "$work/build" -G Ninja "$@" 2>&1) && fail "$what: CMake went on"
  grep -q -- "$part" <<<"$output" || fail "$what: expected a line with «$part»: $(grep -A3 'CMake Error' <<<"$output")"
  rm -rf "$work/build"
}

mkdir "$work/tree"
cp "$source_dir/dev" "$work/tree/"
stand_in uname 'case $1 in -m) echo aarch64 ;; *) echo Linux ;; esac'
expect_dev 'an ARM machine' "$work/bin:$PATH" 'aarch64.*x86-64'
without_apt bash sh dirname readlink uname sed grep cat python3 env
expect_dev 'no apt-get, no tools' "$work/usual" 'no apt-get.*cmake ninja'
rm -rf "$work/bin"
stand_in dpkg-query 'echo install ok installed'
stand_in df 'echo Avail; echo 1048576'
expect_dev 'a full disk' "$work/bin:$PATH" 'has 1 GB free and .deps needs about'

mkdir -p "$work/qt"
echo 'set(Qt6_FOUND FALSE)' >"$work/qt/Qt6Config.cmake"
printf 'set(PACKAGE_VERSION 6.2.4)\nset(PACKAGE_VERSION_COMPATIBLE FALSE)\n' >"$work/qt/Qt6ConfigVersion.cmake"
expect_cmake 'an ARM machine' 'x86-64.*aarch64' -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64
expect_cmake 'an old Qt' 'Qt 6.4 or newer.*found 6.2.4' -DQt6_DIR="$work/qt" -DCMAKE_MAKE_PROGRAM="$(command -v ninja)" -DCMAKE_CXX_COMPILER="$(command -v c++)" -DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF -DCMAKE_FIND_USE_SYSTEM_ENVIRONMENT_PATH=OFF -DCMAKE_PREFIX_PATH="$work/qt"
PKG_CONFIG_LIBDIR=$work expect_cmake 'no libraries' 'lacks: .*libpcre2-dev.*libxxhash-dev'
expect_cmake 'no LibTorch' 'run ./dev setup first, or give -DPISSARRO_TORCH' -DPISSARRO_DEPS="$work"
expect_cmake 'another folder' 'is no LibTorch: it lacks include/ATen/ATen.h' -DPISSARRO_TORCH="$work"
output=$(cmake -S "$source_dir" -B "$work/build" -G Ninja -DPISSARRO_DEPS="$work" -DPISSARRO_TORCH="$torch" 2>&1) ||
  fail "a LibTorch given by its path: $(grep -A3 'CMake Error' <<<"$output")"

[ $failures = 0 ] && echo 'each host gets its line'
exit $((failures > 0))
