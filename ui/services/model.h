// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/jobs/job_bridge.h"
#include "ui/services/of_model.h"
#include "ui/services/service.h"

#include <vector>

namespace pissarro::ui {

// The open model. Opening reads its headers on a worker; until that is done, and where it fails, the one before stays.
class Model : public Service {
    Q_OBJECT

public:
    explicit Model(QObject* parent = nullptr);

    // Told of every model that is opened, after those that follow already; a follower lives as long as the event loop.
    void follow(OfModel& follower) { m_followers.push_back(&follower); }

    void open(const QString& path);
    std::shared_ptr<const core::ModelFiles> files() const { return m_opened.files; } // null: none
    std::shared_ptr<const core::Tokenizer> tokenizer() const { return m_opened.tokenizer; }
    const QString& canonicalPath() const { return m_opened.canonicalPath; } // empty: none
    // Why tokenizer() is null although a model is open.
    const QString& tokenizerProblem() const { return m_opened.tokenizerProblem; }
    int matrices() const; // linear ones; 0: none is open

Q_SIGNALS:
    void opening(const QString& path); // as a person named it
    // files() is new. What belonged to the model before (spectra, comparison, rank map, tokenized rows) is gone by now, and
    // told to be after this.
    void opened();

private:
    void take(OpenedModel opened);

    OpenedModel m_opened;
    QString m_asked;
    std::vector<OfModel*> m_followers;
    JobBridge m_jobs; // last: destroyed first
};

} // namespace pissarro::ui
