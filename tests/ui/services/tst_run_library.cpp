// SPDX-License-Identifier: GPL-3.0-or-later
// Runs on disk as they come and grow: written by hand, looked for, and told.
#include "core/run/run_directory.h"
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/services/run_library.h"

#include <QDir>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

void appendStep(const QString& run, std::int64_t step)
{
    core::StepRecord record;
    record.step = step;
    record.loss = 1.0 / static_cast<double>(step);
    QFile file(run + QStringLiteral("/metrics.jsonl"));
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Append));
    file.write(QByteArray::fromStdString(record.toJson()) + '\n');
}

} // namespace

class TestRunLibrary : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_run_library"));
    }
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        qputenv("XDG_DATA_HOME", QFile::encodeName(m_folder->filePath(QStringLiteral("data"))));
        QSettings().clear();
    }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void stepsAreAdded_asTheyAreWritten()
    {
        const QString run = writeRun(QStringLiteral("elsewhere/a"));
        appendStep(run, 1);
        RunLibrary library;
        library.follow({run});
        library.addFolder(m_folder->filePath(QStringLiteral("elsewhere")));
        QVERIFY(library.isRunning());
        QTRY_COMPARE_WITH_TIMEOUT(library.runs().size(), qsizetype {1}, hangMs());
        QTRY_VERIFY_WITH_TIMEOUT(std::holds_alternative<Ready>(library.state()), hangMs());
        QCOMPARE(library.runs().size(), qsizetype {1});
        const RunSeries series = library.seriesOf(run);
        QCOMPARE(series.size(), qsizetype {1});
        appendStep(run, 2);
        appendStep(run, 3);
        bool looked = false;
        library.refresh([&] { looked = true; });
        QTRY_VERIFY_WITH_TIMEOUT(looked, hangMs());
        QCOMPARE(series.size(), qsizetype {3}); // the same series
        QCOMPARE(series.last().step, 3);
        QCOMPARE(library.seriesOf(run).id(), series.id());
        QVERIFY(library.seriesOf(QStringLiteral("/nowhere")).isEmpty());
    }

    // Steps are kept of what is followed alone; how far a run is, and its newest loss, is known of all.
    void whatIsNotFollowed_isKnownByItsEnd()
    {
        const QString run = writeRun(QStringLiteral("elsewhere/a"));
        appendStep(run, 1);
        appendStep(run, 2);
        RunLibrary library;
        library.addFolder(m_folder->filePath(QStringLiteral("elsewhere")));
        QTRY_COMPARE_WITH_TIMEOUT(library.runs().size(), qsizetype {1}, hangMs());
        QVERIFY(library.seriesOf(run).isEmpty());
        QCOMPARE(library.runs()[0].step, std::int64_t {2});
        QCOMPARE(library.runs()[0].end.loss, 0.5);
        library.follow({run});
        QTRY_COMPARE_WITH_TIMEOUT(library.seriesOf(run).size(), qsizetype {2}, hangMs());
        library.follow({});
        QTRY_VERIFY_WITH_TIMEOUT(library.seriesOf(run).isEmpty(), hangMs());
    }

    void aFirstLookAtMany_tellsOfSomeBefore()
    {
        const int many = 3 * static_cast<int>(core::RunLister::kBatch);
        for (int i = 0; i < many; ++i) {
            writeRun(QStringLiteral("elsewhere/run-%1").arg(i));
        }
        RunLibrary library;
        QVector<qsizetype> told;
        connect(&library, &RunLibrary::changed, this, [&] { told << library.runs().size(); });
        bool looked = false;
        library.addFolder(m_folder->filePath(QStringLiteral("elsewhere")));
        library.refresh([&] { looked = true; });
        QTRY_VERIFY_WITH_TIMEOUT(looked, hangMs());
        QVERIFY(std::is_sorted(told.begin(), told.end())); // nothing goes away meanwhile
        QCOMPARE(told.last(), qsizetype {many});
        const core::ListedRuns before = library.listed();
        looked = false;
        library.refresh([&] { looked = true; });
        QTRY_VERIFY_WITH_TIMEOUT(looked, hangMs());
        QVERIFY(library.listed() == before); // nothing was read again
    }

    void whatIsSaid_isShownAtOnce_andWritten()
    {
        const QString run = writeRun(QStringLiteral("elsewhere/a"));
        const QString root = m_folder->filePath(QStringLiteral("elsewhere"));
        RunLibrary library;
        library.addFolder(root);
        QTRY_COMPARE_WITH_TIMEOUT(library.runs().size(), qsizetype {1}, hangMs());
        core::RunMark tagged;
        tagged.tags = {"paper"};
        core::RunMark pinned = tagged;
        pinned.pinned = true;
        library.changeMarks({{run, {}, tagged}});
        library.changeMarks({{run, tagged, pinned}}); // while the first is being written
        QCOMPARE(library.markOf(run), pinned);
        const auto written = [&] {
            return core::Project(root.toStdString()).markOf(run.toStdString());
        };
        QTRY_VERIFY_WITH_TIMEOUT(written() == pinned, hangMs());
        // What another program says meanwhile comes in sight, and is not written over.
        core::Project(root.toStdString()).change(run.toStdString(), [](core::RunMark& mark) {
            mark.notes = "theirs";
        });
        library.changeMarks({{run, pinned, tagged}}); // taken back
        QTRY_VERIFY_WITH_TIMEOUT(library.markOf(run).notes == "theirs", hangMs());
        QVERIFY(!written().pinned && written().notes == "theirs");
        QVERIFY(!QFileInfo::exists(run + QStringLiteral("/pissarro-project.json")));
    }

    void whatIsSaidLast_isKept_whenTheWindowCloses()
    {
        const QString run = writeRun(QStringLiteral("elsewhere/a"));
        const QString root = m_folder->filePath(QStringLiteral("elsewhere"));
        {
            RunLibrary library;
            library.addFolder(root);
            QTRY_COMPARE_WITH_TIMEOUT(library.runs().size(), qsizetype {1}, hangMs());
            core::RunMark before;
            for (int i = 0; i < 20; ++i) {
                core::RunMark after = before;
                core::addTag(after, QStringLiteral("t%1").arg(i).toStdString());
                library.changeMarks({{run, before, after}});
                before = after;
            }
        }
        QVERIFY(core::Project(root.toStdString()).markOf(run.toStdString()).tags.size() == 20U);
    }

    void theTrash_takesARun_andGivesItBack()
    {
        const QString run = writeRun(QStringLiteral("elsewhere/a"));
        writeRun(QStringLiteral("elsewhere/b"));
        RunLibrary library;
        library.addFolder(m_folder->filePath(QStringLiteral("elsewhere")));
        QTRY_COMPARE_WITH_TIMEOUT(library.runs().size(), qsizetype {2}, hangMs());
        library.moveToTrash({run});
        QTRY_COMPARE_WITH_TIMEOUT(library.runs().size(), qsizetype {1}, hangMs());
        QVERIFY(!QFileInfo::exists(run));
        library.bringBack({run});
        QTRY_COMPARE_WITH_TIMEOUT(library.runs().size(), qsizetype {2}, hangMs());
        QString why; // it is told once: the library looks again at once
        connect(&library, &RunLibrary::stateChanged, this,
                [&] { why = library.failure() != nullptr ? library.failure()->why : why; });
        library.bringBack({run}); // there is nothing of it
        QTRY_VERIFY_WITH_TIMEOUT(!why.isEmpty(), hangMs());
        QVERIFY2(why.contains(run), qPrintable(why));
    }

    void aFolderThatIsAway_isToldOf_andItsRunsStay()
    {
        writeRun(QStringLiteral("disk/a"));
        const QString root = m_folder->filePath(QStringLiteral("disk"));
        RunLibrary library;
        library.addFolder(root);
        QTRY_COMPARE_WITH_TIMEOUT(library.runs().size(), qsizetype {1}, hangMs());
        QVERIFY(QDir().rename(root, root + QStringLiteral(".away")));
        library.refresh();
        QTRY_COMPARE_WITH_TIMEOUT(library.gone(), QStringList {root}, hangMs());
        QVERIFY(library.runs().isEmpty()); // nobody can open it
        QCOMPARE(library.listed().size(), std::size_t {1});
        QVERIFY(library.listed()[0]->isGone);
        QVERIFY(QDir().rename(root + QStringLiteral(".away"), root));
        library.refresh();
        QTRY_COMPARE_WITH_TIMEOUT(library.runs().size(), qsizetype {1}, hangMs());
        QVERIFY(library.gone().isEmpty());
    }

    void aLookUnderWay_isNoAnswerToALaterQuestion()
    {
        RunLibrary library;
        QStringList heard;
        connect(&library, &RunLibrary::changed, this, [&] { heard << QStringLiteral("changed"); });
        library.refresh();
        const QString run = writeRun(QStringLiteral("elsewhere/b"));
        library.refresh([&] { heard << QStringLiteral("then"); },
                        QFileInfo(run).absolutePath()); // while the first is under way
        QTRY_COMPARE_WITH_TIMEOUT(heard,
                                  (QStringList {QStringLiteral("changed"),
                                                QStringLiteral("changed"), QStringLiteral("then")}),
                                  hangMs());
        QCOMPARE(library.runs().size(), qsizetype {1});
        library.refresh();
        QTRY_COMPARE_WITH_TIMEOUT(heard.size(), qsizetype {4}, hangMs());
        QVERIFY(library.runs().isEmpty()); // the folder was for one look
    }

    // What was left is known with the run, and that of a model by any name of its folder.
    void whatRunsHaveLeft_isFoundWithThem()
    {
        const QString model = m_folder->filePath(QStringLiteral("model"));
        const QString link = m_folder->filePath(QStringLiteral("link"));
        QVERIFY(QDir().mkpath(model) && QFile::link(model, link));
        const QString run = writeRun(QStringLiteral("elsewhere/a"));
        writeRun(QStringLiteral("elsewhere/b")); // left nothing
        core::RunSummary summary = core::readRun(run.toStdString());
        summary.spec.model = link.toStdString();
        core::writeRun(summary);
        QVERIFY(QDir().mkpath(run + QStringLiteral("/adapter")));
        RunLibrary library;
        library.addFolder(m_folder->filePath(QStringLiteral("elsewhere")));
        QTRY_COMPARE_WITH_TIMEOUT(library.runs().size(), qsizetype {2}, hangMs());
        QCOMPARE(library.outcomes().size(), qsizetype {1});
        QCOMPARE(library.outcomes().value(run).path, run + QStringLiteral("/adapter"));
        QCOMPARE(library.outcomes().value(run).model, QFileInfo(model).canonicalFilePath());
    }

    // A look that began before the folder was given knows nothing of it.
    void aFolderGivenDuringALook_isNotCalledEmpty()
    {
        const QString run = writeRun(QStringLiteral("elsewhere/a"));
        RunLibrary library;
        QStringList told;
        connect(&library, &RunLibrary::stateChanged, this, [&] {
            if (library.failure() != nullptr) {
                told << library.failure()->why;
            }
        });
        library.refresh();
        QVERIFY(library.isRunning());
        library.addFolder(run);
        QTRY_COMPARE_WITH_TIMEOUT(library.runs().size(), qsizetype {1}, hangMs());
        QTRY_VERIFY_WITH_TIMEOUT(std::holds_alternative<Ready>(library.state()), hangMs());
        QCOMPARE(told, QStringList());
    }

    void aFolderWithoutRuns_isToldOnce_andKept()
    {
        const QString none = m_folder->filePath(QStringLiteral("none"));
        QVERIFY(QDir().mkpath(none));
        RunLibrary library;
        int told = 0;
        connect(&library, &RunLibrary::stateChanged, this,
                [&] { told += library.failure() != nullptr ? 1 : 0; });
        library.addFolder(none);
        QTRY_VERIFY_WITH_TIMEOUT(library.failure() != nullptr, hangMs());
        QCOMPARE(library.failure()->what, QStringLiteral("No runs in that folder"));
        QCOMPARE(library.failure()->file, none);
        QVERIFY(library.failure()->why.contains(none));
        bool looked = false;
        library.refresh([&] { looked = true; });
        QTRY_VERIFY_WITH_TIMEOUT(looked, hangMs());
        QCOMPARE(told, 1);
        writeRun(QStringLiteral("none/late"));
        RunLibrary later; // of another start of the program
        later.refresh();
        QTRY_COMPARE_WITH_TIMEOUT(later.runs().size(), qsizetype {1}, hangMs());
    }

private:
    // A run that has finished.
    QString writeRun(const QString& name) const
    {
        core::RunSummary run;
        const QString folder = m_folder->filePath(name);
        QDir().mkpath(folder);
        run.directory = folder.toStdString();
        run.spec.model = "models/SmolLM2";
        run.spec.data = "rows.jsonl";
        run.startedAt = "2026-11-24T09:00:00Z";
        run.steps = 20;
        run.state = core::RunState::Finished;
        core::writeRun(run);
        return folder;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_GUILESS_MAIN(TestRunLibrary)
#include "tst_run_library.moc"
