// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/widget_export.h"

#include "core/base/error.h"
#include "core/dataset/data_mix.h"
#include "core/file/output_marker.h"
#include "core/session/open_model.h"
#include "core/text/json_text.h"
#include "ui/jobs/job_bridge.h"

#include <QApplication>
#include <QBuffer>
#include <QFileInfo>
#include <QHash>
#include <QImage>
#include <QPainter>
#include <QPdfWriter>
#include <QPixmap>
#include <QPointer>
#include <QSvgGenerator>
#include <QWidget>

#include <filesystem>
#include <iterator>
#include <set>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr double kPngScale = 2.0; // sharp in a paper's column
constexpr double kPointsPerPixel = 0.75;

struct Words {
    Q_DECLARE_TR_FUNCTIONS(pissarro::ui::WidgetExport)
};

using Inputs = std::function<QStringList()>;
QHash<const void*, Inputs>& protectedInputs()
{
    static QHash<const void*, Inputs> inputs;
    return inputs;
}

// JSON objects, CSV, Markdown and SVG get the mark here.
std::string marked(const QString& path, const QByteArray& content)
{
    const QString suffix = QFileInfo(path).suffix().toLower();
    const std::string bytes = content.toStdString();
    if (bytes.starts_with('{')) { // ours: a rank map, a spec
        return core::markedJson(core::parseOrderedJson(bytes)).dump(2) + "\n";
    }
    return suffix == QLatin1String("csv") ? core::markedCsv(bytes)
        : suffix == QLatin1String("md")   ? core::markedMarkdown(bytes)
        : suffix == QLatin1String("svg")  ? core::markedSvg(bytes)
                                          : bytes;
}

} // namespace

void protectInputs(const void* owner, const QStringList& inputs)
{
    if (inputs.isEmpty()) {
        protectedInputs().remove(owner);
    } else {
        protectInputsBy(owner, [inputs] { return inputs; });
    }
}

void protectInputsBy(const void* owner, std::function<QStringList()> inputs)
{
    protectedInputs()[owner] = std::move(inputs);
}

core::OutputRule inputsInUse(core::Overwrite overwrite)
{
    core::OutputRule rule {{}, overwrite};
    for (const Inputs& inputs : std::as_const(protectedInputs())) {
        for (const QString& input : inputs()) {
            if (!input.isEmpty()) {
                rule.inputs.emplace_back(input.toStdString());
            }
        }
    }
    return rule;
}

core::OutputRule withAllRead(const core::OutputRule& named)
{
    std::set<std::filesystem::path> all;
    for (const std::filesystem::path& input : named.inputs) {
        for (auto places : {core::readPlaces(input.string()), core::dataPlaces(input)}) {
            all.insert(std::make_move_iterator(places.begin()),
                       std::make_move_iterator(places.end()));
        }
    }
    return {{all.begin(), all.end()}, named.overwrite};
}

SavedFiles& SavedFiles::instance()
{
    static SavedFiles files;
    return files;
}

void saveOutput(QObject* context, const QString& path, MakeBytes bytes, TakeProblem done)
{
    auto* jobs = new JobBridge(qApp); // its own: a later file does not take its place
    jobs->setTitle(Words::tr("Saving %1").arg(QFileInfo(path).fileName()));
    const auto tell = [jobs, lives = QPointer<QObject>(context),
                       done = std::move(done)](const QString& problem) {
        jobs->deleteLater();
        if (lives) {
            done(problem);
        }
    };
    QObject::connect(jobs, &JobBridge::failed, jobs,
                     [tell](quint64, const QString& problem) { tell(problem); });
    QObject::connect(jobs, &JobBridge::cancelled, jobs, &QObject::deleteLater);
    jobs->start<bool>(
        [path, bytes = std::move(bytes),
         rule = inputsInUse(core::Overwrite::ThisFile)](const core::JobContext& job) {
            const std::string content = marked(path, bytes());
            job.throwIfCancelled();
            core::writeOutputFile(path.toStdString(), content, withAllRead(rule));
            return true;
        },
        [tell, path](bool) {
            tell({});
            Q_EMIT SavedFiles::instance().saved(path);
        });
}

void savePicture(QObject* context, const QString& path, const Picture& picture, TakeProblem done)
{
    if (!picture.problem.isEmpty()) {
        done(picture.problem);
        return;
    }
    saveOutput(context, path, picture.bytes, std::move(done));
}

QString writeOutput(const QString& path, const QByteArray& content)
{
    try {
        core::writeOutputFile(path.toStdString(), marked(path, content),
                              withAllRead(inputsInUse(core::Overwrite::ThisFile)));
    } catch (const core::Error& error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

QString pictureName(const QWidget& widget)
{
    QString name;
    for (const QChar c : widget.accessibleName().toLower()) {
        if (c.isLetterOrNumber()) {
            name += c;
        } else if (!name.isEmpty() && !name.endsWith(QLatin1Char('-'))) {
            name += QLatin1Char('-');
        }
    }
    while (name.endsWith(QLatin1Char('-'))) {
        name.chop(1);
    }
    return name.isEmpty() ? QStringLiteral("picture") : name;
}

QByteArray pngOf(QImage picture)
{
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    picture.setText(QLatin1String(core::kMarkKey), QLatin1String(core::kMarkValue));
    picture.save(&buffer, "PNG");
    return buffer.data();
}

QString outputCreator()
{
    return QLatin1String(core::kMarkValue);
}

Picture pictureOf(const QString& path, QWidget& widget, const QString& title)
{
    const QString suffix = QFileInfo(path).suffix().toLower();
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    if (suffix == QLatin1String("png")) {
        QPixmap picture(widget.size() * kPngScale);
        picture.setDevicePixelRatio(kPngScale);
        picture.fill(Qt::transparent);
        widget.render(&picture);
        return {[image = picture.toImage()] { return pngOf(image); }, {}};
    }
    if (suffix == QLatin1String("svg")) {
        QSvgGenerator generator;
        generator.setOutputDevice(&buffer);
        generator.setTitle(title);
        generator.setSize(widget.size());
        generator.setViewBox(widget.rect());
        generator.setResolution(96);
        widget.render(&generator);
    } else if (suffix == QLatin1String("pdf")) {
        QPdfWriter writer(&buffer);
        writer.setTitle(title);
        writer.setCreator(outputCreator());
        writer.setResolution(96);
        writer.setPageMargins(QMarginsF());
        writer.setPageSize(QPageSize(QSizeF(widget.size()) * kPointsPerPixel, QPageSize::Point, {},
                                     QPageSize::ExactMatch));
        QPainter painter(&writer);
        widget.render(&painter);
    } else {
        return {{},
                Words::tr(
                    "%1: the ending “.%2” is no format of a picture (expected .png, .pdf or .svg); "
                    "choose another name")
                    .arg(path, suffix)};
    }
    return {[content = buffer.data()] { return content; }, {}};
}

} // namespace pissarro::ui
