// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of the Runs page share: runs on disk, and the page that shows them.
#pragma once

#include "core/run/run_directory.h"
#include "tests/tools/patience.h"
#include "tests/ui/pages/page_bench.h"
#include "ui/pages/runs/runs_page.h"
#include "ui/services/services.h"
#include "ui/views/loss_card.h"

#include <QAction>
#include <QDir>
#include <QFile>
#include <QSettings>
#include <QTest>

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

class RunsPageBench : public PageBench<ui::RunsPage> {
protected:
    void beginTest()
    {
        QSettings().clear();
        beginFolder();
        openPage({1200, 780});
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
};

} // namespace pissarro::tests
