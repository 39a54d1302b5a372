// SPDX-License-Identifier: GPL-3.0-or-later
// The window around the pages, with a real tiny model: opening, dropping, keys, memory of the
// session, closing.
#include "core/run/run_lock.h"
#include "tests/tools/patience.h"
#include "tests/ui/endless_job.h"
#include "tests/ui/warning_trap.h"
#include "ui/jobs/job_bridge.h"
#include "ui/look/theme.h"
#include "ui/pages/pages.h"
#include "ui/pages/runs/runs_model.h"
#include "ui/pages/spectrum/quant_error_meter.h"
#include "ui/plot/line_plot.h"
#include "ui/services/services.h"
#include "ui/shell/banner_stack.h"
#include "ui/shell/closing.h"
#include "ui/shell/launch.h"
#include "ui/shell/main_window.h"
#include "ui/widgets/error_banner.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QAccessible>
#include <QComboBox>
#include <QDir>
#include <QDropEvent>
#include <QFile>
#include <QFileDialog>
#include <QHash>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QMimeData>
#include <QSettings>
#include <QSignalSpy>
#include <QSplitter>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <unistd.h>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

const QString kTinyModel = QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama");
const QString kDemoData = QStringLiteral(PISSARRO_SOURCE "/resources/demo/demo_train.jsonl");
const int kPatienceMs = hangMs();

// Share of pixels that differ from the commonest colour.
double inkOf(const QImage& image)
{
    QHash<QRgb, int> counts;
    for (int y = 0; y < image.height(); y += 2) {
        for (int x = 0; x < image.width(); x += 2) {
            ++counts[image.pixel(x, y)];
        }
    }
    const int most = *std::max_element(counts.cbegin(), counts.cend());
    const int all = ((image.width() + 1) / 2) * ((image.height() + 1) / 2);
    return 1.0 - static_cast<double>(most) / all;
}

void drop(QWidget& on, const QString& path)
{
    QMimeData mime;
    mime.setUrls({QUrl::fromLocalFile(path)});
    QDragEnterEvent enter(QPoint(200, 200), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&on, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent event(QPointF(200, 200), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&on, &event);
}

bool isControl(const QWidget* widget)
{
    return qobject_cast<const QAbstractButton*>(widget) != nullptr
        || qobject_cast<const QLineEdit*>(widget) != nullptr
        || qobject_cast<const QComboBox*>(widget) != nullptr
        || qobject_cast<const QAbstractSpinBox*>(widget) != nullptr
        || qobject_cast<const QAbstractItemView*>(widget) != nullptr;
}

// What a screen reader says: the accessible name, else a button's text.
QString spokenName(QWidget* widget)
{
    const QAccessibleInterface* interface = QAccessible::queryAccessibleInterface(widget);
    return interface != nullptr ? interface->text(QAccessible::Name) : QString();
}

// Qt's own parts of a control: the edit of a spin box, the popup of a combo box, a table's corner
// button.
bool isPartOfAnother(const QWidget* widget)
{
    for (const QWidget* at = widget->parentWidget(); at != nullptr; at = at->parentWidget()) {
        if (isControl(at) || at->inherits("QComboBoxPrivateContainer")) {
            return true;
        }
    }
    return widget->objectName().startsWith(QLatin1String("qt_")) || widget->inherits("QHeaderView")
        || widget->inherits("QMenuBarExtension") || widget->inherits("QToolBarExtension");
}

// Names the windows that come up.
class WindowCounter : public QObject {
public:
    QStringList shown;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        const auto* widget = qobject_cast<QWidget*>(watched);
        if (widget != nullptr && widget->isWindow() && event->type() == QEvent::Show) {
            shown.append(widget->objectName());
        }
        return QObject::eventFilter(watched, event);
    }
};

} // namespace

class TestMainWindow : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        nameApplication();
        QCoreApplication::setApplicationName(QStringLiteral("tst_main_window"));
        if (!QDir(kTinyModel).exists()) {
            QSKIP("shared/golden is not there");
        }
    }

    void init()
    {
        QSettings().clear();
        Theme::instance().setMode(ThemeMode::Light);
        m_bench = std::make_unique<Services>();
        m_window = std::make_unique<MainWindow>(*m_bench, allPages());
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get(), hangMs()));
    }

    void cleanup()
    {
        m_window.reset();
        m_bench.reset();
        QCOMPARE(tests::WarningTrap::take(), QStringList());
    }

    void building_showsNoOtherWindow()
    {
        m_window->recent().addModel(kTinyModel);
        WindowCounter counter;
        qApp->installEventFilter(&counter);
        const MainWindow another(*m_bench, allPages());
        QCOMPARE(counter.shown, QStringList());
    }

    void opens_whatTheCommandLineNames()
    {
        const LaunchParse parsed =
            parseLaunch({QStringLiteral("pissarro"), kTinyModel, QStringLiteral("--data"),
                         kDemoData, QStringLiteral("--page"), QStringLiteral("model"),
                         QStringLiteral("--size"), QStringLiteral("1200x800")},
                        allPages());
        QVERIFY(parsed.options);
        launch(*m_window, *m_bench, *parsed.options);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files() && !m_bench->spectra.isRunning(),
                                 kPatienceMs);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.tokenized(), kPatienceMs);
        QCOMPARE(m_bench->spectra.all().size(), m_bench->spectra.total());
        QCOMPARE(m_window->page(), QStringLiteral("model"));
        QCOMPARE(m_window->size(), QSize(1200, 800));
        QCOMPARE(m_window->recent().models(), QStringList {QDir::cleanPath(kTinyModel)});
        QVERIFY(m_window->windowTitle().startsWith(QLatin1String("llama")));
        auto* what = m_window->findChild<QLabel*>(QStringLiteral("status.what"));
        QVERIFY(what->text().startsWith(QLatin1String("Spectra ")));
    }

    void draws_everyPageInLightAndDark()
    {
        m_window->openPath(kTinyModel);
        m_bench->data.open(kDemoData);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files() && !m_bench->spectra.isRunning(),
                                 kPatienceMs);
        for (const ThemeMode mode : {ThemeMode::Light, ThemeMode::Dark}) {
            Theme::instance().setMode(mode);
            for (const QString& page : m_window->pageIds()) {
                m_window->showPage(page);
                QTest::qWait(80);
                const QImage image = m_window->pageWidget(page)->grab().toImage();
                QVERIFY2(inkOf(image) > 0.005,
                         qPrintable(QStringLiteral("page %1 is blank").arg(page)));
                const QColor corner = m_window->grab().toImage().pixelColor(2, 200); // of the rail
                QCOMPARE(corner.name(), Theme::instance().colors().card.name());
            }
        }
    }

    void names_everyControl()
    {
        m_window->openPath(kTinyModel);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files() && !m_bench->spectra.isRunning(),
                                 kPatienceMs);
        QStringList nameless;
        for (QWidget* widget : m_window->findChildren<QWidget*>()) {
            if (isControl(widget) && !isPartOfAnother(widget)
                && (widget->objectName().isEmpty() || spokenName(widget).isEmpty())) {
                nameless.append(QStringLiteral("%1 '%2' in %3")
                                    .arg(QLatin1String(widget->metaObject()->className()),
                                         widget->objectName(),
                                         widget->parentWidget()->objectName()));
            }
        }
        QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join(QStringLiteral("; "))));
    }

    void goesThroughThePages_byKeysAndRail()
    {
        const QStringList pages = m_window->pageIds();
        for (int page = static_cast<int>(pages.size()) - 1; page >= 0; --page) {
            QTest::keyClick(m_window.get(), static_cast<Qt::Key>(Qt::Key_1 + page),
                            Qt::ControlModifier);
            QCOMPARE(m_window->page(), pages[page]);
        }
        QTest::mouseClick(m_window->findChild<QAbstractButton*>(QStringLiteral("rail.runs")),
                          Qt::LeftButton);
        QCOMPARE(m_window->page(), QStringLiteral("runs"));
        QTest::keyClick(m_window.get(), Qt::Key_L, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(Theme::instance().isDark());
        QCOMPARE(rememberedTheme(), ThemeMode::Dark);
        QTest::mouseClick(m_window->findChild<QAbstractButton*>(QStringLiteral("themeSwitch")),
                          Qt::LeftButton);
        QVERIFY(!Theme::instance().isDark());
    }

    // Ctrl+E was a button's on Spectrum and, through the menu bar, an action's of Runs: neither fired.
    void givesEachKeyOnce()
    {
        for (const QString& page : m_window->pageIds()) {
            m_window->showPage(page);
            QHash<QString, QStringList> owners;
            for (const QAction* action : m_window->findChildren<QAction*>()) {
                const auto* of = qobject_cast<const Page*>(action->parent());
                const bool inSight = of == nullptr || of == m_window->pageWidget(page);
                if (inSight && !action->shortcut().isEmpty()) {
                    owners[action->shortcut().toString()].append(action->text());
                }
            }
            for (const QAbstractButton* button : m_window->findChildren<QAbstractButton*>()) {
                if (!button->shortcut().isEmpty()
                    && !button->text().contains(QLatin1Char('&'))) { // mnemonics are Alt+
                    owners[button->shortcut().toString()].append(button->objectName());
                }
            }
            for (auto keys = owners.cbegin(); keys != owners.cend(); ++keys) {
                QVERIFY2(keys->size() == 1,
                         qPrintable(QStringLiteral("page %1, %2: %3")
                                        .arg(page)
                                        .arg(keys.key(), keys->join(QStringLiteral(" and ")))));
            }
        }
    }

    // The model opened well before; its folder is on a disk that is away when something else fails.
    void anotherFailure_leavesTheModelInRecent()
    {
        const QTemporaryDir folder;
        const QString model = folder.filePath(QStringLiteral("m"));
        QVERIFY(QDir().mkpath(model));
        for (const QString& name : QDir(kTinyModel).entryList(QDir::Files)) {
            QVERIFY(QFile::copy(QDir(kTinyModel).filePath(name), model + QLatin1Char('/') + name));
        }
        QSignalSpy opened(&m_bench->model, &Model::opened);
        m_window->openPath(model);
        QVERIFY(opened.wait(tests::hangMs()));
        QVERIFY(m_window->recent().models().contains(model));
        QVERIFY(QFile::rename(model, model + QStringLiteral("-moved")));
        m_bench->data.open(folder.filePath(QStringLiteral("none.jsonl")));
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.failure() != nullptr, tests::hangMs());
        QVERIFY(m_window->recent().models().contains(model));
    }

    void tellsWhenAPlotCannotBeExported()
    {
        for (LinePlot* plot : m_window->findChildren<LinePlot*>()) {
            m_window->banner()->dismiss();
            Q_EMIT plot->exportFailed(QStringLiteral("/x.png: could not be written"));
            QVERIFY2(!m_window->banner()->isHidden(), qPrintable(plot->objectName()));
        }
    }

    void theModelDialog_takesAFolder()
    {
        m_window->chooseModel();
        auto* dialog = m_window->findChild<QFileDialog*>(QStringLiteral("dialog.model"));
        QVERIFY(dialog);
        QSignalSpy opened(&m_bench->model, &Model::opened);
        Q_EMIT dialog->directoryEntered(kTinyModel); // a person walks into it
        QVERIFY(opened.wait(tests::hangMs()));
        QCOMPARE(QString::fromStdString(m_bench->model.files()->path().string()),
                 QDir(kTinyModel).absolutePath());
    }

    // An id of the local Hugging Face cache is no file: it is opened by its name.
    void theModelDialog_takesAnId()
    {
        m_window->chooseModel();
        auto* dialog = m_window->findChild<QFileDialog*>(QStringLiteral("dialog.model"));
        QVERIFY(dialog);
        QSignalSpy opening(&m_bench->model, &Model::opening);
        dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"))
            ->setText(QStringLiteral("nobody/has-this"));
        static_cast<QDialog*>(dialog)->accept();
        QTRY_COMPARE_WITH_TIMEOUT(opening.size(), 1, kPatienceMs);
        QCOMPARE(opening[0][0].toString(), QStringLiteral("nobody/has-this"));
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.failure() != nullptr, kPatienceMs);
    }

    void menusAndChips_shareARow()
    {
        QMenuBar* menus = m_window->menus();
        QCOMPARE(menus->parentWidget()->objectName(), QStringLiteral("topBar"));
        for (const int width : {1100, 1440, 2560}) {
            m_window->resize(width, 800);
            QTRY_COMPARE(m_window->width(), width);
            QVERIFY(menus->width() >= menus->sizeHint().width()); // every menu is in sight
        }
    }

    void tellsAMissingModel_andForgetsIt()
    {
        const QString gone = QStringLiteral("/nowhere/model.gguf");
        m_window->recent().addModel(gone);
        m_window->openPath(gone);
        QTRY_VERIFY_WITH_TIMEOUT(m_window->banner()->isVisible(), kPatienceMs);
        QCOMPARE(m_window->banner()->headline(), QStringLiteral("Could not open model.gguf"));
        QVERIFY(m_window->banner()->message().contains(gone));
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->recent().models().contains(gone), kPatienceMs);
        QTest::keyClick(m_window.get(), Qt::Key_Escape);
        QTRY_VERIFY(!m_window->banner()->isVisible());
    }

    void takesDrops_whereTheyBelong()
    {
        QTemporaryDir folder;
        drop(*m_window, kTinyModel);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files(), kPatienceMs);
        drop(*m_window, kDemoData);
        QTRY_COMPARE_WITH_TIMEOUT(m_window->page(), QStringLiteral("train"), kPatienceMs);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.tokenized(), kPatienceMs);
        QFile notes(folder.filePath(QStringLiteral("notes.txt")));
        QVERIFY(notes.open(QIODevice::WriteOnly));
        drop(*m_window, notes.fileName());
        QTRY_VERIFY_WITH_TIMEOUT(m_window->banner()->isVisible(), kPatienceMs);
        QVERIFY(m_window->banner()->message().contains(notes.fileName()));
    }

    void remembers_pageSizeAndSplitters()
    {
        auto* splitter = m_window->findChild<QSplitter*>(QStringLiteral("train.columns"));
        QVERIFY(splitter);
        m_window->showPage(QStringLiteral("runs"));
        m_window->resize(1234, 777);
        m_window->close();
        const QByteArray state = splitter->saveState();

        MainWindow again(*m_bench, allPages());
        again.restoreSession();
        QCOMPARE(again.page(), QStringLiteral("runs"));
        QCOMPARE(again.size(), QSize(1234, 777));
        QCOMPARE(again.findChild<QSplitter*>(QStringLiteral("train.columns"))->saveState(), state);
    }

    // Sessions kept the number of a page before they kept its id.
    void anOldSession_opensTheRightPage()
    {
        const QString key = QStringLiteral("window/page");
        QSettings().setValue(key, 3);
        m_window->restoreSession();
        QCOMPARE(m_window->page(), QStringLiteral("train"));
        for (const QVariant& unknown : {QVariant(QStringLiteral("gone")), QVariant(12)}) {
            QSettings().setValue(key, unknown); // of another version of the program
            m_window->restoreSession();
            QCOMPARE(m_window->page(), QStringLiteral("train"));
        }
    }

    // A second failure hides no first one, and opening something else does not erase it.
    void failures_standBesideOneAnother()
    {
        m_window->findChild<BannerStack*>()->showFailure(
            QStringLiteral("Training failed"), QStringLiteral("a: full"), &m_bench->training);
        m_bench->model.open(QStringLiteral("/nowhere/model.gguf"));
        QTRY_COMPARE_WITH_TIMEOUT(bannersInSight(),
                                  (QStringList {QStringLiteral("Could not open model.gguf"),
                                                QStringLiteral("Training failed")}),
                                  kPatienceMs);
        m_bench->model.open(kTinyModel); // mends the one, not the other
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files() && !m_bench->spectra.isRunning(),
                                 kPatienceMs);
        QCOMPARE(bannersInSight(), QStringList {QStringLiteral("Training failed")});
        m_window->showAbout();
        QCOMPARE(bannersInSight().size(), 2);
        QTest::keyClick(m_window.get(), Qt::Key_Escape); // the newest first, one a key
        QTRY_COMPARE(bannersInSight(), QStringList {QStringLiteral("Training failed")});
        QTest::keyClick(m_window.get(), Qt::Key_Escape); // a button's key is a press of 100 ms
        QTRY_COMPARE(bannersInSight(), QStringList());
    }

    void aServiceThatFails_isToldAboveThePages()
    {
        m_window->openPath(kTinyModel);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files() && !m_bench->spectra.isRunning(),
                                 kPatienceMs);
        const QString none = QStringLiteral("/nowhere/tuned");
        m_bench->comparison.start(none, 4);
        const QStringList told {QStringLiteral("Could not compare with tuned")};
        QTRY_COMPARE_WITH_TIMEOUT(bannersInSight(), told, kPatienceMs);
        QVERIFY(m_window->banner()->message().contains(none));
        Exports& exports = m_bench->exports; // tells where a person exports
        exports.start(none, {}, none);
        QTRY_VERIFY_WITH_TIMEOUT(exports.failure() != nullptr, kPatienceMs);
        QCOMPARE(bannersInSight(), told);
    }

    // A model that was opened stays in «Recent» when something else fails after its folder has gone.
    void anotherFailure_forgetsNoModel()
    {
        QTemporaryDir folder;
        const QString copy = folder.filePath(QStringLiteral("model"));
        QVERIFY(QDir().mkpath(copy));
        for (const QFileInfo& file : QDir(kTinyModel).entryInfoList(QDir::Files)) {
            QVERIFY(QFile::copy(file.filePath(), copy + QLatin1Char('/') + file.fileName()));
        }
        m_window->openPath(copy);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files() && !m_bench->spectra.isRunning(),
                                 kPatienceMs);
        QVERIFY(QDir().rename(copy, copy + QStringLiteral("-moved")));
        m_bench->data.open(QStringLiteral("/nowhere/rows.jsonl"));
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.failure() != nullptr, kPatienceMs);
        QCOMPARE(m_window->recent().models(), QStringList {copy});
    }

    void twoWindows_shareTheRecentModels()
    {
        Recent other; // of a window that is open too
        m_window->recent().addModel(QStringLiteral("/a"));
        other.addModel(QStringLiteral("/b"));
        m_window->recent().addModel(QStringLiteral("/c"));
        const QStringList all {QStringLiteral("/c"), QStringLiteral("/b"), QStringLiteral("/a")};
        QCOMPARE(m_window->recent().models(), all);
        QCOMPARE(Recent().models(), all);
    }

    void twoWindows_shareTheRunFolders()
    {
        Services other;
        m_bench->library.addFolder(QStringLiteral("/runs/a"));
        other.library.addFolder(QStringLiteral("/runs/b"));
        QCOMPARE(QSettings().value(QStringLiteral("runs/folders")).toStringList(),
                 (QStringList {QStringLiteral("/runs/a"), QStringLiteral("/runs/b")}));
    }

    // «Ready» stands there only when nothing runs, also nothing of the pages.
    void theStrip_isReadyOnlyWhenNothingRuns()
    {
        const auto folder = [this] {
            return m_window->findChild<QLabel*>(QStringLiteral("status.folder"))->text();
        };
        const auto what = [this] {
            return m_window->findChild<QLabel*>(QStringLiteral("status.what"))->text();
        };
        QCOMPARE(folder(), QStringLiteral("Ready"));
        std::atomic<bool> letGo = false;
        JobBridge jobs;
        jobs.setTitle(QStringLiteral("Measurement of something"));
        jobs.start<int>(
            [&letGo](const core::JobContext&) {
                while (!letGo) {
                    QTest::qSleep(2);
                }
                return 1;
            },
            [](int) {});
        QCOMPARE(what(), QStringLiteral("Measurement of something"));
        QVERIFY(folder().isEmpty());
        letGo = true;
        QTRY_COMPARE_WITH_TIMEOUT(folder(), QStringLiteral("Ready"), kPatienceMs);
    }

    // Each page was looked at, so that it has what it would compute with; what is dragged then is seen on none of them.
    void draggingTheRank_startsNothing_onHiddenPages()
    {
        m_bench->model.open(kTinyModel);
        m_bench->data.open(kDemoData);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.tokenized() && !m_bench->spectra.isRunning(),
                                 kPatienceMs);
        for (const char* page : {"spectrum", "quantize", "train", "runs", "model"}) {
            m_window->showPage(QLatin1String(page));
            QCoreApplication::processEvents();
        }
        const auto* meter = m_window->findChild<QuantErrorMeter*>();
        QVERIFY(meter);
        QTRY_VERIFY_WITH_TIMEOUT(
            meter->text() != QStringLiteral("measuring…") && !m_bench->quantBench.isInspecting()
                && !m_bench->library.isRunning() && !m_bench->machine.folder().asked.isEmpty()
                && JobPool::shared()->working() == 0,
            kPatienceMs);
        // What computes: the window reads how much memory it has every second.
        const auto asked = [] {
            const auto pool = JobPool::shared();
            return pool->asked(JobKind::OnScreen) + pool->asked(JobKind::Sweep)
                + pool->asked(JobKind::Training);
        };
        const std::uint64_t before = asked();
        const QString folder = m_bench->machine.folder().asked; // it names the rank
        for (int rank = 1; rank <= 60; ++rank) {
            m_bench->ranks.setRank(rank);
            m_bench->ranks.setSlice(rank / 60.0);
            QCoreApplication::processEvents();
        }
        QCOMPARE(asked(), before);
        QCOMPARE(m_bench->ranks.rank(), 60);
        QCOMPARE(m_bench->machine.folder().asked, folder);
        m_window->showPage(QStringLiteral("train")); // what it kept in mind is done now
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->machine.folder().asked != folder, kPatienceMs);
        m_window->showPage(QStringLiteral("quantize"));
        QTRY_VERIFY_WITH_TIMEOUT(asked() > before, kPatienceMs);
    }

    // One job is cancelled at once, of several a person chooses; a button that has nothing to cancel is not there.
    void theStrip_cancelsWhatRuns()
    {
        auto* cancel = m_window->findChild<QAbstractButton*>(QStringLiteral("status.cancel"));
        QVERIFY(cancel && !cancel->isVisible());
        JobBridge first;
        JobBridge second;
        tests::runForEver(first, "Measurement of a");
        QVERIFY(cancel->isVisible());
        QCOMPARE(cancel->text(), QStringLiteral("Cancel"));
        cancel->click();
        QVERIFY(!cancel->isEnabled()); // once is enough
        QTRY_VERIFY_WITH_TIMEOUT(!first.isBusy(), kPatienceMs);
        QVERIFY(!cancel->isVisible());

        tests::runForEver(first, "Measurement of a");
        tests::runForEver(second, "Export of b&c");
        QCOMPARE(cancel->text(), QStringLiteral("Cancel…"));
        cancel->click();
        auto* menu = m_window->findChild<QMenu*>(QStringLiteral("status.jobs"));
        QVERIFY(menu && menu->actions().size() == 2);
        QCOMPARE(menu->actions()[1]->text(), QStringLiteral("Cancel: Export of b&&c"));
        menu->actions()[1]->trigger();
        menu->close();
        QTRY_VERIFY_WITH_TIMEOUT(!second.isBusy(), kPatienceMs);
        QVERIFY(first.isBusy());
        QCOMPARE(cancel->text(), QStringLiteral("Cancel"));
        cancel->click();
        QTRY_VERIFY_WITH_TIMEOUT(!cancel->isVisible(), kPatienceMs);
    }

    // The run of a window that was killed: strip, card, banner and list say the same, and why.
    void aKilledRun_hasOneStateEverywhere()
    {
        QTemporaryDir folder;
        const QString run = folder.filePath(QStringLiteral("run"));
        QVERIFY(QDir().mkpath(run));
        core::RunSummary summary;
        summary.directory = run.toStdString();
        summary.spec.model = kTinyModel.toStdString();
        summary.spec.data = kDemoData.toStdString();
        summary.state = core::RunState::Running; // as its killed program left it
        summary.steps = 240;
        summary.startedAt = "2026-11-28T10:00:00Z";
        core::writeRun(summary);
        QFile metrics(run + QStringLiteral("/metrics.jsonl"));
        QVERIFY(metrics.open(QIODevice::WriteOnly));
        for (int step = 1; step <= 20; ++step) {
            core::StepRecord record;
            record.step = step;
            record.loss = 2.0;
            metrics.write(QByteArray::fromStdString(record.toJson()) + '\n');
        }
        metrics.close();
        QFile log(run + QStringLiteral("/worker.log"));
        QVERIFY(log.open(QIODevice::WriteOnly));
        log.write(
            "step 20\nerror: /disk: No space left on device; make room and go on with --resume\n");
        log.close();
        QSettings settings;
        settings.setValue(QStringLiteral("train/last"), run);
        settings.setValue(QStringLiteral("train/lastHost"),
                          QString::fromStdString(core::hostName()));
        settings.setValue(QStringLiteral("train/lastUser"), static_cast<qulonglong>(::getuid()));
        settings.setValue(QStringLiteral("train/lastWindow"), 0); // it has ended

        m_bench->library.addFolder(run);
        m_bench->training.attachToUnfinished();
        QTRY_COMPARE_WITH_TIMEOUT(m_bench->training.runs().size(), qsizetype {1}, kPatienceMs);
        const QString line = QStringLiteral("Interrupted at step 20 of 240");
        const auto text = [this](const char* name) {
            return m_window->findChild<QLabel*>(QLatin1String(name))->text();
        };
        QTRY_VERIFY2_WITH_TIMEOUT(text("status.what").contains(line),
                                  qPrintable(text("status.what")), kPatienceMs);
        m_window->showPage(QStringLiteral("train"));
        QVERIFY2(text("train.outcome").startsWith(line), qPrintable(text("train.outcome")));
        QVERIFY(text("train.outcome").contains(QStringLiteral("No space left on device")));
        QVERIFY(!text("train.outcome").contains(QStringLiteral("--"))); // nobody types options here
        QVERIFY(text("train.outcome").contains(QStringLiteral("no checkpoint")));
        m_window->showPage(QStringLiteral("runs"));
        const auto* table = m_window->findChild<QTableView*>(QStringLiteral("runs.table"));
        QCOMPARE(table->model()->index(0, RunsModel::State).data().toString(),
                 QStringLiteral("Interrupted"));
    }

    void closing_keepsTheAdapterOfARunInProgress()
    {
        QTemporaryDir folder;
        core::RunSpec spec;
        spec.model = kTinyModel.toStdString();
        spec.data = kDemoData.toStdString();
        spec.method = core::methodNamed("lora");
        spec.rank = 4;
        spec.alpha = 4;
        spec.batchSize = 1;
        spec.maxLength = 256;
        spec.steps = 1'000'000;
        spec.dtype = core::BaseDType::Float32;
        const QString run = folder.filePath(QStringLiteral("run"));
        m_bench->training.setTrainsInProcess(false);
        m_window->closing().setAsker(
            [](const CloseQuestion&, const std::function<void(CloseReply)>& answer) {
                answer({CloseChoice::StopTraining, false});
            });
        m_bench->training.start(spec, {}, run, false);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->training.failure() != nullptr
                                     || m_bench->training.series().value(0).size() > 2,
                                 kPatienceMs);
        const Failed* failed = m_bench->training.failure();
        QVERIFY2(failed == nullptr, qPrintable(failed != nullptr ? failed->why : QString()));

        QVERIFY(!m_window->close()); // not before the step has ended
        QVERIFY(m_window->banner()->isVisible());
        QVERIFY(m_bench->training.isStopping());
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->isVisible(), kPatienceMs);
        QVERIFY(!m_bench->training.isRunning());
        QCOMPARE(m_bench->training.runs().value(0).state, core::RunState::Stopped);
        QVERIFY(QFileInfo::exists(run + QStringLiteral("/adapter/adapter_config.json")));
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->library.runs().isEmpty(), kPatienceMs);
    }

    void refusesWrongArguments()
    {
        const auto code = [](const QStringList& more) {
            const LaunchParse parsed =
                parseLaunch(QStringList {QStringLiteral("pissarro")} + more, allPages());
            return parsed.options ? 0 : parsed.exitCode;
        };
        QCOMPARE(code({}), 0);
        QCOMPARE(code({QStringLiteral("--size"), QStringLiteral("big")}), 2);
        QCOMPARE(code({QStringLiteral("--theme"), QStringLiteral("pink")}), 2);
        QCOMPARE(code({QStringLiteral("--page"), QStringLiteral("nuts")}), 2);
        QCOMPARE(code({QStringLiteral("--no-such-option")}), 2);
        QCOMPARE(code({QStringLiteral("a"), QStringLiteral("b")}), 2);
        QCOMPARE(code({QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("--page"),
                       QStringLiteral("runs")}),
                 2);
        QCOMPARE(code({QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("--page"),
                       QStringLiteral("compare")}),
                 0);
        QCOMPARE(code({QStringLiteral("--demo"), QStringLiteral("out")}), 2);
        QCOMPARE(code({QStringLiteral("m"), QStringLiteral("--data"), QStringLiteral("d"),
                       QStringLiteral("--demo"), QStringLiteral("out"), QStringLiteral("--steps"),
                       QStringLiteral("0")}),
                 2);
        const LaunchParse help =
            parseLaunch({QStringLiteral("pissarro"), QStringLiteral("--help")}, allPages());
        QVERIFY(!help.options && help.exitCode == 0 && help.text.contains(QLatin1String("--data")));
    }

private:
    QStringList bannersInSight() const
    {
        QStringList headlines;
        for (const ErrorBanner* banner : m_window->findChildren<ErrorBanner*>()) {
            if (banner->isVisible()) {
                headlines.prepend(banner->headline()); // made last: on top
            }
        }
        return headlines;
    }

    std::unique_ptr<Services> m_bench;
    std::unique_ptr<MainWindow> m_window;
};

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
