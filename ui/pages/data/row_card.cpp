// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/data/row_card.h"

#include "core/base/error.h"
#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/look/theme.h"
#include "ui/services/data.h"
#include "ui/views/sample_view.h"
#include "ui/widgets/page_splitter.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QKeyEvent>
#include <QLabel>
#include <QSplitter>
#include <QTextCursor>
#include <QTextEdit>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr std::size_t kMostTokens = 20'000; // of a row that is shown
constexpr std::size_t kMostColumns = 40; // of a row of the file
constexpr std::size_t kMostWalked = 2'000; // rows by length or by chance
constexpr double kLineHeight = 150.0; // percent: room for the tint between lines

QString withSigns(QString text)
{
    return text.replace(QLatin1Char('\n'), QStringLiteral("⏎\u2028")); // a break inside the block
}

QWidget* titled(const QString& title, QWidget* content)
{
    auto* box = new QWidget;
    auto* rows = new QVBoxLayout(box);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(scaled(6));
    auto* label = new QLabel(title);
    setRole(label, "title");
    rows->addWidget(label);
    rows->addWidget(content, 1);
    return box;
}

} // namespace

QVector<ReadPart> readParts(const core::Example& example, const core::Tokenizer& tokenizer,
                            std::int64_t maxLength)
{
    const bool ends = !example.ids.empty() && example.ids.size() <= kMostTokens
        && example.ids.back() == tokenizer.eosId();
    const std::size_t size = std::min(example.ids.size() - (ends ? 1 : 0), kMostTokens);
    const auto limit = static_cast<std::size_t>(std::max<std::int64_t>(maxLength, 0));
    QVector<ReadPart> parts = readParts(example, tokenizer, size, limit);
    if (ends) {
        parts.append({kEndSign, example.isLearned(size), size >= limit});
    }
    return parts;
}

RowCard::RowCard(Data& source, QWidget* parent)
    : Card(tr("A row on its way to the loss"), parent)
    , m_data(source)
    , m_file(new QTextEdit)
    , m_read(new SampleView)
    , m_counts(new QLabel)
    , m_which(new SegmentedControl(
          QStringLiteral("data.which"), tr("Which rows are walked"),
          {tr("shortest"), tr("longest"), tr("cut"), tr("random"), tr("as in the file")}))
    , m_previous(turnButton(QStringLiteral("data.row.previous"), QStringLiteral("‹"),
                            tr("Previous row"), tr("Previous row (Left)")))
    , m_next(turnButton(QStringLiteral("data.row.next"), QStringLiteral("›"), tr("Next row"),
                        tr("Next row (Right)")))
{
    setObjectName(QStringLiteral("data.row"));
    m_file->setObjectName(QStringLiteral("data.row.file"));
    m_file->setAccessibleName(tr("The row as it stands in the file"));
    m_read->setObjectName(QStringLiteral("data.row.read"));
    m_read->setAccessibleName(tr("Tokens of the row; those that count for the loss are tinted"));
    makePlain(m_file);
    makePlain(m_read);
    m_counts->setObjectName(QStringLiteral("data.row.counts"));
    m_counts->setTextFormat(Qt::PlainText);
    m_counts->setWordWrap(true);
    setRole(m_counts, "muted");
    for (QWidget* one : std::initializer_list<QWidget*> {m_which, m_previous, m_next}) {
        addTitleWidget(one);
    }
    auto* read = new QWidget;
    auto* rows = new QVBoxLayout(read);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->addWidget(m_read, 1);
    rows->addWidget(m_counts);
    body()->addWidget(pageSplitter("data.sides", Qt::Horizontal, titled(tr("In the file"), m_file),
                                   titled(tr("What the model reads"), read), {360, 560}),
                      1);
    for (QTextEdit* text : {m_file, static_cast<QTextEdit*>(m_read)}) {
        text->installEventFilter(this);
    }
    connect(m_previous, &QToolButton::clicked, this, [this] { step(-1); });
    connect(m_next, &QToolButton::clicked, this, [this] { step(1); });
    connect(m_which, &SegmentedControl::changed, this, [this] {
        m_rows.reset();
        m_at = 0;
        showData();
    });
    connect(&m_data, &Data::rowRead, this, [this](quint64 row, const core::DataHead& head) {
        if (static_cast<std::int64_t>(row) == example()) {
            showFileRow(head, 0);
        }
    });
    connect(&m_data, &Data::rowNotRead, this, [this](quint64 row, const QString& why) {
        if (static_cast<std::int64_t>(row) == example()) {
            m_file->setPlainText(why);
        }
    });
    connect(&Theme::instance(), &Theme::changed, this, &RowCard::showRow);
}

void RowCard::setTokenizer(std::shared_ptr<const core::Tokenizer> tokenizer)
{
    m_tokenizer = std::move(tokenizer);
}

std::int64_t RowCard::example() const
{
    return m_at < m_order.size() ? static_cast<std::int64_t>(m_order[m_at]) : -1;
}

void RowCard::showData()
{
    const auto whole = m_data.whole();
    if (!whole || !m_tokenizer) {
        m_rows.reset();
        m_order.clear();
        showHead();
        return;
    }
    const std::int64_t before = example();
    const bool isNew = std::exchange(m_rows, whole) != whole;
    const bool isCut = std::exchange(m_orderedFor, m_data.maxLength()) != m_data.maxLength();
    if (isNew || (isCut && m_which->current() == Cut)) {
        order();
        const auto found = isNew
            ? m_order.end()
            : std::find(m_order.begin(), m_order.end(), static_cast<std::size_t>(before));
        m_at = found == m_order.end() ? 0 : static_cast<std::size_t>(found - m_order.begin());
    }
    showRow();
}

void RowCard::order()
{
    const auto& examples = m_rows->examples;
    m_order.resize(examples.size());
    std::iota(m_order.begin(), m_order.end(), std::size_t {0});
    const auto length = [&](std::size_t row) { return examples[row].ids.size(); };
    const auto keepFirst = [this](auto isBefore) { // of millions nobody walks all
        const std::size_t kept = std::min(m_order.size(), kMostWalked);
        std::partial_sort(m_order.begin(), m_order.begin() + static_cast<std::ptrdiff_t>(kept),
                          m_order.end(), isBefore);
        m_order.resize(kept);
    };
    switch (m_which->current()) {
    case Shortest:
        keepFirst([&](std::size_t a, std::size_t b) {
            return std::pair(length(a), a) < std::pair(length(b), b);
        });
        break;
    case Longest:
        keepFirst([&](std::size_t a, std::size_t b) {
            return std::pair(length(b), a) < std::pair(length(a), b);
        });
        break;
    case Cut: {
        const auto limit = static_cast<std::size_t>(m_orderedFor);
        m_order.erase(std::remove_if(m_order.begin(), m_order.end(),
                                     [&](std::size_t row) { return length(row) <= limit; }),
                      m_order.end());
        break;
    }
    case Random: {
        std::vector<std::size_t> some;
        std::sample(m_order.begin(), m_order.end(), std::back_inserter(some), kMostWalked,
                    m_chance);
        std::shuffle(some.begin(), some.end(), m_chance);
        m_order = std::move(some);
        break;
    }
    default:
        break;
    }
}

void RowCard::step(int by)
{
    if (m_order.empty()) {
        return;
    }
    const auto last = static_cast<std::int64_t>(m_order.size()) - 1;
    m_at = static_cast<std::size_t>(
        std::clamp<std::int64_t>(static_cast<std::int64_t>(m_at) + by, 0, last));
    showRow();
}

void RowCard::showLine(std::int64_t line)
{
    if (!m_rows) {
        return;
    }
    const auto& examples = m_rows->examples;
    const auto found = std::find_if(examples.begin(), examples.end(), [&](const auto& example) {
        return example.place.line == line;
    });
    if (found == examples.end()) {
        return;
    }
    m_which->setCurrent(InFile);
    order();
    m_at = static_cast<std::size_t>(found - examples.begin());
    showRow();
}

bool RowCard::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool plain = key->modifiers() == Qt::NoModifier;
        if (plain && (key->key() == Qt::Key_Left || key->key() == Qt::Key_Right)) {
            step(key->key() == Qt::Key_Left ? -1 : 1);
            return true;
        }
    }
    return Card::eventFilter(watched, event);
}

// The first row of the file, so that columns can be chosen before anything is tokenized.
void RowCard::showHead()
{
    m_previous->setEnabled(false);
    m_next->setEnabled(false);
    m_read->setTokens({}, {});
    m_read->clear();
    m_counts->clear();
    setSubtitle({});
    const auto head = m_data.head();
    if (head && !head->rows.empty()) {
        showFileRow(*head, 0);
    } else {
        m_file->clear();
    }
    m_read->setPlaceholderText(m_data.problem().isEmpty()
                                   ? tr("Open a model: its tokens show what it reads.")
                                   : m_data.problem());
}

void RowCard::showFileRow(const core::DataHead& head, std::size_t row)
{
    const Colors& colors = Theme::instance().colors();
    m_file->clear();
    QTextCursor cursor(m_file->document());
    QTextCharFormat name;
    name.setForeground(colors.accent);
    QTextCharFormat text;
    text.setForeground(colors.text);
    const core::DataHead::Row& shown = head.rows[row];
    if (!shown.problem.empty()) {
        cursor.insertText(QString::fromStdString(shown.problem), name);
    }
    for (std::size_t i = 0; i < std::min(shown.values.size(), kMostColumns); ++i) {
        if (i < head.columns.size()) {
            cursor.insertText(cursor.atStart() ? QString() : QStringLiteral("\n\n"), text);
            cursor.insertText(QString::fromStdString(head.columns[i]), name);
        }
        cursor.insertText(QStringLiteral("\n"), text);
        cursor.insertText(withSigns(QString::fromStdString(shown.values[i])), text);
    }
    cursor.movePosition(QTextCursor::Start);
    m_file->setTextCursor(cursor);
}

void RowCard::showRow()
{
    if (!m_rows || m_order.empty()) {
        if (m_rows) {
            m_read->setTokens({}, {});
            m_read->clear();
            m_file->clear();
            m_read->setPlaceholderText(tr("No row is cut at this length."));
            m_counts->clear();
            setSubtitle({});
        }
        return;
    }
    const std::size_t row = m_order[m_at];
    const core::Example& example = m_rows->examples[row];
    m_previous->setEnabled(m_at > 0);
    m_next->setEnabled(m_at + 1 < m_order.size());
    const auto tokens = static_cast<std::int64_t>(example.ids.size());
    const std::int64_t kept = std::min(tokens, m_data.maxLength());
    setSubtitle(tr("line %1 · %2 tokens", nullptr, pluralOf(tokens))
                    .arg(formatCount(example.place.line), formatCount(tokens)));
    if (example.place.size > 0) {
        m_data.readRow(row);
    } else {
        m_file->setPlainText(tr("This row was put together of several messages of the file."));
    }
    m_read->setTokens({}, {}); // those of another text
    try {
        writeParts(readParts(example, *m_tokenizer, m_data.maxLength()));
    } catch (const core::Error& error) { // the rows are good all the same
        m_read->clear();
        m_counts->setText(QString::fromUtf8(error.what()));
        return;
    }
    if (example.target) {
        const QString label = labelText(m_data.labels(), *example.target);
        m_counts->setText(label.isEmpty() ? tr("judged as a whole")
                                          : tr("judged as a whole · label %1").arg(label));
    } else {
        const std::int64_t counted = example.lossTokensWithin(static_cast<std::size_t>(kept));
        showCounts(counted, kept - counted, tokens - kept);
    }
    m_read->setTokens(
        [rows = m_rows, row, words = m_tokenizer] { return tokensOf(rows->examples[row], *words); },
        m_counts->text());
}

void RowCard::writeParts(const QVector<ReadPart>& parts)
{
    const Colors& colors = Theme::instance().colors();
    m_read->clear();
    QTextCursor cursor(m_read->document());
    QTextBlockFormat block;
    block.setLineHeight(kLineHeight, QTextBlockFormat::ProportionalHeight);
    cursor.setBlockFormat(block);
    int learned = 0;
    for (const ReadPart& part : parts) {
        QTextCharFormat format;
        format.setForeground(part.cut ? colors.bad : part.counted ? colors.text : colors.muted);
        format.setFontStrikeOut(part.cut);
        if (part.counted) {
            format.setBackground(tintOf(part.cut ? colors.bad : colors.accent));
            learned = learned == 0 ? cursor.position() : learned;
        }
        cursor.insertText(withSigns(part.text), format);
    }
    cursor.setPosition(learned);
    m_read->setTextCursor(cursor);
    m_read->ensureCursorVisible();
}

void RowCard::showCounts(std::int64_t counted, std::int64_t read, std::int64_t cut)
{
    QString text = tr("%1 tokens count for the loss · %2 are read only", nullptr, pluralOf(counted))
                       .arg(formatCount(counted), formatCount(read));
    if (cut > 0) {
        text = tr("%1 · %2 are cut", nullptr, pluralOf(cut)).arg(text, formatCount(cut));
    }
    m_counts->setText(text);
}

} // namespace pissarro::ui
