// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/io/test_files.h"
#include "tests/fuzz/readers.h"
#include "tests/tools/patience.h"

#include <QTest>

#include <algorithm>

using namespace pissarro;
using pissarro::tests::CpuClock;
using pissarro::tests::kSoonS;

namespace {

const test::fs::path kFuzz = PISSARRO_SOURCE "/tests/fuzz";

std::vector<test::fs::path> filesOf(const char* kind, const char* reader)
{
    std::vector<test::fs::path> files;
    std::error_code absent; // a reader without finds has no folder
    for (const auto& entry : test::fs::directory_iterator(kFuzz / kind / reader, absent)) {
        files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

} // namespace

class FuzzFindsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void isReadOrRefused_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<int>("reader");
        QTest::addColumn<bool>("isRight");
        for (int i = 0; i < static_cast<int>(fuzz::readers().size()); ++i) {
            const char* const name = fuzz::readers()[static_cast<std::size_t>(i)].name;
            QVERIFY(!filesOf("seeds", name).empty());
            for (const char* kind : {"seeds", "finds"}) {
                for (const test::fs::path& file : filesOf(kind, name)) {
                    const std::string row =
                        std::string(name) + "/" + kind + "/" + file.filename().string();
                    QTest::newRow(row.c_str()) << QString::fromStdString(file.string()) << i
                                               << file.filename().string().starts_with("right_");
                }
            }
        }
    }

    void isReadOrRefused()
    {
        QFETCH(QString, path);
        QFETCH(int, reader);
        QFETCH(bool, isRight);
        const std::string bytes = test::readBytes(path.toStdString());
        const CpuClock clock;
        try {
            const auto refused = fuzz::readers()[static_cast<std::size_t>(reader)].read(bytes);
            QVERIFY2(!isRight || !refused, refused.value_or("").c_str());
        } catch (const std::exception& e) {
            QFAIL(e.what());
        }
        QVERIFY2(clock.seconds() < kSoonS, qPrintable(QString::number(clock.seconds()) + " s"));
    }
};

QTEST_GUILESS_MAIN(FuzzFindsTest)

#include "tst_fuzz_finds.moc"
