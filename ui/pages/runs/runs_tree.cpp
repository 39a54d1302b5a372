// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs/runs_tree.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/pages/runs/run_cells.h"
#include "ui/views/run_curves.h"
#include "ui/widgets/figures.h"

#include <QApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QScopedValueRollback>
#include <QStyledItemDelegate>
#include <QTableView>

#include <algorithm>
#include <array>

namespace pissarro::ui {

namespace {

constexpr int kRowHeight = 28; // px
constexpr int kStatusWidth = 118; // px, beside columns
constexpr int kLeastStatus = 76; // px, alone
constexpr int kMostStatus = 170; // px, alone
constexpr int kColumnWidth = 96; // px
constexpr int kNameWidth = 190; // px, of a name beside columns
constexpr int kGap = 6; // px, between name and tags
constexpr int kChipPadding = 5; // px
constexpr double kChipText = 11; // px

// Of RunsModel's own columns, as core::runColumns() calls them.
constexpr std::array<const char*, RunsModel::FirstOther> kKeys {
    "name", "status",    "method",    "model",        "rank",  "learning_rate",
    "step", "last_loss", "mean_loss", "tokens_per_s", "state", "started"};

bool isCompare(const QKeyEvent& event)
{
    return event.key() == Qt::Key_D && event.modifiers() == Qt::ControlModifier;
}

// A name with its check and its curve, then its tags and the pin; of a group what stands behind its title.
class NameDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override
    {
        QStyleOptionViewItem item(option);
        initStyleOption(&item, index);
        const QWidget* widget = option.widget;
        QStyle* style = widget != nullptr ? widget->style() : QApplication::style();
        const QRect box = style->subElementRect(QStyle::SE_ItemViewItemText, &item, widget);
        QStringList chips = index.data(RunsModel::TagsRole).toStringList();
        if (index.data(RunsModel::PinnedRole).toBool()) {
            chips.prepend(QStringLiteral("⚲"));
        }
        const QFont small = sized(option.font, kChipText);
        const QFontMetrics chipText(small);
        const int room = box.width();
        QVector<int> widths;
        for (const QString& chip : chips) { // a name comes before its tags
            widths.append(chipText.horizontalAdvance(chip) + 2 * scaled(kChipPadding));
        }
        const int name =
            std::min(room, item.fontMetrics.horizontalAdvance(item.text) + scaled(kGap));
        item.text = item.fontMetrics.elidedText(item.text, Qt::ElideMiddle, room);
        style->drawControl(QStyle::CE_ItemViewItem, &item, painter, widget);
        painter->save();
        painter->setFont(small);
        int left = box.left() + name + scaled(kGap);
        drawMuted(*painter, index.data(RunsModel::MutedRole).toString(), box, left);
        for (qsizetype i = 0; i < chips.size(); ++i) {
            if (left + widths[i] > box.right()) {
                break;
            }
            drawChip(*painter, chips[i],
                     {left, box.center().y() - chipText.height() / 2 - 1, widths[i],
                      chipText.height() + 2});
            left += widths[i] + scaled(kGap);
        }
        painter->restore();
    }

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        return {QStyledItemDelegate::sizeHint(option, index).width(), scaled(kRowHeight)};
    }

private:
    static void drawMuted(QPainter& painter, const QString& text, const QRect& box, int left)
    {
        const QRect place(left, box.top(), box.right() - left, box.height());
        if (!text.isEmpty() && place.width() > 0) {
            painter.setPen(Theme::instance().colors().muted);
            painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter,
                             painter.fontMetrics().elidedText(text, Qt::ElideRight, place.width()));
        }
    }

    static void drawChip(QPainter& painter, const QString& text, const QRect& box)
    {
        const Colors& colors = Theme::instance().colors();
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(colors.line);
        painter.setBrush(colors.page);
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3);
        painter.setPen(colors.muted);
        painter.drawText(box, Qt::AlignCenter, text);
    }
};

} // namespace

void styleTable(QTableView* table)
{
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(scaled(kRowHeight));
    table->setShowGrid(false);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setTextElideMode(Qt::ElideMiddle);
    table->setWordWrap(false);
    table->setTabKeyNavigation(false);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setTextElideMode(Qt::ElideMiddle);
    table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
}

RunsTree::RunsTree(RunsModel* model, QWidget* parent)
    : QTreeView(parent)
    , m_runs(model)
{
    setObjectName(QStringLiteral("runs.table"));
    setAccessibleName(tr("Runs"));
    setModel(model);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setContextMenuPolicy(Qt::CustomContextMenu);
    setUniformRowHeights(true); // a thousand of them
    setIndentation(scaled(14));
    setTextElideMode(Qt::ElideMiddle);
    setExpandsOnDoubleClick(true);
    setItemDelegateForColumn(RunsModel::Name, new NameDelegate(this));
    auto* figures = new FigureDelegate(this);
    for (int column = RunsModel::Method; column < model->columnCount(); ++column) {
        if (isFigureColumn(column)) {
            setItemDelegateForColumn(column, figures);
        }
    }
    header()->setMinimumSectionSize(scaled(48));
    header()->setStretchLastSection(false);
    header()->setSectionsMovable(false);
    header()->setSectionsClickable(true);
    connect(header(), &QHeaderView::sectionClicked, this, [this](int column) {
        const bool isText = !isFigureColumn(column) && column != RunsModel::Started;
        m_runs->sort(column, isText ? Qt::AscendingOrder : Qt::DescendingOrder);
    });
    connect(this, &QTreeView::collapsed, this, [this](const QModelIndex& group) {
        if (!m_opening) {
            m_closed.insert(m_runs->groupKeyAt(group.row()));
        }
    });
    connect(this, &QTreeView::expanded, this, [this](const QModelIndex& group) {
        if (!m_opening) {
            m_closed.remove(m_runs->groupKeyAt(group.row()));
        }
    });
    connect(model, &RunsModel::rebuilt, this, [this] {
        openGroups();
        fitStatusOfAll();
    });
    connect(model, &QAbstractItemModel::dataChanged, this,
            [this](const QModelIndex& first, const QModelIndex& last) {
                fitStatus(first.parent(), first.row(), last.row());
            });
    showColumns({});
}

bool RunsTree::event(QEvent* event)
{
    if (event->type() == QEvent::ShortcutOverride && isCompare(*static_cast<QKeyEvent*>(event))) {
        event->accept(); // it comes as a key, then, and not as the menu's
        return true;
    }
    return QTreeView::event(event);
}

void RunsTree::keyPressEvent(QKeyEvent* event)
{
    if (isCompare(*event)) {
        Q_EMIT compareAsked();
        return;
    }
    QTreeView::keyPressEvent(event);
}

void RunsTree::openGroups()
{
    const QScopedValueRollback opening(m_opening, true);
    for (int group = 0; group < m_runs->rowCount(); ++group) {
        setExpanded(m_runs->index(group, 0), !m_closed.contains(m_runs->groupKeyAt(group)));
    }
}

QVector<const RunsModel::Row*> RunsTree::selectedRows() const
{
    QModelIndexList chosen = selectionModel()->selectedRows();
    std::sort(chosen.begin(), chosen.end(), [](const QModelIndex& a, const QModelIndex& b) {
        return std::pair(a.parent().row(), a.row()) < std::pair(b.parent().row(), b.row());
    });
    QVector<const RunsModel::Row*> rows;
    for (const QModelIndex& index : std::as_const(chosen)) {
        if (const RunsModel::Row* const row = m_runs->rowAt(index)) {
            rows.append(row);
        }
    }
    return rows;
}

QVector<core::RunSummary> RunsTree::selectedRuns() const
{
    QVector<core::RunSummary> runs;
    for (const RunsModel::Row* row : selectedRows()) {
        if (row->compared.own) {
            runs.append(*row->compared.own);
        }
    }
    return runs;
}

QStringList RunsTree::selectedPaths() const
{
    QStringList paths;
    for (const RunsModel::Row* row : selectedRows()) {
        paths.append(row->compared.run.path);
    }
    return paths;
}

void RunsTree::selectRuns(const QStringList& paths)
{
    QItemSelection selection;
    QModelIndex first;
    for (const QString& path : paths) {
        const QModelIndex index = m_runs->indexOf(path);
        if (index.isValid()) {
            first = first.isValid() ? first : index;
            selection.select(index, index.siblingAtColumn(m_runs->columnCount() - 1));
        }
    }
    if (first.isValid()) {
        setExpanded(first.parent(), true);
        selectionModel()->setCurrentIndex(first, QItemSelectionModel::NoUpdate);
        scrollTo(first);
    }
    selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
}

void RunsTree::selectRun(int place)
{
    const auto rows = m_runs->shownRows();
    if (place >= 0 && place < rows.size()) {
        selectRuns({rows[place]->compared.run.path});
    }
}

void RunsTree::toggleDrawn()
{
    QStringList paths = selectedPaths();
    const QModelIndex current = currentIndex();
    if (paths.isEmpty() && current.isValid() && m_runs->rowAt(current) == nullptr) {
        const QModelIndex group = current.siblingAtColumn(0);
        for (int row = 0; row < m_runs->rowCount(group); ++row) {
            paths.append(m_runs->rowAt(m_runs->index(row, 0, group))->compared.run.path);
        }
    }
    QStringList drawn = m_runs->drawn();
    const bool isAll = std::all_of(paths.begin(), paths.end(),
                                   [&](const QString& path) { return drawn.contains(path); });
    for (const QString& path : std::as_const(paths)) {
        drawn.removeAll(path);
        if (!isAll) {
            drawn.append(path);
        }
    }
    m_runs->setDrawn(drawn);
}

QString RunsTree::columnKey(int column)
{
    if (const core::RunColumn* const other = otherColumn(column)) {
        return QString::fromStdString(other->key);
    }
    return QLatin1String(kKeys[static_cast<std::size_t>(column)]);
}

void RunsTree::showColumns(const QStringList& keys)
{
    for (int column = RunsModel::Method; column < m_runs->columnCount(); ++column) {
        setColumnHidden(column, !keys.contains(columnKey(column)));
    }
    fitColumns();
}

QStringList RunsTree::shownColumns() const
{
    QStringList keys;
    for (int column = RunsModel::Method; column < m_runs->columnCount(); ++column) {
        if (!isColumnHidden(column)) {
            keys.append(columnKey(column));
        }
    }
    return keys;
}

// As wide as what it says: names have the rest. It only grows, for what grows live would make names jump.
void RunsTree::fitStatus(const QModelIndex& group, int first, int last)
{
    if (!isHeaderHidden()) {
        return; // beside columns it is as a person set it
    }
    const QFontMetrics text = fontMetrics();
    int widest = header()->sectionSize(RunsModel::Status);
    for (int row = first; row <= last; ++row) {
        const QModelIndex status = m_runs->index(row, RunsModel::Status, group);
        widest = std::max(widest, text.horizontalAdvance(status.data().toString()) + scaled(18));
    }
    header()->resizeSection(RunsModel::Status, std::min(widest, scaled(kMostStatus)));
}

void RunsTree::fitStatusOfAll()
{
    fitStatus({}, 0, m_runs->rowCount() - 1);
    for (int group = 0; group < m_runs->rowCount(); ++group) {
        const QModelIndex head = m_runs->index(group, 0);
        fitStatus(head, 0, m_runs->rowCount(head) - 1);
    }
}

// Alone the name takes what room there is; beside columns it has its own, and the list scrolls.
void RunsTree::fitColumns()
{
    const bool isAlone = shownColumns().isEmpty();
    setHeaderHidden(isAlone);
    header()->setSectionResizeMode(RunsModel::Name,
                                   isAlone ? QHeaderView::Stretch : QHeaderView::Interactive);
    for (int column = RunsModel::Status; column < m_runs->columnCount(); ++column) {
        header()->setSectionResizeMode(column, QHeaderView::Interactive);
        const int status = isAlone ? kLeastStatus : kStatusWidth;
        header()->resizeSection(column,
                                scaled(column == RunsModel::Status ? status : kColumnWidth));
    }
    if (!isAlone) {
        header()->resizeSection(RunsModel::Name, scaled(kNameWidth));
    }
    fitStatusOfAll();
}

} // namespace pissarro::ui
