// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/evaluate/how_fields.h"

#include "core/evaluate/evaluated_tasks.h"
#include "ui/widgets/form_field.h"
#include "ui/widgets/number_edit.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/format.h"

#include <QComboBox>
#include <QFormLayout>
#include <QSettings>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <limits>

namespace pissarro::ui {

namespace {

constexpr int kMany = 1'000'000;
constexpr int kMostSamples = 10'000;
constexpr double kLeastTemperature = 0.01;
constexpr double kHottest = 100.0;
constexpr int kNameLength = 8; // characters that a choice shows at least
constexpr std::array kTemplates {core::PromptTemplate::Alpaca, core::PromptTemplate::Chat,
                                 core::PromptTemplate::Plain};

template <class Widget>
Widget* named(Widget* widget, const char* name, const QString& accessible)
{
    widget->setObjectName(QLatin1String(name));
    widget->setAccessibleName(accessible);
    widget->setToolTip(accessible);
    return widget;
}

QString keyOf(const char* name)
{
    return QStringLiteral("evaluate/%1").arg(QLatin1String(name));
}

} // namespace

HowFields::HowFields(QWidget* parent)
    : QWidget(parent)
    , m_decoding(new SegmentedControl(QStringLiteral("evaluate.decoding"),
                                      tr("Choice of the next token"),
                                      {tr("greedy"), tr("sampled")}))
    , m_samples(
          named(new WholeEdit, "evaluate.samples",
                tr("Answers to each question, for pass@k; of tasks whose answers are written")))
    , m_temperature(named(new RealEdit, "evaluate.temperature",
                          tr("Temperature: below 1 the likely tokens are preferred")))
    , m_seed(named(new WholeEdit, "evaluate.seed", tr("Seed: the same one gives the same answers")))
    , m_rows(named(new WholeEdit, "evaluate.rows",
                   tr("The first so many questions of each task; 0: all")))
    , m_tokens(named(new WholeEdit, "evaluate.tokens", tr("New tokens of an answer, at most")))
    , m_rule(named(new QComboBox, "evaluate.rule",
                   tr("Whose score is the score; the other rules are told beside it")))
    , m_template(named(new QComboBox, "evaluate.template", tr("What stands around a question")))
{
    buildFields();
    show();
}

void HowFields::buildFields()
{
    m_samples->setLimits(1, kMostSamples);
    m_samples->setValue(1);
    m_temperature->setLimits(kLeastTemperature, kHottest);
    m_temperature->setSingleStep(0.1);
    m_temperature->setValue(0.8);
    m_seed->setLimits(0, std::numeric_limits<int>::max());
    m_rows->setLimits(0, kMany);
    m_rows->setSpecialValueText(tr("all"));
    m_tokens->setLimits(1, kMany);
    m_tokens->setValue(512);
    m_rule->addItem(tr("of the paper"), QString());
    for (const std::string_view rule : core::ruleNames()) {
        if (rule != "paper") { // it is every task's first that has it
            m_rule->addItem(fromView(rule), fromView(rule));
        }
    }
    m_template->addItems({tr("Alpaca"), tr("chat"), tr("plain")});
    m_template->setItemData(0, tr("As PiSSA's recipe trains"), Qt::ToolTipRole);
    for (QComboBox* box : {m_rule, m_template}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(kNameLength);
        connect(box, &QComboBox::currentIndexChanged, this, [this] { show(); });
    }
    QFormLayout* form = FormField::newForm();
    (new FormField(tr("Decoding"), {m_decoding}))->addTo(form);
    m_samplesRow = new FormField(tr("Samples"), {m_samples});
    m_temperatureRow = new FormField(tr("Temperature"), {m_temperature});
    m_seedRow = new FormField(tr("Seed"), {m_seed});
    for (FormField* row : {m_samplesRow, m_temperatureRow, m_seedRow}) {
        row->addTo(form);
    }
    (new FormField(tr("Questions"), {m_rows}))->addTo(form);
    (new FormField(tr("Rule"), {m_rule}))->addTo(form);
    (new FormField(tr("Prompt"), {m_template}))->addTo(form);
    (new FormField(tr("New tokens"), {m_tokens}))->addTo(form);
    auto* rows = new QVBoxLayout(this);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->addLayout(form);
    connect(m_decoding, &SegmentedControl::changed, this, &HowFields::show);
    for (WholeEdit* edit : {m_samples, m_seed, m_rows, m_tokens}) {
        connect(edit, &QSpinBox::valueChanged, this, [this] { Q_EMIT changed(); });
    }
    connect(m_temperature, &QDoubleSpinBox::valueChanged, this, [this] { Q_EMIT changed(); });
}

void HowFields::show()
{
    const bool isSampled = m_decoding->current() == 1;
    for (FormField* row : {m_samplesRow, m_temperatureRow, m_seedRow}) {
        row->setRowVisible(isSampled);
    }
    Q_EMIT changed();
}

QString HowFields::problem() const
{
    const bool isSampled = m_decoding->current() == 1;
    if (!m_rows->problem().isEmpty()) {
        return tr("The number of questions %1").arg(m_rows->problem());
    }
    if (!m_tokens->problem().isEmpty()) {
        return tr("The number of new tokens %1").arg(m_tokens->problem());
    }
    if (isSampled && !m_samples->problem().isEmpty()) {
        return tr("The number of samples %1").arg(m_samples->problem());
    }
    if (isSampled && !m_temperature->problem().isEmpty()) {
        return tr("The temperature %1").arg(m_temperature->problem());
    }
    return isSampled && !m_seed->problem().isEmpty() ? tr("The seed %1").arg(m_seed->problem())
                                                     : QString();
}

// What a task has no use for stays as it is without: a rule that it does not have, samples where nothing is written.
void HowFields::applyTo(core::EvaluationSpec& spec) const
{
    const core::EvaluatedTask& task = core::evaluatedTask(spec.task);
    const bool isSampled = m_decoding->current() == 1;
    spec.sampling.greedy = !isSampled;
    spec.sampling.temperature = isSampled ? m_temperature->value() : 1.0;
    spec.sampling.seed = isSampled ? static_cast<std::uint64_t>(m_seed->value()) : 0;
    spec.samples = isSampled && task.writes ? m_samples->value() : 1;
    spec.rows = m_rows->value();
    spec.maxNewTokens = m_tokens->value();
    spec.promptTemplate = kTemplates[static_cast<std::size_t>(m_template->currentIndex())];
    const std::string rule = m_rule->currentData().toString().toStdString();
    const bool hasRule = task.task != nullptr
        && std::any_of(task.task->rules.begin(), task.task->rules.end(),
                       [&rule](const core::ScoringRule& one) { return one.name == rule; });
    spec.rule = hasRule ? rule : std::string();
}

void HowFields::saveState(QSettings& session) const
{
    session.setValue(keyOf("decoding"), m_decoding->current());
    session.setValue(keyOf("samples"), m_samples->value());
    session.setValue(keyOf("temperature"), m_temperature->value());
    session.setValue(keyOf("seed"), m_seed->value());
    session.setValue(keyOf("rows"), m_rows->value());
    session.setValue(keyOf("tokens"), m_tokens->value());
    session.setValue(keyOf("rule"), m_rule->currentData());
    session.setValue(keyOf("template"), m_template->currentIndex());
}

void HowFields::offerState(QSettings& session)
{
    const auto whole = [&session](const char* name, int otherwise) {
        return session.value(keyOf(name), otherwise).toInt();
    };
    m_decoding->setCurrent(whole("decoding", 0));
    m_samples->setValue(whole("samples", m_samples->value()));
    m_temperature->setValue(session.value(keyOf("temperature"), m_temperature->value()).toDouble());
    m_seed->setValue(whole("seed", m_seed->value()));
    m_rows->setValue(whole("rows", m_rows->value()));
    m_tokens->setValue(whole("tokens", m_tokens->value()));
    m_rule->setCurrentIndex(std::max(0, m_rule->findData(session.value(keyOf("rule"), QString()))));
    m_template->setCurrentIndex(
        std::clamp(whole("template", 0), 0, static_cast<int>(kTemplates.size()) - 1));
}

} // namespace pissarro::ui
