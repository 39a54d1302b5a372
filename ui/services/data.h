// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/dataset.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/of_model.h"
#include "ui/services/service.h"

#include <memory>

namespace pissarro::ui {

// The open data: rows as prompts, and their tokens. They are tokenized again by themselves when data, model or maximal
// length change. Running while they are read or tokenized; Idle with a problem() where the model has no tokenizer.
class Data : public Service, public OfModel {
    Q_OBJECT

public:
    explicit Data(QObject* parent = nullptr);

    void open(const QString& path);
    void close(); // none is open then
    // How rows become prompts; the open data are read anew. Chat needs a model: without one they wait for it.
    void setPromptTemplate(core::PromptTemplate promptTemplate);
    void setMaxLength(int tokens);

    const QString& path() const { return m_path; } // empty: none
    std::shared_ptr<const core::DataFile> file() const { return m_file; } // null: none read
    // Null: none yet.
    std::shared_ptr<const core::TokenizedData> tokenized() const { return m_tokenized; }
    QString
    problem() const; // why tokenized() is null although data are named; empty: they are read

    void takeModel(const OpenedModel& opened) override;
    void tellWhatIsGone() override;

Q_SIGNALS:
    void changed(); // path(), file(), tokenized() or problem()

private:
    void read(); // of m_path
    void tokenize();
    void tell(State state);

    OpenedModel m_model;
    QString m_path;
    std::shared_ptr<const core::DataFile> m_file;
    std::shared_ptr<const core::TokenizedData> m_tokenized;
    core::PromptTemplate m_template;
    std::int64_t m_maxLength;
    QString m_hindrance; // the model's: no failure of this
    quint64 m_reading = 0; // id of the job that reads the file; 0: none
    JobBridge m_jobs; // last: destroyed first
};

} // namespace pissarro::ui
