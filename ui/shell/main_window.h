// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMainWindow>

#include <array>

class QLabel;
class QStackedWidget;

namespace pissarro::ui {

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
// Closing while a run trains lets its step end and its adapter be written; the window then closes
// by itself.
class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    MainWindow(Workbench& workbench, QWidget* parent = nullptr);
    ~MainWindow() override;

    void restoreSession(); // geometry, page and splitters of last time
    void showPage(Page page);
    Page page() const;
    QWidget* pageWidget(Page page) const;
    // A model folder or .gguf, a .jsonl or .json of data, a run folder: each goes where it belongs.
    void openPath(const QString& path);
    ErrorBanner* banner() const { return m_banner; }
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
    void showFailure(const QString& headline, const QString& message);
    void closeAfterTraining();
    void saveSession() const;

    Workbench& m_workbench;
    Recent* m_recent;
    NavRail* m_rail;
    ErrorBanner* m_banner;
    QStackedWidget* m_pages;
    QLabel* m_dropHint; // over the pages while something droppable is above the window
    ModelPage* m_modelPage = nullptr;
    SpectrumPage* m_spectrumPage = nullptr;
    QuantizePage* m_quantizePage = nullptr;
    TrainPage* m_trainPage = nullptr;
    RunsPage* m_runsPage = nullptr;
    QString m_opening; // path of the model being opened
    bool m_closing = false; // when the run has ended
};

} // namespace pissarro::ui
