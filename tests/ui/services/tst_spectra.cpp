// SPDX-License-Identifier: GPL-3.0-or-later
// The sweep over a tiny model: it begins with the model, ends with it, and goes on where it was cancelled.
#include "tests/tools/patience.h"
#include "tests/ui/endless_job.h"
#include "tests/ui/tiny_models.h"
#include "tests/ui/warning_trap.h"
#include "ui/services/spectra.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::give;
using pissarro::tests::hangMs;
using pissarro::tests::openTiny;

class TestSpectra : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        if (!tests::hasTinyModels()) {
            QSKIP("shared/golden is not there");
        }
    }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void arriveWithTheModel_eachOnce()
    {
        const auto files = openTiny("llama");
        Spectra spectra;
        QStringList told;
        connect(&spectra, &Spectra::arrived, this, [&](const QStringList& one) { told += one; });
        spectra.restart(); // no model is open
        QVERIFY(!spectra.isRunning() && spectra.total() == 0);
        give(spectra, files);
        QVERIFY(spectra.isRunning());
        QTRY_VERIFY_WITH_TIMEOUT(!spectra.isRunning(), hangMs());
        QVERIFY(std::holds_alternative<Ready>(spectra.state()));
        QCOMPARE(spectra.total(), static_cast<int>(files->linearModules().size()));
        QCOMPARE(spectra.all().size(), spectra.total());
        QCOMPARE(told.size(), spectra.total());
        for (const auto& one : spectra.all()) {
            QVERIFY2(one->problem.empty(), one->problem.c_str());
        }
    }

    void areGone_withTheirModel()
    {
        Spectra spectra;
        give(spectra, openTiny("llama"));
        const auto other = openTiny("qwen2");
        spectra.takeModel({other});
        QVERIFY(!spectra.isRunning() && spectra.all().isEmpty());
        spectra.tellWhatIsGone();
        QVERIFY(spectra.isRunning());
        QTRY_VERIFY_WITH_TIMEOUT(!spectra.isRunning(), hangMs());
        QCOMPARE(spectra.all().size(), qsizetype(other->linearModules().size()));
        for (const core::LinearModule& module : other->linearModules()) {
            QVERIFY(spectra.all().contains(QString::fromStdString(module.name)));
        }
    }

    // What the cache knows is there beside a training; the rest waits for its end, or for a person who asks.
    void waitForTheTraining_butForWhatIsCached_orAskedFor()
    {
        const QTemporaryDir cache;
        const QByteArray before = qgetenv("XDG_CACHE_HOME");
        qputenv("XDG_CACHE_HOME", cache.path().toUtf8());
        {
            Spectra spectra;
            give(spectra, openTiny("llama"));
            QTRY_VERIFY_WITH_TIMEOUT(!spectra.isRunning(), hangMs());
        }
        JobBridge training(JobKind::Training);
        tests::runForEver(training, "training");
        Spectra cached;
        give(cached, openTiny("llama"));
        QTRY_VERIFY_WITH_TIMEOUT(!cached.isRunning(), hangMs());
        QCOMPARE(cached.all().size(), cached.total());

        Spectra waits;
        give(waits, openTiny("qwen2"));
        const auto stage = [&waits] {
            const auto* running = std::get_if<Running>(&waits.state());
            return running != nullptr ? running->stage : QString();
        };
        QTRY_COMPARE_WITH_TIMEOUT(stage(), QStringLiteral("Waits for the training to end"),
                                  hangMs());
        QVERIFY(waits.all().isEmpty());
        waits.restart(); // by a person
        QTRY_VERIFY_WITH_TIMEOUT(!waits.isRunning(), hangMs());
        QCOMPARE(waits.all().size(), waits.total());
        QVERIFY(training.isBusy());
        training.cancel();
        QTRY_VERIFY_WITH_TIMEOUT(!training.isBusy(), hangMs());
        qputenv("XDG_CACHE_HOME", before);
    }

    void goOn_whereTheyWereCancelled()
    {
        Spectra spectra;
        give(spectra, openTiny("llama"));
        spectra.cancel();
        QTRY_VERIFY_WITH_TIMEOUT(!spectra.isRunning(), hangMs());
        const auto before = spectra.all();
        QVERIFY(before.size() <= spectra.total());
        spectra.restart();
        QTRY_VERIFY_WITH_TIMEOUT(!spectra.isRunning(), hangMs());
        QCOMPARE(spectra.all().size(), spectra.total());
        for (auto one = before.cbegin(); one != before.cend(); ++one) {
            QVERIFY(spectra.all().value(one.key()) == one.value()); // not computed again
        }
    }
};

QTEST_GUILESS_MAIN(TestSpectra)
#include "tst_spectra.moc"
