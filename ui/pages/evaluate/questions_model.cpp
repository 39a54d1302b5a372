// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/evaluate/questions_model.h"

#include "core/evaluate/evaluated_tasks.h"
#include "core/evaluate/evaluation_summary.h"
#include "core/evaluate/shown_answers.h"
#include "core/text/json_value.h"
#include "ui/look/theme.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

constexpr qsizetype kLongest = 300; // characters of a cell; the rest is below
const QChar kTick(0x2713);
const QChar kCross(0x2715);

QString oneLine(const QString& text)
{
    return text.left(kLongest).simplified();
}

// With its line breaks, and never taken for rich text.
QString tipOf(const QString& text)
{
    return QStringLiteral("<p style=\"white-space:pre-wrap\">%1</p>")
        .arg(text.left(4 * kLongest).toHtmlEscaped());
}

bool isRight(const AskedQuestion& question, int model)
{
    const core::Transcript* const answer = question.answers[static_cast<std::size_t>(model)];
    return answer != nullptr && answer->isCorrect();
}

bool isJudged(const AskedQuestion& question, int model)
{
    const core::Transcript* const answer = question.answers[static_cast<std::size_t>(model)];
    return answer != nullptr && !answer->verdicts.empty();
}

// What a cell has room for; readText() is its tool tip.
QString cellOf(const core::Transcript& answer)
{
    if (!answer.verdicts.empty()) {
        const core::Score& score = answer.verdicts.front().score;
        const QString read =
            score.verdict.empty() && !score.extracted ? QStringLiteral("–") : readText(answer);
        return QStringLiteral("%1 %2").arg(answer.isCorrect() ? kTick : kCross).arg(read);
    }
    const core::TextLoss loss = core::lossOf(answer);
    return std::isfinite(loss.nll) && loss.scored > 0
        ? formatNumber(loss.nll / static_cast<double>(loss.scored))
        : readText(answer);
}

} // namespace

QString readText(const core::Transcript& answer)
{
    if (!answer.verdicts.empty()) {
        const core::Score& score = answer.verdicts.front().score;
        return !score.verdict.empty() ? QString::fromStdString(score.verdict)
            : score.extracted         ? oneLine(QString::fromStdString(*score.extracted))
                                      : QuestionsModel::tr("nothing read");
    }
    const core::TextLoss loss = core::lossOf(answer);
    if (std::isfinite(loss.nll) && loss.scored > 0) {
        return QuestionsModel::tr("%1 nats a token")
            .arg(formatNumber(loss.nll / static_cast<double>(loss.scored)));
    }
    return QuestionsModel::tr("%1 tokens", nullptr, pluralOf(answer.tokens))
        .arg(formatCount(answer.tokens));
}

void QuestionsModel::showTask(const TaskPicturePtr& task, const std::vector<ModelLook>& looks,
                              std::pair<int, int> pair)
{
    beginResetModel();
    m_task = task;
    m_looks = looks;
    m_pair = pair;
    m_counts.fill(0);
    if (m_task) {
        for (const AskedQuestion& question : m_task->questions) {
            for (int filter = 0; filter < kAnswerFilters; ++filter) {
                m_counts[static_cast<std::size_t>(filter)] +=
                    isIn(question, static_cast<AnswerFilter>(filter)) ? 1 : 0;
            }
        }
    }
    choose();
    endResetModel();
}

void QuestionsModel::setFilter(AnswerFilter filter)
{
    beginResetModel();
    m_filter = filter;
    choose();
    endResetModel();
}

void QuestionsModel::setWords(const QString& words)
{
    beginResetModel();
    m_words = words.trimmed();
    choose();
    endResetModel();
}

std::int64_t QuestionsModel::count(AnswerFilter filter) const
{
    return m_counts[static_cast<std::size_t>(filter)];
}

bool QuestionsModel::isIn(const AskedQuestion& question, AnswerFilter filter) const
{
    if (filter == AnswerFilter::All) {
        return true;
    }
    const auto [a, b] = m_pair;
    if (a < 0 || b < 0 || !isJudged(question, a) || !isJudged(question, b)) {
        return false;
    }
    const bool rightA = isRight(question, a);
    const bool rightB = isRight(question, b);
    switch (filter) {
    case AnswerFilter::OnlyA:
        return rightA && !rightB;
    case AnswerFilter::OnlyB:
        return rightB && !rightA;
    case AnswerFilter::Both:
        return rightA && rightB;
    case AnswerFilter::None:
        return !rightA && !rightB;
    case AnswerFilter::All:
        break;
    }
    return true;
}

bool QuestionsModel::holdsWords(const AskedQuestion& question) const
{
    if (m_words.isEmpty() || question.asked.contains(m_words, Qt::CaseInsensitive)
        || question.gold.contains(m_words, Qt::CaseInsensitive)) {
        return true;
    }
    return std::any_of(
        question.answers.begin(), question.answers.end(), [this](const core::Transcript* answer) {
            const std::string* const text =
                answer == nullptr ? nullptr : core::jsonText(answer->output);
            return text != nullptr
                && QString::fromStdString(*text).contains(m_words, Qt::CaseInsensitive);
        });
}

void QuestionsModel::choose()
{
    m_rows.clear();
    for (std::size_t i = 0; m_task && i < m_task->questions.size(); ++i) {
        const AskedQuestion& question = m_task->questions[i];
        if (isIn(question, m_filter) && holdsWords(question)) {
            m_rows.push_back(static_cast<int>(i));
        }
    }
}

const AskedQuestion* QuestionsModel::questionAt(int row) const
{
    return m_task && row >= 0 && row < rowCount()
        ? &m_task->questions[static_cast<std::size_t>(m_rows[static_cast<std::size_t>(row)])]
        : nullptr;
}

int QuestionsModel::rowOf(std::int64_t index) const
{
    for (int row = 0; row < rowCount(); ++row) {
        if (questionAt(row)->index == index) {
            return row;
        }
    }
    return -1;
}

int QuestionsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int QuestionsModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : FirstModel + static_cast<int>(m_looks.size());
}

QVariant QuestionsModel::data(const QModelIndex& index, int role) const
{
    const AskedQuestion* const question = index.isValid() ? questionAt(index.row()) : nullptr;
    if (question == nullptr) {
        return {};
    }
    const int column = index.column();
    if (role == Qt::TextAlignmentRole) {
        return QVariant(column == Question ? Qt::AlignLeft | Qt::AlignVCenter
                                           : Qt::AlignRight | Qt::AlignVCenter);
    }
    if (column < FirstModel) {
        if (role == Qt::ToolTipRole && column != Number) {
            return tipOf(column == Question ? question->asked : question->gold);
        }
        if (role != Qt::DisplayRole) {
            return {};
        }
        return column == Number  ? formatCount(question->index + 1)
            : column == Question ? oneLine(question->asked)
                                 : oneLine(question->gold);
    }
    const core::Transcript* const answer =
        question->answers[static_cast<std::size_t>(column - FirstModel)];
    if (answer == nullptr) {
        return role == Qt::DisplayRole ? QVariant(QStringLiteral("…")) : QVariant();
    }
    const bool isJudgedHere = !answer->verdicts.empty();
    if (role == Qt::ForegroundRole && isJudgedHere) {
        const Colors& colors = Theme::instance().colors();
        return answer->isCorrect() ? colors.good : colors.text;
    }
    if (role == Qt::AccessibleTextRole && isJudgedHere) {
        return answer->isCorrect() ? tr("right: %1").arg(readText(*answer))
                                   : tr("wrong: %1").arg(readText(*answer));
    }
    if (role == Qt::ToolTipRole) {
        return tipOf(readText(*answer));
    }
    return role == Qt::DisplayRole ? QVariant(cellOf(*answer)) : QVariant();
}

bool QuestionsModel::hasGold() const
{
    const auto isThere = [](const AskedQuestion& question) { return !question.gold.isEmpty(); };
    return m_task && std::any_of(m_task->questions.begin(), m_task->questions.end(), isThere);
}

QVariant QuestionsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return QVariant(section == Question ? Qt::AlignLeft | Qt::AlignVCenter
                                            : Qt::AlignRight | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole) {
        return {};
    }
    switch (section) {
    case Number:
        return QStringLiteral("#");
    case Question:
        return m_task && m_task->task() == fromView(core::kPerplexity) ? tr("Window")
                                                                       : tr("Question");
    case Gold:
        return tr("Gold");
    default:
        return m_looks.at(static_cast<std::size_t>(section - FirstModel)).name;
    }
}

} // namespace pissarro::ui
