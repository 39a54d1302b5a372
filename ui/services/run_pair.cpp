// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/run_pair.h"

#include "core/base/error.h"
#include "core/compare/rank_proposal.h"
#include "core/compare/update_table.h"
#include "core/stats/sample.h"

#include <algorithm>
#include <set>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr int kTickMs = 50; // 20 Hz
constexpr std::int64_t kDirections = 16; // that are compared, as in a report

PairMatrix matrixOf(const core::ModuleUpdate& update)
{
    return {core::measured(update, core::UpdateMeasure::RelativeNorm),
            core::measured(update, core::UpdateMeasure::EffectiveRank), update.toBase,
            update.toStart, true};
}

PairCurves curvesOf(const core::ComparedRun& run)
{
    PairCurves curves;
    if (const auto* norms = run.history.find(core::metric::kGradNorm)) {
        curves.firstGradNorm = norms->values.front();
    }
    if (const auto* speeds = run.history.find(core::metric::kTokensPerS)) {
        curves.tokensPerS = core::sampleQuantile(speeds->values, 0.5);
    }
    curves.endLoss = core::endLoss(run);
    curves.heldOutLoss = core::heldOutLoss(run);
    return curves;
}

core::JobContext partOf(const core::JobContext& job, int part, int parts)
{
    return core::JobContext(job.stopToken(),
                            [&job, part, parts](double fraction, std::string_view stage) {
                                job.checkpoint((part + std::max(0.0, fraction)) / parts, stage);
                            });
}

} // namespace

// --- A side

const PairState* PairSide::stateAt(std::int64_t step) const
{
    const PairState* found = nullptr;
    for (const PairState& state : states) {
        found = state.step <= step ? &state : found;
    }
    return found;
}

int PairSide::placeOf(const QString& module) const
{
    const std::string name = module.toStdString();
    const auto found =
        std::find_if(modules.begin(), modules.end(),
                     [&](const core::LinearModule& one) { return one.name == name; });
    return found == modules.end() ? -1 : static_cast<int>(found - modules.begin());
}

const PairMatrix* PairSide::matrixAt(const QString& module, std::int64_t step) const
{
    const PairState* state = stateAt(step);
    const int place = placeOf(module);
    return state != nullptr && place >= 0 ? &state->matrices[place] : nullptr;
}

// --- On the worker

// Puts what is measured into the queue, made into the numbers that are shown.
class RunPair::Listener : public core::UpdateObserver {
public:
    Listener(int side, Queue& queue)
        : m_side(side)
        , m_queue(queue)
    {
    }

    void begun(const core::RunUpdate& frame) override
    {
        Framed framed;
        framed.side = m_side;
        for (const core::ModuleUpdate& one : frame.states.front().modules) {
            framed.modules.push_back(one.module);
            framed.ranks.append(one.rank);
        }
        for (const core::StateUpdate& state : frame.states) {
            framed.states.append(
                {state.step, QString::fromStdString(state.title), state.isUsual,
                 QVector<PairMatrix>(static_cast<qsizetype>(framed.modules.size()))});
        }
        m_queue.push(std::move(framed));
    }

    void measured(std::size_t place, const std::vector<core::ModuleUpdate>& states) override
    {
        Measured told {m_side, static_cast<int>(place), {}};
        for (const core::ModuleUpdate& one : states) {
            told.states.append(matrixOf(one));
        }
        m_queue.push(std::move(told));
    }

private:
    int m_side;
    Queue& m_queue;
};

void RunPair::tellUpdate(const core::ComparedRun& run, int side,
                         std::vector<core::LinearModule>& modules, Queue& queue,
                         const core::JobContext& job)
{
    Ended ended;
    ended.side = side;
    if (!run.run) {
        ended.problem = tr("%1 is another program's run: its curves are all that is known of it.")
                            .arg(QString::fromStdString(run.name));
        queue.push(std::move(ended));
        return;
    }
    try {
        Listener listener(side, queue);
        core::UpdateMapOptions options;
        options.directions = kDirections;
        const core::RunUpdate update = core::updateOfRun(*run.run, options, job, &listener);
        const core::StateUpdate& usual = update.usual();
        for (const core::ModuleUpdate& one : usual.modules) {
            modules.push_back(one.module);
        }
        if (core::hasAdapter(run.run->spec.method)) {
            ended.proposal = core::ranksByUpdate(usual);
            ended.parameters = core::adapterParameters(usual);
        }
        for (const std::string& note : update.notes) {
            ended.problem += (ended.problem.isEmpty() ? QString() : QStringLiteral(" "))
                + QString::fromStdString(note);
        }
    } catch (const core::Error& error) { // what else is known of the pair stands
        ended.problem = QString::fromStdString(error.what());
    }
    queue.push(std::move(ended));
}

// One that cannot be read takes nothing from what else is known.
void RunPair::readScores(const Asked& asked, PairFindings& findings, const core::JobContext& job)
{
    for (const std::filesystem::path& folder : asked.evaluations) {
        try {
            for (core::Scoreboard& one : core::readScoreboards(folder, job)) {
                findings.scores.push_back(std::move(one));
            }
        } catch (const core::Error& error) {
            findings.scoreProblem = QString::fromStdString(error.what());
        }
    }
}

void RunPair::work(const Asked& asked, Queue& queue, const core::JobContext& job)
{
    std::vector<core::ComparedRun> runs = core::openCompared(asked.runs, job);
    if (runs.size() < 2) {
        throw core::Error(core::ErrorKind::InvalidArgument,
                          runs.front().path.string()
                              + ": is both runs (expected two); choose another one");
    }
    std::vector<core::ComparedRun> both {runs[0], runs[1]};
    PairFindings findings;
    findings.differences = core::differencesOf(both, job);
    readScores(asked, findings, job);
    findings.claims = core::claimsOf(runs, findings.scores);
    const std::array<PairCurves, 2> curves {curvesOf(both[0]), curvesOf(both[1])};
    for (core::ComparedRun& run : both) {
        run.history = {};
    }
    queue.push(Opened {{both[0], both[1]}, curves, findings});
    std::array<std::vector<core::LinearModule>, 2> modules;
    for (int side = 0; side < 2; ++side) {
        const auto place = static_cast<std::size_t>(side);
        tellUpdate(both[place], side, modules[place], queue, partOf(job, side, 2));
    }
    Laid laid;
    laid.fault = core::pairFault(both[0], modules[0], both[1], modules[1]);
    if (both[0].run && both[1].run) {
        laid.ranks = core::rankDifferences(modules[0].empty() ? modules[1] : modules[0],
                                           {both[0].run->spec, both[1].run->spec});
    }
    queue.push(std::move(laid));
}

// --- The service

RunPair::RunPair(QObject* parent)
    : Service(parent)
{
    m_timer.setInterval(kTickMs);
    connect(&m_timer, &QTimer::timeout, this, &RunPair::drain);
    const auto failed = [this](const QString& why) {
        return Failed {tr("Could not compare the runs"), m_paths[0], why};
    };
    goWith(m_jobs, m_job, failed, [this](State how) { finish(std::move(how)); });
    connect(&m_matrixJobs, &JobBridge::failed, this, [this](quint64, const QString& why) {
        m_matrixProblem = why;
        announce(this, &RunPair::matrixChanged);
    });
}

RunPair::~RunPair() = default;

void RunPair::compare(const QString& a, const QString& b, const QStringList& beside)
{
    if (a.isEmpty() || b.isEmpty() || a == b
        || (isOf(a, b) && m_beside == beside && failure() == nullptr)) {
        return;
    }
    m_paths = {a, b};
    m_beside = beside;
    start();
}

void RunPair::setEvaluations(const QStringList& folders)
{
    if (std::exchange(m_evaluations, folders) != folders) {
        again();
    }
}

const core::ScoredModel* RunPair::scoreOf(const core::Scoreboard& of, int which) const
{
    const core::ComparedRun& run = side(which).run;
    return of.findRun(run.name, run.path);
}

void RunPair::again()
{
    if (!m_paths[0].isEmpty()) {
        start();
    }
}

void RunPair::swap()
{
    if (m_paths[0].isEmpty()) {
        return;
    }
    std::swap(m_paths[0], m_paths[1]);
    if (isRunning() || failure() != nullptr) {
        start();
        return;
    }
    std::swap(m_sides[0], m_sides[1]);
    for (auto* rows : {&m_findings.differences.settings, &m_findings.differences.inputs,
                       &m_findings.differences.stepZero, &m_findings.ranks}) {
        for (core::DifferenceRow& row : *rows) {
            std::reverse(row.values.begin(), row.values.end());
        }
    }
    if (m_matrix) {
        std::swap(m_matrix->a, m_matrix->b);
    }
    m_matrixJobs.cancel();
    announce(this, &RunPair::changed);
    announce(this, &RunPair::matrixChanged);
}

void RunPair::start()
{
    m_sides = {};
    m_findings = {};
    m_opened = false;
    m_matrix.reset();
    m_matrixProblem.clear();
    m_matrixJobs.cancel();
    m_jobs.setTitle(tr("Comparison of two runs"));
    Asked asked {{m_paths[0].toStdString(), m_paths[1].toStdString()}, {}};
    for (const QString& path : std::as_const(m_beside)) {
        asked.runs.emplace_back(path.toStdString());
    }
    for (const QString& folder : std::as_const(m_evaluations)) {
        asked.evaluations.emplace_back(folder.toStdString());
    }
    m_queue = std::make_shared<Queue>();
    m_job = m_jobs.start<bool>(
        [asked, queue = m_queue](const core::JobContext& job) {
            work(asked, *queue, job);
            return true;
        },
        [](bool) {});
    m_timer.start();
    setState(Running {});
    announce(this, &RunPair::changed);
}

void RunPair::cancel()
{
    m_jobs.cancel();
}

void RunPair::finish(State how)
{
    m_timer.stop();
    drain();
    const bool failed = std::holds_alternative<Failed>(how);
    setState(failed ? std::move(how) : State(Ready {}));
    announce(this, &RunPair::changed);
}

void RunPair::drain()
{
    if (!m_queue) {
        return;
    }
    auto arrived = m_queue->takeAll();
    for (Event& event : arrived) {
        take(std::move(event));
    }
    if (!arrived.empty()) {
        announce(this, &RunPair::changed);
    }
}

void RunPair::take(Event event)
{
    if (auto* opened = std::get_if<Opened>(&event)) {
        for (std::size_t i = 0; i < m_sides.size(); ++i) {
            m_sides[i].run = std::move(opened->runs[i]);
            m_sides[i].curves = opened->curves[i];
        }
        m_findings = std::move(opened->findings);
        m_opened = true;
    } else if (auto* framed = std::get_if<Framed>(&event)) {
        PairSide& side = m_sides[static_cast<std::size_t>(framed->side)];
        side.modules = std::move(framed->modules);
        side.ranks = std::move(framed->ranks);
        side.states = std::move(framed->states);
    } else if (auto* measured = std::get_if<Measured>(&event)) {
        PairSide& side = m_sides[static_cast<std::size_t>(measured->side)];
        for (qsizetype i = 0; i < measured->states.size(); ++i) {
            side.states[i].matrices[measured->place] = measured->states[i];
        }
        ++side.measured;
    } else if (auto* ended = std::get_if<Ended>(&event)) {
        PairSide& side = m_sides[static_cast<std::size_t>(ended->side)];
        side.problem = ended->problem;
        side.proposal = std::move(ended->proposal);
        side.parameters = ended->parameters;
    } else if (auto* laid = std::get_if<Laid>(&event)) {
        m_findings.ranks = std::move(laid->ranks);
        m_findings.fault = std::move(laid->fault);
    }
}

std::vector<std::int64_t> RunPair::steps() const
{
    std::set<std::int64_t> all;
    for (const PairSide& side : m_sides) {
        for (const PairState& state : side.states) {
            all.insert(state.step);
        }
    }
    return {all.begin(), all.end()};
}

std::int64_t RunPair::usualStep() const
{
    std::int64_t step = 0;
    for (const PairSide& side : m_sides) {
        for (const PairState& state : side.states) {
            step = state.isUsual ? std::max(step, state.step) : step;
        }
    }
    return step;
}

// --- One matrix

namespace {

core::RunAt placeIn(const PairSide& side, std::int64_t step)
{
    const PairState* state = side.stateAt(step);
    // The usual one is named by what it is: where a run keeps its result alone, it has no other name.
    const bool usual = state == nullptr || state->isUsual;
    return {*side.run.run,
            usual ? core::StateChoice()
                  : core::StateChoice {core::StateChoice::Kind::Step, state->step}};
}

core::MatrixPair ofOne(const core::RunAt& one, const std::string& module, bool isFirst,
                       const core::JobContext& job)
{
    core::MatrixPair pair = core::matrixPair(one, one, module, kDirections, job);
    pair.between = {};
    (isFirst ? pair.b : pair.a).reset();
    return pair;
}

} // namespace

void RunPair::look(const QString& module, std::int64_t step)
{
    m_matrix.reset();
    m_matrixProblem.clear();
    std::array<std::optional<core::RunAt>, 2> at;
    for (std::size_t i = 0; i < at.size(); ++i) {
        const PairSide& side = m_sides[i];
        if (side.run.run && side.placeOf(module) >= 0 && side.stateAt(step) != nullptr) {
            at[i] = placeIn(side, step);
        }
    }
    if (!at[0] && !at[1]) {
        m_matrixJobs.cancel();
        announce(this, &RunPair::matrixChanged);
        return;
    }
    m_matrixJobs.start<core::MatrixPair>(
        [at, name = module.toStdString()](const core::JobContext& job) {
            return at[0] && at[1] ? core::matrixPair(*at[0], *at[1], name, kDirections, job)
                                  : ofOne(at[0] ? *at[0] : *at[1], name, at[0].has_value(), job);
        },
        [this](core::MatrixPair pair) {
            m_matrix = std::move(pair);
            announce(this, &RunPair::matrixChanged);
        });
    announce(this, &RunPair::matrixChanged);
}

} // namespace pissarro::ui
