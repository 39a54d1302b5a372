// SPDX-License-Identifier: GPL-3.0-or-later
// What lies in a folder, and the names of folders of factors, which files of every version have.
#include "core/model/base_files.h"
#include "tests/core/file/test_files.h"

#include <QtTest>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace pissarro;
using namespace pissarro::core;
namespace fs = std::filesystem;

class TestBaseFiles : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void names_areThoseOnDisk()
    {
        QCOMPARE(factorsFolder("pissa", FactorsAre::Init), std::string("pissa_init"));
        QCOMPARE(factorsFolder("lora", FactorsAre::Start), std::string("lora_start"));
        QCOMPARE(factorsFolder("qpissa", FactorsAre::Trained), std::string("qpissa_ft"));
    }

    void aFolder_isToldByItsConfig()
    {
        const test::Scratch folder;
        QVERIFY(!holdsModel(folder / "none") && !holdsAdapter(folder / "none"));
        fs::create_directories(folder / "model");
        fs::create_directories(folder / "adapter");
        test::writeBytes(folder / "model/config.json", "{}");
        test::writeBytes(folder / "adapter/adapter_config.json", "{}");
        QVERIFY(holdsModel(folder / "model") && !holdsAdapter(folder / "model"));
        QVERIFY(holdsAdapter(folder / "adapter") && !holdsModel(folder / "adapter"));
    }

    // Of a pair, whatever its method; an empty folder of that name is none.
    void trainedFactors_areFound()
    {
        const test::Scratch pair;
        QVERIFY(!trainedFactorsIn(pair / "none"));
        fs::create_directories(pair / "pissa_init");
        test::writeBytes(pair / "pissa_init/adapter_config.json", "{}");
        fs::create_directories(pair / "empty_ft");
        const fs::path root = pair.path();
        QVERIFY(!trainedFactorsIn(root));
        for (const char* name : {"pissa_ft", "lora_ft"}) {
            fs::create_directories(root / name);
            test::writeBytes(root / name / "adapter_config.json", "{}");
        }
        QCOMPARE(trainedFactorsIn(root)->filename().string(), std::string("lora_ft"));
    }

    // Nobody else writes these names: a walk over core.
    void nothingElse_spellsThem()
    {
        const fs::path core = fs::path(PISSARRO_SOURCE) / "core";
        QStringList found;
        for (const auto& entry : fs::recursive_directory_iterator(core)) {
            const std::string name = entry.path().filename().string();
            if (!name.ends_with(".cpp") || name == "base_files.cpp") {
                continue;
            }
            std::ifstream in(entry.path());
            std::stringstream text;
            text << in.rdbuf();
            for (const char* word :
                 {"\"_init\"", "\"_start\"", "\"_ft\"", "\"adapter_model.safetensors\"",
                  "/ \"adapter_config.json\""}) {
                if (text.str().find(word) != std::string::npos) {
                    found.append(QString::fromStdString(name + ": " + word));
                }
            }
        }
        QCOMPARE(found, QStringList());
    }
};

QTEST_GUILESS_MAIN(TestBaseFiles)
#include "tst_base_files.moc"
