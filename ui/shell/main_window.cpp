// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/main_window.h"

#include "ui/look/theme.h"
#include "ui/plot/line_plot.h"
#include "ui/services/path_kind.h"
#include "ui/services/service.h"
#include "ui/services/services.h"
#include "ui/services/settings.h"
#include "ui/shell/banner_stack.h"
#include "ui/shell/closing.h"
#include "ui/shell/demo_walk.h"
#include "ui/shell/guarded_application.h"
#include "ui/shell/help_dialog.h"
#include "ui/shell/launch.h"
#include "ui/shell/main_menu.h"
#include "ui/shell/model_dialog.h"
#include "ui/shell/nav_rail.h"
#include "ui/shell/page_frame.h"
#include "ui/shell/status_strip.h"
#include "ui/shell/top_bar.h"
#include "ui/shell/window_log.h"
#include "ui/widgets/accessible.h"
#include "ui/widgets/file_dialogs.h"
#include "ui/widgets/widget_export.h"
#include "ui/words/language.h"

#include <QCloseEvent>
#include <QCoreApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QMimeData>
#include <QScreen>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace pissarro::ui {

namespace {

constexpr int kKeepMs = 400; // several changes are one write
constexpr int kMargin = 14; // px around the cards
constexpr QSize kSmallest {1000, 640};
constexpr QSize kFirst {1440, 900}; // or what the screen has
const QString kSession = QStringLiteral("session"); // group of what the pages keep
// What the number is of that sessions kept before they kept ids.
const QStringList kOldPages {QStringLiteral("model"), QStringLiteral("spectrum"),
                             QStringLiteral("quantize"), QStringLiteral("train"),
                             QStringLiteral("runs")};

} // namespace

MainWindow::MainWindow(Services& services, std::span<const PageEntry> pages, QWidget* parent)
    : QMainWindow(parent)
    , m_services(services)
    , m_entries(pages)
    , m_topBar(new TopBar(services))
    , m_rail(new NavRail)
    , m_banners(new BannerStack)
    , m_closing(new Closing(services, *m_banners, this))
    , m_demo(new DemoWalk(*this, services, *m_banners))
    , m_pages(new QStackedWidget)
    , m_dropHint(new QLabel(
          tr("Drop a model folder, a .gguf file, a .jsonl data file or a run folder"), this))
{
    installAccessible();
    setObjectName(QStringLiteral("mainWindow"));
    setAcceptDrops(true);
    setMinimumSize(kSmallest);
    const QSize room = screen()->availableSize();
    resize(room.boundedTo(kSmallest) == kSmallest ? kFirst.boundedTo(room) : kFirst);

    m_pages->setFocusPolicy(Qt::ClickFocus);
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(kMargin, kMargin, kMargin, kMargin);
    column->setSpacing(12);
    column->addWidget(m_banners);
    column->addWidget(m_pages, 1);

    auto* middle = new QHBoxLayout;
    middle->setSpacing(0);
    middle->addWidget(m_rail);
    middle->addWidget(content, 1);

    auto* all = new QWidget;
    auto* rows = new QVBoxLayout(all);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(0);
    rows->addWidget(m_topBar);
    rows->addLayout(middle, 1);
    rows->addWidget(new StatusStrip(m_services));
    setCentralWidget(all);

    m_dropHint->setObjectName(QStringLiteral("dropHint"));
    m_dropHint->setAlignment(Qt::AlignCenter);
    m_dropHint->hide();

    connect(m_topBar, &TopBar::openRequested, this, &MainWindow::chooseModel);
    connect(m_topBar, &TopBar::themeToggled, this, &MainWindow::toggleTheme);
    connect(m_rail, &NavRail::chosen, this,
            [this](int place) { showPage(pageIds().value(place)); });
    for (const PageEntry& entry : m_entries) {
        addPage(entry);
    }
    connect(m_pages, &QStackedWidget::currentChanged, this, &MainWindow::pageShown);
    connectServices();
    buildMenus(*this, m_services);
    showPage(pageIds().value(0));
    showTitle();
}

MainWindow::~MainWindow() = default;

void MainWindow::addPage(const PageEntry& entry)
{
    const QString id = QLatin1String(entry.id);
    const QString title = plainLabel(tr(entry.title));
    Page* page = entry.make(m_services, this);
    page->setObjectName(QStringLiteral("page.") + id);
    page->setAccessibleName(title);
    const QString keys = keysOfPage(m_byEntry.size()).toString();
    m_byEntry.append(page);
    m_pages->addWidget(new PageFrame(page, entry, m_services));
    m_rail->addPage(id, title, keys.isEmpty() ? title : tr("%1 (%2)").arg(title, keys));

    connect(page, &Page::go, this, &MainWindow::goTo);
    connect(page, &Page::openRequested, this,
            [this](const QString& path) { path.isEmpty() ? chooseModel() : openPath(path); });
    connect(page, &Page::failed, this, &MainWindow::tell);
    connect(page, &Page::noticed, this, [this](const Notice& notice) {
        m_banners->showNotice(notice.headline, notice.text, notice.action, notice.act);
    });
    connect(page, &Page::noticeOver, m_banners, &BannerStack::dismissNotice);
    connect(page, &Page::nextStepsWanted, this,
            [this, page] { page->showNextSteps(nextStepsOf(m_byEntry, pageIds())); });
    connect(page, &Page::stateToKeep, this, &MainWindow::keepSessionSoon);
}

void MainWindow::tell(const Failed& failure)
{
    showFailure(failure.what, failure.why);
}

void MainWindow::goTo(const QString& id, const QVariant& with)
{
    if (with.canConvert<DemoOrder>()) {
        m_demo->begin(with.value<DemoOrder>());
        return;
    }
    Page* page = pageWidget(id);
    if (page != nullptr && with.isValid()) {
        page->take(with);
    }
    showPage(id);
}

void MainWindow::connectServices()
{
    connect(&m_services.model, &Model::opening, this, [this](const QString& path) {
        m_opening = path;
        m_banners->dismissFailures(&m_services.model);
    });
    connect(&m_services.data, &Data::changed, this, [this] {
        if (m_services.data.problem().isEmpty()) {
            m_banners->dismissFailures(&m_services.data);
        }
    });
    connect(&m_services.model, &Model::opened, this, [this] {
        m_opening.clear();
        m_services.recent.addModel(
            QString::fromStdString(m_services.model.files()->path().string()));
        showTitle();
    });
    connect(&m_services.model, &Service::stateChanged, this, &MainWindow::modelFailed);
    for (Service* service : m_services.toldAbovePages()) {
        connect(service, &Service::stateChanged, this, [this, service] {
            if (const Failed* failed = service->failure()) {
                showFailure(failed->what, failed->why, service);
            }
        });
    }
    if (const auto* guard = qobject_cast<GuardedApplication*>(QCoreApplication::instance())) {
        connect(guard, &GuardedApplication::caught, this, [this](const QString& text) {
            m_banners->showFailure(
                tr("Something in this window failed; it goes on"),
                tr("%1\nA run in training goes on too. Logged in %2").arg(text, windowLogPath()));
        });
    }
    for (const LinePlot* plot : findChildren<LinePlot*>()) {
        connect(plot, &LinePlot::exportFailed, this, [this](const QString& message) {
            showFailure(tr("Could not export the plot"), message);
        });
    }
    connect(&m_services.training, &Training::failedOutOfSight, this, &MainWindow::tell);
    connect(&m_services.training, &Training::stateChanged, this, [this] {
        if (m_services.training.isRunning() && !m_services.training.isStopping()) {
            m_banners->dismissFailures(&m_services.training); // of the run before
        }
    });
    connect(&SavedFiles::instance(), &SavedFiles::saved, this, &MainWindow::showSaved);
    m_keeping.setSingleShot(true);
    connect(&m_keeping, &QTimer::timeout, this, &MainWindow::saveSession);
    connect(m_closing, &Closing::ready, this, &MainWindow::close, Qt::QueuedConnection);
    connect(qApp, &QGuiApplication::saveStateRequest, this, &MainWindow::saveSession,
            Qt::DirectConnection);
}

Recent& MainWindow::recent() const
{
    return m_services.recent;
}

QMenuBar* MainWindow::menus() const
{
    return m_topBar->menus();
}

ErrorBanner* MainWindow::banner() const
{
    return m_banners->newest();
}

void MainWindow::showTitle()
{
    const auto model = m_services.model.files();
    setWindowTitle(model ? tr("%1 – Pissarro").arg(QString::fromStdString(model->displayName()))
                         : tr("Pissarro"));
}

void MainWindow::showFailure(const QString& headline, const QString& message, const QObject* of)
{
    logWindow(headline + QStringLiteral(": ") + message);
    m_banners->showFailure(headline, message, of);
}

void MainWindow::modelFailed()
{
    const QString path = m_services.model.failure() ? std::exchange(m_opening, {}) : QString();
    if (path.isEmpty()) {
        return;
    }
    m_services.machine.look({path}, this, [this, path](const QVector<FolderLook>& looks) {
        if (looks.first().fresh == path) {
            m_services.recent.removeModel(path); // it is gone
        }
    });
}

void MainWindow::showSaved(const QString& path)
{
    m_banners->dismissNotice(tr("Saved")); // the one before
    m_banners->showNotice(tr("Saved"), path, tr("Open folder"), [this, path] {
        const QString problem = openFolder(QFileInfo(path).absolutePath());
        if (!problem.isEmpty()) {
            showFailure(tr("The folder was not opened"), problem);
        }
    });
}

// --- Pages

QStringList MainWindow::pageIds() const
{
    QStringList ids;
    for (const PageEntry& entry : m_entries) {
        ids.append(QLatin1String(entry.id));
    }
    return ids;
}

void MainWindow::showPage(const QString& id)
{
    const auto place = static_cast<int>(pageIds().indexOf(id));
    if (place < 0) {
        return;
    }
    m_pages->setCurrentIndex(place);
    m_pages->setFocus(); // the next Tab goes into the page
    m_rail->setCurrent(place);
    keepSessionSoon();
}

void MainWindow::showPageOf(PathKind kind)
{
    const auto found = std::find_if(m_byEntry.cbegin(), m_byEntry.cend(),
                                    [kind](const Page* page) { return page->takes(kind); });
    if (found != m_byEntry.cend()) {
        showPage(pageIds().at(found - m_byEntry.cbegin()));
    }
}

QString MainWindow::page() const
{
    return pageIds().value(m_pages->currentIndex());
}

Page* MainWindow::pageWidget(const QString& id) const
{
    return m_byEntry.value(pageIds().indexOf(id), nullptr);
}

// --- Opening

void MainWindow::openPath(const QString& path, Shows shows)
{
    whenSeen(path, this,
             [this, shows](const SeenPath& seen) { open(seen.kind, seen.path, shows); });
}

void MainWindow::open(PathKind kind, const QString& path, Shows shows)
{
    if (shows == Shows::All || (shows == Shows::DataAndRuns && kind != PathKind::Model)) {
        showPageOf(kind);
    }
    switch (kind) {
    case PathKind::Model:
        m_services.model.open(path);
        break;
    case PathKind::Data:
        m_services.data.open(path);
        break;
    case PathKind::Run:
        m_services.library.addFolder(path);
        break;
    case PathKind::Sweep:
    case PathKind::OthersRun:
        for (Page* page : std::as_const(m_byEntry)) {
            if (page->takes(kind)) {
                page->take(path);
            }
        }
        break;
    case PathKind::Unknown:
        m_banners->showFailure(
            tr("Cannot open %1").arg(QFileInfo(path).fileName()),
            tr("%1: this is neither a model (a folder with config.json, or a .gguf file), nor "
               "data (.jsonl, .json, .csv, .tsv), nor a run (run.json, trainer_state.json, "
               "trainer_log.jsonl, TensorBoard's event files).")
                .arg(path));
        break;
    }
}

void MainWindow::chooseModel()
{
    auto* dialog = new ModelDialog(this, tr("Open model: a folder or a file"));
    dialog->setObjectName(QStringLiteral("dialog.model"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setNameFilter(tr("Models (*.gguf config.json *.safetensors *.safetensors.index.json)"));
    connect(dialog, &QFileDialog::fileSelected, this,
            [this](const QString& path) { openPath(path); });
    dialog->open();
}

void MainWindow::chooseModelFolder()
{
    askForFolder(this, tr("Open model folder"),
                 [this](const QString& path) { m_services.model.open(path); });
}

void MainWindow::chooseData()
{
    askToOpen(this, tr("Open data"), dataFilter(), [this](const QString& path) {
        m_services.data.open(path);
        showPageOf(PathKind::Data);
    });
}

void MainWindow::chooseRunFolder()
{
    askForFolder(this, tr("Add a folder with runs"), [this](const QString& path) {
        m_services.library.addFolder(path);
        showPageOf(PathKind::Run);
    });
}

void MainWindow::toggleTheme()
{
    rememberTheme(Theme::instance().isDark() ? ThemeMode::Light : ThemeMode::Dark);
}

void MainWindow::showShortcuts()
{
    (new HelpDialog(tr("Keyboard"), keysOf(*this), this))->open();
}

void MainWindow::showWords()
{
    (new HelpDialog(tr("What the words mean"), glossary(), this))->open();
}

void MainWindow::showAbout()
{
    m_banners->showNotice(
        tr("Pissarro %1").arg(QCoreApplication::applicationVersion()),
        tr("A workbench for principal-component fine-tuning (PiSSA, arXiv 2404.02948). "
           "Free software under the GNU GPL, version 3 or later."));
}

// --- Drag and drop

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    if (!filesOf(*event->mimeData()).isEmpty()) {
        event->acceptProposedAction();
        m_dropHint->setGeometry(m_pages->rect().translated(m_pages->mapTo(this, QPoint())));
        m_dropHint->raise();
        m_dropHint->show();
    }
}

void MainWindow::dragLeaveEvent(QDragLeaveEvent*)
{
    m_dropHint->hide();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    m_dropHint->hide();
    event->acceptProposedAction();
    for (const QString& path : filesOf(*event->mimeData())) {
        openPath(path);
    }
}

void MainWindow::resizeEvent(QResizeEvent* event)
{
    QMainWindow::resizeEvent(event);
    m_dropHint->hide();
}

// --- Session

void MainWindow::restoreSession()
{
    m_restored = true;
    restoreGeometry(stored(setting::kGeometry));
    const QString page = stored(setting::kPage);
    bool isNumber = false;
    const int number = page.toInt(&isNumber);
    showPage(isNumber ? kOldPages.value(number) : page);
    for (QSplitter* splitter : findChildren<QSplitter*>()) {
        if (!splitter->objectName().isEmpty()) {
            splitter->restoreState(QSettings()
                                       .value(QStringLiteral("splitters/") + splitter->objectName())
                                       .toByteArray());
        }
    }
}

void MainWindow::offerLastSession()
{
    QSettings settings;
    settings.beginGroup(kSession);
    for (Page* page : std::as_const(m_byEntry)) {
        page->offerState(settings);
    }
}

void MainWindow::keepSessionSoon()
{
    if (m_restored) {
        m_keeping.start(kKeepMs);
    }
}

void MainWindow::saveSession() const
{
    QSettings settings;
    settings.beginGroup(kSession);
    for (const Page* page : m_byEntry) {
        page->saveState(settings);
    }
    settings.endGroup();
    store(setting::kGeometry, saveGeometry());
    store(setting::kPage, page());
    for (const QSplitter* splitter : findChildren<QSplitter*>()) {
        if (!splitter->objectName().isEmpty()) {
            settings.setValue(QStringLiteral("splitters/") + splitter->objectName(),
                              splitter->saveState());
        }
    }
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    saveSession();
    if (!m_closing->mayClose()) {
        event->ignore();
        return;
    }
    QMainWindow::closeEvent(event);
}

} // namespace pissarro::ui
