// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/sweep/verdict_card.h"

#include "ui/look/metrics.h"
#include "ui/pages/sweep/sweep_pictures.h"
#include "ui/words/message.h"

#include <QLabel>
#include <QStringList>
#include <QVBoxLayout>

#include <algorithm>

namespace pissarro::ui {

namespace {

constexpr qsizetype kMostLimits = 3; // lines in sight; the tool tip has all

QString capitalized(const QString& sentence)
{
    return sentence.left(1).toUpper() + sentence.mid(1);
}

// Of the runs that it is about, then what is said of them.
QString sentenceOf(const core::Conclusion& conclusion)
{
    const QString said = messageText(conclusion.sentences.front());
    return conclusion.setting.empty()
        ? said
        : VerdictCard::tr("%1: %2", "setting, then the sentence")
              .arg(capitalized(settingWords(conclusion.setting)), said);
}

} // namespace

const core::Conclusion* leadingConclusion(const core::SweepResults& results)
{
    const core::Conclusion* leading = nullptr;
    for (const core::Conclusion& one : results.conclusions) {
        const bool said = one.outcome != core::Outcome::NothingToCompare && !one.sentences.empty();
        if (said && (leading == nullptr || one.verdict > leading->verdict)) {
            leading = &one;
        }
    }
    return leading;
}

VerdictCard::VerdictCard(QWidget* parent)
    : Card(tr("What survives"), parent)
    , m_sentence(new QLabel)
    , m_limits(new QLabel)
{
    setObjectName(QStringLiteral("sweep.verdict"));
    setTitleInSight(false);
    m_sentence->setObjectName(QStringLiteral("sweep.verdict.sentence"));
    m_sentence->setProperty("role", QByteArray("figure"));
    m_limits->setObjectName(QStringLiteral("sweep.verdict.limits"));
    m_limits->setProperty("role", QByteArray("muted"));
    for (QLabel* label : {m_sentence, m_limits}) {
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        body()->addWidget(label);
    }
}

void VerdictCard::showNothing(const QString& sentence)
{
    m_sentence->setText(sentence);
    m_limits->clear();
    m_limits->hide();
    setToolTip({});
}

void VerdictCard::showResults(const core::SweepResults& results)
{
    const core::Conclusion* leading = leadingConclusion(results);
    const bool done =
        std::any_of(results.rows.begin(), results.rows.end(), [](const core::SweepRow& row) {
            return row.state == core::SweepRunState::Done;
        });
    QStringList limits;
    if (leading == nullptr) {
        m_sentence->setText(done ? tr("Nothing can be compared yet: two methods of one setting "
                                      "have not come to a score.")
                                 : tr("No run has come to its end yet."));
    } else {
        m_sentence->setText(sentenceOf(*leading));
        for (std::size_t i = 1; i < leading->sentences.size(); ++i) {
            limits.append(messageText(leading->sentences[i]));
        }
    }
    for (const core::Conclusion& other : results.conclusions) {
        if (&other != leading && !other.sentences.empty()
            && other.outcome != core::Outcome::NothingToCompare) {
            limits.append(sentenceOf(other));
        }
    }
    for (const core::Said& note : results.notes) {
        limits.append(messageText(note));
    }
    const QString shown = limits.mid(0, kMostLimits).join(QLatin1Char('\n'));
    m_limits->setText(limits.size() > kMostLimits
                          ? tr("%1\n… and %n more, on hover", nullptr,
                               static_cast<int>(limits.size() - kMostLimits))
                                .arg(shown)
                          : shown);
    m_limits->setVisible(!limits.isEmpty());
    setToolTip(limits.join(QLatin1Char('\n')));
}

} // namespace pissarro::ui
