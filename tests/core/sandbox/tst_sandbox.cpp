// SPDX-License-Identifier: GPL-3.0-or-later
// Programs that mean harm: those of golden/eval (scripts/make_eval_code.py of shared/golden: 64, each with the verdicts that
// are right), one at a time, and what is left after each.
#include "core/sandbox/sandbox.h"
#include "tests/core/file/test_files.h"
#include "tests/core/sandbox/forgeries.h"
#include "tests/tools/golden_folder.h"

#include <QTest>

#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>
#include <thread>
#include <unistd.h>

using namespace pissarro;
using namespace pissarro::core;
using nlohmann::json;

namespace fs = std::filesystem;

namespace {

constexpr const char* kSecret = "hf_never_to_be_seen";

// Processes that this one has started and not seen end.
QStringList childProcesses()
{
    QString text;
    for (const auto& task : fs::directory_iterator("/proc/self/task")) {
        text += QString::fromStdString(test::readBytes(task.path() / "children"));
    }
    return text.split(' ', Qt::SkipEmptyParts);
}

int openDescriptors()
{
    return static_cast<int>(std::distance(fs::directory_iterator("/proc/self/fd"), {}));
}

std::vector<fs::path> escapes() // where the programs would leave something
{
    std::vector<fs::path> places;
    for (const fs::path& folder : {fs::path("/tmp"), fs::path("/dev/shm"), fs::path(getenv("HOME")),
                                   fs::current_path(), fs::current_path().parent_path()}) {
        places.push_back(folder / "pissarro-escaped");
    }
    return places;
}

SandboxLimits limitsOf(const json& file)
{
    SandboxLimits limits;
    limits.time = std::chrono::seconds(file.at("seconds").get<int>());
    limits.memoryBytes = file.at("memory_bytes").get<std::uint64_t>();
    limits.outputBytes = file.at("output_bytes").get<std::uint64_t>();
    limits.fileBytes = file.at("file_bytes").get<std::uint64_t>();
    limits.processes = file.at("processes").get<int>();
    return limits;
}

} // namespace

class TestSandbox : public QObject {
    Q_OBJECT

    std::unique_ptr<Sandbox> m_sandbox;

    SandboxRun run(const std::string& program, const SandboxLimits& limits = {}) const
    {
        return m_sandbox->run(program, CodeConsent::Given, limits);
    }
    std::string verdict(const std::string& program) const
    {
        return verdictText(run(program).verdict);
    }

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("PISSARRO_TOKEN", kSecret);
        qputenv("PYTHONOPTIMIZE", "1"); // asserts would not be made
        m_sandbox = std::make_unique<Sandbox>();
        if (!m_sandbox->missing().empty()) { // then it has to refuse, whatever is asked
            const SandboxRun refused = run("pass");
            QVERIFY(std::holds_alternative<Refused>(refused.verdict));
            QCOMPARE(std::get<Refused>(refused.verdict).why, m_sandbox->missing());
            QSKIP(m_sandbox->missing().c_str());
        }
    }

    void hostilePrograms_endAsTheyMust_data()
    {
        QTest::addColumn<int>("at");
        const json file = json::parse(test::readBytes(tests::golden() / "eval" / "code.json"));
        QCOMPARE(file.at("hostile").size(), 64U);
        for (std::size_t at = 0; at < file.at("hostile").size(); ++at) {
            QTest::newRow(file.at("hostile")[at].at("name").get<std::string>().c_str())
                << static_cast<int>(at);
        }
    }
    void hostilePrograms_endAsTheyMust()
    {
        QFETCH(int, at);
        const json file = json::parse(test::readBytes(tests::golden() / "eval" / "code.json"));
        const json& one = file.at("hostile").at(static_cast<std::size_t>(at));
        const SandboxLimits limits = limitsOf(file.at("hostile_limits"));
        const int descriptors = openDescriptors();

        const SandboxRun found = run(one.at("program").get<std::string>(), limits);
        const std::string text = verdictText(found.verdict);
        const json& accept = one.at("accept");
        const bool isRight =
            std::find(accept.begin(), accept.end(), text.substr(0, text.find(':'))) != accept.end();
        QVERIFY2(isRight, qPrintable(QString::fromStdString(text + "; " + accept.dump())));
        QVERIFY(found.output.size() <= limits.outputBytes);
        QVERIFY(found.output.find(kSecret) == std::string::npos);
        QVERIFY(found.output.find("PRIVATE KEY") == std::string::npos);
        QCOMPARE(childProcesses(), QStringList());
        QCOMPARE(openDescriptors(), descriptors);
        for (const fs::path& place : escapes()) {
            QVERIFY2(!fs::exists(place), place.c_str());
        }
    }

    // Each within the limit, all together far over: told by what they hold, as no limit of one process does.
    void memory_isLimitedForAllTogether()
    {
        QCOMPARE(verdict(R"(
import os, time
for _ in range(4):
    if os.fork() == 0:
        x = bytearray(200 << 20)
        x[::4096] = b"x" * len(x[::4096])
        time.sleep(10**6)
time.sleep(10**6)
)"),
                 std::string("memory limit"));
        QCOMPARE(childProcesses(), QStringList());
    }

    void verdict_isTheExceptionsName_data()
    {
        QTest::addColumn<QString>("program");
        QTest::addColumn<QString>("verdict");
        QTest::newRow("end") << "x = 1"
                             << "passed";
        QTest::newRow("empty") << ""
                               << "passed";
        QTest::newRow("raise") << "raise ValueError('no')"
                               << "failed: ValueError";
        QTest::newRow("assert") << "assert False"
                                << "failed: AssertionError";
        QTest::newRow("no Python") << "def"
                                   << "failed: SyntaxError";
        QTest::newRow("no main") << "assert __name__ != '__main__'"
                                 << "passed";
        QTest::newRow("a name of its own") << "raise type('a\\nb', (Exception,), {})"
                                           << "failed: 'a\\x0ab'";
        QTest::newRow("status") << "import os; os._exit(7)"
                                << "failed: it ended before its end was reached (exit status 7)";
        QTest::newRow("signal") << "import os; os.kill(os.getpid(), 11)"
                                << "failed: it was ended by signal 11";
        QTest::newRow("a child's end is none") << "import os\nif os.fork(): raise KeyError\n"
                                               << "failed: KeyError";
        QTest::newRow("written verdict") << "import os; os.write(4, b'passed')"
                                         << "failed: it wrote where the verdict is told";
        QTest::newRow("output") << "print('x' * (2 << 20))"
                                << "output limit";
    }
    void verdict_isTheExceptionsName()
    {
        QFETCH(QString, program);
        QFETCH(QString, verdict);
        QCOMPARE(QString::fromStdString(this->verdict(program.toStdString())), verdict);
    }

    void aVerdict_isNotForged_data()
    {
        QTest::addColumn<int>("at");
        for (std::size_t at = 0; at < std::size(tests::kForgeries); ++at) {
            QTest::newRow(tests::kForgeries[at].name) << static_cast<int>(at);
        }
    }
    void aVerdict_isNotForged()
    {
        QFETCH(int, at);
        const tests::Forgery& one = tests::kForgeries[static_cast<std::size_t>(at)];
        const std::string_view verdict = one.verdict;
        SandboxLimits limits;
        limits.time = std::chrono::seconds(verdict.empty() || verdict == "timeout" ? 2 : 20);
        const SandboxRun found = run(one.program, limits);
        const std::string text = verdictText(found.verdict);
        QVERIFY2(verdict.empty() ? text != "passed" : text == verdict, text.c_str());
        QCOMPARE(childProcesses(), QStringList());
    }

    // Each would say what it saw.
    void nothingOfTheCaller_isSeen()
    {
        const SandboxRun found = run(R"(
import os
def isOpen(fd):
    try:
        os.fstat(fd)
        return True
    except OSError:
        return False
print([fd for fd in range(256) if isOpen(fd)], sorted(os.environ), os.getcwd(), os.listdir("."), os.listdir("/"))
print(os.getpid(), os.getppid(), os.getuid() == 0, open(0).read() == "", os.isatty(1))
)");
        QCOMPARE(verdictText(found.verdict), std::string("passed"));
        const QString text = QString::fromStdString(found.output);
        QVERIFY2(text.startsWith("[0, 1, 2, 4, 5] ['HOME', 'LANG', 'TMPDIR'] /scratch [] ["),
                 qPrintable(text));
        QVERIFY2(text.endsWith("2 1 False True False\n"), qPrintable(text));
        for (const char* const folder : {"'etc'", "'home'", "'proc'", "'sys'", "'tmp'", "'var'"}) {
            QVERIFY2(!text.contains(folder), qPrintable(text));
        }
    }

    // What a program needs to compute is there.
    void aGoodProgram_hasWhatItNeeds()
    {
        QCOMPARE(verdict(R"(
import collections, datetime, functools, hashlib, heapq, itertools, json, math, random, re, string, tempfile, threading
with tempfile.TemporaryDirectory() as folder:
    with open(folder + "/x", "w", encoding="utf-8") as file:
        file.write("größe")
found = []
thread = threading.Thread(target=found.append, args=(math.pi,))
thread.start()
thread.join()
assert found and hashlib.sha256(b"").hexdigest().startswith("e3b0") and datetime.datetime.now()
)"),
                 std::string("passed"));
    }

    void eachRun_beginsAnew()
    {
        QCOMPARE(verdict("open('left', 'w').write('x')"), std::string("passed"));
        QCOMPARE(verdict("import os; assert not os.listdir('.')"), std::string("passed"));
    }

    void noConsent_nothingRuns()
    {
        const SandboxRun found = m_sandbox->run("print('ran')", CodeConsent::NotGiven);
        QVERIFY(std::holds_alternative<Refused>(found.verdict));
        QVERIFY(found.output.empty());
    }

    void whatIsNoPython_isRefused_data()
    {
        QTest::addColumn<QString>("interpreter");
        QTest::newRow("none") << "no-such-python";
        QTest::newRow("other") << "/bin/true";
        QTest::newRow("silent") << "/bin/cat";
    }
    void whatIsNoPython_isRefused()
    {
        QFETCH(QString, interpreter);
        const Sandbox other(interpreter.toStdString());
        const QString why = QString::fromStdString(other.missing());
        QVERIFY2(why.contains(interpreter) && !why.contains('\n'), qPrintable(why));
        const SandboxRun found = other.run("pass", CodeConsent::Given);
        QVERIFY(std::holds_alternative<Refused>(found.verdict));
        QCOMPARE(childProcesses(), QStringList());
    }

    void aStop_endsIt()
    {
        std::stop_source stop;
        SandboxLimits limits;
        limits.time = std::chrono::minutes(1);
        std::jthread stops([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            stop.request_stop();
        });
        QVERIFY_THROWS_EXCEPTION(Cancelled,
                                 m_sandbox->run("while True: pass", CodeConsent::Given, limits,
                                                JobContext(stop.get_token())));
        QCOMPARE(childProcesses(), QStringList());
        QVERIFY_THROWS_EXCEPTION(
            Cancelled,
            m_sandbox->run("pass", CodeConsent::Given, limits, JobContext(stop.get_token())));
    }

    void manyAtOnce()
    {
        std::array<std::string, 4> verdicts;
        {
            std::vector<std::jthread> threads;
            for (std::size_t at = 0; at < verdicts.size(); ++at) {
                threads.emplace_back([&, at] {
                    verdicts.at(at) =
                        verdict("raise type('E" + std::to_string(at) + "', (Exception,), {})");
                });
            }
        }
        for (std::size_t at = 0; at < verdicts.size(); ++at) {
            QCOMPARE(verdicts.at(at), "failed: E" + std::to_string(at));
        }
    }
};

QTEST_GUILESS_MAIN(TestSandbox)
#include "tst_sandbox.moc"
