// SPDX-License-Identifier: GPL-3.0-or-later
// Settings by typed keys: what was written comes back, in a file as earlier versions wrote it too, and two windows merge.
#include "ui/services/settings.h"

#include <QTemporaryDir>
#include <QTest>

#include <thread>

using namespace pissarro::ui;

class TestSettings : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_settings"));
    }
    void init() { QSettings().clear(); }
    void cleanupTestCase() { QSettings().clear(); }

    void untilItIsWritten_itIsTheStandard()
    {
        QCOMPARE(stored(setting::kTrainsInProcess), true);
        QCOMPARE(stored(setting::kTheme), 0);
        QCOMPARE(stored(setting::kLastRun), QString());
        QCOMPARE(stored(setting::kRunFolders), QStringList());
        store(setting::kTrainsInProcess, false);
        QCOMPARE(stored(setting::kTrainsInProcess), false);
        forget(setting::kTrainsInProcess);
        QCOMPARE(stored(setting::kTrainsInProcess), true);
    }

    void whatWasWritten_comesBackFromTheFile()
    {
        const QString run = QStringLiteral("/runs/ä b,c");
        const QByteArray geometry("\x00\xff\x01@", 4);
        store(setting::kLastRun, run);
        store(setting::kGeometry, geometry);
        store(setting::kLastUser, qulonglong {18446744073709551615ULL});
        store(setting::kLastWindow, qlonglong {-1});
        QSettings().sync();
        const QSettings file(QSettings().fileName(), QSettings::IniFormat);
        QCOMPARE(file.value(QStringLiteral("train/last")).toString(),
                 run); // the keys are a contract
        QCOMPARE(stored(setting::kLastRun), run);
        QCOMPARE(stored(setting::kGeometry), geometry);
        QCOMPARE(stored(setting::kLastUser), qulonglong {18446744073709551615ULL});
        QCOMPARE(stored(setting::kLastWindow), qlonglong {-1});
    }

    void aFileByHand_isReadByMeaning()
    {
        QSettings().setValue(QStringLiteral("train/inProcess"), QStringLiteral("false"));
        QSettings().setValue(QStringLiteral("window/theme"), QStringLiteral("2"));
        QSettings().setValue(QStringLiteral("runs/folders"),
                             QStringLiteral("/runs")); // a list of one
        QCOMPARE(stored(setting::kTrainsInProcess), false);
        QCOMPARE(stored(setting::kTheme), 2);
        QCOMPARE(stored(setting::kRunFolders), QStringList {QStringLiteral("/runs")});
    }

    void twoThatChangeAList_loseNothing()
    {
        constexpr int kEach = 20;
        const auto add = [](int from) {
            for (int i = from; i < from + kEach; ++i) {
                storeChange(setting::kRunFolders,
                            [i](QStringList& list) { list.append(QString::number(i)); });
            }
        };
        std::thread other(add, kEach);
        add(0);
        other.join();
        QStringList all = stored(setting::kRunFolders);
        QCOMPARE(all.size(), qsizetype {2 * kEach});
        QCOMPARE(all.removeDuplicates(), qsizetype {0});
    }
};

QTEST_GUILESS_MAIN(TestSettings)
#include "tst_settings.moc"
