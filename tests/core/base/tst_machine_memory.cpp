// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/machine_memory.h"

#include <QFile>
#include <QRegularExpression>
#include <QTest>

class MachineMemoryTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // MemTotal of /proc/meminfo is in kB; a container may show a share of it there.
    void isWhatTheSystemSays()
    {
        QFile file(QStringLiteral("/proc/meminfo"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto found = QRegularExpression(QStringLiteral("MemTotal:\\s+([0-9]+) kB"))
                               .match(QString::fromUtf8(file.readAll()));
        QVERIFY(found.hasMatch());
        QVERIFY(pissarro::core::machineMemoryBytes() / 1024 >= found.captured(1).toLongLong());
    }
};

QTEST_GUILESS_MAIN(MachineMemoryTest)
#include "tst_machine_memory.moc"
