// SPDX-License-Identifier: GPL-3.0-or-later
// F1 names every entry of every menu with its key; the words of the program, and what is typed narrows them.
#include "tests/ui/warning_trap.h"
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/pages/pages.h"
#include "ui/services/services.h"
#include "ui/shell/help_dialog.h"
#include "ui/shell/launch.h"
#include "ui/shell/main_window.h"

#include <QAction>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QScreen>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QTreeWidget>
#include <QTreeWidgetItemIterator>

#include <memory>

using namespace pissarro;
using namespace pissarro::ui;

class TestHelpDialog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        nameApplication();
    }
    void init()
    {
        m_home = std::make_unique<QTemporaryDir>();
        for (const char* name :
             {"XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"}) {
            qputenv(name, m_home->path().toUtf8());
        }
        QSettings().clear();
        m_services = std::make_unique<Services>();
        m_window = std::make_unique<MainWindow>(*m_services, allPages());
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    }
    void cleanup()
    {
        m_window.reset();
        m_services.reset();
        QCOMPARE(tests::WarningTrap::take(), QStringList());
    }

    // Of all pages, whichever is in sight: each menu a group, each entry a row, and those without a key say so.
    void everyEntry_isThere()
    {
        const QVector<HelpGroup> groups = keysOf(*m_window);
        QStringList names;
        for (const HelpGroup& group : groups) {
            QVERIFY(!group.title.isEmpty() && !group.rows.isEmpty());
            for (const HelpRow& row : group.rows) {
                names.append(row.name);
                QVERIFY2(!row.text.isEmpty(), qPrintable(row.name));
                QVERIFY2(!row.name.contains(QLatin1Char('\t')), qPrintable(row.name));
            }
        }
        for (const PageEntry& entry : m_window->pages()) {
            for (const QAction* action : m_window->pageWidget(QLatin1String(entry.id))->actions()) {
                QString text = action->text();
                text.remove(QLatin1Char('&'));
                QVERIFY2(action->isSeparator() || names.contains(text), qPrintable(text));
            }
        }
        const auto keyOf = [&](const QString& name) {
            for (const HelpGroup& group : groups) {
                for (const HelpRow& row : group.rows) {
                    if (row.name == name) {
                        return row.text;
                    }
                }
            }
            return QString();
        };
        QCOMPARE(keyOf(QStringLiteral("Open model…")),
                 QKeySequence(QKeySequence::Open).toString(QKeySequence::NativeText));
        QCOMPARE(keyOf(QStringLiteral("Add a folder with runs…")), QStringLiteral("no key"));
        QVERIFY(keyOf(QStringLiteral("Measure every matrix")).contains(QStringLiteral("Ctrl")));
    }

    void whatIsTyped_narrowsTheRows()
    {
        m_window->showWords();
        auto* dialog = m_window->findChild<HelpDialog*>(QStringLiteral("dialog.help"));
        QVERIFY(dialog != nullptr);
        auto* rows = dialog->findChild<QTreeWidget*>(QStringLiteral("help.rows"));
        auto* find = dialog->findChild<QLineEdit*>(QStringLiteral("help.find"));
        const auto shown = [rows] {
            int count = 0;
            for (int i = 0; i < rows->topLevelItemCount(); ++i) {
                for (int j = 0; j < rows->topLevelItem(i)->childCount(); ++j) {
                    count += rows->topLevelItem(i)->child(j)->isHidden() ? 0 : 1;
                }
            }
            return count;
        };
        const int all = shown();
        QVERIFY(all > 12);
        find->setText(QStringLiteral("twin"));
        QVERIFY(shown() >= 1 && shown() < all);
        find->setText(QStringLiteral("no such word"));
        QCOMPARE(shown(), 0);
        find->clear();
        QCOMPARE(shown(), all);
        dialog->close();
    }

    // A definition is read whole: each row is as high as its text needs within its column.
    void definitions_areShownWhole_data()
    {
        QTest::addColumn<int>("percent");
        for (const int percent : {100, 200}) {
            QTest::addRow("%d %%", percent) << percent;
        }
    }
    void definitions_areShownWhole()
    {
        QFETCH(int, percent);
        setTextPercent(percent);
        Theme::instance().setMode(ThemeMode::Light);
        m_window->showWords();
        auto* dialog = m_window->findChild<HelpDialog*>(QStringLiteral("dialog.help"));
        QVERIFY(dialog != nullptr);
        QVERIFY(QTest::qWaitForWindowExposed(dialog));
        auto* rows = dialog->findChild<QTreeWidget*>(QStringLiteral("help.rows"));
        const auto cut = [rows] {
            QStringList found;
            for (QTreeWidgetItemIterator it(rows); *it != nullptr; ++it) {
                for (const int column : {0, 1}) {
                    const QString text = (*it)->text(column);
                    const QRect cell = rows->visualRect(rows->indexFromItem(*it, column));
                    if (text.isEmpty() || (*it)->parent() == nullptr) {
                        continue;
                    }
                    const QRect wanted = rows->fontMetrics().boundingRect(
                        QRect(0, 0, cell.width(), 10000), Qt::TextWordWrap, text);
                    if (cell.height() < wanted.height() || cell.width() < wanted.width()) {
                        found << QStringLiteral("«%1» has %2 × %3 px of %4 × %5")
                                     .arg(text)
                                     .arg(cell.width())
                                     .arg(cell.height())
                                     .arg(wanted.width())
                                     .arg(wanted.height());
                    }
                }
            }
            return found;
        };
        QTRY_COMPARE(cut(), QStringList());
        QVERIFY(dialog->height() <= dialog->screen()->availableSize().height());
        dialog->close();
        setTextPercent(100);
        Theme::instance().setMode(ThemeMode::Light);
    }

    // Help brings the first screen back, also over an open model.
    void theFirstSteps_comeBack()
    {
        m_window->showPage(QStringLiteral("runs"));
        auto* action = m_window->findChild<QAction*>(QStringLiteral("action.firstSteps"));
        QVERIFY(action != nullptr);
        action->trigger();
        QCOMPARE(m_window->page(), QStringLiteral("model"));
        QVERIFY(m_window->findChild<QWidget*>(QStringLiteral("model.empty.demo"))->isVisible());
        QVERIFY(!m_window->findChild<QWidget*>(QStringLiteral("model.empty.back"))->isVisible());
    }

private:
    std::unique_ptr<QTemporaryDir> m_home;
    std::unique_ptr<Services> m_services;
    std::unique_ptr<MainWindow> m_window;
};

QTEST_MAIN(TestHelpDialog)
#include "tst_help_dialog.moc"
