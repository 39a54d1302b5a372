// SPDX-License-Identifier: GPL-3.0-or-later
// Another file in the place of the one that is read: each reader says which, and what to do.
#include "core/dataset/dataset.h"
#include "core/file/json_file.h"
#include "core/format/gguf.h"
#include "core/format/safetensors.h"
#include "core/text/foreign_text.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <string>

using namespace pissarro;
using namespace std::string_literals;
using test::complaint;
using test::errorOf;

class ForeignTextTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void eachReader_saysWhatItIs_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QByteArray>("says");
        const auto row = [](const char* name, const std::string& content, const char* says) {
            QTest::newRow(name) << QByteArray::fromStdString(content) << QByteArray(says);
        };
        row("Git LFS", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
            "git lfs pull");
        row("page", "\r\n<!DOCTYPE html>\n<html><body>404</body></html>", "an HTML page");
        row("gzip", "\x1f\x8b\x08\0\0\0\0\0\0\x03\xab\x56\xca"s, "compressed by gzip");
        row("zstd", "\x28\xb5\x2f\xfd\x24\x1f\xf9\0\0\0\0\0"s, "compressed by zstd");
        row("zip", "PK\x03\x04\x14\0\0\0\x08\0\0\0"s, "a ZIP archive");
        row("Parquet", "PAR1\x15\x04\x15\x20\x15\x20\x4c\x15"s, "a Parquet file");
        row("UTF-16",
            "\xff\xfe{\0\"\0a\0\"\0:\0"s
            "1\0}\0"s,
            "UTF-16");
    }

    void eachReader_saysWhatItIs()
    {
        QFETCH(QByteArray, content);
        QFETCH(QByteArray, says);
        const test::Scratch scratch;
        for (const char* name : {"model.safetensors", "model.gguf", "config.json", "data.jsonl"}) {
            const std::filesystem::path path = scratch / name;
            test::writeBytes(path, content.toStdString());
            const auto error = errorOf([&] {
                const std::string kind = path.extension().string();
                if (kind == ".safetensors") {
                    core::SafetensorsFile::open(path);
                } else if (kind == ".gguf") {
                    core::GgufFile::open(path);
                } else if (kind == ".json") {
                    core::readJsonFile(path, 1U << 20U);
                } else {
                    core::readDataFile(path, core::PromptTemplate::Plain, nullptr);
                }
            });
            QCOMPARE(complaint(error, path, says.constData()), QString());
        }
    }

    void knows_nothingOfWhatIsRight()
    {
        for (const char* right :
             {"{}", "[1]", "\n{\"a\": 1}", "PKx", "<s>", "version 2", "B", ""}) {
            QVERIFY2(core::foreignKind(std::string_view(right)).empty(), right);
        }
    }
};

QTEST_GUILESS_MAIN(ForeignTextTest)

#include "tst_foreign_text.moc"
