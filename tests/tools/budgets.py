#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds core, ui, app and tests against the budgets of CONTRIBUTING.md.

  budgets.py [--root DIR] [--all]     a line for each file, function and class over its budget; exit 1 if there is one.
                                      --all: also the ten of each kind that come next

A source has at most 500 lines, a header 200; a function 60, from its first line to its closing brace, and 6 parameters, a
lambda too; what a class defines outside of itself lies in at most 3 sources, its nested classes' with it.
"""
import argparse
import bisect
import collections
import os
import re
import sys

TOPS = ('core', 'ui', 'app', 'tests')
SOURCES, HEADERS = ('.cpp', '.cu'), ('.h', '.in')
BUDGETS = {'source': 500, 'header': 200, 'function': 60, 'parameters': 6, 'class': 3}
UNITS = {'source': 'lines', 'header': 'lines', 'function': 'lines', 'parameters': 'parameters', 'class': 'sources'}

TOKEN = re.compile(r'(?P<skip>//(?:[^\n]*\\\n)*[^\n]*|/\*.*?\*/|(?m:^)[ \t]*\#(?:[^\n]*\\\n)*[^\n]*|\s+)'
                   r'|(?P<raw>(?:u8|[uUL])?R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)")'
                   r'|(?P<text>(?:u8|[uUL])?"(?:\\.|[^"\\\n])*"|(?:u8|[uUL])?\'(?:\\.|[^\'\\\n])+\')'
                   r'|(?P<number>\.?\d(?:\'?[\w.]|(?<=[eEpP])[+-])*)'
                   r'|(?P<word>[A-Za-z_]\w*)'
                   r'|(?P<mark_>::|->|&&|\|\||==|!=|<=|>=|<<|\S)', re.DOTALL)
PAIRS = {'(': ')', '[': ']', '{': '}'}
KINDS = ('class', 'struct', 'union')

Token = collections.namedtuple('Token', 'text line')
Found = collections.namedtuple('Found', 'kind count where what')


class Unreadable(Exception):
    pass


def tokens_of(text):
    """Words and marks with their lines; texts become '""', comments and lines of the preprocessor nothing."""
    ends = [match.start() for match in re.finditer('\n', text)]
    for match in TOKEN.finditer(text):
        kind = match.lastgroup if match.lastgroup != 'mark' else 'raw'
        if kind != 'skip':
            found = '""' if kind in ('raw', 'text') else match.group()
            yield Token(found, bisect.bisect_left(ends, match.start()) + 1)


class Reader:
    """Walks namespaces and classes of one file; what a function has in its braces is looked at for lambdas alone."""

    def __init__(self, name, text):
        self.name = name
        self.tokens = list(tokens_of(text))
        self.close = self.matched()
        self.found = []
        self.members = []  # class, as its namespace and its outermost name
        self.scope(0, len(self.tokens), [])

    def matched(self):
        """The place of the bracket that closes each one."""
        close, open_ = {}, []
        for place, token in enumerate(self.tokens):
            if token.text in PAIRS:
                open_.append(place)
            elif token.text in PAIRS.values():
                if not open_ or PAIRS[self.tokens[open_[-1]].text] != token.text:
                    raise Unreadable(f'{self.name}:{token.line}: "{token.text}" closes nothing')
                close[open_.pop()] = place
        if open_:
            raise Unreadable(f'{self.name}:{self.tokens[open_[-1]].line}: is not closed')
        return close

    def scope(self, place, end, names):
        """Between the braces of a namespace or class: one declaration after the other."""
        begin = place
        while place < end:
            text = self.tokens[place].text
            if text == ';' or (text == ':' and self.tokens[place - 1].text in ('public', 'private', 'protected', 'Q_SLOTS')):
                self.declared(begin, place)
                begin = place = place + 1
            elif text in '([':
                place = self.close[place] + 1
            elif text == '{':
                shut = self.close[place]
                if self.block(begin, place, names):
                    begin = shut + 1
                place = shut + 1
            else:
                place += 1

    def block(self, begin, brace, names):
        """What the braces of a declaration are; whether they end it."""
        head = self.outer(begin, brace)
        words = [self.tokens[place].text for place in head]
        if words and words[0] in ('namespace', 'inline', 'extern') and ('namespace' in words or words == ['extern', '""']):
            inner = [word for word in words if word[0].isalpha() and word not in ('namespace', 'inline', 'extern')]
            self.scope(brace + 1, self.close[brace], names + (inner if 'namespace' in words and inner else [self.name]))
            return True
        call = self.parameters_at(head)
        if call is None:
            kind = next((at for at, word in enumerate(words) if word in KINDS), None)
            if kind is not None and '=' not in words and 'enum' not in words:
                own = next((word for word in words[kind + 1:] if word[0].isalpha() and word != 'final'), '')
                self.scope(brace + 1, self.close[brace], names + ['class ' + own])
            else:
                self.lambdas(brace, self.close[brace])
            return False
        if self.initializes(head, call, brace):
            return False
        self.function(begin, call, brace, names)
        return True

    def outer(self, begin, end):
        """Places of a declaration that lie in no brackets; those of brackets are there themselves. A template's
        parameters are not."""
        places, place = [], begin
        while place < end:
            text = self.tokens[place].text
            if text == 'template' and self.tokens[place + 1].text == '<':
                place = self.angle(place + 1)
                continue
            places.append(place)
            if text in PAIRS:
                place = self.close[place]
                places.append(place)
            place += 1
        return places

    def angle(self, place):
        depth = 0
        while True:
            text = self.tokens[place].text
            if text in PAIRS:
                place = self.close[place]
            depth += (text == '<') - (text == '>')
            place += 1
            if not depth:
                return place

    def parameters_at(self, head):
        """The place of the bracket that opens the parameters; None: no function."""
        for at, place in enumerate(head):
            text = self.tokens[place].text
            if text == '=' and self.tokens[head[at - 1]].text != 'operator':
                return None
            if text == '(' and at and head[at - 1] == place - 1:
                before = self.tokens[place - 1].text
                if before in ('alignas', 'decltype', 'noexcept', 'requires', '__attribute__', 'explicit'):
                    continue
                if before == 'operator':  # operator()
                    return place + 2
                operator = any(self.tokens[one].text == 'operator' for one in head[max(0, at - 4):at])
                if operator or before[0].isalpha() or before[0] == '_' or before == '>':
                    return place
        return None

    def initializes(self, head, call, brace):
        """Whether the brace belongs to a member in a constructor's list, not to the body."""
        after = [place for place in head if place > self.close[call]]
        return any(self.tokens[place].text == ':' for place in after) and self.tokens[brace - 1].text not in (')', '}')

    def declared(self, begin, end):
        """Of what has no body, only what is pure: the others are defined elsewhere. Lambdas of a variable."""
        head = self.outer(begin, end)
        call = self.parameters_at(head)
        if call is not None and [self.tokens[place].text for place in head[-2:]] == ['=', '0']:
            self.count_parameters(call, self.tokens[call - 1].text)
        self.lambdas(begin, end)

    def function(self, begin, call, brace, names):
        first, last = self.tokens[begin].line, self.tokens[self.close[brace]].line
        path = [self.tokens[call - 1].text]
        place = call - 2
        if path[0] in PAIRS or not (path[0][0].isalpha() or path[0][0] == '_'):
            path, place = ['operator'], call - 1
            while place >= begin and self.tokens[place].text != 'operator':
                place -= 1
            if place < begin:
                return  # the type of a member in whose braces it begins: std::function<R(A)> f {}
            place -= 1
        if self.tokens[place].text == '~':
            place -= 1
        while self.tokens[place].text == '::' and place > begin:
            place -= 1
            if self.tokens[place].text == '>':
                depth = 0
                while True:
                    depth += (self.tokens[place].text == '>') - (self.tokens[place].text == '<')
                    place -= 1
                    if not depth:
                        break
            path.insert(0, self.tokens[place].text)
            place -= 1
        what = '::'.join([name.removeprefix('class ') for name in names if name.startswith('class ')] + path)
        self.found.append(Found('function', last - first + 1, f'{self.name}:{first}', what))
        self.count_parameters(call, what)
        if len(path) > 1 and not any(name.startswith('class ') for name in names):
            self.members.append('::'.join(names + path[:1]))
        self.lambdas(call, self.close[brace])

    def count_parameters(self, call, what):
        count = self.commas(call)
        self.found.append(Found('parameters', count, f'{self.name}:{self.tokens[call].line}', what))

    def commas(self, call):
        """Things between the commas of brackets; commas of template arguments are not among them."""
        count, depth, place, end = int(self.close[call] > call + 1), 0, call + 1, self.close[call]
        while place < end:
            text = self.tokens[place].text
            if text in PAIRS:
                place = self.close[place]
            elif text == '<':
                depth += 1
            elif text == '>' and depth:
                depth -= 1
            elif text == ',' and not depth:
                count += 1
            place += 1
        return count

    def lambdas(self, begin, end):
        for place in range(begin, end):
            text = self.tokens[place].text
            before = self.tokens[place - 1].text if place else ''
            if text == '[' and (before in ('return', '&&') or not (before[:1].isalnum() or before[:1] in tuple('_)]'))):
                call = self.close[place] + 1
                if self.tokens[call].text == '(':
                    self.count_parameters(call, 'a lambda')


def found_in(root):
    found, members = [], collections.defaultdict(set)
    for top in TOPS:
        for folder, folders, names in os.walk(os.path.join(root, top)):
            folders.sort()
            for name in sorted(names):
                kind = 'source' if name.endswith(SOURCES) else 'header' if name.endswith(HEADERS) else None
                if not kind:
                    continue
                path = os.path.relpath(os.path.join(folder, name), root)
                with open(os.path.join(folder, name), encoding='utf-8') as file:
                    text = file.read()
                found.append(Found(kind, text.count('\n'), path, ''))
                reader = Reader(path, text)
                found += reader.found
                for member in reader.members if kind == 'source' else ():
                    members[member].add(path)
    for member, paths in sorted(members.items()):
        found.append(Found('class', len(paths), sorted(paths)[0], f'{member} in {", ".join(sorted(paths))}'))
    return found


def main():
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--root', default=here)
    parser.add_argument('--all', action='store_true')
    options = parser.parse_args()
    try:
        found = found_in(options.root)
    except Unreadable as error:
        sys.exit(f'budgets: {error}')
    over = [one for one in found if one.count > BUDGETS[one.kind]]
    for kind, budget in BUDGETS.items():
        own = sorted((one for one in found if one.kind == kind), key=lambda one: -one.count)
        shown = [one for one in own if one.count > budget]
        for one in own[:len(shown) + 10] if options.all else shown:
            print(f'{one.where}: {one.what or kind}: {one.count} {UNITS[kind]} (at most {budget})')
    sys.exit(bool(over))


main()
