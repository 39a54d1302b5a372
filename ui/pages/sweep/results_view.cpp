// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/sweep/results_view.h"

#include "core/sweep/sweep_series.h"
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/pages/sweep/parallel_plot.h"
#include "ui/pages/sweep/run_grid.h"
#include "ui/pages/sweep/score_plot.h"
#include "ui/pages/sweep/seeds_model.h"
#include "ui/pages/sweep/sweep_pictures.h"
#include "ui/services/sweep_queue.h"
#include "ui/views/method_dot_delegate.h"
#include "ui/widgets/card.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/field_look.h"
#include "ui/words/format.h"

#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QHeaderView>
#include <QScopedValueRollback>
#include <QSignalBlocker>
#include <QSortFilterProxyModel>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <optional>
#include <utility>

namespace pissarro::ui {

namespace {

enum Which { Grid, Rates, Settings, Table };

constexpr int kRowHeight = 26; // px
constexpr int kRecipeWidth = 180;

QComboBox* choice(const char* name, const QString& accessible)
{
    auto* box = new QComboBox;
    box->setObjectName(QLatin1String(name));
    box->setAccessibleName(accessible);
    box->setToolTip(accessible);
    box->setProperty("inTitle", true);
    box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    return box;
}

// A list that is open stays so while runs go on.
void fill(QComboBox* box, const QVector<std::pair<QString, QVariant>>& entries)
{
    bool same = box->count() == entries.size();
    for (int i = 0; same && i < box->count(); ++i) {
        same = box->itemData(i) == entries[i].second && box->itemText(i) == entries[i].first;
    }
    if (same) {
        return;
    }
    const QSignalBlocker quiet(box);
    const QVariant chosen = box->currentData();
    box->clear();
    for (const auto& [text, data] : entries) {
        box->addItem(text, data);
    }
    box->setCurrentIndex(std::max(0, box->findData(chosen)));
}

} // namespace

ResultsView::ResultsView(SweepQueue& queue, QObject* parent)
    : QObject(parent)
    , m_queue(queue)
    , m_oneRateCard(new Card(tr("The same rate for all")))
    , m_bestCard(new Card(tr("Each at its best rate")))
    , m_everyCard(new Card(tr("Every run")))
    , m_oneRate(new ScorePlot(QStringLiteral("sweep.oneRate"), tr("Score at one rate for all")))
    , m_best(new ScorePlot(QStringLiteral("sweep.bestRates"),
                           tr("Score of each method at its best rate")))
    , m_rates(choice("sweep.rate", tr("Learning rate for all")))
    , m_settings(choice("sweep.over", tr("Setting that scores are drawn over")))
    , m_which(new SegmentedControl(QStringLiteral("sweep.every.which"), tr("How runs are shown"),
                                   {tr("map"), tr("rates"), tr("settings"), tr("table")}))
    , m_pages(new QStackedWidget)
    , m_grid(new RunGrid(QStringLiteral("sweep.grid"), tr("Every run by rate")))
    , m_overRates(new ScorePlot(QStringLiteral("sweep.overRates"), tr("Score over the rate")))
    , m_parallel(
          new ParallelPlot(QStringLiteral("sweep.parallel"), tr("Runs in parallel coordinates")))
    , m_table(new SeedsModel(this))
    , m_sorted(new QSortFilterProxyModel(this))
    , m_tableView(new QTableView)
{
    buildOneRate();
    buildBest();
    buildTable();
    buildEvery();
    for (ScorePlot* plot : {m_oneRate, m_best, m_overRates}) {
        follow(plot);
    }
    connect(m_grid, &RunGrid::runChosen, this, &ResultsView::runChosen);
    connect(m_grid, &RunGrid::runOpened, this, &ResultsView::runOpened);
    connect(m_parallel, &ParallelPlot::runChosen, this, &ResultsView::runChosen);
    connect(m_parallel, &ParallelPlot::runOpened, this, &ResultsView::runOpened);
    connect(m_rates, &QComboBox::activated, this, &ResultsView::showScores);
    connect(m_settings, &QComboBox::activated, this, &ResultsView::showResults);
    connect(m_which, &SegmentedControl::changed, this, &ResultsView::showEvery);
    connect(&Theme::instance(), &Theme::changed, this, &ResultsView::showResults);
    showResults();
}

void ResultsView::follow(ScorePlot* plot)
{
    connect(plot, &ScorePlot::runChosen, this, &ResultsView::runChosen);
    connect(plot, &ScorePlot::runOpened, this, &ResultsView::runOpened);
}

void ResultsView::buildOneRate()
{
    m_oneRateCard->addTitleWidget(m_rates);
    m_oneRateCard->body()->addWidget(m_oneRate, 1);
    m_oneRate->setDifferences(true);
    m_oneRate->setEmptyText(tr("Scores draw here as runs of this rate come to their end."));
}

void ResultsView::buildBest()
{
    m_bestCard->addTitleWidget(m_settings);
    m_bestCard->body()->addWidget(m_best, 1);
    m_best->setEmptyText(
        tr("Each method's best rate draws here once all runs of a rate have come to their end."));
}

void ResultsView::buildEvery()
{
    m_overRates->setEmptyText(tr("Scores draw here as runs come to their end."));
    for (QWidget* page :
         std::initializer_list<QWidget*> {m_grid, m_overRates, m_parallel, m_tableView}) {
        m_pages->addWidget(page);
    }
    m_everyCard->addTitleWidget(m_which);
    m_everyCard->body()->addWidget(m_pages, 1);
}

void ResultsView::buildTable()
{
    m_sorted->setSourceModel(m_table);
    m_sorted->setSortRole(SeedsModel::kSortRole);
    m_sorted->setDynamicSortFilter(true);
    m_tableView->setModel(m_sorted);
    m_tableView->setObjectName(QStringLiteral("sweep.table"));
    m_tableView->setAccessibleName(tr("Recipes with their scores over seeds"));
    m_tableView->verticalHeader()->hide();
    m_tableView->verticalHeader()->setDefaultSectionSize(scaled(kRowHeight));
    m_tableView->setShowGrid(false);
    m_tableView->setWordWrap(false);
    m_tableView->setTextElideMode(Qt::ElideMiddle);
    m_tableView->setTabKeyNavigation(false);
    m_tableView->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_tableView->setSelectionMode(QAbstractItemView::SingleSelection);
    m_tableView->horizontalHeader()->setObjectName(QStringLiteral("figureHeader"));
    m_tableView->horizontalHeader()->setHighlightSections(false);
    m_tableView->setItemDelegateForColumn(SeedsModel::Recipe, new MethodDotDelegate(m_tableView));
    for (int column = SeedsModel::Score; column <= SeedsModel::Time; ++column) {
        m_tableView->setItemDelegateForColumn(column, new FigureDelegate(m_tableView));
    }
    m_tableView->horizontalHeader()->resizeSection(SeedsModel::Recipe, scaled(kRecipeWidth));
    m_tableView->horizontalHeader()->setStretchLastSection(true);
    m_tableView->setSortingEnabled(true);
    m_tableView->sortByColumn(-1, Qt::AscendingOrder); // as they were planned
    connect(m_tableView->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& current) {
                const QStringList runs = m_table->runsAt(m_sorted->mapToSource(current).row());
                if (!m_quiet && current.isValid() && !runs.isEmpty()) {
                    Q_EMIT runChosen(runs.first());
                }
            });
    connect(m_tableView, &QTableView::doubleClicked, this, [this](const QModelIndex& index) {
        const QStringList runs = m_table->runsAt(m_sorted->mapToSource(index).row());
        if (!runs.isEmpty()) {
            Q_EMIT runOpened(runs.first());
        }
    });
}

std::string ResultsView::setting() const
{
    return m_settings->currentData().toString().toStdString();
}

double ResultsView::rate() const
{
    return m_rates->currentData().toDouble();
}

void ResultsView::fillChoices()
{
    const SweepLook* look = m_queue.look();
    QVector<std::pair<QString, QVariant>> rates;
    QVector<std::pair<QString, QVariant>> settings;
    if (look != nullptr) {
        for (const double one : core::ratesOf(look->results)) {
            rates.append({formatRate(one), one});
        }
        for (const QString& key : variedSettings(look->results)) {
            settings.append({settingTitle(key.toStdString()), key});
        }
    }
    fill(m_rates, rates);
    fill(m_settings, settings);
    m_rates->setVisible(m_rates->count() > 1);
    m_settings->setVisible(m_settings->count() > 1);
}

void ResultsView::showResults()
{
    fillChoices();
    showScores();
    showEvery();
}

void ResultsView::showScores()
{
    const SweepLook* look = m_queue.look();
    ScorePicture one;
    ScorePicture best;
    if (look != nullptr) {
        one = pictureAtRate(look->results, setting(), rate());
        best = pictureAtBestRates(look->results, setting());
        const QString measure = measureTitle(look->results);
        const QString over = settingTitle(setting());
        m_oneRate->setTitles(over, measure);
        m_best->setTitles(over, measure);
        m_oneRateCard->setSubtitle(m_rates->count() == 1 ? m_rates->currentText() : QString());
        const bool open = std::any_of(best.lines.cbegin(), best.lines.cend(), [](const auto& line) {
            return std::any_of(line.points.cbegin(), line.points.cend(),
                               [](const ScorePoint& point) { return point.open; });
        });
        m_bestCard->setSubtitle(open ? tr("hollow: runs still to come")
                                     : tr("the rate beside the point"));
    }
    m_oneRate->setLines(one.columns, one.lines);
    m_best->setLines(best.columns, best.lines);
    auto range = m_oneRate->dataRange(); // they share y
    if (const auto other = m_best->dataRange(); other && range) {
        range = std::pair {std::min(range->first, other->first),
                           std::max(range->second, other->second)};
    } else if (other) {
        range = other;
    }
    m_oneRate->setRange(range);
    m_best->setRange(range);
}

void ResultsView::showEvery()
{
    m_pages->setCurrentIndex(m_which->current());
    const SweepLook* look = m_queue.look();
    const core::SweepResults none;
    const core::SweepResults& results = look != nullptr ? look->results : none;
    const QString measure = measureTitle(results);
    switch (m_which->current()) {
    case Grid: {
        const GridPicture picture = gridOf(results, setting());
        m_grid->setTitles(tr("learning rate"), settingTitle(setting()));
        m_grid->setBlocks(picture.rows, picture.blocks, isLowerBetter(results));
        m_everyCard->setSubtitle(setting().empty() ? tr("%1 by rate; ringed: the best").arg(measure)
                                                   : tr("%1; ringed: the best rate").arg(measure));
        return;
    }
    case Rates: {
        const ScorePicture picture = pictureOverRates(results);
        m_overRates->setTitles(tr("learning rate"), measure);
        m_overRates->setLines(picture.columns, picture.lines);
        m_everyCard->setSubtitle(tr("%1 over the learning rate").arg(measure));
        return;
    }
    case Settings: {
        const ParallelPicture picture = parallelOf(results);
        m_parallel->setRuns(picture.axes, measure, picture.runs);
        m_everyCard->setSubtitle(tr("a line a run, from its settings to its score"));
        return;
    }
    default:
        m_table->setResults(results);
        m_everyCard->setSubtitle(tr("mean ± standard error over seeds"));
    }
}

void ResultsView::setSelected(const QString& run)
{
    for (ScorePlot* plot : {m_oneRate, m_best, m_overRates}) {
        plot->setSelected(run);
    }
    m_grid->setSelected(run);
    m_parallel->setSelected(run);
    const QScopedValueRollback<bool> quiet(m_quiet, true);
    const int row = m_table->rowOf(run);
    if (row >= 0) {
        m_tableView->selectRow(m_sorted->mapFromSource(m_table->index(row, 0)).row());
    } else {
        m_tableView->clearSelection();
    }
}

void ResultsView::copyTable() const
{
    if (const SweepLook* look = m_queue.look()) {
        m_table->setResults(look->results);
        QGuiApplication::clipboard()->setText(m_table->csv());
    }
}

} // namespace pissarro::ui
