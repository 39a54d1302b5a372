// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/evaluate/evaluate_page.h"

#include "core/evaluate/evaluated_tasks.h"
#include "core/text/shell_text.h"
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/pages/evaluate/answer_card.h"
#include "ui/pages/evaluate/evaluate_form.h"
#include "ui/pages/evaluate/judge_card.h"
#include "ui/pages/evaluate/questions_card.h"
#include "ui/pages/evaluate/score_card.h"
#include "ui/pages/evaluate/whom_list.h"
#include "ui/services/evaluated_path.h"
#include "ui/services/services.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/file_dialogs.h"
#include "ui/widgets/page_action.h"
#include "ui/widgets/page_splitter.h"
#include "ui/words/format.h"

#include <QAction>
#include <QClipboard>
#include <QDir>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QStackedLayout>
#include <QStackedWidget>
#include <QTableView>

#include <algorithm>

namespace pissarro::ui {

namespace {
const QString kFolder = QStringLiteral("evaluate/folder");
} // namespace

EvaluatePage::EvaluatePage(Services& services, QWidget* parent)
    : Page(parent)
    , m_services(services)
    , m_form(new EvaluateForm(services))
    , m_scores(new ScoreCard)
    , m_pair(new AgreementCard)
    , m_questions(new QuestionsCard)
    , m_answer(new AnswerCard)
    , m_judge(new JudgeCard(services.evaluations))
    , m_below(new QStackedWidget)
    , m_results(new QStackedLayout)
{
    m_form->setMinimumWidth(scaled(260));
    QSplitter* all =
        pageSplitter("evaluate.columns", Qt::Horizontal, m_form, buildResults(), {280, 1000});
    all->setStretchFactor(0, 0);
    all->setStretchFactor(1, 1);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(all);
    buildActions();
    connectResults();
    connect(m_form, &EvaluateForm::stateToKeep, this, &Page::stateToKeep);
    connect(m_form, &EvaluateForm::openWanted, this, &EvaluatePage::openFolder);
    connect(m_form, &EvaluateForm::modelWanted, this, &EvaluatePage::addModel);
    connect(m_form, &EvaluateForm::forgetWanted, this, [this] { m_services.evaluations.close(); });
    connect(&m_services.evaluations, &Evaluations::changed, this, [this] {
        whenInSight("evaluation", [this] { showAll(); });
        if (m_services.evaluations.folder() != m_seen) {
            Q_EMIT stateToKeep();
        }
    });
    connect(&m_services.evaluations, &Evaluations::votesChanged, this,
            [this] { whenInSight("votes", [this] { showTask(); }); });
    connect(&Theme::instance(), &Theme::changed, this,
            [this] { whenInSight("evaluation", [this] { showAll(); }); });
    showAll();
}

QWidget* EvaluatePage::buildResults()
{
    // However long the words of a language: the window can be 1100 × 700.
    m_scores->setMinimumSize(scaled(260), scaled(180));
    m_pair->setMinimumSize(scaled(200), scaled(180));
    m_questions->setMinimumSize(scaled(320), scaled(200));
    m_answer->setMinimumSize(scaled(220), scaled(200));
    m_judge->setMinimumSize(scaled(320), scaled(200));
    auto* empty = new EmptyState(
        QStringLiteral("evaluate.empty"), QStringLiteral("evaluate"),
        tr("Nothing is evaluated yet"),
        tr("Choose a run and a task at the left, or open an evaluation from its folder."),
        tr("Open an evaluation"));
    connect(empty, &EmptyState::acted, this, &EvaluatePage::openFolder);
    QSplitter* above = pageSplitter("evaluate.above", Qt::Horizontal, m_scores, m_pair, {630, 420});
    above->setStretchFactor(0, 3);
    above->setStretchFactor(1, 2);
    QSplitter* answers =
        pageSplitter("evaluate.below", Qt::Horizontal, m_questions, m_answer, {630, 420});
    answers->setStretchFactor(0, 3);
    answers->setStretchFactor(1, 2);
    m_below->addWidget(answers);
    m_below->addWidget(m_judge);
    QSplitter* found = pageSplitter("evaluate.rows", Qt::Vertical, above, m_below, {390, 430});
    found->setStretchFactor(0, 1);
    found->setStretchFactor(1, 1);
    auto* results = new QWidget;
    results->setLayout(m_results);
    m_results->setContentsMargins(0, 0, 0, 0);
    m_results->addWidget(empty);
    m_results->addWidget(found);
    return results;
}

void EvaluatePage::connectResults()
{
    connect(m_scores->chart(), &ScoreChart::taskChosen, this, &EvaluatePage::choose);
    connect(m_scores, &ScoreCard::failedToExport, this,
            [this](const QString& path, const QString& problem) {
                Q_EMIT failed({tr("Could not export the scores"), path, problem});
            });
    connect(m_pair, &AgreementCard::pairChosen, this, &EvaluatePage::showTask);
    connect(m_judge, &JudgeCard::pairChosen, m_pair, &AgreementCard::setPair);
    connect(m_pair, &AgreementCard::filterChosen, this, &EvaluatePage::setFilter);
    connect(m_questions, &QuestionsCard::filterChosen, m_pair, &AgreementCard::setFilter);
    connect(m_questions, &QuestionsCard::questionChosen, this, &EvaluatePage::showQuestion);
    connect(m_answer, &AnswerCard::walked, m_questions, &QuestionsCard::walk);
    connect(m_answer, &AnswerCard::chatWanted, this, [this](const QString& prompt) {
        Q_EMIT go(QStringLiteral("chat"), QVariantMap {{QStringLiteral("prompt"), prompt}});
    });
}

void EvaluatePage::buildActions()
{
    const auto add = [this](const char* name, const QString& text, const QKeySequence& keys,
                            auto run) {
        return addPageAction(this, QLatin1String(name), text, keys, run);
    };
    add("evaluate.startAction", tr("&Evaluate"), Qt::CTRL | Qt::Key_Return,
        [this] { m_form->startOrGoOn(); });
    add("evaluate.pauseAction", tr("&Pause"), Qt::CTRL | Qt::Key_Period,
        [this] { m_services.evaluations.pause(); });
    add("evaluate.newAction", tr("&New evaluation"), Qt::CTRL | Qt::SHIFT | Qt::Key_N,
        [this] { m_services.evaluations.close(); });
    addActionSeparator(this);
    add("evaluate.addAction", tr("Add run or &folder…"), Qt::CTRL | Qt::SHIFT | Qt::Key_A,
        [this] { addModel(); });
    add("evaluate.openAction", tr("&Open an evaluation…"), Qt::CTRL | Qt::ALT | Qt::Key_O,
        [this] { openFolder(); });
    add("evaluate.refresh", tr("&Refresh"), QKeySequence::Refresh, [this] {
        m_form->lookAtFiles();
        m_services.library.refresh();
        if (!m_services.evaluations.folder().isEmpty()) {
            m_services.evaluations.open(m_services.evaluations.folder());
        }
    });
    addActionSeparator(this);
    const QString names[] {tr("All questions"), tr("Only the first is right"),
                           tr("Only the second is right"), tr("Both are right"),
                           tr("Neither is right")};
    for (int i = 0; i < kAnswerFilters; ++i) {
        QAction* one = add("", names[i], QKeySequence(Qt::Key_1 + i),
                           [this, i] { setFilter(static_cast<AnswerFilter>(i)); });
        one->setObjectName(QStringLiteral("evaluate.filter%1").arg(i + 1));
    }
    add("evaluate.findAction", tr("F&ind"), QKeySequence::Find, [this] { m_questions->find(); });
    addActionSeparator(this);
    const auto vote = [this](core::VoteWinner winner) {
        if (isJudged()) {
            m_judge->judge(winner);
        }
    };
    add("evaluate.voteA", tr("Judge: A better"), Qt::Key_A, [vote] { vote(core::VoteWinner::A); });
    add("evaluate.voteTie", tr("Judge: tie"), Qt::Key_T, [vote] { vote(core::VoteWinner::Tie); });
    add("evaluate.voteB", tr("Judge: B better"), Qt::Key_B, [vote] { vote(core::VoteWinner::B); });
    addActionSeparator(this);
    add("evaluate.chatAction", tr("&Chat from here"), Qt::CTRL | Qt::SHIFT | Qt::Key_Return,
        [this] {
            if (const AskedQuestion* question = m_questions->chosen()) {
                Q_EMIT m_answer->chatWanted(question->asked);
            }
        });
    add("evaluate.exportAction", tr("E&xport the scores…"), Qt::CTRL | Qt::SHIFT | Qt::Key_E,
        [this] { m_scores->exportPicture(); });
    add("evaluate.copyCommand", tr("Copy as co&mmands"), Qt::CTRL | Qt::SHIFT | Qt::Key_K,
        [this] { copyCommand(); });
}

void EvaluatePage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    m_services.library.refresh();
}

void EvaluatePage::take(const QVariant& with)
{
    const bool isAdded = with.typeId() == QMetaType::QString;
    const QStringList paths = isAdded ? QStringList {with.toString()} : with.toStringList();
    if (!isAdded) { // beside the base where one is open
        const QString base = m_services.model.canonicalPath();
        m_form->whom()->check(base.isEmpty() ? QStringList() : QStringList {base});
    }
    for (const QString& path : paths) {
        adopt(QDir::cleanPath(path));
    }
}

void EvaluatePage::adopt(const QString& path)
{
    whenEvaluatedKnown(path, this, [this, path](EvaluatedKind kind) {
        switch (kind) {
        case EvaluatedKind::Evaluation:
            m_services.evaluations.open(path);
            return;
        case EvaluatedKind::Adapter:
            m_form->whom()->addAdapter(path);
            return;
        case EvaluatedKind::Model:
            m_form->whom()->addModel(path);
            return;
        }
    });
}

void EvaluatePage::openFolder()
{
    askForFolder(this, tr("Open an evaluation"),
                 [this](const QString& path) { m_services.evaluations.open(path); });
}

void EvaluatePage::addModel()
{
    askForFolder(this, tr("Evaluate a run, a model or an adapter"),
                 [this](const QString& path) { adopt(path); });
}

// What is open is looked at again in the next session; one that was cut off goes on there.
void EvaluatePage::saveState(QSettings& session) const
{
    m_form->saveState(session);
    const QString folder = m_services.evaluations.folder();
    session.setValue(kFolder, folder.isEmpty() ? m_pending : folder);
}

void EvaluatePage::offerState(QSettings& session)
{
    m_form->offerState(session);
    const QString folder = session.value(kFolder).toString();
    if (!folder.isEmpty() && m_services.evaluations.folder().isEmpty()) {
        m_pending = folder;
        whenEvaluatedKnown(folder, this, [this, folder](EvaluatedKind kind) {
            m_pending.clear();
            if (kind == EvaluatedKind::Evaluation && m_services.evaluations.folder().isEmpty()) {
                m_services.evaluations.open(folder);
            }
        });
    }
}

QVector<NextStep> EvaluatePage::nextSteps() const
{
    QStringList runs;
    for (const core::RunSummary& run : m_services.training.runs()) {
        runs.append(textOf(run.directory));
    }
    return runs.isEmpty()
        ? QVector<NextStep>()
        : QVector<NextStep> {
            {tr("Evaluate"), tr("Put the run to tasks, beside the base"), runs, {}}};
}

bool EvaluatePage::isJudged() const
{
    return m_below->currentWidget() == m_judge;
}

void EvaluatePage::choose(int task)
{
    m_task = task;
    showTask();
}

void EvaluatePage::showAll()
{
    const Evaluations& evaluations = m_services.evaluations;
    const auto& tasks = evaluations.tasks();
    const auto isThere = [](const TaskPicturePtr& task) { return task != nullptr; };
    const bool any = std::any_of(tasks.begin(), tasks.end(), isThere);
    m_results->setCurrentIndex(any || evaluations.isAnswering() ? 1 : 0);
    if (evaluations.folder() != m_seen) {
        m_seen = evaluations.folder();
        m_task = -1;
    }
    const bool isLost = m_task < 0 || m_task >= static_cast<int>(tasks.size())
        || !tasks[static_cast<std::size_t>(m_task)];
    if (isLost) {
        m_task = any
            ? static_cast<int>(std::find_if(tasks.begin(), tasks.end(), isThere) - tasks.begin())
            : -1;
    }
    std::vector<std::vector<ModelLook>> looks;
    for (const TaskPicturePtr& task : tasks) {
        looks.push_back(looksOf(task, m_services.library.runs()));
    }
    m_scores->showTasks(tasks, looks);
    showTask();
}

void EvaluatePage::showTask()
{
    const auto& tasks = m_services.evaluations.tasks();
    const TaskPicturePtr task = m_task >= 0 && m_task < static_cast<int>(tasks.size())
        ? tasks[static_cast<std::size_t>(m_task)]
        : nullptr;
    const std::vector<ModelLook> looks = looksOf(task, m_services.library.runs());
    m_scores->chart()->setChosen(m_task);
    m_pair->showTask(task, looks);
    const bool byHand = task && task->task() == fromView(core::kMtBench);
    m_below->setCurrentIndex(byHand ? 1 : 0);
    m_judge->showTask(m_task, byHand ? task : nullptr, byHand ? m_pair->pair() : -1);
    m_questions->showTask(task, looks, m_pair->pair());
    m_pair->setFilter(m_questions->filter());
}

void EvaluatePage::showQuestion()
{
    const auto& tasks = m_services.evaluations.tasks();
    const AskedQuestion* const question = m_questions->chosen();
    const TaskPicturePtr task =
        question != nullptr && m_task >= 0 && m_task < static_cast<int>(tasks.size())
        ? tasks[static_cast<std::size_t>(m_task)]
        : nullptr;
    m_answer->showQuestion(task, looksOf(task, m_services.library.runs()), m_pair->pair(),
                           question != nullptr ? question->index : -1);
}

void EvaluatePage::setFilter(AnswerFilter filter)
{
    m_questions->setFilter(filter);
    m_pair->setFilter(m_questions->filter());
}

// A line a task, which ask the same into folders of their own.
void EvaluatePage::copyCommand()
{
    QStringList lines;
    for (const core::EvaluationSpec& spec : m_form->specs()) {
        QStringList words {QStringLiteral("pissarro-cli eval")};
        for (const core::EvaluatedModel& model : spec.models) {
            const std::string what =
                model.adapter.empty() ? model.model : model.model + '+' + model.adapter.string();
            words << QString::fromStdString(core::shellQuoted(what));
        }
        for (const core::EvaluatedModel& model : spec.models) {
            words << QStringLiteral("--name") << QString::fromStdString(model.name);
        }
        words << QStringLiteral("--task") << QString::fromStdString(spec.task)
              << QStringLiteral("--data")
              << QString::fromStdString(core::shellQuoted(spec.data.string()))
              << QStringLiteral("--template")
              << fromView(
                     core::nameIn(core::EnumNames<core::PromptTemplate>::all, spec.promptTemplate))
              << QStringLiteral("--limit") << QString::number(spec.rows)
              << QStringLiteral("--max-new-tokens") << QString::number(spec.maxNewTokens);
        if (!spec.rule.empty()) {
            words << QStringLiteral("--rule") << QString::fromStdString(spec.rule);
        }
        if (!spec.sampling.greedy) {
            words << QStringLiteral("--temperature")
                  << QString::number(spec.sampling.temperature, 'g', 17) << QStringLiteral("--seed")
                  << QString::number(spec.sampling.seed) << QStringLiteral("--samples")
                  << QString::number(spec.samples);
        }
        if (core::evaluatedTask(spec.task).runsCode) {
            words << QStringLiteral("--run-code");
        }
        words << QStringLiteral("-o")
              << QStringLiteral("eval-%1").arg(QString::fromStdString(spec.task));
        lines << words.join(QLatin1Char(' '));
    }
    if (!lines.isEmpty()) {
        QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
    }
}

} // namespace pissarro::ui
