// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/play/demo_summary.h"

#include "core/file/output.h"
#include "core/file/output_marker.h"
#include "core/text/escaped_text.h"
#include "ui/words/format.h"

#include <QTextStream>

#include <algorithm>
#include <limits>

namespace pissarro::ui {

namespace {

constexpr int kLastSteps = 5;

QString text(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

// Tokens a second of the run's own steps, the twin's time left out.
double ownSpeed(const RunSeries& records)
{
    double seconds = 0.0;
    std::int64_t before = 0;
    for (qsizetype i = 0; i < records.size(); ++i) {
        if (records.tokensPerS(i) > 0.0) {
            seconds += static_cast<double>(records.tokens(i) - before) / records.tokensPerS(i);
        }
        before = records.tokens(i);
    }
    return seconds > 0.0 ? static_cast<double>(before) / seconds : 0.0;
}

// Names of models, folders and devices come from files.
QString plain(const QString& name)
{
    return text(core::markdownText(name.toStdString()));
}

QString code(const QString& name)
{
    return text(core::markdownCode(name.toStdString()));
}

QString verdictOf(const core::RunSummary& run)
{
    return run.stepZero ? text(run.stepZero->verdict) : QStringLiteral("not checked");
}

void writeRuns(QTextStream& out, const DemoFacts& facts)
{
    out << "| run | final loss | mean of last " << kLastSteps
        << " | gradient norm | initialisation | tokens/s | step 0 |\n"
        << "| --- | ---: | ---: | ---: | ---: | ---: | --- |\n";
    for (int i = 0; i < facts.runs.size(); ++i) {
        const core::RunSummary& run = facts.runs[i];
        const RunSeries& records = facts.records[i];
        const core::StepRecord last = records.isEmpty() ? core::StepRecord {} : records.last();
        out << "| " << text(core::methodTitle(run.spec.method)) << " r" << run.spec.rank << " | "
            << formatNumber(finalLoss(records)) << " | "
            << formatNumber(meanOfLast(records, kLastSteps)) << " | " << formatNumber(last.gradNorm)
            << " | " << formatDuration(run.initSeconds) << " | "
            << formatNumber(ownSpeed(records), 3) << " | " << plain(verdictOf(run)) << " |\n";
    }
    if (facts.records.size() == 2) {
        const double difference =
            meanOfLast(facts.records[0], kLastSteps) - meanOfLast(facts.records[1], kLastSteps);
        out << "\nDifference of the means: " << formatNumber(difference, 3) << " nats ("
            << text(core::methodTitle(facts.runs[0].spec.method))
            << (difference < 0.0 ? " is below " : " is not below ")
            << text(core::methodTitle(facts.runs[1].spec.method)) << ").\n";
    }
}

} // namespace

double finalLoss(const RunSeries& records)
{
    return records.isEmpty() ? std::numeric_limits<double>::quiet_NaN() : records.last().loss;
}

double meanOfLast(const RunSeries& records, int steps)
{
    const qsizetype count = std::min<qsizetype>(steps, records.size());
    double sum = 0.0;
    for (qsizetype i = records.size() - count; i < records.size(); ++i) {
        sum += records.loss(i);
    }
    return count > 0 ? sum / static_cast<double>(count) : std::numeric_limits<double>::quiet_NaN();
}

QString finalLosses(const DemoFacts& facts)
{
    QString lines;
    for (int i = 0; i < facts.runs.size(); ++i) {
        const RunSeries& records = facts.records[i];
        lines += QStringLiteral("%1: final loss %2, mean of the last %3 steps %4, run in %5\n")
                     .arg(text(core::methodTitle(facts.runs[i].spec.method)))
                     .arg(finalLoss(records), 0, 'f', 4)
                     .arg(std::min<qsizetype>(kLastSteps, records.size()))
                     .arg(meanOfLast(records, kLastSteps), 0, 'f', 4)
                     .arg(text(facts.runs[i].directory.string()));
    }
    return lines;
}

void writeSummary(const QString& path, const DemoFacts& facts)
{
    QString page;
    QTextStream out(&page);
    const core::RunSpec& spec = facts.spec;
    out << "# Pissarro: PiSSA and its LoRA twin\n\n"
        << "* Model: " << plain(facts.model) << "\n* Device: " << plain(facts.device)
        << "\n* Data: " << plain(text(spec.data)) << "\n* Settings: rank " << spec.rank
        << ", alpha " << formatNumber(spec.alpha) << ", learning rate "
        << formatRate(spec.learningRate) << " (" << text(core::scheduleName(spec.schedule))
        << ", warm-up " << formatPercent(spec.warmupRatio) << "), batch " << spec.batchSize << " × "
        << spec.gradAccum << ", " << spec.steps << " steps, rows cut at " << spec.maxLength
        << " tokens, base in " << text(core::dtypeTitle(spec.dtype)) << ", seed " << spec.seed
        << "\n* Spectra: " << facts.spectra << " matrices; first curve after "
        << formatDuration(facts.firstCurveSeconds) << ", all after "
        << formatDuration(facts.spectraSeconds)
        << "\n* Training: " << formatDuration(facts.trainSeconds)
        << " for both runs on the same batches, initialisation included\n\n";
    writeRuns(out, facts);
    out << "\nRun folders:\n\n";
    for (const core::RunSummary& run : facts.runs) {
        out << "* " << code(text(run.directory.string())) << "\n";
    }
    out << "\nThe same from the command line:\n\n~~~\n"
        << text(core::specToCommand(
               spec, {core::twinOf(spec.method)},
               facts.runs.isEmpty() ? "RUNDIR" : facts.runs[0].directory.parent_path().string()))
        << "\n~~~\n\nPictures:\n\n";
    for (const QString& picture : facts.pictures) {
        out << "* [" << picture << "](" << picture << ")\n";
    }
    out.flush();
    core::writeOutputFile(path.toStdString(), core::markedMarkdown(page.toStdString()),
                          {{}, core::Overwrite::Ours});
}

} // namespace pissarro::ui
