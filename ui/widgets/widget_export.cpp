// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/widget_export.h"

#include <QApplication>
#include <QBuffer>
#include <QFileInfo>
#include <QPainter>
#include <QPdfWriter>
#include <QSaveFile>
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

QString write(const QString& path, const QByteArray& content)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size()
        || !file.commit()) {
        return tr("%1: could not be written (%2); choose another folder")
            .arg(path, file.errorString());
    }
    return {};
}

} // namespace

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
        picture.save(&buffer, "PNG");
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
        writer.setCreator(QApplication::applicationDisplayName());
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
    return write(path, buffer.data());
}

QString writeText(const QString& path, const QString& text)
{
    return write(path, text.toUtf8());
}

} // namespace pissarro::ui
