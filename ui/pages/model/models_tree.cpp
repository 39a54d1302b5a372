// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model/models_tree.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/widgets/figures.h"
#include "ui/words/format.h"

#include <QApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QScopedValueRollback>
#include <QStyledItemDelegate>

#include <algorithm>

namespace pissarro::ui {

namespace {

constexpr int kRowHeight = 28; // px
constexpr int kGap = 6; // px
constexpr int kBarWidth = 50; // px
constexpr int kBarHeight = 5; // px
constexpr int kFigureWidth = 62; // px, behind the bar

// Draws what an item has but its text, and returns where that goes.
QRect drawGround(QPainter* painter, const QStyleOptionViewItem& option, QStyleOptionViewItem item)
{
    const QWidget* widget = option.widget;
    QStyle* style = widget != nullptr ? widget->style() : QApplication::style();
    const QRect box = style->subElementRect(QStyle::SE_ItemViewItemText, &item, widget);
    item.text.clear();
    style->drawControl(QStyle::CE_ItemViewItem, &item, painter, widget);
    return box;
}

// Draws a part of a line from `left` on; returns where the next begins.
int drawPart(QPainter& painter, const QRect& box, int left, const QString& text, const QColor& ink)
{
    const int room = box.right() - left;
    if (text.isEmpty() || room <= 0) {
        return left;
    }
    const QString shown = painter.fontMetrics().elidedText(text, Qt::ElideMiddle, room);
    painter.setPen(ink);
    painter.drawText(QRect(left, box.top(), room, box.height()), Qt::AlignLeft | Qt::AlignVCenter,
                     shown);
    return left + painter.fontMetrics().horizontalAdvance(shown);
}

QFont bold(const QFont& font)
{
    QFont made(font);
    made.setWeight(QFont::DemiBold);
    return made;
}

// Author, name and version; of a group its title, its folder and its figures.
class ModelNameDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override
    {
        QStyleOptionViewItem item(option);
        initStyleOption(&item, index);
        const QString name = item.text;
        const QRect box = drawGround(painter, option, item);
        const Colors& colors = Theme::instance().colors();
        const QString author = index.data(ModelsModel::AuthorRole).toString();
        const QString version = index.data(ModelsModel::VersionRole).toString();
        painter->save();
        painter->setFont(item.font);
        if (!index.parent().isValid()) {
            const int figures = painter->fontMetrics().horizontalAdvance(version);
            painter->setPen(colors.muted);
            painter->drawText(box, Qt::AlignRight | Qt::AlignVCenter, version);
            const QRect rest = box.adjusted(0, 0, -figures - scaled(2 * kGap), 0);
            painter->setFont(bold(item.font));
            const int left = drawPart(*painter, rest, rest.left(), name, colors.text);
            painter->setFont(item.font);
            drawPart(*painter, rest, left + scaled(kGap), author, colors.muted);
        } else {
            const bool isGrey = !index.data(ModelsModel::ProblemRole).toString().isEmpty();
            int left = drawPart(*painter, box, box.left(), author, colors.muted);
            painter->setFont(bold(item.font));
            left = drawPart(*painter, box, left, name, isGrey ? colors.muted : colors.text);
            painter->setFont(item.font);
            drawPart(*painter, box, left + scaled(kGap), version, colors.muted);
        }
        painter->restore();
    }

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        return {QStyledItemDelegate::sizeHint(option, index).width(), scaled(kRowHeight)};
    }
};

// What training takes of this machine's memory, as a bar, a figure and a word; else why a model cannot be opened.
class TrainingDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override
    {
        QStyleOptionViewItem item(option);
        initStyleOption(&item, index);
        const QString text = item.text;
        const QRect box = drawGround(painter, option, item);
        const QVariant share = index.data(ModelsModel::ShareRole);
        const Colors& colors = Theme::instance().colors();
        painter->save();
        painter->setFont(item.font);
        if (!share.isValid()) {
            drawPart(*painter, box, box.left(), text, colors.muted);
            painter->restore();
            return;
        }
        const auto fit = static_cast<core::MemoryFit>(index.data(ModelsModel::FitRole).toInt());
        const QColor ink = fit == core::MemoryFit::TooBig ? colors.bad
            : fit == core::MemoryFit::Tight               ? colors.warn
                                                          : colors.accent;
        const QRectF bar(box.left(), box.center().y() - scaled(kBarHeight) / 2.0, scaled(kBarWidth),
                         scaled(kBarHeight));
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(Qt::NoPen);
        painter->setBrush(colors.line);
        painter->drawRoundedRect(bar, 2, 2);
        QRectF filled = bar;
        filled.setWidth(std::max(2.0, std::min(1.0, share.toDouble()) * bar.width()));
        painter->setBrush(ink);
        painter->drawRoundedRect(filled, 2, 2);
        painter->setPen(colors.text);
        const QRect figure(box.left() + scaled(kBarWidth), box.top(), scaled(kFigureWidth),
                           box.height());
        drawFigures(*painter, figure, Qt::AlignRight | Qt::AlignVCenter, text);
        drawPart(*painter, box, figure.right() + scaled(kGap), ModelsModel::fitWords(fit), ink);
        painter->restore();
    }
};

ModelsOrder orderBy(int column)
{
    switch (column) {
    case ModelsModel::Name:
        return ModelsOrder::Name;
    case ModelsModel::Parameters:
        return ModelsOrder::Parameters;
    case ModelsModel::Disk:
        return ModelsOrder::Disk;
    case ModelsModel::Training:
        return ModelsOrder::Memory;
    case ModelsModel::Changed:
        return ModelsOrder::Newest;
    default:
        return ModelsOrder::Place;
    }
}

} // namespace

ModelsTree::ModelsTree(ModelsModel* model, QWidget* parent)
    : QTreeView(parent)
    , m_models(model)
{
    setObjectName(QStringLiteral("model.models.list"));
    setAccessibleName(tr("Models at hand"));
    setModel(model);
    setUniformRowHeights(true); // thousands of them
    setSelectionMode(QAbstractItemView::SingleSelection);
    setContextMenuPolicy(Qt::CustomContextMenu);
    setIndentation(scaled(14));
    setTextElideMode(Qt::ElideMiddle);
    setAllColumnsShowFocus(true);
    setExpandsOnDoubleClick(false);
    setItemDelegateForColumn(ModelsModel::Name, new ModelNameDelegate(this));
    setItemDelegateForColumn(ModelsModel::Training, new TrainingDelegate(this));
    auto* figures = new FigureDelegate(this);
    for (const int column : {ModelsModel::Parameters, ModelsModel::Disk, ModelsModel::Changed}) {
        setItemDelegateForColumn(column, figures);
    }
    header()->setStretchLastSection(false);
    header()->setSectionsMovable(false);
    header()->setSectionsClickable(true);
    header()->setMinimumSectionSize(scaled(48));
    header()->setSectionResizeMode(ModelsModel::Name, QHeaderView::Stretch);
    header()->resizeSection(ModelsModel::Architecture, scaled(96));
    header()->resizeSection(ModelsModel::Parameters, scaled(84));
    header()->resizeSection(ModelsModel::Type, scaled(74));
    header()->resizeSection(ModelsModel::Disk, scaled(74));
    header()->resizeSection(ModelsModel::Training, scaled(190));
    header()->resizeSection(ModelsModel::Changed, scaled(92));
    connect(header(), &QHeaderView::sectionClicked, this,
            [this](int column) { Q_EMIT orderAsked(orderBy(column)); });
    connect(this, &QTreeView::collapsed, this, [this](const QModelIndex& group) {
        if (!m_isTaking) {
            m_closed.insert(groupKey(group.row()));
        }
    });
    connect(this, &QTreeView::expanded, this, [this](const QModelIndex& group) {
        if (!m_isTaking) {
            m_closed.remove(groupKey(group.row()));
        }
    });
    connect(this, &QTreeView::activated, this, [this](const QModelIndex& index) {
        if (m_models->modelAt(index) != nullptr) {
            Q_EMIT openAsked();
        } else if (index.isValid()) {
            setExpanded(index, !isExpanded(index));
        }
    });
    connect(model, &ModelsModel::rebuilt, this, &ModelsTree::takeReset);
    connect(&Theme::instance(), &Theme::changed, viewport(), qOverload<>(&QWidget::update));
}

QString ModelsTree::groupKey(int group) const
{
    const QModelIndex index = m_models->index(group, ModelsModel::Name);
    return QStringLiteral("%1 %2").arg(index.data().toString(),
                                       index.data(ModelsModel::AuthorRole).toString());
}

const core::ListedModel* ModelsTree::currentModel() const
{
    return m_models->modelAt(currentIndex());
}

void ModelsTree::choose(const QModelIndex& index)
{
    setCurrentIndex(index);
    scrollTo(index);
}

void ModelsTree::currentChanged(const QModelIndex& current, const QModelIndex& previous)
{
    QTreeView::currentChanged(current, previous);
    if (m_isTaking) {
        return;
    }
    const core::ListedModel* const model = m_models->modelAt(current);
    m_path = model == nullptr ? QString() : textOf(model->path);
    m_title = model == nullptr ? QString() : QString::fromStdString(model->title());
    Q_EMIT chosen();
}

void ModelsTree::takeReset()
{
    {
        const QScopedValueRollback taking(m_isTaking, true);
        setRootIsDecorated(!m_models->isFlat());
        setRootIndex(m_models->isFlat() ? m_models->index(0, ModelsModel::Name) : QModelIndex());
        for (int group = 0; group < m_models->rowCount() && !m_models->isFlat(); ++group) {
            setFirstColumnSpanned(group, {}, true);
            setExpanded(m_models->index(group, ModelsModel::Name),
                        !m_closed.contains(groupKey(group)));
        }
        const QModelIndex same = m_models->indexOf(m_path, m_title);
        setCurrentIndex(same.isValid() ? same : m_models->firstModel());
    }
    currentChanged(currentIndex(), {});
}

// Letters are for the search; what a list does with them of its own would be a second one.
void ModelsTree::keyPressEvent(QKeyEvent* event)
{
    const bool isLetter = !event->text().isEmpty() && event->text().front().isPrint()
        && event->text() != QStringLiteral(" ")
        && (event->modifiers() & ~(Qt::ShiftModifier | Qt::KeypadModifier)) == Qt::NoModifier;
    if (isLetter) {
        Q_EMIT typed(event->text());
        return;
    }
    QTreeView::keyPressEvent(event);
}

} // namespace pissarro::ui
