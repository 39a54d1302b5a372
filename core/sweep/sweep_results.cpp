// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sweep/sweep_results.h"

#include "core/base/fmt.h"
#include "core/run/run_directory.h"
#include "core/sweep/run_ending_p.h"
#include "core/sweep/sweep_series_p.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace pissarro::core::inline sweep {

namespace {

bool halvesAreThere(const std::vector<StepRecord>& records)
{
    return std::any_of(records.begin(), records.end(), [](const StepRecord& record) {
        return std::isfinite(record.evalChoosing) && std::isfinite(record.evalReported);
    });
}

bool isEvaluated(const std::vector<StepRecord>& records)
{
    return std::any_of(records.begin(), records.end(),
                       [](const StepRecord& record) { return std::isfinite(record.evalLoss); });
}

RunScore heldOutScore(const std::vector<StepRecord>& records, bool halves)
{
    RunScore score;
    for (const StepRecord& record : records) {
        const double choosing = halves ? record.evalChoosing : record.evalLoss;
        const double reported = halves ? record.evalReported : record.evalLoss;
        const bool isBetter = std::isnan(score.choosing) || choosing < score.choosing;
        if (std::isfinite(choosing) && std::isfinite(reported) && isBetter) {
            score = {choosing, reported, record.step, {}};
        }
    }
    return score;
}

double lateLoss(const std::vector<StepRecord>& records)
{
    return meanLoss(records, 0,
                    std::max<std::int64_t>(1, static_cast<std::int64_t>(records.size()) / 10));
}

bool holds(const Setting& whole, const Setting& part)
{
    return std::all_of(part.begin(), part.end(), [&](const auto& one) {
        return std::find(whole.begin(), whole.end(), one) != whole.end();
    });
}

// The settings under which methods are compared. One that a method has no use for (the rank of full fine-tuning, T of LoRA) does
// not part it from the others: its runs stand beside theirs under each of them.
std::vector<Setting> settingsOf(const std::vector<SweepRow>& rows)
{
    std::vector<Setting> all;
    for (const SweepRow& row : rows) {
        const Setting setting = settingOf(row);
        if (std::find(all.begin(), all.end(), setting) == all.end()) {
            all.push_back(setting);
        }
    }
    std::vector<Setting> widest;
    std::copy_if(all.begin(), all.end(), std::back_inserter(widest), [&](const Setting& one) {
        return std::none_of(all.begin(), all.end(), [&](const Setting& other) {
            return other.size() > one.size() && holds(other, one);
        });
    });
    return widest;
}

class Collector {
public:
    Collector(const SweepStore& store, const ResultOptions& options)
        : m_store(store)
        , m_options(options)
    {
    }

    SweepResults collect()
    {
        SweepState state = m_store.read();
        for (const PlannedRun& planned : m_store.plan().runs) {
            addRow(planned, runNamed(state, planned.name));
        }
        score();
        addSeries();
        conclude();
        addNotes();
        return std::move(m_results);
    }

private:
    void addRow(const PlannedRun& planned, const SweepRun& entry)
    {
        SweepRow row;
        row.name = planned.name;
        row.state = entry.state;
        row.message = entry.message;
        row.method = planned.spec.method;
        row.rank = planned.spec.rank;
        row.learningRate = planned.spec.learningRate;
        row.seed = planned.spec.seed;
        row.varied = planned.varied;
        const std::filesystem::path folder = m_store.runFolder(planned.name);
        std::vector<StepRecord> records;
        std::error_code ignored;
        if (std::filesystem::exists(folder / kRunFile, ignored)) {
            const RunSummary summary = readRun(folder);
            records = recordsOf(folder);
            row.step = summary.step;
            row.steps = summary.steps;
            row.trainableParameters = summary.trainableParameters;
        }
        if (!records.empty()) {
            row.trainLoss = lateLoss(records);
            row.seconds = records.back().elapsedS;
            row.tokensPerS = row.seconds > 0.0
                ? static_cast<double>(records.back().tokens) / row.seconds
                : records.back().tokensPerS;
            row.memoryBytes = records.back().memoryBytes;
        }
        m_results.rows.push_back(std::move(row));
        m_records.push_back(std::move(records));
    }

    bool isDone(std::size_t i) const { return m_results.rows[i].state == SweepRunState::Done; }

    // One measure for all runs, or their numbers would not be of one thing.
    void score()
    {
        bool halves = true;
        bool evaluated = true;
        for (std::size_t i = 0; i < m_records.size(); ++i) {
            halves = halves && (!isDone(i) || halvesAreThere(m_records[i]));
            evaluated = evaluated && (!isDone(i) || isEvaluated(m_records[i]));
        }
        m_onOtherRows = m_options.scoreOf ? true : halves;
        m_results.scoreKind = m_options.scoreOf ? ScoreKind::Given
            : evaluated                         ? ScoreKind::HeldOutLoss
                                                : ScoreKind::TrainLoss;
        m_results.measure = m_options.scoreOf ? m_options.measure
            : evaluated                       ? "held-out loss"
                                              : "training loss";
        for (std::size_t i = 0; i < m_records.size(); ++i) {
            SweepRow& row = m_results.rows[i];
            if (!isDone(i)) {
                continue;
            }
            if (m_options.scoreOf) {
                row.score = m_options.scoreOf(m_store.plan().runs[i]).value_or(RunScore());
            } else if (evaluated) {
                row.score = heldOutScore(m_records[i], halves);
            } else {
                row.score = {row.trainLoss, row.trainLoss, row.step, {}};
            }
        }
    }

    bool isBetter(double a, double b) const { return m_options.lowerIsBetter ? a < b : a > b; }

    // The runs that differ in rate and seed alone, by method and setting, in the order of the plan.
    using Cell = std::vector<const SweepRow*>;

    // By rate: of the cell's runs, all of which must have a score.
    std::map<double, Cell> scoredRates(const Cell& cell) const
    {
        std::map<double, Cell> rates;
        std::set<double> torn;
        for (const SweepRow* row : cell) {
            rates[row->learningRate].push_back(row);
            if (!std::isfinite(row->score.choosing) || !std::isfinite(row->score.reported)) {
                torn.insert(row->learningRate);
            }
        }
        for (const double rate : torn) {
            rates.erase(rate);
        }
        return rates;
    }

    // The rule of core/stats: the best mean of the choosing half, of equals the smaller rate.
    std::optional<double> bestRate(const std::map<double, Cell>& rates) const
    {
        std::optional<double> best;
        double bestMean = 0.0;
        for (const auto& [rate, rows] : rates) {
            double sum = 0.0;
            for (const SweepRow* row : rows) {
                sum += row->score.choosing;
            }
            const double mean = sum / static_cast<double>(rows.size());
            if (!best || isBetter(mean, bestMean)) {
                best = rate;
                bestMean = mean;
            }
        }
        return best;
    }

    // The runs of each method and setting, `key` and rates apart.
    std::vector<Cell> cells() const
    {
        std::vector<Cell> cells;
        std::map<std::string, std::size_t> places;
        for (const SweepRow& row : m_results.rows) {
            const std::string key =
                std::string(methodName(row.method)) + "\n" + textOf(settingOf(row));
            const auto [found, isNew] = places.emplace(key, cells.size());
            if (isNew) {
                cells.emplace_back();
            }
            cells[found->second].push_back(&row);
        }
        return cells;
    }

    void addSeries()
    {
        std::vector<std::string> keys; // that vary, in the order of the table
        for (const SpecField& field : specFields()) {
            std::set<std::string> values;
            for (const SweepRow& row : m_results.rows) {
                if (const std::string value = valueOf(row, field.key); !value.empty()) {
                    values.insert(value);
                }
            }
            if (values.size() > 1 && !isNoSetting(field.key)) {
                keys.push_back(field.key);
                m_results.ablations.emplace_back(field.key, std::vector<Series>());
            }
        }
        if (keys.empty()) { // nothing else to draw over
            keys.emplace_back(kMethodKey);
            m_results.ablations.emplace_back(kMethodKey, std::vector<Series>());
        }
        for (const Cell& cell : cells()) {
            const auto rates = scoredRates(cell);
            const SweepRow& first = *cell.front();
            for (const auto& [rate, rows] : rates) {
                seriesIn(m_results.rateSensitivity, first, settingOf(first))
                    .points.push_back(pointOf(rows, rateText(rate)));
            }
            const std::optional<double> best = bestRate(rates);
            for (std::size_t k = 0; best && k < keys.size(); ++k) {
                if (const std::string value = valueOf(first, keys[k]); !value.empty()) {
                    Series& series =
                        seriesIn(m_results.ablations[k].second, first, settingOf(first, keys[k]));
                    series.points.push_back(pointOf(rates.at(*best), value));
                    sortPoints(series);
                }
            }
        }
    }

    void conclude()
    {
        ConclusionOptions options;
        options.lowerIsBetter = m_options.lowerIsBetter;
        options.ratesChosenOnOtherRows = m_onOtherRows;
        std::vector<TriedRun> tried;
        for (const SweepRow& row : m_results.rows) {
            const std::string method(methodTitle(row.method));
            if (std::find(options.methods.begin(), options.methods.end(), method)
                == options.methods.end()) {
                options.methods.push_back(method);
            }
        }
        for (const Setting& setting : settingsOf(m_results.rows)) {
            for (const SweepRow& row : m_results.rows) {
                if (holds(setting, settingOf(row))) {
                    tried.push_back({std::string(methodTitle(row.method)), textOf(setting),
                                     row.learningRate, static_cast<std::int64_t>(row.seed),
                                     row.score.choosing, row.score.reported, row.score.solved});
                }
            }
        }
        m_results.conclusions = concludeFrom(tried, options);
    }

    std::size_t count(SweepRunState state) const
    {
        return static_cast<std::size_t>(
            std::count_if(m_results.rows.begin(), m_results.rows.end(),
                          [&](const SweepRow& row) { return row.state == state; }));
    }

    void say(const char* sentence, std::vector<std::string> args = {})
    {
        m_results.notes.push_back({sentence, {}, 0, std::move(args)});
    }

    void addNotes()
    {
        const auto note = [&](SweepRunState state, const char* many, const char* one) {
            if (const std::size_t runs = count(state); runs > 0) {
                m_results.notes.push_back(
                    {many,
                     one,
                     static_cast<std::int64_t>(runs),
                     {fmt::format("{}", runs), fmt::format("{}", m_results.rows.size())}});
            }
        };
        note(SweepRunState::EndedEarly,
             PISSARRO_SAID_N("pissarro::core",
                             "%1 of %2 runs were ended early by the rule that was asked for: they "
                             "have no score, and their rates are nobody's best."),
             "%1 of %2 runs was ended early by the rule that was asked for: it has no score, and "
             "its rate is nobody's best.");
        note(SweepRunState::Failed,
             PISSARRO_SAID_N("pissarro::core", "%1 of %2 runs failed and have no score."),
             "%1 of %2 runs failed and has no score.");
        note(SweepRunState::Skipped,
             PISSARRO_SAID_N("pissarro::core", "%1 of %2 runs were skipped and have no score."),
             "%1 of %2 runs was skipped and has no score.");
        note(SweepRunState::Waiting,
             PISSARRO_SAID_N("pissarro::core", "%1 of %2 runs are still to come."),
             "%1 of %2 runs is still to come.");
        note(SweepRunState::Running,
             PISSARRO_SAID_N("pissarro::core", "%1 of %2 runs are still at work."),
             "%1 of %2 runs is still at work.");
        if (count(SweepRunState::Done) == 0) {
            return;
        }
        if (m_results.scoreKind == ScoreKind::TrainLoss) {
            say(PISSARRO_SAID("pissarro::core",
                              "Nothing is held out (eval_ratio 0): scores are losses of the "
                              "training rows, and rates are chosen by the very losses that are "
                              "reported."));
        } else if (!m_onOtherRows) {
            say(PISSARRO_SAID("pissarro::core",
                              "Too few rows are held out for two halves: rates are chosen by the "
                              "very losses that are reported."));
        } else if (m_results.scoreKind == ScoreKind::HeldOutLoss) {
            say(PISSARRO_SAID("pissarro::core",
                              "Rates and steps are chosen on one half of the held-out rows, and "
                              "the other half is reported."));
        } else {
            say(PISSARRO_SAID("pissarro::core",
                              "Rates are chosen on one half of the questions of %1, and the other "
                              "half is reported."),
                {m_options.measure});
        }
    }

    const SweepStore& m_store;
    const ResultOptions& m_options;
    SweepResults m_results;
    std::vector<std::vector<StepRecord>> m_records; // by row
    bool m_onOtherRows = false;
};

} // namespace

SweepResults resultsOf(const SweepStore& store, const ResultOptions& options)
{
    return Collector(store, options).collect();
}

} // namespace pissarro::core::inline sweep
