#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders snippets and whole chat templates with the Jinja environment of transformers: the expected values of
core.jinja and core.chat_render.

    PYTHON tests/tools/make_jinja_fixtures.py            writes tests/fixtures/jinja/snippets.json
    PYTHON tests/tools/make_jinja_fixtures.py --check F  renders the requests of F, one JSON a line on stdout

PYTHON has transformers (tools/peers.sh). Every word of the fixture is our own."""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE.parent / "fixtures/jinja/snippets.json"

CONTEXT = {
    "user": {"name": "Ada", "age": 36, "tags": ["x", "y"], "items": "shadow"},
    "turns": [{"role": "user", "content": " Hi "}, {"role": "assistant", "content": "Hello\n"}, {"role": "user", "content": "Bye"}],
    "schema": {"type": "object", "properties": {"city": {"type": "string", "description": "<b> & \"é\""}}, "required": ["city"]},
    "nums": [3, 1, 2], "word": "Größe", "empty": "", "nothing": None, "yes": True, "x": 7, "f": 0.1, "csv": "a,b,,c",
}

SNIPPETS = r"""
{{ 2 ** 3 ** 2 }} {{ -2 ** 2 }} {{ -5 | abs }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }}
{{ 1 < 2 < 3 }} {{ 3 > 2 > 2 }} {{ 'a' in 'cat' }} {{ 4 not in nums }} {{ not nums }}
{{ 'a' ~ 1 ~ none ~ true ~ 0.5 }} {{ 'ab' * 2 }} {{ [1] + [2] }} {{ (1,) }} {{ {'a': [1, 'b"']} }}
{{ word | upper }} {{ word | length }} {{ word[1] }} {{ word[::-1] }} {{ word[-2:] }} {{ 'straße' | upper }}
{{ nums[0] }} {{ nums[-1] }} {{ nums[1:] }} {{ nums[::-1] }} {{ nums.9 }}|{{ user.nope }}|{{ nope }}
{{ user.items is callable }}
{{ user['items'] }} {{ user.name }} {{ user.get('z', 1) }} {% for k, v in user.items() %}{{ k }}={{ v }};{% endfor %}
{{ nope.x }}
{{ raise_exception('not for me') }}
{% for t in turns %}{{ loop.index }}/{{ loop.length }}{{ ' first' if loop.first }}{{ ' last' if loop.last }} {{ t.content | trim }}{% if not loop.last %}, {% endif %}{% endfor %}
{% for t in turns if t.role == 'user' %}{{ loop.index0 }}{{ t.content }}{% else %}none{% endfor %}
{% for t in [] %}x{% else %}none{% endfor %}{% for i in range(5) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}
{% set n = namespace(a=1) %}{% for i in nums %}{% set n.a = n.a + i %}{% set y = i %}{% endfor %}{{ n.a }}{{ y is defined }}
{% macro m(a, b='B') %}{{ a }}{{ b }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1) }}|{{ m(1, 2, 3, c=4) }}
{% macro wrap() %}<{{ caller() }}>{% endmacro %}{% call wrap() %}in{{ x }}{% endcall %}
{% set block %}a{{ x }}{% endset %}{{ block | length }}{% filter upper %}abc{% endfilter %}
  {% if yes %}
    kept
  {% endif %}
a  {%- if yes -%}  b  {%- endif %}  c {#- gone -#} d
{% raw %}{{ not this }}{% endraw %} {{ '{{ nor this }}' }}
{{ schema | tojson }}
{{ schema | tojson(indent=2) }}
{{ schema | tojson(ensure_ascii=true, separators=(',', ':'), sort_keys=true) }}
{{ turns | map(attribute='role') | join(', ') }} {{ turns | selectattr('role', 'equalto', 'user') | list | length }} {{ nums | sort | first }}
{{ nums | select('odd') | list }} {{ nums | reject('odd') | list }} {{ csv.split(',') }} {{ csv.split(',', 1) }} {{ '  a b '.split() }}
{{ user is mapping }} {{ word is string }} {{ nums is sequence }} {{ x is number }} {{ nothing is none }} {{ nope is undefined }} {{ yes is true }} {{ x is divisibleby 7 }}
{{ nope | default('d') }} {{ empty | default('d', true) }} {{ f }} {{ 1e16 }} {{ 1.5e-7 }} {{ '%05.1f|%s|%x' % (2.55, 'a', 255) }} {{ '{:>4}|{}'.format(1, 'b') }}
{{ ' x '.strip() }}|{{ 'xxaxx'.strip('x') }}|{{ 'a.b'.startswith('a') }}|{{ 'title case'.title() }}|{{ word.replace('ö', 'oe') }}
{% generation %}said{% endgeneration %}
{{ strftime_now('%d %b %Y') }}
{{ nums.append(4) }}
{{ 1 + 'a' }}
{{ x | nosuch }}
{% if no %}{{ x | nosuch }}{% endif %}fine
{% for x in %}
{{ word.__class__.__mro__ }}
{{ "a\tb\n\x41\u00e9" }} {{ 'it''s' }} {{ 0x1F }} {{ 1_000 }}
{{ ('<b>' | e) ~ '<i>' }} {{ ('<b>' | e) + '<i>' }}
{% set a, b = 1, 2 %}{{ a }}{{ b }}{% with c = 3 %}{{ c }}{% endwith %}{{ c }}
{{ dict(a=1) }} {{ {'b': 1, 'a': 2} | dictsort }} {{ [[1, 2], [3]] | sum(start=[]) }} {{ 'a b c d' | wordcount }} {{ 3.7 | int }} {{ '12x' | int(5) }}
{{ 'x' if false }}|{{ 'x' if false else 'y' if false else 'z' }}
{{ [1, 2, 3] | batch(2) | list }} {{ 'abc' | list }} {{ nums | reverse | list }} {{ [1, 1, 2] | unique | list }} {{ nums | max }} {{ nums | min }}
{{ turns[0] == turns[0] }} {{ 1 == 1.0 }} {{ true == 1 }} {{ [1] == [1.0] }} {{ '1' == 1 }}
{{ 'abc' is in 'abcd' }} {{ 5 is gt 3 }} {{ [] is iterable }} {{ 'A' is upper }}
{{ '' | length }}{{ 'line one\nline two' | indent(2) }}{{ 'a-b' | replace('-', '+') }}
""".strip("\n").split("\n")


def environment():
    from transformers.utils import chat_template_utils as utils
    return utils._compile_jinja_template


def rendered(compiled, template, context):
    stage = "parse"
    try:
        program = compiled(template)
        stage = "render"
        return {"output": program.render(**context)}
    except Exception as error:  # noqa: BLE001  what Jinja raises differs by cause
        return {"error": type(error).__name__, "stage": stage, "message": str(error)}


def main():
    compiled = environment()
    if sys.argv[1:2] == ["--check"]:
        for line in open(sys.argv[2], encoding="utf-8"):
            request = json.loads(line)
            print(json.dumps(rendered(compiled, request["template"], request["variables"])))
        return
    # The date alone differs from day to day.
    cases = [{"template": s} | rendered(compiled, s, CONTEXT) for s in SNIPPETS if "strftime_now" not in s]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    OUT.write_text(f'{{"context": {json.dumps(CONTEXT, ensure_ascii=False)},\n"cases": [\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
