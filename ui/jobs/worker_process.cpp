// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/worker_process.h"

#include "core/base/error.h"
#include "core/run/failed_start.h"
#include "core/run/run_follower.h"
#include "core/run/run_place.h"
#include "core/session/open_model.h"
#include "ui/words/format.h"

#include <QCoreApplication>
#include <QProcess>
#include <QStandardPaths>

#include <optional>

namespace pissarro::ui {

namespace {

const QString kProgram = QStringLiteral("pissarro-cli");

QStringList argumentsFor(const core::TrainRequest& request, const TwinRates& rates)
{
    QStringList arguments {QStringLiteral("train")};
    if (request.resume) {
        arguments << QStringLiteral("--resume");
        if (request.restart) {
            arguments << QStringLiteral("--restart");
        }
    } else {
        core::OrderedTwins twins;
        for (const core::Method twin : request.twins) {
            const auto rate = rates.own.find(twin);
            twins[twin] = rates.found.contains(twin) ? std::nullopt
                : rate == rates.own.end()            ? std::optional(request.spec.learningRate)
                                                     : std::optional(rate->second);
        }
        core::writeOrdered(request.runDirectory, request.spec, twins);
        arguments << textOf(request.runDirectory / core::kSpecFile);
        for (const core::Method twin : request.twins) {
            const std::string_view name = core::methodName(twin);
            arguments << QStringLiteral("--twin")
                      << QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
        }
        arguments << rates.arguments();
    }
    return arguments << QStringLiteral("-o") << textOf(request.runDirectory);
}

qint64 startDetached(const QStringList& arguments, const QString& log)
{
    const QString program = trainerProgram();
    if (program.isEmpty()) {
        throw core::Error(core::ErrorKind::Io,
                          "pissarro-cli is neither beside the program nor on the PATH; a process "
                          "of its own needs it (or train in this window)");
    }
    QProcess trainer;
    trainer.setProgram(program);
    trainer.setArguments(arguments);
    trainer.setStandardInputFile(QProcess::nullDevice());
    trainer.setStandardOutputFile(log, QIODevice::Append);
    trainer.setStandardErrorFile(log, QIODevice::Append);
    qint64 process = 0;
    if (!trainer.startDetached(&process)) { // in a session of its own: no terminal ends it
        throw core::Error(core::ErrorKind::Io,
                          program.toStdString()
                              + ": could not be started: " + trainer.errorString().toStdString());
    }
    return process;
}

} // namespace

QString trainerProgram()
{
    const QString beside =
        QStandardPaths::findExecutable(kProgram, {QCoreApplication::applicationDirPath()});
    return beside.isEmpty() ? QStandardPaths::findExecutable(kProgram) : beside;
}

core::FollowRequest startTrainer(const core::TrainRequest& request, const TwinRates& rates)
{
    core::FollowRequest follow;
    follow.directory = request.runDirectory;
    follow.methods = {request.spec.method};
    follow.methods.insert(follow.methods.end(), request.twins.begin(), request.twins.end());
    if (!request.resume) { // the trainer finds its spec and its log there
        core::claimRunDirectory(request.runDirectory, follow.methods,
                                request.output.with(core::readPlaces(request.spec)));
    }
    follow.log = core::logOfStart(request.runDirectory);
    follow.control = request.control;
    follow.process = startDetached(argumentsFor(request, rates), textOf(follow.log));
    return follow;
}

std::filesystem::path sweepLog(const std::filesystem::path& folder)
{
    return folder / "worker-window.log";
}

qint64 startSweeper(const std::filesystem::path& folder, bool runsCode)
{
    QStringList arguments {QStringLiteral("sweep"), QStringLiteral("-o"), textOf(folder)};
    if (runsCode) {
        arguments << QStringLiteral("--run-code");
    }
    return startDetached(arguments, textOf(sweepLog(folder)));
}

} // namespace pissarro::ui
