// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/log.h"
#include "tests/core/file/test_files.h"

#include <QRegularExpression>
#include <QTest>

#include <cerrno>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace pissarro;

namespace {

QStringList linesOf(const std::filesystem::path& file)
{
    return QString::fromStdString(test::readBytes(file)).split('\n', Qt::SkipEmptyParts);
}

} // namespace

class LogTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_scratch.emplace();
        qputenv("XDG_STATE_HOME", QByteArray::fromStdString(m_scratch->path().string()));
        m_file = core::logFile();
    }

    void lies_inTheStateFolder()
    {
        QCOMPARE(m_file.string(), (*m_scratch / "pissarro" / "pissarro.log").string());
        qputenv("XDG_STATE_HOME", "a/relative/one"); // the standard: such a one is ignored
        const QByteArray home = qgetenv("HOME");
        qputenv("HOME", "/home/somebody");
        const std::string other = core::logFile().string();
        qputenv("HOME", home);
        QCOMPARE(other, std::string("/home/somebody/.local/state/pissarro/pissarro.log"));
    }

    void holds_whatFailed()
    {
        const auto error = test::errorOf([] {
            core::logged("export of runs/a", [] {
                throw core::Error(core::ErrorKind::Io, "runs/a: the disk is full");
            });
        });
        QVERIFY(error.has_value());
        core::logged("a short job", [] {});
        QVERIFY_THROWS_EXCEPTION(core::Cancelled,
                                 core::logged("a long one", [] { throw core::Cancelled(); }));
        const QStringList lines = linesOf(m_file);
        QCOMPARE(lines.size(), 6);
        const QString head = QStringLiteral("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{3}Z ");
        const QString place = QStringLiteral(" %1/%2 ").arg(::getpid()).arg(core::thisThread());
        const QStringList told {"info" + place + "export of runs/a begins",
                                "error" + place
                                    + "export of runs/a failed after 0 s: runs/a: the disk is full",
                                "info" + place + "a short job begins",
                                "info" + place + "a short job is done after 0 s",
                                "info" + place + "a long one begins",
                                "info" + place + "a long one was cancelled after 0 s"};
        for (qsizetype i = 0; i < lines.size(); ++i) {
            QString line = lines[i];
            line.replace(QRegularExpression("after [0-9.]+ s"), "after 0 s");
            QVERIFY2(line.contains(QRegularExpression(head + QRegularExpression::escape(told[i])
                                                      + QStringLiteral("$"))),
                     qPrintable(lines[i]));
        }
    }

    void keeps_aMessageOnOneShortLine()
    {
        core::writeLog(core::LogLevel::Warning, "one\ntwo\x1b[31m\xff");
        core::writeLog(core::LogLevel::Warning, std::string(9000, 'x'));
        const QStringList lines = linesOf(m_file);
        QCOMPARE(lines.size(), 2);
        QVERIFY2(lines[0].endsWith("one\\u000atwo\\u001b[31m\uFFFD"), qPrintable(lines[0]));
        QVERIFY(lines[1].endsWith(QString(4000, 'x') + "…") && lines[1].size() < 4100);
    }

    void turns_atAMegabyte()
    {
        const std::string text(3000, 'x');
        for (int i = 0; i < 800; ++i) {
            core::writeLog(core::LogLevel::Info, text + std::to_string(i));
        }
        const auto older = m_file.string() + ".1";
        QVERIFY(std::filesystem::file_size(m_file) <= 1000000);
        QVERIFY(std::filesystem::file_size(older) <= 1000000);
        QVERIFY(std::filesystem::file_size(older) > 990'000);
        const auto folder = std::filesystem::directory_iterator(m_file.parent_path());
        QCOMPARE(std::distance(begin(folder), end(folder)), 2);
        // What is there is the end of what was written, without a gap.
        const QStringList kept = linesOf(older) + linesOf(m_file);
        for (qsizetype i = 0; i < kept.size(); ++i) {
            QVERIFY(kept[i].endsWith('x' + QString::number(800 - kept.size() + i)));
        }
    }

    void loses_noLine_ofManyThreadsAndProcesses()
    {
        constexpr int kWriters = 4;
        constexpr int kLines = 300; // half a megabyte in all: it does not turn
        const std::string text(150, 'y');
        const auto writeAll = [&text](int writer) {
            for (int i = 0; i < kLines; ++i) {
                core::writeLog(core::LogLevel::Info,
                               text + std::to_string(writer) + "." + std::to_string(i));
            }
        };
        std::vector<pid_t> children;
        for (int child = 0; child < kWriters; ++child) {
            const pid_t pid = ::fork();
            if (pid == 0) {
                writeAll(100 + child);
                ::_exit(0);
            }
            children.push_back(pid);
        }
        std::vector<std::thread> threads;
        for (int thread = 0; thread < kWriters; ++thread) {
            threads.emplace_back(writeAll, thread);
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        for (const pid_t child : children) {
            int status = -1;
            QCOMPARE(::waitpid(child, &status, 0), child);
            QCOMPARE(status, 0);
        }
        QSet<QString> told;
        for (const QString& line : linesOf(m_file)) {
            QVERIFY2(line.contains(QRegularExpression("^[^ ]+Z info [0-9]+/[0-9]+ y{150}[0-9.]+$")),
                     qPrintable(line));
            told.insert(line.mid(line.lastIndexOf('y') + 1));
        }
        QCOMPARE(told.size(), 2 * kWriters * kLines);
    }

    // Where it cannot be written, nothing happens; nor does it wait for a reader, or go where a link leads.
    void isLeftOut_whereItCannotBeWritten()
    {
        errno = EDOM;
        test::writeBytes(*m_scratch / "pissarro", "a file where the folder would be");
        core::writeLog(core::LogLevel::Error, "lost");
        QCOMPARE(errno, EDOM);
        std::filesystem::remove(*m_scratch / "pissarro");
        std::filesystem::create_directory(*m_scratch / "pissarro");
        QCOMPARE(::mkfifo(m_file.c_str(), 0600), 0);
        core::writeLog(core::LogLevel::Error, "lost");
        std::filesystem::remove(m_file);
        test::writeBytes(*m_scratch / "other", "text");
        std::filesystem::create_symlink(*m_scratch / "other", m_file);
        core::writeLog(core::LogLevel::Error, "lost");
        QCOMPARE(test::readBytes(*m_scratch / "other"), std::string("text"));
        std::filesystem::remove(m_file);
        core::writeLog(core::LogLevel::Error, "kept");
        QCOMPARE(linesOf(m_file).size(), 1);
    }

private:
    std::optional<test::Scratch> m_scratch;
    std::filesystem::path m_file;
};

QTEST_GUILESS_MAIN(LogTest)
#include "tst_log.moc"
