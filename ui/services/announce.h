// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include <exception>
#include <utility>

namespace pissarro::ui {

// Throws it from the event loop, where the application's guard tells of it; nothing once `context` is gone.
void raiseLater(QObject* context, std::exception_ptr failure);

// Emits a signal of `sender`: announce(this, &Exports::statesFound, run, states). A service emits through this and in no
// other line: what a listener throws cannot keep the rest of a change from happening.
template <class Sender, class Owner, class... Parameters, class... Arguments>
void announce(Sender* sender, void (Owner::*signal)(Parameters...), Arguments&&... arguments)
{
    try {
        Q_EMIT(sender->*signal)(std::forward<Arguments>(arguments)...);
    } catch (...) {
        raiseLater(sender, std::current_exception());
    }
}

} // namespace pissarro::ui
