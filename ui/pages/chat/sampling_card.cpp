// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat/sampling_card.h"

#include "ui/look/role.h"
#include "ui/widgets/form_field.h"
#include "ui/widgets/number_edit.h"
#include "ui/widgets/segmented_control.h"

#include <QFormLayout>
#include <QPushButton>
#include <QVBoxLayout>

#include <limits>

namespace pissarro::ui {

namespace {

enum Choice { Greedy, Sampled };
enum Template { ModelsOwn, AsItIs };

constexpr double kLeast = 0.01; // of temperature and top p; 0 is what greedy is
constexpr double kHottest = 100.0;
constexpr int kMostTokens = 1'000'000;

template <class Edit>
Edit* named(Edit* edit, const char* name, const QString& accessible)
{
    edit->setObjectName(QLatin1String(name));
    edit->setAccessibleName(accessible);
    edit->setToolTip(accessible);
    return edit;
}

} // namespace

SamplingCard::SamplingCard(QWidget* parent)
    : Card(tr("Sampling"), parent)
    , m_choice(new SegmentedControl(QStringLiteral("chat.choice"), tr("Choice of the next token"),
                                    {tr("greedy"), tr("sampled")}))
    , m_temperature(named(new RealEdit, "chat.temperature",
                          tr("Temperature: below 1 the likely tokens are preferred")))
    , m_topP(named(new RealEdit, "chat.topP",
                   tr("Sampled of the likeliest tokens of this total probability")))
    , m_seed(named(new WholeEdit, "chat.seed", tr("Seed: the same one gives the same reply")))
    , m_tokens(named(new WholeEdit, "chat.tokens", tr("New tokens at most")))
    , m_template(new SegmentedControl(QStringLiteral("chat.template"),
                                      tr("What the prompt is put into"), {tr("chat"), tr("plain")}))
    , m_reset(new QPushButton(tr("Reset")))
{
    buildFields();
    setTokenizer(nullptr);
}

void SamplingCard::buildFields()
{
    m_temperature->setLimits(kLeast, kHottest);
    m_temperature->setSingleStep(0.1);
    m_topP->setLimits(kLeast, 1.0);
    m_topP->setSingleStep(0.05);
    m_seed->setLimits(0, std::numeric_limits<int>::max());
    m_tokens->setLimits(1, kMostTokens);
    reset();
    m_temperatureRow = new FormField(tr("Temperature"), {m_temperature});
    m_topPRow = new FormField(tr("Top p"), {m_topP});
    m_seedRow = new FormField(tr("Seed"), {m_seed});
    m_tokensRow = new FormField(tr("New tokens"), {m_tokens});
    m_reset->setObjectName(QStringLiteral("chat.reset"));
    m_reset->setProperty("kind", QByteArray("link"));
    m_reset->setToolTip(tr("As a fresh program samples"));
    addTitleWidget(m_reset);
    connect(m_reset, &QPushButton::clicked, this, &SamplingCard::reset);
    body()->addWidget(m_choice);
    QFormLayout* form = FormField::newForm();
    for (FormField* row : {m_temperatureRow, m_topPRow, m_seedRow, m_tokensRow}) {
        row->addTo(form);
    }
    (new FormField(tr("Template"), {m_template}))->addTo(form);
    body()->addLayout(form);
    body()->addStretch(1);
    const auto tell = [this] {
        showState();
        Q_EMIT changed();
    };
    connect(m_choice, &SegmentedControl::changed, this, tell);
    connect(m_template, &SegmentedControl::changed, this, tell);
    connect(m_temperature, &QDoubleSpinBox::valueChanged, this, tell);
    connect(m_topP, &QDoubleSpinBox::valueChanged, this, tell);
    connect(m_seed, &QSpinBox::valueChanged, this, tell);
    connect(m_tokens, &QSpinBox::valueChanged, this, tell);
    showState();
}

// What the prompt is put into is the model's matter, and stays.
void SamplingCard::reset()
{
    m_choice->setCurrent(Greedy);
    m_temperature->setValue(0.7);
    m_topP->setValue(0.9);
    m_seed->setValue(0);
    m_tokens->setValue(static_cast<int>(core::GenerateOptions {}.maxNewTokens));
}

void SamplingCard::setTokenizer(const core::Tokenizer* tokenizer)
{
    const bool has = tokenizer != nullptr && !tokenizer->chatTemplate().empty();
    m_template->setCurrent(has ? ModelsOwn : AsItIs);
    m_template->setSegmentEnabled(ModelsOwn, has,
                                  has ? tr("The prompt is a message in the model's own template")
                                      : tr("The model has no chat template"));
}

core::GenerateOptions SamplingCard::options() const
{
    core::GenerateOptions how;
    how.greedy = m_choice->current() == Greedy;
    how.temperature = m_temperature->value();
    how.topP = m_topP->value();
    how.seed = static_cast<std::uint64_t>(m_seed->value());
    how.maxNewTokens = m_tokens->value();
    how.chat = m_template->current() == ModelsOwn;
    return how;
}

bool SamplingCard::isGood() const
{
    const bool sampled = m_choice->current() == Sampled;
    const bool choice = m_temperature->problem().isEmpty() && m_topP->problem().isEmpty()
        && m_seed->problem().isEmpty();
    return (choice || !sampled) && m_tokens->problem().isEmpty();
}

// What greedy ignores is dimmed, and no problem.
void SamplingCard::showState()
{
    const bool sampled = m_choice->current() == Sampled;
    const auto show = [](FormField* row, QWidget* edit, const QString& problem) {
        row->setProblem(problem);
        setStyleProperty(edit, "invalid", !problem.isEmpty());
    };
    show(m_temperatureRow, m_temperature, sampled ? m_temperature->problem() : QString());
    show(m_topPRow, m_topP, sampled ? m_topP->problem() : QString());
    show(m_seedRow, m_seed, sampled ? m_seed->problem() : QString());
    show(m_tokensRow, m_tokens, m_tokens->problem());
    for (FormField* row : {m_temperatureRow, m_topPRow, m_seedRow}) {
        row->setEnabled(sampled);
    }
}

} // namespace pissarro::ui
