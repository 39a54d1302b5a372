// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_filter.h"

#include "core/base/error.h"
#include "core/run/run_state.h"
#include "core/run/spec_fields.h"
#include "core/text/ascii.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"
#include "core/text/said.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

namespace pissarro::core::inline run {

namespace {

std::optional<double> numberOf(const FieldValue& value)
{
    return std::visit(
        [](const auto& held) -> std::optional<double> {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_arithmetic_v<Held> && !std::is_same_v<Held, bool>) {
                return static_cast<double>(held);
            } else {
                return std::nullopt;
            }
        },
        value);
}

// The texts that a value is compared by: of a list each, of a switch what people say for it.
std::vector<std::string> textsIn(const FieldValue& value)
{
    if (const auto* const list = std::get_if<std::vector<std::string>>(&value)) {
        std::vector<std::string> texts;
        std::transform(list->begin(), list->end(), std::back_inserter(texts), lowered);
        return texts;
    }
    if (const auto* const flag = std::get_if<bool>(&value)) {
        return *flag ? std::vector<std::string> {"yes", "true", "on", "1"}
                     : std::vector<std::string> {"no", "false", "off", "0"};
    }
    if (const auto* const text = std::get_if<std::string>(&value)) {
        return {lowered(*text)};
    }
    return {lowered(fieldText(value))};
}

std::string shownName(const RunSummary& run, const RunMark& mark)
{
    return mark.name.empty() ? run.directory.filename().string() : mark.name;
}

RunColumn figure(std::string key, std::string label,
                 std::function<FieldValue(const RunSummary&)> value)
{
    return {
        std::move(key),
        std::move(label),
        {},
        [value = std::move(value)](const RunSummary& run, const RunMark&) { return value(run); }};
}

RunColumn said(std::string key, std::string label, std::function<FieldValue(const RunMark&)> value)
{
    return {
        std::move(key),
        std::move(label),
        {},
        [value = std::move(value)](const RunSummary&, const RunMark& mark) { return value(mark); }};
}

std::vector<RunColumn> makeColumns()
{
    using Run = RunSummary;
    std::vector<RunColumn> all {
        {"name",
         PISSARRO_SAID("pissarro::core", "Name"),
         {},
         [](const Run& run, const RunMark& mark) -> FieldValue { return shownName(run, mark); }},
        said("tag", PISSARRO_SAID("pissarro::core", "Tags"),
             [](const RunMark& mark) -> FieldValue { return mark.tags; }),
        said("notes", PISSARRO_SAID("pissarro::core", "Notes"),
             [](const RunMark& mark) -> FieldValue { return mark.notes; }),
        said("pinned", PISSARRO_SAID("pissarro::core", "Pinned"),
             [](const RunMark& mark) -> FieldValue { return mark.pinned; }),
        said("archived", PISSARRO_SAID("pissarro::core", "Archived"),
             [](const RunMark& mark) -> FieldValue { return mark.archived; }),
        figure("folder", PISSARRO_SAID("pissarro::core", "Folder"),
               [](const Run& run) -> FieldValue { return run.directory.string(); }),
        figure("state", PISSARRO_SAID("pissarro::core", "State"),
               [](const Run& run) -> FieldValue { return std::string(runStateName(run.state)); }),
        figure("started", PISSARRO_SAID("pissarro::core", "Started"),
               [](const Run& run) -> FieldValue { return run.startedAt; }),
        figure("computed_on", PISSARRO_SAID("pissarro::core", "Computed on"),
               [](const Run& run) -> FieldValue { return run.device; }),
        figure("step", PISSARRO_SAID("pissarro::core", "Steps done"),
               [](const Run& run) -> FieldValue { return run.step; }),
        figure("planned_steps", PISSARRO_SAID("pissarro::core", "Steps planned"),
               [](const Run& run) -> FieldValue { return run.steps; }),
        RunColumn {"last_loss", PISSARRO_SAID("pissarro::core", "Last loss"), "loss",
                   [](const Run& run, const RunMark&) -> FieldValue { return run.end.loss; }},
        figure("mean_loss", PISSARRO_SAID("pissarro::core", "Mean loss of the last steps"),
               [](const Run& run) -> FieldValue { return run.end.meanLoss; }),
        figure("tokens_per_s", PISSARRO_SAID("pissarro::core", "Tokens/s"),
               [](const Run& run) -> FieldValue { return run.end.tokensPerS; }),
        figure("best_eval_loss", PISSARRO_SAID("pissarro::core", "Best held-out loss"),
               [](const Run& run) -> FieldValue { return run.bestEvalLoss; }),
        figure("best_score", PISSARRO_SAID("pissarro::core", "Best score"),
               [](const Run& run) -> FieldValue { return run.bestScore; }),
        figure("best_step", PISSARRO_SAID("pissarro::core", "Best step"),
               [](const Run& run) -> FieldValue { return run.bestStep; }),
        figure("trainable_parameters", PISSARRO_SAID("pissarro::core", "Trained parameters"),
               [](const Run& run) -> FieldValue { return run.trainableParameters; }),
        figure("model_parameters", PISSARRO_SAID("pissarro::core", "Parameters"),
               [](const Run& run) -> FieldValue { return run.modelParameters; }),
        figure("init_seconds", PISSARRO_SAID("pissarro::core", "Preparing (s)"),
               [](const Run& run) -> FieldValue { return run.initSeconds; }),
    };
    for (const SpecField& field : specFields()) {
        const std::size_t dashes = field.flag.find_first_not_of('-');
        all.push_back({field.key, field.label.empty() ? field.key : field.label,
                       dashes == std::string::npos ? std::string() : field.flag.substr(dashes),
                       [&field](const Run& run, const RunMark&) { return field.get(run.spec); }});
    }
    return all;
}

const RunColumn* findColumn(std::string_view key)
{
    const auto& all = runColumns();
    for (const std::string RunColumn::*name : {&RunColumn::key, &RunColumn::other}) {
        const auto found = std::find_if(all.begin(), all.end(),
                                        [&](const RunColumn& one) { return one.*name == key; });
        if (found != all.end()) {
            return &*found;
        }
    }
    return nullptr;
}

// The words between spaces; what stands in quotes belongs together.
std::vector<std::string> split(std::string_view text)
{
    std::vector<std::string> words;
    std::string word;
    bool isQuoted = false;
    bool isWord = false;
    for (const char c : text) {
        if (c == '"') {
            isQuoted = !isQuoted;
            isWord = true;
        } else if (!isQuoted && (c == ' ' || c == '\t' || c == '\n')) {
            if (isWord) {
                words.push_back(std::exchange(word, {}));
            }
            isWord = false;
        } else {
            word.push_back(c);
            isWord = true;
        }
    }
    if (isQuoted) {
        throw Error(ErrorKind::InvalidArgument, "a quote is open; close it with another \"");
    }
    if (isWord) {
        words.push_back(word);
    }
    return words;
}

} // namespace

const std::vector<RunColumn>& runColumns()
{
    static const std::vector<RunColumn> kColumns = makeColumns();
    return kColumns;
}

bool isToldOfAll(const RunColumn& column)
{
    static constexpr std::array<std::string_view, 6> kTold {"name",   "tag",      "notes",
                                                            "pinned", "archived", "folder"};
    return std::find(kTold.begin(), kTold.end(), column.key) != kTold.end();
}

const RunColumn& runColumn(std::string_view key)
{
    if (const RunColumn* const found = findColumn(key)) {
        return *found;
    }
    std::vector<std::string_view> keys;
    for (const RunColumn& column : runColumns()) {
        keys.push_back(column.key);
    }
    throw Error(ErrorKind::InvalidArgument,
                shownText(key) + " is told of no run (expected " + listText(keys) + ")");
}

RunFilter::Word RunFilter::wordOf(std::string_view text)
{
    static constexpr std::array<std::pair<std::string_view, Compare>, 7> kSigns {{
        {"!=", Compare::Unequal}, // the longer ones first
        {"<=", Compare::LessEqual},
        {">=", Compare::GreaterEqual},
        {"=", Compare::Equal},
        {"<", Compare::Less},
        {">", Compare::Greater},
        {":", Compare::Holds},
    }};
    Word word;
    if (text.size() > 1 && text.front() == '-') {
        word.isNot = true;
        text.remove_prefix(1);
    }
    const std::size_t at = text.find_first_of("!<>=:");
    const auto* const sign = std::find_if(kSigns.begin(), kSigns.end(), [&](const auto& one) {
        return at != std::string_view::npos && text.substr(at).starts_with(one.first);
    });
    if (at == 0 || sign == kSigns.end()) {
        word.text = lowered(std::string(text));
        return word;
    }
    word.compare = sign->second;
    word.column = &runColumn(text.substr(0, at));
    word.text = lowered(std::string(text.substr(at + sign->first.size())));
    if (word.text.empty()) {
        throw Error(ErrorKind::InvalidArgument,
                    shownText(text) + " compares with nothing; write a value behind it");
    }
    return word;
}

RunFilter::RunFilter(std::string_view words)
{
    for (const std::string& word : split(words)) {
        if (!word.empty()) {
            m_words.push_back(wordOf(word));
        }
    }
}

bool RunFilter::compares(Compare compare, const FieldValue& value, const std::string& text)
{
    const auto number = numberOf(value);
    const auto wanted = numberIn<double>(text);
    const auto decide = [compare](const auto& a, const auto& b) {
        switch (compare) {
        case Compare::Equal:
            return a == b;
        case Compare::Less:
            return a < b;
        case Compare::LessEqual:
            return a <= b;
        case Compare::Greater:
            return a > b;
        case Compare::GreaterEqual:
            return a >= b;
        default:
            return false;
        }
    };
    if (compare == Compare::Unequal) {
        return !compares(Compare::Equal, value, text);
    }
    if (number && wanted && compare != Compare::Holds) {
        return decide(*number, *wanted);
    }
    if (number && std::isnan(*number)) {
        return false;
    }
    const auto texts = textsIn(value);
    return std::any_of(texts.begin(), texts.end(), [&](const std::string& one) {
        return compare == Compare::Holds ? one.find(text) != std::string::npos : decide(one, text);
    });
}

bool RunFilter::holds(const Word& word, const RunSummary& run, const RunMark& mark, bool isOthers)
{
    const auto isTold = [isOthers](const RunColumn& column) {
        return !isOthers || isToldOfAll(column);
    };
    if (word.column != nullptr) {
        return isTold(*word.column)
            ? compares(word.compare, word.column->value(run, mark), word.text)
            : word.compare == Compare::Unequal;
    }
    static const std::array kSearched {
        &runColumn("name"),   &runColumn("folder"), &runColumn("notes"), &runColumn("tag"),
        &runColumn("method"), &runColumn("model"),  &runColumn("data")};
    return std::any_of(kSearched.begin(), kSearched.end(), [&](const RunColumn* column) {
        return isTold(*column) && compares(Compare::Holds, column->value(run, mark), word.text);
    });
}

bool RunFilter::keeps(const RunSummary& run, const RunMark& mark) const
{
    return std::all_of(m_words.begin(), m_words.end(), [&](const Word& word) {
        return holds(word, run, mark, /*isOthers=*/false) != word.isNot;
    });
}

bool RunFilter::keepsOthers(const std::filesystem::path& run, const RunMark& mark) const
{
    RunSummary named;
    named.directory = run;
    return std::all_of(m_words.begin(), m_words.end(), [&](const Word& word) {
        return holds(word, named, mark, /*isOthers=*/true) != word.isNot;
    });
}

} // namespace pissarro::core::inline run
