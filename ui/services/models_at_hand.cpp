// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/models_at_hand.h"

#include "core/analysis/spectrum_cache.h"
#include "core/base/error.h"
#include "core/base/machine_memory.h"
#include "core/model/model_files.h"
#include "ui/services/settings.h"
#include "ui/words/format.h"

#include <QDir>

#include <algorithm>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr int kDrainMs = 50;

// What cannot be opened has none; a cache is no reason to tell of a failure.
KeptSpectra keptOf(const std::string& path, const core::JobContext& job)
{
    KeptSpectra kept;
    try {
        const auto files = core::ModelFiles::open(path, core::Opening::HeadersAlone);
        kept.layer = files->config().layers / 2;
        const core::SpectrumCache cache(*files);
        for (const core::LinearModule& module : files->linearModules()) {
            job.throwIfCancelled();
            const auto spectrum = module.layer == kept.layer ? cache.find(module) : std::nullopt;
            if (!spectrum) {
                continue;
            }
            const auto& values = spectrum->values;
            const auto shown = std::min<std::size_t>(values.size(), ModelsAtHand::kValues);
            const auto rank = std::min<std::int64_t>(ModelsAtHand::kRank, module.smallerSide());
            kept.matrices.append(
                {QString::fromStdString(module.type), module.rows, module.cols,
                 QVector<double>(values.begin(),
                                 values.begin() + static_cast<std::ptrdiff_t>(shown)),
                 core::keptEnergy(*spectrum, rank)});
        }
    } catch (const core::Error&) {
        kept.matrices.clear();
    }
    return kept;
}

} // namespace

ModelsAtHand::ModelsAtHand(QObject* parent)
    : Service(parent)
    , m_lister(std::make_shared<core::ModelLister>())
    , m_queue(std::make_shared<Queue>())
    , m_folders(stored(setting::kModelFolders))
{
    m_draining.setInterval(kDrainMs);
    connect(&m_draining, &QTimer::timeout, this, &ModelsAtHand::drain);
    goWith(m_jobs, [](const QString& why) {
        return Failed {tr("Could not look for models"), {}, why};
    });
    connect(&m_jobs, &JobBridge::cancelled, this, [this] { // or another look took its place
        if (!m_jobs.isBusy()) {
            drain();
            m_draining.stop();
        }
    });
    connect(&m_jobs, &JobBridge::failed, &m_draining, &QTimer::stop);
}

std::int64_t ModelsAtHand::memoryBytes() const
{
    return core::machineMemoryBytes();
}

void ModelsAtHand::look(const QStringList& opened)
{
    start(opened, core::Look::AtChanges);
}

void ModelsAtHand::rescan(const QStringList& opened)
{
    start(opened, core::Look::Afresh);
}

void ModelsAtHand::stop()
{
    m_jobs.cancel();
}

void ModelsAtHand::start(const QStringList& opened, core::Look how)
{
    m_opened = opened;
    m_queue = std::make_shared<Queue>();
    if (!m_wasWhole) { // what was found is found again
        m_models.clear();
        m_draining.start();
    }
    m_jobs.start<core::ModelList>(
        [lister = m_lister, queue = m_queue, folders = m_folders, opened,
         how](const core::JobContext& job) {
            std::vector<core::ModelPlace> places = core::usualPlaces();
            for (const QString& folder : folders) {
                places.push_back({core::PlaceKind::Folder, folder.toStdString()});
            }
            for (const QString& model : opened) {
                places.push_back({core::PlaceKind::Opened, model.toStdString()});
            }
            return lister->look(
                places, job, [&queue](core::ListedModels batch) { queue->push(std::move(batch)); },
                how);
        },
        [this](core::ModelList list) { take(std::move(list)); });
    setState(Running {});
    announce(this, &ModelsAtHand::changed);
}

void ModelsAtHand::drain()
{
    if (m_wasWhole) {
        return;
    }
    const std::size_t before = m_models.size();
    for (core::ListedModels& batch : m_queue->takeAll()) {
        m_models.insert(m_models.end(), batch.begin(), batch.end());
    }
    if (m_models.size() > before) {
        announce(this, &ModelsAtHand::changed);
    }
}

void ModelsAtHand::take(core::ModelList list)
{
    m_draining.stop();
    m_wasWhole = true;
    m_models = std::move(list.models);
    m_places = std::move(list.places);
    m_notes.clear();
    for (const std::string& note : list.notes) {
        m_notes.append(QString::fromStdString(note));
    }
    setState(Ready {});
    announce(this, &ModelsAtHand::changed);
}

void ModelsAtHand::addFolder(const QString& folder)
{
    const QString path = QDir::cleanPath(QDir(folder).absolutePath());
    m_folders = storeChange(setting::kModelFolders, [&path](QStringList& folders) {
        folders.removeAll(path);
        folders.append(path);
    });
    look(m_opened);
}

void ModelsAtHand::removeFolder(const QString& folder)
{
    m_folders = storeChange(setting::kModelFolders,
                            [&folder](QStringList& folders) { folders.removeAll(folder); });
    look(m_opened);
}

void ModelsAtHand::askSpectra(const QString& model)
{
    m_asked = model;
    if (m_spectra.contains(model)) {
        announce(this, &ModelsAtHand::spectraKnown, model);
        return;
    }
    m_reading.start<KeptSpectra>(
        [path = model.toStdString()](const core::JobContext& job) { return keptOf(path, job); },
        [this, model](KeptSpectra kept) {
            if (!kept.matrices.isEmpty()) { // else it may be computed until it is asked again
                m_spectra.insert(model, std::move(kept));
            }
            announce(this, &ModelsAtHand::spectraKnown, model);
        });
}

const KeptSpectra* ModelsAtHand::spectraOf(const QString& model) const
{
    const auto found = m_spectra.constFind(model);
    return found == m_spectra.constEnd() ? nullptr : &found.value();
}

} // namespace pissarro::ui
