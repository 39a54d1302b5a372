// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/widget_export.h"

#include "core/base/error.h"
#include "core/io/output.h"
#include "core/io/output_marker.h"

#include <QApplication>
#include <QBuffer>
#include <QFileInfo>
#include <QHash>
#include <QImage>
#include <QPainter>
#include <QPdfWriter>
#include <QPixmap>
#include <QSvgGenerator>
#include <QWidget>

namespace pissarro::ui {

namespace {

constexpr double kPngScale = 2.0; // sharp in a paper's column
constexpr double kPointsPerPixel = 0.75;

QString tr(const char* text)
{
    return QCoreApplication::translate("Export", text);
}

QHash<const void*, QStringList>& protectedInputs()
{
    static QHash<const void*, QStringList> inputs;
    return inputs;
}

// JSON objects, CSV, Markdown and SVG get the mark here.
std::string marked(const QString& path, const QByteArray& content)
{
    const QString suffix = QFileInfo(path).suffix().toLower();
    const std::string bytes = content.toStdString();
    if (bytes.starts_with('{')) { // ours: a rank map, a spec
        return core::markedJson(nlohmann::ordered_json::parse(bytes)).dump(2) + "\n";
    }
    return suffix == QLatin1String("csv") ? core::markedCsv(bytes)
        : suffix == QLatin1String("md")   ? core::markedMarkdown(bytes)
        : suffix == QLatin1String("svg")  ? core::markedSvg(bytes)
                                          : bytes;
}

} // namespace

void protectInputs(const void* owner, const QStringList& inputs)
{
    protectedInputs()[owner] = inputs;
}

QString writeOutput(const QString& path, const QByteArray& content)
{
    core::OutputRule rule {{}, core::Overwrite::ThisFile};
    for (const QStringList& inputs : std::as_const(protectedInputs())) {
        for (const QString& input : inputs) {
            rule.inputs.emplace_back(input.toStdString());
        }
    }
    try {
        core::writeOutputFile(path.toStdString(), marked(path, content), rule);
    } catch (const core::Error& error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

QString writeText(const QString& path, const QString& text)
{
    return writeOutput(path, text.toUtf8());
}

QByteArray pngOf(const QPixmap& picture)
{
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    QImage image = picture.toImage();
    image.setText(QLatin1String(core::kMarkKey), QLatin1String(core::kMarkValue));
    image.save(&buffer, "PNG");
    return buffer.data();
}

QString outputCreator()
{
    return QLatin1String(core::kMarkValue);
}

QString writePicture(const QString& path, QWidget& widget, const QString& title)
{
    const QString suffix = QFileInfo(path).suffix().toLower();
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    if (suffix == QLatin1String("png")) {
        QPixmap picture(widget.size() * kPngScale);
        picture.setDevicePixelRatio(kPngScale);
        picture.fill(Qt::transparent);
        widget.render(&picture);
        return writeOutput(path, pngOf(picture));
    } else if (suffix == QLatin1String("svg")) {
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
        return tr("%1: the ending “.%2” is no format of a picture (expected .png, .pdf or .svg); "
                  "choose another name")
            .arg(path, suffix);
    }
    return writeOutput(path, buffer.data());
}

} // namespace pissarro::ui
