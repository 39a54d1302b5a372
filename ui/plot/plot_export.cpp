// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/escaped_text.h"
#include "ui/plot/plot_export_p.h"
#include "ui/plot/plot_source.h"
#include "ui/widgets/file_dialogs.h"
#include "ui/widgets/widget_export.h"

#include <QApplication>
#include <QBuffer>
#include <QClipboard>
#include <QFileInfo>
#include <QLocale>
#include <QMenu>
#include <QPdfWriter>
#include <QScopedValueRollback>
#include <QSvgGenerator>

#include <algorithm>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr double kPngScale = 2.0; // sharp in a paper's column
constexpr int kVectorFineness = 4; // of long curves: they are looked at enlarged

QString csvCell(const QString& text)
{
    return QString::fromStdString(core::csvCell(text.toStdString()));
}

QString csvNumber(double value)
{
    return QString::number(value, 'g', QLocale::FloatingPointShortest);
}

void paintVector(QCustomPlot& plot, QPaintDevice* device)
{
    QCPPainter painter(device);
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    plot.toPainter(&painter, plot.width(), plot.height());
}

QByteArray pdfOf(QCustomPlot& plot, const QString& title)
{
    constexpr double kPointsPerPixel = 0.75;
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    QPdfWriter writer(&buffer);
    writer.setTitle(title);
    writer.setCreator(outputCreator());
    writer.setResolution(96);
    writer.setPageMargins(QMarginsF());
    writer.setPageSize(QPageSize(QSizeF(plot.size()) * kPointsPerPixel, QPageSize::Point, {},
                                 QPageSize::ExactMatch));
    paintVector(plot, &writer);
    return buffer.data();
}

QByteArray svgOf(QCustomPlot& plot, const QString& title)
{
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setTitle(title);
    generator.setSize(plot.size());
    generator.setViewBox(plot.rect());
    generator.setResolution(96);
    paintVector(plot, &generator);
    return buffer.data();
}

// With the points of sources that may grow while a worker writes beside the others.
QVector<PlotSeries> withPoints(QVector<PlotSeries> all)
{
    for (PlotSeries& series : all) {
        if (series.source && series.source->isFixed()) {
            continue; // as many as there may be, they need not be copied
        }
        const auto source = std::exchange(series.source, nullptr);
        for (qsizetype i = 0; source && i < source->size(); ++i) {
            series.x.append(source->x(i));
            series.y.append(source->y(i));
        }
    }
    return all;
}

qsizetype pointsOf(const PlotSeries& series)
{
    return series.source ? series.source->size() : std::min(series.x.size(), series.y.size());
}

double keyOf(const PlotSeries& series, qsizetype i)
{
    return series.source ? series.source->x(i) : series.x[i];
}

double heightOf(const PlotSeries& series, qsizetype i)
{
    return series.source ? series.source->y(i) : series.y[i];
}

// A line for each x of any curve.
QString csvOf(const QString& xTitle, const QVector<PlotSeries>& all)
{
    QVector<double> keys;
    for (const PlotSeries& series : all) {
        for (qsizetype i = 0; i < pointsOf(series); ++i) {
            keys.append(keyOf(series, i));
        }
    }
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());

    QString text = csvCell(xTitle.isEmpty() ? QStringLiteral("x") : xTitle);
    for (const PlotSeries& series : all) {
        text += u',' + csvCell(series.label);
    }
    text += u'\n';
    QVector<qsizetype> next(all.size(), 0);
    for (const double key : keys) {
        text += csvNumber(key);
        for (qsizetype i = 0; i < all.size(); ++i) {
            const PlotSeries& series = all[i];
            text += u',';
            const qsizetype count = pointsOf(series);
            qsizetype& at = next[i];
            while (at < count && keyOf(series, at) < key) {
                ++at; // a second point at the same x
            }
            if (at < count && keyOf(series, at) == key) {
                const double height = heightOf(series, at);
                text += std::isfinite(height) ? csvNumber(height) : QString();
                ++at;
            }
        }
        text += u'\n';
    }
    return text;
}

} // namespace

PlotExport::PlotExport(LinePlot& owner, PlotState& state, std::function<void(int)> showFine)
    : m_owner(owner)
    , m_state(state)
    , m_showFine(std::move(showFine))
    , m_menu(new QMenu(&owner))
{
    m_menu->setObjectName(owner.objectName() + QStringLiteral(".menu"));
    m_menu->addAction(LinePlot::tr("Copy picture"), &owner, [this] {
        const QScopedValueRollback exporting(m_state.exporting, true);
        QApplication::clipboard()->setPixmap(drawn());
    });
    m_menu->addAction(LinePlot::tr("Copy data as CSV"), &owner,
                      [this] { QApplication::clipboard()->setText(csv()); });
    m_menu->addSeparator();
    for (const char* suffix : {"png", "pdf", "svg", "csv"}) {
        const QString ending = QString::fromLatin1(suffix);
        m_menu->addAction(LinePlot::tr("Export %1…").arg(ending.toUpper()), &owner,
                          [this, ending] { byDialog(ending); });
    }
    m_menu->addSeparator();
    m_menu->addAction(LinePlot::tr("Show everything\tHome"), &owner, &LinePlot::resetView);
}

QPixmap PlotExport::drawn() const
{
    QCustomPlot& plot = *m_owner.plot();
    return plot.toPixmap(plot.width(), plot.height(), kPngScale);
}

Picture PlotExport::pictureFor(const QString& path) const
{
    const QString suffix = QFileInfo(path).suffix().toLower();
    QCustomPlot& plot = *m_owner.plot();
    Picture picture;
    {
        const QScopedValueRollback exporting(m_state.exporting, true);
        if (suffix == QLatin1String("png")) {
            picture.bytes = [image = drawn().toImage()] { return pngOf(image); };
        } else if (suffix == QLatin1String("pdf")) {
            m_showFine(kVectorFineness);
            picture.bytes = [content = pdfOf(plot, m_owner.accessibleName())] { return content; };
        } else if (suffix == QLatin1String("svg")) {
            m_showFine(kVectorFineness);
            picture.bytes = [content = svgOf(plot, m_owner.accessibleName())] { return content; };
        } else if (suffix == QLatin1String("csv")) {
            picture.bytes = [x = m_state.xTitle, series = withPoints(m_state.series)] {
                return csvOf(x, series).toUtf8();
            };
        } else {
            picture.problem =
                LinePlot::tr(
                    "%1: the ending “.%2” is no format of a plot (expected .png, .pdf, .svg or "
                    ".csv); choose another name")
                    .arg(path, suffix);
        }
    }
    plot.replot(QCustomPlot::rpQueuedReplot);
    return picture;
}

QString PlotExport::csv() const
{
    return csvOf(m_state.xTitle, withPoints(m_state.series));
}

void PlotExport::byDialog(const QString& suffix) const
{
    const auto write = [this, suffix](const QString& chosen) {
        const bool named = !QFileInfo(chosen).suffix().isEmpty();
        const QString path = named ? chosen : chosen + u'.' + suffix;
        savePicture(&m_owner, path, pictureFor(path), [plot = &m_owner](const QString& problem) {
            if (!problem.isEmpty()) {
                Q_EMIT plot->exportFailed(problem);
            }
        });
    };
    askToSave(&m_owner, LinePlot::tr("Export %1").arg(suffix.toUpper()),
              pictureName(m_owner) + u'.' + suffix,
              QStringLiteral("%1 (*.%2)").arg(suffix.toUpper(), suffix), write);
}

} // namespace pissarro::ui
