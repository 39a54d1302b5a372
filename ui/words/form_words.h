// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/dataset.h"
#include "core/model/model_files.h"
#include "core/run/run_spec.h"
#include "ui/words/twin_rates.h"

#include <QString>
#include <QVector>

namespace pissarro::ui {

// The sentences of the training form, as functions of values: each is empty when there is nothing
// to say.

// "Train with LoRA twin", "Train PiSSA".
QString startLabel(core::Method method, const QVector<core::Method>& twins);

// "cosine", for a person; core::scheduleName() is what files hold.
QString scheduleWord(core::Schedule schedule);

// "7,473 rows · 168 tokens a row · 2 % cut at 256".
QString dataLine(const core::DatasetSummary& summary, std::int64_t maxLength);

// "210 matrices · 4,884,480 parameters · 3.6 %". `modules`: those of the spec's targets.
QString modulesLine(const core::ModelFiles& files, const std::vector<core::LinearModule>& modules,
                    const core::RunSpec& spec);

// What core finds wrong with a setting: a range in the language that is spoken, the rest as core says it.
QString problemText(const core::SpecProblem& problem, const core::RunSpec& spec);

// What is wrong with the rank on these modules: it exceeds the smaller side of one.
QString rankProblem(const std::vector<core::LinearModule>& modules, std::int64_t rank);

// "matrices of 212 MB in 59.7 MB, 28.1 % of bfloat16"; empty where no module is meant.
QString fourBitLine(const core::ModelFiles& files, const core::RunSpec& spec);

// "rank map of 210 matrices, ranks 4 to 96"; "slice: middle triplets".
QString rankMapLine(const core::RankPatterns& patterns);
QString sliceLine(double slice);

// A rate that suits one method of the pair and not the other (arXiv 2602.04998: PiSSA's best rate
// is 3 to 10 times below LoRA's).
QString learningRateHint(core::Method method, const QVector<core::Method>& twins, double rate);

// "934 steps · about 2 h"; secondsPerToken: of all runs together; 0: not known.
QString lengthLine(const core::RunSpec& spec, const core::DatasetSummary& summary,
                   double secondsPerToken = 0.0);

// The shell command that trains it, ready to run as it stands. A spec that is too long for flags (a rank map) comes with
// the file that it needs.
QString commandFor(const core::RunSpec& spec, const QVector<core::Method>& twins,
                   const QString& runDirectory, const TwinRates& rates = {});

// What a crash would cost: "Goes on when this window closes. A crash costs at most 50 steps."
QString crashLine(const core::RunSpec& spec, bool ownProcess);

// A run in three short lines: its model and data, its rates, its batches and types. A rate that a twin has for itself is
// named with its method's.
QString runFacts(const core::RunSpec& spec, const std::map<core::Method, double>& twinRates = {});

// Every key of the spec with its value, a line each.
QString allSettings(const core::RunSpec& spec);

// "2026-11-24-pissa-r16" below `root`, there or not.
QString runDirectoryFor(const QString& root, const core::RunSpec& spec);

// True for the data that the program brings along: a few dozen steps are enough there.
bool isDemoData(const QString& path);
constexpr std::int64_t kDemoSteps = 40;

} // namespace pissarro::ui
