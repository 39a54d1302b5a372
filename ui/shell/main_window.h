// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/views/page.h"

#include <QMainWindow>
#include <QTimer>
#include <QVector>

#include <span>

class QLabel;
class QMenuBar;
class QStackedWidget;

namespace pissarro::ui {

class BannerStack;
class Closing;
class DemoWalk;
class ErrorBanner;
class NavRail;
class Recent;
class TopBar;
struct Services;

// The window: top bar, rail, the pages under the banner, status strip, menus. It knows no page: it is made from their list.
//
// Closing while something runs asks first: see Closing.
class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    // What `pages` lists outlives the window (allPages()).
    MainWindow(Services& services, std::span<const PageEntry> pages, QWidget* parent = nullptr);
    ~MainWindow() override;

    void
    restoreSession(); // geometry, page and splitters of last time; from here on changes are kept as they come
    void offerLastSession(); // what the pages kept is theirs again
    std::span<const PageEntry> pages() const { return m_entries; }
    QStringList pageIds() const;
    void showPage(const QString& id); // one that is not listed: the one in sight stays
    void showPageOf(PathKind kind); // the page that takes what was opened
    QString page() const; // the id of the one in sight
    Page* pageWidget(const QString& id) const; // null: not listed
    // A model folder or .gguf, a .jsonl or .json of data, a run of ours or of others: each goes where it belongs, once a worker has seen
    // what it is. The page that takes it is shown: data and runs always, but where the caller chose another page.
    enum class Shows { DataAndRuns, All, Nothing };
    void openPath(const QString& path, Shows shows = Shows::DataAndRuns);
    ErrorBanner* banner() const; // the newest
    BannerStack& banners() const { return *m_banners; }
    Closing& closing() const { return *m_closing; }
    DemoWalk& demo() const { return *m_demo; }
    Recent& recent() const;
    QMenuBar* menus() const; // in the top bar

    // What the menus offer.
    void chooseModel();
    void chooseModelFolder();
    void chooseData();
    void chooseRunFolder();
    void toggleTheme(); // between light and dark; remembered
    void showShortcuts();
    void showWords();
    void showAbout();

Q_SIGNALS:
    void pageShown(); // page() is another one

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void open(PathKind kind, const QString& path, Shows shows);
    void addPage(const PageEntry& entry);
    void goTo(const QString& id, const QVariant& with);
    void connectServices();
    void showTitle();
    void tell(const Failed& failure);
    void showFailure(const QString& headline, const QString& message, const QObject* of = nullptr);
    void modelFailed();
    void showSaved(const QString& path);
    void saveSession() const;
    void keepSessionSoon();

    Services& m_services;
    const std::span<const PageEntry> m_entries;
    QVector<Page*> m_byEntry; // in the order of the entries
    TopBar* m_topBar;
    NavRail* m_rail;
    BannerStack* m_banners;
    Closing* m_closing;
    DemoWalk* m_demo;
    QStackedWidget* m_pages;
    QLabel* m_dropHint; // over the pages while something droppable is above the window
    QString m_opening; // path of the model being opened
    QTimer m_keeping; // till the session is saved; never before it was restored
    bool m_restored = false;
};

} // namespace pissarro::ui
