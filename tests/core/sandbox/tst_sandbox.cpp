// SPDX-License-Identifier: GPL-3.0-or-later
// Programs that mean harm: those of golden/eval (scripts/make_eval_code.py of shared/golden: 64, each with the verdicts that
// are right), one at a time, and what is left after each. All of it by each way to confine that this machine has.
#include "core/sandbox/sandbox.h"
#include "tests/core/file/test_files.h"
#include "tests/core/sandbox/forgeries.h"
#include "tests/core/sandbox/outside.h"
#include "tests/tools/golden_folder.h"

#include <QTest>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>
#include <sys/wait.h>
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

    std::unique_ptr<Sandbox> m_byNamespaces, m_byLandlock;
    Sandbox* m_sandbox = nullptr; // of this row

    bool isByLandlock() const { return m_sandbox == m_byLandlock.get(); }
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
        m_byNamespaces = std::make_unique<Sandbox>("python3", SandboxWays {true, 0});
        m_byLandlock = std::make_unique<Sandbox>("python3", SandboxWays {false, 7});
    }
    void initTestCase_data()
    {
        QTest::addColumn<bool>("landlock");
        QTest::newRow("namespaces") << false;
        QTest::newRow("Landlock") << true;
    }
    void init()
    {
        QFETCH_GLOBAL(bool, landlock);
        m_sandbox = (landlock ? m_byLandlock : m_byNamespaces).get();
        if (!m_sandbox->missing().empty()) { // then it has to refuse, whatever is asked
            const SandboxRun refused = run("pass");
            QVERIFY(std::holds_alternative<Refused>(refused.verdict));
            QCOMPARE(std::get<Refused>(refused.verdict).why, m_sandbox->missing());
            QVERIFY(m_sandbox->way().empty());
            QSKIP(m_sandbox->missing().c_str());
        }
        QVERIFY(m_sandbox->way().starts_with(landlock ? "Landlock, ABI " : "namespaces"));
    }

    void namespacesAreTaken_whereBothAre()
    {
        if (m_byNamespaces->missing().empty()) {
            QCOMPARE(Sandbox().way(), std::string("namespaces"));
        } else {
            QCOMPARE(Sandbox().way(), m_byLandlock->way());
        }
    }

    void withoutEither_nothingRuns()
    {
        const Sandbox none("python3", SandboxWays {false, 0});
        const QString why = QString::fromStdString(none.missing());
        QVERIFY2(why.contains("neither namespaces") && why.contains("Landlock")
                     && why.contains("user.max_user_namespaces") && !why.contains('\n'),
                 qPrintable(why));
        const SandboxRun found = none.run("print('ran')", CodeConsent::Given);
        QVERIFY(std::holds_alternative<Refused>(found.verdict));
        QVERIFY(found.output.empty());
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
def listed(path):
    try:
        return os.listdir(path)
    except OSError:
        return "nothing"
print([fd for fd in range(256) if isOpen(fd)], sorted(os.environ), os.getcwd(), os.listdir("."), listed("/"))
print(os.getpid(), os.getppid(), os.getuid() == 0, open(0).read() == "", os.isatty(1))
)");
        QCOMPARE(verdictText(found.verdict), std::string("passed"));
        const QString text = QString::fromStdString(found.output);
        QVERIFY2(text.startsWith("[0, 1, 2, 4, 5] ['HOME', 'LANG', 'TMPDIR'] /"), qPrintable(text));
        QVERIFY2(text.endsWith(" True False\n"), qPrintable(text));
        if (isByLandlock()) {
            QVERIFY2(text.contains("/pissarro-sandbox-") && text.contains(" [] nothing\n"),
                     qPrintable(text));
        } else {
            QVERIFY2(text.contains("] /scratch [] [") && text.endsWith("2 1 False True False\n"),
                     qPrintable(text));
        }
        for (const char* const folder : {"'etc'", "'home'", "'proc'", "'sys'", "'tmp'", "'var'"}) {
            QVERIFY2(!text.contains(folder), qPrintable(text));
        }
    }

    // What a namespace would hide, and Landlock alone does not guard: as of each ABI, of which the last is this kernel's.
    void outside_isOutOfReach_data()
    {
        QTest::addColumn<int>("abi");
        for (const int abi : {1, 2, 3, 4, 5, 6, 7}) {
            QTest::newRow(qPrintable(QString("ABI %1").arg(abi))) << abi;
        }
    }
    void outside_isOutOfReach()
    {
        QFETCH(int, abi);
        if (!isByLandlock()) {
            QSKIP("namespaces hide it: the probe of each start tries that");
        }
        const Sandbox sandbox("python3", SandboxWays {false, abi});
        QVERIFY2(sandbox.missing().empty(), sandbox.missing().c_str());
        const SandboxRun found = sandbox.run(tests::kTriesOutside, CodeConsent::Given, {});
        QCOMPARE(verdictText(found.verdict), std::string("passed"));
        // Of the 32 three are the keeper, who waits, and the program.
        QCOMPARE(QString::fromStdString(found.output), QString("15\n29\n"));
        QCOMPARE(childProcesses(), QStringList());
    }

    // Each file within the limit, all together over it; also of files that have no name any more.
    void scratch_isLimitedForAllTogether_data()
    {
        QTest::addColumn<QString>("after");
        QTest::newRow("files") << "held.append(f'{at}')";
        QTest::newRow("removed files") << "os.unlink(f'{at}'); held.append(file)";
        QTest::newRow("in deep folders") << "os.mkdir('d'); os.chdir('d')";
        QTest::newRow("in a closed folder") << "os.mkdir('d', 0o300); os.chdir('d')";
    }
    void scratch_isLimitedForAllTogether()
    {
        QFETCH(QString, after);
        const QString program = QString(R"(
import os
print(os.getcwd(), flush=True)
held = []
for at in range(1000):
    file = open(f"{at}", "wb")
    file.write(bytes(1 << 20))
    file.flush()
    %1
while True:
    pass
)")
                                    .arg(after);
        const SandboxRun found = run(program.toStdString());
        QCOMPARE(
            verdictText(found.verdict),
            std::string(isByLandlock() ? "failed: it was ended by signal 25" : "failed: OSError"));
        const QString folder = QString::fromStdString(found.output).trimmed();
        QVERIFY2(folder.startsWith('/') && !fs::exists(folder.toStdString()), qPrintable(folder));
    }

    // Ended by force in the middle of a run, the caller takes the whole tree along.
    void theCallersDeath_endsIt()
    {
        const pid_t caller = fork();
        QVERIFY(caller >= 0);
        if (caller == 0) {
            SandboxLimits limits;
            limits.time = std::chrono::minutes(5);
            m_sandbox->run("import os, time\nfor _ in range(3): os.fork()\ntime.sleep(10**6)",
                           CodeConsent::Given, limits);
            _exit(0);
        }
        std::vector<pid_t> tree;
        const auto look = [&] {
            tree = {caller};
            for (std::size_t at = 0; at < tree.size(); ++at) {
                const fs::path folder = "/proc/" + std::to_string(tree[at]);
                std::error_code gone;
                for (const auto& task : fs::directory_iterator(folder / "task", gone)) {
                    std::ifstream file(task.path() / "children");
                    for (pid_t child = 0; file >> child;) {
                        tree.push_back(child);
                    }
                }
            }
            return tree.size()
                >= 10; // itself, init or a keeper and who waits, and eight of the program
        };
        QTRY_VERIFY_WITH_TIMEOUT(look(), 60000);
        kill(caller, SIGKILL);
        waitpid(caller, nullptr, 0);
        const auto isGone = [](pid_t pid) { // what init has not looked at yet is gone, too
            const QString stat =
                QString::fromStdString(test::readBytes("/proc/" + std::to_string(pid) + "/stat"));
            return stat.isEmpty() || stat.mid(stat.lastIndexOf(')') + 2, 1) == "Z";
        };
        QTRY_VERIFY_WITH_TIMEOUT(std::all_of(tree.begin(), tree.end(), isGone), 60000);
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
