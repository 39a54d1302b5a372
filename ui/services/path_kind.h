// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <functional>

class QObject;

namespace pissarro::ui {

enum class PathKind {
    Model,
    Data,
    Run, // ours
    Sweep, // a sweep's folder or its sweep.json
    OthersRun, // what another program tells of one, a file or a folder of them (core/history)
    Unknown
};

// What a path dropped, chosen or given on the command line is, by its name and by which files lie
// in it. A name that is no path counts as a model: an id of the local Hugging Face cache.
PathKind kindOf(const QString& path);

// The folder of a model whose config.json or .safetensors was chosen; any other path as it is.
QString modelRootOf(const QString& path);

struct SeenPath {
    PathKind kind = PathKind::Unknown;
    QString path; // of a model its root
};

// Looks on a worker, for the disk may be away, and tells here unless `context` is gone by then.
// Threads: the GUI thread; the two above: any, but better not that one.
void whenSeen(const QString& path, QObject* context, std::function<void(const SeenPath&)> then);

} // namespace pissarro::ui
