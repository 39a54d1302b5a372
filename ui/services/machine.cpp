// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/machine.h"

#include "core/base/machine_memory.h"
#include "core/train/memory_estimate.h"
#include "ui/jobs/worker_process.h"

#include <QMetaObject>

#include <utility>

namespace pissarro::ui {

Machine::Machine(QObject* parent)
    : Service(parent)
    , m_devices({core::cpuDevice()})
{
    goWith(m_asking, [](const QString& why) {
        return Failed {tr("Could not find out what this machine has"), {}, why};
    });
    connect(&m_looking, &JobBridge::finished, this, [this] {
        if (const QString next = std::exchange(m_next, {}); !next.isEmpty()) {
            lookNow(next);
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
        lookNow(folder);
    }
}

std::int64_t Machine::freeBytes(const QString& folder) const
{
    return folder == m_folder.asked ? m_folder.freeBytes : -1;
}

void Machine::lookNow(const QString& folder)
{
    m_looking.start<FolderLook>([folder](const core::JobContext&) { return lookAtFolder(folder); },
                                [this](FolderLook look) {
                                    const bool same = look == m_folder;
                                    m_folder = std::move(look);
                                    if (!same) {
                                        announce(this, &Machine::folderKnown);
                                    }
                                });
}

void Machine::look(const QStringList& folders, QObject* context,
                   std::function<void(const QVector<FolderLook>&)> then)
{
    m_lookingNow.start<QVector<FolderLook>>(
        [folders](const core::JobContext& job) {
            QVector<FolderLook> looks;
            for (const QString& folder : folders) {
                job.throwIfCancelled();
                looks.append(lookAtFolder(folder));
            }
            return looks;
        },
        [listener = QPointer<QObject>(context),
         then = std::move(then)](const QVector<FolderLook>& looks) {
            if (listener) {
                then(looks);
            }
        });
}

void Machine::askMemory()
{
    if (m_remembering.isBusy()) {
        return;
    }
    m_remembering.start<Memory>(
        [](const core::JobContext&) {
            return Memory {core::processMemoryBytes(), core::machineMemoryBytes()};
        },
        [this](Memory memory) {
            m_memory = memory;
            announce(this, &Machine::memoryKnown);
        });
}

} // namespace pissarro::ui
