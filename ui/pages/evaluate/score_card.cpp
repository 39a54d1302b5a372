// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/evaluate/score_card.h"

#include "core/tasks/perplexity.h"
#include "core/text/number_text.h"
#include "ui/widgets/file_dialogs.h"
#include "ui/widgets/scroll_column.h"
#include "ui/widgets/segmented_control.h"
#include "ui/widgets/widget_export.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

// Whether a model has answered as much as there is to answer.
bool isDone(const TaskPicture& picture, const core::ModelScore& score)
{
    if (picture.isWhole()) {
        return true;
    }
    const auto models = static_cast<std::int64_t>(picture.evaluation.spec.models.size());
    return !score.rules.empty() && picture.expected > 0
        && score.rules.front().answers == picture.expected / models;
}

QString questionsText(const TaskPicture& picture, std::int64_t questions)
{
    const core::EvaluationSpec& spec = picture.evaluation.spec;
    const auto models = static_cast<std::int64_t>(spec.models.size());
    const std::int64_t all =
        models * spec.samples > 0 ? picture.expected / (models * spec.samples) : 0;
    return picture.isWhole() || all <= questions
        ? ScoreCard::tr("%1 questions", nullptr, pluralOf(questions)).arg(formatCount(questions))
        : ScoreCard::tr("%1 of %2 questions", nullptr, pluralOf(all))
              .arg(formatCount(questions), formatCount(all));
}

// With as many digits behind the point as the others have, that lie above one another.
QString shareText(double share)
{
    const QString plain = QString::fromStdString(core::fixedText(100.0 * std::abs(share), 1));
    const bool isNegative = share < 0.0 && plain != QLatin1String("0.0");
    return isNegative ? QStringLiteral("−%1 %").arg(plain) : QStringLiteral("%1 %").arg(plain);
}

QString changeText(double value, const QString& text) // a plus where there is one
{
    return value > 0.0 ? QLatin1Char('+') + text : text;
}

ScoreMark shareMark(const ModelLook& look, double value, const core::Interval& interval,
                    bool isWhole)
{
    return {look.name, look.color, value, interval.low, interval.high, shareText(value), isWhole};
}

void addShares(QVector<ScoreGroup>& groups, int task, const TaskPicture& picture,
               const std::vector<ModelLook>& looks)
{
    const core::EvaluationSummary& summary = picture.evaluation.summary;
    ScoreGroup group {task, titleOfTask(picture.evaluation.spec), {}, true, {}};
    QVector<ScoreGroup> more; // pass@k
    std::int64_t questions = 0;
    for (std::size_t i = 0; i < summary.models.size() && i < looks.size(); ++i) {
        const core::ModelScore& model = summary.models[i];
        if (model.rules.empty() || model.rules.front().answers == 0) {
            continue;
        }
        const core::RuleScore& score = model.rules.front();
        const bool isWhole = isDone(picture, model);
        questions = std::max(questions, score.questions);
        group.marks.append(shareMark(looks[i], score.score, score.interval, isWhole));
        for (const auto& [k, share] : score.passAt) {
            if (k == 1) {
                continue; // the score itself
            }
            const QString title = ScoreCard::tr("%1 pass@%2").arg(group.title, formatCount(k));
            auto known = std::find_if(more.begin(), more.end(), [&title](const ScoreGroup& one) {
                return one.title == title;
            });
            if (known == more.end()) {
                more.append({task,
                             title,
                             ScoreCard::tr("of %1 answers", nullptr,
                                           pluralOf(picture.evaluation.spec.samples))
                                 .arg(formatCount(picture.evaluation.spec.samples)),
                             true,
                             {}});
                known = more.end() - 1;
            }
            known->marks.append(shareMark(looks[i], share, score.passAtInterval.at(k), isWhole));
        }
    }
    group.subtitle =
        ScoreCard::tr("%1\nrule %2")
            .arg(questionsText(picture, questions), QString::fromStdString(summary.rule));
    if (!group.marks.isEmpty()) {
        groups.append(group);
        groups.append(more);
    }
}

void addPerplexity(QVector<ScoreGroup>& groups, int task, const TaskPicture& picture,
                   const std::vector<ModelLook>& looks)
{
    const core::EvaluationSummary& summary = picture.evaluation.summary;
    ScoreGroup group {task,
                      titleOfTask(picture.evaluation.spec),
                      ScoreCard::tr("lower is better\nscale of its own"),
                      false,
                      {}};
    for (std::size_t i = 0; i < summary.models.size() && i < looks.size(); ++i) {
        const core::ModelScore& model = summary.models[i];
        const auto value = model.loss ? core::perplexityOf(*model.loss).perplexity : std::nullopt;
        if (value && std::isfinite(*value)) {
            const core::Interval around =
                model.perplexityInterval.value_or(core::Interval {*value, *value});
            group.marks.append({looks[i].name, looks[i].color, *value, around.low, around.high,
                                formatNumber(*value), picture.isWhole()});
        }
    }
    if (!group.marks.isEmpty()) {
        groups.append(group);
    }
}

} // namespace

QVector<ScoreGroup> scoreGroups(int task, const TaskPicture& picture,
                                const std::vector<ModelLook>& looks)
{
    QVector<ScoreGroup> groups;
    addShares(groups, task, picture, looks);
    addPerplexity(groups, task, picture, looks);
    if (groups.isEmpty() && picture.answers() > 0) { // answers that nobody has judged
        groups.append({task,
                       titleOfTask(picture.evaluation.spec),
                       ScoreCard::tr("judged afterwards"),
                       true,
                       {}});
    }
    return groups;
}

QVector<ScoreGroup> differenceGroups(int task, const TaskPicture& picture,
                                     const std::vector<ModelLook>& looks)
{
    const core::EvaluationSummary& summary = picture.evaluation.summary;
    ScoreGroup shares {task,
                       titleOfTask(picture.evaluation.spec),
                       ScoreCard::tr("difference of\nthe shares"),
                       true,
                       {}};
    ScoreGroup losses {task,
                       titleOfTask(picture.evaluation.spec),
                       ScoreCard::tr("difference of\nthe mean loss"),
                       false,
                       {}};
    const auto colorOf = [&looks](const std::string& name) {
        const auto found = std::find_if(looks.begin(), looks.end(), [&name](const ModelLook& one) {
            return one.name == QString::fromStdString(name);
        });
        return found == looks.end() ? QColor(Qt::gray) : found->color;
    };
    for (const core::ModelPair& pair : summary.pairs) {
        const QString name =
            ScoreCard::tr("%1 less %2")
                .arg(QString::fromStdString(pair.b), QString::fromStdString(pair.a));
        if (pair.nllDifference) { // as they are told: b less a
            const core::Interval around = pair.nllInterval.value_or(
                core::Interval {*pair.nllDifference, *pair.nllDifference});
            losses.marks.append(
                {name, colorOf(pair.b), -*pair.nllDifference, -around.high, -around.low,
                 changeText(-*pair.nllDifference, formatNumber(-*pair.nllDifference)),
                 picture.isWhole()});
        } else if (pair.answers.questions() > 0) {
            const double value = -pair.answers.difference();
            shares.marks.append({name, colorOf(pair.b), value, -pair.difference.high,
                                 -pair.difference.low, changeText(value, shareText(value)),
                                 picture.isWhole()});
        }
    }
    QVector<ScoreGroup> groups;
    for (const ScoreGroup& group : {shares, losses}) {
        if (!group.marks.isEmpty()) {
            groups.append(group);
        }
    }
    return groups;
}

ScoreCard::ScoreCard(QWidget* parent)
    : Card(tr("Score"), parent)
    , m_which(new SegmentedControl(QStringLiteral("evaluate.which"), tr("What is drawn"),
                                   {tr("all"), tr("differences")}))
    , m_chart(new ScoreChart)
{
    setSubtitle(tr("share right, 95 % interval (Wilson)"));
    m_chart->setObjectName(QStringLiteral("evaluate.scores"));
    auto* save = new QPushButton(tr("Export"));
    save->setObjectName(QStringLiteral("evaluate.export"));
    save->setToolTip(tr("The scores as a picture: PNG, SVG or PDF (Ctrl+Shift+E)"));
    addTitleWidget(m_which);
    addTitleWidget(save);
    body()->addWidget(scrollColumn(m_chart), 1);
    connect(save, &QPushButton::clicked, this, &ScoreCard::exportPicture);
    connect(m_which, &SegmentedControl::changed, this, &ScoreCard::show);
}

void ScoreCard::showTasks(const std::vector<TaskPicturePtr>& tasks,
                          const std::vector<std::vector<ModelLook>>& looks)
{
    m_tasks = tasks;
    m_looks = looks;
    show();
}

void ScoreCard::show()
{
    QVector<ScoreGroup> groups;
    for (std::size_t i = 0; i < m_tasks.size(); ++i) {
        if (m_tasks[i] && i < m_looks.size()) {
            groups += m_which->current() == 0
                ? scoreGroups(static_cast<int>(i), *m_tasks[i], m_looks[i])
                : differenceGroups(static_cast<int>(i), *m_tasks[i], m_looks[i]);
        }
    }
    const bool isSampled =
        std::any_of(m_tasks.begin(), m_tasks.end(), [](const TaskPicturePtr& task) {
            return task && task->evaluation.spec.samples > 1;
        });
    setSubtitle(m_which->current() == 1 ? tr("difference, 95 % interval (Agresti and Min)")
                    : isSampled         ? tr("share right, 95 % interval (questions drawn anew)")
                                        : tr("share right, 95 % interval (Wilson)"));
    m_chart->setGroups(groups);
}

void ScoreCard::exportPicture()
{
    askToSave(this, tr("Export the scores"), QStringLiteral("scores.svg"),
              tr("Pictures (*.svg *.png *.pdf)"), [this](const QString& path) {
                  savePicture(this, path, pictureOf(path, *m_chart, tr("Score")),
                              [this, path](const QString& problem) {
                                  if (!problem.isEmpty()) {
                                      Q_EMIT failedToExport(path, problem);
                                  }
                              });
              });
}

} // namespace pissarro::ui
