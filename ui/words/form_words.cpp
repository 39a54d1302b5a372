// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/words/form_words.h"

#include "core/run/spec_fields.h"
#include "core/run/spec_settings.h"
#include "core/text/number_text.h"
#include "core/text/shell_text.h"
#include "core/train/memory_estimate.h"
#include "ui/words/format.h"
#include "ui/words/language.h"
#include "ui/words/method_look.h"

#include <QCoreApplication>
#include <QDate>
#include <QDir>
#include <QFileInfo>

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

const QString kDot = QStringLiteral(" · "); // between facts
constexpr double kHighForPissa = 1e-4; // from here on a rate is LoRA-sized
constexpr double kLowForLora = 5e-5; // up to here it is PiSSA-sized

struct Words {
    Q_DECLARE_TR_FUNCTIONS(pissarro::ui::FormWords)
};

constexpr double kWorthTelling = 5.0; // s

QString stepsText(std::int64_t steps)
{
    return Words::tr("%1 steps", nullptr, pluralOf(steps)).arg(formatCount(steps));
}

} // namespace

QString scheduleWord(core::Schedule schedule)
{
    switch (schedule) {
    case core::Schedule::Constant:
        return Words::tr("constant");
    case core::Schedule::Linear:
        return Words::tr("linear");
    case core::Schedule::Cosine:
        return Words::tr("cosine");
    }
    return {};
}

QString startLabel(core::Method method, const QVector<core::Method>& twins)
{
    if (twins.isEmpty()) {
        return core::hasAdapter(method) ? Words::tr("Train %1").arg(titleOf(method))
                                        : Words::tr("Train every weight");
    }
    if (twins.size() > 1) {
        return Words::tr("Train with %n twins", nullptr, pluralOf(twins.size()));
    }
    return Words::tr("Train with %1 twin")
        .arg(core::hasAdapter(twins.first()) ? titleOf(twins.first()) : Words::tr("full"));
}

QString dataLine(const core::DatasetSummary& summary, std::int64_t maxLength)
{
    if (summary.usable == 0) {
        return {};
    }
    const auto perRow =
        std::llround(static_cast<double>(summary.tokens) / static_cast<double>(summary.usable));
    QStringList facts {
        Words::tr("%1 rows", nullptr, pluralOf(summary.usable)).arg(formatCount(summary.usable)),
        Words::tr("%1 tokens a row", nullptr, pluralOf(perRow)).arg(formatCount(perRow))};
    if (summary.truncated > 0) {
        facts << Words::tr("%1 cut at %2")
                     .arg(formatPercent(static_cast<double>(summary.truncated)
                                        / static_cast<double>(summary.rows)),
                          formatCount(maxLength));
    }
    if (summary.usable < summary.rows) { // why, the notes on the data say
        facts << Words::tr("%1 left out").arg(formatCount(summary.rows - summary.usable));
    }
    return facts.join(kDot);
}

QString modulesLine(const core::ModelFiles& files, const std::vector<core::LinearModule>& modules,
                    const core::RunSpec& spec)
{
    if (!core::hasAdapter(spec.method) && spec.targets.empty()) {
        return Words::tr("every parameter, embeddings and norms too: %1")
            .arg(formatCompact(files.parameters()));
    }
    std::int64_t parameters = 0;
    if (!core::hasAdapter(spec.method)) {
        for (const core::LinearModule& module : modules) {
            parameters += module.rows * module.cols;
        }
    } else {
        parameters = core::adapterParameters(spec.adapterKind, modules, spec.rank, spec.patterns);
    }
    const auto matrices = static_cast<std::int64_t>(modules.size());
    return QStringList {
        Words::tr("%1 matrices", nullptr, pluralOf(matrices)).arg(formatCount(matrices)),
        Words::tr("%1 parameters", nullptr, pluralOf(parameters)).arg(formatCount(parameters)),
        formatPercent(static_cast<double>(parameters)
                      / static_cast<double>(std::max<std::int64_t>(1, files.parameters())))}
        .join(kDot);
}

QString problemText(const core::SpecProblem& problem, const core::RunSpec& spec)
{
    const core::SpecField& field = core::specField(problem.key);
    const core::FieldValue value = field.get(spec);
    const bool isNumber = std::holds_alternative<std::int64_t>(value)
        || std::holds_alternative<std::uint64_t>(value) || std::holds_alternative<double>(value);
    if (!isNumber || !field.limits || !field.only.empty()
        || core::rangeProblem(field, value).empty()) {
        return QString::fromStdString(problem.message);
    }
    const bool isWhole = !std::holds_alternative<double>(value);
    const auto limit = [isWhole](double number) {
        return isWhole ? QString::number(static_cast<qint64>(number))
                       : QString::fromStdString(core::numberText(number));
    };
    return (isWhole                  ? Words::tr("must be a whole number from %1 to %2, found %3")
                : field.limits->open ? Words::tr("must be above %1 and at most %2, found %3")
                                     : Words::tr("must be at least %1 and at most %2, found %3"))
        .arg(limit(field.limits->lowest), limit(field.limits->highest),
             QString::fromStdString(core::fieldText(value)));
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
    return Words::tr("must be at most %1: %2 is %3 × %4")
        .arg(formatCount(smallest->smallerSide()), QString::fromStdString(smallest->type),
             formatCount(smallest->rows), formatCount(smallest->cols));
}

QString fourBitLine(const core::ModelFiles& files, const core::RunSpec& spec)
{
    const core::FourBitBytes bytes = core::fourBitBytes(files, spec);
    return bytes.dense == 0 ? QString()
                            : Words::tr("matrices of %1 in %2, %3 of bfloat16")
                                  .arg(formatBytes(bytes.dense), formatBytes(bytes.quantized),
                                       formatPercent(static_cast<double>(bytes.quantized)
                                                     / static_cast<double>(bytes.dense)));
}

QString rankMapLine(const core::RankPatterns& patterns)
{
    const auto [lowest, highest] =
        std::minmax_element(patterns.ranks.begin(), patterns.ranks.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; });
    const auto matrices = static_cast<std::int64_t>(patterns.ranks.size());
    return Words::tr("rank map of %1 matrices, ranks %2 to %3", nullptr, pluralOf(matrices))
        .arg(formatCount(matrices), formatCount(lowest->second), formatCount(highest->second));
}

QString sliceLine(double slice)
{
    return slice == 1.0 ? Words::tr("slice: minor triplets")
        : slice == 0.5
        ? Words::tr("slice: middle triplets")
        : Words::tr("slice: triplets from %1 of the spectrum on").arg(formatPercent(slice));
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
        return Words::tr("LoRA-sized: PiSSA's best rate is 3–10× below LoRA's");
    }
    if (lora && rate > 0.0 && rate <= kLowForLora) {
        return pissa ? Words::tr("PiSSA-sized: LoRA's best rate is 3–10× above PiSSA's")
                     : Words::tr("low for LoRA: its best rate is 3–10× above PiSSA's");
    }
    return {};
}

QString lengthLine(const core::RunSpec& spec, const core::DatasetSummary& summary,
                   double secondsPerToken)
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
    const double epochs = core::epochsAfter(spec, steps, batches);
    const QString length = spec.steps < 1
        ? stepsText(steps)
        : Words::tr("%1 epochs", nullptr, pluralOf(epochs == 1.0 ? 1 : 2))
              .arg(formatNumber(epochs, 2));
    const double rows = static_cast<double>(steps) * static_cast<double>(spec.batchSize)
        * static_cast<double>(spec.gradAccum);
    const double seconds = secondsPerToken * rows * static_cast<double>(summary.tokens)
        / static_cast<double>(summary.usable);
    return seconds >= kWorthTelling
        ? Words::tr("%1 · about %2").arg(length, formatDuration(seconds))
        : length;
}

QString commandFor(const core::RunSpec& spec, const QVector<core::Method>& twins,
                   const QString& runDirectory, const TwinRates& rates)
{
    QString ofTwins; // names of methods and numbers: nothing to quote
    for (const QString& argument : rates.arguments()) {
        ofTwins += QLatin1Char(' ') + argument;
    }
    const std::vector<core::Method> methods {twins.begin(), twins.end()};
    if (spec.patterns.empty()) {
        return QString::fromStdString(
                   core::specToCommand(spec, methods, runDirectory.toStdString()))
            + ofTwins;
    }
    const std::string file = QFileInfo(runDirectory).fileName().toStdString() + ".json";
    const std::string quoted = core::shellQuoted(file);
    std::string train = "pissarro-cli train " + quoted;
    for (const core::Method twin : methods) {
        train += " --twin " + std::string(core::methodName(twin));
    }
    train += " -o " + core::shellQuoted(runDirectory.toStdString()) + ofTwins.toStdString();
    // noclobber: a file of that name is nobody's to overwrite.
    return QString::fromStdString("(set -C; cat > " + quoted + ") <<'SPEC' && " + train + "\n"
                                  + core::specToJson(spec) + "\nSPEC\n");
}

QString crashLine(const core::RunSpec& spec, bool ownProcess)
{
    const QString where = ownProcess ? Words::tr("Goes on when this window closes or crashes.")
                                     : Words::tr("Ends with this window.");
    const QString minutes = formatDuration(60.0 * spec.checkpointMinutes);
    const QString steps = stepsText(spec.checkpointEvery);
    const bool byTime = spec.checkpointMinutes > 0.0;
    const bool bySteps = spec.checkpointEvery > 0;
    const QString cost = byTime && bySteps // whichever comes first
        ? Words::tr("A crash of the run costs at most %1 or %2.").arg(minutes, steps)
        : byTime || bySteps
            ? Words::tr("A crash of the run costs at most %1.").arg(byTime ? minutes : steps)
            : Words::tr("A crash of the run costs all of it: no checkpoint before the end.");
    return where + QLatin1Char(' ') + cost;
}

QString runFacts(const core::RunSpec& spec, const std::map<core::Method, double>& twinRates)
{
    const auto text = [](std::string_view name) {
        return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
    };
    const QString rows = QString::fromStdString(spec.data.empty() ? spec.batches : spec.data);
    QString rate = formatRate(spec.learningRate);
    if (!twinRates.empty()) {
        rate = titleOf(spec.method) + QLatin1Char(' ') + rate;
    }
    for (const auto& [method, own] : twinRates) {
        rate += QStringLiteral(", ") + titleOf(method) + QLatin1Char(' ') + formatRate(own);
    }
    QStringList rates {Words::tr("rate %1 %2").arg(rate, scheduleWord(spec.schedule))};
    if (spec.warmupRatio > 0.0) {
        rates << Words::tr("warm-up %1").arg(formatPercent(spec.warmupRatio));
    }
    if (core::hasAdapter(spec.method)) {
        rates << (spec.patterns.ranks.empty() ? Words::tr("rank %1").arg(formatCount(spec.rank))
                                              : Words::tr("rank map"));
        rates << Words::tr("alpha %1").arg(formatNumber(spec.alpha));
    }
    const QStringList rest {
        spec.gradAccum > 1 ? Words::tr("batch %1 × %2").arg(spec.batchSize).arg(spec.gradAccum)
                           : Words::tr("batch %1").arg(spec.batchSize),
        Words::tr("%1 tokens", nullptr, pluralOf(spec.maxLength)).arg(formatCount(spec.maxLength)),
        text(core::dtypeTitle(spec.dtype)), Words::tr("seed %1").arg(spec.seed)};
    return QFileInfo(QString::fromStdString(spec.model)).fileName() + kDot
        + QFileInfo(rows).fileName() + QLatin1Char('\n') + rates.join(kDot) + QLatin1Char('\n')
        + rest.join(kDot);
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
