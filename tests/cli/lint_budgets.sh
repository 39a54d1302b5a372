#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The budgets hold in this tree, and each of them bites: one line, parameter or source more is told.
#   tests/cli/lint_budgets.sh SOURCE_DIR
set -uo pipefail
shopt -s lastpipe # expect counts in this shell
budgets=$1/tests/tools/budgets.py
failures=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

lines() { for ((i = 0; i < $1; i++)); do echo "${2:-}"; done; }

# A tree of files that stdin has one after the other, "== NAME" before each.
expect() { # what, what is told (empty: nothing)
  rm -rf "$work/tree"
  mkdir -p "$work/tree"
  awk -v to="$work/tree/" '/^== /{ file = to $2; folder = file; sub("/[^/]*$", "", folder); system("mkdir -p " folder); printf "" >file; next } { print >file }'
  local found
  found=$(python3 "$budgets" --root "$work/tree" 2>&1)
  local code=$?
  if [ -z "$2" ] && { [ $code != 0 ] || [ -n "$found" ]; } || [ -n "$2" ] && { [ $code = 0 ] || ! grep -qF -- "$2" <<<"$found"; }; then
    echo "FAIL: $1: exit $code, expected: ${2:-nothing}"; echo "$found"; failures=$((failures + 1))
  fi
}

{ echo '== core/a.cpp'; lines 500; echo '== ui/a.h'; lines 200; } | expect 'files that fit' ''
{ echo '== core/a.cpp'; lines 501; } | expect 'a source' 'core/a.cpp: source: 501 lines'
{ echo '== ui/a.h'; lines 201; } | expect 'a header' 'ui/a.h: header: 201 lines'

body() { echo "$1"; echo '{'; lines $(($2 - 3)) '    f();'; echo '}'; }
{ echo '== app/a.cpp'; body 'void A::one() const' 60; } | expect 'a function that fits' ''
{ echo '== app/a.cpp'; body 'void A::one() const' 61; } | expect 'a function' 'app/a.cpp:1: A::one: 61 lines'
{ echo '== tests/a.cpp'; echo 'namespace a {'; echo 'class B {'; body 'bool operator==(const B& other)' 61; echo '};'; echo '}'; } |
  expect 'an operator within a class' 'tests/a.cpp:3: B::operator: 61 lines'
{ echo '== ui/a.cpp'; body 'A::A() : m_b {1}, m_c(new C {2})' 61; } | expect 'a constructor with a list' 'A::A: 61 lines'
{ echo '== ui/a.cpp'; body 'template <class T, int N = (1 > 0)> auto a(T t) -> B<T>' 61; } | expect 'a template' ': a: 61 lines'
{ echo '== ui/a.cpp'; echo 'const Rows kRows {'; lines 70 '    {"a", 1},'; echo '};'; } | expect 'a table' ''
{ echo '== ui/a.cpp'; echo 'auto text = R"(void f() {'; lines 70 '}{'; echo ')"; // {'; } | expect 'a raw text, a comment' ''

six='int a, std::map<int, int> b, int c = f(1, 2), int (*d)(int, int), int e, int f'
echo "== core/a.cpp
void one($six) {}" | expect 'parameters that fit' ''
echo "== core/a.cpp
void one($six, int g) {}" | expect 'parameters' 'core/a.cpp:1: one: 7 parameters'
echo "== core/a.h
class A {
    void one($six, int g);
    virtual void two($six, int g) = 0;
};" | expect 'what no other file defines' 'core/a.h:3: two: 7 parameters'
echo "== core/a.cpp
void one() { two([&]($six, int g) {}); }" | expect 'a lambda' 'core/a.cpp:1: a lambda: 7 parameters'

class() { for ((i = 1; i <= $1; i++)); do printf '== ui/%s.cpp\nnamespace p::ui {\n%s\n}\n' "$i" "$2"; done; }
class 3 'void A::one() {}' | expect 'a class in three sources' ''
class 4 'void A::one() {}' | expect 'a class in four' 'p::ui::A in ui/1.cpp, ui/2.cpp, ui/3.cpp, ui/4.cpp: 4 sources'
class 4 'void A::Private::one() {}' | expect 'its nested classes' 'p::ui::A in'
class 4 'namespace { struct A { void one(); }; void A::one() {} }' | expect 'classes of one name, each of its file' ''
echo '== ui/a.cpp
void f() {' | expect 'a file that cannot be read' 'ui/a.cpp:1: is not closed'

found=$(python3 "$budgets" --root "$1") || { echo "$found"; failures=$((failures + 1)); }
[ $failures = 0 ] || { printf '%d of the checks failed\n' $failures; exit 1; }
