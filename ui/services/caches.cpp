// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/caches.h"

#include "core/file/cache.h"
#include "ui/words/format.h"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace pissarro::ui {

namespace {

namespace fs = std::filesystem;

QVector<Caches::Part> partsOf(const fs::path& root, const core::JobContext& job)
{
    QVector<Caches::Part> parts;
    std::error_code failed;
    fs::directory_iterator folder(root, failed);
    for (; !failed && folder != fs::directory_iterator(); folder.increment(failed)) {
        job.throwIfCancelled();
        std::error_code gone; // other programs clear it too
        if (folder->is_directory(gone)) {
            parts.append({textOf(folder->path().filename()),
                          static_cast<std::int64_t>(core::cacheBytes(folder->path()))});
        }
    }
    std::sort(parts.begin(), parts.end(),
              [](const Caches::Part& a, const Caches::Part& b) { return a.folder < b.folder; });
    return parts;
}

} // namespace

Caches::Caches(QObject* parent)
    : Service(parent)
{
    goWith(m_jobs, [](const QString& why) {
        return Failed {tr("Could not clear the cache"), {}, why};
    });
}

std::int64_t Caches::bytes() const
{
    std::int64_t sum = 0;
    for (const Part& part : m_parts) {
        sum += part.bytes;
    }
    return sum;
}

void Caches::look()
{
    start(false);
}

void Caches::clear()
{
    start(true);
}

void Caches::start(bool clear)
{
    m_jobs.start<QVector<Part>>(
        [clear](const core::JobContext& job) {
            const fs::path root = core::cacheRoot();
            if (clear) {
                core::evictFrom(root, 0);
            }
            return partsOf(root, job);
        },
        [this](QVector<Part> parts) {
            m_parts = std::move(parts);
            setState(Ready {});
        });
    setState(Running {});
}

} // namespace pissarro::ui
