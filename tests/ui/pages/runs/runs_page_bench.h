// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of the Runs page share: runs on disk, and the page that shows them.
#pragma once

#include "core/run/run_directory.h"
#include "tests/tools/patience.h"
#include "tests/ui/pages/page_bench.h"
#include "ui/pages/runs/runs_page.h"
#include "ui/pages/runs/runs_tree.h"
#include "ui/plot/line_plot.h"
#include "ui/services/services.h"
#include "ui/views/overlay_card.h"

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
        QTRY_COMPARE_WITH_TIMEOUT(rowCount(), 3, hangMs());
        QTRY_COMPARE_WITH_TIMEOUT(pointCount(), 40, hangMs());
    }

    int rowCount() const { return static_cast<int>(m_page->model()->shownRows().size()); }
    int pointCount() const { return m_page->overlayCard()->plot()->pointCount(); }
    QStringList names() const // in the order of the list, without the groups
    {
        QStringList all;
        for (const ui::RunsModel::Row* row : m_page->model()->shownRows()) {
            all << row->name;
        }
        return all;
    }
    QModelIndex indexOf(const QString& folder, int column) const
    {
        return m_page->model()->indexOf(folder).siblingAtColumn(column);
    }
    QString cell(const QString& folder, int column) const
    {
        return indexOf(folder, column).data().toString();
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
