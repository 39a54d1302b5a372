// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>

#include <vector>

namespace pissarro::ui {

class JobBridge;

// What of a person's wishes is being worked on now: every job that runs behind a JobBridge with a title. The status strip
// shows it and can cancel it, and closing the window asks about it, so that no job is forgotten by either.
// Threads: the GUI thread.
class JobBoard : public QObject {
    Q_OBJECT

public:
    struct Entry {
        quint64 id = 0; // of this entry: none ever has it again
        JobBridge* bridge = nullptr;
        QString title; // "Export of 2026-11-28-pissa-r16"
        double fraction = -1.0; // negative: not known
        bool ending = false; // it was cancelled; its worker has not come to a checkpoint yet
    };

    static JobBoard& instance();

    const std::vector<Entry>& entries() const { return m_entries; } // the oldest first
    QStringList titles() const;
    void
    cancel(quint64 id); // of an entry, which goes once its job has ended; one that is gone: nothing

Q_SIGNALS:
    void changed(); // one began or ended, or went on

private:
    friend class JobBridge;
    void show(JobBridge* bridge, const QString& title, double fraction);
    void remove(const JobBridge* bridge);

    std::vector<Entry> m_entries;
    quint64 m_lastId = 0;
};

} // namespace pissarro::ui
