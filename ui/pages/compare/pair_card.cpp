// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare/pair_card.h"

#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/services/run_pair.h"
#include "ui/words/format.h"
#include "ui/words/language.h"
#include "ui/words/message.h"
#include "ui/words/method_look.h"

#include <QAction>
#include <QComboBox>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPixmap>
#include <QProgressBar>
#include <QPushButton>

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

constexpr int kDot = 9; // px
constexpr int kRunWidth = 150; // px, of a choice
constexpr int kMostWidth = 380; // px, where names have enough

QPixmap dotOf(const QColor& color)
{
    QPixmap picture(scaled(kDot), scaled(kDot));
    picture.fill(color);
    return picture;
}

QString joined(const QStringList& sentences)
{
    return sentences.join(QLatin1Char(' '));
}

// Of the two methods, in whatever order the claims have them.
bool isOf(const core::Conclusion& one, const std::string& a, const std::string& b)
{
    return (one.first == a && one.second == b) || (one.first == b && one.second == a);
}

// What the two runs alone come to; nothing is claimed by it.
QString describedOf(const RunPair& pair, const std::array<QString, 2>& titles)
{
    const PairCurves& a = pair.side(0).curves;
    const PairCurves& b = pair.side(1).curves;
    const bool held = !std::isnan(a.heldOutLoss) && !std::isnan(b.heldOutLoss);
    const double ofA = held ? a.heldOutLoss : a.endLoss;
    const double ofB = held ? b.heldOutLoss : b.endLoss;
    if (std::isnan(ofA) || std::isnan(ofB)) {
        return PairCard::tr("These two have no loss that both tell of.");
    }
    const QString measure = held ? PairCard::tr("held-out loss") : PairCard::tr("loss at the end");
    if (ofA == ofB) {
        return PairCard::tr("These two end alike: %1 %2.").arg(measure, formatNumber(ofA));
    }
    const bool isA = ofA < ofB;
    return PairCard::tr("Of these two %1 ends %2 lower (%3 %4 against %5).")
        .arg(isA ? titles[0] : titles[1], formatNumber(std::abs(ofA - ofB), 3), measure,
             formatNumber(std::min(ofA, ofB)), formatNumber(std::max(ofA, ofB)));
}

// "gsm8k: 4.6 % against 2.9 % of 1,319 questions." of each evaluation that asked both.
QStringList scoredOf(const RunPair& pair)
{
    QStringList sentences;
    for (const core::Scoreboard& one : pair.findings().scores) {
        const core::ScoredModel* a = pair.scoreOf(one, 0);
        const core::ScoredModel* b = pair.scoreOf(one, 1);
        if (a == nullptr || b == nullptr) {
            continue;
        }
        const QString task = QString::fromStdString(one.task);
        sentences << (one.isPerplexity
                          ? PairCard::tr("%1: perplexity %2 against %3.")
                                .arg(task, formatNumber(a->score), formatNumber(b->score))
                          : PairCard::tr("%1: %2 against %3 of %4 questions.", nullptr,
                                         pluralOf(a->questions))
                                .arg(task, formatPercent(a->score), formatPercent(b->score),
                                     formatCount(a->questions)));
    }
    if (!pair.findings().scoreProblem.isEmpty()) {
        sentences << pair.findings().scoreProblem;
    }
    for (const int side : {0, 1}) {
        if (const std::string& edits = pair.side(side).run.edits; !edits.empty()) {
            sentences << QString::fromStdString(edits);
        }
    }
    return sentences;
}

} // namespace

PairVerdict verdictOf(const RunPair& pair, const std::array<QString, 2>& titles)
{
    PairVerdict verdict;
    if (!pair.isOpened()) {
        return verdict;
    }
    const core::ComparedRun& a = pair.side(0).run;
    const core::ComparedRun& b = pair.side(1).run;
    const QString described = joined(QStringList {describedOf(pair, titles)} + scoredOf(pair));
    QStringList first;
    QStringList rest;
    if (a.run && b.run) {
        const std::string ofA(core::methodTitle(a.run->spec.method));
        const std::string ofB(core::methodTitle(b.run->spec.method));
        for (const core::Conclusion& one : pair.findings().claims.conclusions) {
            for (std::size_t i = 0; isOf(one, ofA, ofB) && i < one.sentences.size(); ++i) {
                (i == 0 ? first : rest).append(messageText(one.sentences[i]));
            }
        }
    }
    if (first.isEmpty()) { // one method, or another program's run: the figures, and no claim
        verdict.sentence = describedOf(pair, titles);
        verdict.limits = joined(scoredOf(pair) << PairCard::tr(
                                    "A difference of two runs says nothing of their recipes: seeds "
                                    "alone may differ as much."));
        return verdict;
    }
    verdict.sentence = joined(first);
    verdict.limits = joined(QStringList {described} + rest);
    return verdict;
}

PairCard::PairCard(QWidget* parent)
    : Card(QString(), parent)
    , m_back(new QPushButton(tr("‹ Runs")))
    , m_swap(new QPushButton(QStringLiteral("⇄")))
    , m_verdict(new QLabel)
    , m_limits(new QLabel)
    , m_progress(new QProgressBar)
    , m_cancel(new QPushButton(tr("Cancel")))
    , m_evaluations(new QPushButton)
    , m_menu(new QMenu(m_evaluations))
    , m_report(new QPushButton(tr("Report…")))
{
    setTitleInSight(false);
    m_back->setObjectName(QStringLiteral("pair.back"));
    m_back->setAccessibleName(tr("Back to the runs over one another"));
    m_back->setProperty("kind", QByteArray("link"));
    auto* choice = new QHBoxLayout;
    choice->addWidget(m_back);
    buildChoices(choice);
    m_swap->setObjectName(QStringLiteral("pair.swap"));
    m_swap->setAccessibleName(tr("Swap A and B"));
    m_evaluations->setObjectName(QStringLiteral("pair.evaluations"));
    m_evaluations->setAccessibleName(tr("Evaluations that the verdict goes by"));
    m_evaluations->setMenu(m_menu);
    m_menu->setObjectName(QStringLiteral("pair.evaluations.menu"));
    m_menu->setToolTipsVisible(true);
    setEvaluations({});
    m_report->setObjectName(QStringLiteral("pair.report"));
    m_report->setAccessibleName(tr("Write a report"));
    m_verdict->setObjectName(QStringLiteral("pair.verdict"));
    setRole(m_verdict, "figure");
    m_limits->setObjectName(QStringLiteral("pair.limits"));
    setRole(m_limits, "muted");
    for (QLabel* label : {m_verdict, m_limits}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    }
    m_progress->setObjectName(QStringLiteral("pair.progress"));
    m_progress->setAccessibleName(tr("Matrices that were compared"));
    m_progress->setTextVisible(false);
    m_progress->setMaximumWidth(scaled(120));
    m_cancel->setObjectName(QStringLiteral("pair.cancel"));
    m_cancel->setAccessibleName(tr("Compare no more matrices"));
    connect(m_cancel, &QPushButton::clicked, this, &PairCard::cancelled);
    choice->addStretch(0); // takes the room where the names have enough
    choice->addWidget(m_progress);
    choice->addWidget(m_cancel);
    choice->addWidget(m_evaluations);
    choice->addWidget(m_report);
    body()->addLayout(choice);
    body()->addWidget(m_verdict);
    body()->addWidget(m_limits);
    m_progress->hide();
    m_cancel->hide();
}

void PairCard::buildChoices(QHBoxLayout* choice)
{
    for (int side = 0; side < 2; ++side) {
        auto* box = new QComboBox;
        box->setObjectName(side == 0 ? QStringLiteral("pair.a") : QStringLiteral("pair.b"));
        box->setAccessibleName(side == 0 ? tr("Run A") : tr("Run B"));
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumWidth(scaled(kRunWidth));
        box->setMaximumWidth(scaled(kMostWidth));
        box->setIconSize({scaled(kDot), scaled(kDot)});
        connect(box, &QComboBox::activated, this, &PairCard::chosen);
        m_runs[static_cast<std::size_t>(side)] = box;
        auto* letter = new QLabel(side == 0 ? tr("A") : tr("B")); // as plots and figures call it
        setRole(letter, "value");
        letter->setBuddy(box);
        choice->addWidget(letter);
        choice->addWidget(box, 1);
        if (side == 0) {
            choice->addWidget(m_swap);
        }
    }
}

void PairCard::setEvaluations(const QStringList& folders)
{
    m_evaluations->setText(
        folders.isEmpty()
            ? tr("Evaluations")
            : tr("Evaluations: %1", "how many are laid in").arg(formatCount(folders.size())));
    m_evaluations->setToolTip(
        folders.isEmpty()
            ? tr("Lay in scores that eval wrote: the verdict goes by them first (Ctrl+Shift+J)")
            : folders.join(QLatin1Char('\n')));
    m_menu->clear();
    connect(m_menu->addAction(tr("Add the folder of an evaluation…")), &QAction::triggered, this,
            &PairCard::evaluationWanted);
    m_menu->addSeparator();
    for (const QString& folder : folders) {
        QAction* leave = m_menu->addAction(tr("Leave out %1").arg(QFileInfo(folder).fileName()));
        leave->setToolTip(folder);
        connect(
            leave, &QAction::triggered, this, [this, folder] { Q_EMIT evaluationUnwanted(folder); },
            Qt::QueuedConnection); // it leaves the menu by this
    }
}

void PairCard::setChoices(const QVector<Choice>& runs)
{
    for (QComboBox* box : m_runs) {
        const QString chosen = box->currentData().toString();
        const QSignalBlocker quiet(box);
        box->clear();
        for (const Choice& one : runs) {
            box->addItem(dotOf(one.color), one.title, one.path);
        }
        box->setCurrentIndex(box->findData(chosen));
    }
}

void PairCard::setPair(const QString& a, const QString& b)
{
    m_runs[0]->setCurrentIndex(m_runs[0]->findData(a));
    m_runs[1]->setCurrentIndex(m_runs[1]->findData(b));
}

QString PairCard::path(int side) const
{
    return m_runs[static_cast<std::size_t>(side)]->currentData().toString();
}

void PairCard::show(const RunPair& pair, const std::array<QString, 2>& titles)
{
    const QString a = path(0);
    const QString b = path(1);
    const bool chosen = !a.isEmpty() && !b.isEmpty() && a != b;
    const bool told = chosen && pair.isOf(a, b) && pair.isOpened();
    const PairVerdict verdict = told ? verdictOf(pair, titles) : PairVerdict();
    m_verdict->setText(!chosen                         ? tr("Choose two finished runs.")
                           : told                      ? verdict.sentence
                           : pair.failure() != nullptr ? tr("These runs could not be compared.")
                                                       : tr("Reading the runs…"));
    m_limits->setText(verdict.limits);
    m_swap->setEnabled(chosen);
    m_report->setEnabled(!a.isEmpty());
    showState(pair);
}

void PairCard::showState(const RunPair& pair)
{
    const auto* running = std::get_if<Running>(&pair.state());
    m_progress->setVisible(running != nullptr);
    m_cancel->setVisible(running != nullptr);
    if (running != nullptr) {
        m_progress->setRange(0, running->fraction < 0.0 ? 0 : 100);
        m_progress->setValue(static_cast<int>(100.0 * std::max(0.0, running->fraction)));
    }
}

} // namespace pissarro::ui
