// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compare/comparison.h"
#include "core/report/document.h"

#include <string>

namespace pissarro::core::inline compare {

struct ReportOptions {
    std::string title; // empty: made of the methods, the model and the data
    std::string command; // that made the report: among those that repeat it
    std::string date; // as it stands in the head; empty: now, in UTC
};

// A comparison as a document: what was found, the curves, the runs, what differs, where the update went, scores, four bits, the
// paper's figures, and every command that repeats it. What is not there is said in its place.
Document reportOf(const RunComparison& comparison, const ReportOptions& options);

} // namespace pissarro::core::inline compare
