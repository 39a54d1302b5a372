// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of the Runs page share: runs on disk, and the page that shows them.
#pragma once

#include "core/run/run_directory.h"
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/pages/runs/runs_page.h"
#include "ui/services/services.h"
#include "ui/views/loss_card.h"

#include <QAction>
#include <QDir>
#include <QFile>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

namespace pissarro::tests {

inline core::RunSummary summary(const QString& folder, core::Method method, const char* startedAt)
{
    core::RunSummary run;
    run.directory = folder.toStdString();
    run.spec.model = "models/SmolLM2";
    run.spec.data = "rows.jsonl";
    run.spec.method = method;
    run.startedAt = startedAt;
    run.steps = 20;
    run.state = core::RunState::Finished;
    return run;
}

inline core::StepRecord record(std::int64_t step, double loss)
{
    core::StepRecord result;
    result.step = step;
    result.loss = loss;
    result.gradNorm = 1.0;
    result.tokens = 100 * step;
    result.elapsedS = static_cast<double>(step);
    result.tokensPerS = 100.0;
    return result;
}

inline void appendStep(const QString& folder, const core::StepRecord& step)
{
    QFile file(folder + QStringLiteral("/metrics.jsonl"));
    QVERIFY(file.open(QIODevice::Append));
    file.write(QByteArray::fromStdString(step.toJson()) + '\n');
}

// A run on disk with ten steps whose loss ends at `last`.
inline void writeRun(const QString& folder, core::Method method, const char* startedAt, double last,
                     core::RunState state = core::RunState::Finished)
{
    QVERIFY(QDir().mkpath(folder));
    core::RunSummary run = summary(folder, method, startedAt);
    run.state = state;
    core::writeRun(run);
    for (int step = 1; step <= 10; ++step) {
        appendStep(folder, record(step, last + 0.1 * (10 - step)));
    }
}

// The Runs page on services of its own, in a folder that goes with it.
class RunsPageBench : public QObject {
protected:
    void beginTests(const char* name)
    {
        WarningTrap::install();
        QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
        QCoreApplication::setApplicationName(QLatin1String(name));
        ui::Theme::instance().setMode(ui::ThemeMode::Light);
    }

    void beginTest()
    {
        QSettings().clear();
        m_folder = std::make_unique<QTemporaryDir>();
        qputenv("XDG_DATA_HOME", QFile::encodeName(m_folder->filePath(QStringLiteral("data"))));
        m_bench = std::make_unique<ui::Services>();
        m_page = std::make_unique<ui::RunsPage>(*m_bench);
        m_page->resize(1200, 780);
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
        auto* found = m_page->findChild<Widget*>(QLatin1String(name));
        Q_ASSERT_X(found != nullptr, "child", name);
        return found;
    }

    QString folderOf(const char* name) const
    {
        return m_folder->filePath(QStringLiteral("runs/") + QLatin1String(name));
    }

    void showThreeRuns()
    {
        const QString root = m_folder->filePath(QStringLiteral("runs"));
        writeRun(root + QStringLiteral("/old"), core::methodNamed("pissa"), "2026-11-23T10:00:00Z",
                 10.0);
        writeRun(root + QStringLiteral("/pair/pissa"), core::methodNamed("pissa"),
                 "2026-11-24T10:00:00Z", 0.8);
        writeRun(root + QStringLiteral("/pair/lora"), core::methodNamed("lora"),
                 "2026-11-24T10:00:07Z",
                 1.2); // initialised after its twin
        m_bench->library.addFolder(root);
        QTRY_COMPARE_WITH_TIMEOUT(m_page->table()->model()->rowCount(), 3, hangMs());
        QTRY_COMPARE(m_page->lossCard()->plot()->pointCount(), 40);
    }

    void trigger(const QString& text)
    {
        for (QAction* action : m_page->actions()) {
            if (action->text() == text) {
                QVERIFY(action->isEnabled());
                action->trigger();
                return;
            }
        }
        QFAIL(qPrintable(text));
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<ui::Services> m_bench;
    std::unique_ptr<ui::RunsPage> m_page;
};

} // namespace pissarro::tests
