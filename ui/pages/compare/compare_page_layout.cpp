// SPDX-License-Identifier: GPL-3.0-or-later
// What the Compare page is made of.
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/pages/compare/compare_page.h"
#include "ui/pages/compare/compare_runs_model.h"
#include "ui/pages/compare/compare_table_model.h"
#include "ui/pages/compare/pair_view.h"
#include "ui/plot/line_plot.h"
#include "ui/services/services.h"
#include "ui/views/method_dot_delegate.h"
#include "ui/views/overlay_card.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/page_action.h"
#include "ui/widgets/page_splitter.h"
#include "ui/widgets/scroll_column.h"
#include "ui/widgets/segmented_control.h"

#include <QAction>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QStackedLayout>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace pissarro::ui {

namespace {

constexpr int kRowHeight = 28; // px
constexpr int kLastWidth = 76;
constexpr int kFirstColumn = 170;
constexpr int kColumn = 104;
constexpr int kLeastColumn = 64;
constexpr int kMostColumn = 260;

void styleTable(QTableView* table, const char* name, const QString& accessible)
{
    table->setObjectName(QLatin1String(name));
    table->setAccessibleName(accessible);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(scaled(kRowHeight));
    table->setShowGrid(false);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setTextElideMode(Qt::ElideMiddle);
    table->setWordWrap(false);
    table->setTabKeyNavigation(false);
    table->horizontalHeader()->setHighlightSections(false);
    table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
}

// As wide as what they hold and what they are called, within bounds.
void fitColumns(QTableView* table)
{
    table->resizeColumnsToContents();
    QHeaderView* header = table->horizontalHeader();
    for (int column = 0; column < header->count(); ++column) {
        const int least = scaled(column == 0 ? kFirstColumn : kLeastColumn);
        header->resizeSection(column,
                              std::clamp(header->sectionSize(column), least, scaled(kMostColumn)));
    }
}

// Figures in columns of digits; which columns hold them changes with what differs.
class CellDelegate : public FigureDelegate {
public:
    CellDelegate(const CompareTableModel* table, QObject* parent)
        : FigureDelegate(parent)
        , m_table(table)
    {
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override
    {
        m_table->isFigure(index.column()) ? FigureDelegate::paint(painter, option, index)
                                          : QStyledItemDelegate::paint(painter, option, index);
    }

private:
    const CompareTableModel* m_table;
};

QPushButton* buttonFor(QAction* action, const char* name, const QString& accessible)
{
    auto* button = new QPushButton(action->text());
    button->setObjectName(QLatin1String(name));
    button->setAccessibleName(accessible);
    button->setToolTip(accessible);
    QObject::connect(button, &QPushButton::clicked, action, &QAction::trigger);
    return button;
}

} // namespace

ComparePage::ComparePage(Services& services, QWidget* parent)
    : Page(parent)
    , m_services(services)
    , m_runs(new CompareRunsModel(this))
    , m_found(new CompareRunsFilter(m_runs, this))
    , m_list(new QTableView)
    , m_search(new QLineEdit)
    , m_problem(new QLabel)
    , m_progress(new QProgressBar)
    , m_cancel(new QPushButton(tr("Cancel")))
    , m_overlay(new OverlayCard(QStringLiteral("compare")))
    , m_table(new CompareTableModel(this))
    , m_sorted(new QSortFilterProxyModel(this))
    , m_tableView(new QTableView)
    , m_which(new SegmentedControl(QStringLiteral("compare.which"), tr("Settings and figures"),
                                   {tr("differences"), tr("all")}))
    , m_pair(new PairView(services))
    , m_pages(new QStackedLayout(this))
{
    buildActions();
    m_pages->addWidget(buildEmpty());
    m_pages->addWidget(buildContent());
    m_pages->addWidget(scrollColumn(m_pair)); // a low window scrolls it
    connectPair();
    Overlay& overlay = m_services.overlay;
    const auto runs = [this] { whenInSight("runs", [this] { showRuns(); }); };
    connect(&m_services.library, &RunLibrary::changed, this, runs);
    connect(&overlay, &Overlay::othersChanged, this, runs);
    connect(&overlay, &Overlay::changed, this,
            [this] { whenInSight("picture", [this] { showPicture(); }); });
    connect(&overlay, &Overlay::stateChanged, this,
            [this] { whenInSight("state", [this] { showState(); }); });
    connect(m_runs, &CompareRunsModel::chosenChanged, this, [this] {
        whenInSight("chosen", [this] { readChosen(); });
        Q_EMIT stateToKeep();
    });
    connect(m_overlay, &OverlayCard::wishChanged, this,
            [this] { m_services.overlay.setWish(m_overlay->wish()); });
    connect(m_which, &SegmentedControl::changed, this, &ComparePage::showTable);
    connect(&Theme::instance(), &Theme::changed, this, [this] {
        m_runs->showTheme();
        m_pair->showTheme();
        whenInSight("picture", [this] { showPicture(); });
    });
    showRuns();
    showState();
}

void ComparePage::connectPair()
{
    const PairCard* card = m_pair->card();
    connect(card->backButton(), &QPushButton::clicked, this, [this] { showPair(false); });
    connect(card->swapButton(), &QPushButton::clicked, m_pair, &PairView::swap);
    connect(card->reportButton(), &QPushButton::clicked, m_report, &QAction::trigger);
    card->swapButton()->setToolTip(tr("Swap A and B (X)"));
    card->reportButton()->setToolTip(
        tr("Write a report (%1)").arg(m_report->shortcut().toString(QKeySequence::NativeText)));
    connect(card, &PairCard::evaluationWanted, this, &ComparePage::addEvaluation);
    connect(card, &PairCard::evaluationUnwanted, this, [this](const QString& folder) {
        QStringList folders = m_services.pair.evaluations();
        folders.removeAll(folder);
        setEvaluations(folders);
    });
    connect(m_pair, &PairView::pairChosen, this, &Page::stateToKeep);
    connect(m_pair, &PairView::faultFound, this, [this](const QString& fault) {
        Q_EMIT failed(
            {tr("The updates cannot be laid over one another"), m_pair->pair().value(1), fault});
    });
    connect(m_pair, &PairView::ranksWanted, this, &ComparePage::useRanks);
}

QWidget* ComparePage::buildEmpty()
{
    auto* empty = new EmptyState(
        QStringLiteral("compare.empty"), QStringLiteral("compare"), tr("Nothing to compare yet"),
        tr("Train a model, or open the run of another program: a trainer_state.json, a "
           "trainer_log.jsonl or TensorBoard's event files (or drop one here)."),
        tr("Train a model"));
    empty->below()->addWidget(
        buttonFor(m_add, "compare.empty.add", tr("Open the run of another program")), 0,
        Qt::AlignHCenter);
    connect(empty, &EmptyState::acted, this, [this] { Q_EMIT go(QStringLiteral("train"), {}); });
    return empty;
}

QWidget* ComparePage::buildContent()
{
    m_runsCard = buildRuns();
    m_tableCard = buildTable();
    m_overlay->setMinimumHeight(scaled(220));
    QSplitter* right =
        pageSplitter("compare.rows", Qt::Vertical, m_overlay, m_tableCard, {520, 260});
    right->setStretchFactor(0, 3);
    right->setStretchFactor(1, 1);
    QSplitter* all = pageSplitter("compare.columns", Qt::Horizontal, m_runsCard, right, {300, 900});
    all->setStretchFactor(0, 0);
    all->setStretchFactor(1, 1);
    return all;
}

Card* ComparePage::buildRuns()
{
    auto* card = new Card(tr("Runs"));
    card->setMinimumWidth(scaled(220));
    m_search->setObjectName(QStringLiteral("compare.search"));
    m_search->setAccessibleName(tr("Look for runs"));
    m_search->setPlaceholderText(tr("Name, method, setting: lr>1e-4"));
    m_search->setToolTip(tr("All words must hold: parts of names, or a setting or figure with =, "
                            "!=, <, <=, >, >= or : (holds); - before a word: not so"));
    m_search->setClearButtonEnabled(true);
    connect(m_search, &QLineEdit::textChanged, this, &ComparePage::search);
    m_problem->setObjectName(QStringLiteral("compare.problem"));
    m_problem->setProperty("role", QByteArray("bad"));
    m_problem->setWordWrap(true);
    m_problem->hide();
    m_list->setModel(m_found);
    styleTable(m_list, "compare.runs", tr("Runs that may be drawn"));
    m_list->setSelectionMode(QAbstractItemView::SingleSelection);
    m_list->setItemDelegateForColumn(CompareRunsModel::Last, new FigureDelegate(m_list));
    m_list->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_list->addActions({m_none, m_remove});
    m_list->horizontalHeader()->setSectionResizeMode(CompareRunsModel::Name, QHeaderView::Stretch);
    m_list->horizontalHeader()->resizeSection(CompareRunsModel::Last, scaled(kLastWidth));
    connect(m_list->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        const auto rows = m_list->selectionModel()->selectedRows();
        m_remove->setEnabled(!rows.isEmpty()
                             && !m_runs->runAt(m_found->mapToSource(rows.first()).row()).own);
    });
    m_progress->setObjectName(QStringLiteral("compare.progress"));
    m_progress->setAccessibleName(tr("Runs that were read"));
    m_progress->setTextVisible(false);
    m_progress->setMinimumWidth(scaled(40));
    m_cancel->setObjectName(QStringLiteral("compare.cancel"));
    m_cancel->setAccessibleName(tr("Read no more runs"));
    connect(m_cancel, &QPushButton::clicked, &m_services.overlay, &Overlay::cancel);
    auto* foot = new QHBoxLayout;
    foot->addWidget(buttonFor(m_add, "compare.add", tr("Open the run of another program")));
    foot->addWidget(m_progress, 1);
    foot->addWidget(m_cancel);
    foot->addStretch(0);
    auto* closely = new QPushButton(tr("A and B…"));
    closely->setObjectName(QStringLiteral("compare.closely"));
    closely->setAccessibleName(tr("Two runs closely"));
    closely->setToolTip(
        tr("Two runs closely: what may be said, and where their updates went (%1)")
            .arg(QKeySequence(Qt::CTRL | Qt::Key_B).toString(QKeySequence::NativeText)));
    connect(closely, &QPushButton::clicked, this, [this] { showPair(true); });
    card->addTitleWidget(closely);
    card->addTitleWidget(buttonFor(m_report, "compare.reportButton", tr("Write a report")));
    card->body()->addWidget(m_search);
    card->body()->addWidget(m_problem);
    card->body()->addWidget(m_list, 1);
    card->body()->addLayout(foot);
    return card;
}

Card* ComparePage::buildTable()
{
    auto* card = new Card(tr("What differs"));
    card->setMinimumHeight(scaled(120));
    m_sorted->setSourceModel(m_table);
    m_sorted->setSortRole(CompareTableModel::kSortRole);
    m_sorted->setDynamicSortFilter(true);
    m_tableView->setModel(m_sorted);
    styleTable(m_tableView, "compare.table", tr("Where the runs that are drawn differ"));
    m_tableView->setSelectionMode(QAbstractItemView::SingleSelection);
    m_tableView->setItemDelegate(new CellDelegate(m_table, m_tableView));
    m_tableView->setItemDelegateForColumn(0, new MethodDotDelegate(m_tableView));
    m_tableView->setSortingEnabled(true);
    m_tableView->sortByColumn(-1, Qt::AscendingOrder); // as they were chosen
    m_tableView->horizontalHeader()->setDefaultSectionSize(scaled(kColumn));
    connect(m_sorted, &QAbstractItemModel::modelReset, m_tableView,
            [this] { fitColumns(m_tableView); });
    auto* copy = new QPushButton(tr("Copy"));
    copy->setObjectName(QStringLiteral("compare.copy"));
    copy->setAccessibleName(tr("Copy the table or the commands"));
    copy->setToolTip(tr("The table as CSV, or the commands that train such runs"));
    auto* menu = new QMenu(copy);
    menu->setObjectName(QStringLiteral("compare.copy.menu"));
    menu->addActions({m_copyTable, m_copyCommands});
    copy->setMenu(menu);
    card->addTitleWidget(m_which);
    card->addTitleWidget(copy);
    card->body()->addWidget(m_tableView, 1);
    return card;
}

void ComparePage::buildActions()
{
    const auto add = [this](const char* name, const QString& text, const QKeySequence& keys,
                            auto run) {
        return addPageAction(this, QLatin1String(name), text, keys, run);
    };
    add("compare.refresh", tr("&Refresh"), QKeySequence::Refresh, [this] {
        m_services.library.refresh();
        m_services.overlay.refresh();
    });
    addActionSeparator(this);
    m_add = add("compare.others", tr("Open others' run…"), Qt::CTRL | Qt::SHIFT | Qt::Key_A,
                [this] { addOthers(); });
    m_remove = add("compare.remove", tr("Take others' run off the list"), {},
                   [this] { removeSelected(); });
    m_remove->setEnabled(false);
    m_none = add("compare.none", tr("Draw none"), Qt::CTRL | Qt::SHIFT | Qt::Key_N,
                 [this] { m_runs->setChosen({}); });
    addActionSeparator(this);
    m_copyTable = add("compare.copyTable", tr("Copy table as CSV"),
                      Qt::CTRL | Qt::SHIFT | Qt::Key_C, [this] { copyTable(); });
    m_copyCommands = add("compare.copyCommands", tr("Copy commands"),
                         Qt::CTRL | Qt::SHIFT | Qt::Key_K, [this] { copyCommands(); });
    addActionSeparator(this);
    add("compare.pair", tr("Two runs closely"), Qt::CTRL | Qt::Key_B,
        [this] { showPair(!m_showsPair); });
    m_ofPair = {add("compare.swap", tr("Swap A and B"), Qt::Key_X, [this] { m_pair->swap(); }),
                add("compare.earlier", tr("Earlier checkpoint"), Qt::ALT | Qt::Key_Left,
                    [this] { m_pair->moveStep(-1); }),
                add("compare.later", tr("Later checkpoint"), Qt::ALT | Qt::Key_Right,
                    [this] { m_pair->moveStep(1); }),
                add("compare.evaluation", tr("Add the folder of an evaluation…"),
                    Qt::CTRL | Qt::SHIFT | Qt::Key_J, [this] { addEvaluation(); })};
    m_report = add("compare.report", tr("Report…"), Qt::CTRL | Qt::SHIFT | Qt::Key_B,
                   [this] { openReport(); });
    add("compare.find", tr("&Find"), QKeySequence::Find, [this] {
        m_search->setFocus(Qt::ShortcutFocusReason);
        m_search->selectAll();
    });
}

} // namespace pissarro::ui
