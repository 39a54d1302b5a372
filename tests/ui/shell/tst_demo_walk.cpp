// SPDX-License-Identifier: GPL-3.0-or-later
// The demo in the window: its five marks one after the other, and every way to leave it.
#include "tests/tools/patience.h"
#include "tests/ui/tiny_models.h"
#include "tests/ui/warning_trap.h"
#include "ui/pages/pages.h"
#include "ui/services/demo_order.h"
#include "ui/services/services.h"
#include "ui/shell/demo_walk.h"
#include "ui/shell/launch.h"
#include "ui/shell/main_window.h"

#include <QDir>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace pissarro;
using namespace pissarro::tests;
using namespace pissarro::ui;

namespace {

const QString kData = QStringLiteral(PISSARRO_SOURCE "/resources/demo/demo_train.jsonl");

} // namespace

class TestDemoWalk : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        WarningTrap::install();
        nameApplication();
        if (!hasTinyModels()) {
            QSKIP("shared/golden is not there");
        }
    }

    void init()
    {
        m_home = std::make_unique<QTemporaryDir>(); // nothing cached, nothing remembered
        for (const char* name :
             {"XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"}) {
            qputenv(name, m_home->path().toUtf8());
        }
        m_services = std::make_unique<Services>();
        m_services->training.setTrainsInProcess(false); // no process outlives the test
        m_window = std::make_unique<MainWindow>(*m_services, allPages());
        m_window->resize(1440, 900);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        m_window->demo().setLeastMs(1);
    }

    void cleanup()
    {
        m_services->training.stop();
        QTRY_VERIFY_WITH_TIMEOUT(!m_services->training.isRunning(), hangMs());
        m_window.reset();
        m_services.reset();
        WarningTrap::take();
    }

    void walks_fromPageToPage()
    {
        DemoWalk& walk = m_window->demo();
        QStringList pages;
        connect(&walk, &DemoWalk::moved, this, [&] { pages.append(m_window->page()); });
        QSignalSpy left(&walk, &DemoWalk::left);
        begin(2);
        QTRY_COMPARE_WITH_TIMEOUT(left.size(), 1, hangMs());
        QCOMPARE(pages,
                 QStringList({QStringLiteral("model"), QStringLiteral("spectrum"),
                              QStringLiteral("train"), QStringLiteral("compare"),
                              QStringLiteral("train")}));
        QCOMPARE(m_window->page(), QStringLiteral("train")); // where the next steps are offered
        QVERIFY(!walk.isOn());
        QCOMPARE(m_services->training.runs().size(), 2); // PiSSA and LoRA
        for (const core::RunSummary& run : m_services->training.runs()) {
            QVERIFY(core::isComplete(run.state));
        }
    }

    // The page in sight stays, and what was begun goes on.
    void escape_leavesIt()
    {
        DemoWalk& walk = m_window->demo();
        walk.setLeastMs(60'000); // stays at its first mark
        begin(2);
        QCOMPARE(walk.mark(), 0);
        QTRY_VERIFY_WITH_TIMEOUT(m_services->model.files() != nullptr, hangMs());
        QTest::keyClick(m_window.get(), Qt::Key_Escape);
        QVERIFY(!walk.isOn());
        QCOMPARE(m_window->page(), QStringLiteral("model"));
        QVERIFY(m_services->model.files() != nullptr);
    }

    void anotherPage_leavesIt()
    {
        DemoWalk& walk = m_window->demo();
        walk.setLeastMs(60'000);
        begin(2);
        QVERIFY(walk.isOn());
        m_window->showPage(QStringLiteral("runs"));
        QVERIFY(!walk.isOn());
        QCOMPARE(m_window->page(), QStringLiteral("runs"));
    }

    void aModelThatIsNone_leavesIt()
    {
        DemoOrder order = demoOrder(m_home->filePath(QStringLiteral("none.gguf")), kData);
        m_window->demo().begin(order);
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->demo().isOn(), hangMs());
        QVERIFY(m_services->model.failure() != nullptr);
    }

private:
    void begin(int steps)
    {
        DemoOrder order = demoOrder(tinyPath(), kData);
        order.spec.steps = steps;
        order.spec.batchSize = 1;
        order.spec.maxLength = 256;
        m_window->demo().begin(order);
    }

    std::unique_ptr<QTemporaryDir> m_home;
    std::unique_ptr<Services> m_services;
    std::unique_ptr<MainWindow> m_window;
};

QTEST_MAIN(TestDemoWalk)
#include "tst_demo_walk.moc"
