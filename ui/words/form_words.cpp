// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/words/form_words.h"

#include "core/run/spec_settings.h"
#include "core/text/shell_text.h"
#include "core/train/memory_estimate.h"
#include "ui/words/format.h"
#include "ui/words/method_look.h"

#include <QCoreApplication>
#include <QDate>
#include <QDir>
#include <QFileInfo>

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

constexpr double kHighForPissa = 1e-4; // from here on a rate is LoRA-sized
constexpr double kLowForLora = 5e-5; // up to here it is PiSSA-sized

QString tr(const char* text)
{
    return QCoreApplication::translate("pissarro::ui::TrainForm", text);
}

} // namespace

QString startLabel(core::Method method, const QVector<core::Method>& twins)
{
    if (twins.isEmpty()) {
        return core::hasAdapter(method) ? tr("Train %1").arg(titleOf(method))
                                        : tr("Train every weight");
    }
    if (twins.size() > 1) {
        return tr("Train with %1 twins").arg(twins.size());
    }
    return tr("Train with %1 twin")
        .arg(core::hasAdapter(twins.first()) ? titleOf(twins.first()) : tr("full"));
}

QString dataLine(const core::DatasetSummary& summary, std::int64_t maxLength)
{
    if (summary.usable == 0) {
        return {};
    }
    QString line = tr("%1 rows · %2 tokens a row")
                       .arg(formatCount(summary.usable),
                            formatCount(std::llround(static_cast<double>(summary.tokens)
                                                     / static_cast<double>(summary.usable))));
    if (summary.truncated > 0) {
        line += tr(" · %1 cut at %2")
                    .arg(formatPercent(static_cast<double>(summary.truncated)
                                       / static_cast<double>(summary.rows)),
                         formatCount(maxLength));
    }
    if (summary.usable < summary.rows) { // why, the notes on the data say
        line += tr(" · %1 left out").arg(formatCount(summary.rows - summary.usable));
    }
    return line;
}

QString modulesLine(const core::ModelFiles& files, const std::vector<core::LinearModule>& modules,
                    const core::RunSpec& spec)
{
    if (!core::hasAdapter(spec.method) && spec.targets.empty()) {
        return tr("every parameter, embeddings and norms too: %1")
            .arg(formatCompact(files.parameters()));
    }
    std::int64_t parameters = 0;
    if (!core::hasAdapter(spec.method)) {
        for (const core::LinearModule& module : modules) {
            parameters += module.rows * module.cols;
        }
    } else {
        parameters = core::adapterParameters(modules, spec.rank, spec.patterns);
    }
    return tr("%1 matrices · %2 parameters · %3")
        .arg(formatCount(static_cast<std::int64_t>(modules.size())), formatCount(parameters),
             formatPercent(static_cast<double>(parameters)
                           / static_cast<double>(std::max<std::int64_t>(1, files.parameters()))));
}

QString rankProblem(const std::vector<core::LinearModule>& modules, std::int64_t rank)
{
    const auto smallest =
        std::min_element(modules.begin(), modules.end(), [](const auto& a, const auto& b) {
            return a.smallerSide() < b.smallerSide();
        });
    if (smallest == modules.end() || rank <= smallest->smallerSide()) {
        return {};
    }
    return tr("must be at most %1: %2 is %3 × %4")
        .arg(formatCount(smallest->smallerSide()), QString::fromStdString(smallest->type),
             formatCount(smallest->rows), formatCount(smallest->cols));
}

QString fourBitLine(const core::ModelFiles& files, const core::RunSpec& spec)
{
    const core::FourBitBytes bytes = core::fourBitBytes(files, spec);
    return bytes.dense == 0 ? QString()
                            : tr("matrices of %1 in %2, %3 of bfloat16")
                                  .arg(formatBytes(bytes.dense), formatBytes(bytes.quantized),
                                       formatPercent(static_cast<double>(bytes.quantized)
                                                     / static_cast<double>(bytes.dense)));
}

QString rankMapLine(const core::RankPatterns& patterns)
{
    const auto [lowest, highest] =
        std::minmax_element(patterns.ranks.begin(), patterns.ranks.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; });
    return tr("rank map of %1 matrices, ranks %2 to %3")
        .arg(formatCount(static_cast<std::int64_t>(patterns.ranks.size())),
             formatCount(lowest->second), formatCount(highest->second));
}

QString sliceLine(double slice)
{
    return slice == 1.0 ? tr("slice: minor triplets")
        : slice == 0.5  ? tr("slice: middle triplets")
                       : tr("slice: triplets from %1 of the spectrum on").arg(formatPercent(slice));
}

QString learningRateHint(core::Method method, const QVector<core::Method>& twins, double rate)
{
    const auto some = [&](BestRate best) {
        const auto is = [&](core::Method one) { return bestRateOf(one) == best; };
        return is(method) || std::any_of(twins.begin(), twins.end(), is);
    };
    const bool pissa = some(BestRate::AsPissa);
    const bool lora = some(BestRate::AsLora);
    if (pissa && rate >= kHighForPissa) {
        return tr("LoRA-sized: PiSSA's best rate is 3–10× below LoRA's");
    }
    if (lora && rate > 0.0 && rate <= kLowForLora) {
        return pissa ? tr("PiSSA-sized: LoRA's best rate is 3–10× above PiSSA's")
                     : tr("low for LoRA: its best rate is 3–10× above PiSSA's");
    }
    return {};
}

QString lengthLine(const core::RunSpec& spec, const core::DatasetSummary& summary)
{
    if (summary.usable == 0 || spec.batchSize < 1 || spec.gradAccum < 1) {
        return {};
    }
    const std::int64_t examples =
        summary.usable - core::heldOutCount(summary.usable, spec.evalRatio);
    const std::int64_t batches = (examples + spec.batchSize - 1) / spec.batchSize;
    const std::int64_t steps = core::totalSteps(spec, batches);
    if (steps < 1) {
        return {};
    }
    return spec.steps > 0
        ? tr("%1 epochs").arg(formatNumber(core::epochsAfter(spec, steps, batches), 2))
        : steps == 1 ? tr("1 step")
                     : tr("%1 steps").arg(formatCount(steps));
}

QString commandFor(const core::RunSpec& spec, const QVector<core::Method>& twins,
                   const QString& runDirectory)
{
    const std::vector<core::Method> methods {twins.begin(), twins.end()};
    if (spec.patterns.empty()) {
        return QString::fromStdString(
            core::specToCommand(spec, methods, runDirectory.toStdString()));
    }
    const std::string file = QFileInfo(runDirectory).fileName().toStdString() + ".json";
    const std::string quoted = core::shellQuoted(file);
    std::string train = "pissarro-cli train " + quoted;
    for (const core::Method twin : methods) {
        train += " --twin " + std::string(core::methodName(twin));
    }
    train += " -o " + core::shellQuoted(runDirectory.toStdString());
    // noclobber: a file of that name is nobody's to overwrite.
    return QString::fromStdString("(set -C; cat > " + quoted + ") <<'SPEC' && " + train + "\n"
                                  + core::specToJson(spec) + "\nSPEC\n");
}

QString crashLine(const core::RunSpec& spec, bool ownProcess)
{
    const QString where = ownProcess ? tr("Goes on when this window closes or crashes.")
                                     : tr("Ends with this window.");
    QStringList most; // whichever comes first
    if (spec.checkpointMinutes > 0.0) {
        most << formatDuration(60.0 * spec.checkpointMinutes);
    }
    if (spec.checkpointEvery > 0) {
        most << tr("%1 steps").arg(formatCount(spec.checkpointEvery));
    }
    const QString cost = most.isEmpty()
        ? tr("A crash of the run costs all of it: no checkpoint before the end.")
        : tr("A crash of the run costs at most %1.").arg(most.join(tr(" or ")));
    return where + QLatin1Char(' ') + cost;
}

QString runFacts(const core::RunSpec& spec)
{
    const auto text = [](std::string_view name) {
        return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
    };
    const QString dot = QStringLiteral(" · ");
    const QString rows = QString::fromStdString(spec.data.empty() ? spec.batches : spec.data);
    QStringList rates {
        tr("rate %1 %2")
            .arg(formatNumber(spec.learningRate), text(core::scheduleName(spec.schedule)))};
    if (spec.warmupRatio > 0.0) {
        rates << tr("warm-up %1").arg(formatPercent(spec.warmupRatio));
    }
    if (core::hasAdapter(spec.method)) {
        rates << (spec.patterns.ranks.empty() ? tr("rank %1").arg(formatCount(spec.rank))
                                              : tr("rank map"));
        rates << tr("alpha %1").arg(formatNumber(spec.alpha));
    }
    const QStringList rest {spec.gradAccum > 1
                                ? tr("batch %1 × %2").arg(spec.batchSize).arg(spec.gradAccum)
                                : tr("batch %1").arg(spec.batchSize),
                            tr("%1 tokens").arg(formatCount(spec.maxLength)),
                            text(core::dtypeTitle(spec.dtype)), tr("seed %1").arg(spec.seed)};
    return QFileInfo(QString::fromStdString(spec.model)).fileName() + dot
        + QFileInfo(rows).fileName() + QLatin1Char('\n') + rates.join(dot) + QLatin1Char('\n')
        + rest.join(dot);
}

QString allSettings(const core::RunSpec& spec)
{
    QStringList lines;
    for (const core::SpecSetting& one : core::settingsOf(spec)) {
        lines << QStringLiteral("%1: %2").arg(QString::fromStdString(one.key),
                                              QString::fromStdString(one.value));
    }
    return lines.join(QLatin1Char('\n'));
}

QString runDirectoryFor(const QString& root, const core::RunSpec& spec)
{
    QString name =
        QDate::currentDate().toString(Qt::ISODate) + QLatin1Char('-') + nameOf(spec.method);
    if (core::hasAdapter(spec.method)) {
        name += spec.patterns.ranks.empty() ? QStringLiteral("-r%1").arg(spec.rank)
                                            : QStringLiteral("-map");
    }
    return QDir(root).filePath(name);
}

bool isDemoData(const QString& path)
{
    return QFileInfo(path).fileName().contains(QStringLiteral("demo"), Qt::CaseInsensitive);
}

} // namespace pissarro::ui
