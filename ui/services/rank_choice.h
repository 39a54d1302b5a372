// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/rank_map.h"
#include "core/model/rank_pattern.h"
#include "ui/services/of_model.h"

#include <QObject>

namespace pissarro::ui {

// The ranks chosen for the next adapter, and which triplets PiSSA takes. It only holds them: nothing in it runs or fails.
// A map belongs to its model; rank and slice outlive it.
class RankChoice : public QObject, public OfModel {
    Q_OBJECT

public:
    using QObject::QObject;

    int rank() const { return m_rank; } // as chosen: a matrix may have fewer
    void setRank(int rank);
    const core::RankMap& map() const
    {
        return m_map;
    } // ranks of single matrices; empty: rank() for all
    void setMap(const core::RankMap& map);
    core::RankPatterns patterns() const; // of map(), each alpha equal to its rank
    double slice() const { return m_slice; } // 0 principal, 1 minor
    void setSlice(double slice);

    void takeModel(const OpenedModel& opened) override;
    void tellWhatIsGone() override;

Q_SIGNALS:
    void rankChanged(int rank);
    void mapChanged();
    void sliceChanged();

private:
    int m_rank = 16;
    core::RankMap m_map;
    double m_slice = 0.0;
    bool m_gone = false; // the map, by takeModel(), not told yet
};

} // namespace pissarro::ui
