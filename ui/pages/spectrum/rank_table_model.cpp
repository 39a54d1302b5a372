// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/spectrum/rank_table_model.h"

#include "ui/look/theme.h"
#include "ui/pages/spectrum/spectrum_facts.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/number_edit.h"
#include "ui/words/format.h"

#include <QColor>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

// The rank's place between 1 and the smaller side, on a logarithmic scale: what doubles looks like a step.
double shareOf(std::int64_t rank, std::int64_t largest)
{
    return largest > 1
        ? std::log(static_cast<double>(rank)) / std::log(static_cast<double>(largest))
        : 1.0;
}

} // namespace

RankTableModel::RankTableModel(std::vector<core::LinearModule> modules, QObject* parent)
    : QAbstractTableModel(parent)
    , m_modules(std::move(modules))
{
    for (const core::LinearModule& module : m_modules) {
        m_layers = std::max(m_layers, static_cast<int>(module.layer) + 1);
        if (std::find(m_types.begin(), m_types.end(), module.type) == m_types.end()) {
            m_types.push_back(module.type);
        }
    }
    for (int i = 0; i < static_cast<int>(m_modules.size()); ++i) {
        const core::LinearModule& module = m_modules[static_cast<std::size_t>(i)];
        const auto column =
            std::find(m_types.begin(), m_types.end(), module.type) - m_types.begin();
        m_at.insert(static_cast<int>(module.layer) * static_cast<int>(m_types.size())
                        + static_cast<int>(column),
                    i);
    }
}

void RankTableModel::setMap(const core::RankMap& map)
{
    m_map = map;
    Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
}

const core::LinearModule* RankTableModel::moduleAt(const QModelIndex& index) const
{
    const auto found =
        m_at.constFind(index.row() * static_cast<int>(m_types.size()) + index.column());
    return found == m_at.constEnd() ? nullptr : &m_modules[static_cast<std::size_t>(*found)];
}

int RankTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : m_layers;
}

int RankTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_types.size());
}

QVariant RankTableModel::data(const QModelIndex& index, int role) const
{
    const core::LinearModule* module = moduleAt(index);
    if (!module) {
        return {};
    }
    const auto found = m_map.ranks.find(module->name);
    const std::int64_t rank = found == m_map.ranks.end() ? 0 : found->second;
    const double share = shareOf(std::max<std::int64_t>(1, rank), module->smallerSide());
    switch (role) {
    case Qt::DisplayRole:
        return formatCount(rank);
    case Qt::EditRole:
        return static_cast<int>(rank);
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
    case Qt::BackgroundRole:
        return Theme::cividis(share);
    case Qt::ForegroundRole:
        return share > 0.55 ? QColor(0x1f, 0x23, 0x28) : QColor(Qt::white);
    case Qt::ToolTipRole:
        return QCoreApplication::translate("pissarro::ui::RankTableModel", "%1: rank %2 of %3")
            .arg(QString::fromStdString(module->name), formatCount(rank),
                 formatCount(module->smallerSide()));
    default:
        return {};
    }
}

bool RankTableModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    const core::LinearModule* module = moduleAt(index);
    bool good = false;
    const int rank = value.toInt(&good);
    if (role != Qt::EditRole || !module || !good || rank < 1) {
        return false;
    }
    Q_EMIT edited(index, rank);
    return true;
}

QVariant RankTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role == Qt::TextAlignmentRole) {
        return QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    return orientation == Qt::Vertical ? QString::number(section)
                                       : shortType(m_types[static_cast<std::size_t>(section)]);
}

void RankCellDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                             const QModelIndex& index) const
{
    constexpr int kPadding = 8; // px
    const QVariant background = index.data(Qt::BackgroundRole);
    if (!background.isValid()) {
        return; // the model has no such matrix
    }
    painter->save();
    painter->fillRect(option.rect.adjusted(1, 1, -1, -1), background.value<QColor>());
    painter->setPen(index.data(Qt::ForegroundRole).value<QColor>());
    painter->setFont(option.font);
    drawFigures(*painter, option.rect.adjusted(kPadding, 0, -kPadding, 0),
                Qt::AlignRight | Qt::AlignVCenter, index.data().toString());
    if (option.state.testFlag(QStyle::State_Selected)) {
        painter->setPen(QPen(Theme::instance().colors().accent, 2));
        painter->drawRect(option.rect.adjusted(1, 1, -1, -1));
    }
    painter->restore();
}

QWidget* RankCellDelegate::createEditor(QWidget* parent, const QStyleOptionViewItem& /*option*/,
                                        const QModelIndex& /*index*/) const
{
    auto* editor = new WholeEdit(parent);
    editor->setFrame(false);
    editor->setLimits(1, 65'536);
    return editor;
}

void RankCellDelegate::setModelData(QWidget* editor, QAbstractItemModel* model,
                                    const QModelIndex& index) const
{
    auto* edit = qobject_cast<WholeEdit*>(editor);
    if (edit == nullptr) {
        return;
    }
    edit->interpretText();
    if (const QString problem = edit->unread(); !problem.isEmpty()) {
        Q_EMIT refused(problem);
    } else {
        model->setData(index, edit->value(), Qt::EditRole);
    }
}

Qt::ItemFlags RankTableModel::flags(const QModelIndex& index) const
{
    return moduleAt(index) ? QAbstractTableModel::flags(index) | Qt::ItemIsEditable
                           : Qt::NoItemFlags;
}

} // namespace pissarro::ui
