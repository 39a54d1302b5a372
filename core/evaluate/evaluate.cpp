// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/evaluate.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/evaluate/asking_p.h"
#include "core/evaluate/evaluated_tasks.h"
#include "core/evaluate/evaluation_folder_p.h"
#include "core/run/run_log.h"
#include "core/tensor/guarded.h"
#include "core/text/message_text.h"
#include "core/text/said.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace pissarro::core::inline evaluate {

namespace {

// An evaluation that goes on: what was answered, and how each new answer is kept.
class Session {
public:
    Session(const EvaluationSpec& spec, const EvaluateOptions& options, const JobContext& job)
        : m_task(evaluatedTask(spec.task))
        , m_options(options)
        , m_job(job)
    {
        m_evaluation.spec = spec;
    }

    Evaluation run()
    {
        const EvaluationSpec& spec = m_evaluation.spec;
        openSandbox();
        m_evaluation.data = dataFingerprint(spec, m_job);
        const bool isNew = !goesOn(m_evaluation, m_options);
        const auto groups = session::choirsOf(inferenceModels());
        if (isNew) {
            requireTokenizers(groups);
        }
        for (std::size_t group = 0; group < groups.size(); ++group) {
            m_before = static_cast<double>(group) / static_cast<double>(groups.size());
            m_share = 1.0 / static_cast<double>(groups.size());
            ask(groups[group]);
        }
        m_evaluation.summary = summaryOf(spec.task, namesOf(spec), m_evaluation.transcripts);
        writeResults(m_evaluation, m_options.folder);
        m_evaluation.isWhole = true;
        return std::move(m_evaluation);
    }

private:
    // Before anything is asked: an answer that cannot be judged costs as much as one that can.
    void openSandbox()
    {
        if (!m_task.runsCode) {
            return;
        }
        if (m_options.consent != CodeConsent::Given) {
            throw Error(ErrorKind::InvalidArgument,
                        std::string(m_task.title)
                            + " is scored by running what the model wrote, in a sandbox; agree to "
                              "that first (--run-code)");
        }
        m_sandbox.emplace(m_options.python);
        if (!m_sandbox->missing().empty()) {
            throw Error(ErrorKind::InvalidArgument, m_sandbox->missing());
        }
        m_evaluation.sandboxes.insert(m_sandbox->way());
    }

    // Models that are opened hours later are looked at now.
    void requireTokenizers(const std::vector<std::vector<std::size_t>>& groups) const
    {
        const std::vector<InferenceModel> models = inferenceModels();
        for (std::size_t group = 1; group < groups.size(); ++group) {
            for (const std::size_t i : groups[group]) {
                m_job.throwIfCancelled();
                tokenizerOf(partsOf(models[i].model, models[i].adapter, models[i].checkpoint));
            }
        }
    }

    // When the first models are open and the questions are read: a start that fails before has touched nothing.
    void take()
    {
        if (m_file) {
            return;
        }
        m_taken = takeFolder(m_evaluation, m_options, m_job);
        m_evaluation.transcripts = readTranscripts(m_options.folder, /*cutTorn=*/true, m_job);
        for (const Transcript& one : m_evaluation.transcripts) {
            m_answered.emplace(one.model, one.index, one.sample);
        }
        m_file.emplace(m_options.folder / kTranscriptsFile);
    }

    // How many of these models' answers are there.
    std::int64_t answersOf(const std::vector<std::string>& names) const
    {
        return std::count_if(m_answered.begin(), m_answered.end(), [&](const auto& answer) {
            return std::find(names.begin(), names.end(), std::get<0>(answer)) != names.end();
        });
    }

    std::vector<InferenceModel> inferenceModels() const
    {
        std::vector<InferenceModel> models;
        for (std::size_t i = 0; i < m_evaluation.spec.models.size(); ++i) {
            models.push_back(m_evaluation.spec.inferenceModel(i));
            models.back().warn = m_options.warn;
        }
        return models;
    }

    // Models that answer together, by their places.
    void ask(const std::vector<std::size_t>& group)
    {
        const EvaluationSpec& spec = m_evaluation.spec;
        std::vector<InferenceModel> models;
        std::vector<std::string> names;
        for (const std::size_t i : group) {
            models.push_back(inferenceModels()[i]);
            names.push_back(spec.models[i].name);
        }
        m_job.checkpoint(m_before, PISSARRO_SAID("pissarro::core", "Opening models"));
        const session::Choir choir = session::openTogether(models, session::Tokens::Needed, m_job);
        std::vector<std::string> fingerprints;
        for (const session::Choir::Voice& voice : choir.voices) {
            fingerprints.push_back(modelFingerprint(*choir.files, voice.provenance, m_job));
        }
        std::int64_t expected = 0;
        std::int64_t done = 0;
        const auto report = [&] {
            const double part = expected > 0
                ? std::min(1.0, static_cast<double>(done) / static_cast<double>(expected))
                : 1.0;
            m_job.checkpoint(m_before + m_share * part,
                             PISSARRO_SAID("pissarro::core", "Answering"));
        };
        const Asking asking {
            spec,
            choir,
            names,
            {m_sandbox ? &*m_sandbox : nullptr, m_options.consent, {}},
            [&](const std::string& model, std::int64_t index, std::int64_t sample) {
                return m_answered.contains({model, index, sample});
            },
            [&](std::int64_t answers) {
                take();
                for (std::size_t i = 0; i < names.size(); ++i) {
                    noteModel(m_evaluation, names[i], fingerprints[i]);
                }
                writeEvaluation(m_evaluation, m_options.folder);
                expected = answers;
                done = answersOf(names);
                report();
            },
            [&](const Transcript& one) {
                keep(one);
                ++done;
                report();
            },
            m_job};
        m_task.ask(asking);
    }

    void keep(const Transcript& one)
    {
        m_file->append(toLine(one) + "\n");
        m_evaluation.transcripts.push_back(one);
        if (m_options.onAnswer) {
            m_options.onAnswer(one);
        }
    }

    const EvaluatedTask& m_task;
    const EvaluateOptions& m_options;
    const JobContext& m_job;
    Evaluation m_evaluation;
    std::optional<Sandbox> m_sandbox;
    std::set<std::tuple<std::string, std::int64_t, std::int64_t>> m_answered; // when it began
    TakenFolder m_taken; // before the file: its lock goes last
    std::optional<AppendFile> m_file;
    double m_before = 0.0; // share of the work before these models
    double m_share = 1.0; // and theirs
};

const EvaluatedModel& modelNamed(const Evaluation& evaluation, const std::string& name)
{
    for (const EvaluatedModel& model : evaluation.spec.models) {
        if (model.name == name) {
            return model;
        }
    }
    throw Error(ErrorKind::InvalidArgument,
                fmt::format("the evaluation has no model {} (expected one of its {})",
                            shownText(name), evaluation.spec.models.size()));
}

std::vector<Transcript> answersOf(const Evaluation& evaluation, const std::string& name)
{
    std::vector<Transcript> answers;
    for (const Transcript& one : evaluation.transcripts) {
        if (one.model == name) {
            answers.push_back(one);
        }
    }
    return answers;
}

} // namespace

Evaluation runEvaluation(const EvaluationSpec& spec, const EvaluateOptions& options,
                         const JobContext& job)
{
    checkEvaluation(spec);
    Evaluation evaluation;
    guarded("evaluation in " + shownPath(options.folder),
            [&] { evaluation = Session(spec, options, job).run(); });
    return evaluation;
}

ModelPair compareEvaluations(const Evaluation& a, const std::string& modelOfA, const Evaluation& b,
                             const std::string& modelOfB)
{
    if (a.spec.task != b.spec.task || a.data != b.data) {
        throw Error(ErrorKind::InvalidArgument,
                    "the two evaluations asked other questions (" + a.spec.task + " of "
                        + shownPath(a.spec.data) + ", and " + b.spec.task + " of "
                        + shownPath(b.spec.data) + "); compare answers to the same ones");
    }
    ModelPair pair = pairOf(answersOf(a, modelNamed(a, modelOfA).name),
                            answersOf(b, modelNamed(b, modelOfB).name));
    pair.a = modelOfA;
    pair.b = modelOfB;
    return pair;
}

} // namespace pissarro::core::inline evaluate
