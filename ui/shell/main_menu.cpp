// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/main_menu.h"

#include "ui/look/theme.h"
#include "ui/services/services.h"
#include "ui/shell/closing.h"
#include "ui/shell/guide_window.h"
#include "ui/shell/launch.h"
#include "ui/shell/main_window.h"
#include "ui/shell/settings_dialog.h"

#include <QActionGroup>
#include <QFileInfo>
#include <QMenu>
#include <QMenuBar>

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
    QMenu* menu = window.menus()->addMenu(title);
    menu->setObjectName(QStringLiteral("menu.") + name);
    return menu;
}

// The entry of a page's action. The menu bar is always in sight, so the action itself would have its key on every page in
// it: the entry shows the key, the page has it.
void addEntryOf(QAction* action, QMenu* menu)
{
    auto* entry = new QAction(menu);
    entry->setObjectName(QStringLiteral("menu.") + action->objectName());
    entry->setCheckable(action->isCheckable());
    const auto follow = [entry, action] {
        const QString keys = action->shortcut().toString(QKeySequence::NativeText);
        entry->setText(keys.isEmpty() ? action->text() : action->text() + QLatin1Char('\t') + keys);
        entry->setEnabled(action->isEnabled());
        entry->setVisible(action->isVisible());
        entry->setChecked(action->isChecked());
    };
    follow();
    QObject::connect(action, &QAction::changed, entry, follow);
    QObject::connect(entry, &QAction::triggered, action, &QAction::trigger);
    menu->addAction(entry);
}

void addPageMenu(MainWindow& window, const PageEntry& entry)
{
    const QString id = QLatin1String(entry.id);
    const QList<QAction*> actions = window.pageWidget(id)->actions();
    if (actions.isEmpty()) {
        return;
    }
    QMenu* menu = addMenu(window, id, MainWindow::tr(entry.title));
    const auto show = [action = menu->menuAction(), &window, id] {
        action->setVisible(window.page() == id); // of all pages they have no room side by side
    };
    show();
    QObject::connect(&window, &MainWindow::pageShown, menu, show);
    for (QAction* action : actions) {
        if (action->isSeparator()) {
            menu->addSeparator();
        } else {
            addEntryOf(action, menu);
        }
    }
}

void buildFile(MainWindow& window, Services& services)
{
    QMenu* menu = addMenu(window, QStringLiteral("file"), MainWindow::tr("&File"));
    MainWindow* w = &window;
    add(menu, QStringLiteral("openModel"), MainWindow::tr("&Open model…"), QKeySequence::Open, w,
        [w] { w->chooseModel(); });
    add(menu, QStringLiteral("openFolder"), MainWindow::tr("Open model &folder…"),
        QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O), w, [w] { w->chooseModelFolder(); });
    QMenu* recent = menu->addMenu(MainWindow::tr("&Recent models"));
    recent->setObjectName(QStringLiteral("menu.recent"));
    QObject::connect(recent, &QMenu::aboutToShow, w, [w, recent, &services] {
        recent->clear();
        for (const QString& path : w->recent().models()) {
            QAction* action = recent->addAction(QFileInfo(path).fileName());
            action->setToolTip(path);
            QObject::connect(action, &QAction::triggered, &services.model,
                             [&services, path] { services.model.open(path); });
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
                        [] { Closing::remember(std::nullopt); });
    asks->setCheckable(true);
    QObject::connect(menu, &QMenu::aboutToShow, asks, [asks] { // an answer may be remembered by now
        asks->setChecked(!Closing::answer());
        asks->setEnabled(!asks->isChecked());
    });
    QAction* settings = add(menu, QStringLiteral("settings"), MainWindow::tr("&Settings…"),
                            QKeySequence(Qt::CTRL | Qt::Key_Comma), w,
                            [w, &services] { showSettings(services, w); });
    settings->setMenuRole(QAction::PreferencesRole);
    menu->addSeparator();
    add(menu, QStringLiteral("quit"), MainWindow::tr("&Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q),
        w, [w] { w->close(); });
}

// The steps of all pages that can be taken back, on whichever page one is.
void buildEdit(MainWindow& window, const ChangeStack& stack)
{
    QMenu* menu = addMenu(window, QStringLiteral("edit"), MainWindow::tr("&Edit"));
    QAction* undo = stack.createUndoAction(menu, MainWindow::tr("Undo"));
    undo->setObjectName(QStringLiteral("action.undo"));
    undo->setShortcut(QKeySequence::Undo);
    QAction* redo = stack.createRedoAction(menu, MainWindow::tr("Redo"));
    redo->setObjectName(QStringLiteral("action.redo"));
    redo->setShortcut(QKeySequence::Redo);
    menu->addActions({undo, redo});
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
        QAction* action = add(menu, QStringLiteral("theme.%1").arg(static_cast<int>(mode)), text,
                              {}, &window, [chosen = mode] { rememberTheme(chosen); });
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
    for (const PageEntry& entry : window.pages()) {
        const QString id = QLatin1String(entry.id);
        add(menu, QStringLiteral("page.") + id, MainWindow::tr(entry.title),
            keysOfPage(menu->actions().size()), w, [w, id] { w->showPage(id); });
    }
    menu->addSeparator();
    buildTheme(window, menu);
    menu->addSeparator();
    add(menu, QStringLiteral("fullScreen"), MainWindow::tr("&Full screen"),
        QKeySequence(Qt::Key_F11), w,
        [w] { w->isFullScreen() ? w->showNormal() : w->showFullScreen(); });
}

void buildHelp(MainWindow& window)
{
    QMenu* menu = addMenu(window, QStringLiteral("help"), MainWindow::tr("&Help"));
    MainWindow* w = &window;
    add(menu, QStringLiteral("guide"), MainWindow::tr("&Guide"),
        QKeySequence(Qt::CTRL | Qt::Key_F1), w, [w] { showGuide(w); });
    add(menu, QStringLiteral("isItBetter"), MainWindow::tr("&Is it better?"), {}, w,
        [w] { showGuide(w, QStringLiteral("is-it-better")); });
    add(menu, QStringLiteral("shortcuts"), MainWindow::tr("&Keyboard"), QKeySequence(Qt::Key_F1), w,
        [w] { w->showShortcuts(); });
    add(menu, QStringLiteral("words"), MainWindow::tr("What the &words mean"),
        QKeySequence(Qt::SHIFT | Qt::Key_F1), w, [w] { w->showWords(); });
    add(menu, QStringLiteral("firstSteps"), MainWindow::tr("&First steps and the demo"), {}, w,
        [w] {
            const QString first = w->pageIds().value(0);
            w->showPage(first);
            w->pageWidget(first)->take(QStringLiteral("first steps"));
        });
    menu->addSeparator();
    add(menu, QStringLiteral("about"), MainWindow::tr("&About Pissarro"), {}, w,
        [w] { w->showAbout(); });
}

} // namespace

QKeySequence keysOfPage(qsizetype place)
{
    if (place < 0 || place >= kPagesWithKeys) {
        return {};
    }
    const int digit = static_cast<int>(place + 1) % kPagesWithKeys;
    return {QKeyCombination(Qt::CTRL, static_cast<Qt::Key>(Qt::Key_0 + digit))};
}

void buildMenus(MainWindow& window, Services& services)
{
    window.menus()->setObjectName(QStringLiteral("menuBar"));
    buildFile(window, services);
    buildEdit(window, services.undoStack);
    buildView(window);
    for (const PageEntry& entry : window.pages()) {
        addPageMenu(window, entry);
    }
    buildHelp(window);
}

} // namespace pissarro::ui
