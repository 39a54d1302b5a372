// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/evaluation_work.h"

#include "core/base/error.h"
#include "core/evaluate/evaluated_tasks.h"
#include "core/evaluate/shown_answers.h"
#include "core/text/json_value.h"
#include "ui/words/format.h"
#include "ui/words/message.h"

#include <QFileInfo>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

namespace pissarro::ui {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLeastPause {400}; // between two pictures of a task
constexpr int kCostFactor = 10; // and ten times what one costs: a tenth of the time goes into them

const core::EvaluatedTask* knownTask(const core::EvaluationSpec& spec) // null: it is none
{
    const auto& all = core::evaluatedTasks();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&spec](const auto& one) { return one.name == spec.task; });
    return found == all.end() ? nullptr : &*found;
}

fs::path folderOf(const std::string& set, const core::PlannedEvaluation& one)
{
    return one.folder.empty() ? fs::path(set) : fs::path(set) / one.folder;
}

QString textIn(const nlohmann::json& value)
{
    if (value.is_null()) {
        return {};
    }
    const auto text = core::jsonAs<std::string>(value);
    return QString::fromStdString(text ? *text : value.dump());
}

// As the data tell it; else what the model read.
QString askedText(const std::vector<std::string>& asked, const core::Transcript& answer,
                  bool isWindow)
{
    const auto row = static_cast<std::size_t>(answer.index);
    return !isWindow && row < asked.size() ? QString::fromStdString(asked[row])
                                           : textIn(answer.prompt);
}

void addQuestions(TaskPicture& picture, const std::vector<std::string>& asked)
{
    const core::Evaluation& all = picture.evaluation;
    const bool isWindow = all.spec.task == core::kPerplexity;
    // A program's tests are told with its question; of MT-Bench nothing is right.
    const bool hasGold = all.spec.task != core::kMtBench && !runsCode(all.spec);
    std::map<std::int64_t, AskedQuestion> found;
    const std::size_t models = all.spec.models.size();
    for (std::size_t model = 0; model < models; ++model) {
        for (const auto& [index, answer] :
             core::firstAnswersOf(all.spec.models[model].name, all.transcripts)) {
            AskedQuestion& question = found[index];
            if (question.answers.empty()) {
                question.index = index;
                question.asked = askedText(asked, *answer, isWindow);
                question.gold =
                    hasGold ? QString::fromStdString(core::shownGold(answer->gold)) : QString();
                question.answers.assign(models, nullptr);
            }
            question.answers[model] = answer;
        }
    }
    for (auto& [index, question] : found) {
        picture.questions.push_back(std::move(question));
    }
}

// Every two models that were asked, as the page shows them together. Perplexities have a test of their own.
std::vector<core::Claim> claimsOf(const core::EvaluationSummary& summary)
{
    std::vector<core::Comparison> family;
    for (const core::ModelPair& pair : summary.pairs) {
        family.push_back({pair.answers});
    }
    return core::judgeTogether(family);
}

// By the runs' own folders, wherever they lie; an adapter by itself or a model has no method.
std::vector<std::optional<core::Method>> methodsOf(const core::EvaluationSpec& spec)
{
    std::vector<std::optional<core::Method>> methods;
    for (const core::EvaluatedModel& model : spec.models) {
        std::optional<core::Method> method;
        std::error_code ignored;
        if (fs::exists(fs::path(model.model) / core::kRunFile, ignored)) {
            try {
                method = core::readRun(model.model).spec.method;
            } catch (const core::Error&) {
                // It is shown like a model; who evaluates it hears of the fault.
            }
        }
        methods.push_back(method);
    }
    return methods;
}

std::int64_t expectedOf(const core::EvaluationSpec& spec, std::size_t asked)
{
    return spec.task == core::kPerplexity
        ? 0
        : static_cast<std::int64_t>(asked * spec.models.size()) * spec.samples;
}

// One task while it is answered.
class Answering {
public:
    Answering(std::size_t task, const core::PlannedEvaluation& plan, fs::path folder,
              const TellPicture& tell)
        : m_task(task)
        , m_folder(std::move(folder))
        , m_tell(tell)
    {
        m_now.spec = plan.spec;
    }

    // What its folder holds already; whether that is all.
    bool begin(const core::JobContext& job)
    {
        std::error_code ignored;
        if (fs::exists(m_folder / core::kEvaluationFile, ignored)) {
            const core::EvaluationSpec wanted = m_now.spec;
            m_now = core::readEvaluation(m_folder, job);
            m_now.spec = wanted; // a fault in it is said by who goes on
            m_votes = core::readVotes(m_folder, job);
        }
        m_asked = core::askedTexts(m_now, job);
        m_methods = methodsOf(m_now.spec);
        show();
        return m_now.isWhole;
    }

    void run(const core::EvaluateOptions& how, const core::JobContext& job)
    {
        core::EvaluateOptions options = how;
        options.folder = m_folder;
        options.onAnswer = [this](const core::Transcript& answer) {
            m_now.transcripts.push_back(answer);
            showSometimes();
        };
        options.warn = [this](std::string_view line) {
            m_notes += withoutOptionDashes(
                QString::fromUtf8(line.data(), static_cast<qsizetype>(line.size())));
        };
        const core::JobContext own(job.stopToken(),
                                   [this, &job](double fraction, std::string_view stage) {
                                       m_fraction = fraction;
                                       job.checkpoint(m_before + m_share * fraction, stage);
                                   });
        m_now = core::runEvaluation(m_now.spec, options, own);
        m_fraction = 1.0;
        show();
    }

    // Of the whole set, for whoever waits for it.
    void setShare(double before, double share)
    {
        m_before = before;
        m_share = share;
    }

    void show(const QString& problem = {})
    {
        core::Evaluation found = m_now;
        const auto start = Clock::now();
        std::vector<std::string> names;
        for (const core::EvaluatedModel& model : found.spec.models) {
            names.push_back(model.name);
        }
        found.summary = core::summaryOf(found.spec.task, names, found.transcripts);
        auto picture = std::make_shared<TaskPicture>();
        picture->evaluation = std::move(found);
        picture->folder = QString::fromStdString(m_folder.string());
        picture->expected = expectedOf(m_now.spec, m_asked.size());
        picture->methods = m_methods;
        picture->claims = claimsOf(picture->evaluation.summary);
        picture->votes = m_votes;
        picture->notes = m_notes;
        picture->problem = problem;
        addQuestions(*picture, m_asked);
        const double part = picture->expected > 0
            ? static_cast<double>(picture->answers()) / static_cast<double>(picture->expected)
            : m_fraction;
        picture->fraction = picture->isWhole() ? 1.0 : std::clamp(part, 0.0, 1.0);
        m_tell(m_task, std::move(picture));
        m_shown = Clock::now();
        m_cost = m_shown - start;
    }

private:
    void showSometimes()
    {
        const auto pause = std::max<Clock::duration>(kLeastPause, kCostFactor * m_cost);
        if (Clock::now() - m_shown >= pause) {
            show();
        }
    }

    std::size_t m_task;
    fs::path m_folder;
    const TellPicture& m_tell;
    core::Evaluation m_now;
    std::vector<std::string> m_asked;
    std::vector<std::optional<core::Method>> m_methods;
    std::vector<core::Vote> m_votes;
    QStringList m_notes;
    double m_fraction = 0.0;
    double m_before = 0.0;
    double m_share = 1.0;
    Clock::time_point m_shown;
    Clock::duration m_cost {};
};

QString problemOf(const core::Error& error)
{
    return withoutOptionDashes(QString::fromUtf8(error.what()));
}

} // namespace

QString titleOfTask(const core::EvaluationSpec& spec)
{
    const core::EvaluatedTask* const task = knownTask(spec);
    return task != nullptr ? titleText(task->title) : QString::fromStdString(spec.task);
}

bool runsCode(const core::EvaluationSpec& spec)
{
    const core::EvaluatedTask* const task = knownTask(spec);
    return task != nullptr && task->runsCode;
}

std::vector<core::PlannedEvaluation>
readEvaluations(const std::string& folder, const TellPicture& tell, const core::JobContext& job)
{
    const auto plan = core::readEvaluationSet(folder);
    for (std::size_t i = 0; i < plan.size(); ++i) {
        job.checkpoint(static_cast<double>(i) / static_cast<double>(plan.size()), "Reading");
        Answering one(i, plan[i], folderOf(folder, plan[i]), tell);
        try {
            one.begin(job);
        } catch (const core::Error& error) {
            one.show(problemOf(error));
        }
    }
    return plan;
}

void answerEvaluations(const std::vector<core::PlannedEvaluation>& plan,
                       const AnswerOptions& options, const TellPicture& tell,
                       const core::JobContext& job)
{
    core::EvaluateOptions how;
    how.consent = options.consent;
    const auto count = static_cast<double>(plan.size());
    for (std::size_t i = 0; i < plan.size(); ++i) {
        Answering one(i, plan[i], folderOf(options.folder, plan[i]), tell);
        one.setShare(static_cast<double>(i) / count, 1.0 / count);
        try {
            if (!one.begin(job)) {
                one.run(how, job);
            }
        } catch (const core::Cancelled&) {
            one.show();
            throw;
        } catch (const core::Error& error) {
            one.show(problemOf(error));
        }
    }
}

} // namespace pissarro::ui
