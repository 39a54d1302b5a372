// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/measured_cli.h"

#include "tests/tools/patience.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QThread>

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace pissarro::tests {

namespace {

// This process's own, with one thread for numbers: many in turns cost seconds.
std::vector<char*> environment()
{
    static char oneThread[] = "OMP_NUM_THREADS=1";
    std::vector<char*> words {oneThread}; // the first of a name counts
    for (char** word = environ; *word != nullptr; ++word) {
        words.push_back(*word);
    }
    words.push_back(nullptr);
    return words;
}

pid_t spawn(const QStringList& arguments, const QByteArray& out, const QByteArray& err)
{
    std::vector<QByteArray> words {PISSARRO_CLI};
    for (const QString& argument : arguments) {
        words.push_back(argument.toUtf8());
    }
    std::vector<char*> argv;
    for (QByteArray& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    const std::vector<char*> variables = environment();
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    constexpr int kWrite = O_WRONLY | O_CREAT | O_TRUNC;
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, out.constData(), kWrite, 0600);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, err.constData(), kWrite, 0600);
    pid_t pid = -1;
    if (posix_spawn(&pid, PISSARRO_CLI, &files, nullptr, argv.data(), variables.data()) != 0) {
        pid = -1;
    }
    posix_spawn_file_actions_destroy(&files);
    return pid;
}

} // namespace

MeasuredResult runMeasured(const QStringList& arguments)
{
    const QTemporaryDir folder;
    const QString out = folder.filePath("out");
    const QString err = folder.filePath("err");
    MeasuredResult result;
    QElapsedTimer clock;
    clock.start();
    const pid_t pid = spawn(arguments, out.toUtf8(), err.toUtf8());
    if (pid < 0) {
        qWarning("pissarro-cli could not be started");
        return result;
    }
    int status = 0;
    rusage usage {};
    pid_t ended = 0;
    while ((ended = ::wait4(pid, &status, WNOHANG, &usage)) == 0) {
        if (clock.elapsed() > hangMs()) {
            ::kill(pid, SIGKILL);
        }
        QThread::msleep(2);
    }
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    result.cpuSeconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    result.peakBytes = static_cast<qint64>(usage.ru_maxrss) * 1024;
    result.exitCode = ended == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    result.out = contentOf(out);
    result.err = contentOf(err);
    return result;
}

bool hears(qint64 pid, int signal)
{
    QFile status(QStringLiteral("/proc/%1/status").arg(pid));
    if (!status.open(QIODevice::ReadOnly)) {
        return false;
    }
    const QByteArray text = status.readAll();
    const QByteArray caught = text.mid(text.indexOf("SigCgt:") + 7).trimmed().left(16);
    return (caught.toULongLong(nullptr, 16) >> (signal - 1) & 1) != 0;
}

} // namespace pissarro::tests
