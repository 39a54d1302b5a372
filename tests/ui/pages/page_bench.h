// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/services/services.h"

#include <QCoreApplication>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

namespace pissarro::tests {

// A page on services of its own, in a folder that goes with it.
template <class Page>
class PageBench : public QObject {
protected:
    void beginTests(const char* name)
    {
        WarningTrap::install();
        QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
        QCoreApplication::setApplicationName(QLatin1String(name));
        ui::Theme::instance().setMode(ui::ThemeMode::Light);
    }

    void beginFolder()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        qputenv("XDG_DATA_HOME", QFile::encodeName(m_folder->filePath(QStringLiteral("data"))));
    }

    void openPage(QSize size)
    {
        m_page.reset();
        m_bench.reset();
        m_bench = std::make_unique<ui::Services>();
        m_page = std::make_unique<Page>(*m_bench);
        m_page->resize(size);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get(), hangMs()));
    }

    void endTest()
    {
        m_page.reset();
        m_bench.reset();
        m_folder.reset();
        QCOMPARE(WarningTrap::take(), QStringList());
    }

    template <class Widget>
    Widget* child(const char* name) const
    {
        auto* found = m_page->template findChild<Widget*>(QLatin1String(name));
        Q_ASSERT_X(found != nullptr, "child", name);
        return found;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<ui::Services> m_bench;
    std::unique_ptr<Page> m_page;
};

} // namespace pissarro::tests
