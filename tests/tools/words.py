#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sentences of the window and their translations, by Qt's lupdate.

  words.py --check            what a translator would stumble over, a line each; 77: lupdate is not there
  words.py --update [CLASS…]  resources/translations/*.ts brought up to date with the sources; CLASS: to be translated now
  words.py --pseudo FILE.qm   English, a third longer and in brackets, so that what is cut can be seen

The check: lupdate finds the class of every tr(); no sentence is glued from halves; a counted thing has its plural; each
class in a .ts is said whole or not at all, with the same %1, %2 … as the English; pissarro_en.ts has every plural.
"""
import argparse
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

SKIPPED = 77
FOLDERS = ["ui", "app", "core"]
# core's marks (core/text/said.h), as if they were Qt's.
ALIASES = ["-tr-function-alias", "QT_TRANSLATE_NOOP+=PISSARRO_SAID,QT_TRANSLATE_N_NOOP+=PISSARRO_SAID_N"]
# Words after a number that are no plurals: "%1 is training".
NO_PLURALS = {"is", "was", "has", "exists", "keeps", "leaves", "needs", "names", "holds", "minus", "this", "less",
              "ends", "goes", "with", "waits", "gives", "nats", "pass", "its", "runs:", "inputs", "outputs", "lies", "contains", "as", "equals", "ms"}
PLACE = re.compile(r"%(?:L?[1-9n])")


def tool(name):
    """Qt 6's: the one of that name on the PATH may be Qt 5's, or only its door."""
    for path in (f"/usr/lib/qt6/bin/{name}", shutil.which(f"{name}-qt6"), shutil.which(f"{name}6"), shutil.which(name)):
        if path and os.access(path, os.X_OK):
            said = subprocess.run([path, "-version"], capture_output=True, text=True)
            if said.returncode == 0 and "version 6" in said.stdout:
                return path
    return None


def lupdate(root, target, *options):
    """Runs it over the sources; gives what it complains of."""
    done = subprocess.run([tool("lupdate"), "-locations", "none", "-no-ui-lines", "-I", ".", *ALIASES, *options, *FOLDERS, "-ts",
                           target], cwd=root, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"words: lupdate failed: {done.stderr.strip()}")
    # Core has no tr(); lupdate loses a class of core's inline namespaces, which says nothing of a sentence.
    return [line for line in done.stderr.splitlines()
            if line.strip() and not re.search(r"/core/\S+: Ignoring definition of undeclared qualified class", line)]


class Message:
    def __init__(self, context, element):
        self.context = context
        self.source = element.findtext("source") or ""
        self.comment = element.findtext("comment") or ""
        self.plural = element.get("numerus") == "yes"
        translation = element.find("translation")
        forms = [] if translation is None else [form.text or "" for form in translation.findall("numerusform")]
        self.forms = forms or [("" if translation is None else translation.text) or ""]
        self.state = "" if translation is None else translation.get("type", "")
        self.done = self.state == "" and all(self.forms)
        self.gone = self.state in ("vanished", "obsolete")

    def key(self):
        return (self.context, self.source, self.comment)


def messages(file):
    return [Message(context.findtext("name"), element)
            for context in xml.parse(file).getroot().findall("context") for element in context.findall("message")]


def is_glued(source):
    """A half that something is put before or behind: it begins or ends with a space or with a joint."""
    return source != source.strip(" ") or source.startswith((", ", ". ", "; ", "· ")) or source.endswith(("·", ","))


def lacks_plural(message):
    counted = re.search(r"%(?:L?\d|n) (?:(?!for |of |or |and |the )[a-z]+ )?([a-z-]+s)\b(?!/)", message.source)
    return counted and counted[1] not in NO_PLURALS and not message.plural


GLUE = [
    (re.compile(r'\+=?\s*(?:\w+::)?tr\("'), "a sentence is put behind another text: say the whole with %1"),
    (re.compile(r'\btr\("[^"]*"\)\s*\+\s*(?!QStringLiteral\("[*\\n])'), "a text is put behind a sentence: say the whole with %1"),
    (re.compile(r"translate\(\s*\"(?!pissarro::(?:ui::|core\"))"), "its class is pissarro::ui::…, so that the .ts has it by that name"),
    (re.compile(r"^\s*QString tr\("), "a tr() that lupdate finds no class for: Q_DECLARE_TR_FUNCTIONS"),
    (re.compile(r"\.section\(Q\w+\(\"[^\"]* [^\"]*\""), "parsed back out of a sentence: take the values"),
]


def check_sources(root):
    for folder in FOLDERS:
        for path in sorted(glob.glob(f"{root}/{folder}/**/*.cpp", recursive=True)):
            with open(path, encoding="utf-8") as file:
                for number, line in enumerate(file, 1):
                    code = line.split(" // ")[0]
                    for pattern, why in GLUE:
                        if pattern.search(code):
                            yield f"{os.path.relpath(path, root)}:{number}: {why}"


def check_messages(found):
    for message in found:
        said = f"{message.context}: {message.source!r}"
        if not message.context.startswith("pissarro::ui::") and message.context != "pissarro::core":
            yield f"{said}: no class of the window (pissarro::ui::…)"
        if is_glued(message.source):
            yield f"{said}: half a sentence; write the whole with %1"
        if lacks_plural(message):
            yield f"{said}: a count without its plural; tr(…, nullptr, pluralOf(count))"


def check_translation(file, found):
    """A class is said whole or not at all: what is half English reads worse than what is English."""
    name = os.path.basename(file)
    wanted = {message.key(): message for message in found}
    there = {message.key(): message for message in messages(file) if message.done}
    begun = {key[0] for key in there}
    if name == "pissarro_en.ts":
        for key, message in wanted.items():
            if message.plural and key not in there:
                yield f"{name}: {message.context}: {message.source!r} lacks its singular; words.py --update, then write it"
        begun = set()
    for key, message in wanted.items():
        if message.context in begun and key not in there:
            yield f"{name}: {message.context}: {message.source!r} is not translated, others of its class are"
    for key, message in there.items():
        places = set(PLACE.findall(message.source))
        for form in message.forms:
            lost = places - set(PLACE.findall(form)) - ({"%n"} if message.plural else set())
            if lost:
                yield f"{name}: {message.context}: {form!r} lacks {', '.join(sorted(lost))}"


def check(root):
    with tempfile.TemporaryDirectory() as folder:
        fresh = os.path.join(folder, "pissarro_fresh.ts")
        complaints = [f"lupdate: {line}" for line in lupdate(root, fresh)]
        found = messages(fresh)
    complaints += check_sources(root)
    complaints += check_messages(found)
    for file in sorted(glob.glob(f"{root}/resources/translations/*.ts")):
        complaints += check_translation(file, found)
    for complaint in complaints:
        print(f"words: {complaint}")
    print(f"words: {len(found)} sentences, {len(complaints)} complaints")
    return 1 if complaints else 0


def update(root, more):
    """lupdate's work, then out with the classes that nobody has begun: a .ts holds what it says, and what is asked for."""
    for file in sorted(glob.glob(f"{root}/resources/translations/*.ts")):
        plurals = ["-pluralonly"] if file.endswith("_en.ts") else []
        for line in lupdate(root, file, "-no-obsolete", *plurals):
            print(f"words: {line}", file=sys.stderr)
        kept = set(more) | {message.context for message in messages(file) if message.done}
        with open(file, encoding="utf-8") as stream:
            text = stream.read()
        if not plurals:
            text = re.sub(r"<context>\n    <name>([^<]*)</name>.*?</context>\n",
                          lambda found: found[0] if found[1] in kept else "", text, flags=re.S)
        with open(file, "w", encoding="utf-8") as stream:
            stream.write(text)
    return 0


def longer(text):
    """«[Ŝtöp ånd kéép---]»: readable, a third longer, and with an end that is seen where it is not cut."""
    accents = str.maketrans("aeiouAEIOUy", "åéïöûÅÉÏÖÛý")
    parts = re.split(r"(%L?[1-9n]|&(?=\w)|\n|<[^>]*>)", text)
    readable = "".join(part if i % 2 else part.translate(accents) for i, part in enumerate(parts))
    plain = len(PLACE.sub("", text).replace("&", "").strip())
    if plain < 4:  # a unit
        return readable
    return f"[{readable}{'-' * max(0, round(plain * 0.35) - 2)}]"


def pseudo(root, target):
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "pissarro_eo.ts") # two forms of the plural, as English has
        lupdate(root, file, "-target-language", "en")
        tree = xml.parse(file)
        for element in tree.getroot().iter("message"):
            translation = element.find("translation")
            translation.attrib.pop("type", None)
            forms = translation.findall("numerusform") or [translation]
            for form in forms:
                form.text = longer(element.findtext("source"))
        tree.write(file, encoding="utf-8", xml_declaration=True)
        return subprocess.run([tool("lrelease"), "-silent", file, "-qm", target]).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--check", action="store_true")
    what.add_argument("--update", nargs="*", metavar="CLASS")
    what.add_argument("--pseudo", metavar="FILE.qm")
    arguments = parser.parse_args()
    root = os.path.abspath(arguments.root)
    if tool("lupdate") is None or tool("lrelease") is None:
        print("skipped: Qt 6's lupdate or lrelease is not here (Debian: qt6-l10n-tools)")
        return SKIPPED
    if arguments.pseudo:
        return pseudo(root, os.path.abspath(arguments.pseudo))
    return check(root) if arguments.check else update(root, arguments.update)


if __name__ == "__main__":
    sys.exit(main())
