// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/devices.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/folder_look.h"
#include "ui/services/service.h"

#include <QPointer>
#include <QString>
#include <QVector>

#include <cstdint>
#include <functional>
#include <vector>

namespace pissarro::ui {

// What this machine can do: found out on workers, for asking may load CUDA, or wait for a disk that is away. It begins with
// its first event loop; Ready once devices() and hasTrainer() are known.
class Machine : public Service {
    Q_OBJECT

public:
    explicit Machine(QObject* parent = nullptr);

    // Where a run can train; the CPU alone until they are known. Never empty.
    const std::vector<core::DeviceInfo>& devices() const { return m_devices; }
    // The one that "auto" takes: the first GPU where there is one.
    const core::DeviceInfo& device() const { return m_devices[m_devices.size() > 1 ? 1 : 0]; }
    // Whether a process of its own can train: pissarro-cli is there. True until it is known.
    bool hasTrainer() const { return m_hasTrainer; }

    // Looks at a folder, of many in a row at the last. folderKnown() tells when there is another answer.
    void lookAt(const QString& folder);
    const FolderLook& folder() const { return m_folder; } // of the last look
    std::int64_t freeBytes(const QString& folder) const; // of the last look; negative: not known
    // Looks at folders now and gives `then` what it saw, in their order; nothing once `context` is gone or another look was
    // asked for so.
    void look(const QStringList& folders, QObject* context,
              std::function<void(const QVector<FolderLook>&)> then);

    // Bytes of memory, as they were a second ago or so: askMemory() asks anew.
    struct Memory {
        std::int64_t used = 0; // by this program; 0: not known yet
        std::int64_t all = 0; // of the machine; 0: not known yet
    };
    const Memory& memory() const { return m_memory; }
    void askMemory(); // memoryKnown() follows

Q_SIGNALS:
    void found(); // devices(), hasTrainer()
    void folderKnown();
    void memoryKnown();

private:
    struct Found {
        std::vector<core::DeviceInfo> devices;
        bool hasTrainer = false;
    };
    void ask();
    void lookNow(const QString& folder);

    std::vector<core::DeviceInfo> m_devices;
    bool m_hasTrainer = true;
    FolderLook m_folder;
    Memory m_memory;
    QString m_next; // to be looked at after the look under way; empty: none
    // Last members: destroyed first, so that no worker outlives what it uses.
    JobBridge m_asking;
    JobBridge m_looking;
    JobBridge m_lookingNow;
    JobBridge m_remembering;
};

} // namespace pissarro::ui
