// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <variant>

namespace pissarro::ui {

// What becomes of work that a person asked for.
struct Idle { };
struct Running {
    double fraction = -1.0; // negative: not known
    QString stage; // for people; empty: not known
};
struct Ready { };
struct Failed {
    QString what; // could not be done: "Could not compare with adapter"
    QString file; // of which; may be empty
    QString why; // ready to show: the file, what is wrong, what to do
};
using State = std::variant<Idle, Running, Ready, Failed>;

} // namespace pissarro::ui
