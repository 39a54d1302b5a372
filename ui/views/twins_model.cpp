// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/twins_model.h"

#include "ui/words/format.h"
#include "ui/words/language.h"

#include <cmath>

namespace pissarro::ui {

namespace {

double meanLoss(const RunCurve& curve, std::int64_t lastStep)
{
    return curve.records.meanLoss(lastStep, TwinsModel::kMeanOver);
}

std::int64_t lastStep(const RunCurve& curve)
{
    return curve.records.isEmpty() ? 0 : curve.records.last().step;
}

} // namespace

void TwinsModel::setCurves(const QVector<RunCurve>& curves)
{
    QVector<Row> rows;
    for (const RunCurve& curve : curves) {
        const std::int64_t step = lastStep(curve);
        rows.append({curve.label, curve.color, formatNumber(meanLoss(curve, 0)),
                     step == 0 ? tr("not yet") : tr("step %1").arg(formatCount(step)),
                     tr("Mean loss of the last %n steps, nats", nullptr, pluralOf(kMeanOver))});
    }
    for (qsizetype twin = 1; twin < curves.size(); ++twin) {
        const std::int64_t common = std::min(lastStep(curves[0]), lastStep(curves[twin]));
        const double difference = common == 0
            ? std::nan("")
            : meanLoss(curves[0], common) - meanLoss(curves[twin], common);
        rows.append({curves.size() == 2 ? tr("Difference") : tr("to %1").arg(curves[twin].label),
                     {},
                     formatNumber(difference, 3),
                     tr("last %1").arg(kMeanOver),
                     tr("%1 minus %2, over the same %n steps; below 0 the first is ahead", nullptr,
                        pluralOf(kMeanOver))
                         .arg(curves[0].label, curves[twin].label)});
    }
    if (rows.size() == m_rows.size()) {
        m_rows = rows;
        if (!m_rows.isEmpty()) {
            Q_EMIT dataChanged(index(0, 0),
                               index(static_cast<int>(m_rows.size()) - 1, ColumnCount - 1));
        }
        return;
    }
    beginResetModel();
    m_rows = rows;
    endResetModel();
}

int TwinsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int TwinsModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant TwinsModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const Row& row = m_rows[index.row()];
    switch (role) {
    case Qt::DisplayRole:
        return index.column() == Name ? row.name : index.column() == Loss ? row.loss : row.step;
    case Qt::DecorationRole:
        return index.column() == Name && row.color.isValid() ? QVariant(row.color) : QVariant();
    case Qt::ToolTipRole:
        return row.hint;
    case Qt::TextAlignmentRole:
        return index.column() == Name ? QVariant(Qt::AlignLeft | Qt::AlignVCenter)
                                      : QVariant(Qt::AlignRight | Qt::AlignVCenter);
    default:
        return {};
    }
}

QVariant TwinsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Name:
        return tr("run");
    case Loss:
        return tr("loss");
    case Step:
        return tr("step");
    default:
        return {};
    }
}

} // namespace pissarro::ui
