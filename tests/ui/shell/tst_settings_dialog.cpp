// SPDX-License-Identifier: GPL-3.0-or-later
// The settings as a person sets them: what is chosen counts and is written, beside what another window writes.
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/pages/pages.h"
#include "ui/services/services.h"
#include "ui/services/settings.h"
#include "ui/services/start_environment.h"
#include "ui/shell/closing.h"
#include "ui/shell/launch.h"
#include "ui/shell/main_window.h"
#include "ui/shell/settings_dialog.h"
#include "ui/words/format.h"

#include <QAccessible>
#include <QAction>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

const LanguageList kLanguages {{QStringLiteral("en"), QStringLiteral("English")},
                               {QStringLiteral("ja"), QStringLiteral("日本語")}};

template <class Widget>
Widget* find(const QWidget& in, const char* name)
{
    auto* widget = in.findChild<Widget*>(QStringLiteral("settings.") + QLatin1String(name));
    Q_ASSERT(widget);
    return widget;
}

// As a person chooses it: by keys.
void choose(QComboBox* box, int index)
{
    box->setFocus();
    const int steps = index - box->currentIndex();
    for (int i = 0; i < std::abs(steps); ++i) {
        QTest::keyClick(box, steps > 0 ? Qt::Key_Down : Qt::Key_Up);
    }
}

} // namespace

class TestSettingsDialog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        nameApplication();
        QCoreApplication::setApplicationName(QStringLiteral("tst_settings_dialog"));
        qputenv("XDG_CACHE_HOME", m_cache.path().toUtf8());
        qunsetenv(kThreadsVariable);
        qunsetenv(kCacheVariable);
    }
    void init()
    {
        QSettings().clear();
        Theme::instance().setMode(ThemeMode::Light);
        m_services = std::make_unique<Services>();
        m_dialog = std::make_unique<SettingsDialog>(*m_services, kLanguages);
        m_dialog->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_dialog.get(), hangMs()));
    }
    void cleanup()
    {
        m_dialog.reset();
        m_services.reset();
        QSettings().clear();
        QCOMPARE(tests::WarningTrap::take(), QStringList());
    }

    void theTheme_countsAtOnce()
    {
        auto* theme = find<QComboBox>(*m_dialog, "theme");
        QCOMPARE(theme->currentText(), QStringLiteral("Light"));
        choose(theme, 2);
        QVERIFY(Theme::instance().isDark());
        QCOMPARE(rememberedTheme(), ThemeMode::Dark);
        rememberTheme(ThemeMode::Light); // by the menu
        QCOMPARE(theme->currentText(), QStringLiteral("Light"));
        choose(theme, 0);
        QCOMPARE(Theme::instance().mode(), ThemeMode::System);
    }

    void theText_countsAtOnce()
    {
        auto* text = find<QSpinBox>(*m_dialog, "text");
        QCOMPARE(text->value(), 100);
        text->setFocus();
        QTest::keyClick(text, Qt::Key_Up);
        QCOMPARE(stored(setting::kTextPercent), 105);
        QCOMPARE(QApplication::font().pixelSize(), scaled(kDrawnText));
        text->setValue(200);
        QCOMPARE(QApplication::font().pixelSize(), 2 * kDrawnText);
        QVERIFY(text->fontMetrics().height() > kDrawnText * 2);
        text->setValue(100);
        QCOMPARE(QApplication::font().pixelSize(), kDrawnText);
        store(setting::kTextPercent, 9000); // by hand
        const SettingsDialog again(*m_services, {});
        QCOMPARE(find<QSpinBox>(again, "text")->value(), kMostText);
    }

    void languages_areThoseGiven()
    {
        auto* language = find<QComboBox>(*m_dialog, "language");
        QCOMPARE(language->count(), 3);
        QCOMPARE(language->currentIndex(), 0);
        choose(language, 2);
        QCOMPARE(stored(setting::kLanguage), QStringLiteral("ja"));
        choose(language, 0);
        QCOMPARE(stored(setting::kLanguage), QStringLiteral("system"));
        const SettingsDialog one(*m_services, {kLanguages[0]});
        QVERIFY(one.findChild<QComboBox*>(QStringLiteral("settings.language")) == nullptr);
    }

    void runFolders_mergeWithThoseOfOtherWindows()
    {
        const QStringList three {QStringLiteral("/runs/a"), QStringLiteral("/runs/b"),
                                 QStringLiteral("/runs/c")};
        m_services->library.addFolder(three[0]);
        m_services->library.addFolder(three[1]);
        auto* folders = find<QListWidget>(*m_dialog, "folders");
        QTRY_COMPARE_WITH_TIMEOUT(folders->count(), 2, hangMs());
        auto* remove = find<QPushButton>(*m_dialog, "removeFolder");
        QVERIFY(!remove->isEnabled());
        Services other; // of a window that is open too
        other.library.addFolder(three[2]);
        folders->setCurrentRow(0);
        QVERIFY(remove->isEnabled());
        remove->click();
        const QStringList left = three.mid(1);
        QCOMPARE(stored(setting::kRunFolders), left);
        QCOMPARE(m_services->library.folders(), left);
        QCOMPARE(folders->count(), 2);
        QVERIFY(!remove->isEnabled());
    }

    void closing_isRememberedOrAskedAgain()
    {
        auto* closing = find<QComboBox>(*m_dialog, "closing");
        QCOMPARE(closing->currentIndex(), 0);
        choose(closing, 1);
        QCOMPARE(Closing::answer(), std::optional(CloseChoice::KeepTraining));
        QCOMPARE(stored(setting::kCloseAnswer), QStringLiteral("keep")); // a contract
        choose(closing, 2);
        QCOMPARE(stored(setting::kCloseAnswer), QStringLiteral("stop"));
        const SettingsDialog again(*m_services, {});
        QCOMPARE(find<QComboBox>(again, "closing")->currentIndex(), 2);
        choose(closing, 0);
        QCOMPARE(Closing::answer(), std::nullopt);
    }

    void threadsAndCache_areWritten_unlessTheEnvironmentSaysThem()
    {
        auto* threads = find<QSpinBox>(*m_dialog, "threads");
        QCOMPARE(threads->value(), 0);
        QCOMPARE(threads->text(), QStringLiteral("All"));
        threads->setValue(1);
        QCOMPARE(stored(setting::kThreads), 1);
        auto* limit = find<QSpinBox>(*m_dialog, "cacheLimit");
        QCOMPARE(limit->value(), 4096);
        limit->setValue(512);
        QCOMPARE(stored(setting::kCacheMb), 512);
        qputenv(kThreadsVariable, "3");
        const SettingsDialog outside(*m_services, {});
        QVERIFY(!find<QSpinBox>(outside, "threads")->isEnabled());
        QVERIFY(find<QSpinBox>(outside, "cacheLimit")->isEnabled());
        qunsetenv(kThreadsVariable);
    }

    void theCache_isCountedAndCleared()
    {
        const QString spectra = m_cache.filePath(QStringLiteral("pissarro/spectra"));
        QVERIFY(QDir().mkpath(spectra));
        QFile file(spectra + QStringLiteral("/a.safetensors"));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.resize(5'000'000));
        file.close();
        m_services->caches.look();
        auto* now = find<QLabel>(*m_dialog, "cache");
        QTRY_VERIFY_WITH_TIMEOUT(
            now->text().contains(QStringLiteral("spectra ") + formatBytes(5'000'000)), hangMs());
        auto* clear = find<QPushButton>(*m_dialog, "clearCache");
        QVERIFY(clear->isEnabled());
        clear->click();
        QTRY_VERIFY_WITH_TIMEOUT(!m_services->caches.isRunning(), hangMs());
        QVERIFY(!file.exists());
        QVERIFY(!clear->isEnabled());
        QVERIFY2(!now->text().contains(formatBytes(5'000'000)), qPrintable(now->text()));
    }

    void theMachine_isToldOf()
    {
        QTRY_COMPARE_WITH_TIMEOUT(
            find<QLabel>(*m_dialog, "devices")->text().section(QLatin1Char('\n'), 0, 0),
            QString::fromStdString(m_services->machine.devices().front().title), hangMs());
        QTRY_VERIFY_WITH_TIMEOUT(find<QLabel>(*m_dialog, "free")->text().endsWith(QLatin1Char('B')),
                                 hangMs());
        QCOMPARE(find<QLabel>(*m_dialog, "settingsFile")->text(), QSettings().fileName());
    }

    // Every field by Tab, each with a name.
    void everyField_isReachedByTab()
    {
        m_services->library.addFolder(QStringLiteral("/runs/a"));
        m_dialog->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_dialog.get(), hangMs()));
        QSet<QString> reached;
        for (int i = 0; i < 30; ++i) {
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
            reached.insert(QApplication::focusWidget()->objectName());
        }
        for (const char* name : {"theme", "language", "folders", "addFolder", "closing", "threads",
                                 "cacheLimit", "text", "close"}) {
            const QString field = QStringLiteral("settings.") + QLatin1String(name);
            QVERIFY2(reached.contains(field), name);
            QAccessibleInterface* read =
                QAccessible::queryAccessibleInterface(m_dialog->findChild<QWidget*>(field));
            QVERIFY2(!read->text(QAccessible::Name).isEmpty(), name);
        }
    }

    void theMenu_opensOne()
    {
        MainWindow window(*m_services, allPages());
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window, hangMs()));
        auto* action = window.findChild<QAction*>(QStringLiteral("action.settings"));
        QVERIFY(action);
        QCOMPARE(action->shortcut(), QKeySequence(Qt::CTRL | Qt::Key_Comma));
        QCOMPARE(action->menuRole(), QAction::PreferencesRole);
        action->trigger();
        action->trigger();
        QCOMPARE(window.findChildren<SettingsDialog*>().size(), 1);
        auto* dialog = window.findChild<SettingsDialog*>();
        QVERIFY(dialog->isVisible() && !dialog->isModal());
        find<QPushButton>(*dialog, "close")->click();
        QTRY_COMPARE_WITH_TIMEOUT(window.findChildren<SettingsDialog*>().size(), 0, hangMs());
    }

private:
    QTemporaryDir m_cache;
    std::unique_ptr<Services> m_services;
    std::unique_ptr<SettingsDialog> m_dialog;
};

QTEST_MAIN(TestSettingsDialog)
#include "tst_settings_dialog.moc"
