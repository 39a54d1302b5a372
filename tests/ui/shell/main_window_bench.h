// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of the window share: one with every page, on the tiny model.
#pragma once

#include "tests/tools/patience.h"
#include "tests/ui/tiny_run.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/pages/pages.h"
#include "ui/services/services.h"
#include "ui/shell/launch.h"
#include "ui/shell/main_window.h"
#include "ui/widgets/error_banner.h"

#include <QDir>
#include <QSettings>
#include <QTest>

#include <memory>

namespace pissarro::tests {

const int kPatienceMs = hangMs();

// A window with every page, on services of its own.
class MainWindowBench : public QObject {
protected:
    void beginTests(const char* name)
    {
        WarningTrap::install();
        ui::nameApplication();
        QCoreApplication::setApplicationName(QLatin1String(name));
        if (!QDir(kTinyModel).exists()) {
            QSKIP("shared/golden is not there");
        }
    }

    void beginTest()
    {
        QSettings().clear();
        ui::Theme::instance().setMode(ui::ThemeMode::Light);
        m_bench = std::make_unique<ui::Services>();
        m_window = std::make_unique<ui::MainWindow>(*m_bench, ui::allPages());
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get(), hangMs()));
    }

    void endTest()
    {
        m_window.reset();
        m_bench.reset();
        QCOMPARE(WarningTrap::take(), QStringList());
    }

    QStringList bannersInSight() const
    {
        QStringList headlines;
        for (const ui::ErrorBanner* banner : m_window->findChildren<ui::ErrorBanner*>()) {
            if (banner->isVisible()) {
                headlines.prepend(banner->headline()); // made last: on top
            }
        }
        return headlines;
    }

    std::unique_ptr<ui::Services> m_bench;
    std::unique_ptr<ui::MainWindow> m_window;
};

} // namespace pissarro::tests
