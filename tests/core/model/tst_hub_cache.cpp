// SPDX-License-Identifier: GPL-3.0-or-later
// Where huggingface_hub keeps models, and what a repository of its cache says.
#include "core/model/hub_cache.h"
#include "tests/core/file/test_files.h"

#include <QTest>

using namespace pissarro;
using namespace pissarro::core;
namespace fs = std::filesystem;

class HubCacheTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void folders_areThoseOfTheHub()
    {
        const QByteArray home = qgetenv("HOME");
        const QByteArray cache = qgetenv("XDG_CACHE_HOME");
        qputenv("HF_HUB_CACHE", "/a");
        qputenv("HUGGINGFACE_HUB_CACHE", "/b");
        qputenv("HF_HOME", "/c");
        qputenv("XDG_CACHE_HOME", "/d");
        qputenv("HOME", "/e");
        QVERIFY((hubCacheFolders()
                 == std::vector<fs::path> {"/a", "/b", "/c/hub", "/d/huggingface/hub",
                                           "/e/.cache/huggingface/hub"}));
        qputenv("HF_HOME", "~/hf");
        QVERIFY(hubCacheFolders()[2] == fs::path("/e/hf/hub"));
        for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME"}) {
            qputenv(name, ""); // as good as not set
        }
        QCOMPARE(hubCacheFolders().size(), 2U);
        for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME"}) {
            qunsetenv(name);
        }
        qputenv("HOME", home);
        if (cache.isEmpty()) {
            qunsetenv("XDG_CACHE_HOME");
        } else {
            qputenv("XDG_CACHE_HOME", cache);
        }
    }

    void ids_areInFolderNames()
    {
        QVERIFY(hubIdOf("models--org--name") == "org/name");
        QVERIFY(hubIdOf("models--org--a--b") == "org/a--b");
        QVERIFY(hubIdOf("models--gpt2") == "gpt2");
        QVERIFY(!hubIdOf("models--") && !hubIdOf("datasets--x--y") && !hubIdOf("model"));
    }

    void revisions_leadNowhereElse()
    {
        const test::Scratch scratch;
        const auto revisionOf = [&](const std::string& text) {
            test::writeBytes(scratch / "main", text);
            return hubRevision(scratch / "main");
        };
        QCOMPARE(revisionOf("a1b2c3"), std::string("a1b2c3"));
        QCOMPARE(revisionOf("a1b2c3\n"), std::string("a1b2c3"));
        QCOMPARE(revisionOf("../../../etc"), std::string());
        QCOMPARE(revisionOf(""), std::string());
        QCOMPARE(hubRevision(scratch / "nothing"), std::string());
    }

    void snapshots_goByMain()
    {
        const test::Scratch scratch;
        const fs::path repository = scratch / "models--org--name";
        for (const char* revision : {"aa", "bb", "cc"}) {
            fs::create_directories(repository / "snapshots" / revision);
        }
        fs::create_directories(repository / "refs");
        QVERIFY(!hubSnapshotIn(repository)); // none holds a model
        test::writeBytes(repository / "snapshots/bb/config.json", "{}");
        test::writeBytes(repository / "snapshots/cc/config.json", "{}");
        QVERIFY(hubSnapshotIn(repository) == repository / "snapshots/bb"); // the first that does
        test::writeBytes(repository / "refs/main", "cc");
        QVERIFY(hubSnapshotIn(repository) == repository / "snapshots/cc");
        test::writeBytes(repository / "refs/main", "aa"); // which is empty
        QVERIFY(hubSnapshotIn(repository) == repository / "snapshots/bb");
        test::writeBytes(repository / "refs/main", "../snapshots/cc");
        QVERIFY(hubSnapshotIn(repository) == repository / "snapshots/bb");
    }
};

QTEST_GUILESS_MAIN(HubCacheTest)
#include "tst_hub_cache.moc"
