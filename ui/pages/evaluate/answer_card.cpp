// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/evaluate/answer_card.h"

#include "core/evaluate/shown_answers.h"
#include "core/tasks/perplexity.h"
#include "ui/look/icons.h"
#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/pages/evaluate/questions_model.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/scroll_column.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QResizeEvent>
#include <QScrollArea>
#include <QToolButton>

#include <algorithm>
#include <cmath>
#include <optional>

namespace pissarro::ui {

namespace {

constexpr int kWideEnough = 560; // px, for two answers beside one another
constexpr int kQuestionHeight = 92; // px at most
constexpr int kLeastQuestion = 52; // px, three lines
constexpr int kLeastAnswer = 76; // px, four lines; in a low window the card scrolls
constexpr int kLongestGold = 60; // characters

// What is shown of an answer, and the part of it that the scorer read.
struct ShownAnswer {
    std::string text;
    std::optional<core::TextPart> read;
    bool isWritten = false; // by the model, so that words can differ
};

ShownAnswer shownChoices(const std::vector<core::WeighedChoice>& choices,
                         const core::Transcript& answer)
{
    ShownAnswer shown;
    shown.text = AnswerCard::tr("Log-likelihoods:").toStdString();
    for (const core::WeighedChoice& one : choices) {
        const std::string said = one.isRight
            ? AnswerCard::tr("%1 (gold)").arg(QString::fromStdString(one.text)).toStdString()
            : one.text;
        shown.text += QStringLiteral("\n%1\t").arg(formatNumber(one.logLikelihood)).toStdString();
        const std::size_t begin = shown.text.size() + said.find(one.text);
        shown.text += said;
        if (!shown.read && !answer.verdicts.empty()
            && answer.verdicts.front().score.extracted == one.text) {
            shown.read = core::TextPart {begin, begin + one.text.size()};
        }
    }
    return shown;
}

ShownAnswer shownWindow(const core::Transcript& answer)
{
    const core::TextLoss loss = core::lossOf(answer);
    const core::Perplexity found = core::perplexityOf(loss);
    if (!found.meanNll || !found.perplexity || !std::isfinite(*found.meanNll)) {
        return {answer.output.dump(1), std::nullopt, false};
    }
    return {AnswerCard::tr("Mean loss %1 nats a token, perplexity %2; tokens counted: %3.")
                .arg(formatNumber(*found.meanNll), formatNumber(*found.perplexity),
                     formatCount(loss.scored))
                .toStdString(),
            std::nullopt, false};
}

// Of a choice its likelihoods, of a window its loss.
ShownAnswer shownAnswer(const core::Transcript& answer)
{
    const auto turns = core::writtenTurns(answer);
    if (turns.empty()) {
        const auto choices = core::weighedChoices(answer);
        return choices.empty() ? shownWindow(answer) : shownChoices(choices, answer);
    }
    ShownAnswer shown;
    shown.isWritten = true;
    for (const std::string& turn : turns) {
        shown.text += (shown.text.empty() ? "" : "\n\n") + turn;
    }
    if (!answer.verdicts.empty()) {
        shown.read = core::readPart(shown.text, answer.verdicts.front().score);
    }
    return shown;
}

// Each rule but the one that makes the score, by what it says.
void addOtherRules(QStringList& facts, const core::Transcript& answer)
{
    QStringList right;
    QStringList wrong;
    for (std::size_t i = 1; i < answer.verdicts.size(); ++i) {
        const core::RuleVerdict& other = answer.verdicts[i];
        (other.score.correct ? right : wrong).append(QString::fromStdString(other.rule));
    }
    const QString comma = QStringLiteral(", "); // between names in the files' own letters
    if (!right.isEmpty()) {
        facts.append(AnswerCard::tr("right by %1").arg(right.join(comma)));
    }
    if (!wrong.isEmpty()) {
        facts.append(AnswerCard::tr("wrong by %1").arg(wrong.join(comma)));
    }
}

QString endingText(const core::Transcript& answer)
{
    return answer.ending == "length" ? AnswerCard::tr("cut off at the limit") : QString();
}

int placeOf(const TaskPicture& task, const std::string& name)
{
    const auto& models = task.evaluation.spec.models;
    const auto found = std::find_if(models.begin(), models.end(),
                                    [&name](const auto& model) { return model.name == name; });
    return found == models.end() ? -1 : static_cast<int>(found - models.begin());
}

} // namespace

AnswerCard::AnswerCard(QWidget* parent)
    : Card(tr("Question"), parent)
    , m_how(new SegmentedControl(QStringLiteral("evaluate.marks"), tr("What is marked"),
                                 {tr("differences"), tr("plain")}))
    , m_question(new QLabel)
    , m_row(new QBoxLayout(QBoxLayout::TopToBottom))
    , m_foot(new QLabel)
    , m_chat(new QPushButton(tr("Chat from here")))
{
    buildTitle();
    m_question->setObjectName(QStringLiteral("evaluate.question"));
    m_question->setTextFormat(Qt::PlainText); // whatever a model or a file says
    m_question->setWordWrap(true);
    m_question->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_question->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    setRole(m_question, "muted");
    auto* question = scrollColumn(m_question);
    question->setMinimumHeight(scaled(kLeastQuestion));
    question->setMaximumHeight(scaled(kQuestionHeight));
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    column->addWidget(question);
    m_sides[0] = buildSide(QStringLiteral("evaluate.answer.0"), tr("Answer of the first model"));
    m_sides[1] = buildSide(QStringLiteral("evaluate.answer.1"), tr("Answer of the second model"));
    m_row->setSpacing(12);
    m_row->addWidget(m_sides[0].all, 1);
    m_row->addWidget(m_sides[1].all, 1);
    column->addLayout(m_row, 1);
    column->addStretch(0); // where there is no answer
    body()->addWidget(scrollColumn(content), 1);
    m_chat->setObjectName(QStringLiteral("evaluate.chat"));
    m_chat->setProperty("kind", QByteArray("link"));
    m_chat->setToolTip(tr("The question stands in the prompt of Chat then (Ctrl+Shift+Return)"));
    setRole(m_foot, "muted");
    auto* foot = new QHBoxLayout;
    foot->addWidget(m_foot, 1);
    foot->addWidget(m_chat);
    body()->addLayout(foot);
    connect(m_chat, &QPushButton::clicked, this, [this] { Q_EMIT chatWanted(m_question->text()); });
    connect(m_how, &SegmentedControl::changed, this, &AnswerCard::show);
    show();
}

void AnswerCard::buildTitle()
{
    const auto arrow = [this](const char* name, const char* icon, const QString& tip, int by) {
        auto* button = new QToolButton;
        button->setObjectName(QLatin1String(name));
        button->setIcon(themedIcon(QLatin1String(icon)));
        button->setAccessibleName(tip);
        button->setToolTip(tip);
        addBesideTitle(button);
        connect(button, &QToolButton::clicked, this, [this, by] { Q_EMIT walked(by); });
    };
    arrow("evaluate.previous", "previous", tr("The question before (Up in the list)"), -1);
    arrow("evaluate.next", "next", tr("The next question (Down in the list)"), 1);
    addTitleWidget(m_how);
}

AnswerCard::Side AnswerCard::buildSide(const QString& name, const QString& accessible)
{
    Side side;
    side.all = new QWidget;
    side.name = new QLabel;
    side.name->setObjectName(QStringLiteral("%1.name").arg(name));
    side.name->setTextFormat(Qt::RichText); // a dot in the model's colour; the name is escaped
    setRole(side.name, "value");
    auto* verdict = new ElidedLabel;
    verdict->setElision(Qt::ElideRight, scaled(60));
    side.verdict = verdict;
    side.verdict->setObjectName(QStringLiteral("%1.verdict").arg(name));
    side.verdict->setTextFormat(Qt::PlainText);
    side.facts = new QLabel;
    side.facts->setObjectName(QStringLiteral("%1.facts").arg(name));
    side.facts->setTextFormat(Qt::PlainText);
    side.facts->setWordWrap(true);
    setRole(side.facts, "small");
    side.view = new AnswerView(name, accessible);
    side.view->setMinimumHeight(scaled(kLeastAnswer));
    side.view->setTabStopDistance(scaled(64)); // behind the weight of a choice
    auto* head = new QHBoxLayout;
    head->addWidget(side.name);
    head->addStretch(1);
    head->addWidget(side.verdict);
    auto* rows = new QVBoxLayout(side.all);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(4);
    rows->addLayout(head);
    rows->addWidget(side.view, 1);
    rows->addWidget(side.facts);
    return side;
}

void AnswerCard::showQuestion(const TaskPicturePtr& task, const std::vector<ModelLook>& looks,
                              int pair, std::int64_t index)
{
    m_task = task;
    m_looks = looks;
    m_pair = pair;
    m_index = index;
    show();
}

void AnswerCard::show()
{
    const AskedQuestion* question = nullptr;
    if (m_task) {
        const auto found = std::find_if(m_task->questions.begin(), m_task->questions.end(),
                                        [this](const auto& one) { return one.index == m_index; });
        question = found == m_task->questions.end() ? nullptr : &*found;
    }
    setTitle(question == nullptr ? tr("Question")
                                 : tr("Question %1").arg(formatCount(question->index + 1)));
    m_gold = question == nullptr ? QString() : question->gold.simplified().left(kLongestGold);
    m_question->setText(question == nullptr ? tr("Choose a question at the left.")
                                            : question->asked);
    m_chat->setEnabled(question != nullptr);
    std::array<int, 2> models {0, -1};
    if (question != nullptr && m_pair >= 0) {
        const core::ModelPair& pair =
            m_task->evaluation.summary.pairs[static_cast<std::size_t>(m_pair)];
        models[0] = placeOf(*m_task, pair.a);
        models[1] = placeOf(*m_task, pair.b);
    }
    std::array<const core::Transcript*, 2> answers {};
    for (std::size_t side = 0; side < answers.size(); ++side) {
        if (question != nullptr && models[side] >= 0) {
            answers[side] = question->answers[static_cast<std::size_t>(models[side])];
        }
    }
    std::array<ShownAnswer, 2> shown;
    for (std::size_t side = 0; side < answers.size(); ++side) {
        shown[side] = answers[side] != nullptr ? shownAnswer(*answers[side]) : ShownAnswer();
    }
    core::TextDifference difference;
    const bool areWritten = shown[0].isWritten && shown[1].isWritten;
    if (areWritten && m_how->current() == 0) {
        constexpr std::size_t kMostEdits = 400; // this is the thread of the window
        difference = core::differenceOf(shown[0].text, shown[1].text, kMostEdits);
    }
    m_how->setEnabled(areWritten);
    // Kept in its place: the link beside it does not move.
    m_foot->setText(shown[0].read || shown[1].read ? tr("Framed: what the scorer read")
                                                   : QString());
    for (std::size_t side = 0; side < m_sides.size(); ++side) {
        const bool isShown = question != nullptr && models[side] >= 0;
        m_sides[side].all->setVisible(isShown);
        if (isShown) {
            const AnswerView::Marks marks {side == 0 ? difference.onlyA : difference.onlyB,
                                           m_looks[static_cast<std::size_t>(models[side])].color,
                                           shown[side].read};
            showSide(m_sides[side], models[side], answers[side], shown[side].text, marks);
        }
    }
}

void AnswerCard::showSide(Side& side, int model, const core::Transcript* answer,
                          const std::string& text, const AnswerView::Marks& marks)
{
    const ModelLook& look = m_looks[static_cast<std::size_t>(model)];
    side.name->setText(QStringLiteral("<span style=\"color:%1\">●</span> %2")
                           .arg(look.color.name(), look.name.toHtmlEscaped()));
    side.view->setAccessibleName(tr("Answer of %1").arg(look.name));
    if (answer == nullptr) {
        side.verdict->clear();
        side.facts->setText(tr("not answered yet"));
        side.view->showText({}, {});
        return;
    }
    const bool isJudged = !answer->verdicts.empty();
    const QString read = isJudged ? readText(*answer) : QString();
    side.verdict->setText(!isJudged                 ? QString()
                              : answer->isCorrect() ? tr("✓ %1").arg(read)
                              : m_gold.isEmpty()    ? tr("✕ %1").arg(read)
                                                    : tr("✕ %1, gold %2").arg(read, m_gold));
    setRole(side.verdict, isJudged && answer->isCorrect() ? "good" : "bad");
    QStringList facts;
    if (answer->tokens > 0) {
        facts.append(
            tr("%1 tokens", nullptr, pluralOf(answer->tokens)).arg(formatCount(answer->tokens)));
    }
    facts.append(tr("%1 s").arg(formatNumber(answer->seconds, 2)));
    if (const QString ending = endingText(*answer); !ending.isEmpty()) {
        facts.append(ending);
    }
    addOtherRules(facts, *answer);
    side.facts->setText(facts.join(QStringLiteral(" · ")));
    side.view->showText(text, marks);
}

void AnswerCard::resizeEvent(QResizeEvent* event)
{
    Card::resizeEvent(event);
    const bool isWide = event->size().width() >= scaled(kWideEnough);
    m_row->setDirection(isWide ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

} // namespace pissarro::ui
