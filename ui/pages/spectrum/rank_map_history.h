// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/linalg/rank_map.h"

#include <QObject>

#include <set>
#include <string>
#include <vector>

namespace pissarro::ui {

class Workbench;

// The rank maps that were in force before, whoever changed them: undo and redo. Dragging one matrix's rank through many
// values is one change. Ends with the model.
class RankMapHistory : public QObject {
    Q_OBJECT

public:
    explicit RankMapHistory(Workbench& workbench, QObject* parent = nullptr);

    bool canUndo() const { return !m_past.empty(); }
    bool canRedo() const { return !m_future.empty(); }
    void undo();
    void redo();
    // The newest map before the present choice of one rank for all; empty: there was none.
    core::RankMap lastMap() const;

Q_SIGNALS:
    void changed(); // canUndo(), canRedo()

private:
    void remember();
    void forget();
    void move(std::vector<core::RankMap>& from, std::vector<core::RankMap>& to);

    Workbench& m_workbench;
    std::vector<core::RankMap> m_past;
    std::vector<core::RankMap> m_future;
    core::RankMap m_now;
    std::set<std::string> m_touched; // matrices of the last change by hand
    bool m_moving = false;
};

} // namespace pissarro::ui
