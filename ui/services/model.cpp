// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/model.h"

#include "ui/words/format.h"

#include <QFileInfo>

#include <filesystem>
#include <system_error>
#include <utility>

namespace pissarro::ui {

namespace {

QString nameOf(const QString& path)
{
    const QString name = QFileInfo(path).fileName();
    return name.isEmpty() ? path : name;
}

OpenedModel readModel(const std::string& path, const core::JobContext& job)
{
    OpenedModel opened;
    opened.files = core::ModelFiles::open(path);
    std::error_code failed;
    opened.canonicalPath = textOf(std::filesystem::weakly_canonical(opened.files->path(), failed));
    job.throwIfCancelled();
    try {
        opened.tokenizer = core::openTokenizer(opened.files->path());
    } catch (const core::Error& error) {
        opened.tokenizerProblem = QString::fromUtf8(error.what());
    }
    return opened;
}

} // namespace

Model::Model(QObject* parent)
    : Service(parent)
{
    goWith(m_jobs, [this](const QString& why) {
        return Failed {tr("Could not open %1").arg(nameOf(m_asked)), m_asked, why};
    });
}

void Model::open(const QString& path)
{
    m_asked = path;
    m_jobs.start<OpenedModel>(
        [name = path.toStdString()](const core::JobContext& job) { return readModel(name, job); },
        [this](OpenedModel opened) { take(std::move(opened)); });
    setState(Running {});
    announce(this, &Model::opening, path);
}

void Model::take(OpenedModel opened)
{
    m_opened = std::move(opened);
    for (OfModel* follower : m_followers) {
        follower->takeModel(m_opened);
    }
    setState(Ready {});
    announce(this, &Model::opened);
    for (OfModel* follower : m_followers) {
        follower->tellWhatIsGone();
    }
}

int Model::matrices() const
{
    return m_opened.files ? static_cast<int>(m_opened.files->linearModules().size()) : 0;
}

} // namespace pissarro::ui
