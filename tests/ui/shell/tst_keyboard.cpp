// SPDX-License-Identifier: GPL-3.0-or-later
// The window without a mouse and without eyes: Tab comes to every control of every page, and what is painted says its values.
#include "tests/tools/patience.h"
#include "tests/ui/endless_job.h"
#include "tests/ui/told.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/pages/pages.h"
#include "ui/plot/heat_map.h"
#include "ui/plot/line_plot.h"
#include "ui/services/services.h"
#include "ui/shell/launch.h"
#include "ui/shell/main_window.h"
#include "ui/widgets/figures.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QAccessible>
#include <QButtonGroup>
#include <QComboBox>
#include <QDir>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSet>
#include <QSettings>
#include <QTest>
#include <QTextEdit>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

const QString kTinyModel = QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama");
const QString kDemoData = QStringLiteral(PISSARRO_SOURCE "/resources/demo/demo_train.jsonl");
constexpr int kMostTabs = 400;

template <class... Classes>
bool isOneOf(const QWidget* widget)
{
    return ((qobject_cast<const Classes*>(widget) != nullptr) || ...);
}

bool isControl(const QWidget* widget)
{
    return isOneOf<QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QAbstractItemView,
                   QPlainTextEdit, QTextEdit, LinePlot, HeatMap>(widget);
}

// The edit of a spin box, the list of a combo box, a table's corner.
bool isPartOfAnother(const QWidget* widget)
{
    for (const QWidget* at = widget->parentWidget(); at != nullptr; at = at->parentWidget()) {
        if (isControl(at)) {
            return true;
        }
    }
    return false;
}

// Of several of which one is chosen: Tab comes to that one, arrows to the others.
bool isReachedByArrows(const QWidget* widget)
{
    const auto* button = qobject_cast<const QAbstractButton*>(widget);
    return button != nullptr && button->group() != nullptr && button->group()->exclusive()
        && button->group()->checkedButton() != button;
}

QString nameOf(const QWidget* widget)
{
    return QStringLiteral("%1 (%2)").arg(widget->objectName(),
                                         QLatin1String(widget->metaObject()->className()));
}

} // namespace

class TestKeyboard : public QObject {
    Q_OBJECT

private:
    // What has the focus on the way from here around the window by Tab, and where the way ends before.
    QSet<QWidget*> walk(QString& stuck) const
    {
        QSet<QWidget*> reached;
        for (int i = 0; i < kMostTabs; ++i) {
            QWidget* before = QApplication::focusWidget();
            QTest::keyClick(before, Qt::Key_Tab);
            QWidget* now = QApplication::focusWidget();
            if (now == nullptr || now == before) {
                stuck = before == nullptr ? QStringLiteral("nowhere") : nameOf(before);
                return reached;
            }
            if (reached.contains(now)) {
                return reached;
            }
            reached.insert(now);
        }
        stuck = QStringLiteral("no end");
        return reached;
    }

    std::unique_ptr<Services> m_services;
    std::unique_ptr<MainWindow> m_window;

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        nameApplication();
        QCoreApplication::setApplicationName(QStringLiteral("tst_keyboard"));
        if (!QDir(kTinyModel).exists()) {
            QSKIP("shared/golden is not there");
        }
        QSettings().clear();
        Theme::instance().setMode(ThemeMode::Light);
        m_services = std::make_unique<Services>();
        m_window = std::make_unique<MainWindow>(*m_services, allPages());
        m_window->show();
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get(), hangMs()));
        m_window->openPath(kTinyModel);
        m_services->data.open(kDemoData);
        QTRY_VERIFY_WITH_TIMEOUT(m_services->model.files() && !m_services->spectra.isRunning()
                                     && m_services->data.tokenized(),
                                 hangMs());
    }
    void cleanupTestCase()
    {
        m_window.reset();
        m_services.reset();
        QCOMPARE(tests::WarningTrap::take(), QStringList());
    }

    void everyControl_isReachedByTab_data()
    {
        QTest::addColumn<QString>("page");
        for (const PageEntry& entry : allPages()) {
            QTest::newRow(entry.id) << QString::fromLatin1(entry.id);
        }
    }
    void everyControl_isReachedByTab()
    {
        QFETCH(QString, page);
        m_window->showPage(page);
        QCoreApplication::processEvents();
        QString stuck;
        const QSet<QWidget*> reached = walk(stuck);
        QVERIFY2(stuck.isEmpty(), qPrintable(stuck));
        QStringList missed;
        int controls = 0;
        for (QWidget* widget : m_window->pageWidget(page)->findChildren<QWidget*>()) {
            if (!isControl(widget) || isPartOfAnother(widget) || !widget->isVisible()
                || !widget->isEnabled() || isReachedByArrows(widget)) {
                continue;
            }
            ++controls;
            const QWidget* takes = widget->focusProxy() != nullptr ? widget->focusProxy() : widget;
            if (!reached.contains(const_cast<QWidget*>(takes))) {
                missed.append(nameOf(widget));
            }
        }
        QVERIFY(controls > 0);
        QVERIFY2(missed.isEmpty(), qPrintable(missed.join(QStringLiteral(", "))));
    }

    void whatIsPainted_saysItsValues()
    {
        int tables = 0;
        for (const QString& page : m_window->pageIds()) {
            m_window->showPage(page);
            QCoreApplication::processEvents();
            for (QWidget* widget : m_window->pageWidget(page)->findChildren<QWidget*>()) {
                if (!isOneOf<LinePlot, HeatMap>(widget) || !widget->isVisible()) {
                    continue;
                }
                ++tables;
                QAccessibleInterface* read = QAccessible::queryAccessibleInterface(widget);
                QVERIFY2(read->tableInterface() != nullptr, qPrintable(nameOf(widget)));
                const auto* plot = qobject_cast<const LinePlot*>(widget);
                if (plot != nullptr && plot->pointCount() > 0) {
                    QVERIFY2(read->tableInterface()->columnCount() > 0, qPrintable(nameOf(widget)));
                }
            }
            for (const FigureLabel* figure :
                 m_window->pageWidget(page)->findChildren<FigureLabel*>()) {
                const QString name =
                    QAccessible::queryAccessibleInterface(const_cast<FigureLabel*>(figure))
                        ->text(QAccessible::Name);
                QVERIFY2(name.contains(figure->text()), qPrintable(nameOf(figure)));
            }
        }
        QVERIFY(tables >= 4); // two of Spectrum, its map, one of Train
    }

    void theStrip_saysWhatRuns()
    {
        auto* strip = m_window->findChild<QWidget*>(QStringLiteral("statusBar"));
        QAccessibleInterface* read = QAccessible::queryAccessibleInterface(strip);
        QCOMPARE(read->role(), QAccessible::StatusBar);
        JobBridge jobs;
        {
            const tests::Told told;
            tests::runForEver(jobs, "Measurement of a");
            QVERIFY(tests::Told::take().contains(
                QStringLiteral("NameChanged: What runs: Measurement of a")));
        }
        jobs.cancel();
        QTRY_VERIFY_WITH_TIMEOUT(!jobs.isBusy(), hangMs());
        QVERIFY(!read->text(QAccessible::Name).contains(QStringLiteral("Measurement")));
    }
};

QTEST_MAIN(TestKeyboard)
#include "tst_keyboard.moc"
