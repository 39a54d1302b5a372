// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of the table of a run's settings (spec_fields.cpp): how the rows of the data are read.
#include "core/base/error.h"
#include "core/run/spec_field_row_p.h"

namespace pissarro::core::inline run {

namespace {

bool readsRows(const SpecUse& use)
{
    return use.spec.batches.empty();
}

std::string labelsProblem(const std::string& text)
{
    try {
        parseLabels(text);
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

std::string columnsProblem(const std::string& text)
{
    try {
        parseColumnMap(text);
    } catch (const Error& error) {
        constexpr std::string_view kSubject = "the columns "; // the key says it
        std::string_view why = error.what();
        why.remove_prefix(why.starts_with(kSubject) ? kSubject.size() : 0);
        return std::string(why);
    }
    return {};
}

} // namespace

std::vector<SpecField> readingFields()
{
    std::vector<SpecField> fields;
    fields.push_back(
        row<&RunSpec::columns>("columns", "--map", "Columns",
                               "columns by role: instruction=question,output=answer; default: "
                               "found by their names")
            .elsewhere()
            .usedBy("--data", readsRows)
            .checked([](const RunSpec& spec) { return columnsProblem(spec.columns); }));
    fields.push_back(row<&RunSpec::learned>("learn", "--learn", "Learned",
                                            "answers of a conversation that --template chat learns")
                         .elsewhere()
                         .usedBy("--template chat", [](const SpecUse& use) {
                             return readsRows(use) && use.spec.promptTemplate.isModels();
                         }));
    fields.push_back(
        row<&RunSpec::strict>("strict", "--strict", "Strict",
                              "a row that cannot be read is an error, instead of being left out")
            .elsewhere()
            .usedBy("--data", readsRows));
    fields.push_back(
        row<&RunSpec::labels>("labels", "--labels", "Labels",
                              "new head that sorts texts: how many classes, or their names with "
                              "commas; 1: a number")
            .advanced()
            .checked([](const RunSpec& spec) { return labelsProblem(spec.labels); }));
    return fields;
}

} // namespace pissarro::core::inline run
