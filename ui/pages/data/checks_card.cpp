// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/data/checks_card.h"

#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/look/theme.h"
#include "ui/services/data.h"
#include "ui/widgets/file_dialogs.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QFileInfo>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>

namespace pissarro::ui {

namespace {

constexpr int kCheck = Qt::UserRole; // of an item: what it is
constexpr int kLine = Qt::UserRole; // of a found row: its line
constexpr std::size_t kMostFound = 200;

QString oneLine(const std::string& text)
{
    return QString::fromStdString(text).simplified().left(200);
}

} // namespace

ChecksCard::ChecksCard(Data& source, QWidget* parent)
    : Card(tr("Checks"), parent)
    , m_data(source)
    , m_checks(new QListWidget)
    , m_found(new QListWidget)
    , m_state(new QLabel)
    , m_test(new QPushButton(tr("Add test set…")))
    , m_cancel(new QPushButton(tr("Cancel")))
    , m_save(new QPushButton(tr("Save bad rows…")))
{
    setObjectName(QStringLiteral("data.checksCard"));
    m_checks->setObjectName(QStringLiteral("data.checks"));
    m_checks->setAccessibleName(tr("Checks and how many rows they found"));
    m_found->setObjectName(QStringLiteral("data.found"));
    m_found->setAccessibleName(tr("Rows that the chosen check found"));
    m_found->setToolTip(tr("Enter or a double click shows the row"));
    for (QListWidget* list : {m_checks, m_found}) {
        list->setTextElideMode(Qt::ElideRight);
        list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        list->setUniformItemSizes(true);
        list->setFrameStyle(QFrame::NoFrame);
    }
    m_state->setObjectName(QStringLiteral("data.checks.state"));
    m_state->setWordWrap(true);
    m_state->setTextFormat(Qt::PlainText);
    setRole(m_state, "muted");
    m_test->setObjectName(QStringLiteral("data.testSet"));
    m_test->setToolTip(
        tr("A file of test rows: rows that share 13 words in a row with one of them are found"));
    m_cancel->setObjectName(QStringLiteral("data.checks.cancel"));
    m_save->setObjectName(QStringLiteral("data.badRows"));
    m_save->setToolTip(tr("Every row that cannot be read, with its line and the reason"));
    m_cancel->hide();
    m_save->hide();
    addTitleWidget(m_save);
    addTitleWidget(m_cancel);
    addTitleWidget(m_test);
    body()->addWidget(m_checks, 3);
    body()->addWidget(m_found, 2);
    body()->addWidget(m_state);
    connect(m_test, &QPushButton::clicked, this, &ChecksCard::chooseTestSet);
    connect(m_cancel, &QPushButton::clicked, &m_data, &Data::cancelChecks);
    connect(m_save, &QPushButton::clicked, this, &ChecksCard::saveBadRowsWanted);
    connect(m_checks, &QListWidget::currentRowChanged, this, &ChecksCard::showFound);
    connect(m_found, &QListWidget::itemActivated, this, [this](const QListWidgetItem* item) {
        Q_EMIT lineChosen(item->data(kLine).toLongLong());
    });
    connect(&m_data, &Data::checksChanged, this, &ChecksCard::showData);
}

void ChecksCard::chooseTestSet()
{
    if (!m_data.testSet().isEmpty()) {
        m_data.setTestSet({});
        return;
    }
    askToOpen(this, tr("Test set"), dataFilter(),
              [this](const QString& path) { m_data.setTestSet(path); });
}

void ChecksCard::addCheck(Check check, std::int64_t count, const QString& text)
{
    auto* item = new QListWidgetItem(count > 0 ? tr("⚠ %1: %2").arg(text, formatCount(count))
                                               : tr("✓ %1: %2").arg(text, formatCount(count)));
    item->setData(kCheck, static_cast<int>(check));
    item->setForeground(count > 0 ? Theme::instance().colors().warn
                                  : Theme::instance().colors().muted);
    m_checks->addItem(item);
}

void ChecksCard::showData()
{
    const QListWidgetItem* chosen = m_checks->currentItem();
    const int before = chosen != nullptr ? chosen->data(kCheck).toInt() : -1;
    {
        const QSignalBlocker quiet(m_checks);
        m_checks->clear();
        const auto whole = m_data.whole();
        if (whole) {
            const core::CutFigures& cut = m_data.cost().cut;
            addCheck(Bad, whole->bad.count, tr("Rows that cannot be read, left out"));
            addCheck(Cut, cut.cut, tr("Cut before the end"));
            if (!m_data.sortsTexts()) {
                addCheck(LeftOut, cut.leftOut, tr("Cut so that nothing to learn is left"));
            }
        }
        if (const auto& duplicates = m_data.duplicates()) {
            addCheck(Repeated, duplicates->rows, tr("Repeated rows"));
            addCheck(SameQuestion, duplicates->sameQuestion,
                     m_data.sortsTexts() ? tr("Other labels of a text")
                                         : tr("Other answers to a question"));
        }
        if (const auto& checks = m_data.checks()) {
            addCheck(Empty, checks->emptyAnswers.count, tr("Empty answers"));
            addCheck(Invisible, checks->invisible.count,
                     tr("Invisible characters (U+00A0, U+200B …)"));
            if (checks->testRows > 0) {
                addCheck(Near, checks->near, tr("Near a test row, 13 words in a row"));
            }
        }
        for (int row = 0; row < m_checks->count(); ++row) {
            if (m_checks->item(row)->data(kCheck).toInt() == before) {
                m_checks->setCurrentRow(row);
            }
        }
        m_save->setVisible(whole && whole->bad.count > 0);
    }
    showState();
    showFound();
}

void ChecksCard::showState()
{
    const bool hasTest = !m_data.testSet().isEmpty();
    m_test->setText(hasTest ? tr("Remove test set") : tr("Add test set…"));
    m_test->setVisible(!m_data.sortsTexts()); // the words of questions and answers are compared
    m_cancel->setVisible(m_data.isChecking());
    setSubtitle(hasTest ? QFileInfo(m_data.testSet()).fileName() : QString());
    setProblem(m_data.checksProblem());
    m_state->setText(m_data.isChecking()   ? tr("looking through the rows…")
                         : !m_data.whole() ? tr("Checks come here once rows are in tokens.")
                                           : QString());
    m_state->setVisible(!m_state->text().isEmpty());
}

void ChecksCard::addFound(std::int64_t line, const QString& text)
{
    auto* item = new QListWidgetItem(tr("line %1 · %2").arg(formatCount(line), text));
    item->setData(kLine, static_cast<qlonglong>(line));
    item->setToolTip(item->text());
    m_found->addItem(item);
}

void ChecksCard::showFound()
{
    m_found->clear();
    const QListWidgetItem* chosen = m_checks->currentItem();
    if (chosen != nullptr && m_data.whole()) {
        showFoundOf(static_cast<Check>(chosen->data(kCheck).toInt()));
    }
    m_found->setVisible(m_found->count() > 0);
}

void ChecksCard::showFoundOf(Check check)
{
    const auto whole = m_data.whole();
    const auto& examples = whole->examples;
    const auto lineOf = [&](std::int64_t example) {
        return examples[static_cast<std::size_t>(example)].place.line;
    };
    const auto addLines = [this](const core::FoundRows& found, const QString& what) {
        for (const std::int64_t line : found.lines) {
            addFound(line, what);
        }
    };
    switch (check) {
    case Bad:
        for (const core::BadRow& row : whole->bad.first) {
            addFound(row.line, oneLine(row.why));
        }
        break;
    case Cut:
    case LeftOut: {
        const auto limit = static_cast<std::size_t>(m_data.maxLength());
        for (std::size_t i = 0;
             i < examples.size() && m_found->count() < static_cast<int>(kMostFound); ++i) {
            const core::Example& example = examples[i];
            const bool isOut = static_cast<std::size_t>(example.promptTokens) >= limit;
            if (example.ids.size() > limit && (check == Cut || isOut)) {
                const auto tokens = static_cast<std::int64_t>(example.ids.size());
                addFound(example.place.line,
                         tr("%1 tokens", nullptr, pluralOf(tokens)).arg(formatCount(tokens)));
            }
        }
        break;
    }
    case Repeated:
        for (const auto& pair : m_data.duplicates()->pairs) {
            addFound(lineOf(pair.again), tr("as line %1").arg(formatCount(lineOf(pair.first))));
        }
        break;
    case Empty:
        addLines(m_data.checks()->emptyAnswers, tr("the answer is empty"));
        break;
    case Invisible:
        addLines(m_data.checks()->invisible, tr("holds characters that are not seen"));
        break;
    case Near:
        for (const core::SharedText& one : m_data.checks()->shared) {
            addFound(
                one.line,
                tr("test line %1 · %2 of its words · «%3»")
                    .arg(formatCount(one.testLine), formatPercent(one.share), oneLine(one.shared)));
        }
        break;
    case SameQuestion:
    case CheckCount:
        break;
    }
}

} // namespace pissarro::ui
