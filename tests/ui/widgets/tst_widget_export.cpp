// SPDX-License-Identifier: GPL-3.0-or-later
// What a person saves: drawn in the window, written on a worker, and told of with its place.
#include "core/file/output_marker.h"
#include "core/run/run_directory.h"
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/jobs/job_board.h"
#include "ui/look/theme.h"
#include "ui/pages/pages.h"
#include "ui/plot/line_plot.h"
#include "ui/plot/qcustomplot.h"
#include "ui/services/services.h"
#include "ui/shell/main_window.h"
#include "ui/widgets/error_banner.h"
#include "ui/widgets/widget_export.h"

#include <QAbstractButton>
#include <QClipboard>
#include <QDesktopServices>
#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QImage>
#include <QMenu>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>
#include <QUrl>

#include <atomic>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

// A file manager.
class UrlTaker : public QObject {
    Q_OBJECT

public:
    QStringList folders;

public Q_SLOTS:
    void take(const QUrl& url) { folders.append(url.toLocalFile()); }
};

class TestWidgetExport : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_widget_export"));
        QSettings().clear();
        Theme::instance().setMode(ThemeMode::Light);
    }

    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    // What is proposed is what a person calls it, and no name of the program's own.
    void aPicture_isNamedAsAPersonSeesIt()
    {
        QWidget plot;
        plot.setObjectName(QStringLiteral("runs.loss.plot"));
        QCOMPARE(pictureName(plot), QStringLiteral("picture"));
        plot.setAccessibleName(QStringLiteral("Training loss (mean, 5 steps)"));
        QCOMPARE(pictureName(plot), QStringLiteral("training-loss-mean-5-steps"));
    }

    void theBytes_areMadeAndWrittenOnAWorker()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("a.json"));
        QSignalSpy saved(&SavedFiles::instance(), &SavedFiles::saved);
        std::atomic<Qt::HANDLE> maker = nullptr;
        QStringList problems;
        saveOutput(
            this, path,
            [&maker] {
                maker = QThread::currentThreadId();
                return QByteArray("{\"rank\": 3}");
            },
            [&problems](const QString& problem) { problems.append(problem); });
        QVERIFY(problems.isEmpty());
        QCOMPARE(JobBoard::instance().titles(), QStringList {QStringLiteral("Saving a.json")});
        QTRY_COMPARE_WITH_TIMEOUT(problems.size(), 1, hangMs());
        QCOMPARE(problems[0], QString());
        QVERIFY(maker != QThread::currentThreadId());
        QVERIFY(contentOf(path).contains(core::kMarkKey)); // marked as ours
        QCOMPARE(saved.size(), 1);
        QCOMPARE(saved[0][0].toString(), path);
        QVERIFY(JobBoard::instance().entries().empty());
    }

    // Files of one moment do not take each other's place; whoever asked may be gone.
    void everyFile_isWritten()
    {
        const QTemporaryDir folder;
        QSignalSpy saved(&SavedFiles::instance(), &SavedFiles::saved);
        auto gone = std::make_unique<QObject>();
        int told = 0;
        for (int i = 0; i < 8; ++i) {
            saveOutput(
                gone.get(), folder.filePath(QStringLiteral("%1.csv").arg(i)),
                [i] { return QByteArray::number(i) + ",x\n"; },
                [&told](const QString&) { ++told; });
        }
        gone.reset();
        QTRY_COMPARE_WITH_TIMEOUT(saved.size(), 8, hangMs());
        QCOMPARE(told, 0);
        for (int i = 0; i < 8; ++i) {
            QVERIFY(contentOf(folder.filePath(QStringLiteral("%1.csv").arg(i)))
                        .contains(QByteArray::number(i) + ",x"));
        }
    }

    void aSaveThatIsCancelled_leavesWhatIsThere()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("a.csv"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("mine") == 4);
        file.close();
        QSignalSpy saved(&SavedFiles::instance(), &SavedFiles::saved);
        std::atomic<bool> letGo = false;
        int told = 0;
        saveOutput(
            this, path,
            [&letGo] {
                while (!letGo) {
                    QTest::qSleep(2);
                }
                return QByteArray("new");
            },
            [&told](const QString&) { ++told; });
        JobBoard::instance().cancel(JobBoard::instance().entries().front().id);
        letGo = true;
        QTRY_VERIFY_WITH_TIMEOUT(JobBoard::instance().entries().empty(), hangMs());
        QCOMPARE(contentOf(path), QByteArray("mine"));
        QVERIFY(saved.isEmpty() && told == 0);
    }

    void whatIsRead_isNotReplaced()
    {
        const QTemporaryDir folder;
        const QString data = folder.filePath(QStringLiteral("rows.csv"));
        QFile file(data);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("mine") == 4);
        file.close();
        protectInputs(this, {data});
        QString problem;
        saveOutput(
            this, data, [] { return QByteArray("new"); },
            [&problem](const QString& text) { problem = text; });
        QTRY_VERIFY2_WITH_TIMEOUT(problem.contains(QStringLiteral("what is read")),
                                  qPrintable(problem), hangMs());
        protectInputs(this, {});
        QCOMPARE(contentOf(data), QByteArray("mine"));
    }

    // Not what was named alone: what a run was made of and what lies in it, in whatever a service has in use.
    void whatIsReadByWayOfARun_isNotReplaced()
    {
        const QTemporaryDir folder;
        const auto write = [&](const QString& name, const QByteArray& content) {
            const QString path = folder.filePath(name);
            QVERIFY(QDir().mkpath(QFileInfo(path).path()));
            QFile file(path);
            QVERIFY(file.open(QIODevice::WriteOnly) && file.write(content) == content.size());
        };
        write(QStringLiteral("base/config.json"), "{}");
        write(QStringLiteral("base/notes.csv"), "mine");
        write(QStringLiteral("rows.csv"), "mine"); // by way of a list
        write(QStringLiteral("all.mix.json"), R"({"files": [{"path": "rows.csv"}]})");
        write(QStringLiteral("other.csv"), "mine");
        core::RunSummary run;
        run.directory = folder.filePath(QStringLiteral("run")).toStdString();
        run.spec.model = folder.filePath(QStringLiteral("base")).toStdString();
        run.spec.data = folder.filePath(QStringLiteral("all.mix.json")).toStdString();
        write(QStringLiteral("run/notes.csv"), "mine");
        core::writeRun(run);

        Services services;
        const QString path = folder.filePath(QStringLiteral("run"));
        services.overlay.setRuns({{path, {}, 0.0, {}}});
        services.sweepPlanner.setFormSpec(run.spec);
        QVERIFY(services.inUse().contains(path));
        QVERIFY(services.inUse().contains(QString::fromStdString(run.spec.data)));
        for (const char* const name : {"run/notes.csv", "base/notes.csv", "rows.csv"}) {
            const QString place = folder.filePath(QLatin1String(name));
            QString problem;
            saveOutput(
                this, place, [] { return QByteArray("new"); },
                [&problem](const QString& text) { problem = text; });
            QTRY_VERIFY2_WITH_TIMEOUT(problem.contains(QStringLiteral("what is read")),
                                      qPrintable(problem), hangMs());
            QCOMPARE(contentOf(place), QByteArray("mine"));
            QVERIFY(writeOutput(place, "new").contains(QStringLiteral("what is read")));
        }
        QCOMPARE(writeOutput(folder.filePath(QStringLiteral("other.csv")), "new\n"), QString());
    }

    void aPlotIsSaved_fromItsMenu()
    {
        LinePlot plot(QStringLiteral("sigma"), QStringLiteral("Singular values"));
        plot.resize(400, 300);
        PlotSeries series;
        series.label = QStringLiteral("q");
        series.x = {1.0, 2.0, 3.0};
        series.y = {3.0, 2.0, 1.0};
        plot.setSeries({series});
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot, hangMs()));
        const QTemporaryDir folder;
        QSignalSpy saved(&SavedFiles::instance(), &SavedFiles::saved);
        QSignalSpy failed(&plot, &LinePlot::exportFailed);
        for (const char* format : {"png", "pdf", "svg", "csv"}) {
            exportAs(plot, QString::fromLatin1(format).toUpper(),
                     folder.filePath(QStringLiteral("a.") + QLatin1String(format)));
        }
        QTRY_COMPARE_WITH_TIMEOUT(saved.count(), 4, hangMs());
        QCOMPARE(QImage(folder.filePath(QStringLiteral("a.png"))).size(), plot.plot()->size() * 2);
        QVERIFY(contentOf(folder.filePath(QStringLiteral("a.pdf"))).startsWith("%PDF-1."));
        QVERIFY(contentOf(folder.filePath(QStringLiteral("a.svg"))).contains("<svg"));
        QVERIFY(contentOf(folder.filePath(QStringLiteral("a.csv"))).contains("2,2"));
        QVERIFY(failed.isEmpty());
        exportAs(plot, QStringLiteral("CSV"), QStringLiteral("/no/such/folder/plot.csv"));
        QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 1, hangMs());
        QVERIFY(failed[0][0].toString().contains(QStringLiteral("/no/such/folder")));
        QCOMPARE(saved.count(), 4);
    }

    void theWindow_tellsWhere_andOpensTheFolder()
    {
        Services bench;
        MainWindow window(bench, allPages());
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window, hangMs()));
        const auto openFolder = [&window] {
            QTest::mouseClick(
                window.banner()->findChild<QAbstractButton*>(QStringLiteral("banner.action")),
                Qt::LeftButton);
        };
        Q_EMIT SavedFiles::instance().saved(QStringLiteral("/tmp/plots/one.png"));
        Q_EMIT SavedFiles::instance().saved(QStringLiteral("/tmp/plots/two.png"));
        QCOMPARE(window.banner()->headline(), QStringLiteral("Saved"));
        QCOMPARE(window.banner()->message(), QStringLiteral("/tmp/plots/two.png"));
        int told = 0;
        for (const ErrorBanner* banner : window.findChildren<ErrorBanner*>()) {
            told += !banner->isHidden() && banner->headline() == QStringLiteral("Saved") ? 1 : 0;
        }
        QCOMPARE(told, 1); // the newest alone
        UrlTaker taker;
        QDesktopServices::setUrlHandler(QStringLiteral("file"), &taker, "take");
        openFolder();
        QDesktopServices::unsetUrlHandler(QStringLiteral("file"));
        QCOMPARE(taker.folders, QStringList {QStringLiteral("/tmp/plots")});
        Q_EMIT SavedFiles::instance().saved(QStringLiteral("/tmp/plots/one.png"));
        openFolder(); // this platform has no file manager
        QVERIFY2(window.banner()->message().contains(QStringLiteral("no file manager")),
                 qPrintable(window.banner()->message()));
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("/tmp/plots"));
    }

private:
    static QByteArray contentOf(const QString& path)
    {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    static void exportAs(LinePlot& plot, const QString& format, const QString& path)
    {
        for (QAction* action : plot.exportMenu()->actions()) {
            if (action->text() == QStringLiteral("Export %1…").arg(format)) {
                action->trigger();
            }
        }
        auto* dialog = plot.findChild<QFileDialog*>(QStringLiteral("dialog.save"));
        QVERIFY(dialog);
        Q_EMIT dialog->fileSelected(path);
        delete dialog;
    }
};

QTEST_MAIN(TestWidgetExport)
#include "tst_widget_export.moc"
