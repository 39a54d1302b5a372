// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/announce.h"

#include <QMetaObject>

namespace pissarro::ui {

void raiseLater(QObject* context, std::exception_ptr failure)
{
    QMetaObject::invokeMethod(
        context, [failure = std::move(failure)] { std::rethrow_exception(failure); },
        Qt::QueuedConnection);
}

} // namespace pissarro::ui
