// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QApplication>

namespace pissarro::ui {

// The application in which no exception ends the program: what leaves a slot, an event filter, a paint event or the
// arrival of a worker's result is caught where the event was delivered. The event is lost, the window and what other
// threads do (a run in training) go on.
//
// Each is logged (logWindow()) and told by caught(); of many with the same text between two presses of a button or key,
// as from a paint event, the first.
// Threads: exceptions of workers are JobBridge's; this is for the GUI thread.
class GuardedApplication : public QApplication {
    Q_OBJECT

public:
    GuardedApplication(int& argc, char** argv);
    ~GuardedApplication() override;

    bool notify(QObject* receiver, QEvent* event) override;

Q_SIGNALS:
    void caught(const QString& text); // from the event loop, after the event that failed

private:
    void tell(const QString& text, const QString& receiver);

    QString m_last; // told since the last press
};

} // namespace pissarro::ui
