// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/failure.h"

#include <QMainWindow>

#include <array>

class QLabel;
class QStackedWidget;

namespace pissarro::ui {

class BannerStack;
class Closing;
class ErrorBanner;
class ModelPage;
class NavRail;
class QuantizePage;
class Recent;
class RunsPage;
class SpectrumPage;
class TrainPage;
class Workbench;

enum class Page { Model, Spectrum, Quantize, Train, Runs };
constexpr int kPageCount = 5;

// The window: top bar, rail, the five pages under the banner, status strip, menus.
//
// Closing while something runs asks first: see Closing.
class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    MainWindow(Workbench& workbench, QWidget* parent = nullptr);
    ~MainWindow() override;

    void restoreSession(); // geometry, page and splitters of last time
    void
    offerLastSession(); // model, data and form of last time, in a notice; nothing is opened unasked
    void showPage(Page page);
    Page page() const;
    QWidget* pageWidget(Page page) const;
    // A model folder or .gguf, a .jsonl or .json of data, a run folder: each goes where it belongs.
    void openPath(const QString& path);
    ErrorBanner* banner() const; // the newest
    BannerStack& banners() const { return *m_banners; }
    Closing& closing() const { return *m_closing; }
    Recent& recent() const { return *m_recent; }

    // What the menus offer.
    void chooseModel();
    void chooseModelFolder();
    void chooseData();
    void chooseRunFolder();
    void toggleTheme(); // between light and dark; remembered
    void showShortcuts();
    void showAbout();

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void buildPages();
    void connectWorkbench();
    void showTitle();
    void showFailure(const QString& headline, const QString& message, FailureSource source);
    void showSaved(const QString& path);
    void saveSession() const;

    Workbench& m_workbench;
    Recent* m_recent;
    NavRail* m_rail;
    BannerStack* m_banners;
    Closing* m_closing;
    QStackedWidget* m_pages;
    QLabel* m_dropHint; // over the pages while something droppable is above the window
    ModelPage* m_modelPage = nullptr;
    SpectrumPage* m_spectrumPage = nullptr;
    QuantizePage* m_quantizePage = nullptr;
    TrainPage* m_trainPage = nullptr;
    RunsPage* m_runsPage = nullptr;
    QString m_opening; // path of the model being opened
    QString m_refilled; // headline of the notice that offers «Undo»
};

} // namespace pissarro::ui
