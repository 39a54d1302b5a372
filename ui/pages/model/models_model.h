// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/model_list.h"

#include <QAbstractItemModel>
#include <QSet>
#include <QString>
#include <QVector>

#include <cstdint>
#include <memory>

namespace pissarro::ui {

// Which of the models at hand are shown: those that hold in each group of wishes, in one of its wishes where there are any.
struct ModelsFilter {
    enum Size { Small, Middle, Large }; // below 1 B parameters, up to 4 B, above

    QString words; // as core::isFoundBy() has them
    QSet<QString> architectures;
    QSet<int> sizes; // of Size
    QSet<int> storages; // of core::Storage
    bool fits = false; // in this machine's memory

    bool operator==(const ModelsFilter&) const = default;
};

enum class ModelsOrder { Place, Name, Parameters, Disk, Memory, Newest };

// The models at hand: by the place where they lie, or all of them by a figure.
class ModelsModel : public QAbstractItemModel {
    Q_OBJECT

public:
    enum Column { Name, Architecture, Parameters, Type, Disk, Training, Changed, kColumns };
    enum Role {
        AuthorRole = Qt::UserRole, // "HuggingFaceTB/", of a group its folder
        VersionRole, // of a group its figures
        ShareRole, // of this machine's memory that training takes; none: not known
        FitRole, // int of core::MemoryFit
        ProblemRole, // why it cannot be opened
    };

    explicit ModelsModel(QObject* parent = nullptr);

    void setModels(const core::ListedModels& models, std::int64_t memoryBytes);
    void setFilter(const ModelsFilter& filter);
    const ModelsFilter& filter() const { return m_filter; }
    void setOrder(ModelsOrder order);
    ModelsOrder order() const { return m_order; }
    bool isFlat() const { return m_order != ModelsOrder::Place; } // one group, without a title

    const core::ListedModel* modelAt(const QModelIndex& index) const; // null: a group, or nothing
    QModelIndex indexOf(const QString& path, const QString& title) const; // invalid: not shown
    QModelIndex firstModel() const; // invalid: none is shown
    qsizetype shownCount() const { return m_shown; }
    qsizetype allCount() const { return static_cast<qsizetype>(m_models.size()); }
    std::uint64_t allBytes() const; // on disk; what two names have counts once
    int placeCount() const;

    // How many of those that hold the words each wish would show; most first, of architectures.
    struct Facet {
        QString title;
        int count = 0;
    };
    QVector<Facet> architectures() const;
    int countOf(ModelsFilter::Size size) const;
    int countOf(core::Storage storage) const;
    int fitting() const;

    QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    QModelIndex parent(const QModelIndex& child) const override;
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    static QString placeTitle(core::PlaceKind kind);
    static QString typeWords(const core::ListedModel& model); // "bf16", "Q4_K_M"
    static QString fitWords(core::MemoryFit fit); // "tight"; empty: nothing is to be said

Q_SIGNALS:
    void rebuilt(); // after a reset

private:
    struct Group {
        core::PlaceKind kind = core::PlaceKind::Folder;
        QString folder; // empty: of those that were opened, and of the flat list
        QString figures;
        core::ListedModels rows;
    };
    bool isShown(const core::ListedModel& model) const;
    void rebuild();
    void sortRows(core::ListedModels& rows) const;
    QVariant groupData(const Group& group, int column, int role) const;
    QString textOfCell(const core::ListedModel& model, int column) const;
    QString tipOf(const core::ListedModel& model, int column) const;
    template <class Holds>
    int countWhere(Holds holds) const;

    core::ListedModels m_models; // as they came
    std::int64_t m_memory = 0; // bytes of this machine
    ModelsFilter m_filter;
    ModelsOrder m_order = ModelsOrder::Place;
    QVector<Group> m_groups;
    qsizetype m_shown = 0;
};

} // namespace pissarro::ui
