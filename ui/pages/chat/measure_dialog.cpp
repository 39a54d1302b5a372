// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat/measure_dialog.h"

#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/services/chat.h"
#include "ui/widgets/figures.h"
#include "ui/words/format.h"

#include <QHeaderView>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

#include <utility>

namespace pissarro::ui {

namespace {

enum Column { Model, OfTokens, OfBytes, ColumnCount };

constexpr int kWidth = 620; // px
constexpr int kHeight = 480;
constexpr int kRowHeight = 28;

QString figure(const std::optional<double>& value)
{
    return value ? formatNumber(*value) : QStringLiteral("–");
}

} // namespace

MeasureDialog::MeasureDialog(Chat& chat, std::function<QString(const ChatColumn&)> titleOf,
                             QWidget* parent)
    : QDialog(parent)
    , m_chat(chat)
    , m_titleOf(std::move(titleOf))
    , m_text(new QPlainTextEdit)
    , m_start(new QPushButton(tr("Measure")))
    , m_table(new QTableWidget)
    , m_line(new QLabel)
{
    setObjectName(QStringLiteral("dialog.measure"));
    setWindowTitle(tr("Perplexity of a text"));
    setAttribute(Qt::WA_DeleteOnClose);
    resize(scaled(kWidth), scaled(kHeight));
    m_text->setObjectName(QStringLiteral("measure.text"));
    m_text->setAccessibleName(tr("Text to be measured"));
    m_text->setPlaceholderText(tr("Paste a text: how surprising it is for each of the models"));
    m_text->setTabChangesFocus(true);
    m_start->setObjectName(QStringLiteral("measure.start"));
    m_start->setProperty("kind", QStringLiteral("primary"));
    m_start->setShortcut(Qt::CTRL | Qt::Key_Return);
    m_start->setToolTip(tr("Measure it under each column (Ctrl+Enter)"));
    m_table->setObjectName(QStringLiteral("measure.table"));
    m_table->setAccessibleName(tr("Perplexity of the text under each model"));
    m_table->setColumnCount(ColumnCount);
    m_table->setHorizontalHeaderLabels({tr("Model"), tr("Perplexity"), tr("Bits per byte")});
    for (int column = 0; column < m_table->columnCount(); ++column) { // as what stands below
        m_table->horizontalHeaderItem(column)->setTextAlignment(
            (column == Model ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    }
    m_table->horizontalHeader()->setSectionResizeMode(Model, QHeaderView::Stretch);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(scaled(kRowHeight));
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setShowGrid(false);
    m_table->setTabKeyNavigation(false);
    for (const Column column : {OfTokens, OfBytes}) {
        m_table->setItemDelegateForColumn(column, new FigureDelegate(m_table));
    }
    m_line->setObjectName(QStringLiteral("measure.line"));
    m_line->setWordWrap(true);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 14, 14, 14);
    layout->setSpacing(12);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_line);
    layout->addWidget(m_start, 0, Qt::AlignRight);
    connect(m_start, &QPushButton::clicked, this, &MeasureDialog::measure);
    connect(m_text, &QPlainTextEdit::textChanged, this, &MeasureDialog::showFigures);
    connect(&chat, &Chat::changed, this, &MeasureDialog::showFigures);
    showFigures();
}

void MeasureDialog::measure()
{
    m_chat.measure(m_text->toPlainText());
}

void MeasureDialog::showFigures()
{
    const std::vector<ChatColumn>& columns = m_chat.columns();
    QString problem;
    m_table->setRowCount(static_cast<int>(columns.size()));
    for (int row = 0; row < m_table->rowCount(); ++row) {
        const ChatColumn& column = columns[static_cast<std::size_t>(row)];
        const core::Perplexity found = column.measured.value_or(core::Perplexity());
        m_table->setItem(row, Model, new QTableWidgetItem(m_titleOf(column)));
        m_table->setItem(row, OfTokens, new QTableWidgetItem(figure(found.perplexity)));
        m_table->setItem(row, OfBytes, new QTableWidgetItem(figure(found.bitsPerByte)));
        problem = problem.isEmpty() ? column.notMeasured : problem;
    }
    const bool busy = m_chat.isMeasuring();
    m_start->setEnabled(!busy && m_chat.canAsk() && !m_text->toPlainText().isEmpty());
    setRole(m_line, problem.isEmpty() ? "muted" : "bad");
    m_line->setText(busy                     ? tr("Reads the text under each model…")
                        : !problem.isEmpty() ? problem
                                             : tr("Tokenizers that differ make perplexities that "
                                                  "cannot be compared; bits per byte can."));
}

} // namespace pissarro::ui
