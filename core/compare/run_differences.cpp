// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compare/run_differences.h"

#include "core/base/fmt.h"
#include "core/run/spec_fields.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>

namespace pissarro::core::inline compare {

namespace {

constexpr std::size_t kShownDigits = 12; // of a fingerprint

std::vector<const RunSummary*> oursOf(const std::vector<ComparedRun>& runs)
{
    std::vector<const RunSummary*> ours;
    for (const ComparedRun& one : runs) {
        if (one.run) {
            ours.push_back(&*one.run);
        }
    }
    return ours;
}

bool isAlike(const std::vector<std::string>& values)
{
    return std::adjacent_find(values.begin(), values.end(), std::not_equal_to<>()) == values.end();
}

std::string weightsText(const RunInputs& inputs)
{
    std::string text;
    for (const FileMark& one : inputs.weights) {
        text +=
            (text.empty() ? "" : ", ") + one.name + " " + one.fingerprint.substr(0, kShownDigits);
    }
    return text;
}

struct InputRow {
    const char* key;
    const char* label;
    std::string (*text)(const RunInputs& inputs);
};
const std::array kInputs {
    InputRow {"weights", "Weights of the base", weightsText},
    InputRow {"config", "Its config.json",
              [](const RunInputs& one) { return one.config.substr(0, kShownDigits); }},
    InputRow {"tokenizer", "Tokenizer",
              [](const RunInputs& one) { return one.tokenizer.substr(0, kShownDigits); }},
    InputRow {"examples", "Token ids and labels of the data",
              [](const RunInputs& one) { return one.examples.substr(0, kShownDigits); }},
    InputRow {"example_count", "Examples",
              [](const RunInputs& one) { return fmt::format("{}", one.exampleCount); }},
    InputRow {"held_count", "Of them only evaluated",
              [](const RunInputs& one) { return fmt::format("{}", one.heldCount); }},
};

struct StepZeroRow {
    const char* key;
    const char* label;
    double (*value)(const StepZero& zero);
};
const std::array kStepZero {
    StepZeroRow {"base_loss", "Loss of the base", [](const StepZero& one) { return one.baseLoss; }},
    StepZeroRow {"adapted_loss", "Loss with the fresh adapter",
                 [](const StepZero& one) { return one.adaptedLoss; }},
    StepZeroRow {"max_logit_difference", "Largest difference of a logit",
                 [](const StepZero& one) { return one.maxLogitDifference; }},
    StepZeroRow {"mean_logit_difference", "Mean difference of a logit",
                 [](const StepZero& one) { return one.meanLogitDifference; }},
};
// Of methods with a base in four bits.
struct PartRow {
    const char* key;
    const char* label;
    double (*value)(const StepZeroParts& parts);
};
const std::array kParts {
    PartRow {"part_svd", "Of it the decomposition's",
             [](const StepZeroParts& one) { return one.svd; }},
    PartRow {"part_rounding", "Of it rounding's",
             [](const StepZeroParts& one) { return one.rounding; }},
    PartRow {"part_quantization", "Of it the four bits'",
             [](const StepZeroParts& one) { return one.quantization; }},
    PartRow {"part_plain", "Four bits of the base itself would move",
             [](const StepZeroParts& one) { return one.plain; }},
};

void addInputs(RunDifferences& found, const std::vector<const RunSummary*>& runs)
{
    for (const InputRow& input : kInputs) {
        DifferenceRow row {input.key, input.label, {}};
        for (const RunSummary* run : runs) {
            row.values.push_back(run->inputs.isKnown() ? input.text(run->inputs) : std::string());
        }
        const bool known = std::none_of(row.values.begin(), row.values.end(),
                                        [](const std::string& one) { return one.empty(); });
        if (!isAlike(row.values)) {
            found.inputs.push_back(std::move(row));
        } else if (known && runs.size() > 1) {
            found.sameInputs.push_back(row.label);
        }
    }
}

void addStepZero(RunDifferences& found, const std::vector<const RunSummary*>& runs)
{
    const auto add = [&](const char* key, const char* label,
                         const std::function<double(const StepZero&)>& value) {
        DifferenceRow row {key, label, {}};
        for (const RunSummary* run : runs) {
            const double one = run->stepZero ? value(*run->stepZero) : std::nan("");
            row.values.push_back(std::isnan(one) ? std::string() : numberText(one));
        }
        if (std::any_of(row.values.begin(), row.values.end(),
                        [](const std::string& one) { return !one.empty(); })) {
            found.stepZero.push_back(std::move(row));
        }
    };
    for (const StepZeroRow& row : kStepZero) {
        add(row.key, row.label, row.value);
    }
    for (const PartRow& row : kParts) {
        add(row.key, row.label, [&row](const StepZero& one) {
            return one.parts ? row.value(*one.parts) : std::nan("");
        });
    }
}

std::map<std::int64_t, std::string> hashesOf(const RunSummary& run, const JobContext& job)
{
    std::vector<StepRecord> records;
    appendRecords(records, MetricsTail(run.directory).poll(job));
    std::map<std::int64_t, std::string> hashes;
    for (StepRecord& one : records) {
        if (!one.batchHash.empty()) {
            hashes.emplace(one.step, std::move(one.batchHash));
        }
    }
    return hashes;
}

// A seed orders the rows: runs of another one are not expected to see the same, but where the batches are a file's.
bool seesTheSame(const RunSpec& a, const RunSpec& b)
{
    return a.seed == b.seed || (!a.batches.empty() && !b.batches.empty());
}

void addBatches(RunDifferences& found, const std::vector<const RunSummary*>& runs,
                const JobContext& job)
{
    std::map<std::size_t, std::map<std::int64_t, std::string>> firsts; // by their place
    for (std::size_t i = 1; i < runs.size(); ++i) {
        const auto first = std::find_if(
            runs.begin(), runs.begin() + static_cast<std::ptrdiff_t>(i),
            [&](const RunSummary* one) { return seesTheSame(one->spec, runs[i]->spec); });
        const auto place = static_cast<std::size_t>(first - runs.begin());
        if (place == i) {
            continue; // the first of its seed
        }
        auto known = firsts.find(place);
        if (known == firsts.end()) {
            known = firsts.emplace(place, hashesOf(**first, job)).first;
        }
        BatchAgreement agreement {i, place};
        for (const auto& [step, hash] : hashesOf(*runs[i], job)) {
            if (const auto same = known->second.find(step); same != known->second.end()) {
                ++agreement.common;
                agreement.equal += same->second == hash ? 1 : 0;
            }
        }
        found.batches.push_back(agreement);
    }
}

} // namespace

RunDifferences differencesOf(const std::vector<ComparedRun>& runs, const JobContext& job)
{
    const auto ours = oursOf(runs);
    std::vector<RunSpec> specs;
    for (const RunSummary* run : ours) {
        specs.push_back(run->spec);
    }
    RunDifferences found;
    for (SpecDifference& one : specDifferences(specs)) {
        const std::string& label = specField(one.key).label;
        found.settings.push_back({one.key, label.empty() ? one.key : label, std::move(one.values)});
    }
    addInputs(found, ours);
    addStepZero(found, ours);
    addBatches(found, ours, job);
    return found;
}

std::vector<DifferenceRow> rankDifferences(const std::vector<LinearModule>& modules,
                                           const std::vector<RunSpec>& specs)
{
    std::vector<DifferenceRow> rows;
    for (const LinearModule& module : modules) {
        DifferenceRow row {module.name, module.name, {}};
        for (const RunSpec& spec : specs) {
            row.values.push_back(hasAdapter(spec.method) ? fmt::format(
                                     "{}", adapterRank(module, spec.rank, spec.patterns))
                                                         : std::string());
        }
        if (!isAlike(row.values)) {
            rows.push_back(std::move(row));
        }
    }
    return rows;
}

} // namespace pissarro::core::inline compare
