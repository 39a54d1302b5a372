// SPDX-License-Identifier: GPL-3.0-or-later
// The way back from a residual base and its factors to the untouched model.
#include "core/model/provenance.h"
#include "core/session/open_model.h"
#include "tests/core/file/test_files.h"

#include <QTest>

using namespace pissarro;
namespace fs = std::filesystem;

class ProvenanceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_scratch = std::make_unique<test::Scratch>();
        fs::create_directories(base());
    }

    void leadsBack()
    {
        QVERIFY(!core::sourceModelOf(base()));
        core::writeProvenance(base(), "/models/it's \"mine\"", "pissa");
        QCOMPARE(*core::sourceModelOf(base()), fs::path("/models/it's \"mine\""));
        QCOMPARE(core::provenanceOf(base())->method, std::string("pissa"));
    }

    void aBrokenFile_saysNothing_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("cut") << QByteArray("{\"source_model\": \"/mod");
        QTest::newRow("a list") << QByteArray(R"(["source_model"])");
        QTest::newRow("a number") << QByteArray(R"({"source_model": 3, "method": "pissa"})");
        QTest::newRow("nothing of it") << QByteArray(R"({"method": "pissa"})");
        QTest::newRow("deep") << QByteArray(100'000, '[');
        QTest::newRow("too long") << QByteArray("{\"source_model\": \"") + QByteArray(2 << 20, 'm')
                + "\"}";
    }
    void aBrokenFile_saysNothing()
    {
        QFETCH(QByteArray, text);
        test::writeBytes(base() / core::kProvenanceFile, text.toStdString());
        QVERIFY(!core::sourceModelOf(base()));
        QVERIFY(!core::factorsMadeWith(base()));
    }

    // The name of a folder comes out of the file: it never leads out of the base.
    void theFactors_areBelowTheBase_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<bool>("found");
        QTest::newRow("pissa") << "pissa" << true;
        QTest::newRow("other") << "qpissa" << false;
        QTest::newRow("up") << "../base/pissa" << false;
        QTest::newRow("a folder") << "sub/pissa" << false;
        QTest::newRow("nothing") << "" << false;
    }
    void theFactors_areBelowTheBase()
    {
        QFETCH(QString, method);
        QFETCH(bool, found);
        for (const char* folder : {"pissa_init", "sub/pissa_init", "_init"}) {
            fs::create_directories(base() / folder);
            test::writeBytes(base() / folder / "adapter_config.json", "{}");
        }
        core::writeProvenance(base(), "/m", method.toStdString());
        const auto factors = core::factorsMadeWith(base());
        QCOMPARE(factors.has_value(), found);
        QVERIFY(!found || *factors == base() / "pissa_init");
    }

    // What a run's plain LoRA is for: the model that it was given, or the one that its given base was made from.
    void theUntouchedModel_ofARun()
    {
        core::RunSummary run;
        run.directory = *m_scratch / "run";
        run.spec.method = core::methodNamed("pissa");
        const fs::path initial = run.directory / "pissa_init";
        fs::create_directories(initial);
        core::writeProvenance(initial, "/models/source", "pissa");
        QCOMPARE(core::untouchedModelOf(run, base()), base()); // it began afresh
        run.spec.initAdapter = "/adapters/given";
        QCOMPARE(core::untouchedModelOf(run, base()), fs::path("/models/source"));
        fs::remove(initial / core::kProvenanceFile);
        QCOMPARE(core::untouchedModelOf(run, base()),
                 base()); // nothing is known: what it was given
    }

private:
    fs::path base() const { return *m_scratch / "base"; }

    std::unique_ptr<test::Scratch> m_scratch;
};

QTEST_GUILESS_MAIN(ProvenanceTest)
#include "tst_provenance.moc"
