// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model/models_model.h"

#include "ui/look/theme.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QDateTime>
#include <QDir>
#include <QFont>
#include <QHash>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr std::int64_t kSmall = 1'000'000'000; // parameters
constexpr std::int64_t kLarge = 4'000'000'000;
constexpr std::int64_t kNsPerMs = 1'000'000;

QString text(const std::string& utf8)
{
    return QString::fromStdString(utf8);
}

QString shortened(const QString& folder)
{
    const QString home = QDir::homePath();
    return folder.startsWith(home + QLatin1Char('/')) ? QLatin1Char('~') + folder.mid(home.size())
                                                      : folder;
}

std::optional<ModelsFilter::Size> sizeOf(const core::ListedModel& model)
{
    if (model.parameters <= 0) {
        return std::nullopt;
    }
    return model.parameters < kSmall ? ModelsFilter::Small
        : model.parameters <= kLarge ? ModelsFilter::Middle
                                     : ModelsFilter::Large;
}

std::uint64_t bytesOf(const core::ListedModels& models)
{
    std::set<std::filesystem::path> counted;
    std::uint64_t sum = 0;
    for (const auto& model : models) {
        sum += counted.insert(model->path).second ? model->diskBytes : 0;
    }
    return sum;
}

bool isFigure(int column)
{
    return column == ModelsModel::Parameters || column == ModelsModel::Disk
        || column == ModelsModel::Changed;
}

} // namespace

ModelsModel::ModelsModel(QObject* parent)
    : QAbstractItemModel(parent)
{
}

QString ModelsModel::placeTitle(core::PlaceKind kind)
{
    switch (kind) {
    case core::PlaceKind::HubCache:
        return tr("Hugging Face cache");
    case core::PlaceKind::LmStudio:
        return tr("LM Studio");
    case core::PlaceKind::Ollama:
        return tr("Ollama");
    case core::PlaceKind::Folder:
        return tr("Folder");
    case core::PlaceKind::Opened:
        return tr("Opened before");
    }
    return {};
}

QString ModelsModel::typeWords(const core::ListedModel& model)
{
    const QString type = text(model.storedAs);
    const bool isPlain = type == QLatin1String("BF16") || type == QLatin1String("F16")
        || type == QLatin1String("F32") || type == QLatin1String("F64");
    return isPlain ? type.toLower() : type;
}

QString ModelsModel::fitWords(core::MemoryFit fit)
{
    return fit == core::MemoryFit::Tight ? tr("tight")
        : fit == core::MemoryFit::TooBig ? tr("too big")
                                         : QString();
}

void ModelsModel::setModels(const core::ListedModels& models, std::int64_t memoryBytes)
{
    if (models != m_models || memoryBytes != m_memory) { // the same objects: nothing is new
        m_models = models;
        m_memory = memoryBytes;
        rebuild();
    }
}

void ModelsModel::setFilter(const ModelsFilter& filter)
{
    if (!(filter == m_filter)) {
        m_filter = filter;
        rebuild();
    }
}

void ModelsModel::setOrder(ModelsOrder order)
{
    if (std::exchange(m_order, order) != order) {
        rebuild();
    }
}

bool ModelsModel::isShown(const core::ListedModel& model) const
{
    const auto size = sizeOf(model);
    const core::MemoryFit fit = core::fitOf(model.need, m_memory);
    return core::isFoundBy(model, m_filter.words.toStdString())
        && (m_filter.architectures.isEmpty()
            || m_filter.architectures.contains(text(model.architecture)))
        && (m_filter.sizes.isEmpty() || (size && m_filter.sizes.contains(*size)))
        && (m_filter.storages.isEmpty()
            || m_filter.storages.contains(static_cast<int>(core::storageOf(model))))
        && (!m_filter.fits || fit == core::MemoryFit::Fits || fit == core::MemoryFit::Tight);
}

void ModelsModel::sortRows(core::ListedModels& rows) const
{
    const auto nameOf = [](const core::ListedModel& model) { return text(model.name).toLower(); };
    const auto figureOf = [this](const core::ListedModel& model) {
        switch (m_order) {
        case ModelsOrder::Parameters:
            return model.parameters;
        case ModelsOrder::Disk:
            return static_cast<std::int64_t>(model.diskBytes);
        case ModelsOrder::Memory:
            return model.need.adapter.total();
        case ModelsOrder::Newest:
            return model.writtenNs;
        default:
            return std::int64_t {0};
        }
    };
    if (m_order == ModelsOrder::Name) {
        std::stable_sort(rows.begin(), rows.end(),
                         [&](const auto& a, const auto& b) { return nameOf(*a) < nameOf(*b); });
    } else if (m_order == ModelsOrder::Place) {
        std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
            return std::pair(a->title(), a->version) < std::pair(b->title(), b->version);
        });
    } else {
        std::stable_sort(rows.begin(), rows.end(),
                         [&](const auto& a, const auto& b) { return figureOf(*a) > figureOf(*b); });
    }
}

void ModelsModel::rebuild()
{
    beginResetModel();
    m_groups.clear();
    m_shown = 0;
    if (isFlat()) {
        m_groups.append(Group {});
    }
    QHash<QString, int> places;
    for (const auto& model : m_models) {
        if (!isShown(*model)) {
            continue;
        }
        ++m_shown;
        if (isFlat()) {
            m_groups.front().rows.push_back(model);
            continue;
        }
        const core::PlaceKind kind = model->place.kind;
        const QString folder =
            kind == core::PlaceKind::Opened ? QString() : textOf(model->place.folder);
        const QString key = QStringLiteral("%1 %2").arg(static_cast<int>(kind)).arg(folder);
        auto place = places.find(key);
        if (place == places.end()) {
            place = places.insert(key, static_cast<int>(m_groups.size()));
            m_groups.append({kind, folder, {}, {}});
        }
        m_groups[place.value()].rows.push_back(model);
    }
    for (Group& group : m_groups) {
        sortRows(group.rows);
        const auto count = static_cast<std::int64_t>(group.rows.size());
        group.figures =
            QStringList {tr("%1 models", nullptr, pluralOf(count)).arg(formatCount(count)),
                         formatBytes(static_cast<qint64>(bytesOf(group.rows)))}
                .join(QStringLiteral(" · "));
    }
    endResetModel();
    Q_EMIT rebuilt();
}

const core::ListedModel* ModelsModel::modelAt(const QModelIndex& index) const
{
    if (!index.isValid() || index.internalId() == 0) {
        return nullptr;
    }
    const auto group = static_cast<qsizetype>(index.internalId()) - 1;
    return m_groups[group].rows[static_cast<std::size_t>(index.row())].get();
}

QModelIndex ModelsModel::indexOf(const QString& path, const QString& title) const
{
    QModelIndex same; // of the path, by another name
    for (int group = 0; group < rowCount(); ++group) {
        const core::ListedModels& rows = m_groups[group].rows;
        for (std::size_t row = 0; row < rows.size(); ++row) {
            if (textOf(rows[row]->path) == path) {
                same = index(static_cast<int>(row), Name, index(group, Name));
                if (text(rows[row]->title()) == title) {
                    return same;
                }
            }
        }
    }
    return same;
}

QModelIndex ModelsModel::firstModel() const
{
    for (int group = 0; group < rowCount(); ++group) {
        if (!m_groups[group].rows.empty()) {
            return index(0, Name, index(group, Name));
        }
    }
    return {};
}

std::uint64_t ModelsModel::allBytes() const
{
    return bytesOf(m_models);
}

int ModelsModel::placeCount() const
{
    std::set<std::pair<int, std::filesystem::path>> places;
    for (const auto& model : m_models) {
        const bool isOpened = model->place.kind == core::PlaceKind::Opened;
        places.emplace(static_cast<int>(model->place.kind),
                       isOpened ? std::filesystem::path() : model->place.folder);
    }
    return static_cast<int>(places.size());
}

template <class Holds>
int ModelsModel::countWhere(Holds holds) const
{
    const std::string words = m_filter.words.toStdString();
    return static_cast<int>(std::count_if(m_models.begin(), m_models.end(), [&](const auto& model) {
        return core::isFoundBy(*model, words) && holds(*model);
    }));
}

QVector<ModelsModel::Facet> ModelsModel::architectures() const
{
    const std::string words = m_filter.words.toStdString();
    QHash<QString, int> counts;
    for (const auto& model : m_models) {
        if (core::isFoundBy(*model, words) && !model->architecture.empty()) {
            ++counts[text(model->architecture)];
        }
    }
    QVector<Facet> facets;
    for (auto one = counts.cbegin(); one != counts.cend(); ++one) {
        facets.append({one.key(), one.value()});
    }
    std::sort(facets.begin(), facets.end(), [](const Facet& a, const Facet& b) {
        return a.count != b.count ? a.count > b.count : a.title < b.title;
    });
    return facets;
}

int ModelsModel::countOf(ModelsFilter::Size size) const
{
    return countWhere([size](const core::ListedModel& model) { return sizeOf(model) == size; });
}

int ModelsModel::countOf(core::Storage storage) const
{
    return countWhere(
        [storage](const core::ListedModel& model) { return core::storageOf(model) == storage; });
}

int ModelsModel::fitting() const
{
    return countWhere([this](const core::ListedModel& model) {
        const core::MemoryFit fit = core::fitOf(model.need, m_memory);
        return fit == core::MemoryFit::Fits || fit == core::MemoryFit::Tight;
    });
}

QModelIndex ModelsModel::index(int row, int column, const QModelIndex& parent) const
{
    if (!hasIndex(row, column, parent)) {
        return {};
    }
    return createIndex(row, column,
                       parent.isValid() ? static_cast<quintptr>(parent.row() + 1) : quintptr {0});
}

QModelIndex ModelsModel::parent(const QModelIndex& child) const
{
    return child.isValid() && child.internalId() > 0
        ? createIndex(static_cast<int>(child.internalId()) - 1, 0, quintptr {0})
        : QModelIndex();
}

int ModelsModel::rowCount(const QModelIndex& parent) const
{
    if (!parent.isValid()) {
        return static_cast<int>(m_groups.size());
    }
    return parent.internalId() == 0 && parent.column() == 0
        ? static_cast<int>(m_groups[parent.row()].rows.size())
        : 0;
}

int ModelsModel::columnCount(const QModelIndex& /*parent*/) const
{
    return kColumns;
}

QVariant ModelsModel::groupData(const Group& group, int column, int role) const
{
    if (column != Name) {
        return {};
    }
    switch (role) {
    case Qt::DisplayRole:
        return placeTitle(group.kind);
    case Qt::AccessibleTextRole:
        return QStringList {placeTitle(group.kind), group.figures}.join(QStringLiteral(", "));
    case AuthorRole:
        return shortened(group.folder);
    case VersionRole:
        return group.figures;
    case Qt::ToolTipRole:
        return group.folder;
    default:
        return {};
    }
}

QString ModelsModel::textOfCell(const core::ListedModel& model, int column) const
{
    switch (column) {
    case Name:
        return text(model.name);
    case Architecture:
        return text(model.architecture);
    case Parameters:
        return model.parameters > 0 ? formatCompact(model.parameters) : QString();
    case Type:
        return typeWords(model);
    case Disk:
        return model.diskBytes > 0 ? formatBytes(static_cast<qint64>(model.diskBytes)) : QString();
    case Training:
        return !model.canBeOpened() ? text(model.problem)
            : model.need.isKnown()  ? formatBytes(model.need.adapter.total())
                                    : QString();
    case Changed:
        return model.writtenNs > 0 ? QDateTime::fromMSecsSinceEpoch(model.writtenNs / kNsPerMs)
                                         .toString(QStringLiteral("yyyy-MM-dd"))
                                   : QString();
    default:
        return {};
    }
}

QString ModelsModel::tipOf(const core::ListedModel& model, int column) const
{
    if (column == Type && model.types.size() > 1) {
        QStringList types;
        for (const core::StoredType& type : model.types) {
            types.append(
                QStringLiteral("%1 %2").arg(text(type.name), formatCompact(type.elements)));
        }
        return types.join(QStringLiteral(" · "));
    }
    if (column == Training && model.need.isKnown()) {
        const core::MemoryEstimate& need = model.need.adapter;
        return QStringList {tr("weights %1").arg(formatBytes(need.weights)),
                            tr("adapters %1").arg(formatBytes(need.adapters)),
                            tr("optimizer %1").arg(formatBytes(need.optimizer)),
                            tr("activations %1").arg(formatBytes(need.activations)),
                            tr("program %1").arg(formatBytes(need.fixed))}
            .join(QStringLiteral(" · "));
    }
    return column == Training && !model.canBeOpened() ? text(model.problem) : textOf(model.path);
}

QVariant ModelsModel::data(const QModelIndex& index, int role) const
{
    const core::ListedModel* const model = modelAt(index);
    if (model == nullptr) {
        return index.isValid() ? groupData(m_groups[index.row()], index.column(), role)
                               : QVariant();
    }
    const core::MemoryFit fit = core::fitOf(model->need, m_memory);
    switch (role) {
    case Qt::DisplayRole:
        return textOfCell(*model, index.column());
    case Qt::AccessibleTextRole: {
        const QString said =
            index.column() == Name ? text(model->title()) : textOfCell(*model, index.column());
        const QString more = index.column() == Name ? text(model->version)
            : index.column() == Training            ? fitWords(fit)
                                                    : QString();
        return more.isEmpty() ? said : QStringLiteral("%1, %2").arg(said, more);
    }
    case Qt::ToolTipRole:
        return tipOf(*model, index.column());
    case Qt::TextAlignmentRole:
        return isFigure(index.column()) ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                        : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    case Qt::ForegroundRole:
        return model->canBeOpened() ? QVariant() : QVariant(Theme::instance().colors().muted);
    case AuthorRole:
        return model->author.empty() ? QString() : text(model->author) + QLatin1Char('/');
    case VersionRole:
        return text(model->version);
    case ShareRole:
        return model->need.isKnown() && m_memory > 0 ? QVariant(
                   static_cast<double>(model->need.adapter.total()) / static_cast<double>(m_memory))
                                                     : QVariant();
    case FitRole:
        return static_cast<int>(fit);
    case ProblemRole:
        return text(model->problem);
    default:
        return {};
    }
}

QVariant ModelsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= kColumns) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return isFigure(section) ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                 : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    }
    if (role == Qt::DisplayRole) {
        const QStringList titles {tr("Model"),  tr("Architecture"), tr("Parameters"),
                                  tr("Type"),   tr("On disk"),      tr("Training, PiSSA r = 16"),
                                  tr("Changed")};
        return titles.at(section);
    }
    return {};
}

} // namespace pissarro::ui
