// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/prompt/template.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <nlohmann/json.hpp>

using namespace pissarro;
using Json = nlohmann::ordered_json;

namespace {

const test::fs::path kFixture = PISSARRO_SOURCE "/tests/fixtures/jinja/snippets.json";
const test::fs::path kGolden = PISSARRO_SHARED "/golden/eval/jinja.json";

struct Outcome {
    std::string output;
    std::string stage; // where it failed; empty: it did not
    std::string message;
};

Outcome outcomeOf(const std::string& source, const Json& context,
                  const core::TemplateLimits& limits = {})
{
    Outcome out;
    out.stage = "parse";
    try {
        const core::JinjaTemplate program(source, limits);
        out.stage = "render";
        out.output = program.render(context, "2026-02-03T04:05:06").text;
        out.stage.clear();
    } catch (const core::Error& e) {
        out.message = e.what();
    }
    return out;
}

// Every case of a file, the failures in one message.
void compareAll(const Json& file, int least)
{
    QStringList wrong;
    int compared = 0;
    for (const Json& wanted : file.at("cases")) {
        const Outcome got = outcomeOf(wanted.at("template"), file.at("context"));
        const bool isRight = wanted.contains("error")
            ? got.stage == wanted.at("stage")
            : got.stage.empty() && got.output == wanted.at("output");
        if (!isRight) {
            wrong << QString::fromStdString(wanted.dump() + " gave " + Json(got.output).dump() + " "
                                            + got.stage + " " + got.message);
        }
        ++compared;
    }
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join("\n")));
    QVERIFY(compared >= least);
}

} // namespace

class JinjaTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // What transformers' environment makes of each: tests/tools/make_jinja_fixtures.py.
    void equals_transformers() { compareAll(Json::parse(test::readBytes(kFixture)), 40); }

    void equals_theGoldenSnippets()
    {
        if (!test::fs::exists(kGolden)) {
            QSKIP("the golden snippets are not here (../shared/golden)");
        }
        compareAll(Json::parse(test::readBytes(kGolden)), 700);
    }

    void marks_whatIsGenerated()
    {
        const core::JinjaTemplate program(
            "é{% for m in [1, 2] %}({% generation %}{{ m }}!{% endgeneration %}){% endfor %}");
        QVERIFY(program.marksAnswers());
        const auto rendered = program.render(Json::object());
        QCOMPARE(rendered.text, std::string("é(1!)(2!)"));
        QCOMPARE(rendered.generation.size(), std::size_t {2});
        QCOMPARE(rendered.generation[1].begin, std::size_t {7}); // bytes
        QCOMPARE(rendered.generation[1].end, std::size_t {9});
        QVERIFY(!core::JinjaTemplate("{{ generation }}").marksAnswers());
    }

    void names_theLineAndTheCause()
    {
        const Outcome raised = outcomeOf("a\n{{ raise_exception('no\n tools') }}", Json::object());
        QCOMPARE(raised.message, std::string("line 2: no  tools")); // one line
        const Outcome unknown = outcomeOf("\n\n{{ x | nosuch }}", Json::object());
        QVERIFY(unknown.message.starts_with("line 3: "));
        QVERIFY(unknown.message.find("'nosuch'") != std::string::npos);
        const Outcome open = outcomeOf("{% if x %}", Json::object());
        QVERIFY(open.message.find("endif") != std::string::npos);
    }

    void reads_theClockThatIsGiven()
    {
        QCOMPARE(outcomeOf("{{ strftime_now('%d %b %Y %H:%M') }}", Json::object()).output,
                 std::string("03 Feb 2026 04:05"));
    }

    // A template comes with a download: each of these ends with a line, soon.
    void ends_hostileTemplates_data()
    {
        QTest::addColumn<QString>("source");
        const auto row = [](const char* name, const QString& source) {
            QTest::newRow(name) << source;
        };
        row("endless loops",
            "{% for a in range(100000) %}{% for b in range(100000) %}"
            "{% endfor %}{% endfor %}");
        row("doubling text",
            "{% set n = namespace(t='aaaaaaaa') %}{% for i in range(99) %}"
            "{% set n.t = n.t + n.t %}{% endfor %}");
        row("doubling list",
            "{% set n = namespace(t=[1]) %}{% for i in range(99) %}"
            "{% set n.t = n.t + n.t %}{% endfor %}");
        row("nested list",
            "{% set n = namespace(t=[]) %}{% for i in range(99999) %}"
            "{% set n.t = [n.t] %}{% endfor %}{{ n.t }}");
        row("shared list",
            "{% set n = namespace(t=[1]) %}{% for i in range(90) %}"
            "{% set n.t = [n.t, n.t] %}{% endfor %}{{ n.t }}");
        row("shared equality",
            "{% set n = namespace(t=[1], u=[1]) %}{% for i in range(90) %}"
            "{% set n.t = [n.t, n.t] %}{% set n.u = [n.u, n.u] %}{% endfor %}"
            "{{ n.t == n.u }}");
        row("recursion", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}");
        row("recursive loop", "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}");
        row("repeated text", "{{ 'abcdefgh' * 999999999 }}");
        row("wide format", "{{ '%999999999d' % 1 }}");
        row("wide fill", "{{ 'x'.ljust(999999999999) }}");
        row("large power", "{{ 9 ** 9 ** 9 }}");
        row("self namespace", "{% set n = namespace() %}{% set n.a = n %}{{ n }}");
        row("replace", "{{ ('a' * 1000000).replace('', 'b' * 1000000) }}");
        row("brackets", QString("{{ ") + QString("[").repeated(50000));
        row("chain", QString("{{ a") + QString(".b").repeated(100000) + " }}");
        row("sum", QString("{{ 1") + QString(" + 1").repeated(100000) + " }}");
        row("blocks", QString("{% if 1 %}").repeated(50000));
        row("not", QString("{{ ") + QString("not ").repeated(100000) + "1 }}");
        row("signs", QString("{{ ") + QString("-").repeated(100000) + "1 }}");
        row("elif",
            "{% if 0 %}" + QString("{% elif 0 %}").repeated(100000)
                + "{{ 1 / 0 }}{% else %}{{ 1 / 0 }}{% endif %}");
        row("half a character", QString::fromLatin1("{{ '\\ud83d' }}"));
        row("date width", "{{ strftime_now('%999999999d') }}");
    }
    void ends_hostileTemplates()
    {
        QFETCH(QString, source);
        const Outcome got = outcomeOf(source.toStdString(), Json::object());
        QVERIFY2(!got.stage.empty(), got.output.substr(0, 80).c_str());
        QVERIFY(!got.message.empty() && got.message.size() < 300);
    }

    void keeps_namesThatHoldThemselves() // nothing leaks: told by the sanitizer
    {
        const char* source = "{% set n = namespace() %}{% set n.self = n %}"
                             "{% macro m() %}{{ n is defined }}{% endmacro %}{% set n.m = m %}"
                             "{% for i in [1] %}{% macro k() %}{{ i }}{% endmacro %}"
                             "{% set n.k = k %}{% endfor %}{{ n.k() }}{{ n.m() }}";
        QCOMPARE(outcomeOf(source, Json::object()).output, std::string("1True"));
    }
};

QTEST_GUILESS_MAIN(JinjaTest)

#include "tst_jinja.moc"
