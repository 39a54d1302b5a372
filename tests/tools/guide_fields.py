#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of settings in resources/guide/settings.md, made from what `pissarro-cli train --help` says.

  guide_fields.py --check   whether the page is today's; what differs, a line each
  guide_fields.py --write   brings it up to date

tests/cli/train_help.txt is that help: cli.usage compares the two. Help and file keys come from one table of core
(core/run/spec_fields.cpp, core/settings/fields.cpp), so that a setting which is added there is missing here until this has run.
"""
import argparse
import difflib
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HELP = "tests/cli/train_help.txt"
PAGE = "resources/guide/settings.md"
TABLES = ["core/run/spec_fields.cpp", "core/run/spec_reading_fields.cpp", "core/settings/fields.cpp"]
BEGIN = "<!-- guide_fields: begin; made by tests/tools/guide_fields.py -->\n"
END = "<!-- guide_fields: end -->\n"
# Of the verb, not of a run.
OF_THE_VERB = {"--help", "--json"}
OPTION = re.compile(r"^  (?:-\w,)?(--[a-z0-9-]+)(?: ([^ ].*?))?(?:  +(\S.*))?$")
VALUES = re.compile(r"^(TEXT|INT|UINT|REAL|METHOD=RATE)(?::\{([^}]*)\})?(?:=(\S+))?")
KEY_AND_FLAG = re.compile(r'(?:\.key = )?"([a-z0-9_]+)",\s*(?:\.flag = )?"(--[a-z0-9-]+)"')
KINDS = {"TEXT": "text", "INT": "whole number", "UINT": "whole number", "REAL": "number", "METHOD=RATE": "METHOD=RATE"}


def options(text):
    """(flag, what it takes, what it means) of each option, in the order of the help."""
    found = []
    for line in text.split("Options:\n", 1)[1].split("\n\n", 1)[0].splitlines():
        option = OPTION.match(line)
        if option:
            found.append([option[1], option[2] or "", option[3] or ""])
        else:  # what it means stands on a line of its own
            found[-1][2] = line.strip()
    # "--data TEXT Excludes: --batches .jsonl or .json with …": one space before what it means.
    for one in found:
        rest = re.match(r"(.*?Excludes: --[a-z-]+) (\S.*)$", one[1])
        if rest:
            one[1:] = [rest[1], rest[2]]
    return [one for one in found if one[0] not in OF_THE_VERB]


def keys():
    """The keys of run.json by flag."""
    found = {}
    for name in TABLES:
        for key, flag in KEY_AND_FLAG.findall((ROOT / name).read_text()):
            found.setdefault(flag, []).append(key)
    return found


def cells(flag, takes, means, keys_of_it):
    value = VALUES.match(takes)
    if value and value[2]:
        what = ", ".join(f"`{one}`" for one in value[2].split(","))
    else:
        what = KINDS[value[1]] if value else "yes or no"
    default = value[3] if value and value[3] else ""
    other = re.search(r"Excludes: (--[a-z-]+)", takes)
    default = "" if default == "by" else default
    if default:
        default = f"`{default}`"
    means = means + (f"; not with `{other[1]}`" if other else "")
    return [f"`{flag}`", ", ".join(f"`{key}`" for key in keys_of_it), what, default, means.replace("|", "\\|")]


def table():
    flags = keys()
    found = options((ROOT / HELP).read_text())
    lacking = set(flags) - {one[0] for one in found}
    if lacking:
        sys.exit(f"guide_fields.py: {HELP} does not tell of {', '.join(sorted(lacking))}")
    lines = ["| flag | in run.json | takes | by default | what it is |", "| --- | --- | --- | --- | --- |"]
    lines += ["| " + " | ".join(cells(*one, flags.get(one[0], []))) + " |" for one in found]
    return "\n".join(line.replace("|  |", "| |") for line in lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--check", action="store_true")
    what.add_argument("--write", action="store_true")
    wanted = parser.parse_args()
    page = (ROOT / PAGE).read_text()
    head, rest = page.split(BEGIN, 1)
    old, tail = rest.split(END, 1)
    new = "\n" + table() + "\n"
    if wanted.write:
        (ROOT / PAGE).write_text(head + BEGIN + new + END + tail)
        return 0
    differing = list(difflib.unified_diff(old.splitlines(), new.splitlines(), PAGE, HELP, lineterm="", n=0))
    if differing:
        print("\n".join(differing + ["tests/tools/guide_fields.py --write brings it up to date"]))
        return 1
    print(f"{PAGE}: {new.count(chr(10)) - 4} settings, as the help says")
    return 0


if __name__ == "__main__":
    sys.exit(main())
