// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model/module_tree_model.h"

#include "core/model/plan/layer_plan.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QHash>
#include <QSet>

#include <algorithm>
#include <string>

namespace pissarro::ui {

namespace {

// Modules of all layers in the order that the data takes through them.
QHash<QString, int> ordersOf(const core::ModelConfig& config)
{
    QHash<QString, int> orders;
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        for (const std::string& module : core::layerPlan(config, layer).modules()) {
            orders.insert(QString::fromStdString(module), static_cast<int>(orders.size()));
        }
    }
    return orders;
}

int orderOfTop(const QString& label)
{
    return label.contains(QLatin1String("embed")) ? 0
        : label.contains(QLatin1String("norm"))   ? 2
                                                  : 3;
}

// "self_attn.q_proj" is "q_proj" to everybody; the tool tip has the whole path.
QString shortLabel(const QString& inLayer)
{
    for (const char* parent : {"self_attn.", "mlp."}) {
        if (inLayer.startsWith(QLatin1String(parent))) {
            return inLayer.mid(static_cast<qsizetype>(qstrlen(parent)));
        }
    }
    return inLayer;
}

QString shapeWords(const std::vector<std::int64_t>& shape)
{
    QStringList sides;
    for (const std::int64_t side : shape) {
        sides.append(formatCount(side));
    }
    return sides.join(QStringLiteral(" × "));
}

constexpr quintptr kTop =
    0; // internal id of top-level rows; children carry the row of their parent + 1

} // namespace

ModuleTreeModel::ModuleTreeModel(QObject* parent)
    : QAbstractItemModel(parent)
{
}

void ModuleTreeModel::finishLayer(int number, Group& layer)
{
    layer.self.label = tr("Layer %1").arg(number);
    layer.self.order = 1;
    QSet<QString> dtypes;
    for (const Leaf& leaf : layer.leaves) {
        layer.self.parameters += leaf.parameters;
        if (leaf.shape.contains(QChar(0xd7))) {
            dtypes.insert(leaf.dtype);
        }
    }
    layer.self.dtype = dtypes.size() == 1 ? *dtypes.begin() : tr("mixed");
    layer.self.shape =
        tr("%n weights", nullptr, pluralOf(static_cast<std::int64_t>(layer.leaves.size())));
    std::stable_sort(layer.leaves.begin(), layer.leaves.end(),
                     [](const Leaf& a, const Leaf& b) { return a.order < b.order; });
}

void ModuleTreeModel::setModel(std::shared_ptr<const core::ModelFiles> files)
{
    beginResetModel();
    m_groups.clear();
    m_places.clear();
    QVector<Group> tops;
    QVector<Group> layers(files ? static_cast<int>(files->config().layers) : 0);
    const QHash<QString, int> orders = files ? ordersOf(files->config()) : QHash<QString, int> {};
    const QString prefix =
        files ? QString::fromStdString(core::layersPrefix(files->config())) : QString();
    for (const core::TensorView& weight :
         files ? files->weights() : std::vector<core::TensorView> {}) {
        Leaf leaf;
        leaf.module = QString::fromStdString(weight.name);
        if (leaf.module.endsWith(QLatin1String(".weight"))) {
            leaf.module.chop(7);
        }
        leaf.shape = shapeWords(weight.shape);
        leaf.dtype = QString::fromStdString(std::string(core::dtypeName(weight.dtype)));
        leaf.parameters = weight.elements();
        const qsizetype dot = leaf.module.indexOf(QLatin1Char('.'), prefix.size());
        const int layer = leaf.module.startsWith(prefix) && dot > 0
            ? leaf.module.mid(prefix.size(), dot - prefix.size()).toInt()
            : -1;
        if (layer >= 0 && layer < layers.size()) {
            leaf.label = shortLabel(leaf.module.mid(dot + 1));
            QString module = leaf.module; // a bias follows its matrix
            leaf.order = orders.value(module.remove(QStringLiteral(".bias")));
            layers[layer].leaves.append(leaf);
        } else {
            leaf.label =
                leaf.module.startsWith(QLatin1String("model.")) ? leaf.module.mid(6) : leaf.module;
            leaf.order = orderOfTop(leaf.label);
            tops.append(Group {leaf, {}});
        }
    }
    for (int i = 0; i < layers.size(); ++i) {
        finishLayer(i, layers[i]);
    }
    m_groups = tops + layers;
    std::stable_sort(m_groups.begin(), m_groups.end(),
                     [](const Group& a, const Group& b) { return a.self.order < b.self.order; });
    for (int g = 0; g < m_groups.size(); ++g) {
        for (int l = 0; l < m_groups[g].leaves.size(); ++l) {
            m_places.insert(m_groups[g].leaves[l].module, {g, l});
        }
    }
    endResetModel();
}

void ModuleTreeModel::setSpectra(
    const QHash<QString, std::shared_ptr<const core::ModuleSpectrum>>& all,
    const QStringList& arrived)
{
    for (const QString& module : arrived) {
        const auto place = m_places.constFind(module);
        const auto found = all.constFind(module);
        if (place == m_places.constEnd() || found == all.constEnd()) {
            continue;
        }
        Leaf& leaf = m_groups[place->first].leaves[place->second];
        const std::vector<double>& values = (*found)->spectrum.values;
        leaf.values = {values.begin(), values.end()};
        leaf.problem = QString::fromStdString((*found)->problem);
        const QModelIndex cell = index(place->second, Sigma, index(place->first, 0));
        Q_EMIT dataChanged(cell, cell);
    }
}

QModelIndex ModuleTreeModel::index(int row, int column, const QModelIndex& parent) const
{
    if (!hasIndex(row, column, parent)) {
        return {};
    }
    return createIndex(row, column,
                       parent.isValid() ? static_cast<quintptr>(parent.row()) + 1 : kTop);
}

QModelIndex ModuleTreeModel::parent(const QModelIndex& index) const
{
    if (!index.isValid() || index.internalId() == kTop) {
        return {};
    }
    return createIndex(static_cast<int>(index.internalId() - 1), 0, kTop);
}

int ModuleTreeModel::rowCount(const QModelIndex& parent) const
{
    if (!parent.isValid()) {
        return static_cast<int>(m_groups.size());
    }
    if (parent.internalId() != kTop || parent.column() != 0) {
        return 0;
    }
    return static_cast<int>(m_groups[parent.row()].leaves.size());
}

int ModuleTreeModel::columnCount(const QModelIndex&) const
{
    return ColumnCount;
}

const ModuleTreeModel::Leaf* ModuleTreeModel::leafOf(const QModelIndex& index) const
{
    if (!index.isValid()) {
        return nullptr;
    }
    if (index.internalId() == kTop) {
        return &m_groups[index.row()].self;
    }
    return &m_groups[static_cast<int>(index.internalId() - 1)].leaves[index.row()];
}

QVariant ModuleTreeModel::textOf(const Leaf& leaf, int column) const
{
    switch (column) {
    case Name:
        return leaf.label;
    case Shape:
        return leaf.shape;
    case DType:
        return leaf.dtype;
    case Parameters:
        return formatCount(leaf.parameters);
    default:
        return {};
    }
}

QVariant ModuleTreeModel::data(const QModelIndex& index, int role) const
{
    const Leaf* leaf = leafOf(index);
    if (leaf == nullptr) {
        return {};
    }
    switch (role) {
    case Qt::DisplayRole:
        return textOf(*leaf, index.column());
    case Qt::ToolTipRole:
        if (index.column() == Sigma && !leaf->values.isEmpty()) {
            return tr("σ₁ = %1, σ of the last = %2, %3 values", nullptr,
                      pluralOf(leaf->values.size()))
                .arg(formatNumber(leaf->values.first()), formatNumber(leaf->values.last()),
                     formatCount(leaf->values.size()));
        }
        return leaf->problem.isEmpty() ? leaf->module
                                       : leaf->module + QStringLiteral(": ") + leaf->problem;
    case Qt::TextAlignmentRole:
        return index.column() == Parameters ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                            : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    case kModuleRole:
        return leaf->module;
    case kValuesRole:
        return QVariant::fromValue(leaf->values);
    default:
        return {};
    }
}

QVariant ModuleTreeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return section == Parameters ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                     : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Name:
        return tr("Module");
    case Shape:
        return tr("Shape, out × in");
    case DType:
        return tr("Stored as");
    case Parameters:
        return tr("Parameters");
    case Sigma:
        return tr("σ, log");
    default:
        return {};
    }
}

} // namespace pissarro::ui
