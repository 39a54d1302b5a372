// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compare/run_report.h"

#include "core/base/fmt.h"
#include "core/base/version.h"
#include "core/compare/run_report_p.h"
#include "core/run/run_log.h"
#include "core/run/run_state.h"
#include "core/stats/significance.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace pissarro::core::inline compare {

namespace {

std::string titleOf(const RunComparison& comparison)
{
    std::vector<std::string> methods;
    std::set<std::string> models;
    std::set<std::string> data;
    for (const ComparedRun& one : comparison.runs) {
        const std::string method =
            one.run ? std::string(methodTitle(one.run->spec.method)) : one.history.title;
        if (std::find(methods.begin(), methods.end(), method) == methods.end()) {
            methods.push_back(method);
        }
        if (one.run) {
            const RunSpec& spec = one.run->spec;
            models.insert(std::filesystem::path(spec.model).filename().string());
            data.insert(std::filesystem::path(spec.batches.empty() ? spec.data : spec.batches)
                            .stem()
                            .string());
        }
    }
    std::string title;
    for (std::size_t i = 0; i < methods.size(); ++i) {
        title += (i == 0 ? "" : i + 1 == methods.size() ? " and " : ", ") + methods[i];
    }
    const auto one = [](const std::set<std::string>& names, const char* many) {
        return names.size() == 1 ? *names.begin() : fmt::format("{}{}", names.size(), many);
    };
    return models.empty()
        ? title
        : title + " on " + one(models, " models") + ", " + one(data, " data sets");
}

std::vector<std::string> commandsOf(const RunComparison& comparison)
{
    std::vector<std::string> lines;
    for (const ComparedRun& one : comparison.runs) {
        if (one.run) {
            lines.push_back(specToCommand(one.run->spec, {}, one.run->directory.string()));
        }
    }
    return lines;
}

// Of many runs the first page has the first alone; the others' stand at the end.
Code firstCommands(const RunComparison& comparison, const std::string& own)
{
    Code code {"To repeat it", commandsOf(comparison)};
    if (code.lines.size() > kFewRuns) {
        code.title = "To repeat it: the first run, and this comparison; all runs at the end";
        code.lines.resize(1);
    }
    if (!own.empty()) {
        code.lines.push_back(own);
    }
    return code;
}

// A line for each that fails; those that pass in one where they are many.
class CheckLines {
public:
    void add(bool isGood, std::string text)
    {
        (isGood ? m_good : m_bad).push_back({isGood, std::move(text)});
    }
    // `all`: what is said of every one of many, with their count.
    void put(Checks& into, const std::function<std::string(std::size_t)>& all)
    {
        if (m_good.size() > kFewRuns) {
            m_good = {{true, all(m_good.size())}};
        }
        into.all.insert(into.all.end(), m_good.begin(), m_good.end());
        into.all.insert(into.all.end(), m_bad.begin(), m_bad.end());
    }

private:
    std::vector<Checks::One> m_good;
    std::vector<Checks::One> m_bad;
};

void addStepZero(Checks& checks, const RunComparison& comparison, const std::vector<RunLook>& looks)
{
    constexpr std::string_view kBegin = "Step 0: "; // of a verdict
    CheckLines lines;
    for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
        const auto& run = comparison.runs[i].run;
        if (run && run->stepZero) {
            const std::string& verdict = run->stepZero->verdict;
            const std::size_t from = verdict.starts_with(kBegin) ? kBegin.size() : 0;
            lines.add(run->stepZero->passed, looks[i].name + ", step 0: " + verdict.substr(from));
        }
    }
    lines.put(checks, [](std::size_t count) {
        return fmt::format("Step 0: {} runs equal their base as their method and precision allow; "
                           "the figures stand below",
                           count);
    });
}

void addBatches(Checks& checks, const RunComparison& comparison, const std::vector<RunLook>& looks,
                const std::vector<std::size_t>& ours)
{
    CheckLines lines;
    for (const BatchAgreement& one : comparison.differences.batches) {
        if (one.common > 0) {
            lines.add(one.equal == one.common,
                      fmt::format("{}: {} of {} steps saw the tokens of {}",
                                  looks[ours[one.run]].name, one.equal, one.common,
                                  looks[ours[one.beside]].name));
        }
    }
    lines.put(checks, [](std::size_t count) {
        return fmt::format("{} runs saw, step for step, the tokens of the first run of their seed",
                           count);
    });
}

Checks checksOf(const RunComparison& comparison, const std::vector<RunLook>& looks)
{
    Checks checks {"What was checked", {}};
    std::vector<std::size_t> ours; // places of our runs among all
    addStepZero(checks, comparison, looks);
    for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
        const auto& run = comparison.runs[i].run;
        if (!run) {
            continue;
        }
        ours.push_back(i);
        if (run->state != RunState::Finished && run->state != RunState::FinishedEarly) {
            checks.all.push_back({false, looks[i].name + ": " + runStateText(*run)});
        }
    }
    for (const std::string& same : comparison.differences.sameInputs) {
        checks.all.push_back({true, same + ": the same for all runs"});
    }
    for (const DifferenceRow& row : comparison.differences.inputs) {
        checks.all.push_back({false, row.label + ": not the same for all runs"});
    }
    addBatches(checks, comparison, looks, ours);
    for (const auto* notes : {&comparison.claims.notes, &comparison.notes}) {
        for (const std::string& note : *notes) {
            checks.all.push_back({false, note});
        }
    }
    return checks;
}

void addPairs(Section& section, const Scoreboard& evaluation)
{
    Table table {"Questions solved by both, by one alone, by none",
                 evaluation.task,
                 {{"A"},
                  {"B"},
                  {"both", true},
                  {"only A", true},
                  {"only B", true},
                  {"none", true},
                  {"McNemar's p", true}},
                 {}};
    for (std::size_t a = 0; a < evaluation.models.size(); ++a) {
        for (std::size_t b = a + 1; b < evaluation.models.size(); ++b) {
            const ScoredModel& first = evaluation.models[a];
            const ScoredModel& second = evaluation.models[b];
            if (first.solved.empty() || first.solved.size() != second.solved.size()) {
                continue;
            }
            const PairedAnswers pairs = countPairs(first.solved, second.solved);
            const auto text = [](std::int64_t count) { return fmt::format("{}", count); };
            table.rows.push_back({{first.name},
                                  {second.name},
                                  {text(pairs.both)},
                                  {text(pairs.onlyA)},
                                  {text(pairs.onlyB)},
                                  {text(pairs.none)},
                                  {figureText(mcnemarP(pairs.onlyA, pairs.onlyB), 3)}});
        }
    }
    if (!table.rows.empty()) {
        table.note = "Each p by itself: what may be claimed of all pairs together stands above.";
        section.blocks.emplace_back(std::move(table));
    }
}

// "2026-11-30T01:36:29Z" for people: "30 November 2026, 01:36 UTC".
std::string dateText(const std::string& stamp)
{
    constexpr std::array kMonths {"January",   "February", "March",    "April",
                                  "May",       "June",     "July",     "August",
                                  "September", "October",  "November", "December"};
    const auto month = stamp.size() > 16 ? numberIn<int>(stamp.substr(5, 2)) : std::nullopt;
    const auto day = stamp.size() > 16 ? numberIn<int>(stamp.substr(8, 2)) : std::nullopt;
    return month && day && *month >= 1 && *month <= 12
        ? fmt::format("{} {} {}, {} UTC", *day, kMonths[static_cast<std::size_t>(*month - 1)],
                      stamp.substr(0, 4), stamp.substr(11, 5))
        : stamp;
}

std::string footerOf(const RunComparison& comparison)
{
    std::string text = "Pissarro " + std::string(version());
    for (const ComparedRun& one : comparison.runs) {
        if (one.run) {
            for (const auto& [what, which] : one.run->versions) {
                text += what == "pissarro" ? "" : " · " + what + " " + which;
            }
            break;
        }
    }
    return fmt::format("{} · {} {}", text, comparison.runs.size(),
                       comparison.runs.size() == 1 ? "run" : "runs");
}

} // namespace

void addPictures(Section& section, Pictures pictures)
{
    Pictures beside;
    const auto put = [&section](Pictures some) {
        if (!some.empty()) {
            section.blocks.emplace_back(std::move(some));
        }
    };
    for (Picture& one : pictures) {
        const auto* plot = std::get_if<LinePlot>(&one.plot);
        if (plot != nullptr && plot->curves.size() > kFewRuns) {
            put(std::exchange(beside, {}));
            put(Pictures {std::move(one)});
        } else {
            beside.push_back(std::move(one));
        }
    }
    put(std::move(beside));
}

std::string readable(std::string sentence)
{
    for (std::size_t i = 0; i + 1 < sentence.size(); ++i) {
        const bool begins = i == 0 || sentence[i - 1] == ' ' || sentence[i - 1] == '(';
        if (sentence[i] == '-' && begins && sentence[i + 1] >= '0' && sentence[i + 1] <= '9') {
            sentence.replace(i, 1, "−");
        }
    }
    return sentence;
}

Section scoresSection(const RunComparison& comparison, const std::vector<RunLook>& looks)
{
    Section section {"Scores", {}};
    if (comparison.evaluations.empty()) {
        Paragraph none;
        none.text = "No evaluation was named: pissarro-cli eval RUN… --task TASK --data FILE -o "
                    "DIR makes one, --eval DIR lays it in here.";
        none.isMuted = true;
        section.blocks.emplace_back(std::move(none));
        return section;
    }
    for (const Scoreboard& evaluation : comparison.evaluations) {
        const double scale = evaluation.isPerplexity ? 1.0 : 100.0;
        BarPlot plot {{}, {evaluation.isPerplexity ? "perplexity" : "solved, %"}};
        for (const ScoredModel& model : evaluation.models) {
            Paint paint {Ink::Muted};
            for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
                const ComparedRun& run = comparison.runs[i];
                if (model.name == run.name || model.name == run.path.filename().string()) {
                    paint = looks[i].paint;
                    break;
                }
            }
            std::optional<Interval> interval = model.interval;
            if (interval) {
                interval = Interval {scale * interval->low, scale * interval->high};
            }
            std::string text = evaluation.text(model);
            if (!evaluation.isPerplexity) {
                text += fmt::format(" ({} of {})", model.correct, model.answers);
            }
            plot.bars.push_back(
                {model.name, paint, scale * model.score, interval, std::move(text)});
        }
        const std::string rule =
            evaluation.rule.empty() ? std::string() : " by the rule " + evaluation.rule;
        section.blocks.emplace_back(
            Pictures {{evaluation.task + rule,
                       evaluation.isPerplexity ? "windows drawn anew, 95 %" : "intervals at 95 %",
                       std::move(plot)}});
        addPairs(section, evaluation);
    }
    return section;
}

Document reportOf(const RunComparison& comparison, const ReportOptions& options)
{
    const std::vector<RunLook> looks = looksOf(comparison.runs);
    Document document;
    document.title = options.title.empty() ? titleOf(comparison) : options.title;
    document.kind = comparison.runs.size() == 1 ? "Run report" : "Comparison of runs";
    document.date = options.date.empty() ? dateText(utcNow()) : options.date;
    document.verdict = comparison.claims.sentence();
    document.limits = readable(comparison.claims.basis());
    document.footer = footerOf(comparison);
    Section first {"", {figuresOf(comparison, looks)}};
    for (Picture& one : lossPictures(comparison, looks)) { // as wide as the page
        first.blocks.emplace_back(Pictures {std::move(one)});
    }
    addPictures(first, rankPictures(comparison));
    first.blocks.emplace_back(runsTable(comparison, looks));
    first.blocks.emplace_back(firstCommands(comparison, options.command));
    first.blocks.emplace_back(checksOf(comparison, looks));
    document.sections.push_back(std::move(first));
    document.sections.push_back(setupSection(comparison, looks));
    document.sections.push_back(claimsSection(comparison));
    document.sections.push_back(scoresSection(comparison, looks));
    document.sections.push_back(updateSection(comparison, looks));
    document.sections.push_back(quantizationSection(comparison, looks));
    if (comparison.experiment != nullptr) {
        document.sections.push_back(paperSection(comparison));
    }
    if (std::vector<std::string> all = commandsOf(comparison); all.size() > kFewRuns) {
        document.sections.push_back(
            {"Every run's command", {Code {"In their order", std::move(all)}}});
    }
    return document;
}

} // namespace pissarro::core::inline compare
