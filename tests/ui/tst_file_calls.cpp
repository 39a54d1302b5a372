// SPDX-License-Identifier: GPL-3.0-or-later
// The window's own thread asks nothing of a disk while twins train, whatever a person does meanwhile: a folder of the run
// may be away for minutes. tests/tools/file_calls.cpp counts.
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/pages/pages.h"
#include "ui/services/services.h"
#include "ui/shell/launch.h"
#include "ui/shell/main_window.h"

#include <QDir>
#include <QFileInfo>
#include <QPushButton>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include <dlfcn.h>
#include <string>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

const QString kTiny = QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama");
const QString kDemoData = QStringLiteral(PISSARRO_SOURCE "/resources/demo/demo_train.jsonl");

// The counter that was loaded before this program.
template <class Function>
Function counterFunction(const char* name)
{
    return reinterpret_cast<Function>(::dlsym(RTLD_DEFAULT, name));
}

} // namespace

class TestFileCalls : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        QSKIP("a sanitizer has to be the first library that is loaded");
#endif
        nameApplication();
        QCoreApplication::setApplicationName(QStringLiteral("tst_file_calls"));
        if (!QDir(kTiny).exists()) {
            QSKIP("shared/golden is not there");
        }
        m_begin = counterFunction<void (*)()>("pissarro_calls_begin");
        m_end = counterFunction<int (*)(const char**)>("pissarro_calls_end");
        QVERIFY2(m_begin && m_end, "run by ctest: LD_PRELOAD names the counter");
        qputenv("XDG_DATA_HOME", m_folder.path().toUtf8());
        QSettings().clear();
        m_services = std::make_unique<Services>();
        m_services->training.setTrainsInProcess(false);
        m_window = std::make_unique<MainWindow>(*m_services, allPages());
        m_window->resize(1440, 900);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get(), hangMs()));
    }

    void cleanupTestCase()
    {
        m_window.reset();
        m_services.reset();
        QCOMPARE(tests::WarningTrap::take(), QStringList());
    }

    void theCounter_seesThisThreadAlone()
    {
        const char* what = nullptr;
        m_begin();
        QFileInfo::exists(QStringLiteral("/nowhere/at/all"));
        QCOMPARE(m_end(&what), 1);
        QVERIFY2(std::string(what).find("/nowhere/at/all") != std::string::npos, what);
        m_begin();
        bool seen = false;
        m_services->machine.look({QStringLiteral("/nowhere")}, this,
                                 [&seen](const QVector<FolderLook>&) { seen = true; });
        QTRY_VERIFY_WITH_TIMEOUT(seen, hangMs());
        QVERIFY2(m_end(&what) == 0, what);
    }

    void whileTwinsTrain_itAsksNothing()
    {
        m_services->model.open(kTiny);
        m_services->data.open(kDemoData);
        QTRY_VERIFY_WITH_TIMEOUT(m_services->data.tokenized() && !m_services->spectra.isRunning(),
                                 hangMs());
        train(3, "warm"); // pictures and fonts of all that is shown are loaded with it
        QTRY_VERIFY_WITH_TIMEOUT(!m_services->training.isRunning(), hangMs());
        walk();
        train(1'000'000, "run");
        QTRY_VERIFY_WITH_TIMEOUT(steps() > 3, hangMs());
        walk();
        const char* what = nullptr;
        m_begin();
        const qsizetype before = steps();
        for (int round = 0; round < 3; ++round) {
            walk();
            for (int rank = 1; rank <= 20; ++rank) {
                m_services->ranks.setRank(rank);
                QCoreApplication::processEvents();
            }
            QTRY_VERIFY_WITH_TIMEOUT(steps() > before + 20 * round, hangMs());
        }
        auto* pause = m_window->findChild<QPushButton*>(QStringLiteral("train.pause"));
        QVERIFY(pause);
        QTest::mouseClick(pause, Qt::LeftButton);
        QVERIFY(m_services->training.isPaused());
        QTest::mouseClick(pause, Qt::LeftButton);
        const qsizetype paused = steps();
        QTRY_VERIFY_WITH_TIMEOUT(steps() > paused + 20, hangMs());
        const int calls = m_end(&what);
        m_services->training.stop();
        QTRY_VERIFY_WITH_TIMEOUT(!m_services->training.isRunning(), hangMs());
        QVERIFY2(calls == 0, (std::to_string(calls) + ": " + what).c_str());
    }

private:
    void train(int steps, const char* name)
    {
        core::RunSpec spec;
        spec.model = kTiny.toStdString();
        spec.data = kDemoData.toStdString();
        spec.rank = 2;
        spec.alpha = 2;
        spec.batchSize = 1;
        spec.maxLength = 200;
        spec.steps = steps;
        m_window->showPage(QStringLiteral("train"));
        m_services->training.start(spec, {core::methodNamed("lora")},
                                   m_folder.filePath(QLatin1String(name)), false);
    }

    qsizetype steps() const
    {
        return m_services->training.series().value(1).size();
    }

    // Over every page, back to the Train page.
    void walk()
    {
        for (const QString& page : m_window->pageIds() + QStringList {QStringLiteral("train")}) {
            m_window->showPage(page);
            QCoreApplication::processEvents();
        }
    }

    QTemporaryDir m_folder;
    void (*m_begin)() = nullptr;
    int (*m_end)(const char**) = nullptr;
    std::unique_ptr<Services> m_services;
    std::unique_ptr<MainWindow> m_window;
};

QTEST_MAIN(TestFileCalls)
#include "tst_file_calls.moc"
