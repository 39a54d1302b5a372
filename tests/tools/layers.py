#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds the includes of core, ui and app against packaging/layers.

  layers.py [--root DIR] [--layers FILE] --check     a line for each include that points up or aside, each file in a
                                                     folder that is not listed, each <ATen/...> where no tensors are
                                                     allowed, each file of core outside of its folder's namespace,
                                                     and, in this tree, each picture that is not today's;
                                                     exit 1 if there is one
  layers.py [--root DIR] [--layers FILE] --picture   writes the graph between the two marks of core/README.md, ui/README.md
"""
import argparse
import collections
import os
import re
import sys

TOPS = ('core', 'ui', 'app')
ENDS = ('.h', '.cpp', '.cu', '.in')
OURS = re.compile(r'^\s*#\s*include\s*"((?:core|ui|app)/[^"]+)"')
TORCH = re.compile(r'^\s*#\s*include\s*[<"](?:torch|ATen|c10)/')
NAMESPACE = re.compile(r'^namespace (pissarro::core(?:::(?:inline )?\w+)*) \{')
BEGIN = '<!-- layers: written by tests/tools/layers.py -->'
END = '<!-- layers: end -->'
PICTURES = {'core/README.md': 'core/', 'ui/README.md': 'ui/'}

Layer = collections.namedtuple('Layer', 'band folder level torch')
EACH = '/*'


def read_layers(path):
    layers, level = {}, 0
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            words = line.split('#')[0].split()
            if not words:
                continue
            beside = len(words) == 4 and words[1] == '='
            if beside:
                del words[1]
            if len(words) != 3 or words[2] not in ('yes', 'no') or words[1] in layers:
                sys.exit(f'{path}:{number}: expected "band [=] folder yes|no", each folder once')
            level += not beside
            layers[words[1]] = Layer(words[0], words[1], level, words[2] == 'yes')
    return layers


def layer_of(folder, layers):
    """The line of a folder: its own, or that of each folder beside it ("ui/pages/*"). None: it has none."""
    return layers.get(folder) or layers.get(os.path.dirname(folder) + EACH)


def files_of(root):
    """Every source below the tops, from the root."""
    for top in TOPS:
        for folder, folders, names in os.walk(os.path.join(root, top)):
            folders.sort()
            for name in sorted(names):
                if name.endswith(ENDS):
                    yield os.path.relpath(os.path.join(folder, name), root)


def problems_and_edges(root, layers):
    problems, edges = [], collections.Counter()
    for name in files_of(root):
        folder = os.path.dirname(name)
        own = layer_of(folder, layers)
        if own is None:
            problems.append(f'{name}\n      {folder} is not listed in packaging/layers')
            continue
        with open(os.path.join(root, name), encoding='utf-8', errors='replace') as file:
            lines = file.readlines()
        problems += strange_namespaces(name, lines)
        for number, line in enumerate(lines, 1):
            where = f'{name}:{number}: {line.strip()}'
            if not own.torch and TORCH.match(line):
                problems.append(f'{where}\n      {folder} holds no tensors (packaging/layers)')
            found = OURS.match(line)
            if not found:
                continue
            header = found.group(1)
            target = os.path.dirname(header)
            other = layer_of(target, layers)
            if other is None or target == folder:
                continue  # a folder that is not listed is told of by its files
            if other is not own:
                edges[own.folder, other.folder] += 1
            if other.level >= own.level:
                place = 'below' if other.level > own.level else 'beside'
                problems.append(f'{where}\n      {folder} lies {place} {target} (packaging/layers)')
            if not own.torch and header.endswith('_tensors.h'):
                problems.append(f'{where}\n      {folder} holds no tensors (packaging/layers)')
    return problems, edges


def strange_namespaces(name, lines):
    """What a file of core declares outside of the namespace of its folder; forward declarations of a neighbour's classes and
    specialisations of its templates have to be, and a folder may say what the one around it declares."""
    if not name.startswith('core/'):
        return
    # export is a keyword, train() a function
    own = 'pissarro::' + os.path.dirname(name).replace('/', '::').replace('core::export', 'core::exports').replace('core::train', 'core::training')
    body, start, found = None, 0, ''
    for number, line in enumerate(lines, 1):
        opened = NAMESPACE.match(line)
        if opened:
            body, start, found = [], number, opened.group(1).replace('inline ', '')
        elif body is not None and line.startswith('}') and '// namespace pissarro::' in line:
            foreign = not (found + '::').startswith(own + '::') and not (own.startswith(found + '::') and found != 'pissarro::core')
            forward = all(re.match(r'(class|struct|enum class) [^{]*;|//|$', each.strip()) for each in body)
            special = found == 'pissarro::core' and any(each.startswith('template <>') for each in body)
            if foreign and not forward and not special:
                yield f'{name}:{start}: namespace {found}\n      what {os.path.dirname(name)} declares is in {own}'
            body = None
        elif body is not None:
            body.append(line)


def reduced(edges):
    """The arrows that no chain of others stands for."""
    below = collections.defaultdict(set)
    for above, under in edges:
        below[above].add(under)

    def reach(start, seen):
        for folder in below[start] - seen:
            seen.add(folder)
            reach(folder, seen)
        return seen

    return [(above, under) for above, under in edges
            if not any(under in reach(other, {other}) for other in below[above] - {under})]


def picture(prefix, layers, edges):
    inside = {pair for pair in edges if all(folder.startswith(prefix) for folder in pair)}
    arrows = {pair for pair in reduced(inside) if layers[pair[0]].level > layers[pair[1]].level}
    shown = [layer for layer in layers.values() if any(layer.folder in pair for pair in inside)]
    node = lambda folder: folder.removeprefix(prefix).replace(EACH, '_each').replace('/', '_')
    lines = ['```mermaid', 'flowchart TB']
    for band in dict.fromkeys(layer.band for layer in shown):
        lines.append(f'  subgraph {band}_band["{band}"]')
        lines += [f'    {node(layer.folder)}["{layer.folder.removeprefix(prefix)}"]' for layer in shown if layer.band == band]
        lines.append('  end')
    order = {layer.folder: place for place, layer in enumerate(shown)}
    for above, under in sorted(arrows, key=lambda pair: (order[pair[0]], order[pair[1]])):
        lines.append(f'  {node(above)} --> {node(under)}')
    return '\n'.join(lines + ['```'])


def pictures(root, layers, edges):
    """(path, text, what it should be) of each README that has the marks; the commit hook has but a part of a tree."""
    for name, prefix in PICTURES.items():
        path = os.path.join(root, name)
        if not os.path.isfile(path):
            continue
        with open(path, encoding='utf-8') as file:
            text = file.read()
        if BEGIN in text and END in text:
            head, tail = text.split(BEGIN)[0], text.split(END)[1]
            yield path, text, f'{head}{BEGIN}\n{picture(prefix, layers, edges)}\n{END}{tail}'


def main():
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--root', default=here)
    parser.add_argument('--layers', default=os.path.join(here, 'packaging', 'layers'))
    parser.add_argument('--check', action='store_true')
    parser.add_argument('--picture', action='store_true')
    options = parser.parse_args()
    layers = read_layers(options.layers)
    problems, edges = problems_and_edges(options.root, layers)
    whole = os.path.samefile(options.root, here) or options.picture
    for path, text, wanted in pictures(options.root, layers, edges) if whole else []:
        if text == wanted:
            continue
        if options.picture:
            with open(path, 'w', encoding='utf-8') as file:
                file.write(wanted)
        else:
            problems.append(f'{os.path.relpath(path, options.root)}\n'
                            '      its picture of the folders is not today\'s: tests/tools/layers.py --picture writes it')
    if options.check:
        for problem in problems:
            print(problem)
        sys.exit(bool(problems))


main()
