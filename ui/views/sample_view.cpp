// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/sample_view.h"

#include "core/base/error.h"
#include "ui/widgets/accessible.h"
#include "ui/words/format.h"

#include <QFocusEvent>
#include <QTextCursor>
#include <QTextDocument>

#include <algorithm>
#include <string>
#include <utility>

namespace pissarro::ui {

namespace {

enum Column { Text, Id, ColumnCount };

constexpr std::size_t kMostShared = 8; // tokens that make one character, and some room

// What `ids` from `first` on add to what stands before them: a decoder may drop the space before the first token it is given.
std::string addedBy(const core::Tokenizer& tokenizer, const std::vector<std::int32_t>& ids,
                    std::size_t first, std::size_t end)
{
    const auto at = [&ids](std::size_t i) { return ids.begin() + static_cast<std::ptrdiff_t>(i); };
    if (first == 0) {
        return tokenizer.decode({at(0), at(end)});
    }
    const std::string before = tokenizer.decode({at(first - 1), at(first)});
    const std::string both = tokenizer.decode({at(first - 1), at(end)});
    return both.compare(0, before.size(), before) == 0 ? both.substr(before.size())
                                                       : tokenizer.decode({at(first), at(end)});
}

int charactersOf(const std::string& text, std::size_t begin, std::size_t end)
{
    return static_cast<int>(QString::fromStdString(text.substr(begin, end - begin)).size());
}

// What is heard of a text that may be no more than a space.
QString spoken(const QString& text)
{
    QString said = text;
    said.replace(u'\n', QStringLiteral("⏎"));
    return said.trimmed().isEmpty() ? said.replace(u' ', u'·') : said;
}

} // namespace

QVector<SampleToken> tokensOf(const core::Example& example, const core::Tokenizer& tokenizer)
{
    std::vector<std::int32_t> ids = example.ids;
    const bool endsWithEos = !ids.empty() && ids.back() == tokenizer.eosId();
    if (endsWithEos) {
        ids.pop_back();
    }
    const std::string whole = tokenizer.decode(ids);
    QVector<SampleToken> tokens;
    std::size_t done = 0; // bytes of `whole` that are told already
    int character = 0;
    std::size_t first = 0; // of the tokens that wait for the rest of their character
    for (std::size_t i = 0; i < ids.size(); ++i) {
        tokens.append({ids[i], {}, example.isLearned(i), character, character});
        const std::string added = addedBy(tokenizer, ids, first, i + 1);
        const bool isThere = whole.compare(done, added.size(), added) == 0;
        const bool isLast = i + 1 == ids.size();
        if (!isThere && !isLast && i + 1 - first < kMostShared) {
            continue; // half a character decodes to a sign that is not in the whole
        }
        const std::size_t end = isThere && !isLast ? done + added.size() : whole.size();
        const int next = character + charactersOf(whole, done, end);
        const QString text = QString::fromStdString(whole.substr(done, end - done));
        for (std::size_t one = first; one <= i; ++one) {
            SampleToken& token = tokens[static_cast<qsizetype>(one)];
            token.begin = character;
            token.end = next;
            token.text = text;
        }
        done = end;
        character = next;
        first = i + 1;
    }
    if (endsWithEos) {
        const bool counted = example.isLearned(ids.size());
        const int end = character + static_cast<int>(kEndSign.size());
        tokens.append({tokenizer.eosId(), kEndSign.trimmed(), counted, character, end});
    }
    return tokens;
}

SampleView::SampleView(QWidget* parent)
    : QTextEdit(parent)
{
    connect(this, &QTextEdit::cursorPositionChanged, this, &SampleView::tellToken);
}

void SampleView::setTokens(std::function<QVector<SampleToken>()> read, const QString& summary)
{
    m_read = std::move(read);
    m_tokens.reset();
    m_positions.clear();
    m_summary = summary;
    m_told = -1;
    tellOtherTable(this);
    tellToken();
}

const QVector<SampleToken>& SampleView::tokens() const
{
    if (!m_tokens) {
        m_tokens.emplace();
        try {
            m_tokens = m_read ? m_read() : QVector<SampleToken>();
        } catch (const core::Error&) { // the text says why there is none
        }
    }
    return *m_tokens;
}

int SampleView::tableRows() const
{
    return static_cast<int>(std::min<qsizetype>(tokens().size(), kMostTokens));
}

int SampleView::tableColumns() const
{
    return ColumnCount;
}

QString SampleView::rowName(int row) const
{
    const QString number = formatCount(row + 1);
    return tokens().value(row).counted ? tr("token %1, counts").arg(number)
                                       : tr("token %1, does not count").arg(number);
}

QString SampleView::columnName(int column) const
{
    return column == Text ? tr("text") : tr("id");
}

QString SampleView::cellText(TablePlace cell) const
{
    const SampleToken token = tokens().value(cell.row);
    return cell.column == Text ? spoken(token.text) : QString::number(token.id);
}

int SampleView::positionOf(int character) const
{
    if (m_positions.isEmpty()) {
        const QString shown = document()->toRawText();
        for (int at = 0; at < shown.size(); ++at) {
            m_positions.append(at);
            const bool breaks = shown[at] == u'⏎' && shown.size() > at + 1
                && shown[at + 1] == QChar(QChar::LineSeparator);
            at += breaks ? 1 : 0;
        }
        m_positions.append(static_cast<int>(shown.size()));
    }
    return m_positions[std::clamp<qsizetype>(character, 0, m_positions.size() - 1)];
}

QRect SampleView::cellPlace(TablePlace cell) const
{
    const SampleToken token = tokens().value(cell.row);
    QTextCursor at(document());
    at.setPosition(positionOf(token.begin));
    const QRect from = cursorRect(at);
    at.setPosition(positionOf(token.end));
    const QRect to = cursorRect(at);
    const int right = to.top() == from.top() ? to.left() : viewport()->width(); // it wraps
    const QSize size(std::max(1, right - from.left()), from.height());
    return QRect(from.topLeft(), size).translated(viewport()->pos());
}

int SampleView::tokenAt(int position) const
{
    const auto behind = std::upper_bound(
        tokens().cbegin(), tokens().cbegin() + tableRows(), position,
        [this](int wanted, const SampleToken& one) { return wanted < positionOf(one.begin); });
    return static_cast<int>(behind - tokens().cbegin()) - 1;
}

std::optional<TablePlace> SampleView::currentCell() const
{
    const int token = tokenAt(textCursor().position());
    return token < 0 ? std::nullopt : std::optional(TablePlace {token, Text});
}

bool SampleView::isCellSelected(TablePlace cell) const
{
    const QTextCursor cursor = textCursor();
    const SampleToken token = tokens().value(cell.row);
    return cursor.hasSelection() && positionOf(token.begin) < cursor.selectionEnd()
        && cursor.selectionStart() < positionOf(token.end);
}

// The caret is where the token begins: that is the current one then.
void SampleView::selectCell(TablePlace cell)
{
    if (hasCell(cell)) {
        const SampleToken& token = tokens()[cell.row];
        QTextCursor cursor(document());
        cursor.setPosition(positionOf(token.end));
        cursor.setPosition(positionOf(token.begin), QTextCursor::KeepAnchor);
        setTextCursor(cursor);
    }
}

void SampleView::focusInEvent(QFocusEvent* event)
{
    QTextEdit::focusInEvent(event);
    m_told = -1;
    tellToken();
}

void SampleView::tellToken()
{
    if (!hasFocus() || !isHeard()) {
        return; // nothing is decoded
    }
    const auto current = currentCell();
    if (current && std::exchange(m_told, current->row) != current->row) {
        tellCurrentCell(this);
    }
}

} // namespace pissarro::ui
