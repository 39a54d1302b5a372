// SPDX-License-Identifier: GPL-3.0-or-later
// The open model, its spectra and the open data. Training and runs: workbench_training.cpp,
// workbench_runs.cpp.
#include "ui/services/workbench.h"

#include "ui/jobs/worker_process.h"
#include "ui/services/workbench_p.h"
#include "ui/widgets/widget_export.h"

#include <QFileInfo>
#include <QSettings>

#include <algorithm>
#include <filesystem>

namespace pissarro::ui {

namespace {

constexpr int kSpectraTickMs = 50; // 20 Hz
constexpr int kTrainTickMs = 33; // 30 Hz
constexpr int kRunsTickMs = 2000;

QString nameOf(const QString& path)
{
    const QString name = QFileInfo(path).fileName();
    return name.isEmpty() ? path : name;
}

OpenedModel readModel(const std::string& path, const core::JobContext& job)
{
    OpenedModel opened;
    opened.files = core::ModelFiles::open(path);
    job.throwIfCancelled();
    try {
        opened.tokenizer = core::openTokenizer(opened.files->path());
    } catch (const core::Error& error) {
        opened.tokenizerProblem = QString::fromUtf8(error.what());
    }
    return opened;
}

} // namespace

Workbench::Private::Private(Workbench* workbench)
    : q(workbench)
{
    spectraTimer.setInterval(kSpectraTickMs);
    trainTimer.setInterval(kTrainTickMs);
    runsTimer.setInterval(kRunsTickMs);
    inProcess = QSettings().value(kInProcess, true).toBool() && !trainerProgram().isEmpty();
    runFolders = QSettings().value(QStringLiteral("runs/folders")).toStringList();
}

Workbench::Workbench(QObject* parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this))
{
    d->connectJobs();
}

// A run in progress ends after its step, with its adapter written: the bridges wait for that. One of
// another process goes on.
Workbench::~Workbench()
{
    protectInputs(this, {});
    if (d->control && !d->watching) {
        d->control->stopAndKeep();
        d->control->resume();
    }
}

void Workbench::Private::connectJobs()
{
    const auto protect = [this] { // from every file dialog
        protectInputs(q, {model ? textOf(model->path()) : QString(), dataPath, comparison.with()});
    };
    QObject::connect(q, &Workbench::modelOpened, q, protect);
    QObject::connect(q, &Workbench::dataChanged, q, protect);
    QObject::connect(&comparison, &Comparison::changed, q, protect);

    QObject::connect(&modelJobs, &JobBridge::failed, q, [this](quint64, const QString& message) {
        announce(&Workbench::failed, QStringLiteral("Could not open %1").arg(nameOf(modelAsked)),
                 message, FailureSource::Model);
    });

    QObject::connect(&spectraTimer, &QTimer::timeout, q, [this] { drainSpectra(); });
    QObject::connect(&spectraJobs, &JobBridge::finished, q, [this](quint64 id) { endSweep(id); });
    QObject::connect(&spectraJobs, &JobBridge::cancelled, q, [this](quint64 id) { endSweep(id); });
    QObject::connect(&spectraJobs, &JobBridge::failed, q, [this](quint64 id, const QString& text) {
        endSweep(id);
        announce(&Workbench::failed, QStringLiteral("Could not compute the spectra"), text,
                 FailureSource::Other);
    });

    QObject::connect(&rankSearch, &RankSearch::found, &ranks, &RankChoice::setMap);

    QObject::connect(&dataJobs, &JobBridge::failed, q, [this](quint64 id, const QString& text) {
        const bool wasReading = id == reading;
        reading = wasReading ? 0 : reading;
        dataProblem = text;
        announce(&Workbench::failed, QStringLiteral("Could not use %1").arg(nameOf(dataPath)), text,
                 FailureSource::Data);
        announce(&Workbench::dataChanged);
    });

    connectTraining();

    QObject::connect(&runsTimer, &QTimer::timeout, q, [this] { lookForRuns(); });
    QObject::connect(&runsJobs, &JobBridge::failed, q, [this](quint64, const QString& text) {
        lookAgain = false;
        announce(&Workbench::failed, QStringLiteral("Could not read the runs"), text,
                 FailureSource::Other);
    });
    QObject::connect(&runsJobs, &JobBridge::finished, q, [this] {
        if (std::exchange(lookAgain, false)) {
            lookForRuns();
        }
    });
}

void Workbench::Private::connectTraining()
{
    QObject::connect(&trainTimer, &QTimer::timeout, q, [this] { drainTraining(); });
    QObject::connect(&trainJobs, &JobBridge::progressed, q,
                     [this](quint64, double fraction, const QString& stage) {
                         announce(&Workbench::trainingProgressed, fraction, stage);
                     });
    QObject::connect(&trainJobs, &JobBridge::failed, q, [this](quint64, const QString& text) {
        endTraining(core::RunState::Failed, text);
        announce(&Workbench::failed, QStringLiteral("Training failed"), text,
                 FailureSource::Training);
    });
    QObject::connect(&trainJobs, &JobBridge::cancelled, q, [this](quint64 id) {
        if (id == trainJob) { // not one that was left for another
            watching ? endWatching() : endTraining(core::RunState::Stopped, {});
        }
    });
}

// --- Model

void Workbench::openModel(const QString& path)
{
    d->modelAsked = path;
    d->announce(&Workbench::modelOpening, path);
    d->modelJobs.start<OpenedModel>(
        [name = path.toStdString()](const core::JobContext& job) { return readModel(name, job); },
        [this](OpenedModel opened) { d->takeModel(std::move(opened)); });
}

void Workbench::Private::forgetModel()
{
    spectraJobs.cancel();
    sweep = 0;
    spectraTimer.stop();
    spectraQueue.reset(); // the sweep may still be ending
    spectra.clear();
    if (reading == 0) {
        dataJobs.cancel(); // tokens of the tokenizer before
    }
    tokenized.reset();
}

void Workbench::Private::takeModel(OpenedModel opened)
{
    const bool swept = sweep != 0;
    forgetModel();
    model = std::move(opened.files);
    tokenizer = std::move(opened.tokenizer);
    tokenizerProblem = opened.tokenizerProblem;
    for (OfModel* one : ofModel) {
        one->takeModel(model);
    }
    announce(&Workbench::modelOpened);
    for (OfModel* one : ofModel) {
        one->tellWhatIsGone();
    }
    startSweep(model->linearModules());
    if (swept && sweep == 0) {
        announce(&Workbench::sweepStateChanged);
    }
    if (promptTemplate == core::PromptTemplate::Chat && !dataPath.isEmpty()) {
        readData(); // by the template of this model
    } else if (data && reading == 0) {
        announce(&Workbench::dataChanged);
        tokenize();
    }
}

std::shared_ptr<const core::ModelFiles> Workbench::model() const
{
    return d->model;
}

std::shared_ptr<const core::Tokenizer> Workbench::tokenizer() const
{
    return d->tokenizer;
}

QString Workbench::tokenizerProblem() const
{
    return d->tokenizerProblem;
}

// --- Spectra

void Workbench::Private::startSweep(std::vector<core::LinearModule> modules)
{
    if (modules.empty()) {
        return;
    }
    auto queue = std::make_shared<GuardedQueue<core::ModuleSpectrum>>();
    spectraQueue = queue;
    sweep = spectraJobs.start<bool>(
        [files = model, modules = std::move(modules), first = priority,
         queue](const core::JobContext& job) {
            core::sweepSpectra(
                files, modules, {}, *first,
                [&queue](core::ModuleSpectrum one) { queue->push(std::move(one)); }, job);
            return true;
        },
        [](bool) {});
    spectraTimer.start();
    announce(&Workbench::sweepStateChanged);
}

void Workbench::Private::endSweep(quint64 id)
{
    if (id != sweep) {
        return; // one that a newer sweep took the place of
    }
    sweep = 0;
    spectraTimer.stop();
    drainSpectra();
    announce(&Workbench::sweepStateChanged);
}

void Workbench::Private::drainSpectra()
{
    if (!spectraQueue) {
        return;
    }
    QStringList arrived;
    for (core::ModuleSpectrum& one : spectraQueue->takeAll()) {
        const QString module = QString::fromStdString(one.module);
        arrived.append(module);
        spectra.insert(module, std::make_shared<const core::ModuleSpectrum>(std::move(one)));
    }
    if (!arrived.isEmpty()) {
        announce(&Workbench::spectraChanged, arrived);
    }
}

const QHash<QString, std::shared_ptr<const core::ModuleSpectrum>>& Workbench::spectra() const
{
    return d->spectra;
}

int Workbench::spectraTotal() const
{
    return d->model ? static_cast<int>(d->model->linearModules().size()) : 0;
}

bool Workbench::sweepRunning() const
{
    return d->sweep != 0;
}

void Workbench::cancelSweep()
{
    d->spectraJobs.cancel();
}

// Goes on with the matrices that are missing or failed; the cache gives back the others at once.
void Workbench::restartSweep()
{
    if (!d->model) {
        return;
    }
    d->drainSpectra();
    std::vector<core::LinearModule> missing;
    for (const core::LinearModule& module : d->model->linearModules()) {
        const auto known = d->spectra.constFind(QString::fromStdString(module.name));
        if (known == d->spectra.constEnd() || !(*known)->problem.empty()) {
            missing.push_back(module);
        }
    }
    d->startSweep(std::move(missing));
}

void Workbench::setModulesOnScreen(const QStringList& modules)
{
    std::vector<std::string> first;
    first.reserve(static_cast<std::size_t>(modules.size()));
    for (const QString& module : modules) {
        first.push_back(module.toStdString());
    }
    d->priority->wantFirst(std::move(first));
}

// --- Data

void Workbench::openData(const QString& path)
{
    d->dataPath = path;
    d->readData();
}

void Workbench::Private::readData()
{
    dataProblem.clear();
    data.reset();
    tokenized.reset();
    reading = 0;
    const bool chat = promptTemplate == core::PromptTemplate::Chat;
    if (chat && !tokenizer) {
        dataJobs.cancel();
        dataProblem = tokenizerProblem; // empty: no model is open yet
        announce(&Workbench::dataChanged);
        return;
    }
    reading = dataJobs.start<core::DataFile>(
        [name = dataPath.toStdString(), how = promptTemplate,
         words = chat ? tokenizer : nullptr](const core::JobContext& job) {
            return core::readDataFile(name, how, words.get(), job);
        },
        [this](core::DataFile file) {
            reading = 0;
            data = std::make_shared<const core::DataFile>(std::move(file));
            announce(&Workbench::dataChanged);
            tokenize();
        });
    announce(&Workbench::dataChanged);
}

void Workbench::setPromptTemplate(core::PromptTemplate promptTemplate)
{
    const bool isNew = std::exchange(d->promptTemplate, promptTemplate) != promptTemplate;
    if (isNew && !d->dataPath.isEmpty()) {
        d->readData();
    }
}

void Workbench::closeData()
{
    d->dataJobs.cancel();
    d->reading = 0;
    d->dataPath.clear();
    d->dataProblem.clear();
    d->data.reset();
    d->tokenized.reset();
    d->announce(&Workbench::dataChanged);
}

void Workbench::Private::tokenize()
{
    tokenized.reset();
    dataProblem.clear();
    if (!data || !tokenizer) {
        dataProblem = data && model ? tokenizerProblem : QString();
        announce(&Workbench::dataChanged);
        return;
    }
    dataJobs.start<core::TokenizedData>(
        [file = data, words = tokenizer, limit = maxLength](const core::JobContext& job) {
            return core::tokenizeData(*file, *words, limit, job);
        },
        [this](core::TokenizedData result) {
            tokenized = std::make_shared<const core::TokenizedData>(std::move(result));
            announce(&Workbench::dataChanged);
        });
}

// The old figures stay in sight until the new ones are there: nothing jumps.
void Workbench::setMaxLength(int tokens)
{
    if (tokens < 1 || std::exchange(d->maxLength, tokens) == tokens) {
        return;
    }
    if (d->reading == 0) {
        const auto before = d->tokenized;
        d->tokenize();
        d->tokenized = before;
    }
}

QString Workbench::dataPath() const
{
    return d->dataPath;
}

std::shared_ptr<const core::DataFile> Workbench::data() const
{
    return d->data;
}

std::shared_ptr<const core::TokenizedData> Workbench::tokenized() const
{
    return d->tokenized;
}

QString Workbench::dataProblem() const
{
    return d->dataProblem;
}

RankChoice& Workbench::ranks() const
{
    return d->ranks;
}

Comparison& Workbench::comparison() const
{
    return d->comparison;
}

FastSvdMeter& Workbench::fastSvd() const
{
    return d->fastSvd;
}

QuantBench& Workbench::quantBench() const
{
    return d->quantBench;
}

RankSearch& Workbench::rankSearch() const
{
    return d->rankSearch;
}

QVector<Service*> Workbench::services() const
{
    return {&d->comparison,           &d->fastSvd,   &d->quantBench, &d->quantBench.inspecting(),
            &d->quantBench.ranking(), &d->rankSearch};
}

Exports& Workbench::exports() const
{
    return d->exports;
}

ChangeStack& Workbench::undoStack() const
{
    return d->undo;
}

core::MemoryEstimate Workbench::estimate(const core::RunSpec& spec,
                                         const QVector<core::Method>& twins) const
{
    if (!d->model) {
        return {};
    }
    core::MemoryEstimate estimate = core::estimateMemory(
        *d->model, spec, {twins.begin(), twins.end()}, d->largestBatch.tokens(d->tokenized, spec));
    // What this window holds is the program's only where the run trains in it; once it has trained, that is memory which
    // the next run takes again.
    if (d->trainRuns.isEmpty()) {
        d->idleMemory = core::processMemoryBytes();
    }
    if (!d->inProcess) {
        estimate.fixed = std::max(estimate.fixed, d->idleMemory);
    }
    return estimate;
}

core::DiskEstimate Workbench::diskEstimate(const core::RunSpec& spec,
                                           const QVector<core::Method>& twins) const
{
    if (!d->model) {
        return {};
    }
    const std::int64_t rows = d->tokenized ? d->tokenized->summary.usable : 0;
    const std::int64_t batch = std::max<std::int64_t>(1, spec.batchSize);
    return core::estimateDisk(*d->model, spec, {twins.begin(), twins.end()},
                              core::totalSteps(spec, (rows + batch - 1) / batch));
}

} // namespace pissarro::ui
