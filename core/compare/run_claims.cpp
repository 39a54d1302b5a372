// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compare/run_claims.h"

#include "core/base/fmt.h"
#include "core/run/spec_fields.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <set>
#include <tuple>

namespace pissarro::core::inline compare {

namespace {

constexpr std::size_t kLongestValue = 40; // of a setting in a sentence

bool isOwnAxis(const std::string& key)
{
    constexpr std::array<std::string_view, 3> kAxes {"method", "learning_rate", "seed"};
    return std::find(kAxes.begin(), kAxes.end(), key) != kAxes.end();
}

bool means(const SpecField& field, const RunSpec& spec)
{
    return !field.applies || field.applies({spec, {spec.method}});
}

// The settings that tell apart runs to which they mean something.
std::vector<const SpecField*> tellingFields(const std::vector<const RunSpec*>& specs)
{
    std::vector<const SpecField*> fields;
    for (const SpecField& field : specFields()) {
        if (field.resume != Resume::Decides || isOwnAxis(field.key)) {
            continue;
        }
        std::set<std::string> values;
        for (const RunSpec* spec : specs) {
            if (means(field, *spec)) {
                values.insert(fieldText(field.get(*spec)));
            }
        }
        if (values.size() > 1) {
            fields.push_back(&field);
        }
    }
    return fields;
}

std::string settingOf(const RunSpec& spec, const std::vector<const SpecField*>& fields)
{
    std::string text;
    for (const SpecField* field : fields) {
        if (means(*field, spec)) {
            std::string value = fieldText(field->get(spec));
            if (value.size() > kLongestValue) {
                const std::string cut = value.substr(0, kLongestValue);
                value = fmt::format("{}…", cut.substr(0, wholeCharacters(cut)));
            }
            std::string key = field->key;
            std::replace(key.begin(), key.end(), '_', ' ');
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", key, value);
        }
    }
    return text;
}

// One way to score runs.
struct ScoredBy {
    std::string name;
    bool lowerIsBetter = true;
    bool isTwoHalves = false;
    std::function<bool(const ComparedRun& run, TriedRun& tried)> score; // false: it has none
};

bool scoreByAnswers(const Scoreboard& evaluation, const ComparedRun& run, TriedRun& tried)
{
    const ScoredModel* model = evaluation.findRun(run.name, run.path);
    if (model == nullptr || model->solved.size() < 2) {
        return false;
    }
    HalvedAnswers halves = halvesOf(model->solved);
    tried.choosing = halves.choosing;
    tried.score = halves.score;
    tried.solved = std::move(halves.solved);
    return true;
}

bool scoreByLoss(double loss, TriedRun& tried)
{
    tried.choosing = tried.score = loss;
    return !std::isnan(loss);
}

bool scoreByPerplexity(const Scoreboard& evaluation, const ComparedRun& run, TriedRun& tried)
{
    const ScoredModel* model = evaluation.findRun(run.name, run.path);
    return scoreByLoss(model == nullptr ? std::nan("") : model->score, tried);
}

std::vector<ScoredBy> measuresOf(const std::vector<Scoreboard>& evaluations)
{
    std::vector<ScoredBy> measures;
    for (const Scoreboard& one : evaluations) {
        const auto score = one.isPerplexity ? scoreByPerplexity : scoreByAnswers;
        measures.push_back({one.task, one.isPerplexity, !one.isPerplexity,
                            [&one, score](const ComparedRun& run, TriedRun& tried) {
                                return score(one, run, tried);
                            }});
    }
    measures.push_back({"held-out loss", true, false, [](const ComparedRun& run, TriedRun& tried) {
                            return scoreByLoss(heldOutLoss(run), tried);
                        }});
    measures.push_back(
        {"training loss at the end", true, false,
         [](const ComparedRun& run, TriedRun& tried) { return scoreByLoss(endLoss(run), tried); }});
    return measures;
}

// Of runs that are the same twice the first counts.
std::vector<TriedRun> triedBy(const ScoredBy& measure, const std::vector<ComparedRun>& runs,
                              const std::vector<const SpecField*>& fields,
                              std::vector<std::string>& notes)
{
    std::vector<TriedRun> tried;
    std::set<std::tuple<std::string, std::string, double, std::int64_t>> seen;
    for (const ComparedRun& one : runs) {
        if (!one.run) {
            continue;
        }
        const RunSpec& spec = one.run->spec;
        TriedRun run;
        run.method = methodTitle(spec.method);
        run.setting = settingOf(spec, fields);
        run.rate = spec.learningRate;
        run.seed = static_cast<std::int64_t>(spec.seed);
        if (!measure.score(one, run)) {
            notes.push_back(one.name + " has no " + measure.name + ".");
        } else if (!seen.emplace(run.method, run.setting, run.rate, run.seed).second) {
            notes.push_back(one.name + " repeats another run, which counts alone.");
        } else {
            tried.push_back(std::move(run));
        }
    }
    return tried;
}

std::vector<std::string> foreignNotes(const std::vector<ComparedRun>& runs)
{
    std::vector<std::string> notes;
    for (const ComparedRun& one : runs) {
        if (!one.run) {
            notes.push_back(one.name
                            + " is another program's run: its curves are all that is known.");
        }
    }
    return notes;
}

std::vector<std::string> methodsOf(const std::vector<TriedRun>& tried)
{
    std::vector<std::string> methods;
    for (const TriedRun& one : tried) {
        if (std::find(methods.begin(), methods.end(), one.method) == methods.end()) {
            methods.push_back(one.method);
        }
    }
    return methods;
}

// Answers of another number of questions are of another evaluation.
bool isOfOneLength(const std::vector<TriedRun>& tried)
{
    return std::all_of(tried.begin(), tried.end(), [&](const TriedRun& one) {
        return one.solved.size() == tried.front().solved.size();
    });
}

} // namespace

std::string RunClaims::sentence() const
{
    std::string text;
    for (const Conclusion& one : conclusions) {
        if (!one.sentences.empty()) {
            text += (text.empty() ? "" : " ") + one.sentences.front().text();
        }
    }
    return text.empty() ? "There are no two methods to compare here." : text;
}

std::string RunClaims::basis() const
{
    std::string text;
    for (const Conclusion& one : conclusions) {
        for (std::size_t i = 1; i < one.sentences.size(); ++i) {
            text += (text.empty() ? "" : " ") + one.sentences[i].text();
        }
    }
    return text;
}

RunClaims claimsOf(const std::vector<ComparedRun>& runs, const std::vector<Scoreboard>& evaluations)
{
    std::vector<const RunSpec*> specs;
    for (const ComparedRun& one : runs) {
        if (one.run) {
            specs.push_back(&one.run->spec);
        }
    }
    const auto fields = tellingFields(specs);
    RunClaims claims;
    claims.notes = foreignNotes(runs);
    for (const ScoredBy& measure : measuresOf(evaluations)) {
        RunClaims one;
        one.measure = measure.name;
        one.lowerIsBetter = measure.lowerIsBetter;
        one.notes = claims.notes;
        one.tried = triedBy(measure, runs, fields, one.notes);
        const bool usable = one.tried.size() >= std::min<std::size_t>(2, specs.size())
            && !one.tried.empty() && isOfOneLength(one.tried);
        if (!usable) {
            continue;
        }
        if (!measure.isTwoHalves) {
            one.notes.push_back("Rates were chosen by the very rows that are reported.");
        }
        one.conclusions = concludeFrom(
            one.tried, {methodsOf(one.tried), measure.lowerIsBetter, measure.isTwoHalves});
        return one;
    }
    claims.measure = "nothing";
    claims.notes.push_back("No runs here have a loss or a score that could be compared.");
    return claims;
}

} // namespace pissarro::core::inline compare
