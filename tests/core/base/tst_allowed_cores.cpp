// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/allowed_cores.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <sched.h>

using namespace pissarro::core;

namespace {

using Files =
    QMap<QString, QByteArray>; // path below the folder → content; "@" stands for the folder

void write(const QString& folder, const Files& files)
{
    for (auto file = files.begin(); file != files.end(); ++file) {
        QFileInfo info(folder + "/" + file.key());
        QVERIFY(QDir().mkpath(info.path()));
        QFile out(info.filePath());
        QVERIFY(out.open(QIODevice::WriteOnly));
        out.write(QByteArray(file.value()).replace("@", folder.toUtf8()));
    }
}

} // namespace

class TestAllowedCores : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        for (const char* name : {"OMP_NUM_THREADS", "MKL_NUM_THREADS", "OMP_THREAD_LIMIT"}) {
            qunsetenv(name);
        }
    }

    void groups_grantCores_data()
    {
        QTest::addColumn<Files>("files");
        QTest::addColumn<int>("cores"); // 0: no limit
        const QByteArray two = "30 23 0:26 / @/fs rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
        const QByteArray here = "0::/user.slice/job\n";
        QTest::newRow("none") << Files {} << 0;
        QTest::newRow("no limit") << Files {{"cgroup", here},
                                            {"mountinfo", two},
                                            {"fs/user.slice/job/cpu.max", "max 100000\n"}}
                                  << 0;
        QTest::newRow("version 2") << Files {{"cgroup", here},
                                             {"mountinfo", two},
                                             {"fs/user.slice/job/cpu.max", "300000 100000\n"}}
                                   << 3;
        QTest::newRow("the group above") << Files {{"cgroup", here},
                                                   {"mountinfo", two},
                                                   {"fs/user.slice/cpu.max", "200000 100000\n"},
                                                   {"fs/user.slice/job/cpu.max", "800000 100000\n"}}
                                         << 2;
        QTest::newRow("the top, as a container sees it")
            << Files {{"cgroup", "0::/\n"}, {"mountinfo", two}, {"fs/cpu.max", "400000 100000\n"}}
            << 4;
        QTest::newRow("a part of a core") << Files {{"cgroup", here},
                                                    {"mountinfo", two},
                                                    {"fs/user.slice/job/cpu.max", "50000 100000\n"}}
                                          << 1;
        QTest::newRow("two and a half") << Files {{"cgroup", here},
                                                  {"mountinfo", two},
                                                  {"fs/user.slice/job/cpu.max", "250000 100000\n"}}
                                        << 2;
        const QByteArray one = "33 25 0:29 /docker/ab @/fs/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"
                               "34 25 0:30 / @/fs/set rw - cgroup cgroup rw,cpuset\n";
        QTest::newRow("version 1 in a container, which is told the host's path")
            << Files {{"cgroup", "5:cpuset:/docker/ab\n4:cpu,cpuacct:/docker/ab\n"},
                      {"mountinfo", one},
                      {"fs/cpu/cpu.cfs_quota_us", "600000\n"},
                      {"fs/cpu/cpu.cfs_period_us", "100000\n"}}
            << 6;
        QTest::newRow("version 1, no limit") << Files {{"cgroup", "4:cpu,cpuacct:/docker/ab/in\n"},
                                                       {"mountinfo", one},
                                                       {"fs/cpu/in/cpu.cfs_quota_us", "-1\n"},
                                                       {"fs/cpu/in/cpu.cfs_period_us", "100000\n"}}
                                             << 0;
    }

    void groups_grantCores()
    {
        QFETCH(Files, files);
        QFETCH(int, cores);
        QTemporaryDir folder;
        write(folder.path(), files);
        QCOMPARE(coresOfGroups(folder.path().toStdString()).value_or(0), cores);
    }

    void theEnvironment_limits_data()
    {
        QTest::addColumn<QByteArray>("variable");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<bool>("one");
        QTest::newRow("OpenMP") << QByteArray("OMP_NUM_THREADS") << QByteArray("1") << true;
        QTest::newRow("nested") << QByteArray("OMP_NUM_THREADS") << QByteArray("1,4") << true;
        QTest::newRow("spaces") << QByteArray("OMP_NUM_THREADS") << QByteArray(" 1 ") << true;
        QTest::newRow("limit") << QByteArray("OMP_THREAD_LIMIT") << QByteArray("1") << true;
        QTest::newRow("MKL") << QByteArray("MKL_NUM_THREADS") << QByteArray("1") << true;
        QTest::newRow("many") << QByteArray("OMP_NUM_THREADS") << QByteArray("4096") << false;
        QTest::newRow("none") << QByteArray("OMP_NUM_THREADS") << QByteArray("0") << false;
        QTest::newRow("no number") << QByteArray("OMP_NUM_THREADS") << QByteArray("1x") << false;
    }

    void theEnvironment_limits()
    {
        QFETCH(QByteArray, variable);
        QFETCH(QByteArray, value);
        QFETCH(bool, one);
        const int before = allowedCores();
        qputenv(variable.constData(), value);
        QCOMPARE(allowedCores(), one ? 1 : before);
    }

    void aProcessorMask_limits()
    {
        cpu_set_t before;
        QCOMPARE(sched_getaffinity(0, sizeof before, &before), 0);
        cpu_set_t one;
        CPU_ZERO(&one);
        for (int i = 0; i < CPU_SETSIZE; ++i) {
            if (CPU_ISSET(i, &before)) {
                CPU_SET(i, &one);
                break;
            }
        }
        QCOMPARE(sched_setaffinity(0, sizeof one, &one), 0);
        const int cores = allowedCores();
        QCOMPARE(sched_setaffinity(0, sizeof before, &before), 0);
        QCOMPARE(cores, 1);
        QCOMPARE(threadsText(1), std::string("1 thread"));
        QCOMPARE(threadsText(2), std::string("2 threads"));
    }
};

QTEST_GUILESS_MAIN(TestAllowedCores)
#include "tst_allowed_cores.moc"
