// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/method.h"

#include <QColor>
#include <QString>

#include <vector>

namespace pissarro::ui {

// Where the best learning rate of a method lies: PiSSA's is 3 to 10 times below LoRA's.
enum class BestRate { Unknown, AsPissa, AsLora };

// How the window shows a method; each is a row of the table in method_look.cpp.
// One colour a method everywhere, of Okabe and Ito's, by the theme in force.
QColor methodColor(core::Method method);
QString methodSentence(core::Method method); // what it is: "The leading singular triplets …"
BestRate bestRateOf(core::Method method);

QString nameOf(core::Method method); // core::methodName(): what a choice holds
QString titleOf(core::Method method); // core::methodTitle(): what a person reads
// "LoftQ and QPiSSA", in order; empty: none.
QString listOf(const std::vector<core::Method>& methods);

} // namespace pissarro::ui
