// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/machine.h"

#include "core/train/memory_estimate.h"
#include "ui/jobs/worker_process.h"

#include <QMetaObject>

#include <utility>

namespace pissarro::ui {

Machine::Machine(QObject* parent)
    : Service(parent)
    , m_devices({core::cpuDevice()})
{
    connect(&m_asking, &JobBridge::failed, this, [this](quint64, const QString& text) {
        setState(Failed {tr("Could not find out what this machine has"), {}, text});
    });
    connect(&m_looking, &JobBridge::finished, this, [this] {
        if (const QString next = std::exchange(m_next, {}); !next.isEmpty()) {
            look(next);
        }
    });
    QMetaObject::invokeMethod(this, &Machine::ask, Qt::QueuedConnection);
}

void Machine::ask()
{
    m_asking.start<Found>(
        [](const core::JobContext&) {
            return Found {core::availableDevices(), !trainerProgram().isEmpty()};
        },
        [this](Found found) {
            m_devices = std::move(found.devices);
            m_hasTrainer = found.hasTrainer;
            setState(Ready {});
            announce(this, &Machine::found);
        });
    setState(Running {});
}

void Machine::lookAt(const QString& folder)
{
    if (m_looking.isBusy()) { // perhaps for long: the disk may be away
        m_next = folder;
    } else {
        look(folder);
    }
}

std::int64_t Machine::freeBytes(const QString& folder) const
{
    return folder == m_folder ? m_free : -1;
}

void Machine::look(const QString& folder)
{
    m_looking.start<std::int64_t>(
        [path = folder.toStdString()](const core::JobContext&) {
            return core::freeDiskBytes(path);
        },
        [this, folder](std::int64_t free) {
            const bool same = std::exchange(m_folder, folder) == folder;
            if (std::exchange(m_free, free) != free || !same) {
                announce(this, &Machine::freeBytesKnown);
            }
        });
}

} // namespace pissarro::ui
