// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/spectrum/rank_card.h"

#include "ui/widgets/figures.h"
#include "ui/widgets/format.h"

#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>

namespace pissarro::ui {

RankCard::RankCard(QWidget* parent)
    : Card(tr("Rank"), parent)
    , m_rank(new QSpinBox)
    , m_byEnergy(addAdvice(QStringLiteral("spectrum.adviceEnergy")))
    , m_byKnee(addAdvice(QStringLiteral("spectrum.adviceKnee")))
    , m_train(new QPushButton(tr("Train with this rank")))
{
    setSubtitle(tr("one for all matrices"));
    m_rank->setObjectName(QStringLiteral("spectrum.rank"));
    m_rank->setAccessibleName(tr("Rank"));
    m_rank->setToolTip(tr("The rank of every adapter: type it, or drag the line in a plot"));
    m_rank->setAlignment(Qt::AlignCenter);
    m_rank->setAccelerated(true);
    QFont large = m_rank->font();
    large.setPixelSize(19);
    large.setWeight(QFont::DemiBold);
    m_rank->setFont(large);
    m_rank->setStyleSheet(QStringLiteral(
        "QSpinBox { font-size: 19px; font-weight: 600; min-height: 30px; padding: 3px 20px; }"));
    m_train->setObjectName(QStringLiteral("spectrum.train"));
    m_train->setProperty("kind", QStringLiteral("primary"));

    auto* readOuts = new QGridLayout;
    readOuts->setHorizontalSpacing(10);
    readOuts->setVerticalSpacing(5);
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
    readOuts->setRowStretch(readOuts->rowCount(), 1);

    auto* choices = new QVBoxLayout;
    choices->setSpacing(6);
    choices->addWidget(m_rank);
    choices->addWidget(m_byEnergy);
    choices->addWidget(m_byKnee);
    choices->addStretch(1);

    auto* columns = new QHBoxLayout;
    columns->setSpacing(16);
    columns->addLayout(readOuts, 1);
    columns->addLayout(choices, 0);
    auto* bottom = new QHBoxLayout;
    bottom->addStretch(1);
    bottom->addWidget(m_train);
    body()->addLayout(columns, 1);
    body()->addLayout(bottom);
    setTabOrder(m_rank, m_byEnergy);
    setTabOrder(m_byEnergy, m_byKnee);
    setTabOrder(m_byKnee, m_train);

    connect(m_rank, &QSpinBox::valueChanged, this, &RankCard::rankChosen);
    connect(m_byEnergy, &QPushButton::clicked, this, &RankCard::followEnergyAdvice);
    connect(m_byKnee, &QPushButton::clicked, this, &RankCard::followKneeAdvice);
    connect(m_train, &QPushButton::clicked, this, &RankCard::train);
    setAdvice({}, {});
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
    value->setMinimumWidth(
        figuresWidth(value->fontMetrics(), QStringLiteral("888,888,888"))); // nothing jumps
    value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    grid->addWidget(caption, row, 0);
    grid->addWidget(value, row, 1);
    grid->setColumnStretch(1, 1);
    return value;
}

QPushButton* RankCard::addAdvice(const QString& name)
{
    auto* button = new QPushButton;
    button->setObjectName(name);
    button->setMinimumWidth(146); // px: four digits, so that nothing jumps
    return button;
}

void RankCard::setRanks(int rank, int largest)
{
    const QSignalBlocker quiet(m_rank);
    m_rank->setRange(1, largest);
    m_rank->setValue(rank);
}

void RankCard::setReadOuts(const RankReadOuts& readOuts)
{
    m_selected->setText(readOuts.selected);
    m_mean->setText(readOuts.mean);
    m_parameters->setText(readOuts.parameters);
    m_share->setText(readOuts.share);
    m_disk->setText(readOuts.disk);
    m_memory->setText(readOuts.memory);
}

void RankCard::setAdvice(const RankAdvice& byEnergy, const RankAdvice& byKnee)
{
    m_energyAdvice = byEnergy;
    m_kneeAdvice = byKnee;
    const auto show = [](QPushButton* button, const QString& title, const RankAdvice& advice,
                         const QString& keys) {
        const QString rank = advice.rank > 0 ? formatCount(advice.rank) : QStringLiteral("–");
        button->setText(QStringLiteral("%1 → %2").arg(title, rank));
        button->setAccessibleName(button->text());
        button->setToolTip(advice.rank > 0 ? QStringLiteral("%1 (%2)").arg(advice.reason, keys)
                                           : QString());
        button->setEnabled(advice.rank > 0);
    };
    show(m_byEnergy, tr("90 % energy"), byEnergy, QStringLiteral("Ctrl+9"));
    show(m_byKnee, tr("Knee"), byKnee, QStringLiteral("Ctrl+K"));
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
