// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compare/report_file.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"
#include "core/text/shell_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline compare {

const std::vector<ReportForm>& reportForms()
{
    static const std::vector<ReportForm> kForms {
        {".html", "HTML", true,
         [](const RunComparison& found, const ReportOptions& how) {
             return htmlOf(reportOf(found, how));
         }},
        {".pdf", "PDF", true,
         [](const RunComparison& found, const ReportOptions& how) {
             return pdfOf(reportOf(found, how));
         }},
        {".md", "Markdown", true,
         [](const RunComparison& found, const ReportOptions& how) {
             return markdownOf(reportOf(found, how));
         }},
        {".json", "JSON", false,
         [](const RunComparison& found, const ReportOptions& /*how*/) {
             return comparisonJson(found).dump(-1, ' ', false,
                                               nlohmann::json::error_handler_t::replace)
                 + "\n";
         }},
    };
    return kForms;
}

const ReportForm* reportFormOf(const std::filesystem::path& file)
{
    const std::string ending = file.extension().string();
    const auto& forms = reportForms();
    const auto found = std::find_if(forms.begin(), forms.end(),
                                    [&](const ReportForm& one) { return one.ending == ending; });
    return found == forms.end() ? nullptr : &*found;
}

std::string reportEndings()
{
    std::string text;
    const auto& forms = reportForms();
    for (std::size_t i = 0; i < forms.size(); ++i) {
        text += fmt::format("{}{}",
                            i == 0                     ? ""
                                : i + 1 < forms.size() ? ", "
                                                       : " or ",
                            forms[i].ending);
    }
    return text;
}

std::string reportCommand(const ReportRequest& request)
{
    std::string line = "pissarro-cli compare";
    const auto add = [&line](std::string_view flag, const std::string& value) {
        line += fmt::format("{}{} {}", flag.empty() ? "" : " ", flag, shellQuoted(value));
    };
    for (const auto& run : request.runs) {
        add("", run.string());
    }
    for (const auto& folder : request.how.evaluations) {
        add("--eval", folder.string());
    }
    for (const auto& file : request.how.quantErrors) {
        add("--quant-error", file.string());
    }
    for (const std::string& pattern : request.how.update.modules) {
        add("--modules", pattern);
    }
    if (!request.how.experiment.empty()) {
        add("--paper", request.how.experiment);
    }
    if (request.how.share != kProposedShare) {
        add("--share", numberText(request.how.share));
    }
    if (request.how.update.directions != UpdateMapOptions().directions) {
        add("--directions", numberText(static_cast<double>(request.how.update.directions)));
    }
    line += request.how.withUpdate ? "" : " --no-update";
    if (!request.title.empty()) {
        add("--title", request.title);
    }
    if (!request.output.empty()) {
        add("-o", request.output.string());
    }
    return line;
}

OutputRule reportRule(const ReportRequest& request, const OutputRule& rule)
{
    std::vector<std::filesystem::path> inputs = request.runs;
    inputs.insert(inputs.end(), request.how.evaluations.begin(), request.how.evaluations.end());
    inputs.insert(inputs.end(), request.how.quantErrors.begin(), request.how.quantErrors.end());
    return rule.with(std::move(inputs));
}

RunComparison writeReport(const ReportRequest& request, const OutputRule& rule,
                          const JobContext& job)
{
    const ReportForm* form = nullptr;
    const OutputRule own = reportRule(request, rule);
    if (!request.output.empty()) {
        form = reportFormOf(request.output);
        if (form == nullptr) {
            throw Error(ErrorKind::InvalidArgument,
                        fmt::format("{}: unknown kind of file (expected a name ending in {})",
                                    shownPath(request.output), reportEndings()));
        }
        checkOutputFile(request.output, own);
    }
    CompareOptions how = request.how;
    if (form == nullptr || !form->isDocument) {
        how.spectra = 0; // of plots alone
    }
    RunComparison found = compareRuns(request.runs, how, job);
    if (form != nullptr) {
        writeOutputFile(request.output,
                        form->write(found, {request.title, reportCommand(request), {}}),
                        withBases(own, found));
    }
    return found;
}

} // namespace pissarro::core::inline compare
