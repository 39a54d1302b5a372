// SPDX-License-Identifier: GPL-3.0-or-later
// What the window tells of what failed, on a real tiny model: banners, and the models that it remembers.
#include "tests/ui/shell/main_window_bench.h"
#include "ui/plot/line_plot.h"
#include "ui/services/services.h"
#include "ui/shell/banner_stack.h"
#include "ui/shell/main_window.h"
#include "ui/widgets/error_banner.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace pissarro;
using namespace pissarro::tests;
using namespace pissarro::ui;

class TestMainWindowFailures : public MainWindowBench {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { beginTests("tst_main_window_failures"); }
    void init() { beginTest(); }
    void cleanup() { endTest(); }

    void tellsWhenAPlotCannotBeExported()
    {
        for (LinePlot* plot : m_window->findChildren<LinePlot*>()) {
            m_window->banner()->dismiss();
            Q_EMIT plot->exportFailed(QStringLiteral("/x.png: could not be written"));
            QVERIFY2(!m_window->banner()->isHidden(), qPrintable(plot->objectName()));
        }
    }

    void tellsAMissingModel_andForgetsIt()
    {
        const QString gone = QStringLiteral("/nowhere/model.gguf");
        m_window->recent().addModel(gone);
        m_window->openPath(gone);
        QTRY_VERIFY_WITH_TIMEOUT(m_window->banner()->isVisible(), kPatienceMs);
        QCOMPARE(m_window->banner()->headline(), QStringLiteral("Could not open model.gguf"));
        QVERIFY(m_window->banner()->message().contains(gone));
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->recent().models().contains(gone), kPatienceMs);
        QTest::keyClick(m_window.get(), Qt::Key_Escape);
        QTRY_VERIFY(!m_window->banner()->isVisible());
    }

    // A second failure hides no first one, and opening something else does not erase it.
    void failures_standBesideOneAnother()
    {
        m_window->findChild<BannerStack*>()->showFailure(
            QStringLiteral("Training failed"), QStringLiteral("a: full"), &m_bench->training);
        m_bench->model.open(QStringLiteral("/nowhere/model.gguf"));
        QTRY_COMPARE_WITH_TIMEOUT(bannersInSight(),
                                  (QStringList {QStringLiteral("Could not open model.gguf"),
                                                QStringLiteral("Training failed")}),
                                  kPatienceMs);
        m_bench->model.open(kTinyModel); // mends the one, not the other
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files() && !m_bench->spectra.isRunning(),
                                 kPatienceMs);
        QCOMPARE(bannersInSight(), QStringList {QStringLiteral("Training failed")});
        m_window->showAbout();
        QCOMPARE(bannersInSight().size(), 2);
        QTest::keyClick(m_window.get(), Qt::Key_Escape); // the newest first, one a key
        QTRY_COMPARE(bannersInSight(), QStringList {QStringLiteral("Training failed")});
        QTest::keyClick(m_window.get(), Qt::Key_Escape); // a button's key is a press of 100 ms
        QTRY_COMPARE(bannersInSight(), QStringList());
    }

    void aServiceThatFails_isToldAboveThePages()
    {
        m_window->openPath(kTinyModel);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files() && !m_bench->spectra.isRunning(),
                                 kPatienceMs);
        const QString none = QStringLiteral("/nowhere/tuned");
        m_bench->comparison.start(none, 4);
        const QStringList told {QStringLiteral("Could not compare with tuned")};
        QTRY_COMPARE_WITH_TIMEOUT(bannersInSight(), told, kPatienceMs);
        QVERIFY(m_window->banner()->message().contains(none));
        Exports& exports = m_bench->exports; // tells where a person exports
        exports.start(none, {}, none);
        QTRY_VERIFY_WITH_TIMEOUT(exports.failure() != nullptr, kPatienceMs);
        QCOMPARE(bannersInSight(), told);
    }

    // A model that was opened stays in «Recent» when something else fails after its folder has gone.
    void anotherFailure_forgetsNoModel()
    {
        QTemporaryDir folder;
        const QString copy = folder.filePath(QStringLiteral("model"));
        QVERIFY(QDir().mkpath(copy));
        for (const QFileInfo& file : QDir(kTinyModel).entryInfoList(QDir::Files)) {
            QVERIFY(QFile::copy(file.filePath(), copy + QLatin1Char('/') + file.fileName()));
        }
        m_window->openPath(copy);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files() && !m_bench->spectra.isRunning(),
                                 kPatienceMs);
        QVERIFY(QDir().rename(copy, copy + QStringLiteral("-moved")));
        m_bench->data.open(QStringLiteral("/nowhere/rows.jsonl"));
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.failure() != nullptr, kPatienceMs);
        QCOMPARE(m_window->recent().models(), QStringList {copy});
    }
};

QTEST_MAIN(TestMainWindowFailures)
#include "tst_main_window_failures.moc"
