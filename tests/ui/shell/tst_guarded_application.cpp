// SPDX-License-Identifier: GPL-3.0-or-later
// Exceptions thrown on the GUI thread in every way that Qt calls our code: the program goes on, a run in training too.
#include "core/base/error.h"
#include "tests/ui/warning_trap.h"
#include "ui/pages/pages.h"
#include "ui/services/services.h"
#include "ui/shell/guarded_application.h"
#include "ui/shell/launch.h"
#include "ui/shell/main_window.h"
#include "ui/shell/window_log.h"
#include "ui/widgets/error_banner.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include <memory>
#include <new>
#include <stdexcept>

using namespace pissarro;
using namespace pissarro::ui;

namespace {

const QString kTiny = QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama");
const QString kData = QStringLiteral(PISSARRO_SOURCE "/resources/demo/demo_train.jsonl");

[[noreturn]] void fail(const char* text)
{
    throw core::Error(core::ErrorKind::InvalidArgument, text);
}

class ThrowingPainter : public QWidget {
public:
    int paints = 0;

protected:
    void paintEvent(QPaintEvent*) override
    {
        ++paints;
        fail("in paint");
    }
};

class ThrowingFilter : public QObject {
protected:
    bool eventFilter(QObject*, QEvent* event) override
    {
        if (event->type() == QEvent::KeyPress) {
            fail("in a filter");
        }
        return false;
    }
};

QString logText()
{
    flushWindowLog();
    QFile file(windowLogPath());
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

} // namespace

class TestGuardedApplication : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        nameApplication();
        for (const char* name :
             {"XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"}) {
            qputenv(name, m_home.path().toUtf8());
        }
        m_guard = qobject_cast<GuardedApplication*>(QCoreApplication::instance());
    }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void catches_whatASlotThrows()
    {
        QSignalSpy caught(m_guard, &GuardedApplication::caught);
        QPushButton button;
        button.setObjectName(QStringLiteral("the.button"));
        int later = 0;
        connect(&button, &QPushButton::clicked, this, [] { fail("in a slot"); });
        connect(&button, &QPushButton::released, this, [&later] { ++later; });
        button.show();
        for (int press = 1; press <= 3; ++press) { // told at each press
            QTest::mouseClick(&button, Qt::LeftButton);
            QTRY_COMPARE(caught.count(), press);
            QCOMPARE(later, press); // and the button goes on working
        }
        QCOMPARE(caught[0][0].toString(), QStringLiteral("in a slot"));
        QVERIFY(logText().contains(QStringLiteral("in an event of «the.button»: in a slot")));
    }

    void catches_everyOtherWay()
    {
        QSignalSpy caught(m_guard, &GuardedApplication::caught);
        QTimer::singleShot(0, this, [] { fail("in a timer"); });
        QTRY_COMPARE(caught.count(), 1);
        QMetaObject::invokeMethod(
            this, [] { throw std::runtime_error("queued"); }, Qt::QueuedConnection);
        QTRY_COMPARE(caught.count(), 2);
        QMetaObject::invokeMethod(
            this, [] { throw 7; }, Qt::QueuedConnection);
        QTRY_COMPARE(caught.count(), 3);
        QMetaObject::invokeMethod(
            this, [] { throw std::bad_alloc(); }, Qt::QueuedConnection);
        QTRY_COMPARE(caught.count(), 4);
        QVERIFY(caught[3][0].toString().contains(QStringLiteral("memory")));
        QMenu menu;
        connect(menu.addAction(QStringLiteral("x")), &QAction::triggered, this,
                [] { fail("in a menu"); });
        menu.popup({});
        QTest::keyClick(&menu, Qt::Key_Down);
        QTest::keyClick(&menu, Qt::Key_Return);
        QTRY_COMPARE(caught.count(), 5);
        ThrowingFilter filter;
        QWidget widget;
        widget.installEventFilter(&filter);
        QTest::keyClick(&widget, Qt::Key_A);
        QTRY_COMPARE(caught.count(), 6);
    }

    void tells_whatPaintThrows_once()
    {
        QSignalSpy caught(m_guard, &GuardedApplication::caught);
        ThrowingPainter widget;
        widget.show();
        QVERIFY(QTest::qWaitForWindowExposed(&widget));
        QTRY_VERIFY(widget.paints > 0);
        for (int i = 0; i < 5; ++i) {
            const int before = widget.paints;
            widget.update();
            QTRY_VERIFY(widget.paints > before);
        }
        QCoreApplication::processEvents();
        QCOMPARE(caught.count(), 1);
    }

    // The promise of the issue: a red line, a log entry, and the run goes on.
    void aRunInTraining_goesOn()
    {
        if (!QDir(kTiny).exists()) {
            QSKIP("shared/golden is not there");
        }
        Services bench;
        MainWindow window(bench, allPages());
        window.show();
        bench.training.setTrainsInProcess(false);
        bench.model.open(kTiny);
        QTRY_VERIFY(bench.model.files() != nullptr);
        core::RunSpec spec;
        spec.model = kTiny.toStdString();
        spec.data = kData.toStdString();
        spec.rank = 4;
        spec.alpha = 4;
        spec.batchSize = 1;
        spec.maxLength = 500;
        spec.steps = 60;
        spec.dtype = core::BaseDType::Float32;
        const auto thrower = connect(&bench.training, &Training::seriesChanged, this,
                                     [] { fail("while it trains"); });
        bench.training.start(spec, {}, m_home.filePath(QStringLiteral("run")), false); // tells once
        QTRY_VERIFY(!bench.training.series().isEmpty()
                    && !bench.training.series().first().isEmpty());
        QTRY_VERIFY(
            !bench.training.isRunning()); // the last steps are told when the outcome is taken
        disconnect(thrower);
        QCOMPARE(QString::fromStdString(bench.training.runs().first().message), QString());
        QCOMPARE(bench.training.runs().first().state, core::RunState::Finished);
        QCOMPARE(bench.training.series().first().size(), 60);
        QVERIFY(window.banner()->isVisible());
        QVERIFY(window.banner()->message().startsWith(QStringLiteral("while it trains")));
        QVERIFY(logText().contains(QStringLiteral("while it trains")));
    }

    void theLog_staysSmall()
    {
        const QString line(3000, QLatin1Char('x'));
        for (int i = 0; i < 800; ++i) {
            logWindow(line + QLatin1Char('\n') + QString::number(i));
        }
        QVERIFY(logText().contains(QStringLiteral("\\u000a799")));
        QVERIFY(QFileInfo(windowLogPath()).size() <= 1000000);
        QVERIFY(QFileInfo(windowLogPath() + QStringLiteral(".1")).size() <= 1000000);
        QCOMPARE(QFileInfo(windowLogPath()).dir().entryList(QDir::Files).size(), 2);
    }

private:
    QTemporaryDir m_home;
    GuardedApplication* m_guard = nullptr;
};

PISSARRO_TEST(GuardedApplication, TestGuardedApplication)

#include "tst_guarded_application.moc"
