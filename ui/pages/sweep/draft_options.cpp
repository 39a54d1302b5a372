// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/sweep/draft_options.h"

#include "core/base/error.h"
#include "core/evaluate/evaluated_tasks.h"
#include "core/sweep/sweep_evaluation.h"
#include "ui/look/metrics.h"
#include "ui/widgets/form_field.h"
#include "ui/widgets/number_edit.h"
#include "ui/words/format.h"
#include "ui/words/message.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QScopedValueRollback>
#include <QVBoxLayout>

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>

namespace pissarro::ui {

namespace {

enum Rule { None, Halving, Median };

constexpr int kFirstLook = 20; // steps
constexpr int kEvery = 10;
constexpr int kKeepOneOf = 3;
constexpr int kRows = 100; // of a task
constexpr int kTokens = 256;

template <class Field>
Field* named(Field* field, const char* name, const QString& accessible, const QString& tip = {})
{
    field->setObjectName(QLatin1String(name));
    field->setAccessibleName(accessible);
    field->setToolTip(tip.isEmpty() ? accessible : tip);
    return field;
}

QHBoxLayout* line(std::initializer_list<QWidget*> widgets)
{
    auto* row = new QHBoxLayout;
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(scaled(6));
    for (QWidget* widget : widgets) {
        row->addWidget(widget);
    }
    row->addStretch(1);
    return row;
}

QLabel* word(const QString& text)
{
    return new QLabel(text);
}

QLabel* title(const QString& text)
{
    auto* label = new QLabel(text);
    label->setProperty("role", QByteArray("title"));
    return label;
}

QVBoxLayout* column(QWidget* of)
{
    auto* rows = new QVBoxLayout(of);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(scaled(6));
    return rows;
}

const core::EvaluatedTask* taskNamed(const QString& name)
{
    for (const core::EvaluatedTask& task : core::evaluatedTasks()) {
        if (fromView(task.name) == name) {
            return &task;
        }
    }
    return nullptr;
}

} // namespace

DraftOptions::DraftOptions(QWidget* parent)
    : QWidget(parent)
    , m_heldOut(named(new RealEdit, "sweep.heldOut", tr("Rows that judge, in percent"),
                      tr("Rows that are held out of training: one half chooses rates, the other "
                         "is reported. Nothing held out: the training loss judges, and claims are "
                         "marked.")))
    , m_rule(named(new QComboBox, "sweep.stop", tr("Which runs end early"),
                   tr("Halving: at each look the best go on. Median: a run goes that is behind "
                      "the median of those that finished.")))
    , m_first(named(new WholeEdit, "sweep.stop.first", tr("Step of the first look")))
    , m_every(named(new WholeEdit, "sweep.stop.every",
                    tr("Steps between looks, or which share "
                       "goes on")))
    , m_everyWord(word({}))
    , m_task(named(new QComboBox, "sweep.task", tr("What the finished runs are asked")))
    , m_data(new PathField(QStringLiteral("sweep.task.data"), tr("File of its questions"),
                           PathField::Kind::OpenFile,
                           tr("Questions (*.jsonl *.json *.txt);;All files (*)")))
    , m_rows(named(new WholeEdit, "sweep.task.rows", tr("Questions, the first of the file"),
                   tr("0: all of them")))
    , m_tokens(named(new WholeEdit, "sweep.task.tokens", tr("Longest answer, in tokens")))
    , m_agreed(named(new QCheckBox(tr("run answers, in the sandbox")), "sweep.task.agreed",
                     tr("Run what models write, in the sandbox"),
                     tr("Such answers are programs: they are scored by running them in a process "
                        "without network and files")))
    , m_workers(named(new WholeEdit, "sweep.workers", tr("Runs at a time"),
                      tr("Programs that train side by side and share the processor")))
{
    m_heldOut->setLimits(0.0, 90.0);
    m_heldOut->setSuffix(QStringLiteral(" %"));
    m_first->setLimits(1, std::numeric_limits<int>::max());
    m_every->setLimits(1, std::numeric_limits<int>::max());
    m_rows->setLimits(0, std::numeric_limits<int>::max());
    m_tokens->setLimits(1, 1 << 20);
    m_workers->setLimits(1, core::kMostWorkers);
    m_first->setValue(kFirstLook);
    m_every->setValue(kKeepOneOf);
    m_rows->setValue(kRows);
    m_tokens->setValue(kTokens);
    auto* rows = column(this);
    rows->addWidget(title(tr("Judge by")));
    rows->addLayout(line({m_heldOut, word(tr("of the rows, held out"))}));
    rows->addWidget(buildStop());
    rows->addWidget(buildTask());
    rows->addLayout(line({word(tr("Runs at a time")), m_workers}));
    connectFields();
    showFields();
}

void DraftOptions::connectFields()
{
    auto* wheel = new WheelGuard(this);
    for (QWidget* field : std::initializer_list<QWidget*> {m_heldOut, m_rule, m_first, m_every,
                                                           m_task, m_rows, m_tokens, m_workers}) {
        wheel->watch(field);
    }
    for (WholeEdit* field : {m_first, m_every, m_rows, m_tokens, m_workers}) {
        field->setKeyboardTracking(false);
        connect(field, &QSpinBox::valueChanged, this, &DraftOptions::tell);
    }
    m_heldOut->setKeyboardTracking(false);
    connect(m_heldOut, &QDoubleSpinBox::valueChanged, this, &DraftOptions::tell);
    connect(m_rule, &QComboBox::currentIndexChanged, this, [this](int rule) {
        if (!m_quiet) {
            m_every->setValue(rule == Median ? kEvery : kKeepOneOf);
        }
        tell();
    });
    connect(m_task, &QComboBox::currentIndexChanged, this, &DraftOptions::tell);
    m_data->setTellsWhileTyped(); // without a file there is no start
    connect(m_data, &PathField::pathEdited, this, &DraftOptions::tell);
    connect(m_agreed, &QCheckBox::toggled, this, &DraftOptions::tell);
}

QWidget* DraftOptions::buildStop()
{
    auto* all = new QWidget;
    auto* rows = column(all);
    m_rule->addItems(
        {tr("no run"), tr("the worse, by halving"), tr("the hopeless, by the median")});
    m_stopFields = new QWidget;
    auto* fields = column(m_stopFields);
    fields->addLayout(line({word(tr("from step")), m_first}));
    fields->addLayout(line({m_everyWord, m_every}));
    rows->addWidget(title(tr("End early")));
    rows->addWidget(m_rule);
    rows->addWidget(m_stopFields);
    return all;
}

QWidget* DraftOptions::buildTask()
{
    auto* all = new QWidget;
    auto* rows = column(all);
    m_task->addItem(tr("nothing"), QString());
    for (const core::EvaluatedTask& task : core::evaluatedTasks()) {
        if (task.name != core::kMtBench) { // its answers have no score before a judge read them
            m_task->addItem(titleText(task.title), fromView(task.name));
        }
    }
    m_taskFields = new QWidget;
    auto* fields = column(m_taskFields);
    fields->addWidget(m_data);
    fields->addLayout(line({word(tr("questions")), m_rows}));
    fields->addLayout(line({word(tr("tokens an answer")), m_tokens}));
    fields->addWidget(m_agreed);
    rows->addWidget(title(tr("Ask the finished runs")));
    rows->addWidget(m_task);
    rows->addWidget(m_taskFields);
    return all;
}

void DraftOptions::showFields()
{
    const int rule = m_rule->currentIndex();
    m_stopFields->setVisible(rule != None);
    m_everyWord->setText(rule == Halving ? tr("goes on: one of") : tr("then every"));
    m_taskFields->setVisible(!m_task->currentData().toString().isEmpty());
    m_agreed->setVisible(runsCode());
}

void DraftOptions::tell()
{
    showFields();
    if (!m_quiet) {
        Q_EMIT changed();
    }
}

void DraftOptions::setDraft(const core::SweepSpec& draft)
{
    const QScopedValueRollback<bool> quiet(m_quiet, true);
    m_stop = draft.stop;
    m_ratio = draft.base.evalRatio;
    m_heldOut->setValue(100.0 * m_ratio);
    m_shownRatio = m_heldOut->value();
    const auto whole = [](std::int64_t value) {
        return static_cast<int>(
            std::clamp<std::int64_t>(value, 0, std::numeric_limits<int>::max()));
    };
    switch (draft.stop.kind) {
    case core::StopKind::None:
        m_rule->setCurrentIndex(None);
        break;
    case core::StopKind::Halving:
        m_rule->setCurrentIndex(Halving);
        m_first->setValue(whole(draft.stop.first));
        m_every->setValue(whole(draft.stop.keepOneOf));
        break;
    case core::StopKind::Median:
        m_rule->setCurrentIndex(Median);
        m_first->setValue(whole(draft.stop.first));
        m_every->setValue(whole(draft.stop.every));
        break;
    }
    if (draft.evaluation) {
        m_task->setCurrentIndex(
            std::max(0, m_task->findData(QString::fromStdString(draft.evaluation->task))));
        m_data->setPath(textOf(draft.evaluation->data));
        m_rows->setValue(whole(draft.evaluation->rows));
        m_tokens->setValue(whole(draft.evaluation->maxNewTokens));
    } else {
        m_task->setCurrentIndex(0);
    }
    m_workers->setValue(draft.workers);
    showFields();
}

void DraftOptions::applyTo(core::SweepSpec& draft) const
{
    draft.base.evalRatio = // with the digits that the field does not show
        m_heldOut->value() == m_shownRatio ? m_ratio : m_heldOut->value() / 100.0;
    draft.stop = m_stop;
    draft.stop.kind = m_rule->currentIndex() == Halving ? core::StopKind::Halving
        : m_rule->currentIndex() == Median              ? core::StopKind::Median
                                                        : core::StopKind::None;
    if (draft.stop.kind == core::StopKind::None) {
        draft.stop = core::StopRule();
    } else {
        draft.stop.first = m_first->value();
        (draft.stop.kind == core::StopKind::Halving ? draft.stop.keepOneOf : draft.stop.every) =
            m_every->value();
    }
    draft.workers = m_workers->value();
    m_problem.clear();
    draft.evaluation.reset();
    const QString task = m_task->currentData().toString();
    if (task.isEmpty()) {
        return;
    }
    if (m_data->path().isEmpty()) {
        m_problem = tr("The finished runs are to be asked %1: name the file of its questions.")
                        .arg(m_task->currentText());
        return;
    }
    nlohmann::ordered_json asked {{"task", task.toStdString()},
                                  {"data", m_data->path().toStdString()},
                                  {"rows", m_rows->value()}};
    if (taskNamed(task)->writes) {
        asked["max_new_tokens"] = m_tokens->value();
    }
    try {
        draft.evaluation = core::sweepEvaluationFrom(asked, draft.base);
    } catch (const core::Error& error) {
        m_problem = QString::fromUtf8(error.what());
    }
}

QString DraftOptions::problem() const
{
    return !m_problem.isEmpty() ? m_problem
        : runsCode() && !isAgreed()
        ? tr("The finished runs are asked for programs: agree that they are run in the sandbox.")
        : !m_heldOut->problem().isEmpty() ? m_heldOut->problem()
                                          : unreadProblem();
}

// Of the fields that count now; what lies outside of a limit is core's to say.
QString DraftOptions::unreadProblem() const
{
    const core::EvaluatedTask* task = taskNamed(m_task->currentData().toString());
    const bool stops = m_rule->currentIndex() == Halving || m_rule->currentIndex() == Median;
    for (const auto& [field, counts] :
         {std::pair(m_first, stops), std::pair(m_every, stops), std::pair(m_rows, task != nullptr),
          std::pair(m_tokens, task != nullptr && task->writes), std::pair(m_workers, true)}) {
        if (const QString none = field->unread(); counts && !none.isEmpty()) {
            return tr("%1 %2", "a field, and what is wrong with it")
                .arg(field->accessibleName(), none);
        }
    }
    return {};
}

bool DraftOptions::runsCode() const
{
    const core::EvaluatedTask* task = taskNamed(m_task->currentData().toString());
    return task != nullptr && task->runsCode;
}

bool DraftOptions::isAgreed() const
{
    return m_agreed->isChecked();
}

} // namespace pissarro::ui
