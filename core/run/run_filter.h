// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/library/project.h"
#include "core/run/run_directory.h"
#include "core/settings/field.h"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline run {

// Something that is told of a run in a list of runs: a setting of the spec table, a figure of the run, or what a person says.
struct RunColumn {
    std::string key; // "learning_rate", "best_eval_loss", "tag"
    std::string label; // of the column, in English
    std::string other; // another name for it: its flag without dashes, "lr"; empty: none
    std::function<FieldValue(const RunSummary&, const RunMark&)> value;
};

// Whether it is told of every run, also of another program's: its folder, and what a person says of it.
bool isToldOfAll(const RunColumn& column);

// Figures and what a person says first, then every setting in the order of run.json. Threads: any.
const std::vector<RunColumn>& runColumns();
// Throws: Error{InvalidArgument} with the keys known.
const RunColumn& runColumn(std::string_view key);

// Which runs are shown, by words that all must hold:
//
//   gsm8k              stands in the name, the folder, the notes, a tag, the method, the model or the data
//   rank=16  lr>=1e-4  by the key of a column: = != < <= > >=, as numbers where both are, else as text
//   model:SmolLM       holds the text; of a list (tag, targets) = and : ask each
//   -archived=yes      not so; "two words" in quotes are one
//
// Letters of ASCII count alike, large or small. What is not told (NaN) is only ever !=.
class RunFilter {
public:
    RunFilter() = default; // all runs
    // Throws: Error{InvalidArgument}: an unknown key, an open quote, a comparison with nothing.
    explicit RunFilter(std::string_view words);

    bool keeps(const RunSummary& run, const RunMark& mark) const;
    // Of another program's run, of which no setting is told: only its folder and what a person says of it.
    bool keepsOthers(const std::filesystem::path& run, const RunMark& mark) const;

private:
    enum class Compare { Text, Holds, Equal, Unequal, Less, LessEqual, Greater, GreaterEqual };
    struct Word {
        bool isNot = false;
        Compare compare = Compare::Text;
        const RunColumn* column = nullptr; // null: Text
        std::string text; // in small letters
    };
    static Word wordOf(std::string_view text);
    static bool holds(const Word& word, const RunSummary& run, const RunMark& mark, bool isOthers);
    static bool compares(Compare compare, const FieldValue& value, const std::string& text);

    std::vector<Word> m_words;
};

} // namespace pissarro::core::inline run
