// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/model_list.h"
#include "ui/jobs/guarded_queue.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/service.h"

#include <QHash>
#include <QString>
#include <QStringList>
#include <QTimer>
#include <QVector>

#include <cstdint>
#include <memory>

namespace pissarro::ui {

// Of a model that is not open, the singular values that an earlier look at it left in the cache.
struct KeptSpectrum {
    QString type; // "q_proj"
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    QVector<double> values; // the first ones
    double energy = 0.0; // that the rank of ModelsAtHand::kRank keeps, in [0, 1]
};
struct KeptSpectra {
    std::int64_t layer = 0; // the middle one
    QVector<KeptSpectrum> matrices; // of that layer; empty: none is kept
};

// The models on this machine, by their headers alone: where programs have put them, in the folders added by hand, and those
// opened last. Running while it looks, which it does when a page asks; it tells of models as they are found.
class ModelsAtHand : public Service {
    Q_OBJECT

public:
    static constexpr int kRank = 16; // of the training that memory is told for
    static constexpr int kValues = 64; // of a sparkline

    explicit ModelsAtHand(QObject* parent = nullptr);

    const core::ListedModels& models() const { return m_models; } // as far as they were found
    // Of the last look that came to its end; empty before.
    const std::vector<core::ListedPlace>& places() const { return m_places; }
    const QStringList& notes() const { return m_notes; } // what could not be listed, a line each
    bool wasWhole() const { return m_wasWhole; } // a look came to its end
    std::int64_t memoryBytes() const; // of this machine

    void look(const QStringList& opened); // reads what changed; `opened`: models, wherever they lie
    void rescan(const QStringList& opened); // reads all headers again
    void stop(); // what was found by then stays
    void addFolder(const QString& folder); // to those that are looked through from now on
    void removeFolder(const QString& folder);
    const QStringList& folders() const { return m_folders; } // added by hand

    void askSpectra(const QString& model); // of many in a row of the last; spectraKnown() follows
    // Null: nobody has asked, or nothing is known yet.
    const KeptSpectra* spectraOf(const QString& model) const;

Q_SIGNALS:
    void changed(); // models(), places(), notes()
    void spectraKnown(const QString& model);

private:
    using Queue = GuardedQueue<core::ListedModels>;
    void start(const QStringList& opened, core::Look how);
    void drain(); // models that were found so far, before the first list is whole
    void take(core::ModelList list);

    std::shared_ptr<core::ModelLister> m_lister; // the worker's alone
    std::shared_ptr<Queue> m_queue; // of the look under way
    core::ListedModels m_models;
    std::vector<core::ListedPlace> m_places;
    QStringList m_notes;
    QStringList m_folders;
    QStringList m_opened; // of the last look
    bool m_wasWhole = false;
    QHash<QString, KeptSpectra> m_spectra; // by model
    QString m_asked; // whose spectra
    QTimer m_draining;
    // Last members: destroyed first, so that no worker outlives what it uses.
    JobBridge m_reading;
    JobBridge m_jobs;
};

} // namespace pissarro::ui
