// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/data/source_card.h"

#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/pages/data/column_list.h"
#include "ui/services/data.h"
#include "ui/widgets/file_dialogs.h"
#include "ui/widgets/form_field.h"
#include "ui/widgets/number_edit.h"
#include "ui/widgets/scroll_column.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/format.h"
#include "ui/words/language.h"
#include "ui/words/message.h"

#include <QLabel>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

#include <algorithm>

namespace pissarro::ui {

namespace {

constexpr int kShortest = 2;
constexpr int kLongest = 1'048'576;

QStringList templateWords()
{
    QStringList words;
    for (const core::PromptTemplate one : core::allPromptTemplates()) {
        words << (one == core::PromptTemplate::Alpaca      ? SourceCard::tr("Alpaca")
                      : one == core::PromptTemplate::Chat  ? SourceCard::tr("chat")
                      : one == core::PromptTemplate::Plain ? SourceCard::tr("plain")
                                                           : fromView(one.info().title));
    }
    return words;
}

QStringList learnedWords()
{
    return {SourceCard::tr("every answer"), SourceCard::tr("the last")};
}

} // namespace

SourceCard::SourceCard(Data& source, QWidget* parent)
    : Card(tr("Data set"), parent)
    , m_data(source)
    , m_path(new PathField(QStringLiteral("data.path"), tr("Data file"), PathField::Kind::OpenFile,
                           dataFilter()))
    , m_kind(new QLabel)
    , m_columns(new ColumnList)
    , m_template(
          new SegmentedControl(QStringLiteral("data.template"), tr("Template"), templateWords()))
    , m_learned(new SegmentedControl(QStringLiteral("data.learned"), tr("Answers that are learned"),
                                     learnedWords()))
    , m_length(new WholeEdit)
    , m_totals(new QLabel)
    , m_train(new QPushButton(tr("Train on this")))
    , m_copy(new QPushButton(tr("Copy as command")))
{
    setObjectName(QStringLiteral("data.source"));
    m_kind->setObjectName(QStringLiteral("data.kind"));
    m_totals->setObjectName(QStringLiteral("data.totals"));
    for (QLabel* label : {m_kind, m_totals}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        setRole(label, "muted");
    }
    m_train->setObjectName(QStringLiteral("data.train"));
    m_train->setProperty("kind", QByteArray("primary"));
    m_copy->setObjectName(QStringLiteral("data.copy"));
    m_length->setObjectName(QStringLiteral("data.maxLength"));
    m_length->setAccessibleName(tr("Longest row, in tokens"));
    m_length->setLimits(kShortest, kLongest);
    m_length->setValue(
        static_cast<int>(m_data.maxLength())); // what is wrong stays until it is mended
    m_length->setKeyboardTracking(false);
    buildForm();
    connectWidgets();
}

void SourceCard::connectWidgets()
{
    connect(m_path, &PathField::pathEdited, this, &SourceCard::pathChosen);
    connect(m_columns, &ColumnList::chosen, this, [this](const core::ColumnMap& map) {
        DataReading reading = m_data.reading();
        reading.columns = map;
        m_data.setReading(reading);
        m_data.tellSettings();
    });
    connect(m_template, &SegmentedControl::changed, this, [this](int choice) {
        if (!m_filling) {
            m_data.setPromptTemplate(core::allPromptTemplates()[static_cast<std::size_t>(choice)]);
            m_data.tellSettings();
        }
    });
    connect(m_learned, &SegmentedControl::changed, this, [this](int choice) {
        if (!m_filling) {
            DataReading reading = m_data.reading();
            reading.learned = choice == 0 ? core::LearnedTurns::All : core::LearnedTurns::Last;
            m_data.setReading(reading);
            m_data.tellSettings();
        }
    });
    const auto frame = [this] {
        setFrame(*m_length, tr("%1 tokens", nullptr, pluralOf(m_length->value())));
    };
    frame();
    connect(m_length, &QSpinBox::valueChanged, this, frame);
    connect(m_length, &QSpinBox::valueChanged, this, [this](int length) {
        if (!m_filling && m_length->problem().isEmpty()) {
            m_data.setMaxLength(length);
            m_data.tellSettings();
        }
        m_lengthRow->setProblem(m_length->problem());
    });
}

void SourceCard::buildForm()
{
    auto* form = new QWidget;
    auto* rows = new QVBoxLayout(form);
    rows->setContentsMargins(0, 0, scaled(6), 0);
    rows->setSpacing(scaled(10));
    rows->addWidget(m_path);
    rows->addWidget(m_kind);
    auto* columns = new QLabel(tr("Columns"));
    setRole(columns, "title");
    rows->addWidget(columns);
    rows->addWidget(m_columns);
    m_templateRow = new FormField(tr("Template"), {m_template});
    rows->addWidget(m_templateRow);
    m_learnedRow = new FormField(tr("Loss on"), {m_learned});
    rows->addWidget(m_learnedRow);
    m_lengthRow = new FormField(tr("Longest row"), {m_length});
    rows->addWidget(m_lengthRow);
    rows->addStretch(1);
    m_form = form;
    m_area = scrollColumn(form);
    body()->addWidget(m_area, 1);
    body()->addWidget(m_totals);
    body()->addWidget(m_train);
    body()->addWidget(m_copy);
}

void SourceCard::showData()
{
    {
        const QScopedValueRollback<bool> filling(m_filling, true);
        m_path->setPath(m_data.path());
        const auto& all = core::allPromptTemplates();
        const auto chosen = std::find(all.begin(), all.end(), m_data.promptTemplate());
        m_template->setCurrent(static_cast<int>(chosen - all.begin()));
        m_learned->setCurrent(m_data.reading().learned == core::LearnedTurns::All ? 0 : 1);
        if (m_length->problem().isEmpty()) {
            m_length->setValue(static_cast<int>(m_data.maxLength()));
        }
    }
    const bool sorts = m_data.sortsTexts();
    m_templateRow->setVisible(!sorts);
    m_learnedRow->setVisible(!sorts && m_data.promptTemplate().isModels());
    const auto head = m_data.head();
    m_columns->setColumns(head ? head->columns : std::vector<std::string>(),
                          m_data.reading().columns,
                          sorts ? ColumnList::Kind::Labels : ColumnList::Kind::Answers);
    showFacts();
    showTotals();
    // Its neighbours may ask for much: what stands here is never cut at the side.
    m_area->setMinimumWidth(m_form->minimumSizeHint().width()
                            + m_area->verticalScrollBar()->sizeHint().width());
}

void SourceCard::showFacts()
{
    const auto head = m_data.head();
    const auto whole = m_data.whole();
    if (whole) {
        m_kind->setText(tr("%1 · %2 rows", nullptr, pluralOf(whole->summary.rows))
                            .arg(messageText(whole->kind), formatCount(whole->summary.rows)));
    } else if (head) {
        const auto rows = static_cast<std::int64_t>(head->rows.size());
        const QString kind = messageText(head->kind);
        m_kind->setText(
            head->isAll ? tr("%1 · %2 rows", nullptr, pluralOf(rows)).arg(kind, formatCount(rows))
                        : tr("%1 · the first %2 rows are read", nullptr, pluralOf(rows))
                              .arg(kind, formatCount(rows)));
    } else {
        m_kind->setText(m_data.isRunning() ? tr("reading…") : QString());
    }
}

void SourceCard::showTotals()
{
    const auto whole = m_data.whole();
    m_train->setEnabled(m_data.tokenized() != nullptr);
    if (!whole) {
        m_lengthRow->setNote({});
        m_totals->setText(m_data.problem());
        return;
    }
    const core::CutFigures& cut = m_data.cost().cut;
    const std::int64_t batch = m_data.batchSize();
    const double share =
        cut.rows > 0 ? static_cast<double>(cut.cut) / static_cast<double>(cut.rows) : 0.0;
    m_lengthRow->setNote(cut.cut == 0 ? tr("no row is cut")
                                      : tr("%1 rows are cut (%2)", nullptr, pluralOf(cut.cut))
                                            .arg(formatCount(cut.cut), formatPercent(share)));
    const std::int64_t rows = cut.rows - cut.leftOut;
    const double counted = cut.tokens > 0
        ? static_cast<double>(cut.lossTokens) / static_cast<double>(cut.tokens)
        : 0.0;
    QStringList totals {tr("Rows for training: %1").arg(formatCount(rows)),
                        tr("Tokens in an epoch: %1").arg(formatCount(cut.tokens))};
    if (!m_data.sortsTexts()) { // of a text that is judged as a whole no token counts
        totals << tr("Of them count for the loss: %1").arg(formatPercent(counted));
    }
    totals << tr("Batches in an epoch, %1 rows each: %2", nullptr, pluralOf(batch))
                  .arg(formatCount(batch), formatCount((rows + batch - 1) / batch))
           << tr("Padding of a batch: %1").arg(formatPercent(m_data.cost().padding));
    m_totals->setText(totals.join(QLatin1Char('\n')));
}

} // namespace pissarro::ui
