// SPDX-License-Identifier: GPL-3.0-or-later
// The sweep over a tiny model: it begins with the model, ends with it, and goes on where it was cancelled.
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/services/spectra.h"

#include <QDir>
#include <QSignalSpy>
#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

std::shared_ptr<const core::ModelFiles> tiny(const std::string& name)
{
    return core::ModelFiles::open(PISSARRO_SHARED "/golden/tiny/" + name);
}

// As Model does.
void give(Spectra& spectra, const std::shared_ptr<const core::ModelFiles>& files)
{
    spectra.takeModel({files});
    spectra.tellWhatIsGone();
}

} // namespace

class TestSpectra : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        if (!QDir(QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama")).exists()) {
            QSKIP("shared/golden is not there");
        }
    }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void arriveWithTheModel_eachOnce()
    {
        const auto files = tiny("llama");
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
        give(spectra, tiny("llama"));
        const auto other = tiny("qwen2");
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

    void goOn_whereTheyWereCancelled()
    {
        Spectra spectra;
        give(spectra, tiny("llama"));
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
