// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/path_kind.h"

#include "core/history/history_format.h"
#include "core/run/run_directory.h"
#include "core/sweep/sweep_store.h"
#include "ui/jobs/job_bridge.h"

#include <QDir>
#include <QFileInfo>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <utility>

namespace pissarro::ui {

namespace {

bool holdsRun(const QDir& folder)
{
    if (folder.exists(QStringLiteral("run.json"))) {
        return true;
    }
    const QStringList below = folder.entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    return std::any_of(below.cbegin(), below.cend(), [&folder](const QString& name) {
        return folder.exists(name + QStringLiteral("/run.json"));
    });
}

// A folder that is a model too, as a Trainer leaves it, is opened as that.
bool holdsOthersRun(const QDir& folder)
{
    const std::filesystem::path path = folder.path().toStdString();
    const auto& formats = core::allHistoryFormats();
    return !folder.exists(QStringLiteral("config.json"))
        && std::any_of(formats.begin(), formats.end(), [&path](const core::HistoryFormat* format) {
               return !format->find(path).empty();
           });
}

// As above, for somebody may keep a SWEEP.json beside a model.
bool holdsSweep(const QDir& folder)
{
    return !folder.exists(QStringLiteral("config.json"))
        && core::holdsSweep(folder.path().toStdString());
}

bool isOthersLog(const QFileInfo& file)
{
    const std::string name = file.fileName().toStdString();
    const auto& formats = core::allHistoryFormats();
    return name != core::kMetricsFile
        && std::any_of(formats.begin(), formats.end(),
                       [&name](const core::HistoryFormat* format) { return format->takes(name); });
}

bool isPartOfModelFolder(const QFileInfo& file)
{
    return file.fileName() == QLatin1String("config.json")
        || file.fileName().endsWith(QLatin1String(".safetensors"))
        || file.fileName().endsWith(QLatin1String(".safetensors.index.json"));
}

} // namespace

PathKind kindOf(const QString& path)
{
    const QFileInfo file(path);
    if (!file.exists()) {
        return PathKind::Model; // an id, or a path that the core tells to be missing
    }
    if (file.isDir()) {
        return holdsSweep(QDir(path))    ? PathKind::Sweep
            : holdsRun(QDir(path))       ? PathKind::Run
            : holdsOthersRun(QDir(path)) ? PathKind::OthersRun
                                         : PathKind::Model;
    }
    if (file.fileName() == QLatin1String("run.json")) {
        return PathKind::Run;
    }
    if (file.fileName() == QLatin1String(core::kSweepFile)) {
        return PathKind::Sweep;
    }
    if (isOthersLog(file)) {
        return PathKind::OthersRun;
    }
    QString suffix = file.suffix().toLower();
    const bool isPacked = suffix == QLatin1String("gz") || suffix == QLatin1String("zst");
    if (isPacked) {
        suffix = QFileInfo(file.completeBaseName()).suffix().toLower();
    }
    // Pickles go to the core too: it says why they are refused.
    if (isPartOfModelFolder(file) || suffix == QLatin1String("gguf")
        || suffix == QLatin1String("bin") || suffix == QLatin1String("pt")
        || suffix == QLatin1String("pth")) {
        return PathKind::Model;
    }
    constexpr std::array kRows {"jsonl", "json", "ndjson", "csv", "tsv"};
    if (std::any_of(kRows.begin(), kRows.end(),
                    [&](const char* rows) { return suffix == QLatin1String(rows); })
        || (isPacked && suffix == QLatin1String("txt"))) {
        return PathKind::Data;
    }
    return PathKind::Unknown;
}

QString modelRootOf(const QString& path)
{
    const QFileInfo file(path);
    return file.isFile() && isPartOfModelFolder(file) ? file.absolutePath() : path;
}

// A bridge of its own: a later path does not take its place.
void whenSeen(const QString& path, QObject* context, std::function<void(const SeenPath&)> then)
{
    auto* looking = new JobBridge(context);
    QObject::connect(looking, &JobBridge::finished, looking, &QObject::deleteLater);
    QObject::connect(looking, &JobBridge::failed, looking,
                     [looking, path, then](quint64, const QString&) {
                         looking->deleteLater();
                         then({PathKind::Model, path}); // whoever opens it says what is wrong
                     });
    looking->start<SeenPath>(
        [path](const core::JobContext&) {
            const PathKind kind = kindOf(path);
            return SeenPath {kind, kind == PathKind::Model ? modelRootOf(path) : path};
        },
        then);
}

} // namespace pissarro::ui
