// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compare/scoreboard.h"

#include "core/base/error.h"
#include "core/file/json_file.h"
#include "core/file/line_pieces.h"
#include "core/file/regular_file.h"
#include "core/report/axis.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <functional>
#include <map>

namespace pissarro::core::inline compare {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kSummary = "summary.json";
constexpr std::uint64_t kLargestAnswers = 1U << 30U; // bytes

// Each line of a file that may still grow, as it stands now, and what stands behind the last of them. Nothing where it is not
// there, no regular file or more than any evaluation writes.
void eachLine(const fs::path& path, const JobContext& job,
              const std::function<void(const std::string& line)>& take)
{
    constexpr std::uint64_t kPiece = 4U << 20U;
    const auto file = RegularFile::open(path);
    const std::uint64_t size = file ? file->size() : 0;
    if (size > kLargestAnswers) {
        return;
    }
    LinePieces lines;
    for (std::uint64_t read = 0; read < size;) {
        job.checkpoint(-1.0, "reading answers"); // one part of what is asked of a folder
        const std::string piece = file->read(read, std::min(kPiece, size - read));
        if (piece.empty()) { // it was cut meanwhile
            break;
        }
        read += piece.size();
        lines.add(piece, take);
    }
    if (!lines.rest().empty()) {
        take(lines.rest());
    }
}

// By question; what is no line of a transcript is passed over. A name out of a file is one name, or nothing.
std::vector<bool> solvedIn(const fs::path& directory, const ScoredModel& model,
                           const JobContext& job)
{
    if (model.name.empty() || model.name.find('/') != std::string::npos) {
        return {};
    }
    std::map<std::int64_t, bool> byIndex;
    eachLine(directory / (model.name + ".jsonl"), job, [&](const std::string& line) {
        try {
            const json row = parseOwnPlain(line, job);
            const auto index =
                row.is_object() ? jsonFieldAs<std::int64_t>(row, "index") : std::nullopt;
            const auto correct = index ? jsonFieldAs<bool>(row, "correct") : std::nullopt;
            if (correct) {
                byIndex.emplace(*index, *correct); // the first of several
            }
        } catch (const Error&) { // torn: the evaluation still runs
        }
    });
    std::vector<bool> solved;
    if (static_cast<std::int64_t>(byIndex.size()) == model.questions) {
        std::transform(byIndex.begin(), byIndex.end(), std::back_inserter(solved),
                       [](const auto& one) { return one.second; });
    }
    return solved;
}

std::optional<Interval> intervalIn(const json& entry)
{
    const auto ends = jsonFieldAs<std::vector<double>>(entry, "interval");
    return ends && ends->size() == 2 ? std::optional(Interval {(*ends)[0], (*ends)[1]})
                                     : std::nullopt;
}

ScoredModel modelOfText(const json& entry)
{
    const auto name = entry.is_object() ? jsonFieldAs<std::string>(entry, "name") : std::nullopt;
    const auto perplexity = name ? jsonFieldAs<double>(entry, "perplexity") : std::nullopt;
    if (!perplexity || !(*perplexity > 0.0)) {
        throw Error(ErrorKind::Format,
                    Clause {"has a model without name and perplexity (expected what eval writes; a "
                            "text of which nothing was scored has none)"});
    }
    return {*name, *perplexity, 0, 0, 0, intervalIn(entry)};
}

ScoredModel modelOf(const json& entry)
{
    const auto name = entry.is_object() ? jsonFieldAs<std::string>(entry, "name") : std::nullopt;
    const auto correct = name ? jsonFieldAs<std::int64_t>(entry, "correct") : std::nullopt;
    const auto questions = name ? jsonFieldAs<std::int64_t>(entry, "questions") : std::nullopt;
    const std::int64_t answers =
        questions ? jsonFieldAs<std::int64_t>(entry, "answers").value_or(*questions) : 0;
    if (!correct || !questions || *correct < 0 || *questions < 0 || answers < *correct) {
        throw Error(ErrorKind::Format,
                    Clause {"has a model without name, correct and questions (expected what eval "
                            "writes)"});
    }
    const double share =
        answers > 0 ? static_cast<double>(*correct) / static_cast<double>(answers) : 0.0;
    return {*name,      jsonFieldAs<double>(entry, "score").value_or(share),
            *correct,   answers,
            *questions, intervalIn(entry).value_or(wilsonInterval(*correct, answers))};
}

} // namespace

const ScoredModel* Scoreboard::find(const std::string& name) const
{
    const auto found = std::find_if(models.begin(), models.end(),
                                    [&](const ScoredModel& one) { return one.name == name; });
    return found == models.end() ? nullptr : &*found;
}

const ScoredModel* Scoreboard::findRun(const std::string& name, const fs::path& run) const
{
    const ScoredModel* model = find(name);
    return model == nullptr ? find(run.filename().string()) : model;
}

const ScoredModel* Scoreboard::best() const
{
    const auto isWorse = [&](const ScoredModel& a, const ScoredModel& b) {
        return isPerplexity ? a.score > b.score : a.score < b.score;
    };
    const auto found = std::max_element(models.begin(), models.end(), isWorse);
    return found == models.end() ? nullptr : &*found;
}

std::string Scoreboard::text(const ScoredModel& model) const
{
    return isPerplexity ? figureText(model.score) : percentText(model.score);
}

Scoreboard readScoreboard(const fs::path& directory, const JobContext& job)
{
    constexpr std::uint64_t kLargestSummary = 32U << 20U;
    const fs::path file = directory / kSummary;
    const json summary = readOwnJsonFile(file, kLargestSummary, job);
    try {
        const json* models = summary.is_object() ? jsonField(summary, "models") : nullptr;
        if (models == nullptr || !models->is_array()) {
            throw Error(ErrorKind::Format,
                        Clause {"has no models (expected what eval writes into its folder)"});
        }
        Scoreboard evaluation;
        evaluation.directory = directory;
        evaluation.isPerplexity =
            std::any_of(models->begin(), models->end(), [](const json& entry) {
                return entry.is_object() && jsonField(entry, "perplexity") != nullptr;
            });
        evaluation.task = jsonFieldAs<std::string>(summary, "task").value_or("");
        evaluation.rule = jsonFieldAs<std::string>(summary, "rule").value_or("");
        for (const json& entry : *models) {
            ScoredModel model = evaluation.isPerplexity ? modelOfText(entry) : modelOf(entry);
            model.solved = solvedIn(directory, model, job);
            evaluation.models.push_back(std::move(model));
        }
        return evaluation;
    } catch (const Error& e) {
        throw e.withinOnce(shownPath(file));
    }
}

std::vector<Scoreboard> readScoreboards(const fs::path& directory, const JobContext& job)
{
    std::error_code failed;
    std::vector<fs::path> folders;
    if (!fs::exists(directory / kSummary, failed)) {
        for (fs::directory_iterator one(directory, failed), end; !failed && one != end;
             one.increment(failed)) {
            if (fs::exists(one->path() / kSummary, failed)) {
                folders.push_back(one->path());
            }
        }
    }
    if (folders.empty()) { // what is wrong with it is said of its own summary
        return {readScoreboard(directory, job)};
    }
    std::sort(folders.begin(), folders.end());
    std::vector<Scoreboard> all;
    for (const fs::path& folder : folders) {
        all.push_back(readScoreboard(folder, job));
    }
    return all;
}

} // namespace pissarro::core::inline compare
