// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/evaluate/agreement_card.h"

#include "core/evaluate/evaluated_tasks.h"
#include "core/text/number_text.h"
#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/look/theme.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/scroll_column.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

constexpr int kCellHeight = 48; // px
constexpr int kRowHeight = 26; // px
constexpr std::array kCells {AnswerFilter::Both, AnswerFilter::OnlyA, AnswerFilter::OnlyB,
                             AnswerFilter::None};

QString nameOf(const std::string& name)
{
    return QString::fromStdString(name);
}

// exp of a difference of mean losses, as what it makes of the perplexity: "+4.9 %".
QString changeText(double difference)
{
    const double change = std::expm1(difference);
    return change > 0.0 ? AgreementCard::tr("+%1").arg(formatPercent(change))
                        : formatPercent(change);
}

// Forgetting where `a` is the base: what training did to the perplexity of general text.
PairSentence perplexitySentence(const core::ModelPair& pair)
{
    const double by = -*pair.nllDifference; // b beside a
    const QString a = nameOf(pair.a);
    const QString b = nameOf(pair.b);
    PairSentence said;
    said.sentence = AgreementCard::tr("From %1 to %2 the perplexity changes by %3: %4.")
                        .arg(a, b, changeText(by), pValueText(pair.p));
    said.limits = pair.nllInterval
        ? AgreementCard::tr(
              "95 % interval from %1 to %2, by the mean loss of the same windows (Student, "
              "paired). Above 0, what %3 knew of this text is forgotten by %4.")
              .arg(changeText(-pair.nllInterval->high), changeText(-pair.nllInterval->low), a, b)
        : AgreementCard::tr("One window alone has no interval.");
    return said;
}

} // namespace

QString pNumberText(double p)
{
    constexpr double kLeast = 0.001; // below it digits tell nothing
    constexpr double kFew = 0.0995; // two digits of what is above
    return p < kLeast ? AgreementCard::tr("< 0.001")
        : p < kFew    ? QString::fromStdString(core::fixedText(p, 3))
                      : formatNumber(p, 2);
}

QString pValueText(double p)
{
    return p < 0.001 ? AgreementCard::tr("p < 0.001")
                     : AgreementCard::tr("p = %1").arg(pNumberText(p));
}

PairSentence sentenceOf(const core::ModelPair& pair, const core::Claim& claim, int pairs,
                        bool isWhole)
{
    if (pair.nllDifference) {
        return perplexitySentence(pair);
    }
    const std::int64_t differing = pair.answers.onlyA + pair.answers.onlyB;
    PairSentence said;
    if (pair.answers.questions() == 0) {
        said.sentence = AgreementCard::tr("No question is answered by both yet.");
        return said;
    }
    const QString better = nameOf(pair.answers.onlyA >= pair.answers.onlyB ? pair.a : pair.b);
    if (pair.tooFewToTell()) {
        said.sentence = AgreementCard::tr("Too few to tell: the two differ on %1 questions.",
                                          nullptr, pluralOf(differing))
                            .arg(formatCount(differing));
        said.limits = AgreementCard::tr("Below %1 of them McNemar's test tells nothing.")
                          .arg(formatCount(core::kFewestDiffering));
    } else {
        switch (claim.verdict) {
        case core::Verdict::Shows:
            said.sentence = AgreementCard::tr("%1 is better on these questions: %2.")
                                .arg(better, pValueText(pair.p));
            break;
        case core::Verdict::Suggests:
            said.sentence = AgreementCard::tr("%1 may be better on these questions: %2.")
                                .arg(better, pValueText(pair.p));
            break;
        case core::Verdict::NoDifference:
            said.sentence = AgreementCard::tr("No difference can be shown on these questions: %1.")
                                .arg(pValueText(pair.p));
            break;
        }
        said.limits =
            AgreementCard::tr("McNemar, exact, two-sided: %1 against %2 where only one is right.")
                .arg(formatCount(pair.answers.onlyA), formatCount(pair.answers.onlyB));
        if (pairs > 1) {
            said.limits = AgreementCard::tr("%1 With Holm's correction over %2 pairs %3.", nullptr,
                                            pluralOf(pairs))
                              .arg(said.limits, formatCount(pairs), pValueText(claim.adjustedP));
        }
    }
    if (!isWhole) {
        said.limits = AgreementCard::tr("%1 Not all is answered yet.").arg(said.limits);
    }
    return said;
}

AgreementCard::AgreementCard(QWidget* parent)
    : Card(tr("Pair"), parent)
    , m_sentence(new QLabel)
    , m_limits(new QLabel)
    , m_pairs(new QTableWidget)
{
    m_grid = buildGrid();
    m_sentence->setObjectName(QStringLiteral("evaluate.sentence"));
    m_sentence->setTextFormat(Qt::PlainText);
    m_sentence->setWordWrap(true);
    m_sentence->setTextInteractionFlags(Qt::TextSelectableByMouse);
    setRole(m_sentence, "figure");
    m_limits->setObjectName(QStringLiteral("evaluate.limits"));
    m_limits->setTextFormat(Qt::PlainText);
    m_limits->setWordWrap(true);
    setRole(m_limits, "muted");
    buildPairs();
    auto* content = new QWidget;
    auto* rows = new QVBoxLayout(content);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(8);
    rows->addWidget(m_grid);
    rows->addWidget(m_sentence);
    rows->addWidget(m_limits);
    rows->addWidget(m_pairs, 1);
    rows->addStretch(0);
    body()->addWidget(scrollColumn(content), 1); // a low window has no room for all of it
    show();
}

QWidget* AgreementCard::buildGrid()
{
    auto* grid = new QWidget;
    auto* cells = new QGridLayout(grid);
    cells->setContentsMargins(0, 0, 0, 0);
    cells->setSpacing(2);
    for (QLabel*& head : m_heads) {
        head = new QLabel;
        setRole(head, "muted");
        head->setAlignment(Qt::AlignCenter);
        head->setWordWrap(true);
    }
    for (const int row : {2, 3}) {
        m_heads[static_cast<std::size_t>(row)]->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        m_heads[static_cast<std::size_t>(row)]->setContentsMargins(0, 0, scaled(8), 0);
    }
    // A's rows below B's columns.
    cells->addWidget(m_heads[0], 0, 1);
    cells->addWidget(m_heads[1], 0, 2);
    cells->addWidget(m_heads[2], 1, 0);
    cells->addWidget(m_heads[3], 2, 0);
    const char* const names[] {"evaluate.both", "evaluate.onlyA", "evaluate.onlyB",
                               "evaluate.none"};
    const QString spoken[] {tr("Questions that both solve"), tr("Questions that only A solves"),
                            tr("Questions that only B solves"), tr("Questions that none solves")};
    for (std::size_t i = 0; i < m_cells.size(); ++i) {
        auto* cell = new QPushButton;
        cell->setObjectName(QLatin1String(names[i]));
        cell->setAccessibleName(spoken[i]);
        cell->setCheckable(true);
        cell->setMinimumHeight(scaled(kCellHeight));
        QFont bold = sized(cell->font(), 15);
        bold.setWeight(QFont::DemiBold);
        cell->setFont(bold);
        cells->addWidget(cell, i == 0 || i == 1 ? 1 : 2, i == 0 || i == 2 ? 1 : 2);
        m_cells[i] = cell;
        connect(cell, &QPushButton::clicked, this, [this, i] {
            setFilter(kCells[i]);
            Q_EMIT filterChosen(kCells[i]);
        });
    }
    cells->setColumnStretch(0, 2);
    cells->setColumnStretch(1, 3);
    cells->setColumnStretch(2, 3);
    return grid;
}

void AgreementCard::buildPairs()
{
    m_pairs->setObjectName(QStringLiteral("evaluate.pairs"));
    m_pairs->setAccessibleName(tr("Every two models"));
    m_pairs->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_pairs->setSelectionMode(QAbstractItemView::SingleSelection);
    m_pairs->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_pairs->setTabKeyNavigation(false);
    m_pairs->setShowGrid(false);
    m_pairs->setFrameShape(QFrame::NoFrame);
    m_pairs->verticalHeader()->hide();
    m_pairs->verticalHeader()->setDefaultSectionSize(scaled(kRowHeight));
    m_pairs->setMinimumHeight(scaled(3 * kRowHeight));
    m_pairs->setTextElideMode(Qt::ElideMiddle);
    m_pairs->setColumnCount(4);
    m_pairs->horizontalHeader()->setHighlightSections(false);
    m_pairs->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_pairs->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    for (int column = 1; column < 4; ++column) {
        m_pairs->setItemDelegateForColumn(column, new FigureDelegate(m_pairs));
    }
    connect(m_pairs, &QTableWidget::currentCellChanged, this,
            [this](int row, int, int before, int) {
                if (row != before && row >= 0) {
                    setPair(row);
                }
            });
}

void AgreementCard::showTask(const TaskPicturePtr& task, const std::vector<ModelLook>& looks)
{
    const bool isOther = (m_task ? m_task->folder : QString()) != (task ? task->folder : QString());
    m_task = task;
    m_looks = looks;
    const int pairs = m_task ? static_cast<int>(m_task->evaluation.summary.pairs.size()) : 0;
    if (isOther || m_pair >= pairs || m_pair < 0) { // the last are no base
        m_pair = pairs - 1;
    }
    show();
}

void AgreementCard::setPair(int pair)
{
    if (pair != m_pair) {
        m_pair = pair;
        show();
        Q_EMIT pairChosen(pair);
    }
}

void AgreementCard::setFilter(AnswerFilter filter)
{
    m_filter = filter;
    for (std::size_t i = 0; i < m_cells.size(); ++i) {
        m_cells[i]->setChecked(kCells[i] == filter);
    }
}

QString AgreementCard::sentence() const
{
    return m_sentence->text();
}

void AgreementCard::show()
{
    const bool any = m_task && m_pair >= 0;
    showPairs();
    const bool isTalk = m_task && m_task->task() == fromView(core::kMtBench);
    m_pairs->setVisible(any && !isTalk && m_task->evaluation.summary.pairs.size() > 1);
    if (!any) {
        setTitle(tr("Pair"));
        setSubtitle({});
        m_grid->hide();
        m_sentence->setText({});
        m_limits->setText(tr("Two models or more are laid beside one another here."));
        return;
    }
    const core::EvaluationSummary& summary = m_task->evaluation.summary;
    const auto at = static_cast<std::size_t>(m_pair);
    const core::ModelPair& pair = summary.pairs[at];
    setTitle(tr("%1 against %2").arg(nameOf(pair.a), nameOf(pair.b)));
    const QString title = titleOfTask(m_task->evaluation.spec);
    setSubtitle(pair.nllDifference ? tr("%1, window by window").arg(title)
                                   : tr("%1, question by question").arg(title));
    m_grid->setVisible(!pair.nllDifference && !isTalk);
    if (isTalk) {
        m_sentence->setText(tr("These answers are judged afterwards."));
        m_limits->setText(
            tr("No rule tells which is right: judge them below, side by side, or have "
               "a model judge them with pissarro-cli judge."));
        return;
    }
    showGrid(pair);
    const PairSentence said =
        sentenceOf(pair, at < m_task->claims.size() ? m_task->claims[at] : core::Claim(),
                   static_cast<int>(summary.pairs.size()), m_task->isWhole());
    m_sentence->setText(said.sentence);
    m_limits->setText(said.limits);
}

void AgreementCard::showGrid(const core::ModelPair& pair)
{
    const QString a = nameOf(pair.a);
    const QString b = nameOf(pair.b);
    m_heads[0]->setText(tr("%1 right").arg(b));
    m_heads[1]->setText(tr("%1 wrong").arg(b));
    m_heads[2]->setText(tr("%1 right").arg(a));
    m_heads[3]->setText(tr("%1 wrong").arg(a));
    const std::int64_t counts[] {pair.answers.both, pair.answers.onlyA, pair.answers.onlyB,
                                 pair.answers.none};
    const QString names[] {tr("Both right"), tr("Only %1 right").arg(a), tr("Only %1 right").arg(b),
                           tr("Neither right")};
    const QString keys[] {QStringLiteral("4"), QStringLiteral("2"), QStringLiteral("3"),
                          QStringLiteral("5")};
    const auto inkOf = [this](const QString& name) {
        const auto found = std::find_if(m_looks.begin(), m_looks.end(),
                                        [&name](const ModelLook& one) { return one.name == name; });
        return found == m_looks.end() ? Theme::instance().colors().text : found->color;
    };
    const QColor text = Theme::instance().colors().text;
    const QColor inks[] {text, inkOf(a), inkOf(b), text}; // what one alone solved in its colour
    for (std::size_t i = 0; i < m_cells.size(); ++i) {
        const QString ink = QStringLiteral("color: %1").arg(inks[i].name());
        if (m_cells[i]->styleSheet() != ink) {
            m_cells[i]->setStyleSheet(ink);
        }
        m_cells[i]->setText(formatCount(counts[i]));
        m_cells[i]->setAccessibleName(tr("%1: %2").arg(names[i], formatCount(counts[i])));
        m_cells[i]->setToolTip(tr("%1: list these questions (%2)").arg(names[i], keys[i]));
    }
}

// Heads that lie as the figures below them do, and say what those are: answers, or a loss.
void AgreementCard::showHeads(bool isLoss)
{
    const QString texts[] {tr("Pair"), tr("only first"),
                           isLoss ? tr("perplexity") : tr("only second"),
                           isLoss ? tr("p") : tr("p, Holm")};
    for (int column = 0; column < 4; ++column) {
        auto* head = new QTableWidgetItem(texts[column]);
        head->setTextAlignment((column == 0 ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
        m_pairs->setHorizontalHeaderItem(column, head);
    }
    m_pairs->setColumnHidden(1, isLoss);
}

void AgreementCard::showPairs()
{
    const QSignalBlocker quiet(m_pairs);
    const auto& pairs = m_task ? m_task->evaluation.summary.pairs : std::vector<core::ModelPair>();
    const bool areLosses = !pairs.empty() && pairs.front().nllDifference.has_value();
    showHeads(areLosses);
    m_pairs->setRowCount(static_cast<int>(pairs.size()));
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        const core::ModelPair& pair = pairs[i];
        const double p =
            areLosses || i >= m_task->claims.size() ? pair.p : m_task->claims[i].adjustedP;
        const bool isLoss = pair.nllDifference.has_value();
        const QString texts[] {
            tr("%1, %2").arg(nameOf(pair.a), nameOf(pair.b)), formatCount(pair.answers.onlyA),
            isLoss ? changeText(-*pair.nllDifference) : formatCount(pair.answers.onlyB),
            pair.tooFewToTell() ? tr("too few") : pNumberText(p)};
        for (int column = 0; column < 4; ++column) {
            auto* item = new QTableWidgetItem(texts[column]);
            item->setTextAlignment((column == 0 ? Qt::AlignLeft : Qt::AlignRight)
                                   | Qt::AlignVCenter);
            m_pairs->setItem(static_cast<int>(i), column, item);
        }
    }
    if (m_pair >= 0) {
        m_pairs->setCurrentCell(m_pair, 0);
    }
}

} // namespace pissarro::ui
