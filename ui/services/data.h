// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/data_figures.h"
#include "core/dataset/dataset.h"
#include "core/dataset/labelled_texts.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/of_model.h"
#include "ui/services/service.h"

#include <QVector>

#include <memory>
#include <optional>

namespace pissarro::ui {

// How rows are read, beside the template.
struct DataReading {
    core::ColumnMap columns; // empty: found by their names
    core::LearnedTurns learned = core::LearnedTurns::All;
    bool strict = false;

    friend bool operator==(const DataReading& a, const DataReading& b) = default;
};

// What the rows come to with the maximal length.
struct DataCost {
    core::CutFigures cut;
    double padding = 0.0; // share of a batch, on average
};

// The open data: its first rows as they stand in the file, and all rows in tokens. They are tokenized again by themselves
// when data, reading, template or model change; another maximal length only cuts them anew. Running while they are read or
// tokenized; Idle with a problem() where the model has no tokenizer.
class Data : public Service, public OfModel {
    Q_OBJECT

public:
    explicit Data(QObject* parent = nullptr);

    void open(const QString& path);
    void close(); // none is open then
    // How rows become prompts; the open data are read anew. Chat needs a model: without one they wait for it.
    void setPromptTemplate(core::PromptTemplate promptTemplate);
    void setReading(const DataReading& reading);
    void setMaxLength(int tokens);
    // Template, reading and length were chosen on the page of the data: other pages that show them take them up.
    void tellSettings();

    const QString& path() const { return m_path; } // empty: none
    core::PromptTemplate promptTemplate() const { return m_template; }
    const DataReading& reading() const { return m_reading; }
    std::int64_t maxLength() const { return m_maxLength; }
    core::DataOptions options() const;
    // The model sorts texts instead of writing some: rows are texts with labels, judged as a whole.
    bool sortsTexts() const;
    core::LabelSet labels() const; // the head's; count 0: not known
    // The first rows as they stand in the file; null: not read yet. There before any token is.
    std::shared_ptr<const core::DataHead> head() const { return m_head; }
    // Every row in tokens, none cut; null: none yet.
    std::shared_ptr<const core::TokenizedData> whole() const { return m_whole; }
    // The same, cut at the maximal length. Null: none yet.
    std::shared_ptr<const core::TokenizedData> tokenized() const { return m_tokenized; }
    QVector<core::Said> notes() const; // on both
    // Of whole(); while a new length is looked at those of the one before.
    const core::LengthFigures& lengths() const { return m_lengths; }
    const DataCost& cost() const { return m_cost; }
    std::int64_t batchSize() const { return m_batchSize; }
    void setBatch(std::int64_t rows, std::uint64_t seed); // of the run to come
    QString
    problem() const; // why tokenized() is null although data are named; empty: they are read

    // What stands around the row of an example in the file: rowRead() follows, or rowNotRead().
    void readRow(std::size_t example);

    // Repeated rows, empty answers, and rows near those of a test set: looked for when they are asked for, and again once
    // the rows are other ones.
    void setTestSet(const QString& path); // empty: none
    const QString& testSet() const { return m_testSet; }
    void wantChecks(bool on);
    bool isChecking() const { return m_checking != 0; }
    const std::optional<core::Duplicates>& duplicates() const { return m_duplicates; }
    const std::optional<core::TextChecks>& checks() const { return m_checks; }
    const QString& checksProblem() const { return m_checksProblem; }
    void cancelChecks();

    void takeModel(const OpenedModel& opened) override;
    void tellWhatIsGone() override;

Q_SIGNALS:
    void settingsChosen();
    void changed(); // path(), head(), whole(), tokenized() or problem()
    void checksChanged(); // what the checks have found, or that they run
    void rowRead(quint64 example, const pissarro::core::DataHead& row);
    void rowNotRead(quint64 example, const QString& why);

private:
    void readHead();
    void read(); // of m_path
    void cut();
    void takeWhole(std::shared_ptr<const core::TokenizedData> whole);
    void check();
    void forgetChecks();
    void tell(State state);

    OpenedModel m_model;
    QString m_path;
    QString m_testSet;
    std::shared_ptr<const core::DataHead> m_head;
    std::shared_ptr<const core::TokenizedData> m_whole;
    std::shared_ptr<const core::TokenizedData> m_tokenized;
    std::optional<core::Duplicates> m_duplicates;
    std::optional<core::TextChecks> m_checks;
    QString m_checksProblem;
    core::PromptTemplate m_template;
    DataReading m_reading;
    std::int64_t m_maxLength;
    std::int64_t m_batchSize;
    std::uint64_t m_seed;
    core::LengthFigures m_lengths;
    DataCost m_cost;
    QString m_hindrance; // the model's: no failure of this
    bool m_wantsChecks = false;
    quint64 m_readingRows = 0; // id of the job that reads the rows; 0: none
    quint64 m_checking = 0;
    quint64 m_row = 0; // example that is read last
    JobBridge m_headJobs; // the bridges last: destroyed first
    JobBridge m_rowJobs;
    JobBridge m_checkJobs;
    JobBridge m_jobs;
};

} // namespace pissarro::ui
