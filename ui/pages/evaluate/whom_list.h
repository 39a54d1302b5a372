// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluate/evaluation_spec.h"
#include "core/run/run_directory.h"

#include <QStringList>
#include <QVector>
#include <QWidget>

#include <vector>

class QLabel;
class QListWidget;
class QListWidgetItem;

namespace pissarro::ui {

// Who is evaluated: the open model, runs of the library, and models, runs and adapters that a person named. Those that are
// checked answer together, in one pass over a base that they share.
class WhomList : public QWidget {
    Q_OBJECT

public:
    explicit WhomList(QWidget* parent = nullptr);

    void setBase(const QString& model); // path of the open one; empty: none is open
    void setRuns(const QVector<core::RunSummary>& runs); // those that have something to say
    void addModel(const QString& path); // or a run; checked
    void addAdapter(const QString& path); // for the open model; checked
    void check(const QStringList& paths); // these alone, those to come too
    std::vector<core::EvaluatedModel>
    models() const; // checked, in their order, with names of their own
    QString problem() const; // why nobody can be asked; empty: somebody can
    QListWidget* list() const { return m_list; }

Q_SIGNALS:
    void changed();
    void adding(); // a person wants to name another one

private:
    struct One {
        QString path;
        QString name; // in the results
        QString about; // beside it
        QColor color;
        bool isAdapter = false;
    };
    void fill();
    void addIfNew(const One& one);

    QString m_base;
    QVector<One> m_runs;
    QVector<One> m_added;
    QStringList m_checked; // paths
    bool m_chosen = false; // by a person, or by whoever sent here
    bool m_proposed = false; // the newest run was checked beside the base
    QListWidget* m_list;
    QLabel* m_hint; // while nobody is in it
};

} // namespace pissarro::ui
