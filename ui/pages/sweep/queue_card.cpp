// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/sweep/queue_card.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/pages/sweep/queue_model.h"
#include "ui/services/sweep_queue.h"
#include "ui/views/method_dot_delegate.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/page_action.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QAction>
#include <QEvent>
#include <QHeaderView>
#include <QPainter>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace pissarro::ui {

namespace {

constexpr int kRowHeight = 26; // px
constexpr int kBarWidth = 92;
constexpr int kLossWidth = 64;
constexpr int kNarrow = 420; // px, of a card without room for bars
constexpr double kMostName = 0.5; // of the table
constexpr int kLeastNote = 84; // px, before the name gives of its own

// A bar of what is done: blue at work, grey at rest.
class BarDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override
    {
        QStyleOptionViewItem ground = option;
        initStyleOption(&ground, index);
        ground.text.clear();
        const QStyle* style = option.widget->style();
        style->drawControl(QStyle::CE_ItemViewItem, &ground, painter, option.widget);
        const Colors& colors = Theme::instance().colors();
        const int height = scaled(6);
        QRectF bar(option.rect.left() + scaled(4), option.rect.center().y() - height / 2.0,
                   option.rect.width() - scaled(12), height);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(Qt::NoPen);
        painter->setBrush(colors.line);
        painter->drawRoundedRect(bar, height / 2.0, height / 2.0);
        bar.setWidth(bar.width() * index.data(QueueModel::kShareRole).toDouble());
        painter->setBrush(index.data(QueueModel::kRestsRole).toBool() ? colors.muted
                                                                      : colors.accent);
        if (bar.width() >= 1.0) {
            painter->drawRoundedRect(bar, height / 2.0, height / 2.0);
        }
        painter->restore();
    }
};

} // namespace

QueueCard::QueueCard(SweepQueue& queue, const Actions& actions, QWidget* parent)
    : Card(tr("Queue"), parent)
    , m_queue(queue)
    , m_actions(actions)
    , m_model(new QueueModel(this))
    , m_view(new QTableView)
    , m_pause(buttonOf(actions.pause, QStringLiteral("sweep.queue.pause")))
    , m_retry(buttonOf(actions.retry, QStringLiteral("sweep.queue.retry")))
{
    setObjectName(QStringLiteral("sweep.queue"));
    buildView();
    m_retry->setProperty("inTitle", true);
    m_pause->setProperty("inTitle", true);
    addTitleWidget(m_retry);
    addTitleWidget(m_pause);
    body()->addWidget(m_view, 1);
    connect(m_model, &QueueModel::moveWanted, &m_queue, &SweepQueue::move);
    connect(&Theme::instance(), &Theme::changed, m_model, &QueueModel::showTheme);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this] {
        showActions();
        if (!m_quiet && !selected().isEmpty()) {
            Q_EMIT runChosen(selected());
        }
    });
    connect(m_view, &QTableView::doubleClicked, this,
            [this](const QModelIndex& index) { Q_EMIT runOpened(m_model->runAt(index.row())); });
    showActions();
}

void QueueCard::buildView()
{
    m_view->setObjectName(QStringLiteral("sweep.queue.table"));
    m_view->setAccessibleName(tr("Queue of the sweep"));
    m_view->setModel(m_model);
    m_view->verticalHeader()->hide();
    m_view->verticalHeader()->setDefaultSectionSize(scaled(kRowHeight));
    m_view->setShowGrid(false);
    m_view->setWordWrap(false);
    m_view->setTextElideMode(Qt::ElideMiddle);
    m_view->setTabKeyNavigation(false);
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setSelectionMode(QAbstractItemView::SingleSelection);
    m_view->setDragDropMode(QAbstractItemView::InternalMove);
    m_view->setDragDropOverwriteMode(false);
    m_view->setDropIndicatorShown(true);
    m_view->setItemDelegateForColumn(QueueModel::Name, new MethodDotDelegate(m_view));
    m_view->setItemDelegateForColumn(QueueModel::Progress, new BarDelegate(m_view));
    m_view->setItemDelegateForColumn(QueueModel::Loss, new FigureDelegate(m_view));
    m_view->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_view->addActions({m_actions.up, m_actions.down, m_actions.retry, m_actions.skip});
    QHeaderView* header = m_view->horizontalHeader();
    header->setObjectName(QStringLiteral("figureHeader"));
    header->setHighlightSections(false);
    header->resizeSection(QueueModel::Progress, scaled(kBarWidth));
    header->resizeSection(QueueModel::Loss, scaled(kLossWidth));
    header->setSectionResizeMode(QueueModel::Note, QHeaderView::Stretch);
    m_view->viewport()->installEventFilter(this);
}

// The scroll bar takes of the room too.
bool QueueCard::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_view->viewport() && event->type() == QEvent::Resize) {
        fitColumns();
    }
    return Card::eventFilter(watched, event);
}

// Names as long as they are, yet cut before a row is wider than the table; what came of a run has the rest, of which half
// the table stays its own where it says that much.
void QueueCard::fitColumns()
{
    m_view->setColumnHidden(QueueModel::Progress, width() < scaled(kNarrow));
    m_view->resizeColumnToContents(QueueModel::Name);
    QHeaderView* header = m_view->horizontalHeader();
    const int all = m_view->viewport()->width();
    const int note = std::max(scaled(kLeastNote), header->minimumSectionSize());
    const int room = all - note - header->sectionSize(QueueModel::Loss)
        - (m_view->isColumnHidden(QueueModel::Progress)
               ? 0
               : header->sectionSize(QueueModel::Progress));
    const QAbstractItemView* cells = m_view;
    const int spare = room + note - std::max(note, cells->sizeHintForColumn(QueueModel::Note));
    const int most = std::min(std::max(static_cast<int>(kMostName * all), spare), room);
    header->resizeSection(QueueModel::Name,
                          std::clamp(header->sectionSize(QueueModel::Name),
                                     header->minimumSectionSize(),
                                     std::max(most, header->minimumSectionSize())));
}

void QueueCard::showQueue()
{
    const SweepLook* look = m_queue.look();
    const QString chosen = selected();
    {
        const QScopedValueRollback<bool> quiet(m_quiet, true);
        const int before = m_model->rowCount();
        m_model->setLook(look);
        if (m_model->rowCount() != before) { // else they stay as a person set them
            fitColumns();
        }
    }
    setSelected(chosen);
    if (look == nullptr) {
        setSubtitle({});
        showActions();
        return;
    }
    const auto runs = static_cast<std::int64_t>(look->state.runs.size());
    QStringList parts {
        tr("%1 of %2 runs ended", nullptr, pluralOf(runs))
            .arg(formatCount(static_cast<std::int64_t>(look->ended())), formatCount(runs))};
    if (const auto early = look->count(core::SweepRunState::EndedEarly); early > 0) {
        parts.append(tr("%1 early").arg(formatCount(static_cast<std::int64_t>(early))));
    }
    if (const auto failed = look->count(core::SweepRunState::Failed); failed > 0) {
        parts.append(tr("%1 failed").arg(formatCount(static_cast<std::int64_t>(failed))));
    }
    if (look->state.paused) {
        parts.append(tr("paused"));
    } else if (!look->isWorkedAt && look->ended() < look->state.runs.size()) {
        parts.append(tr("nobody works at it"));
    }
    setSubtitle(parts.join(QStringLiteral(" · ")));
    showActions();
}

void QueueCard::setSelected(const QString& run)
{
    const QScopedValueRollback<bool> quiet(m_quiet, true);
    const int row = m_model->rowOf(run);
    if (row < 0) {
        m_view->clearSelection();
        m_view->setCurrentIndex({});
    } else if (row != selectedRow()) {
        m_view->selectRow(row);
        m_view->scrollTo(m_model->index(row, 0));
    }
    showActions();
}

int QueueCard::selectedRow() const
{
    const QModelIndex current = m_view->currentIndex();
    return current.isValid() ? current.row() : -1;
}

QString QueueCard::selected() const
{
    return m_model->runAt(selectedRow());
}

void QueueCard::showActions()
{
    const int row = selectedRow();
    const bool any = row >= 0 && row < m_model->rowCount();
    const auto state = any ? m_model->stateAt(row) : core::SweepRunState::Done;
    const bool rests = state == core::SweepRunState::Failed
        || state == core::SweepRunState::EndedEarly || state == core::SweepRunState::Skipped;
    const SweepLook* look = m_queue.look();
    const bool failures = look != nullptr && look->count(core::SweepRunState::Failed) > 0;
    m_actions.retry->setEnabled((any && rests) || failures);
    m_actions.skip->setEnabled(
        any && (state == core::SweepRunState::Waiting || state == core::SweepRunState::Running));
    m_actions.up->setEnabled(any && row > 0);
    m_actions.down->setEnabled(any && row + 1 < m_model->rowCount());
    m_retry->setVisible(m_actions.retry->isEnabled());
}

} // namespace pissarro::ui
