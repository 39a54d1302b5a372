#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists the headers of core that no test of their own folder includes: core/a/b.h wants one of tests/core/a.

  tested_headers.py [--root DIR]     a line each; exit 1 if there is one

What only lists data wants none: a header that declares nothing that can be called. Values of types, pointers to functions
and comparisons that the compiler writes (= default) are data. Nor do headers that are private to their folder: *_p.h,
*_impl.h.
"""
import argparse
import os
import re
import sys

PRIVATE = ('_p.h', '_impl.h')
OURS = re.compile(r'^\s*#\s*include\s*"(core/[^"]+)"', re.MULTILINE)
# What looks like a call or its declaration, and is none.
NO_CODE = re.compile(r'"(?:\\.|[^"\\\n])*"'  # texts
                     r'|/\*.*?\*/|//[^\n]*|^\s*#(?:[^\n]*\\\n)*[^\n]*$'  # comments, the preprocessor's lines
                     r'|\bbool\s+operator\s*==\s*\([^)]*\)\s*const\s*=\s*default'
                     r'|\(\s*\*\s*\w+\s*\)\s*\([^;]*?\)'  # a pointer to a function
                     r'|std::function<[^;]*>', re.MULTILINE | re.DOTALL)
CALLED = re.compile(r'\w\s*\(|operator\s*\S+\s*\(')


def headers(root):
    for folder, folders, names in os.walk(os.path.join(root, 'core')):
        folders.sort()
        for name in sorted(names):
            if name.endswith('.h') and not name.endswith(PRIVATE):
                yield os.path.relpath(os.path.join(folder, name), root)


def text_of(root, name):
    with open(os.path.join(root, name), encoding='utf-8', errors='replace') as file:
        return file.read()


def included_by_tests_of(root, folder):
    """The headers of core that files of tests/FOLDER name, not those of folders below it."""
    tests = os.path.join('tests', folder)
    if not os.path.isdir(os.path.join(root, tests)):
        return set()
    files = (name for name in os.listdir(os.path.join(root, tests)) if name.endswith(('.cpp', '.h')))
    return {header for name in files for header in OURS.findall(text_of(root, os.path.join(tests, name)))}


def untested(root):
    included = {}
    for name in headers(root):
        folder = os.path.dirname(name)
        if folder not in included:
            included[folder] = included_by_tests_of(root, folder)
        if name not in included[folder] and CALLED.search(NO_CODE.sub(' ', text_of(root, name))):
            yield name


def main():
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--root', default=here)
    found = list(untested(parser.parse_args().root))
    for name in found:
        print(f'{name}\n      no test of tests/{os.path.dirname(name)} includes it')
    sys.exit(bool(found))


main()
