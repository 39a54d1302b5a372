// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/data.h"

#include "core/base/error.h"
#include "core/model/model_files.h"
#include "core/run/head_labels.h"
#include "core/run/run_spec.h"
#include "core/text/message_text.h"

#include <QFileInfo>

#include <algorithm>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr std::int64_t kUncut = std::int64_t {1} << 30;
constexpr std::size_t kHeadRows = 200;

QString nameOf(const QString& path)
{
    const QString name = QFileInfo(path).fileName();
    return name.isEmpty() ? path : name;
}

// A file of which no row can be read has nothing to choose columns of.
core::DataHead readHeadOf(const std::string& path, const core::JobContext& job)
{
    core::DataHead head = core::dataHead(path, kHeadRows, job);
    const bool anyGood = std::any_of(head.rows.begin(), head.rows.end(),
                                     [](const auto& row) { return row.problem.empty(); });
    if (head.isAll && !anyGood) {
        throw core::Error(core::ErrorKind::Format,
                          head.rows.empty() ? std::string("holds no rows")
                                            : head.rows.front().problem)
            .within(core::shownPath(path));
    }
    return head;
}

} // namespace

Data::Data(QObject* parent)
    : Service(parent)
    , m_template(core::RunSpec {}.promptTemplate)
    , m_maxLength(core::RunSpec {}.maxLength)
    , m_batchSize(core::RunSpec {}.batchSize)
    , m_seed(core::RunSpec {}.seed)
{
    for (JobBridge* jobs : {&m_jobs, &m_headJobs}) {
        connect(jobs, &JobBridge::failed, this, [this, jobs](quint64 id, const QString& text) {
            if (jobs == &m_headJobs && m_readingRows != 0) {
                return; // the rows say it, too
            }
            m_readingRows = id == m_readingRows ? 0 : m_readingRows;
            m_tokenized.reset(); // those of the length before stood while the new ones were made
            tell(Failed {tr("Could not use %1").arg(nameOf(m_path)), m_path, text});
        });
    }
    connect(&m_jobs, &JobBridge::progressed, this,
            [this](quint64 /*id*/, double fraction, const QString& stage) {
                if (isRunning()) {
                    setState(Running {fraction, stage});
                }
            });
    connect(&m_rowJobs, &JobBridge::failed, this, [this](quint64 /*id*/, const QString& text) {
        announce(this, &Data::rowNotRead, m_row, text);
    });
    connect(&m_checkJobs, &JobBridge::failed, this, [this](quint64 id, const QString& text) {
        m_checking = id == m_checking ? 0 : m_checking;
        m_checksProblem = text;
        announce(this, &Data::checksChanged);
    });
    connect(&m_checkJobs, &JobBridge::cancelled, this, [this](quint64 id) {
        if (std::exchange(m_checking, id == m_checking ? 0 : m_checking) == id) {
            announce(this, &Data::checksChanged);
        }
    });
}

QString Data::problem() const
{
    return failure() != nullptr ? failure()->why : m_hindrance;
}

core::DataOptions Data::options() const
{
    core::DataOptions options;
    options.promptTemplate = m_template;
    options.columns = m_reading.columns;
    options.learned = m_reading.learned;
    options.strict = m_reading.strict;
    return options;
}

QVector<core::Said> Data::notes() const
{
    QVector<core::Said> notes;
    const auto add = [&notes](const core::TokenizedData* data) {
        if (data != nullptr) {
            notes += QVector<core::Said>(data->notes.begin(), data->notes.end());
        }
    };
    add(m_whole.get());
    if (m_tokenized != m_whole) {
        add(m_tokenized.get());
    }
    return notes;
}

void Data::tell(State state)
{
    setState(std::move(state));
    announce(this, &Data::changed);
}

void Data::open(const QString& path)
{
    const bool maps = path != m_path && !m_reading.columns.empty();
    if (maps) {
        m_reading.columns.clear(); // those of another file
    }
    m_path = path;
    m_head.reset();
    readHead();
    read();
    if (maps) {
        tellSettings();
    }
}

void Data::close()
{
    for (JobBridge* jobs : {&m_jobs, &m_headJobs, &m_rowJobs}) {
        jobs->cancel();
    }
    m_readingRows = 0;
    m_path.clear();
    m_hindrance.clear();
    m_reading.columns.clear();
    m_head.reset();
    m_whole.reset();
    m_tokenized.reset();
    forgetChecks();
    tell(Idle {});
}

void Data::readHead()
{
    m_headJobs.start<core::DataHead>(
        [name = m_path.toStdString()](const core::JobContext& job) {
            return readHeadOf(name, job);
        },
        [this](core::DataHead head) {
            m_head = std::make_shared<const core::DataHead>(std::move(head));
            if (m_readingRows == 0 && !m_whole && isRunning()) {
                tell(Idle {}); // the rows wait for a model
            } else {
                announce(this, &Data::changed);
            }
        });
}

void Data::read()
{
    m_hindrance.clear();
    m_whole.reset();
    m_tokenized.reset();
    m_readingRows = 0;
    forgetChecks();
    if (!m_model.tokenizer) {
        m_jobs.cancel();
        m_hindrance = m_model.tokenizerProblem; // empty: no model is open yet
        if (m_head || m_path.isEmpty()) {
            tell(Idle {});
        } else {
            tell(Running {}); // of its first rows
        }
        return;
    }
    struct Read {
        std::shared_ptr<const core::TokenizedData> rows;
        core::LengthFigures lengths;
    };
    m_readingRows = m_jobs.start<Read>(
        [name = m_path.toStdString(), how = options(), words = m_model.tokenizer,
         sorts = sortsTexts(), labels = labels()](const core::JobContext& job) {
            auto rows = std::make_shared<const core::TokenizedData>(
                sorts ? core::labelledTexts(name, how, labels, *words, kUncut, job)
                      : core::tokenizeFile(name, how, *words, kUncut, job));
            return Read {rows, core::lengthFigures(rows->summary.lengths)};
        },
        [this](const Read& read) {
            m_lengths = read.lengths;
            takeWhole(read.rows);
        });
    tell(Running {});
}

// An encoder is given texts with labels, and what is asked and answered says nothing to it.
bool Data::sortsTexts() const
{
    return m_model.files != nullptr && m_model.files->config().bidirectional;
}

core::LabelSet Data::labels() const
{
    return m_model.files != nullptr ? core::labelsOf(m_model.files->config().head)
                                    : core::LabelSet {};
}

void Data::takeWhole(std::shared_ptr<const core::TokenizedData> whole)
{
    m_readingRows = 0;
    m_whole = std::move(whole);
    announce(this, &Data::changed);
    cut();
    check();
}

// Rows that are all short enough are not copied.
void Data::cut()
{
    if (!m_whole) {
        return;
    }
    struct Cut {
        std::shared_ptr<const core::TokenizedData> rows;
        DataCost cost;
    };
    m_jobs.start<Cut>(
        [whole = m_whole, limit = m_maxLength, batch = m_batchSize, seed = m_seed,
         name = m_path.toStdString()](const core::JobContext& job) {
            job.throwIfCancelled();
            Cut cut {whole,
                     {core::cutFigures(*whole, limit),
                      core::paddingShare(whole->summary.lengths, limit, batch, seed)}};
            if (cut.cost.cut.leftOut == cut.cost.cut.rows) {
                throw core::Error(core::ErrorKind::Format,
                                  "none of its rows has a token to learn within the maximum "
                                  "length; raise the maximum length")
                    .within(core::shownPath(name));
            }
            job.throwIfCancelled();
            if (whole->summary.longest > limit) {
                cut.rows = std::make_shared<const core::TokenizedData>(core::cutTo(*whole, limit));
            }
            return cut;
        },
        [this](const Cut& cut) {
            m_tokenized = cut.rows;
            m_cost = cut.cost;
            tell(Ready {});
        });
    setState(Running {});
}

void Data::setBatch(std::int64_t rows, std::uint64_t seed)
{
    const bool isOld = m_batchSize == rows && m_seed == seed;
    if (rows < 1 || isOld) {
        return;
    }
    m_batchSize = rows;
    m_seed = seed;
    if (m_readingRows == 0) {
        cut();
    }
}

void Data::setPromptTemplate(core::PromptTemplate promptTemplate)
{
    const bool isNew = std::exchange(m_template, promptTemplate) != promptTemplate;
    if (isNew && !m_path.isEmpty()) {
        read();
    }
}

void Data::setReading(const DataReading& reading)
{
    const bool isNew = !(m_reading == reading);
    m_reading = reading;
    if (isNew && !m_path.isEmpty()) {
        read();
    }
}

// The old figures stay in sight until the new ones are there: nothing jumps.
void Data::setMaxLength(int tokens)
{
    if (tokens < 1 || std::exchange(m_maxLength, tokens) == tokens) {
        return;
    }
    if (m_readingRows == 0) {
        cut();
    }
}

void Data::tellSettings()
{
    announce(this, &Data::settingsChosen);
}

void Data::readRow(std::size_t example)
{
    if (!m_whole || example >= m_whole->examples.size()) {
        return;
    }
    m_row = example;
    m_rowJobs.start<core::DataHead>(
        [name = m_path.toStdString(), place = m_whole->examples[example].place](
            const core::JobContext& job) { return core::rowAt(name, place, job); },
        [this, example](const core::DataHead& row) {
            announce(this, &Data::rowRead, static_cast<quint64>(example), row);
        });
}

void Data::setTestSet(const QString& path)
{
    if (std::exchange(m_testSet, path) != path) {
        forgetChecks();
        check();
    }
}

void Data::wantChecks(bool on)
{
    m_wantsChecks = on;
    if (on && !m_duplicates && !isChecking() && m_checksProblem.isEmpty()) {
        check();
    }
}

void Data::cancelChecks()
{
    m_checkJobs.cancel();
}

void Data::forgetChecks()
{
    m_checkJobs.cancel();
    m_checking = 0;
    m_duplicates.reset();
    m_checks.reset();
    m_checksProblem.clear();
    announce(this, &Data::checksChanged);
}

void Data::check()
{
    if (!m_wantsChecks || !m_whole) {
        return;
    }
    struct Found {
        core::Duplicates duplicates;
        std::optional<core::TextChecks> checks; // of questions and answers
    };
    m_checksProblem.clear();
    m_checking = m_checkJobs.start<Found>(
        [whole = m_whole, name = m_path.toStdString(), columns = m_reading.columns,
         test = m_testSet.toStdString(), sorts = sortsTexts()](const core::JobContext& job) {
            Found found;
            found.duplicates = core::duplicatesOf(*whole, job);
            if (!sorts) {
                found.checks = core::checkTexts(name, columns, test, job);
            }
            return found;
        },
        [this](Found found) {
            m_checking = 0;
            m_duplicates = std::move(found.duplicates);
            m_checks = std::move(found.checks);
            announce(this, &Data::checksChanged);
        });
    announce(this, &Data::checksChanged);
}

void Data::takeModel(const OpenedModel& opened)
{
    m_jobs.cancel(); // tokens of the tokenizer before
    m_readingRows = 0;
    m_whole.reset();
    m_tokenized.reset();
    m_model = opened;
}

void Data::tellWhatIsGone()
{
    if (!m_path.isEmpty()) {
        read();
    }
}

} // namespace pissarro::ui
