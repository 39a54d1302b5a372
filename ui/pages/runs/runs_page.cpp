// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs/runs_page.h"

#include "core/run/spec_fields.h"
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/pages/runs/export_dialog.h"
#include "ui/pages/runs/runs_model.h"
#include "ui/pages/runs/runs_table.h"
#include "ui/services/services.h"
#include "ui/views/loss_card.h"
#include "ui/views/run_commands.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/file_dialogs.h"
#include "ui/widgets/page_action.h"
#include "ui/words/form_words.h"
#include "ui/words/format.h"
#include "ui/words/language.h"
#include "ui/words/run_words.h"

#include <QAction>
#include <QClipboard>
#include <QFileDialog>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSplitter>
#include <QStackedLayout>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace pissarro::ui {

namespace {

constexpr int kRefreshMs = 1000;
constexpr qsizetype kFewRuns = 3; // more are named on their lines

} // namespace

RunsPage::RunsPage(Services& services, QWidget* parent)
    : Page(parent)
    , m_services(services)
    , m_model(new RunsModel(this))
    , m_table(new RunsTable(m_model))
    , m_loss(new LossCard(QStringLiteral("runs.loss"), tr("Loss")))
    , m_differences(new DifferencesModel(this))
    , m_differencesTable(new QTableView)
    , m_differencesHint(new QLabel)
    , m_exportButton(new QPushButton(tr("Export…")))
    , m_offer(new QPushButton)
    , m_pages(new QStackedLayout(this))
{
    buildActions();
    m_pages->addWidget(buildEmpty());
    m_pages->addWidget(buildContent());
    m_timer.setInterval(kRefreshMs);
    connect(&m_timer, &QTimer::timeout, this, [this] { m_services.library.refresh(); });
    connect(&m_services.library, &RunLibrary::changed, this,
            [this] { whenInSight("runs", [this] { showRuns(); }); });
    connect(&m_services.training, &Training::stateChanged, this,
            [this] { whenInSight("selection", [this] { showSelection(); }); });
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &RunsPage::showSelection);
    connect(&Theme::instance(), &Theme::changed, this,
            [this] { whenInSight("selection", [this] { showSelection(); }); });
    showRuns();
}

QWidget* RunsPage::buildEmpty()
{
    auto* empty =
        new EmptyState(QStringLiteral("runs.empty"), QStringLiteral("runs"), tr("No runs yet"),
                       tr("Train a model, or add a folder that holds runs (or drop one here)."),
                       tr("Train a model"));
    auto* add = new QPushButton(m_add->text());
    add->setObjectName(QStringLiteral("runs.empty.add"));
    add->setAccessibleName(tr("Add a folder with runs"));
    add->setToolTip(m_add->toolTip());
    connect(add, &QPushButton::clicked, m_add, &QAction::trigger);
    empty->below()->addWidget(add, 0, Qt::AlignHCenter);
    connect(empty, &EmptyState::acted, this, [this] { goToTrain(); });
    return empty;
}

QWidget* RunsPage::buildContent()
{
    m_tableCard = buildTableCard();
    m_settings = buildDifferences();
    auto* splitter = m_rows = new QSplitter(Qt::Vertical);
    splitter->setObjectName(QStringLiteral("runs.rows"));
    splitter->setHandleWidth(12);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(m_tableCard);
    splitter->addWidget(m_loss);
    splitter->addWidget(m_settings);
    splitter->setStretchFactor(0, 4);
    splitter->setStretchFactor(1, 7);
    splitter->setStretchFactor(2, 3);
    splitter->setSizes({220, 400, 200}); // of a fresh window: the plot gets the space
    m_loss->setMinimumHeight(scaled(180));
    m_loss->plot()->setEmptyText(tr("Select runs in the table: their losses draw here."));
    return splitter;
}

Card* RunsPage::buildTableCard()
{
    connect(m_table, &QWidget::customContextMenuRequested, this, [this](const QPoint& at) {
        QMenu menu;
        menu.setObjectName(QStringLiteral("runs.menu"));
        menu.addActions({m_open, m_copyPath, m_copyCommand, m_compare, m_template, m_watch,
                         m_resume, m_export, m_report});
        menu.exec(m_table->viewport()->mapToGlobal(at));
    });
    connect(m_table, &QTableView::activated, this, &RunsPage::look);

    auto* card = new Card(tr("Runs"));
    auto* add = new QPushButton(m_add->text());
    add->setObjectName(QStringLiteral("runs.add"));
    add->setAccessibleName(tr("Add a folder with runs"));
    add->setToolTip(tr("Add a folder with runs; or drop one here"));
    connect(add, &QPushButton::clicked, m_add, &QAction::trigger);
    m_exportButton->setObjectName(QStringLiteral("runs.export"));
    m_exportButton->setAccessibleName(tr("Export the selected run"));
    connect(m_exportButton, &QPushButton::clicked, m_export, &QAction::trigger);
    m_offer->setObjectName(QStringLiteral("runs.offer"));
    m_offer->setAccessibleName(tr("Watch a run that is training"));
    m_offer->setProperty("kind", QByteArray("link"));
    m_offer->hide();
    connect(m_offer, &QPushButton::clicked, this, [this] {
        m_services.training.watch(m_offer->toolTip());
        goToTrain();
    });
    card->addTitleWidget(m_offer);
    card->addTitleWidget(m_exportButton);
    card->addTitleWidget(add);
    card->body()->addWidget(m_table, 1);
    card->setMinimumHeight(scaled(140));
    return card;
}

Card* RunsPage::buildDifferences()
{
    auto* card = new Card(tr("Configuration differences"));
    card->setMinimumHeight(scaled(100));
    m_differencesTable->setObjectName(QStringLiteral("runs.differences"));
    m_differencesTable->setAccessibleName(
        tr("Settings of the selected run, or keys in which the selected runs differ"));
    m_differencesTable->setModel(m_differences);
    styleTable(m_differencesTable);
    m_differencesTable->setSelectionMode(QAbstractItemView::SingleSelection);
    m_differencesTable->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    m_differencesHint->setObjectName(QStringLiteral("runs.differences.hint"));
    m_differencesHint->setProperty("role", QByteArray("muted"));
    m_differencesHint->setWordWrap(true);
    card->body()->addWidget(m_differencesTable, 1);
    card->body()->addWidget(m_differencesHint, 0, Qt::AlignTop);
    card->body()->addStretch(0);
    return card;
}

void RunsPage::buildActions()
{
    const auto add = [this](const QString& text, const QKeySequence& keys, auto run) {
        return addPageAction(this, {}, text, keys, run);
    };
    add(tr("&Refresh"), QKeySequence::Refresh, [this] { m_services.library.refresh(); });
    addActionSeparator(this);
    m_add = add(tr("Add folder…"), {}, [this] { chooseFolder(); });
    m_open = add(tr("Open folder"), Qt::CTRL | Qt::SHIFT | Qt::Key_E, [this] {
        for (const core::RunSummary& run : selectedRuns()) {
            const QString problem = openFolder(directoryOf(run));
            if (!problem.isEmpty()) {
                Q_EMIT failed({tr("The folder was not opened"), directoryOf(run), problem});
            }
        }
    });
    m_copyPath = add(tr("Copy path"), Qt::CTRL | Qt::SHIFT | Qt::Key_P, [this] {
        QStringList paths;
        for (const core::RunSummary& run : selectedRuns()) {
            paths << directoryOf(run);
        }
        QGuiApplication::clipboard()->setText(paths.join(QLatin1Char('\n')));
    });
    m_copyCommand =
        add(tr("Copy command"), Qt::CTRL | Qt::SHIFT | Qt::Key_K, [this] { copyCommands(); });
    m_compare = add(tr("Compare"), Qt::CTRL | Qt::SHIFT | Qt::Key_D, [this] { compare(); });
    m_template = add(tr("Use as template"), Qt::CTRL | Qt::Key_T, [this] {
        const QVector<core::RunSummary> runs = selectedRuns();
        if (!runs.isEmpty()) {
            goToTrain(QVariant::fromValue(runs.first().spec));
        }
    });
    m_resume = add(tr("Resume training"), Qt::CTRL | Qt::SHIFT | Qt::Key_R, [this] { resume(); });
    m_watch = add(tr("Watch training"), Qt::CTRL | Qt::SHIFT | Qt::Key_W, [this] { watch(); });
    m_export = add(tr("Export…"), Qt::CTRL | Qt::Key_E, [this] { openExport(); });
    m_report = add(tr("Report…"), Qt::CTRL | Qt::SHIFT | Qt::Key_B, [this] { openReport(); });
}

void RunsPage::compare()
{
    QStringList directories;
    for (const core::RunSummary& run : selectedRuns()) {
        directories.append(directoryOf(run));
    }
    Q_EMIT go(QStringLiteral("compare"), directories);
}

void RunsPage::goToTrain(const QVariant& with)
{
    Q_EMIT go(QStringLiteral("train"), with);
}

void RunsPage::chooseFolder()
{
    auto* dialog = new QFileDialog(this, tr("Add a folder with runs"));
    dialog->setObjectName(QStringLiteral("dialog.runs"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, &m_services.library, &RunLibrary::addFolder);
    dialog->open();
}

QVector<core::RunSummary> RunsPage::twinsOf(const core::RunSummary& run) const
{
    const bool isTwin = run.directory.filename() == core::methodName(run.spec.method);
    QVector<core::RunSummary> twins;
    for (const core::RunSummary& other : m_services.library.runs()) {
        if (isTwin && other.directory != run.directory
            && other.directory.parent_path() == run.directory.parent_path()) {
            twins.append(other);
        }
    }
    return twins;
}

std::int64_t RunsPage::checkpointOf(const core::RunSummary& run) const
{
    std::int64_t step = run.checkpointStep;
    for (const core::RunSummary& twin : twinsOf(run)) { // they go on from the earlier one
        step = std::min(step, twin.checkpointStep);
    }
    return step;
}

// A run with the twins that lie beside it goes on from its newest checkpoint; without one it begins anew in another
// folder, so that what there is of it stays.
void RunsPage::resume()
{
    const QVector<core::RunSummary> selected = selectedRuns();
    if (selected.isEmpty()) {
        return;
    }
    const core::RunSummary& run = selected.first();
    QVector<core::Method> twins;
    for (const core::RunSummary& twin : twinsOf(run)) {
        twins.append(twin.spec.method);
    }
    const auto directory = twins.isEmpty() ? run.directory : run.directory.parent_path();
    if (checkpointOf(run) > 0) {
        m_services.training.start(run.spec, twins, QString::fromStdString(directory.string()),
                                  true);
        goToTrain();
        return;
    }
    const QString root = QString::fromStdString(directory.parent_path().string());
    const TwinRates rates = twinRatesOf(QVector<core::RunSummary> {run} + twinsOf(run));
    m_services.machine.look(
        {runDirectoryFor(root, run.spec)}, this,
        [this, spec = run.spec, twins, rates](const QVector<FolderLook>& looks) {
            m_services.training.start(spec, twins, looks.first().fresh, false, rates);
            goToTrain();
        });
}

void RunsPage::copyCommands()
{
    copyCommandsOf(selectedRuns(), m_services.machine, this);
}

// One that another program trains, on the Train page.
void RunsPage::watch()
{
    const QVector<core::RunSummary> selected = selectedRuns();
    if (!selected.isEmpty()) {
        m_services.training.watch(directoryOf(selected.first()));
        goToTrain();
    }
}

void RunsPage::look()
{
    constexpr int kDetails = 260; // px: a dozen settings
    m_table->selectRow(m_table->currentIndex().row());
    QList<int> sizes = m_rows->sizes();
    if (sizes[2] < kDetails && sizes[1] > m_loss->minimumHeight()) {
        const int more = std::min(kDetails - sizes[2], sizes[1] - m_loss->minimumHeight());
        sizes[1] -= more;
        sizes[2] += more;
        m_rows->setSizes(sizes);
    }
    m_differencesTable->setFocus();
}

// Runs that other windows and programs train are offered, never taken over.
void RunsPage::showOffer()
{
    const auto& runs = m_services.library.runs();
    const auto running = std::find_if(runs.cbegin(), runs.cend(),
                                      [](const auto& run) { return core::isLive(run.state); });
    const bool offers = running != runs.cend() && !m_services.training.isRunning();
    m_offer->setVisible(offers);
    if (offers) {
        m_offer->setText(tr("%1 is training: watch it").arg(runName(*running)));
        m_offer->setToolTip(directoryOf(*running));
    }
}

void RunsPage::openExport()
{
    const QVector<core::RunSummary> selected = selectedRuns();
    if (selected.size() == 1) {
        auto* dialog = new ExportDialog(m_services.exports, selected.first(), this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->open();
    }
}

void RunsPage::showRuns()
{
    QVector<RunsModel::Row> rows;
    for (const core::RunSummary& run : m_services.library.runs()) {
        rows.append({run, figuresOf(m_services.library.seriesOf(directoryOf(run)))});
    }
    m_model->setRows(rows);
    m_pages->setCurrentIndex(rows.isEmpty() ? 0 : 1);
    m_tableCard->setSubtitle(
        tr("%1 runs", nullptr, pluralOf(rows.size())).arg(formatCount(rows.size())));
    if (!m_selectedOnce && !rows.isEmpty()) {
        m_selectedOnce = true;
        selectNewest();
    }
    showSelection();
}

void RunsPage::selectNewest()
{
    const auto newest = m_services.library.runs().first().directory;
    QStringList directories;
    for (const core::RunSummary& run : m_services.library.runs()) {
        const bool isTwin = run.directory.filename() == core::methodName(run.spec.method)
            && run.directory.parent_path() == newest.parent_path();
        if (run.directory == newest || isTwin) {
            directories.append(directoryOf(run));
        }
    }
    m_table->selectRuns(directories);
}

QTableView* RunsPage::table() const
{
    return m_table;
}

QVector<core::RunSummary> RunsPage::selectedRuns() const
{
    return m_table->selectedRuns();
}

void RunsPage::showSelection()
{
    const QVector<core::RunSummary> runs = selectedRuns();
    QVector<RunSeries> records;
    for (const core::RunSummary& run : runs) {
        records.append(m_services.library.seriesOf(directoryOf(run)));
    }
    const QVector<RunCurve> curves = curvesOf(runs, records);
    m_loss->setSubtitle(
        runs.size() > 1
            ? tr("%1 runs", nullptr, pluralOf(runs.size())).arg(formatCount(runs.size()))
            : QString());
    m_loss->setLabelsOnLines(runs.size() > kFewRuns);
    m_loss->setCurves(curves);

    QStringList labels;
    QVector<QColor> colors;
    for (const RunCurve& curve : curves) {
        labels << curve.label;
        colors << curve.color;
    }
    showSettings(runs, labels, colors);
    showActions(runs);
    showOffer();
}

void RunsPage::showSettings(const QVector<core::RunSummary>& runs, const QStringList& labels,
                            const QVector<QColor>& colors)
{
    if (runs.size() == 1) {
        const auto records = m_services.library.seriesOf(directoryOf(runs.first()));
        m_differences->setRun(runs.first(), records.isEmpty() ? 0 : records.last().step,
                              labels.first(), colors.first());
    } else {
        m_differences->setRuns(runs, labels, colors);
    }
    m_settings->setTitle(runs.size() == 1 ? tr("Settings of %1").arg(runName(runs.first()))
                                          : tr("Configuration differences"));
    const bool any = m_differences->rowCount() > 0;
    const auto all = static_cast<std::int64_t>(core::specFields().size());
    m_settings->setSubtitle(runs.size() > 1 && any
                                ? tr("%1 of %2 settings", nullptr, pluralOf(all))
                                      .arg(formatCount(m_differences->rowCount()), formatCount(all))
                                : QString());
    m_differencesTable->setVisible(any);
    m_differencesHint->setVisible(!any);
    m_differencesHint->setText(
        runs.isEmpty() ? tr("Select a run: its settings stand here. Of two or more (Ctrl or Shift) "
                            "the keys in which they differ.")
                       : tr("These runs have the same configuration."));
}

void RunsPage::showActions(const QVector<core::RunSummary>& runs)
{
    for (QAction* action : {m_open, m_copyPath, m_copyCommand, m_compare, m_report}) {
        action->setEnabled(!runs.isEmpty());
    }
    m_template->setEnabled(runs.size() == 1);
    m_export->setEnabled(
        runs.size() == 1
        && (core::isComplete(runs.first().state) || runs.first().state == core::RunState::Stopped));
    m_exportButton->setEnabled(m_export->isEnabled());
    m_exportButton->setToolTip(
        m_export->isEnabled()
            ? tr("Take the run away: LoRA adapter, residual model and adapter, or merged model "
                 "(Ctrl+E)")
            : tr("Select one run that has ended to export it"));
    m_watch->setEnabled(runs.size() == 1 && core::isLive(runs.first().state)
                        && !(m_services.training.isRunning()
                             && m_services.training.inSight().isAt(directoryOf(runs.first()))));
    m_resume->setText(runs.size() == 1 && checkpointOf(runs.first()) == 0
                          ? tr("Begin anew in another folder")
                          : tr("Resume training"));
    m_resume->setEnabled(runs.size() == 1 && !m_services.training.isRunning()
                         && (runs.first().state == core::RunState::Stopped
                             || runs.first().state == core::RunState::Failed
                             || runs.first().state == core::RunState::Interrupted));
}

void RunsPage::take(const QVariant& with)
{
    const QStringList directories = with.toStringList();
    m_services.library.refresh([this, directories] { // the run may have ended just now
        m_selectedOnce = true;
        showRuns();
        m_table->selectRuns(directories);
        if (directories.size() == 1) {
            openExport();
        }
    });
}

QVector<NextStep> RunsPage::nextSteps() const
{
    QStringList all;
    for (const core::RunSummary& run : m_services.training.runs()) {
        all.append(directoryOf(run));
    }
    if (all.isEmpty()) {
        return {};
    }
    QVector<NextStep> steps {
        {tr("Export…"), tr("Take the adapter, or the model with it, away"), all.mid(0, 1)}};
    if (all.size() > 1) {
        steps.append({tr("Compare"), tr("The run and its twins side by side"), all});
    }
    return steps;
}

void RunsPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    m_services.library.refresh();
    m_timer.start();
}

void RunsPage::hideEvent(QHideEvent* event)
{
    Page::hideEvent(event);
    m_timer.stop();
}

} // namespace pissarro::ui
