// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/devices.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/service.h"

#include <QString>

#include <cstdint>
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

    // Asks how much is free where `folder` is or would be made; of many folders in a row the last. freeBytesKnown() tells
    // when there is another answer.
    void lookAt(const QString& folder);
    std::int64_t freeBytes(const QString& folder) const; // of the last look; negative: not known

Q_SIGNALS:
    void found(); // devices(), hasTrainer()
    void freeBytesKnown();

private:
    struct Found {
        std::vector<core::DeviceInfo> devices;
        bool hasTrainer = false;
    };
    void ask();
    void look(const QString& folder);

    std::vector<core::DeviceInfo> m_devices;
    bool m_hasTrainer = true;
    QString m_folder; // that m_free is of
    std::int64_t m_free = -1;
    QString m_next; // to be looked at after the look under way; empty: none
    // Last members: destroyed first, so that no worker outlives what it uses.
    JobBridge m_asking;
    JobBridge m_looking;
};

} // namespace pissarro::ui
