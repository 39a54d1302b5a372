// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/weight_folder.h"
#include "tests/core/file/test_files.h"

#include <QTest>

using namespace pissarro;

class WeightFolderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void finds_theShardsOfAWholeSet()
    {
        const test::Scratch scratch;
        for (const char* const name :
             {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
              "extra-00001-of-00003.safetensors", "config.json", "pytorch_model.bin"}) {
            test::writeBytes(scratch / name, "");
        }
        const auto found = core::weightFolderOf(scratch.path());
        QVERIFY((found.shards
                 == std::set<std::string> {"model-00001-of-00002.safetensors",
                                           "model-00002-of-00002.safetensors"}));
    }

    void says_whatTheFolderIs_data()
    {
        QTest::addColumn<QStringList>("files");
        QTest::addColumn<QString>("what");
        QTest::newRow("a shard missing")
            << QStringList {"model-00001-of-00003.safetensors", "model-00003-of-00003.safetensors"}
            << "2 of the 3 shards of its weights and no model.safetensors.index.json (expected "
               "all); get 'model-00002-of-00003.safetensors' too";
        QTest::newRow("another name") << QStringList {"consolidated.safetensors"}
                                      << "has its weights in 'consolidated.safetensors'";
        QTest::newRow("gguf") << QStringList {"x.Q4_K_M.gguf"} << "'x.Q4_K_M.gguf'; give that file";
        QTest::newRow("pickle") << QStringList {"pytorch_model.bin"} << "Python pickle";
        QTest::newRow("nothing") << QStringList {"config.json"} << "has no model.safetensors and";
    }

    void says_whatTheFolderIs()
    {
        QFETCH(QStringList, files);
        QFETCH(QString, what);
        const test::Scratch scratch;
        for (const QString& file : files) {
            test::writeBytes(scratch / file.toStdString(), "");
        }
        const auto found = core::weightFolderOf(scratch.path());
        QVERIFY(found.shards.empty());
        QVERIFY2(QString::fromStdString(found.lacks).contains(what), found.lacks.c_str());
        QVERIFY(found.lacks.size() < 300);
    }
};

QTEST_GUILESS_MAIN(WeightFolderTest)
#include "tst_weight_folder.moc"
