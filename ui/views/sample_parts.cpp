// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/sample_parts.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/words/format.h"

#include <QTextDocument>
#include <QTextEdit>
#include <QToolButton>

#include <string>

namespace pissarro::ui {

QVector<ReadPart> readParts(const core::Example& example, const core::Tokenizer& tokenizer,
                            std::size_t size, std::size_t limit)
{
    QVector<ReadPart> parts;
    std::string done; // text of the parts so far
    std::size_t begin = 0;
    for (std::size_t end = 1; end <= size; ++end) {
        const bool counted = example.isLearned(begin);
        if (end < size && example.isLearned(end) == counted && (end < limit) == (begin < limit)) {
            continue;
        }
        const auto from = example.ids.begin() + static_cast<std::ptrdiff_t>(begin);
        const auto to = example.ids.begin() + static_cast<std::ptrdiff_t>(end);
        const std::string whole = tokenizer.decode({example.ids.begin(), to});
        // A decoder may drop the space before the first token it is given: a part is what those before it leave.
        const bool isPrefix = whole.compare(0, done.size(), done) == 0;
        const std::string part =
            isPrefix ? whole.substr(done.size()) : tokenizer.decode({from, to});
        parts.append({QString::fromStdString(part), counted, begin >= limit});
        done = whole;
        begin = end;
    }
    return parts;
}

QString labelText(const core::LabelSet& labels, double target)
{
    if (labels.count == 0) {
        return {};
    }
    const auto place = static_cast<std::size_t>(std::max(0.0, target));
    return labels.count > 1 && place < labels.names.size()
        ? lineOf(QString::fromStdString(labels.names[place]))
        : formatNumber(target);
}

QToolButton* turnButton(const QString& name, const QString& sign, const QString& accessible,
                        const QString& toolTip)
{
    auto* button = new QToolButton;
    button->setObjectName(name);
    button->setText(sign);
    button->setAccessibleName(accessible);
    button->setToolTip(toolTip);
    button->setAutoRepeat(true);
    button->setFixedSize(scaled(24), scaled(24));
    return button;
}

void makePlain(QTextEdit* text)
{
    text->setReadOnly(true);
    text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    text->setFrameStyle(QFrame::NoFrame);
    text->setStyleSheet(
        QStringLiteral("QTextEdit { background: transparent; border: none; padding: 0; }"));
    text->document()->setDocumentMargin(1);
    text->setTabChangesFocus(true);
}

QColor tintOf(const QColor& color)
{
    QColor tint = color;
    tint.setAlphaF(Theme::instance().isDark() ? 0.32F : 0.2F);
    return tint;
}

} // namespace pissarro::ui
