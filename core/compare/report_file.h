// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compare/comparison.h"
#include "core/compare/run_report.h"
#include "core/file/output.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline compare {

// A report as a file: what `compare -o` and the window's dialog write, by one list of forms.

struct ReportForm {
    std::string_view ending; // of the file's name: ".html"
    std::string_view title; // for people: "HTML"
    bool isDocument = true; // plots and all; else the figures alone
    std::string (*write)(const RunComparison& found, const ReportOptions& how) = nullptr;
};
const std::vector<ReportForm>& reportForms();
// By the ending of the name; null: there is no such form.
const ReportForm* reportFormOf(const std::filesystem::path& file);
std::string reportEndings(); // ".html, .md, .pdf or .json"

struct ReportRequest {
    std::vector<std::filesystem::path> runs;
    CompareOptions how; // `spectra` counts of documents alone
    std::string title; // empty: made of methods, model and data
    std::filesystem::path output; // empty: no file
};

// The line that does the same.
std::string reportCommand(const ReportRequest& request);

// What no report may be written over: what it is made of. `rule` with it.
OutputRule reportRule(const ReportRequest& request, const OutputRule& rule);

// Compares, and writes what was found. Without `output` it only compares.
// Throws: Error{InvalidArgument}: an unknown ending, or what is there may not be replaced: before the work; as compareRuns() and
//   writeOutputFile(); Cancelled.
RunComparison writeReport(const ReportRequest& request, const OutputRule& rule,
                          const JobContext& job);

} // namespace pissarro::core::inline compare
