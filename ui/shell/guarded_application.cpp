// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/guarded_application.h"

#include "ui/shell/window_log.h"

#include <QEvent>
#include <QThread>

#include <exception>
#include <new>
#include <utility>

namespace pissarro::ui {

GuardedApplication::GuardedApplication(int& argc, char** argv)
    : QApplication(argc, argv)
{
}

GuardedApplication::~GuardedApplication()
{
    flushWindowLog();
}

bool GuardedApplication::notify(QObject* receiver, QEvent* event)
{
    // When it has failed, receiver and event may be gone.
    const QString name = receiver != nullptr ? receiver->objectName() : QString();
    if (event->type() == QEvent::MouseButtonPress || event->type() == QEvent::KeyPress) {
        m_last.clear();
    }
    try {
        return QApplication::notify(receiver, event);
    } catch (const std::bad_alloc&) {
        tell(tr("There is not enough memory for this; close other programs, or open a smaller "
                "model"),
             name);
    } catch (const std::exception& error) {
        tell(QString::fromUtf8(error.what()), name);
    } catch (...) {
        tell(tr("An exception without a text"), name);
    }
    return true;
}

void GuardedApplication::tell(const QString& text, const QString& receiver)
{
    if (thread() != QThread::currentThread() || std::exchange(m_last, text) == text) {
        return;
    }
    logWindow(QStringLiteral("caught in an event of «%1»: %2").arg(receiver, text));
    // Later: the slots of caught() paint and lay out, and this may be the middle of either.
    QMetaObject::invokeMethod(
        this, [this, text] { Q_EMIT caught(text); }, Qt::QueuedConnection);
}

} // namespace pissarro::ui
