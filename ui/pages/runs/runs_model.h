// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/library/project.h"
#include "core/run/run_filter.h"
#include "core/run/run_list.h"
#include "ui/views/compared_run.h"

#include <QAbstractItemModel>
#include <QHash>
#include <QStringList>
#include <QVector>

#include <memory>
#include <utility>

namespace pissarro::ui {

// Every run that there is, in groups: by sweep, model or data, those that are pinned first. Checked ones are drawn. New values
// keep rows, and so selection and what is open, where the run is still there.
class RunsModel : public QAbstractItemModel {
    Q_OBJECT

public:
    // Behind these comes whatever else is told of runs: core::runColumns().
    enum Column {
        Name,
        Status, // what one has to know first: its loss, its step, why it failed
        Method,
        Model,
        Rank,
        Rate,
        Steps,
        FinalLoss,
        MeanLoss,
        Speed,
        State,
        Started,
        FirstOther
    };
    enum Role {
        TagsRole = Qt::UserRole, // QStringList
        PinnedRole, // bool
        MutedRole // of a group: what stands behind its title
    };

    struct Row {
        std::shared_ptr<const core::ListedRun> listed; // null: of others, opened by a person
        core::RunMark mark;
        ComparedRun compared; // its recipe, label and stroke while it is drawn
        QString name; // as a person called it, else its own
    };
    static Row rowOf(const std::shared_ptr<const core::ListedRun>& listed,
                     const core::RunMark& mark);
    static Row rowOf(const QString& othersPath, const core::RunMark& mark);

    explicit RunsModel(QObject* parent = nullptr);

    void setRows(QVector<Row> rows);
    const Row* rowAt(const QModelIndex& index) const; // null: a group, or nothing
    QModelIndex indexOf(const QString& path) const; // invalid: it is not shown
    QVector<const Row*> shownRows() const; // in their order
    qsizetype allRows() const { return m_shown.rows.size(); }

    void setGrouping(core::RunGrouping by);
    core::RunGrouping grouping() const { return m_grouping; }
    // In the words of core::RunFilter. Returns what is wrong with them, empty: nothing; then the ones before stay.
    QString setFilter(const QString& words);
    void setArchivedShown(bool on);
    bool isArchivedShown() const { return m_archivedShown; }
    void setGone(const QStringList& folders); // that are not there: groups without a run, too
    void setFacts(const QHash<QString, OverlayFacts>& facts); // of what is drawn

    void setDrawn(const QStringList& paths); // in that order
    const QStringList& drawn() const { return m_drawn; } // in the order in which they were checked
    QVector<ComparedRun> drawnRuns() const; // those that are there
    void showTheme(); // another one is in force

    QString groupKeyAt(int group) const { return m_shown.groups[group].key; }
    static QString titleOfColumn(int column);

    QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    QModelIndex parent(const QModelIndex& child) const override;
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    void sort(int column, Qt::SortOrder order) override;

Q_SIGNALS:
    void drawnChanged();
    void rebuilt(); // groups are others, or in another order

private:
    struct Group {
        QString key;
        QString title;
        QString muted; // "8 runs"
        QString status; // "76 of 80"; empty: all have ended
        bool isGone = false;
        QVector<int> rows; // places in the layout's
    };
    // What is shown: replaced whole, so that whoever asks while it changes sees the one before or the one after.
    struct Layout {
        QVector<Row> rows; // as they came: the newest first
        QVector<Group> groups;
        QHash<QString, std::pair<int, int>> places; // by path: group, row in it

        bool
        isLike(const Layout& other) const; // the same groups with the same runs at the same places
    };
    bool isShown(const Row& row) const;
    void rebuild(); // of the rows that there are
    void show(Layout next);
    Layout layoutOf(QVector<Row> rows) const;
    QVector<Group> groupsOf(const QVector<Row>& all, const QVector<int>& rows) const;
    static void describe(const QVector<Row>& all, Group& group);
    QVector<int> sortedRows(const QVector<Row>& all) const;
    QModelIndex placeOf(const QString& key, const QString& path, int column) const;
    void dress(QVector<Row>& rows) const; // labels and strokes of those that are drawn
    void tellAll();
    QVariant groupData(const Group& group, int column, int role) const;
    QVariant colorOf(const Row& row, int column) const;
    QString tipOf(const Row& row, int column) const;

    Layout m_shown;
    QStringList m_drawn;
    QStringList m_gone;
    QHash<QString, OverlayFacts> m_facts;
    core::RunGrouping m_grouping = core::RunGrouping::Sweep;
    core::RunFilter m_filter;
    bool m_archivedShown = false;
    int m_sortColumn = Started;
    Qt::SortOrder m_order = Qt::DescendingOrder;
};

} // namespace pissarro::ui
