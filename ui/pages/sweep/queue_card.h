// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/card.h"

class QAction;
class QPushButton;
class QTableView;

namespace pissarro::ui {

class QueueModel;
class SweepQueue;

// The queue of the open sweep: order, progress, why a run failed.
class QueueCard : public Card {
    Q_OBJECT

public:
    // Actions of the page: pause or go on, retry what failed.
    struct Actions {
        QAction* pause = nullptr;
        QAction* retry = nullptr; // the chosen run
        QAction* skip = nullptr;
        QAction* up = nullptr;
        QAction* down = nullptr;
    };
    QueueCard(SweepQueue& queue, const Actions& actions, QWidget* parent = nullptr);

    void showQueue(); // what there is
    void setSelected(const QString& run); // emits nothing
    QString selected() const; // empty: none
    int selectedRow() const; // -1: none
    QueueModel* model() const { return m_model; }
    QTableView* view() const { return m_view; }

Q_SIGNALS:
    void runChosen(const QString& run); // by a person
    void runOpened(const QString& run);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void buildView();
    void fitColumns();
    void showActions();

    SweepQueue& m_queue;
    Actions m_actions;
    QueueModel* m_model;
    QTableView* m_view;
    QPushButton* m_pause;
    QPushButton* m_retry;
    bool m_quiet = false; // a selection is no person's
};

} // namespace pissarro::ui
