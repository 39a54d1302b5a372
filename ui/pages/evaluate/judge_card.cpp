// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/evaluate/judge_card.h"

#include "core/evaluate/shown_answers.h"
#include "core/text/json_value.h"
#include "ui/look/icons.h"
#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/pages/evaluate/agreement_card.h"
#include "ui/pages/evaluate/answer_view.h"
#include "ui/services/evaluations.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QComboBox>
#include <QDateTime>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalBlocker>
#include <QToolButton>

#include <algorithm>

namespace pissarro::ui {

namespace {

QString nameOf(const std::string& name)
{
    return QString::fromStdString(name);
}

std::vector<std::string> askedTurns(const core::Transcript& answer)
{
    return core::jsonAs<std::vector<std::string>>(answer.prompt)
        .value_or(std::vector<std::string>());
}

} // namespace

JudgeCard::JudgeCard(Evaluations& evaluations, QWidget* parent)
    : Card(tr("Judge"), parent)
    , m_evaluations(evaluations)
    , m_pairs(new QComboBox)
    , m_bar(new QProgressBar)
    , m_count(new QLabel)
    , m_question(new QLabel)
    , m_vote(new QLabel)
    , m_result(new QLabel)
    , m_tell(new QPushButton(tr("Tell the result")))
{
    setSubtitle(tr("blind, side by side: the sides are drawn anew for each question"));
    buildTitle();
    m_question->setObjectName(QStringLiteral("judge.question"));
    m_question->setTextFormat(Qt::PlainText);
    setRole(m_question, "muted");
    body()->addWidget(m_question);
    body()->addWidget(buildSides(), 1);
    body()->addWidget(buildButtons());
    m_result->setObjectName(QStringLiteral("judge.result"));
    m_result->setTextFormat(Qt::PlainText);
    m_result->setWordWrap(true);
    m_tell->setObjectName(QStringLiteral("judge.tell"));
    m_tell->setToolTip(tr("What the votes come to so far, with the models' names"));
    auto* foot = new QHBoxLayout;
    foot->addWidget(m_result, 1);
    foot->addWidget(m_tell);
    body()->addLayout(foot);
    connect(m_tell, &QPushButton::clicked, this, [this] {
        m_told = !m_told;
        showResult();
    });
    connect(m_pairs, &QComboBox::activated, this, &JudgeCard::pairChosen);
    show();
}

void JudgeCard::buildTitle()
{
    m_pairs->setObjectName(QStringLiteral("judge.pair"));
    m_pairs->setAccessibleName(tr("Which two models are judged"));
    m_pairs->setToolTip(m_pairs->accessibleName());
    m_bar->setObjectName(QStringLiteral("judge.progress"));
    m_bar->setAccessibleName(tr("Questions that are judged"));
    m_bar->setTextVisible(false);
    m_bar->setFixedWidth(scaled(96));
    m_count->setObjectName(QStringLiteral("judge.count"));
    setRole(m_count, "muted");
    addTitleWidget(m_count);
    addTitleWidget(m_bar);
    addTitleWidget(m_pairs);
    const auto arrow = [this](const char* name, const char* icon, const QString& tip, int by) {
        auto* button = new QToolButton;
        button->setObjectName(QLatin1String(name));
        button->setIcon(themedIcon(QLatin1String(icon)));
        button->setAccessibleName(tip);
        button->setToolTip(tip);
        addBesideTitle(button);
        connect(button, &QToolButton::clicked, this, [this, by] { walk(by); });
    };
    arrow("judge.previous", "previous", tr("The question before"), -1);
    arrow("judge.next", "next", tr("The next question"), 1);
}

QWidget* JudgeCard::buildSides()
{
    auto* sides = new QWidget;
    auto* row = new QHBoxLayout(sides);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(12);
    const QString names[] {tr("A"), tr("B")};
    for (std::size_t i = 0; i < m_views.size(); ++i) {
        m_views[i] =
            new AnswerView(QStringLiteral("judge.answer.%1").arg(i), tr("Answer %1").arg(names[i]));
        auto* name = new QLabel(names[i]);
        setRole(name, "title");
        auto* column = new QVBoxLayout;
        column->setSpacing(4);
        column->addWidget(name);
        column->addWidget(m_views[i], 1);
        row->addLayout(column, 1);
    }
    return sides;
}

QWidget* JudgeCard::buildButtons()
{
    auto* buttons = new QWidget;
    auto* row = new QHBoxLayout(buttons);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    const QString texts[] {tr("A better"), tr("Tie"), tr("B better")};
    const QString keys[] {QStringLiteral("A"), QStringLiteral("T"), QStringLiteral("B")};
    const char* const names[] {"judge.a", "judge.tie", "judge.b"};
    const core::VoteWinner winners[] {core::VoteWinner::A, core::VoteWinner::Tie,
                                      core::VoteWinner::B};
    row->addStretch(1);
    for (std::size_t i = 0; i < m_buttons.size(); ++i) {
        m_buttons[i] = new QPushButton(texts[i]);
        m_buttons[i]->setObjectName(QLatin1String(names[i]));
        m_buttons[i]->setToolTip(tr("%1 (%2)").arg(texts[i], keys[i]));
        m_buttons[i]->setMinimumWidth(scaled(96));
        row->addWidget(m_buttons[i]);
        connect(m_buttons[i], &QPushButton::clicked, this,
                [this, winner = winners[i]] { judge(winner); });
    }
    m_vote->setObjectName(QStringLiteral("judge.vote"));
    m_vote->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    setRole(m_vote, "muted");
    row->addWidget(m_vote, 1); // as much as the left has: the buttons stay in the middle
    return buttons;
}

const core::ModelPair* JudgeCard::names() const
{
    return m_picture && m_pair >= 0
            && m_pair < static_cast<int>(m_picture->evaluation.summary.pairs.size())
        ? &m_picture->evaluation.summary.pairs[static_cast<std::size_t>(m_pair)]
        : nullptr;
}

void JudgeCard::showTask(int task, const TaskPicturePtr& picture, int pair)
{
    const bool isOther = task != m_task || pair != m_pair
        || (m_picture ? m_picture->folder : QString()) != (picture ? picture->folder : QString());
    const std::int64_t before = questionId();
    m_task = task;
    m_picture = picture;
    m_pair = pair;
    m_told = m_told && !isOther;
    listTalks();
    {
        const QSignalBlocker quiet(m_pairs);
        m_pairs->clear();
        if (m_picture) {
            for (const core::ModelPair& one : m_picture->evaluation.summary.pairs) {
                m_pairs->addItem(tr("%1 and %2").arg(nameOf(one.a), nameOf(one.b)));
            }
        }
        m_pairs->setCurrentIndex(m_pair);
        m_pairs->setVisible(m_pairs->count() > 1);
    }
    const auto kept = std::find_if(m_talks.begin(), m_talks.end(), [before](const Talk& talk) {
        return talk.questionId == before;
    });
    if (isOther || kept == m_talks.end()) {
        showFirstLeft();
    } else {
        m_at = static_cast<int>(kept - m_talks.begin());
        show();
    }
}

void JudgeCard::listTalks()
{
    m_talks.clear();
    const core::ModelPair* const pair = names();
    if (pair == nullptr) {
        return;
    }
    const auto& models = m_picture->evaluation.spec.models;
    const auto placeOf = [&models](const std::string& name) {
        return static_cast<std::size_t>(
            std::find_if(models.begin(), models.end(),
                         [&name](const auto& model) { return model.name == name; })
            - models.begin());
    };
    const std::size_t a = placeOf(pair->a);
    const std::size_t b = placeOf(pair->b);
    for (const AskedQuestion& question : m_picture->questions) {
        const core::Transcript* const ofA = question.answers[a];
        const core::Transcript* const ofB = question.answers[b];
        if (ofA != nullptr && ofB != nullptr && ofA->gold.is_object()) {
            const auto id = core::jsonFieldAs<std::int64_t>(ofA->gold, "question_id");
            const auto category = core::jsonFieldAs<std::string>(ofA->gold, "category");
            m_talks.push_back(
                {id.value_or(question.index), nameOf(category.value_or(std::string())), ofA, ofB});
        }
    }
}

std::int64_t JudgeCard::questionId() const
{
    return m_at >= 0 && m_at < static_cast<int>(m_talks.size())
        ? m_talks[static_cast<std::size_t>(m_at)].questionId
        : -1;
}

void JudgeCard::showFirstLeft()
{
    const core::ModelPair* const pair = names();
    m_at = static_cast<int>(m_talks.size()) - 1;
    for (std::size_t i = 0; i < m_talks.size(); ++i) {
        if (core::voteOn(m_evaluations.votes(m_task), m_talks[i].questionId, pair->a, pair->b)
            == nullptr) {
            m_at = static_cast<int>(i);
            break;
        }
    }
    show();
}

void JudgeCard::walk(int by)
{
    const int next = m_at + by;
    if (next >= 0 && next < static_cast<int>(m_talks.size())) {
        m_at = next;
        show();
    }
}

void JudgeCard::judge(core::VoteWinner winner)
{
    const core::ModelPair* const pair = names();
    if (pair == nullptr || questionId() < 0) {
        return;
    }
    const bool swapped = core::isSwapped(questionId(), pair->a, pair->b);
    core::Vote vote;
    vote.questionId = questionId();
    vote.modelA = swapped ? pair->b : pair->a;
    vote.modelB = swapped ? pair->a : pair->b;
    vote.winner = winner;
    vote.turn =
        static_cast<int>(core::writtenTurns(*m_talks[static_cast<std::size_t>(m_at)].a).size());
    vote.time = static_cast<double>(QDateTime::currentMSecsSinceEpoch()) / 1000.0;
    m_evaluations.vote(m_task, vote);
    showFirstLeft();
}

int JudgeCard::judged() const
{
    const core::ModelPair* const pair = names();
    return static_cast<int>(
        std::count_if(m_talks.begin(), m_talks.end(), [this, pair](const Talk& talk) {
            return core::voteOn(m_evaluations.votes(m_task), talk.questionId, pair->a, pair->b)
                != nullptr;
        }));
}

void JudgeCard::show()
{
    const core::ModelPair* const pair = names();
    const bool any = pair != nullptr && questionId() >= 0;
    for (QPushButton* button : m_buttons) {
        button->setEnabled(any);
    }
    const int all = static_cast<int>(m_talks.size());
    const int done = any ? judged() : 0;
    m_bar->setRange(0, std::max(1, all));
    m_bar->setValue(done);
    m_count->setText(
        tr("%1 of %2 judged", nullptr, pluralOf(all)).arg(formatCount(done), formatCount(all)));
    m_vote->clear();
    if (!any) {
        m_question->setText(pair == nullptr
                                ? tr("Two models are judged beside one another: evaluate another "
                                     "one with it.")
                                : tr("No question is answered by both yet."));
        for (AnswerView* view : m_views) {
            view->showTurns({}, {});
        }
        showResult();
        return;
    }
    const Talk& talk = m_talks[static_cast<std::size_t>(m_at)];
    m_question->setText(tr("Question %1, %2").arg(formatCount(talk.questionId), talk.category));
    const bool swapped = core::isSwapped(talk.questionId, pair->a, pair->b);
    const core::Transcript* const sides[] {swapped ? talk.b : talk.a, swapped ? talk.a : talk.b};
    for (std::size_t i = 0; i < m_views.size(); ++i) {
        m_views[i]->showTurns(askedTurns(*sides[i]), core::writtenTurns(*sides[i]));
    }
    const core::Vote* const vote =
        core::voteOn(m_evaluations.votes(m_task), talk.questionId, pair->a, pair->b);
    if (vote != nullptr) { // by the sides that are seen now
        const bool isAlike = vote->modelA == (swapped ? pair->b : pair->a);
        const bool isA = (vote->winner == core::VoteWinner::A) == isAlike;
        m_vote->setText(vote->winner == core::VoteWinner::Tie ? tr("Judged: tie")
                            : isA                             ? tr("Judged: A better")
                                                              : tr("Judged: B better"));
    }
    showResult();
}

QString JudgeCard::resultText() const
{
    const core::ModelPair* const pair = names();
    if (pair == nullptr) {
        return {};
    }
    const core::VoteTally tally = core::tallyOf(m_evaluations.votes(m_task), pair->a, pair->b);
    if (tally.voted() == 0) {
        return tr("Nothing is judged yet.");
    }
    const QString a = nameOf(pair->a);
    const QString b = nameOf(pair->b);
    const QString counts = tr("%1 better: %2, %3 better: %4, ties: %5.")
                               .arg(a, formatCount(tally.winsOfA), b, formatCount(tally.winsOfB),
                                    formatCount(tally.ties));
    if (tally.tooFewToTell()) {
        return tr("%1 Too few to tell: %2 votes are no ties.", nullptr, pluralOf(tally.decided()))
            .arg(counts, formatCount(tally.decided()));
    }
    return tr("%1 %2 won %3 of those that are no ties (95 % interval from %4 to %5); sign test, "
              "exact, two-sided: %6.")
        .arg(counts, a,
             formatPercent(static_cast<double>(tally.winsOfA)
                           / static_cast<double>(tally.decided())),
             formatPercent(tally.interval.low), formatPercent(tally.interval.high),
             pValueText(tally.p));
}

void JudgeCard::showResult()
{
    const bool isAll =
        names() != nullptr && !m_talks.empty() && judged() == static_cast<int>(m_talks.size());
    m_tell->setVisible(!isAll && names() != nullptr && !m_talks.empty());
    m_tell->setText(m_told ? tr("Hide the result") : tr("Tell the result"));
    m_result->setText(isAll || m_told ? resultText() : QString());
}

} // namespace pissarro::ui
