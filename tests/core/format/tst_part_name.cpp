// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/part_name.h"

#include <QTest>

using namespace pissarro;

class PartNameTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void takes_aNameApart()
    {
        const auto part =
            core::partNameOf("model-00002-of-00013.safetensors", ".safetensors").value();
        QVERIFY(part.prefix == "model" && part.number == 2 && part.count == 13);
        QCOMPARE(part.text(), std::string("model-00002-of-00013.safetensors"));
        QCOMPARE(part.other(11).text(), std::string("model-00011-of-00013.safetensors"));
    }

    void knows_whatIsNoPart()
    {
        for (const char* const name :
             {"", ".gguf", "x.gguf", "-00001-of-00002.gguf", "x-00001-of-00002",
              "x-0001-of-0002.gguf", "x-00001_of-00002.gguf", "x-0000a-of-00002.gguf",
              "x-00000-of-00002.gguf", "x-00003-of-00002.gguf", "x-00001-of-00000.gguf"}) {
            QVERIFY2(!core::partNameOf(name, ".gguf"), name);
        }
    }
};

QTEST_GUILESS_MAIN(PartNameTest)
#include "tst_part_name.moc"
