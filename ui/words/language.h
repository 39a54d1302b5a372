// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QVector>

#include <cstdint>

namespace pissarro::ui {

// The languages of the window. A sentence is written in English where it is shown, in tr() of a class that lupdate finds;
// resources/translations/pissarro_<code>.ts has it in another language. Adding a language is adding its file, which
// tests/tools/words.py --update fills with what is to be said. What ends in error lines of core stays English in every
// language, in a frame that is translated ("The run failed: %1").

struct Language {
    QString code; // "ja"
    QString name; // as who speaks it writes it: "日本語"
};

// English first, then those that are built in, by code.
QVector<Language> languages();

// The one that is meant by "system" (the first of the person's languages that is there), by a code that is there, or by
// one that is not (English).
QString languageFor(const QString& wanted);

// From here on tr() speaks it; Qt's own dialogs do too where Qt's translations are installed. What stands in the window
// already keeps its words: it is called before the window is made.
void speak(const QString& wanted);

// Third argument of tr() for a sentence with a count. English is written in the plural, pissarro_en.ts has the singular
// and is spoken in every program of Qt that uses this: "%1 runs" becomes "1 run" or "2 runs".
//   tr("%n runs", nullptr, pluralOf(count))                            // few
//   tr("%1 tokens", nullptr, pluralOf(count)).arg(formatCount(count))  // may be thousands: 7,473
int pluralOf(std::int64_t count);

// The text of an action, a menu or a row's label as a person reads it: "&Look" becomes "Look", and what Japanese puts
// behind a word for the same key goes with its brackets, "評価(&A)" becomes "評価".
QString plainLabel(QString text);

} // namespace pissarro::ui
