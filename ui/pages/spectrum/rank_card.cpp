// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/spectrum/rank_card.h"

#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/look/theme.h"
#include "ui/widgets/edited.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/number_edit.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/format.h"
#include "ui/words/method_look.h"

#include <QComboBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QStackedWidget>

namespace pissarro::ui {

namespace {

QString fourBitsHint()
{
    return RankCard::tr("What %1 (T = 1) leaves of the selected matrices, in percent of QLoRA's "
                        "error (nuclear norm)")
        .arg(titleOf(core::firstWhere(core::iterates)));
}

} // namespace

RankCard::RankCard(QWidget* parent)
    : Card(tr("Rank"), parent)
    , m_kind(new SegmentedControl(QStringLiteral("spectrum.rankKind"), tr("Ranks"),
                                  {tr("one for all"), tr("per matrix")}))
    , m_choices(new QStackedWidget)
    , m_rank(new WholeEdit)
    , m_byEnergy(addAdvice(QStringLiteral("spectrum.adviceEnergy")))
    , m_byKnee(addAdvice(QStringLiteral("spectrum.adviceKnee")))
    , m_byThreshold(addAdvice(QStringLiteral("spectrum.adviceThreshold")))
    , m_range(new FigureLabel)
    , m_rule(new QComboBox)
    , m_validator(new RuleValidator(this))
    , m_value(new QLineEdit)
    , m_edit(new QPushButton(tr("Edit ranks…")))
    , m_slice(new QSlider(Qt::Horizontal))
    , m_sliceText(new QLabel)
    , m_copy(new QPushButton(tr("Copy rank_pattern")))
    , m_train(new QPushButton(tr("Train with this rank")))
{
    addTitleWidget(m_kind);
    m_kind->setSegmentEnabled(0, true, tr("The same rank on every matrix"));
    m_kind->setSegmentEnabled(1, true, tr("A rank map: PEFT's rank_pattern"));
    m_copy->setObjectName(QStringLiteral("spectrum.copyPattern"));
    m_copy->setToolTip(
        tr("rank_pattern and alpha_pattern as JSON, for PEFT's LoraConfig or --rank-map"));
    m_train->setObjectName(QStringLiteral("spectrum.train"));
    m_train->setProperty("kind", QStringLiteral("primary"));

    auto* readOuts = buildReadOuts();
    m_choices->addWidget(buildOneForAll());
    m_choices->addWidget(buildPerMatrix());
    m_choices->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Preferred);
    auto* columns = new QHBoxLayout;
    columns->setSpacing(16);
    columns->addLayout(readOuts, 1);
    columns->addWidget(m_choices, 0);
    auto* bottom = new QHBoxLayout;
    bottom->setSpacing(8);
    bottom->addStretch(1);
    bottom->addWidget(m_copy);
    bottom->addWidget(m_train);
    body()->addLayout(columns, 1);
    body()->addLayout(buildSlice());
    body()->addLayout(bottom);
    connect(m_kind, &SegmentedControl::changed, this, [this](int index) {
        m_choices->setCurrentIndex(index);
        if (index == 0) {
            Q_EMIT oneForAllChosen();
        } else {
            Q_EMIT perMatrixChosen();
        }
    });
    connect(m_copy, &QPushButton::clicked, this, &RankCard::copyRequested);
    connect(m_train, &QPushButton::clicked, this, &RankCard::train);
    setAdvice({}, {}, {});
    setMap({}, {});
}

QLayout* RankCard::buildReadOuts()
{
    auto* readOuts = new QGridLayout;
    readOuts->setHorizontalSpacing(10);
    readOuts->setVerticalSpacing(4);
    m_selected = addReadOut(readOuts, QStringLiteral("spectrum.kept"), tr("Energy kept"),
                            tr("Mean over the selected matrices"));
    m_mean = addReadOut(readOuts, QStringLiteral("spectrum.keptMean"), tr("Mean over all"),
                        tr("Energy kept, mean over the matrices computed so far"));
    m_parameters = addReadOut(readOuts, QStringLiteral("spectrum.parameters"), tr("Parameters"),
                              tr("Of the adapters: Σ r (rows + columns)"));
    m_share = addReadOut(readOuts, QStringLiteral("spectrum.share"), tr("Share of the model"), {});
    m_disk = addReadOut(readOuts, QStringLiteral("spectrum.disk"), tr("Adapter on disk"),
                        tr("In float32"));
    m_memory =
        addReadOut(readOuts, QStringLiteral("spectrum.memory"), tr("Training memory"),
                   tr("Peak of a PiSSA run with the Train page's first settings, estimated"));
    m_fourBits = addReadOut(readOuts, QStringLiteral("spectrum.fourBits"), tr("Error in four bits"),
                            fourBitsHint());
    readOuts->setRowStretch(readOuts->rowCount(), 1);
    return readOuts;
}

QWidget* RankCard::buildOneForAll()
{
    m_rank->setObjectName(QStringLiteral("spectrum.rank"));
    m_rank->setAccessibleName(tr("Rank"));
    m_rank->setToolTip(tr("The rank of every adapter: type it, or drag the line in a plot"));
    m_rank->setAlignment(Qt::AlignCenter);
    m_rank->setAccelerated(true);
    QFont large = m_rank->font();
    large.setPixelSize(scaled(19));
    large.setWeight(QFont::DemiBold);
    m_rank->setFont(large);
    const auto style = [this] { // of the text as it is
        m_rank->setStyleSheet(scaledSheet(QStringLiteral(
            "QSpinBox { font-size: 19u; font-weight: 600; min-height: 26u; padding: 2px 20u; }")));
    };
    style();
    connect(&Theme::instance(), &Theme::changed, m_rank, style);
    auto* page = new QWidget;
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(5);
    for (QWidget* widget :
         std::initializer_list<QWidget*> {m_rank, m_byEnergy, m_byKnee, m_byThreshold}) {
        column->addWidget(widget);
    }
    column->addStretch(1);
    connect(m_rank, &QSpinBox::valueChanged, this, [this](int rank) {
        showRankProblem();
        if (rank >= 1 && m_rank->unread().isEmpty()) {
            Q_EMIT rankChosen(rank);
        }
    });
    connect(m_byEnergy, &QPushButton::clicked, this, &RankCard::followEnergyAdvice);
    connect(m_byKnee, &QPushButton::clicked, this, &RankCard::followKneeAdvice);
    connect(m_byThreshold, &QPushButton::clicked, this, [this] {
        if (m_thresholdAdvice.rank > 0) {
            Q_EMIT rankChosen(m_thresholdAdvice.rank);
        }
    });
    return page;
}

QWidget* RankCard::buildPerMatrix()
{
    m_range->setObjectName(QStringLiteral("spectrum.mapRange"));
    m_range->setAccessibleName(tr("Ranks of the map"));
    m_range->setAlignment(Qt::AlignCenter);
    m_range->setProperty("role", QStringLiteral("value"));
    m_range->setMinimumHeight(scaled(30));
    m_rule->setObjectName(QStringLiteral("spectrum.rule"));
    m_rule->setAccessibleName(tr("Rule of the rank map"));
    addRules(m_rule);
    m_value->setObjectName(QStringLiteral("spectrum.ruleValue"));
    m_value->setAccessibleName(tr("Value of the rule"));
    m_value->setValidator(m_validator);
    connect(m_validator, &RuleValidator::refused, this, &RankCard::setMapProblem);
    m_edit->setObjectName(QStringLiteral("spectrum.editMap"));
    m_edit->setToolTip(tr("The rank of each matrix as a table"));
    auto* page = new QWidget;
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(5);
    for (QWidget* widget : std::initializer_list<QWidget*> {m_range, m_rule, m_value, m_edit}) {
        column->addWidget(widget);
    }
    column->addStretch(1);
    showRule();
    connect(m_rule, &QComboBox::activated, this, [this] {
        showRule();
        askForMap();
    });
    connect(m_value, &QLineEdit::returnPressed, this, &RankCard::askForMap);
    whenEdited(m_value, this, [this] {
        if (m_value->isModified()) {
            askForMap();
        }
    });
    connect(m_edit, &QPushButton::clicked, this, &RankCard::editRequested);
    return page;
}

QLayout* RankCard::buildSlice()
{
    constexpr int kSteps = 100;
    auto* caption = new QLabel(tr("Slice"));
    caption->setProperty("role", QStringLiteral("muted"));
    const QString toolTip =
        tr("Which singular triplets become PiSSA's adapter: the principal ones at the left, the "
           "minor ones at the right (the paper's appendix F compares them)");
    caption->setToolTip(toolTip);
    m_slice->setObjectName(QStringLiteral("spectrum.slice"));
    m_slice->setAccessibleName(tr("Slice of the spectrum"));
    m_slice->setToolTip(toolTip);
    m_slice->setRange(0, kSteps);
    m_slice->setPageStep(kSteps / 2);
    m_sliceText->setObjectName(QStringLiteral("spectrum.sliceText"));
    m_sliceText->setProperty("role", QStringLiteral("muted"));
    m_sliceText->setMinimumWidth(
        m_sliceText->fontMetrics().horizontalAdvance(tr("principal · 8,888 to 8,888")));
    m_sliceText->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    auto* row = new QHBoxLayout;
    row->setSpacing(10);
    row->addWidget(caption);
    row->addWidget(m_slice, 1);
    row->addWidget(m_sliceText);
    connect(m_slice, &QSlider::valueChanged, this,
            [this](int step) { Q_EMIT sliceChosen(static_cast<double>(step) / kSteps); });
    return row;
}

void RankCard::showRule()
{
    const RankRule rule = this->rule();
    m_validator->setRule(rule);
    m_value->setText(ruleDefault(rule));
    m_value->setPlaceholderText(ruleHint(rule));
    m_value->setEnabled(takesValue(rule));
}

void RankCard::askForMap()
{
    m_value->setModified(false);
    Q_EMIT ruleChosen(rule(), ruleValue());
}

FigureLabel* RankCard::addReadOut(QGridLayout* grid, const QString& name, const QString& label,
                                  const QString& toolTip)
{
    const int row = grid->rowCount();
    auto* caption = new QLabel(label);
    caption->setProperty("role", QStringLiteral("muted"));
    caption->setToolTip(toolTip);
    auto* value = new FigureLabel;
    value->setObjectName(name);
    value->setAccessibleName(label);
    value->setToolTip(toolTip);
    value->setProperty("role", QStringLiteral("value"));
    value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    grid->addWidget(caption, row, 0);
    grid->addWidget(value, row, 1);
    grid->setColumnStretch(1, 1);
    grid->setColumnMinimumWidth( // nothing jumps
        1, figuresWidth(value->fontMetrics(), QStringLiteral("888,888,888")));
    return value;
}

QPushButton* RankCard::addAdvice(const QString& name)
{
    auto* button = new QPushButton;
    button->setObjectName(name);
    button->setMinimumWidth(scaled(146)); // px: four digits, so that nothing jumps
    return button;
}

void RankCard::setRanks(int rank, int largest)
{
    const QSignalBlocker quiet(m_rank);
    m_rank->setLimits(1, largest);
    // Else the text stays as it is being typed, also one that is no rank, until another rank is chosen.
    if (m_rank->value() != rank && (m_rank->unread().isEmpty() || rank != m_given)) {
        m_rank->setValue(rank);
    }
    m_given = rank;
    showRankProblem();
}

void RankCard::showRankProblem()
{
    const QString problem = m_kind->current() == 0 ? m_rank->problem() : QString();
    setStyleProperty(m_rank, "invalid", !problem.isEmpty());
    setProblem(problem);
}

void RankCard::setReadOuts(const RankReadOuts& readOuts)
{
    m_selected->setText(readOuts.selected);
    m_mean->setText(readOuts.mean);
    m_parameters->setText(readOuts.parameters);
    m_share->setText(readOuts.share);
    m_disk->setText(readOuts.disk);
    m_memory->setText(readOuts.memory);
    m_fourBits->setText(readOuts.fourBits);
    m_fourBits->setToolTip(readOuts.fourBitsProblem.isEmpty() ? fourBitsHint()
                                                              : readOuts.fourBitsProblem);
}

void RankCard::showAdvice(QPushButton* button, const QString& title, const RankAdvice& advice,
                          const QString& keys)
{
    const QString rank = advice.rank > 0 ? formatCount(advice.rank) : QStringLiteral("–");
    button->setText(QStringLiteral("%1 → %2").arg(title, rank));
    button->setAccessibleName(button->text());
    button->setToolTip(advice.rank > 0 ? advice.reason
                               + (keys.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(keys))
                                       : QString());
    button->setEnabled(advice.rank > 0);
}

void RankCard::setAdvice(const RankAdvice& byEnergy, const RankAdvice& byKnee,
                         const RankAdvice& byThreshold)
{
    m_energyAdvice = byEnergy;
    m_kneeAdvice = byKnee;
    m_thresholdAdvice = byThreshold;
    showAdvice(m_byEnergy, tr("90 % energy"), byEnergy, QStringLiteral("Alt+9"));
    showAdvice(m_byKnee, tr("Knee"), byKnee, QStringLiteral("Ctrl+K"));
    showAdvice(m_byThreshold, tr("Above noise"), byThreshold, {});
}

void RankCard::setMap(const QString& range, const QString& line)
{
    const bool isMap = !range.isEmpty();
    {
        const QSignalBlocker quiet(m_kind);
        m_kind->setCurrent(isMap ? 1 : 0);
    }
    m_choices->setCurrentIndex(isMap ? 1 : 0);
    m_range->setText(isMap ? tr("r %1").arg(range) : QString());
    m_range->setToolTip(line);
    m_train->setText(isMap ? tr("Train with this map") : tr("Train with this rank"));
    m_copy->setVisible(isMap);
    showRankProblem();
}

RankRule RankCard::rule() const
{
    return ruleOf(m_rule);
}

QString RankCard::ruleValue() const
{
    return m_value->text();
}

void RankCard::setMapProblem(const QString& problem)
{
    setStyleProperty(m_value, "invalid", !problem.isEmpty());
    m_value->setToolTip(problem);
    setProblem(problem);
}

void RankCard::setSlice(double slice, const QString& text)
{
    const QSignalBlocker quiet(m_slice);
    m_slice->setValue(qRound(slice * m_slice->maximum()));
    m_sliceText->setText(text);
}

void RankCard::setTraining(bool possible, const QString& reason)
{
    m_train->setEnabled(possible);
    m_train->setToolTip(reason);
}

void RankCard::train()
{
    if (m_train->isEnabled()) {
        Q_EMIT trainRequested();
    }
}

void RankCard::followEnergyAdvice()
{
    if (m_energyAdvice.rank > 0) {
        Q_EMIT rankChosen(m_energyAdvice.rank);
    }
}

void RankCard::followKneeAdvice()
{
    if (m_kneeAdvice.rank > 0) {
        Q_EMIT rankChosen(m_kneeAdvice.rank);
    }
}

} // namespace pissarro::ui
