// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/evaluate/answer_card.h"

#include "core/evaluate/shown_answers.h"
#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/pages/evaluate/questions_model.h"
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

namespace pissarro::ui {

namespace {

constexpr int kWideEnough = 560; // px, for two answers beside one another
constexpr int kQuestionHeight = 92; // px at most
constexpr int kLeastQuestion = 36; // px

// What is shown of an answer that is no text: of a choice its likelihoods, of a window its loss.
std::string shownText(const core::Transcript& answer)
{
    const auto turns = core::writtenTurns(answer);
    if (turns.empty()) {
        return answer.output.dump(1);
    }
    std::string text;
    for (const std::string& turn : turns) {
        text += (text.empty() ? "" : "\n\n") + turn;
    }
    return text;
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
    , m_foot(new QLabel(tr("Framed: what the scorer read")))
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
    body()->addWidget(question);
    m_sides[0] = buildSide(QStringLiteral("evaluate.answer.0"), tr("Answer of the first model"));
    m_sides[1] = buildSide(QStringLiteral("evaluate.answer.1"), tr("Answer of the second model"));
    m_row->setSpacing(8);
    m_row->addWidget(m_sides[0].all, 1);
    m_row->addWidget(m_sides[1].all, 1);
    body()->addLayout(m_row, 1);
    auto* chat = new QPushButton(tr("Chat from here"));
    chat->setObjectName(QStringLiteral("evaluate.chat"));
    chat->setProperty("kind", QByteArray("link"));
    chat->setToolTip(
        tr("Copies the question and opens Chat, to be asked there (Ctrl+Shift+Return)"));
    setRole(m_foot, "muted");
    auto* foot = new QHBoxLayout;
    foot->addWidget(m_foot, 1);
    foot->addWidget(chat);
    body()->addLayout(foot);
    connect(chat, &QPushButton::clicked, this, [this] { Q_EMIT chatWanted(m_question->text()); });
    connect(m_how, &SegmentedControl::changed, this, &AnswerCard::show);
    show();
}

void AnswerCard::buildTitle()
{
    const auto arrow = [this](const char* name, Qt::ArrowType type, const QString& tip, int by) {
        auto* button = new QToolButton;
        button->setObjectName(QLatin1String(name));
        button->setArrowType(type);
        button->setAccessibleName(tip);
        button->setToolTip(tip);
        addBesideTitle(button);
        connect(button, &QToolButton::clicked, this, [this, by] { Q_EMIT walked(by); });
    };
    arrow("evaluate.previous", Qt::LeftArrow, tr("The question before (Up in the list)"), -1);
    arrow("evaluate.next", Qt::RightArrow, tr("The next question (Down in the list)"), 1);
    addTitleWidget(m_how);
}

AnswerCard::Side AnswerCard::buildSide(const QString& name, const QString& accessible)
{
    Side side;
    side.all = new QWidget;
    side.name = new QLabel;
    setRole(side.name, "value");
    side.verdict = new QLabel;
    side.verdict->setObjectName(QStringLiteral("%1.verdict").arg(name));
    side.verdict->setTextFormat(Qt::PlainText);
    side.facts = new QLabel;
    side.facts->setObjectName(QStringLiteral("%1.facts").arg(name));
    side.facts->setTextFormat(Qt::PlainText);
    setRole(side.facts, "small");
    side.view = new AnswerView(name, accessible);
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
    m_question->setText(question == nullptr ? tr("Choose a question at the left.")
                                            : question->asked);
    m_foot->setVisible(question != nullptr);
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
    core::TextDifference difference;
    if (answers[0] != nullptr && answers[1] != nullptr && m_how->current() == 0) {
        constexpr std::size_t kMostEdits = 400; // this is the thread of the window
        difference = core::differenceOf(shownText(*answers[0]), shownText(*answers[1]), kMostEdits);
    }
    for (std::size_t side = 0; side < m_sides.size(); ++side) {
        const bool isShown = question != nullptr && models[side] >= 0;
        m_sides[side].all->setVisible(isShown);
        if (isShown) {
            showSide(m_sides[side], models[side], answers[side],
                     side == 0 ? difference.onlyA : difference.onlyB);
        }
    }
}

void AnswerCard::showSide(Side& side, int model, const core::Transcript* answer,
                          const std::vector<core::TextPart>& tinted)
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
    side.verdict->setText(!isJudged                 ? QString()
                              : answer->isCorrect() ? tr("✓ %1").arg(readText(*answer))
                                                    : tr("✕ %1").arg(readText(*answer)));
    setRole(side.verdict, isJudged && answer->isCorrect() ? "good" : "bad");
    QStringList facts {
        tr("%1 tokens", nullptr, pluralOf(answer->tokens)).arg(formatCount(answer->tokens)),
        tr("%1 s").arg(formatNumber(answer->seconds, 2))};
    if (const QString ending = endingText(*answer); !ending.isEmpty()) {
        facts.append(ending);
    }
    for (std::size_t i = 1; i < answer->verdicts.size(); ++i) { // what other rules say
        const core::RuleVerdict& other = answer->verdicts[i];
        const QString rule = QString::fromStdString(other.rule);
        facts.append(other.score.correct ? tr("right by the rule %1").arg(rule)
                                         : tr("wrong by the rule %1").arg(rule));
    }
    side.facts->setText(facts.join(QStringLiteral(" · ")));
    AnswerView::Marks marks;
    marks.tint = look.color;
    marks.tinted = tinted;
    const std::string text = shownText(*answer);
    if (isJudged) {
        marks.framed = core::readPart(text, answer->verdicts.front().score);
    }
    side.view->showText(text, marks);
}

void AnswerCard::resizeEvent(QResizeEvent* event)
{
    Card::resizeEvent(event);
    const bool isWide = event->size().width() >= scaled(kWideEnough);
    m_row->setDirection(isWide ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

} // namespace pissarro::ui
