// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat/sampling_card.h"

#include "ui/look/role.h"
#include "ui/widgets/form_field.h"
#include "ui/widgets/number_edit.h"
#include "ui/widgets/segmented_control.h"

#include <QComboBox>
#include <QFormLayout>
#include <QPushButton>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include <algorithm>
#include <limits>
#include <type_traits>

namespace pissarro::ui {

namespace {

enum Choice { Greedy, Sampled };
enum Template { AsTrained, ModelsOwn, Alpaca, AsItIs };

constexpr double kLeast = 0.01; // of temperature and top p; 0 is what greedy is
constexpr double kHottest = 100.0;
constexpr int kMostTokens = 1'000'000;
constexpr int kMostK = 1'000'000;

template <class Widget>
Widget* named(Widget* edit, const char* name, const QString& accessible)
{
    edit->setObjectName(QLatin1String(name));
    edit->setAccessibleName(accessible);
    edit->setToolTip(accessible);
    return edit;
}

template <class Edit>
QString problemOf(const QWidget* edit)
{
    return static_cast<const Edit*>(edit)->problem();
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
    , m_topK(named(new WholeEdit, "chat.topK",
                   tr("Sampled of so many of the likeliest tokens; 0: of all")))
    , m_minP(named(new RealEdit, "chat.minP",
                   tr("Sampled of tokens at least this share as likely as the likeliest")))
    , m_penalty(named(new RealEdit, "chat.penalty",
                      tr("Above 1: tokens that occurred become less likely; greedy heeds it too")))
    , m_seed(named(new WholeEdit, "chat.seed", tr("Seed: the same one gives the same reply")))
    , m_tokens(named(new WholeEdit, "chat.tokens", tr("New tokens at most")))
    , m_template(named(new QComboBox, "chat.template", tr("What the question is put into")))
    , m_reset(new QPushButton(tr("Reset")))
{
    buildEdits();
    buildRows();
    const auto tell = [this] {
        showState();
        Q_EMIT changed();
    };
    connect(m_choice, &SegmentedControl::changed, this, tell);
    connect(m_template, &QComboBox::currentIndexChanged, this, tell);
    for (const RealEdit* edit : {m_temperature, m_topP, m_minP, m_penalty}) {
        connect(edit, &QDoubleSpinBox::valueChanged, this, tell);
    }
    for (const WholeEdit* edit : {m_topK, m_seed, m_tokens}) {
        connect(edit, &QSpinBox::valueChanged, this, tell);
    }
    setTokenizer(nullptr);
    showState();
}

void SamplingCard::buildEdits()
{
    m_temperature->setLimits(kLeast, kHottest);
    m_temperature->setSingleStep(0.1);
    m_topP->setLimits(kLeast, 1.0);
    m_topP->setSingleStep(0.05);
    m_topK->setLimits(0, kMostK);
    m_minP->setLimits(0.0, 1.0);
    m_minP->setSingleStep(0.05);
    m_penalty->setLimits(kLeast, kHottest);
    m_penalty->setSingleStep(0.1);
    m_seed->setLimits(0, std::numeric_limits<int>::max());
    m_tokens->setLimits(1, kMostTokens);
    m_template->addItems({tr("as trained"), tr("chat"), tr("Alpaca"), tr("plain")});
    m_template->setItemData(AsTrained,
                            tr("A run: the template that it was trained with; another model: its "
                               "chat template, where it has one"),
                            Qt::ToolTipRole);
    m_template->setItemData(AsItIs, tr("A single question as it is, to be gone on with"),
                            Qt::ToolTipRole);
    reset();
}

void SamplingCard::buildRows()
{
    m_reset->setObjectName(QStringLiteral("chat.reset"));
    m_reset->setProperty("kind", QByteArray("link"));
    m_reset->setToolTip(tr("As a fresh program samples"));
    addTitleWidget(m_reset);
    connect(m_reset, &QPushButton::clicked, this, &SamplingCard::reset);
    body()->addWidget(m_choice);
    QFormLayout* form = FormField::newForm();
    const auto add = [&](const QString& label, auto* edit, bool sampledAlone) {
        using Edit = std::remove_pointer_t<decltype(edit)>;
        auto* field = new FormField(label, {edit});
        field->addTo(form);
        m_rows.append({field, edit, problemOf<Edit>, sampledAlone});
    };
    add(tr("Temperature"), m_temperature, true);
    add(tr("Top p"), m_topP, true);
    add(tr("Top k"), m_topK, true);
    add(tr("Min p"), m_minP, true);
    add(tr("Seed"), m_seed, true);
    add(tr("Repetition"), m_penalty, false);
    add(tr("New tokens"), m_tokens, false);
    (new FormField(tr("Template"), {m_template}))->addTo(form);
    body()->addLayout(form);
}

// What the question is put into is the model's matter, and stays.
void SamplingCard::reset()
{
    m_choice->setCurrent(Greedy);
    m_temperature->setValue(0.7);
    m_topP->setValue(0.9);
    m_topK->setValue(0);
    m_minP->setValue(0.0);
    m_penalty->setValue(1.0);
    m_seed->setValue(0);
    m_tokens->setValue(static_cast<int>(ChatSettings {}.maxNewTokens));
}

void SamplingCard::setTokenizer(const core::Tokenizer* tokenizer)
{
    const bool has = tokenizer != nullptr && !tokenizer->chatTemplate().empty();
    if (!has && m_template->currentIndex() == ModelsOwn) {
        m_template->setCurrentIndex(AsTrained);
    }
    auto* items = qobject_cast<QStandardItemModel*>(m_template->model());
    items->item(ModelsOwn)->setEnabled(has);
    m_template->setItemData(ModelsOwn,
                            has ? tr("The question is a message in the model's own template")
                                : tr("The model has no chat template"),
                            Qt::ToolTipRole);
}

ChatSettings SamplingCard::settings() const
{
    ChatSettings how;
    how.sampling.greedy = m_choice->current() == Greedy;
    how.sampling.repetitionPenalty = m_penalty->value();
    how.sampling.seed = static_cast<std::uint64_t>(m_seed->value());
    if (!how.sampling.greedy) {
        how.sampling.temperature = m_temperature->value();
        how.sampling.topP = m_topP->value();
        how.sampling.topK = m_topK->value();
        how.sampling.minP = m_minP->value();
    }
    how.maxNewTokens = m_tokens->value();
    switch (m_template->currentIndex()) {
    case ModelsOwn:
        how.form = core::PromptTemplate::Chat;
        break;
    case Alpaca:
        how.form = core::PromptTemplate::Alpaca;
        break;
    case AsItIs:
        how.form = core::PromptTemplate::Plain;
        break;
    default:
        break;
    }
    return how;
}

bool SamplingCard::isGood() const
{
    const bool sampled = m_choice->current() == Sampled;
    return std::all_of(m_rows.begin(), m_rows.end(), [&](const Row& row) {
        return (row.sampledAlone && !sampled) || row.problem(row.edit).isEmpty();
    });
}

// What greedy ignores is dimmed, and no problem.
void SamplingCard::showState()
{
    const bool sampled = m_choice->current() == Sampled;
    for (const Row& row : m_rows) {
        const bool counts = sampled || !row.sampledAlone;
        const QString problem = counts ? row.problem(row.edit) : QString();
        row.field->setProblem(problem);
        setStyleProperty(row.edit, "invalid", !problem.isEmpty());
        row.field->setEnabled(counts);
    }
}

} // namespace pissarro::ui
