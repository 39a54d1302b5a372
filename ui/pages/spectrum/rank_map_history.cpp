// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/spectrum/rank_map_history.h"

#include "ui/services/services.h"

#include <QUndoCommand>

#include <utility>

namespace pissarro::ui {

namespace {

constexpr int kStepId = 1; // of steps that may become one

// Matrices whose rank differs; empty unless both maps name the same ones.
std::set<std::string> changedBetween(const core::RankMap& before, const core::RankMap& after)
{
    std::set<std::string> changed;
    for (const auto& [module, rank] : after.ranks) {
        const auto was = before.ranks.find(module);
        if (was != before.ranks.end() && was->second != rank) {
            changed.insert(module);
        }
    }
    return changed;
}

} // namespace

// From one map to the next. It is in force already when it is pushed.
class RankMapHistory::Step : public QUndoCommand {
public:
    Step(RankMapHistory* history, core::RankMap before, core::RankMap after, bool goesOn)
        : QUndoCommand(RankMapHistory::tr("the change of ranks"))
        , m_history(history)
        , m_before(std::move(before))
        , m_after(std::move(after))
        , m_goesOn(goesOn)
    {
        m_history->m_steps.append(this);
    }
    ~Step() override { leave(); }

    void undo() override { show(m_before); }
    void redo() override
    {
        if (std::exchange(m_pushed, true)) {
            show(m_after);
        }
    }
    int id() const override { return kStepId; }
    bool mergeWith(const QUndoCommand* next) override
    {
        const auto* step = static_cast<const Step*>(next); // of the same id
        if (step->m_goesOn && m_history != nullptr) {
            m_after = step->m_after;
            return true;
        }
        return false;
    }
    void leave() // the history goes, or this does
    {
        if (m_history != nullptr) {
            m_history->m_steps.removeAll(this);
        }
        m_history = nullptr;
    }

private:
    void show(const core::RankMap& map)
    {
        if (m_history != nullptr) {
            Services& services = m_history->m_services;
            services.undoStack.move([&] { services.ranks.setMap(map); });
        }
    }

    RankMapHistory* m_history;
    core::RankMap m_before;
    core::RankMap m_after;
    bool m_goesOn; // with the step before it
    bool m_pushed = false;
};

RankMapHistory::RankMapHistory(Services& services, QObject* parent)
    : QObject(parent)
    , m_services(services)
    , m_now(services.ranks.map())
    , m_last(m_now)
{
    connect(&m_services.ranks, &RankChoice::mapChanged, this, &RankMapHistory::remember);
    connect(&m_services.model, &Model::opened, this, &RankMapHistory::forget);
}

RankMapHistory::~RankMapHistory()
{
    const QVector<Step*> steps = m_steps;
    for (Step* step : steps) {
        step->leave();
    }
}

void RankMapHistory::takeNow()
{
    m_now = m_services.ranks.map();
    m_last = m_now.ranks.empty() ? m_last : m_now;
}

void RankMapHistory::remember()
{
    const core::RankMap& map = m_services.ranks.map();
    if (m_services.undoStack.isMoving()) {
        m_touched.clear();
        takeNow();
        return;
    }
    std::set<std::string> touched = changedBetween(m_now, map);
    const bool goesOn = !touched.empty() && touched == m_touched && m_now.reason == map.reason;
    const bool isStep = m_now.ranks != map.ranks;
    const core::RankMap before = m_now;
    m_touched = std::move(touched);
    takeNow();
    if (isStep) {
        m_services.undoStack.push(new Step(this, before, m_now, goesOn));
    }
}

void RankMapHistory::forget()
{
    for (Step* step : std::as_const(m_steps)) {
        step->setObsolete(true);
    }
    m_touched.clear();
    m_last = {};
    takeNow();
    m_services.undoStack.dropObsolete();
}

core::RankMap RankMapHistory::lastMap() const
{
    return m_now.ranks.empty() ? m_last : core::RankMap {};
}

} // namespace pissarro::ui
