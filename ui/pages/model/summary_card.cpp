// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model/summary_card.h"

#include "ui/services/services.h"
#include "ui/widgets/elided_label.h"
#include "ui/words/format.h"
#include "ui/words/language.h"
#include "ui/words/model_words.h"

#include <QGridLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace pissarro::ui {

SummaryCard::SummaryCard(QWidget* parent)
    : Card(tr("Summary"), parent)
    , m_grid(new QGridLayout)
{
    setObjectName(QStringLiteral("model.summary"));
    m_grid->setHorizontalSpacing(16);
    m_grid->setVerticalSpacing(5);
    m_grid->setColumnStretch(1, 1);
    body()->addLayout(m_grid);
    body()->addStretch(1);
}

void SummaryCard::showModel(const Services& services)
{
    const auto model = services.model.files();
    if (!model) {
        setFacts({});
        return;
    }
    const core::ModelConfig& c = model->config();
    setSubtitle(QString::fromStdString(model->displayName()));
    const QString heads = c.kvHeads == c.heads
        ? formatCount(c.heads)
        : tr("%1, of which %2 for keys and values").arg(c.heads).arg(c.kvHeads);
    QVector<QPair<QString, QString>> facts {
        {tr("Architecture"), QString::fromStdString(c.architecture)},
        {tr("Parameters"), formatCount(model->parameters())},
        {tr("Layers"), formatCount(c.layers)},
        {tr("Width"), formatCount(c.width)},
        {tr("Feed-forward"), formatCount(c.ffn)},
        {tr("Heads"), heads},
        {tr("Vocabulary"),
         c.tiedEmbeddings ? tr("%1, head tied to embedding").arg(formatCount(c.vocabulary))
                          : formatCount(c.vocabulary)},
        {tr("Context"),
         tr("%1 tokens", nullptr, pluralOf(c.maxPositions)).arg(formatCount(c.maxPositions))},
        {tr("Stored as"),
         tr("%1, %2").arg(weightTypeOf(*model),
                          formatBytes(static_cast<qint64>(model->weightBytes())))},
        {model->isGguf() ? tr("File") : tr("Folder"),
         QString::fromStdString(model->path().string())},
    };
    if (c.mixture.experts > 0) {
        constexpr qsizetype kBehindFeedForward = 5;
        facts.insert(kBehindFeedForward,
                     {tr("Experts"),
                      tr("%1 of %2 for each token, %3 wide")
                          .arg(c.mixture.chosen)
                          .arg(c.mixture.experts)
                          .arg(formatCount(c.mixture.ffn))});
    }
    setFacts(facts);
}

void SummaryCard::setFacts(const QVector<QPair<QString, QString>>& facts)
{
    while (QLayoutItem* item = m_grid->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    int row = 0;
    for (const auto& [key, value] : facts) {
        auto* label = new QLabel(key);
        label->setProperty("role", QStringLiteral("key"));
        auto* fact = new ElidedLabel(value);
        fact->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        fact->setProperty("role", QStringLiteral("value"));
        fact->setAccessibleName(key + QStringLiteral(": ") + value);
        m_grid->addWidget(label, row, 0);
        m_grid->addWidget(fact, row, 1);
        ++row;
    }
}

} // namespace pissarro::ui
