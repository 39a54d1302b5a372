// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/data.h"

#include "core/run/run_spec.h"

#include <QFileInfo>

#include <utility>

namespace pissarro::ui {

namespace {

QString nameOf(const QString& path)
{
    const QString name = QFileInfo(path).fileName();
    return name.isEmpty() ? path : name;
}

} // namespace

Data::Data(QObject* parent)
    : Service(parent)
    , m_template(core::RunSpec {}.promptTemplate)
    , m_maxLength(core::RunSpec {}.maxLength)
{
    connect(&m_jobs, &JobBridge::failed, this, [this](quint64 id, const QString& text) {
        m_reading = id == m_reading ? 0 : m_reading;
        m_tokenized.reset(); // those of the length before stood while the new ones were made
        tell(Failed {tr("Could not use %1").arg(nameOf(m_path)), m_path, text});
    });
}

QString Data::problem() const
{
    return failure() != nullptr ? failure()->why : m_hindrance;
}

void Data::tell(State state)
{
    setState(std::move(state));
    announce(this, &Data::changed);
}

void Data::open(const QString& path)
{
    m_path = path;
    read();
}

void Data::close()
{
    m_jobs.cancel();
    m_reading = 0;
    m_path.clear();
    m_hindrance.clear();
    m_file.reset();
    m_tokenized.reset();
    tell(Idle {});
}

void Data::read()
{
    m_hindrance.clear();
    m_file.reset();
    m_tokenized.reset();
    m_reading = 0;
    const bool chat = m_template.isModels();
    if (chat && !m_model.tokenizer) {
        m_jobs.cancel();
        m_hindrance = m_model.tokenizerProblem; // empty: no model is open yet
        tell(Idle {});
        return;
    }
    m_reading = m_jobs.start<core::DataFile>(
        [name = m_path.toStdString(), how = m_template,
         words = chat ? m_model.tokenizer : nullptr](const core::JobContext& job) {
            return core::readDataFile(name, how, words.get(), job);
        },
        [this](core::DataFile file) {
            m_reading = 0;
            m_file = std::make_shared<const core::DataFile>(std::move(file));
            announce(this, &Data::changed);
            tokenize();
        });
    tell(Running {});
}

void Data::setPromptTemplate(core::PromptTemplate promptTemplate)
{
    const bool isNew = std::exchange(m_template, promptTemplate) != promptTemplate;
    if (isNew && !m_path.isEmpty()) {
        read();
    }
}

void Data::tokenize()
{
    m_tokenized.reset();
    m_hindrance.clear();
    if (!m_file || !m_model.tokenizer) {
        m_hindrance = m_file && m_model.files ? m_model.tokenizerProblem : QString();
        tell(Idle {});
        return;
    }
    m_jobs.start<core::TokenizedData>(
        [file = m_file, words = m_model.tokenizer, limit = m_maxLength](
            const core::JobContext& job) { return core::tokenizeData(*file, *words, limit, job); },
        [this](core::TokenizedData result) {
            m_tokenized = std::make_shared<const core::TokenizedData>(std::move(result));
            tell(Ready {});
        });
    setState(Running {});
}

// The old figures stay in sight until the new ones are there: nothing jumps.
void Data::setMaxLength(int tokens)
{
    if (tokens < 1 || std::exchange(m_maxLength, tokens) == tokens) {
        return;
    }
    if (m_reading == 0) {
        const auto before = m_tokenized;
        tokenize();
        m_tokenized = before;
    }
}

void Data::takeModel(const OpenedModel& opened)
{
    if (m_reading == 0) {
        m_jobs.cancel(); // tokens of the tokenizer before
    }
    m_tokenized.reset();
    m_model = opened;
}

void Data::tellWhatIsGone()
{
    if (m_template.isModels() && !m_path.isEmpty()) {
        read(); // by the template of this model
    } else if (m_file && m_reading == 0) {
        announce(this, &Data::changed);
        tokenize();
    }
}

} // namespace pissarro::ui
