// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/json_file.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <nlohmann/json.hpp>

using namespace pissarro;

class JsonFileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void isNamedByItsErrors()
    {
        const test::Scratch scratch;
        const std::filesystem::path file = scratch / "config.json";
        test::writeBytes(file, "{\"layers\": 3}");
        QCOMPARE(core::readJsonFile(file).at("layers").get<int>(), 3);
        const auto large = test::errorOf([&] { core::readJsonFile(file, 12); });
        QVERIFY(large && std::string(large->what()).starts_with(file.string()));
        test::writeBytes(file, "{");
        QCOMPARE(
            test::complaint(test::errorOf([&] { core::readJsonFile(file); }), file, "is not JSON"),
            QString());
        test::writeBytes(file, R"({"layers": 3, "layers": 4})");
        QCOMPARE(core::readJsonFile(file).at("layers").get<int>(), 4); // as its own readers do
        QCOMPARE(test::complaint(test::errorOf([&] { core::readOwnJsonFile(file); }), file,
                                 "key 'layers' stands twice"),
                 QString());
        const auto missing = test::errorOf([&] { core::readJsonFile(scratch / "none.json"); });
        QVERIFY(missing && missing->kind() == core::ErrorKind::Io);
    }
};

QTEST_GUILESS_MAIN(JsonFileTest)
#include "tst_json_file.moc"
