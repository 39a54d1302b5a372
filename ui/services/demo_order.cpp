// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/demo_order.h"

#include "core/base/error.h"
#include "core/file/atomic_file.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>

namespace pissarro::ui {

namespace {

constexpr int kSteps = 20;
constexpr int kBatch = 4;
constexpr int kMaxLength = 256;
constexpr qint64 kSmall = 1'000'000'000; // bytes of a model that trains while one looks on
const QString kHubName = QStringLiteral("models--HuggingFaceTB--SmolLM2-135M-Instruct");

// The smallest GGUF file in the folder; empty: none.
QString ggufIn(const QString& folder)
{
    const QFileInfoList files = QDir(folder).entryInfoList({QStringLiteral("*.gguf")}, QDir::Files,
                                                           QDir::Size | QDir::Reversed);
    return files.isEmpty() ? QString() : files.first().absoluteFilePath();
}

bool isInHubCache()
{
    const QString home =
        qEnvironmentVariable("HF_HOME", QDir::homePath() + QStringLiteral("/.cache/huggingface"));
    const QString cache = qEnvironmentVariable("HF_HUB_CACHE", home + QStringLiteral("/hub"));
    return QFileInfo(cache + QLatin1Char('/') + kHubName + QStringLiteral("/snapshots")).isDir();
}

} // namespace

QString findDemoModel(const QStringList& recent)
{
    const QDir program(QCoreApplication::applicationDirPath());
    // Beside the program as it is installed, and as it is built in its sources.
    for (const char* place : {"../share/pissarro/model", "../../../.deps/model"}) {
        if (const QString file = ggufIn(program.filePath(QLatin1String(place))); !file.isEmpty()) {
            return QDir::cleanPath(file);
        }
    }
    if (isInHubCache()) {
        return QStringLiteral("HuggingFaceTB/SmolLM2-135M-Instruct");
    }
    QString best;
    qint64 least = kSmall;
    for (const QString& path : recent) {
        const QFileInfo file(path);
        if (file.isFile() && file.size() < least) {
            best = path;
            least = file.size();
        }
    }
    return best;
}

QString demoData()
{
    QFile rows(QStringLiteral(":/demo/demo_train.jsonl"));
    if (!rows.open(QIODevice::ReadOnly)) {
        throw core::Error(core::ErrorKind::Internal, "the rows of the demo are not in the program");
    }
    const QDir folder(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation));
    const QString path = folder.filePath(QStringLiteral("demo/demo_train.jsonl"));
    if (!QDir().mkpath(QFileInfo(path).absolutePath())) {
        throw core::Error(core::ErrorKind::Io,
                          QFileInfo(path).absolutePath().toStdString()
                              + ": cannot be made (expected a folder that can be written)");
    }
    core::writeFileAtomically(path.toStdString(), rows.readAll().toStdString());
    return path;
}

DemoOrder demoOrder(const QString& model, const QString& data)
{
    DemoOrder order;
    order.spec.model = model.toStdString();
    order.spec.data = data.toStdString();
    order.spec.steps = kSteps;
    order.spec.batchSize = kBatch;
    order.spec.maxLength = kMaxLength;
    return order;
}

} // namespace pissarro::ui
