// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/labelled_texts.h"

#include <QColor>
#include <QString>
#include <QVector>

#include <cstddef>

class QTextEdit;
class QToolButton;

namespace pissarro::ui {

// A stretch of a row that the model reads.
struct ReadPart {
    QString text;
    bool counted = false; // the loss takes it
    bool cut = false; // beyond the maximal length: nobody reads it
};
// The first `size` tokens, split where the loss begins and ends and at `limit`. Throws: core::Error, as Tokenizer::decode().
QVector<ReadPart> readParts(const core::Example& example, const core::Tokenizer& tokenizer,
                            std::size_t size, std::size_t limit);

// The label of a text that is judged as a whole, by its name where the head has names; empty: what labels there are is not known.
QString labelText(const core::LabelSet& labels, double target);

// For the cards that show a row: a button in their title, and a text without a frame that can be selected and not changed.
QToolButton* turnButton(const QString& name, const QString& sign, const QString& accessible,
                        const QString& toolTip);
void makePlain(QTextEdit* text);
// Stronger than the theme's tint: it has to be seen through text.
QColor tintOf(const QColor& color);

} // namespace pissarro::ui
