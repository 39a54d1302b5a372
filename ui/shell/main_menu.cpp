// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/main_menu.h"

#include "ui/look/theme.h"
#include "ui/services/recent.h"
#include "ui/services/workbench.h"
#include "ui/shell/closing.h"
#include "ui/shell/main_window.h"

#include <QActionGroup>
#include <QFileInfo>
#include <QHash>
#include <QMenu>
#include <QMenuBar>
#include <QSettings>

namespace pissarro::ui {

namespace {

template <class Slot>
QAction* add(QMenu* menu, const QString& name, const QString& text, const QKeySequence& keys,
             QObject* context, Slot slot)
{
    auto* action = new QAction(text, menu);
    action->setObjectName(QStringLiteral("action.") + name);
    action->setShortcut(keys);
    menu->addAction(action);
    QObject::connect(action, &QAction::triggered, context, slot);
    return action;
}

QMenu* addMenu(MainWindow& window, const QString& name, const QString& title)
{
    QMenu* menu = window.menuBar()->addMenu(title);
    menu->setObjectName(QStringLiteral("menu.") + name);
    return menu;
}

void addPageActions(QMenu* menu, const QWidget* page)
{
    const QList<QAction*> actions = page->actions();
    if (!actions.isEmpty() && !menu->isEmpty()) {
        menu->addSeparator();
    }
    menu->addActions(actions);
}

void buildFile(MainWindow& window, Workbench& workbench)
{
    QMenu* menu = addMenu(window, QStringLiteral("file"), MainWindow::tr("&File"));
    MainWindow* w = &window;
    add(menu, QStringLiteral("openModel"), MainWindow::tr("&Open model…"), QKeySequence::Open, w,
        [w] { w->chooseModel(); });
    add(menu, QStringLiteral("openFolder"), MainWindow::tr("Open model &folder…"),
        QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O), w, [w] { w->chooseModelFolder(); });
    QMenu* recent = menu->addMenu(MainWindow::tr("&Recent models"));
    recent->setObjectName(QStringLiteral("menu.recent"));
    QObject::connect(recent, &QMenu::aboutToShow, w, [w, recent, &workbench] {
        recent->clear();
        for (const QString& path : w->recent().models()) {
            QAction* action = recent->addAction(QFileInfo(path).fileName());
            action->setToolTip(path);
            QObject::connect(action, &QAction::triggered, &workbench,
                             [&workbench, path] { workbench.openModel(path); });
        }
        recent->addSeparator();
        QAction* clear = recent->addAction(MainWindow::tr("Clear"));
        QObject::connect(clear, &QAction::triggered, &w->recent(), &Recent::clear);
    });
    menu->addSeparator();
    add(menu, QStringLiteral("openData"), MainWindow::tr("Open &data…"),
        QKeySequence(Qt::CTRL | Qt::Key_D), w, [w] { w->chooseData(); });
    add(menu, QStringLiteral("addRuns"), MainWindow::tr("&Add a folder with runs…"), {}, w,
        [w] { w->chooseRunFolder(); });
    menu->addSeparator();
    QAction* asks = add(menu, QStringLiteral("askOnClose"),
                        MainWindow::tr("As&k before closing on a run in this window"), {}, w,
                        [] { Closing::forgetAnswer(); });
    asks->setCheckable(true);
    QObject::connect(menu, &QMenu::aboutToShow, asks, [asks] { // an answer may be remembered by now
        asks->setChecked(Closing::asksAboutRuns());
        asks->setEnabled(!asks->isChecked());
    });
    add(menu, QStringLiteral("quit"), MainWindow::tr("&Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q),
        w, [w] { w->close(); });
}

// The steps of all pages that can be taken back, on whichever page one is.
void buildEdit(MainWindow& window)
{
    QMenu* menu = addMenu(window, QStringLiteral("edit"), MainWindow::tr("&Edit"));
    const QWidget* page = window.pageWidget(Page::Train);
    menu->addActions({page->findChild<QAction*>(QStringLiteral("train.undo")),
                      page->findChild<QAction*>(QStringLiteral("train.redo"))});
}

void buildTheme(MainWindow& window, QMenu* view)
{
    QMenu* menu = view->addMenu(MainWindow::tr("&Theme"));
    menu->setObjectName(QStringLiteral("menu.theme"));
    auto* group = new QActionGroup(menu);
    const std::array<std::pair<ThemeMode, QString>, 3> choices {{
        {ThemeMode::System, MainWindow::tr("&Follow the system")},
        {ThemeMode::Light, MainWindow::tr("&Light")},
        {ThemeMode::Dark, MainWindow::tr("&Dark")},
    }};
    for (const auto& [mode, text] : choices) {
        QAction* action =
            add(menu, QStringLiteral("theme.%1").arg(static_cast<int>(mode)), text, {}, &window,
                [chosen = mode] {
                    Theme::instance().setMode(chosen);
                    QSettings().setValue(QStringLiteral("window/theme"), static_cast<int>(chosen));
                });
        action->setCheckable(true);
        action->setChecked(Theme::instance().mode() == mode);
        group->addAction(action);
        QObject::connect(&Theme::instance(), &Theme::changed, action, [action, own = mode] {
            action->setChecked(Theme::instance().mode() == own);
        });
    }
    MainWindow* w = &window;
    add(view, QStringLiteral("toggleTheme"), MainWindow::tr("&Switch light and dark"),
        QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_L), w, [w] { w->toggleTheme(); });
}

void buildView(MainWindow& window)
{
    QMenu* menu = addMenu(window, QStringLiteral("view"), MainWindow::tr("&View"));
    MainWindow* w = &window;
    const std::array<QString, kPageCount> titles {
        MainWindow::tr("&Model"), MainWindow::tr("&Spectrum"), MainWindow::tr("&Quantize"),
        MainWindow::tr("&Train"), MainWindow::tr("&Runs")};
    for (int i = 0; i < kPageCount; ++i) {
        add(menu, QStringLiteral("page.%1").arg(i), titles[static_cast<std::size_t>(i)],
            QKeySequence(QKeyCombination(Qt::CTRL, static_cast<Qt::Key>(Qt::Key_1 + i))), w,
            [w, i] { w->showPage(static_cast<Page>(i)); });
    }
    menu->addSeparator();
    buildTheme(window, menu);
    menu->addSeparator();
    add(menu, QStringLiteral("fullScreen"), MainWindow::tr("&Full screen"),
        QKeySequence(Qt::Key_F11), w,
        [w] { w->isFullScreen() ? w->showNormal() : w->showFullScreen(); });
}

void buildSpectrum(MainWindow& window, Workbench& workbench)
{
    QMenu* menu = addMenu(window, QStringLiteral("spectrum"), MainWindow::tr("&Spectrum"));
    Workbench* bench = &workbench;
    QAction* again = add(menu, QStringLiteral("sweep"), MainWindow::tr("&Compute missing spectra"),
                         {}, bench, [bench] { bench->restartSweep(); });
    QAction* cancel = add(menu, QStringLiteral("cancelSweep"), MainWindow::tr("Cancel the &sweep"),
                          {}, bench, [bench] { bench->cancelSweep(); });
    const auto update = [bench, again, cancel] {
        again->setEnabled(bench->model() && !bench->sweepRunning()
                          && bench->spectra().size() < bench->spectraTotal());
        cancel->setEnabled(bench->sweepRunning());
    };
    QObject::connect(bench, &Workbench::sweepStateChanged, menu, update);
    QObject::connect(bench, &Workbench::modelOpened, menu, update);
    update();
    addPageActions(menu, window.pageWidget(Page::Spectrum));
}

void buildHelp(MainWindow& window)
{
    QMenu* menu = addMenu(window, QStringLiteral("help"), MainWindow::tr("&Help"));
    MainWindow* w = &window;
    add(menu, QStringLiteral("shortcuts"), MainWindow::tr("&Keyboard"), QKeySequence(Qt::Key_F1), w,
        [w] { w->showShortcuts(); });
    add(menu, QStringLiteral("about"), MainWindow::tr("&About Pissarro"), {}, w,
        [w] { w->showAbout(); });
}

} // namespace

void buildMenus(MainWindow& window, Workbench& workbench)
{
    window.menuBar()->setObjectName(QStringLiteral("menuBar"));
    buildFile(window, workbench);
    buildEdit(window);
    buildView(window);
    buildSpectrum(window, workbench);
    addPageActions(addMenu(window, QStringLiteral("quantize"), MainWindow::tr("&Quantize")),
                   window.pageWidget(Page::Quantize));
    addPageActions(addMenu(window, QStringLiteral("train"), MainWindow::tr("&Train")),
                   window.pageWidget(Page::Train));
    QMenu* runs = addMenu(window, QStringLiteral("runs"), MainWindow::tr("&Runs"));
    Workbench* bench = &workbench;
    add(runs, QStringLiteral("refreshRuns"), MainWindow::tr("&Refresh"), QKeySequence::Refresh,
        bench, [bench] { bench->refreshRuns(); });
    addPageActions(runs, window.pageWidget(Page::Runs));
    buildHelp(window);
}

void giveSharedKeys(const MainWindow& window)
{
    QHash<QString, QList<QPair<Page, QAction*>>> owners; // by keys
    for (int i = 0; i < kPageCount; ++i) {
        const Page page = static_cast<Page>(i);
        for (QAction* action : window.pageWidget(page)->actions()) {
            if (!action->property("keys").isValid()) {
                action->setProperty("keys", action->shortcut().toString());
            }
            const QString keys = action->property("keys").toString();
            if (!keys.isEmpty()) {
                owners[keys].append({page, action});
            }
        }
    }
    for (auto shared = owners.cbegin(); shared != owners.cend(); ++shared) {
        if (shared->size() < 2) {
            continue;
        }
        for (const auto& [page, action] : *shared) {
            action->setShortcut(page == window.page() ? QKeySequence(shared.key())
                                                      : QKeySequence());
        }
    }
}

} // namespace pissarro::ui
