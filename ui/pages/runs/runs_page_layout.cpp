// SPDX-License-Identifier: GPL-3.0-or-later
// What the Runs page is made of.
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/pages/runs/differences_model.h"
#include "ui/pages/runs/runs_page.h"
#include "ui/pages/runs/runs_tree.h"
#include "ui/plot/line_plot.h"
#include "ui/services/services.h"
#include "ui/views/overlay_card.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/page_action.h"
#include "ui/widgets/page_splitter.h"
#include "ui/widgets/segmented_control.h"

#include <QAction>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSplitter>
#include <QStackedLayout>
#include <QTableView>
#include <QVBoxLayout>

#include <array>

namespace pissarro::ui {

namespace {

constexpr int kRefreshMs = 1000;

// What the list is put in order by, beside the heads of its columns.
struct Order {
    const char* title;
    int column;
    Qt::SortOrder order;
};
constexpr std::array kOrders {
    Order {QT_TRANSLATE_NOOP("pissarro::ui::RunsPage", "newest first"), RunsModel::Started,
           Qt::DescendingOrder},
    Order {QT_TRANSLATE_NOOP("pissarro::ui::RunsPage", "name"), RunsModel::Name,
           Qt::AscendingOrder},
    Order {QT_TRANSLATE_NOOP("pissarro::ui::RunsPage", "last loss"), RunsModel::FinalLoss,
           Qt::AscendingOrder},
    Order {QT_TRANSLATE_NOOP("pissarro::ui::RunsPage", "rank"), RunsModel::Rank,
           Qt::AscendingOrder},
    Order {QT_TRANSLATE_NOOP("pissarro::ui::RunsPage", "learning rate"), RunsModel::Rate,
           Qt::AscendingOrder},
    Order {QT_TRANSLATE_NOOP("pissarro::ui::RunsPage", "steps"), RunsModel::Steps,
           Qt::DescendingOrder},
};

QString withKeys(const QString& tip, const QAction* action)
{
    const QString keys = action->shortcut().toString(QKeySequence::NativeText);
    return keys.isEmpty() ? tip : QStringLiteral("%1 (%2)").arg(tip, keys);
}

QPushButton* buttonFor(QAction* action, const char* name, const QString& accessible)
{
    auto* button = new QPushButton(action->text());
    button->setObjectName(QLatin1String(name));
    button->setAccessibleName(accessible);
    button->setToolTip(withKeys(accessible, action));
    QObject::connect(button, &QPushButton::clicked, action, &QAction::trigger);
    return button;
}

} // namespace

RunsPage::RunsPage(Services& services, QWidget* parent)
    : Page(parent)
    , m_services(services)
    , m_model(new RunsModel(this))
    , m_tree(new RunsTree(m_model))
    , m_search(new QLineEdit)
    , m_problem(new QLabel)
    , m_group(new SegmentedControl(QStringLiteral("runs.group"), tr("Groups"),
                                   {tr("sweep"), tr("model"), tr("data"), tr("none")}))
    , m_sort(new QComboBox)
    , m_overlay(new OverlayCard(QStringLiteral("runs")))
    , m_differences(new DifferencesModel(this))
    , m_differencesTable(new QTableView)
    , m_differencesHint(new QLabel)
    , m_which(new SegmentedControl(QStringLiteral("runs.which"), tr("What is told of runs"),
                                   {tr("differences"), tr("all"), tr("the selected run")}))
    , m_chosen(new QLabel)
    , m_exportButton(nullptr)
    , m_offer(new QPushButton)
    , m_pages(new QStackedLayout(this))
{
    buildActions();
    buildMarkActions();
    m_pages->addWidget(buildEmpty());
    m_pages->addWidget(buildContent());
    m_timer.setInterval(kRefreshMs);
    connectAll();
    showRuns();
}

void RunsPage::connectAll()
{
    connect(&m_timer, &QTimer::timeout, this, [this] { m_services.library.refresh(); });
    const auto runs = [this] { whenInSight("runs", [this] { showRuns(); }); };
    const auto picture = [this] { whenInSight("picture", [this] { showPicture(); }); };
    connect(&m_services.library, &RunLibrary::changed, this, runs);
    connect(&m_services.overlay, &Overlay::othersChanged, this, runs);
    connect(&m_services.drawn, &Overlay::changed, this, picture);
    connect(&m_services.training, &Training::stateChanged, this,
            [this] { whenInSight("selection", [this] { showSelection(); }); });
    connect(m_model, &RunsModel::drawnChanged, this, [this] {
        whenInSight("drawn", [this] { readDrawn(); });
        Q_EMIT stateToKeep();
    });
    connect(m_tree->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &RunsPage::showSelection);
    connect(m_overlay, &OverlayCard::wishChanged, this,
            [this] { m_services.drawn.setWish(m_overlay->wish()); });
    connect(m_which, &SegmentedControl::changed, this, &RunsPage::showBelow);
    connect(m_group, &SegmentedControl::changed, this, [this](int place) {
        m_model->setGrouping(static_cast<core::RunGrouping>(place));
        Q_EMIT stateToKeep();
    });
    connect(m_sort, &QComboBox::activated, this, [this](int place) {
        const Order& order = kOrders[static_cast<std::size_t>(place)];
        m_model->sort(order.column, order.order);
        Q_EMIT stateToKeep();
    });
    connect(m_search, &QLineEdit::textChanged, this, &RunsPage::search);
    connect(&Theme::instance(), &Theme::changed, this, [this, picture] {
        m_model->showTheme();
        picture();
    });
}

QWidget* RunsPage::buildEmpty()
{
    auto* empty = new EmptyState(
        QStringLiteral("runs.empty"), QStringLiteral("runs"), tr("No runs yet"),
        tr("Train a model, or add a folder that holds runs (or drop one here)."), tr("New run"));
    empty->below()->addWidget(buttonFor(m_add, "runs.empty.add", tr("Add a folder with runs")), 0,
                              Qt::AlignHCenter);
    connect(empty, &EmptyState::acted, this, [this] { goToTrain(); });
    return empty;
}

QWidget* RunsPage::buildContent()
{
    m_list = buildList();
    m_below = buildDifferences();
    m_overlay->setMinimumHeight(scaled(220));
    m_overlay->plot()->setEmptyText(tr("Check runs at the left: their curves draw here."));
    QSplitter* right = pageSplitter("runs.rows", Qt::Vertical, m_overlay, m_below, {480, 300});
    right->setStretchFactor(0, 3);
    right->setStretchFactor(1, 2);
    QSplitter* all = pageSplitter("runs.columns", Qt::Horizontal, m_list, right, {380, 820});
    all->setStretchFactor(0, 0);
    all->setStretchFactor(1, 1);
    return all;
}

Card* RunsPage::buildList()
{
    auto* card = new Card(tr("Runs"));
    m_offer->setObjectName(QStringLiteral("runs.offer"));
    m_offer->setAccessibleName(tr("Watch a run that is training"));
    m_offer->setProperty("kind", QByteArray("link"));
    m_offer->hide();
    connect(m_offer, &QPushButton::clicked, this, [this] {
        m_services.training.watch(m_offer->toolTip());
        goToTrain();
    });
    QPushButton* add = buttonFor(m_add, "runs.add", tr("Add a folder with runs; or drop one here"));
    add->setProperty("kind", QByteArray("link"));
    card->addTitleWidget(add);
    m_search->setObjectName(QStringLiteral("runs.search"));
    m_search->setAccessibleName(tr("Look for runs"));
    m_search->setPlaceholderText(tr("Name, tag, setting: lr>1e-4"));
    m_search->setToolTip(
        tr("All words must hold: parts of names, notes and tags, or a setting or figure with =, "
           "!=, <, <=, >, >= or : (holds); - before a word: not so (Ctrl+F)"));
    m_search->setClearButtonEnabled(true);
    m_problem->setObjectName(QStringLiteral("runs.problem"));
    m_problem->setProperty("role", QByteArray("bad"));
    m_problem->setWordWrap(true);
    m_problem->hide();
    m_sort->setObjectName(QStringLiteral("runs.sort"));
    m_sort->setAccessibleName(tr("Order of the runs"));
    m_sort->setToolTip(tr("Order of the runs; a click on the head of a column is another"));
    for (const Order& order : kOrders) {
        m_sort->addItem(tr(order.title));
    }
    m_sort->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_sort->setMinimumContentsLength(9);
    connect(m_tree, &QWidget::customContextMenuRequested, this, &RunsPage::showMenu);
    connect(m_tree, &QTreeView::activated, this, &RunsPage::look);
    connect(m_tree, &RunsTree::compareAsked, this, &RunsPage::compare);
    auto* order = new QHBoxLayout;
    order->addWidget(m_group);
    order->addStretch(1);
    order->addWidget(m_sort);
    card->body()->addWidget(m_search);
    card->body()->addWidget(m_problem);
    card->body()->addLayout(order);
    card->body()->addWidget(m_offer, 0, Qt::AlignLeft);
    card->body()->addWidget(m_tree, 1);
    card->body()->addWidget(buildFoot());
    return card;
}

QWidget* RunsPage::buildFoot()
{
    auto* foot = new QWidget;
    auto* row = new QHBoxLayout(foot);
    row->setContentsMargins(0, 0, 0, 0);
    m_chosen->setObjectName(QStringLiteral("runs.chosen"));
    m_chosen->setProperty("role", QByteArray("muted"));
    m_exportButton = buttonFor(m_export, "runs.export", tr("Export the selected run"));
    auto* columns = new QPushButton(tr("Columns…"));
    columns->setObjectName(QStringLiteral("runs.columns.button"));
    columns->setAccessibleName(tr("Choose the columns of the list"));
    columns->setToolTip(tr("Choose what the list tells of each run"));
    connect(columns, &QPushButton::clicked, this, [this, columns] { chooseColumns(columns); });
    auto* more = new QPushButton(QStringLiteral("⋯"));
    more->setObjectName(QStringLiteral("runs.more"));
    more->setAccessibleName(tr("More of the selected runs"));
    more->setToolTip(tr("All that can be done with the selected runs"));
    connect(more, &QPushButton::clicked, this, [this, more] {
        showMenu(m_tree->viewport()->mapFromGlobal(more->mapToGlobal(QPoint(0, 0))));
    });
    row->addWidget(m_chosen);
    row->addStretch(1);
    row->addWidget(columns);
    row->addWidget(m_exportButton);
    row->addWidget(more);
    return foot;
}

Card* RunsPage::buildDifferences()
{
    auto* card = new Card(tr("What differs"));
    card->setMinimumHeight(scaled(120));
    m_differencesTable->setObjectName(QStringLiteral("runs.differences"));
    m_differencesTable->setAccessibleName(
        tr("Where the runs that are drawn differ, or the settings of the selected run"));
    m_differencesTable->setModel(m_differences);
    styleTable(m_differencesTable);
    m_differencesTable->setSelectionMode(QAbstractItemView::SingleSelection);
    QHeaderView* header = m_differencesTable->horizontalHeader();
    header->setSectionResizeMode(QHeaderView::Stretch);
    connect(m_differences, &QAbstractItemModel::modelReset, header, [this, header] {
        if (m_differences->columnCount() > 0) { // names of settings are short, values may be long
            header->setSectionResizeMode(0, QHeaderView::ResizeToContents);
        }
    });
    m_differencesHint->setObjectName(QStringLiteral("runs.differences.hint"));
    m_differencesHint->setProperty("role", QByteArray("muted"));
    m_differencesHint->setWordWrap(true);
    card->addTitleWidget(m_which);
    card->addTitleWidget(buttonFor(m_compare, "runs.compare",
                                   tr("The selected runs, or those that are drawn, side by side")));
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
    add(tr("&Refresh"), QKeySequence::Refresh, [this] {
        m_services.library.refresh();
        m_services.drawn.refresh();
    });
    add(tr("&Find"), QKeySequence::Find, [this] {
        m_search->setFocus(Qt::ShortcutFocusReason);
        m_search->selectAll();
    });
    m_archived = add(tr("Show archived runs"), Qt::CTRL | Qt::SHIFT | Qt::Key_H, [] {});
    m_archived->setCheckable(true);
    connect(m_archived, &QAction::toggled, this, [this](bool on) {
        m_model->setArchivedShown(on);
        showRuns();
    });
    addActionSeparator(this);
    m_add = add(tr("Add folder…"), Qt::CTRL | Qt::SHIFT | Qt::Key_A, [this] { chooseFolder(); });
    m_open = add(tr("Open folder"), Qt::CTRL | Qt::SHIFT | Qt::Key_E, [this] { openFolders(); });
    m_log = add(tr("Show log"), Qt::CTRL | Qt::SHIFT | Qt::Key_G, [this] { showLog(); });
    m_copyPath = add(tr("Copy path"), Qt::CTRL | Qt::SHIFT | Qt::Key_P, [this] { copyPaths(); });
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

// Its key works in the list alone: elsewhere letters are typed.
QAction* RunsPage::addListAction(const char* name, const QString& text, const QKeySequence& keys,
                                 const std::function<void()>& run)
{
    QAction* action = addPageAction(this, QLatin1String(name), text, keys, run);
    action->setShortcutContext(Qt::WidgetShortcut);
    m_tree->addAction(action);
    return action;
}

void RunsPage::buildMarkActions()
{
    addActionSeparator(this);
    m_draw =
        addListAction("runs.draw", tr("Draw"), Qt::Key_Space, [this] { m_tree->toggleDrawn(); });
    m_look = addListAction("runs.look", tr("Open"), Qt::Key_Return, [this] { look(); });
    m_markActions = {
        addListAction("runs.pin", tr("Pin"), Qt::Key_P, [this] { pin(); }),
        addListAction("runs.tag", tr("Tags…"), Qt::Key_T, [this] { askForTags(); }),
        addListAction("runs.colour", tr("Colour…"), Qt::Key_C, [this] { askForColour(); }),
        addListAction("runs.rename", tr("Rename…"), Qt::Key_F2, [this] { askForName(); }),
        addListAction("runs.notes", tr("Notes…"), Qt::Key_N, [this] { askForNotes(); }),
        addListAction("runs.archive", tr("Archive"), Qt::Key_Delete, [this] { archive(); }),
        addListAction("runs.trash", tr("Move to trash"), Qt::SHIFT | Qt::Key_Delete,
                      [this] { trash(); }),
    };
}

} // namespace pissarro::ui
