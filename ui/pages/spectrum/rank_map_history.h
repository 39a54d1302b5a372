// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/rank_map.h"

#include <QObject>
#include <QVector>

#include <set>
#include <string>

namespace pissarro::ui {

struct Services;

// Puts every change of the rank map, whoever made it, onto Services::undoStack. Dragging one matrix's rank through many
// values is one step. The steps mean nothing once their model is closed.
class RankMapHistory : public QObject {
    Q_OBJECT

public:
    explicit RankMapHistory(Services& services, QObject* parent = nullptr);
    ~RankMapHistory() override;

    // The newest map before the present choice of one rank for all; empty: there was none.
    core::RankMap lastMap() const;

private:
    class Step;
    void remember();
    void forget();
    void takeNow(); // the map in force

    Services& m_services;
    QVector<Step*> m_steps; // on the stack
    core::RankMap m_now;
    core::RankMap m_last; // the newest that had ranks
    std::set<std::string> m_touched; // matrices of the last change by hand
};

} // namespace pissarro::ui
