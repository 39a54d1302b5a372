// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/train/sample_card.h"

#include "core/base/error.h"
#include "ui/look/icons.h"
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/views/sample_parts.h"
#include "ui/views/sample_view.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QKeyEvent>
#include <QLabel>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextFrame>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

namespace pissarro::ui {

namespace {

constexpr int kRoomForPlace = 290; // px: below it the row is told under the text
constexpr double kLineHeight = 150.0; // percent: room for the tint between lines

} // namespace

SampleText sampleText(const core::Example& example, const core::Tokenizer& tokenizer)
{
    SampleText sample;
    std::size_t size = example.ids.size();
    sample.tokens = static_cast<qint64>(size);
    sample.lossTokens = example.lossTokens();
    sample.label = example.target;
    sample.truncated = example.truncated;
    if (size > 0 && example.ids.back() == tokenizer.eosId()) {
        sample.endsWithEos = true;
        --size;
    }
    for (const ReadPart& part : readParts(example, tokenizer, size, size)) {
        const bool before = !part.counted && sample.parts.isEmpty();
        sample.parts.append({part.text, part.counted});
        (before ? sample.prompt : sample.response) += part.text;
    }
    return sample;
}

SampleCard::SampleCard(QWidget* parent)
    : Card(tr("What the loss sees"), parent)
    , m_text(new SampleView)
    , m_count(new QLabel)
    , m_previous(turnButton(QStringLiteral("train.sample.previous"), QStringLiteral("‹"),
                            tr("Previous row"), tr("Previous row (Page Up)")))
    , m_next(turnButton(QStringLiteral("train.sample.next"), QStringLiteral("›"), tr("Next row"),
                        tr("Next row (Page Down)")))
{
    setObjectName(QStringLiteral("train.sample"));
    m_text->setObjectName(QStringLiteral("train.sample.text"));
    m_text->setAccessibleName(tr("Tokens of the row; those that count for the loss are tinted"));
    makePlain(m_text);
    m_text->installEventFilter(this);
    m_count->setObjectName(QStringLiteral("train.sample.count"));
    m_count->setProperty("role", QByteArray("muted"));
    m_count->setWordWrap(true);
    addTitleWidget(m_previous);
    addTitleWidget(m_next);
    body()->addWidget(m_text, 1);
    body()->addWidget(m_count);
    connect(m_previous, &QToolButton::clicked, this, [this] { step(-1); });
    connect(m_next, &QToolButton::clicked, this, [this] { step(1); });
    connect(&Theme::instance(), &Theme::changed, this, &SampleCard::showRow);
}

void SampleCard::setLabels(const core::LabelSet& labels)
{
    m_labels = labels;
}

void SampleCard::setData(std::shared_ptr<const core::TokenizedData> rows,
                         std::shared_ptr<const core::Tokenizer> tokenizer, const QString& hint)
{
    m_data = std::move(rows);
    m_tokenizer = std::move(tokenizer);
    m_text->setPlaceholderText(hint);
    const int last = m_data ? static_cast<int>(m_data->examples.size()) - 1 : 0;
    m_row = std::clamp(m_row, 0, std::max(0, last));
    showRow();
}

void SampleCard::step(int by)
{
    if (m_data && !m_data->examples.empty()) {
        m_row = std::clamp(m_row + by, 0, static_cast<int>(m_data->examples.size()) - 1);
        showRow();
    }
}

bool SampleCard::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Resize) {
        QTimer::singleShot(0, this, &SampleCard::scrollToLoss); // when the text has its new lines
    } else if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_PageUp || key == Qt::Key_PageDown) {
            step(key == Qt::Key_PageUp ? -1 : 1);
            return true;
        }
    }
    return Card::eventFilter(watched, event);
}

void SampleCard::showRow()
{
    const bool any = m_data && m_tokenizer && !m_data->examples.empty();
    const auto rows = any ? static_cast<std::int64_t>(m_data->examples.size()) : 0;
    m_previous->setEnabled(any && m_row > 0);
    m_next->setEnabled(any && m_row + 1 < rows);
    m_text->setTokens({}, {}); // those of another text
    if (!any) {
        m_text->clear();
        m_counts.clear();
        showPlace();
        return;
    }
    SampleText sample;
    try {
        sample = sampleText(m_data->examples[static_cast<std::size_t>(m_row)], *m_tokenizer);
    } catch (const core::Error& error) { // the rows are good all the same
        m_text->clear();
        m_counts = QString::fromUtf8(error.what());
        showPlace();
        return;
    }
    write(sample);
    QStringList counts;
    if (sample.label) {
        const QString label = labelText(m_labels, *sample.label);
        counts << tr("%1 tokens, judged as a whole", nullptr, pluralOf(sample.tokens))
                      .arg(formatCount(sample.tokens));
        if (!label.isEmpty()) {
            counts << tr("label %1").arg(label);
        }
    } else {
        counts << tr("%1 tokens · %2 count for the loss", nullptr, pluralOf(sample.tokens))
                      .arg(formatCount(sample.tokens), formatCount(sample.lossTokens));
    }
    if (sample.truncated) {
        counts << tr("cut at the longest row");
    }
    m_counts = counts.join(QStringLiteral(" · "));
    showPlace();
    m_text->setTokens([data = m_data, row = static_cast<std::size_t>(m_row),
                       words = m_tokenizer] { return tokensOf(data->examples[row], *words); },
                      m_counts);
}

void SampleCard::showPlace()
{
    const bool any = m_data && !m_counts.isEmpty();
    const auto rows = any ? static_cast<std::int64_t>(m_data->examples.size()) : 0;
    const QString place = tr("row %1 of %2").arg(formatCount(m_row + 1), formatCount(rows));
    const bool inTitle = width() >= scaled(kRoomForPlace);
    setSubtitle(any && inTitle ? place : QString());
    m_count->setText(any && !inTitle ? place + QStringLiteral(" · ") + m_counts : m_counts);
}

void SampleCard::resizeEvent(QResizeEvent* event)
{
    Card::resizeEvent(event);
    showPlace();
}

void SampleCard::write(const SampleText& sample)
{
    const Colors& colors = Theme::instance().colors();
    m_text->clear();
    QTextCursor cursor(m_text->document());
    QTextBlockFormat block;
    block.setLineHeight(kLineHeight, QTextBlockFormat::ProportionalHeight);
    cursor.setBlockFormat(block);
    QTextCharFormat ignored;
    ignored.setForeground(colors.muted);
    QTextCharFormat counted;
    counted.setForeground(colors.text);
    counted.setBackground(tintOf(Theme::instance().colors().accent));

    const auto insert = [&cursor](QString text, const QTextCharFormat& format) {
        text.replace(QLatin1Char('\n'), QStringLiteral("⏎\u2028")); // a break inside the block
        cursor.insertText(text, format);
    };
    int lossBegins = 0;
    for (const SamplePart& part : sample.parts) {
        lossBegins = part.counted && lossBegins == 0 ? cursor.position() : lossBegins;
        insert(part.text, part.counted ? counted : ignored);
    }
    if (sample.endsWithEos) {
        const bool learned = sample.parts.isEmpty() || sample.parts.last().counted;
        insert(kEndSign, learned ? counted : ignored);
    }
    m_lossBegins = lossBegins;
    cursor.setPosition(lossBegins); // the caret too is where a person looks first
    m_text->setTextCursor(cursor);
    scrollToLoss();
}

// The border between prompt and response is what a person looks for: the text scrolls as far as
// the whole response needs, at most until the border is in the upper third, a whole line at the
// top.
void SampleCard::scrollToLoss()
{
    QTextFrame* root = m_text->document()->rootFrame();
    QTextFrameFormat frame = root->frameFormat();
    frame.setBottomMargin(0);
    root->setFrameFormat(frame);
    QScrollBar* bar = m_text->verticalScrollBar();
    bar->setValue(0);
    const int view = m_text->viewport()->height();
    const int hidden = qRound(m_text->document()->size().height()) - view;
    if (hidden <= 0) {
        return;
    }
    QTextCursor cursor(m_text->document());
    cursor.setPosition(m_lossBegins);
    const int wanted = std::min(hidden, m_text->cursorRect(cursor).top() - view / 3);
    if (wanted <= 0) {
        return;
    }
    QTextCursor line = m_text->cursorForPosition(QPoint(0, wanted));
    while (m_text->cursorRect(line).top() < wanted && line.movePosition(QTextCursor::Down)) { }
    const int target = m_text->cursorRect(line).top();
    frame.setBottomMargin(std::max(0, target - hidden)); // room to scroll so far
    root->setFrameFormat(frame);
    bar->setValue(target);
}

} // namespace pissarro::ui
