// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compare/compared_run.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/history/metric_names.h"
#include "core/run/run_resume.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <tuple>

namespace pissarro::core::inline compare {

namespace {

namespace fs = std::filesystem;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// The last `parts` names of a path.
std::string tailOf(const fs::path& path, std::size_t parts)
{
    std::vector<std::string> names;
    for (const fs::path& name : path) {
        if (!name.empty() && name != "/") {
            names.push_back(name.string());
        }
    }
    std::string tail;
    for (std::size_t i = names.size() > parts ? names.size() - parts : 0; i < names.size(); ++i) {
        tail += (tail.empty() ? "" : "/") + names[i];
    }
    return tail;
}

void nameApart(std::vector<ComparedRun>& runs)
{
    constexpr std::size_t kMostParts = 64;
    for (ComparedRun& run : runs) {
        for (std::size_t parts = 1; parts <= kMostParts; ++parts) {
            run.name = tailOf(run.path, parts);
            const auto same = std::count_if(runs.begin(), runs.end(), [&](const ComparedRun& one) {
                return tailOf(one.path, parts) == run.name;
            });
            if (same <= 1) {
                break;
            }
        }
    }
}

// Runs below a folder, in the order of their paths: of a sweep that is the order of its names.
std::vector<RunSummary> runsBelow(const fs::path& folder, const JobContext& job)
{
    std::vector<RunSummary> found = findRuns(folder, job);
    std::sort(found.begin(), found.end(),
              [](const RunSummary& a, const RunSummary& b) { return a.directory < b.directory; });
    return found;
}

History historyOf(const fs::path& directory, const JobContext& job)
{
    try {
        return readHistory(directory, job);
    } catch (const Error& e) {
        if (e.kind() != ErrorKind::InvalidArgument) {
            throw;
        }
        return {}; // nothing was told yet
    }
}

} // namespace

std::string ComparedRun::title() const
{
    if (!run) {
        return name;
    }
    const RunSpec& spec = run->spec;
    const std::string rank =
        hasAdapter(spec.method) ? fmt::format(" r{}", spec.rank) : std::string();
    return std::string(methodTitle(spec.method)) + rank + ", " + rateText(spec.learningRate);
}

std::vector<ComparedRun> openCompared(const std::vector<fs::path>& paths, const JobContext& job)
{
    std::vector<ComparedRun> runs;
    std::set<fs::path> seen;
    for (const fs::path& named : paths) {
        job.throwIfCancelled();
        std::error_code ignored;
        const fs::path path = fs::absolute(named).lexically_normal();
        std::vector<RunSummary> ours = runsOfRequest(path, job);
        if (ours.empty() && fs::is_directory(path, ignored)) {
            ours = runsBelow(path, job);
        }
        for (RunSummary& run : ours) {
            fs::path directory = fs::weakly_canonical(run.directory, ignored);
            if (seen.insert(directory).second) {
                std::string edits = takeTrained(run);
                runs.push_back(
                    {{}, directory, std::move(run), historyOf(directory, job), std::move(edits)});
            }
        }
        if (ours.empty()) {
            fs::path canonical = fs::weakly_canonical(path, ignored);
            if (seen.insert(canonical).second) {
                runs.push_back({{}, canonical, std::nullopt, readHistory(path, job), {}});
            }
        }
    }
    if (runs.empty()) {
        throw Error(ErrorKind::InvalidArgument,
                    "there is no run to compare (expected one or more)");
    }
    nameApart(runs);
    return runs;
}

double endLoss(const ComparedRun& run)
{
    const MetricSeries* losses = run.history.find(metric::kLoss);
    if (losses == nullptr || losses->values.empty()) {
        return kNone;
    }
    const std::size_t count = std::max<std::size_t>(1, losses->values.size() / 20);
    double sum = 0.0;
    for (std::size_t i = losses->values.size() - count; i < losses->values.size(); ++i) {
        sum += losses->values[i];
    }
    return sum / static_cast<double>(count);
}

double heldOutLoss(const ComparedRun& run)
{
    if (run.run && std::isfinite(run.run->bestEvalLoss)) {
        return run.run->bestEvalLoss;
    }
    const MetricSeries* losses = run.history.find(metric::kEvalLoss);
    double best = kNone;
    for (std::size_t i = 0; losses != nullptr && i < losses->values.size(); ++i) {
        best = std::isnan(best) ? losses->values[i] : std::min(best, losses->values[i]);
    }
    return best;
}

} // namespace pissarro::core::inline compare
