// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluate/evaluate.h"
#include "core/evaluate/votes.h"
#include "core/run/run_directory.h"
#include "core/stats/claims.h"

#include <QString>
#include <QStringList>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace pissarro::ui {

// "GSM8K"; of a task that a newer version wrote its name in the files.
QString titleOfTask(const core::EvaluationSpec& spec);
bool runsCode(const core::EvaluationSpec& spec); // to be judged, what the models wrote is run

// A question that was put to the models.
struct AskedQuestion {
    std::int64_t index = 0; // row of the data, from 0; of perplexity the window
    QString asked; // without a template around it where the data tell; whole
    QString gold; // what is right, in short; empty: nothing is, or it has to be run
    // Of each model of the spec its first answer, in the picture's own evaluation; null: not there yet.
    std::vector<const core::Transcript*> answers;
};

// One task of an evaluation as far as it is answered: fixed, made on a worker.
struct TaskPicture {
    core::Evaluation evaluation; // answers so far, and the scores that they come to
    QString folder; // that they are written to
    std::int64_t expected = 0; // answers in all; 0: not known
    double fraction = 0.0; // answered, in [0, 1]
    std::vector<std::optional<core::Method>> methods; // of the models that are runs, as read once
    std::vector<core::Claim> claims; // of evaluation.summary.pairs, judged together
    std::vector<AskedQuestion> questions; // that somebody answered, ascending
    std::vector<core::Vote> votes; // of a person, as the folder had them
    QStringList notes; // what is to be known of an adapter
    QString problem; // why it did not come to its end; empty: nothing kept it

    bool isWhole() const { return evaluation.isWhole; }
    std::int64_t answers() const
    {
        return static_cast<std::int64_t>(evaluation.transcripts.size());
    }
    QString task() const { return QString::fromStdString(evaluation.spec.task); }
};
using TaskPicturePtr = std::shared_ptr<const TaskPicture>;

} // namespace pissarro::ui
