// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/evaluate/evaluate_form.h"

#include "core/evaluate/evaluated_tasks.h"
#include "core/run/run_directory.h"
#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/pages/evaluate/how_fields.h"
#include "ui/pages/evaluate/task_row.h"
#include "ui/pages/evaluate/whom_list.h"
#include "ui/services/services.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/file_dialogs.h"
#include "ui/widgets/scroll_column.h"
#include "ui/words/format.h"
#include "ui/words/language.h"
#include "ui/words/message.h"

#include <QDate>
#include <QHBoxLayout>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QScrollArea>
#include <QSettings>

#include <algorithm>

namespace pissarro::ui {

namespace {

QLabel* heading(const QString& text)
{
    auto* label = new QLabel(text);
    setRole(label, "title");
    return label;
}

QString dataRoot()
{
    return textOf(core::defaultRunRoot().parent_path());
}

} // namespace

QString EvaluateForm::project()
{
    return textOf(core::defaultRunRoot());
}

QString EvaluateForm::standardFile(const QString& task)
{
    return QStringLiteral("%1/tasks/%2.jsonl").arg(dataRoot(), task);
}

EvaluateForm::EvaluateForm(Services& services, QWidget* parent)
    : Card(tr("Evaluate"), parent)
    , m_services(services)
    , m_whom(new WhomList)
    , m_how(new HowFields)
    , m_problem(new QLabel)
    , m_answers(new FigureLabel)
    , m_speed(new FigureLabel)
    , m_start(new QPushButton)
    , m_pause(new QPushButton(tr("Pause")))
    , m_new(new QPushButton(tr("New")))
{
    auto* open = new QPushButton(tr("Open…"));
    open->setObjectName(QStringLiteral("evaluate.open"));
    open->setProperty("kind", QByteArray("link"));
    open->setToolTip(tr("An evaluation from its folder, also one by pissarro-cli (Ctrl+Alt+O)"));
    addTitleWidget(open);
    body()->addWidget(scrollColumn(buildFields()), 1);
    body()->addWidget(buildFoot());
    connect(open, &QPushButton::clicked, this, &EvaluateForm::openWanted);
    connect(m_whom, &WhomList::adding, this, &EvaluateForm::modelWanted);
    connect(m_whom, &WhomList::changed, this, &EvaluateForm::showState);
    connect(m_how, &HowFields::changed, this, &EvaluateForm::changeWhat);
    Evaluations& evaluations = m_services.evaluations;
    connect(&evaluations, &Evaluations::filesSeen, this, [this] {
        for (TaskRow* row : m_rows) {
            row->showFile(m_services.evaluations.file(row->task()));
        }
        showState();
    });
    connect(&evaluations, &Evaluations::changed, this, &EvaluateForm::showState);
    connect(&evaluations, &Service::stateChanged, this, &EvaluateForm::showState);
    const auto showModel = [this] { m_whom->setBase(m_services.model.canonicalPath()); };
    connect(&m_services.model, &Model::opened, this, [this, showModel] {
        showModel();
        showState();
    });
    connect(&m_services.library, &RunLibrary::changed, this, [this] {
        m_whom->setRuns(m_services.library.runs());
        showState();
    });
    showModel();
    m_whom->setRuns(m_services.library.runs());
    showState();
}

QWidget* EvaluateForm::buildFields()
{
    auto* fields = new QWidget;
    auto* rows = new QVBoxLayout(fields);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(8);
    rows->addWidget(heading(tr("Whom")));
    rows->addWidget(m_whom);
    rows->addWidget(heading(tr("What")));
    for (const core::EvaluatedTask& task : core::evaluatedTasks()) {
        auto* row = new TaskRow(fromView(task.name), titleText(task.title));
        row->setPath(standardFile(row->task()));
        m_rows.push_back(row);
        rows->addWidget(row);
        connect(row, &TaskRow::changed, this, &EvaluateForm::changeWhat);
        connect(row, &TaskRow::fileWanted, this, [this, row] { chooseFile(row); });
    }
    rows->addWidget(heading(tr("How")));
    rows->addWidget(m_how);
    rows->addStretch(1);
    return fields;
}

QWidget* EvaluateForm::buildFoot()
{
    auto* foot = new QWidget;
    auto* rows = new QVBoxLayout(foot);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(6);
    const auto line = [rows](const QString& caption, QLabel* figure, const char* name) {
        figure->setObjectName(QLatin1String(name));
        figure->setAccessibleName(caption);
        setRole(figure, "value");
        auto* key = new QLabel(caption);
        setRole(key, "key");
        auto* row = new QHBoxLayout;
        row->addWidget(key);
        row->addStretch(1);
        row->addWidget(figure);
        rows->addLayout(row);
    };
    line(tr("Answers"), m_answers, "evaluate.answers");
    line(tr("Speed"), m_speed, "evaluate.speed");
    m_problem->setObjectName(QStringLiteral("evaluate.problem"));
    m_problem->setWordWrap(true);
    setRole(m_problem, "muted");
    rows->addWidget(m_problem);
    m_start->setObjectName(QStringLiteral("evaluate.start"));
    m_start->setProperty("kind", QByteArray("primary"));
    m_pause->setObjectName(QStringLiteral("evaluate.pause"));
    m_pause->setToolTip(tr("What was answered is kept, and can be gone on with (Ctrl+.)"));
    m_new->setObjectName(QStringLiteral("evaluate.new"));
    m_new->setToolTip(tr("Another evaluation beside the one that is open (Ctrl+Shift+N)"));
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_start, 1);
    buttons->addWidget(m_pause, 1);
    buttons->addWidget(m_new, 1);
    rows->addLayout(buttons);
    connect(m_start, &QPushButton::clicked, this, &EvaluateForm::startOrGoOn);
    connect(m_pause, &QPushButton::clicked, &m_services.evaluations, &Evaluations::pause);
    connect(m_new, &QPushButton::clicked, this, &EvaluateForm::forgetWanted);
    return foot;
}

void EvaluateForm::showEvent(QShowEvent* event)
{
    Card::showEvent(event);
    lookAtFiles();
}

void EvaluateForm::changeWhat()
{
    showState();
    if (!m_offering) {
        Q_EMIT stateToKeep();
    }
}

TaskRow* EvaluateForm::row(const QString& task) const
{
    const auto found = std::find_if(m_rows.begin(), m_rows.end(),
                                    [&task](const TaskRow* one) { return one->task() == task; });
    return found == m_rows.end() ? nullptr : *found;
}

void EvaluateForm::lookAtFiles()
{
    QHash<QString, QString> files;
    for (const TaskRow* row : m_rows) {
        files.insert(row->task(), row->path());
    }
    m_services.evaluations.lookAt(files);
}

void EvaluateForm::chooseFile(TaskRow* row)
{
    const bool isText = row->task() == fromView(core::kPerplexity);
    askToOpen(this, tr("Choose the file of the task"),
              isText ? tr("Texts (*.txt *.jsonl)") : tr("Questions (*.jsonl)"),
              [this, task = row->task()](const QString& path) { setFile(task, path); });
}

void EvaluateForm::setFile(const QString& task, const QString& path)
{
    if (TaskRow* one = row(task)) {
        one->setPath(path);
        one->setWanted(true);
        lookAtFiles();
    }
}

std::vector<core::EvaluationSpec> EvaluateForm::specs() const
{
    std::vector<core::EvaluationSpec> specs;
    const std::vector<core::EvaluatedModel> models = m_whom->models();
    for (const TaskRow* row : m_rows) {
        if (row->isChosen()) {
            core::EvaluationSpec spec;
            spec.task = row->task().toStdString();
            spec.data = row->path().toStdString();
            spec.models = models;
            m_how->applyTo(spec);
            specs.push_back(std::move(spec));
        }
    }
    return specs;
}

QString EvaluateForm::problem() const
{
    if (goesOn()) {
        return {};
    }
    if (const QString whom = m_whom->problem(); !whom.isEmpty()) {
        return whom;
    }
    if (const QString how = m_how->problem(); !how.isEmpty()) {
        return how;
    }
    return specs().empty() ? tr("Choose a task; one that is missing wants its file.") : QString();
}

bool EvaluateForm::goesOn() const
{
    const Evaluations& evaluations = m_services.evaluations;
    return !evaluations.isRunning() && !evaluations.plan().empty() && !evaluations.isWhole();
}

void EvaluateForm::startOrGoOn()
{
    Evaluations& evaluations = m_services.evaluations;
    if (evaluations.isRunning() || !problem().isEmpty()) {
        return;
    }
    const bool on = goesOn();
    const std::vector<core::EvaluationSpec> wanted = specs();
    const bool runsCode = on ? evaluations.runsCode()
                             : std::any_of(wanted.begin(), wanted.end(), [](const auto& spec) {
                                   return core::evaluatedTask(spec.task).runsCode;
                               });
    if (runsCode && !Evaluations::hasConsent(project())) {
        askForConsent([this] { startOrGoOn(); });
        return;
    }
    if (on) {
        evaluations.goOn(runsCode ? core::CodeConsent::Given : core::CodeConsent::NotGiven);
    } else {
        start();
    }
}

void EvaluateForm::askForConsent(std::function<void()> then)
{
    const QString name = QStringLiteral("evaluate.consent");
    if (findChild<QMessageBox*>(name) != nullptr) {
        return; // it is asked already
    }
    auto* box = new QMessageBox(
        QMessageBox::NoIcon, tr("Run what a model wrote?"),
        tr("HumanEval and MBPP are scored by running the programs that the models write. Each runs "
           "in a sandbox: without network, without your files, with limits on time and memory; "
           "where there is no sandbox nothing is run. Your answer is kept for the runs in %1.")
            .arg(project()),
        QMessageBox::NoButton, this);
    box->setObjectName(name);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    QPushButton* yes = box->addButton(tr("Run them in the sandbox"), QMessageBox::AcceptRole);
    yes->setObjectName(QStringLiteral("evaluate.consent.yes"));
    QPushButton* no = box->addButton(tr("Do not run them"), QMessageBox::RejectRole);
    box->setDefaultButton(no);
    box->setEscapeButton(no);
    connect(box, &QMessageBox::finished, this, [box, yes, then = std::move(then)] {
        if (box->clickedButton() == yes) {
            Evaluations::giveConsent(project());
            then();
        }
    });
    box->open();
}

// In a folder of its own, beside those that are there.
void EvaluateForm::start()
{
    const std::vector<core::EvaluationSpec> wanted = specs();
    const QString folder =
        QStringLiteral("%1/evaluations/%2-%3")
            .arg(dataRoot(), QDate::currentDate().toString(Qt::ISODate),
                 wanted.size() == 1 ? QString::fromStdString(wanted.front().task)
                                    : QString::number(wanted.size()) + QStringLiteral("-tasks"));
    const bool runsCode = std::any_of(wanted.begin(), wanted.end(), [](const auto& spec) {
        return core::evaluatedTask(spec.task).runsCode;
    });
    m_services.machine.look({folder}, this, [this, wanted, runsCode](const auto& looks) {
        m_services.evaluations.start(wanted, looks.first().fresh,
                                     runsCode ? core::CodeConsent::Given
                                              : core::CodeConsent::NotGiven);
    });
}

void EvaluateForm::showState()
{
    const Evaluations& evaluations = m_services.evaluations;
    const bool answers = evaluations.isAnswering();
    const bool on = goesOn();
    m_start->setText(on ? tr("Go on") : tr("Evaluate"));
    m_start->setToolTip(on ? tr("Ask what is left (Ctrl+Return)")
                           : tr("Put the models to the tasks (Ctrl+Return)"));
    m_start->setVisible(!answers);
    m_pause->setVisible(answers);
    m_new->setVisible(on);
    const QString wrong = problem();
    m_start->setEnabled(!evaluations.isRunning() && wrong.isEmpty());
    m_problem->setText(answers ? QString() : wrong);
    m_problem->setVisible(!m_problem->text().isEmpty());
    std::int64_t expected = 0;
    bool isKnown = !evaluations.tasks().empty();
    for (const TaskPicturePtr& task : evaluations.tasks()) {
        const std::int64_t own =
            task ? std::max(task->expected, task->isWhole() ? task->answers() : 0) : 0;
        isKnown = isKnown && own > 0;
        expected += own;
    }
    m_answers->setText(
        evaluations.tasks().empty() ? tr("–")
            : isKnown
            ? tr("%1 of %2").arg(formatCount(evaluations.answers()), formatCount(expected))
            : formatCount(evaluations.answers()));
    const double speed = evaluations.answersPerSecond();
    const std::int64_t left = isKnown ? expected - evaluations.answers() : 0;
    m_speed->setText(
        !(speed > 0.0) ? tr("–")
            : answers && left > 0
            ? tr("%1 answers/s · %2 left")
                  .arg(formatNumber(speed, 2), formatDuration(static_cast<double>(left) / speed))
            : tr("%1 answers/s").arg(formatNumber(speed, 2)));
    for (TaskRow* row : m_rows) {
        const TaskPicture* picture = nullptr;
        bool isCurrent = false;
        for (std::size_t i = 0; i < evaluations.tasks().size(); ++i) {
            const TaskPicturePtr& task = evaluations.tasks()[i];
            if (task && task->task() == row->task()) {
                picture = task.get();
                isCurrent = static_cast<int>(i) == evaluations.current();
            }
        }
        row->showProgress(picture, isCurrent, answers);
    }
}

void EvaluateForm::saveState(QSettings& session) const
{
    QStringList wanted;
    for (const TaskRow* row : m_rows) {
        if (row->isWanted()) {
            wanted.append(row->task());
        }
        if (row->path() != standardFile(row->task())) {
            session.setValue(QStringLiteral("evaluate/file/%1").arg(row->task()), row->path());
        }
    }
    session.setValue(QStringLiteral("evaluate/tasks"), wanted);
    m_how->saveState(session);
}

void EvaluateForm::offerState(QSettings& session)
{
    const QScopedValueRollback<bool> offering(m_offering, true);
    const QStringList wanted = session.value(QStringLiteral("evaluate/tasks")).toStringList();
    for (TaskRow* row : m_rows) {
        const QString path =
            session.value(QStringLiteral("evaluate/file/%1").arg(row->task())).toString();
        if (!path.isEmpty()) {
            row->setPath(path);
        }
        row->setWanted(wanted.contains(row->task()));
    }
    m_how->offerState(session);
    if (isVisible()) {
        lookAtFiles();
    }
}

} // namespace pissarro::ui
