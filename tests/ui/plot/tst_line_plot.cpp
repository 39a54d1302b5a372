// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/output_marker.h"
#include "tests/tools/patience.h"
#include "ui/look/theme.h"
#include "ui/plot/line_plot.h"
#include "ui/plot/plot_layers_p.h"
#include "ui/plot/qcustomplot.h"
#include "ui/widgets/widget_export.h"

#include <QDir>
#include <QFile>
#include <QImage>
#include <QMenu>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>

#include <cmath>
#include <limits>

using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace core = pissarro::core;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// A spectrum of 576 values over indices 1..576, falling from `top` as real ones do.
PlotSeries spectrumLike(const QString& label, double top, int count, int color)
{
    PlotSeries series;
    series.label = label;
    series.color = Theme::instance().methodCycle(color);
    series.labelOnLine = true;
    for (int i = 1; i <= count; ++i) {
        const double t = static_cast<double>(i) / count;
        series.x.append(i);
        series.y.append(top * std::exp(-4.0 * t) * std::pow(1.0 - 0.999 * t, 0.5)
                        / (1.0 + 3.0 * t));
    }
    return series;
}

// The plot as a person sees it, 860 × 460, with three matrices and a rank cursor.
void showSpectrum(LinePlot& plot)
{
    plot.resize(860, 460);
    plot.setAxisTitles(QStringLiteral("index i"), {});
    plot.setXRange(0, std::nullopt);
    plot.setLogY(true);
    plot.setSeries({spectrumLike(QStringLiteral("q_proj"), 16.0, 576, 0),
                    spectrumLike(QStringLiteral("v_proj"), 7.5, 192, 1),
                    spectrumLike(QStringLiteral("down_proj"), 34.0, 576, 2)});
    plot.enableCursor(1, 576, QStringLiteral("r = "));
    plot.setCursor(16);
    plot.show();
    QVERIFY(QTest::qWaitForWindowExposed(&plot, hangMs()));
    plot.plot()->replot();
}

QPoint onCursor(const LinePlot& plot, int value)
{
    const QRect area = plot.plot()->axisRect()->rect();
    return {qRound(plot.plot()->xAxis->coordToPixel(value)), area.center().y()};
}

// The pointer comes to rest at `position`, no button down.
void hover(LinePlot& plot, const QPoint& position)
{
    QMouseEvent event(QEvent::MouseMove, position, plot.plot()->mapToGlobal(position), Qt::NoButton,
                      Qt::NoButton, Qt::NoModifier);
    QApplication::sendEvent(plot.plot(), &event);
}

// One wheel notch up at `position`: zooms in.
void turnWheel(LinePlot& plot, const QPoint& position)
{
    QWheelEvent event(position, plot.plot()->mapToGlobal(position), {}, {0, 120}, Qt::NoButton,
                      Qt::NoModifier, Qt::NoScrollPhase, false);
    QApplication::sendEvent(plot.plot(), &event);
}

QByteArray contentOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class TestLinePlot : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        QTest::failOnWarning(QRegularExpression(
            QStringLiteral("^(?!This plugin does not support propagateSizeHints)")));
    }

    void drawsTheIndexOnALogAxis()
    {
        LinePlot plot(QStringLiteral("sigma"), QStringLiteral("Singular values"));
        showSpectrum(plot);
        const int linear = plot.pointCount();
        plot.setLogX(true);
        QCOMPARE(plot.plot()->xAxis->scaleType(), QCPAxis::stLogarithmic);
        QCOMPARE(plot.plot()->xAxis->range().lower,
                 1.0); // 0, set for the linear axis, has no place
        QCOMPARE(plot.pointCount(), linear);
        const QRect area = plot.plot()->axisRect()->rect();
        const double ten = plot.plot()->xAxis->coordToPixel(10.0);
        const double hundred = plot.plot()->xAxis->coordToPixel(100.0);
        QVERIFY(std::abs((hundred - ten) - (ten - area.left())) < 1.5); // equal decades
        QSignalSpy moved(&plot, &LinePlot::cursorMoved);
        QTest::mousePress(plot.plot(), Qt::LeftButton, {}, onCursor(plot, 16));
        QTest::mouseMove(plot.plot(), onCursor(plot, 100));
        QTest::mouseRelease(plot.plot(), Qt::LeftButton, {}, onCursor(plot, 100));
        QVERIFY(std::abs(plot.cursor() - 100) <= 1);
        turnWheel(plot, area.center());
        QVERIFY(plot.plot()->xAxis->range().lower > 1.0);
        QTest::keyClick(&plot, Qt::Key_Home);
        QCOMPARE(plot.plot()->xAxis->range().lower, 1.0);

        PlotSeries fromZero; // the energy kept at rank 0
        fromZero.x = {0, 1, 2};
        fromZero.y = {0.5, 1.0, 2.0};
        plot.setSeries({fromZero});
        QCOMPARE(plot.pointCount(), 2);
        plot.setLogX(false);
        QCOMPARE(plot.pointCount(), 3);
    }

    void explainsItsColoursBelowThePlot()
    {
        LinePlot plot(QStringLiteral("sigma"), QStringLiteral("Singular values"));
        showSpectrum(plot);
        const auto row = [&plot] { // of the axis title, without the title
            const QRect area = plot.plot()->axisRect()->rect();
            plot.plot()->replot();
            return plot.grab(QRect(area.left(), area.bottom() + 20, 500, 16)).toImage();
        };
        const auto holds = [](const QImage& image, const QColor& color) {
            for (int x = 0; x < image.width(); ++x) {
                if (image.pixelColor(x, image.height() / 2).name() == color.name()) {
                    return true;
                }
            }
            return false;
        };
        const QColor red(200, 30, 40);
        QVERIFY(!holds(row(), red));
        plot.setColorKey({{QStringLiteral("q"), {red}, {}}, {QStringLiteral("k"), {Qt::blue}, {}}});
        QVERIFY(holds(row(), red) && holds(row(), Qt::blue));
        plot.setColorKey({{QStringLiteral("layer 0"), {red, red, red}, QStringLiteral("29")}});
        QVERIFY(holds(row(), red) && !holds(row(), Qt::blue));
        plot.setColorKey({});
        QVERIFY(!holds(row(), red));
    }

    void countsPoints_leavingOutGapsAndWhatALogAxisCannotShow()
    {
        LinePlot plot(QStringLiteral("loss"), QStringLiteral("Loss"));
        PlotSeries series;
        series.x = {1, 2, 3, 4};
        series.y = {2.0, kNaN, 0.0, 1.0};
        plot.setSeries({series});
        QCOMPARE(plot.pointCount(), 3);
        plot.setLogY(true);
        QCOMPARE(plot.pointCount(), 2);
        plot.setSeries({});
        QCOMPARE(plot.pointCount(), 0);
        QCOMPARE(plot.plot()->graphCount(), 0);
    }

    void movesCursor_byDraggingTheLine()
    {
        LinePlot plot(QStringLiteral("sigma"), QStringLiteral("Singular values"));
        showSpectrum(plot);
        QSignalSpy moved(&plot, &LinePlot::cursorMoved);
        const QCPRange before = plot.plot()->xAxis->range();
        QTest::mousePress(plot.plot(), Qt::LeftButton, {}, onCursor(plot, 16));
        QTest::mouseMove(plot.plot(), onCursor(plot, 60));
        QTest::mouseMove(plot.plot(), onCursor(plot, 100));
        QTest::mouseRelease(plot.plot(), Qt::LeftButton, {}, onCursor(plot, 100));
        QVERIFY2(std::abs(plot.cursor() - 100) <= 1, qPrintable(QString::number(plot.cursor())));
        QCOMPARE(moved.size(), 2);
        QCOMPARE(moved.last().first().toInt(), plot.cursor());
        QCOMPARE(plot.plot()->xAxis->range().lower, before.lower); // the drag did not pan
        QTest::mouseMove(plot.plot(), onCursor(plot, 300));
        QCOMPARE(moved.size(), 2);
    }

    void movesCursor_byKeysWithinItsLimits()
    {
        LinePlot plot(QStringLiteral("sigma"), QStringLiteral("Singular values"));
        showSpectrum(plot);
        QSignalSpy moved(&plot, &LinePlot::cursorMoved);
        QTest::keyClick(&plot, Qt::Key_Right);
        QCOMPARE(plot.cursor(), 17);
        QTest::keyClick(&plot, Qt::Key_Right, Qt::ShiftModifier);
        QCOMPARE(plot.cursor(), 27);
        QTest::keyClick(&plot, Qt::Key_Left);
        QCOMPARE(plot.cursor(), 26);
        QCOMPARE(moved.size(), 3);
        plot.setCursor(1);
        QTest::keyClick(&plot, Qt::Key_Left);
        QCOMPARE(plot.cursor(), 1);
        plot.setCursor(900);
        QCOMPARE(plot.cursor(), 576);
        QCOMPARE(moved.size(),
                 3); // neither the limit nor the program's own setCursor is a person's move
    }

    void keepsAPersonsZoom_whenNewDataArrive()
    {
        LinePlot plot(QStringLiteral("sigma"), QStringLiteral("Singular values"));
        showSpectrum(plot);
        QSignalSpy viewed(&plot, &LinePlot::xViewChanged);
        const QCPRange full = plot.plot()->xAxis->range();
        QCOMPARE(full.upper, 576.0);
        turnWheel(plot, onCursor(plot, 288));
        const QCPRange x = plot.plot()->xAxis->range();
        const QCPRange y = plot.plot()->yAxis->range();
        QVERIFY(x.size() < 0.9 * full.size());
        QVERIFY(viewed.size() >= 1);
        QCOMPARE(viewed.last().last().toDouble(), x.upper);
        plot.setSeries({spectrumLike(QStringLiteral("gate_proj"), 90.0, 800, 0)});
        QCOMPARE(plot.plot()->xAxis->range(), x);
        QCOMPARE(plot.plot()->yAxis->range(), y);
        QTest::keyClick(&plot, Qt::Key_Home);
        QCOMPARE(plot.plot()->xAxis->range().upper, 800.0);
        plot.setSeries({spectrumLike(QStringLiteral("gate_proj"), 90.0, 900, 0)});
        QCOMPARE(plot.plot()->xAxis->range().upper, 900.0); // not zoomed: follows the data
    }

    void pansByDragging_andComesBackByDoubleClick()
    {
        LinePlot plot(QStringLiteral("sigma"), QStringLiteral("Singular values"));
        showSpectrum(plot);
        const QCPRange full = plot.plot()->xAxis->range();
        const QPoint start = onCursor(plot, 288);
        turnWheel(plot, start);
        turnWheel(plot, start);
        const QCPRange zoomed = plot.plot()->xAxis->range();
        QTest::mousePress(plot.plot(), Qt::LeftButton, {}, start);
        QTest::mouseMove(plot.plot(), start + QPoint(-30, 0));
        QTest::mouseRelease(plot.plot(), Qt::LeftButton, {}, start + QPoint(-30, 0));
        const QCPRange panned = plot.plot()->xAxis->range();
        QVERIFY(panned.lower > zoomed.lower);
        QVERIFY(std::abs(panned.size() - zoomed.size()) < 1e-6);
        QTest::mouseDClick(plot.plot(), Qt::LeftButton, {}, start);
        QCOMPARE(plot.plot()->xAxis->range(), full);
    }

    void neverZoomsOutBeyondEverything()
    {
        LinePlot plot(QStringLiteral("sigma"), QStringLiteral("Singular values"));
        showSpectrum(plot);
        const QCPRange fullX = plot.plot()->xAxis->range();
        const QCPRange fullY = plot.plot()->yAxis->range();
        QTest::keyClick(&plot, Qt::Key_Plus);
        QVERIFY(plot.plot()->yAxis->range().size() < fullY.size());
        QTest::keyClick(&plot, Qt::Key_Minus);
        QTest::keyClick(&plot, Qt::Key_Minus);
        QCOMPARE(plot.plot()->xAxis->range(), fullX);
        QVERIFY(std::abs(plot.plot()->yAxis->range().upper / fullY.upper - 1) < 1e-9);
    }

    void exportsAPngOfTwiceTheSize()
    {
        LinePlot plot(QStringLiteral("sigma"), QStringLiteral("Singular values"));
        showSpectrum(plot);
        const QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("a.png"));
        QCOMPARE(plot.exportTo(path), QString());
        const QImage image(path);
        QCOMPARE(image.size(), plot.plot()->size() * 2);
        const QRgb curve = Theme::instance().methodCycle(2).rgb();
        bool found = false;
        for (int y = 0; y < image.height() && !found; ++y) {
            for (int x = 0; x < image.width() && !found; ++x) {
                found = image.pixel(x, y) == curve;
            }
        }
        QVERIFY2(found, "no pixel has the colour of the curve");
    }

    void exportsPdfAndSvgAsVectors()
    {
        LinePlot plot(QStringLiteral("sigma"), QStringLiteral("Singular values"));
        showSpectrum(plot);
        const QTemporaryDir folder;
        const QString pdf = folder.filePath(QStringLiteral("a.pdf"));
        QCOMPARE(plot.exportTo(pdf), QString());
        QVERIFY(contentOf(pdf).startsWith("%PDF-1."));
        QVERIFY(contentOf(pdf).trimmed().endsWith("%%EOF"));
        QVERIFY(!contentOf(pdf).contains("/Subtype /Image"));

        const QString svg = folder.filePath(QStringLiteral("a.svg"));
        QCOMPARE(plot.exportTo(svg), QString());
        QXmlStreamReader xml(contentOf(svg));
        int polylines = 0;
        QString text;
        while (!xml.atEnd()) {
            xml.readNext();
            polylines += xml.isStartElement() && xml.name() == QLatin1String("polyline") ? 1 : 0;
            text += xml.isCharacters() ? xml.text().toString() : QString();
        }
        QVERIFY2(!xml.hasError(), qPrintable(xml.errorString()));
        QVERIFY(polylines >= 3);
        QVERIFY(text.contains(QStringLiteral("down_proj")));
        QVERIFY(text.contains(QStringLiteral("r = 16")));
    }

    void exportsCsv_withEveryDigitAndEmptyCells()
    {
        LinePlot plot(QStringLiteral("sigma"), QStringLiteral("Singular values"));
        plot.setAxisTitles(QStringLiteral("index i"), {});
        PlotSeries a;
        a.label = QStringLiteral("layer 14, q");
        a.x = {1, 2, 3};
        a.y = {0.1, kNaN, 1e-12};
        PlotSeries b;
        b.label = QStringLiteral("v");
        b.x = {2, 2, 4};
        b.y = {7.25, 8, 3};
        plot.setSeries({a, b});
        const QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("a.csv"));
        QCOMPARE(plot.exportTo(path), QString());
        QCOMPARE(contentOf(path),
                 QByteArray("index i,\"layer 14, q\",v,generator: pissarro\n1,0.1,,\n2,,7.25,\n"
                            "3,1e-12,,\n4,,3,\n"));
    }

    // A name from a file is no formula of the spreadsheet that opens the table.
    void exportsCsv_withoutFormulas()
    {
        LinePlot plot(QStringLiteral("sigma"), QStringLiteral("Singular values"));
        PlotSeries a;
        a.label = QStringLiteral("=HYPERLINK(\"http://x\")");
        a.x = {1};
        a.y = {-2.5};
        plot.setSeries({a});
        QVERIFY(plot.csv().contains(QStringLiteral("\"'=HYPERLINK(\"\"http://x\"\")\"")));
        QVERIFY(plot.csv().contains(QStringLiteral("1,-2.5")));
    }

    // What is written is known again as ours, in every format; the dialog's question is the consent to replace a file,
    // but never one that the session reads.
    void marksWhatItExports_andKeepsTheInputs()
    {
        LinePlot plot(QStringLiteral("sigma"), QStringLiteral("Singular values"));
        showSpectrum(plot);
        const QTemporaryDir folder;
        for (const char* ending : {"png", "pdf", "svg", "csv"}) {
            const QString path = folder.filePath(QStringLiteral("a.") + QLatin1String(ending));
            QFile theirs(path); // the dialog asked about it
            QVERIFY(theirs.open(QIODevice::WriteOnly));
            theirs.close();
            QVERIFY(!core::isOurFile(path.toStdString()));
            QCOMPARE(plot.exportTo(path), QString());
            QVERIFY2(core::isOurFile(path.toStdString()), ending);
        }
        const QString model = folder.filePath(QStringLiteral("model"));
        QVERIFY(QDir().mkpath(model));
        const QString weights = model + QStringLiteral("/weights.csv");
        QCOMPARE(plot.exportTo(weights), QString());
        const QByteArray before = contentOf(weights);
        protectInputs(&plot, {model});
        QVERIFY(plot.exportTo(weights).contains(QStringLiteral("what is read")));
        QCOMPARE(contentOf(weights), before);
        protectInputs(&plot, {});
        QCOMPARE(plot.exportTo(weights), QString());
    }

    void saysWhyAnExportFailed()
    {
        LinePlot plot(QStringLiteral("sigma"), QStringLiteral("Singular values"));
        plot.resize(300, 200);
        QVERIFY(plot.exportTo(QStringLiteral("/tmp/plot.gif"))
                    .contains(QStringLiteral("expected .png, .pdf, .svg")));
        const QString problem = plot.exportTo(QStringLiteral("/no/such/folder/plot.csv"));
        QVERIFY(problem.startsWith(QStringLiteral("/no/such/folder/plot.csv: ")));
    }

    void simplifiedCurve_staysWithinTheTolerance()
    {
        QVector<QPointF> points;
        for (int i = 0; i < 576; ++i) {
            points.append({i * 1.5, 400 - 300 * std::exp(-i / 90.0) + 0.2 * std::sin(i)});
        }
        points[200].ry() += 40; // a spike must survive
        const QVector<QPointF> kept = simplifiedPolyline(points, 0.33);
        QVERIFY2(kept.size() < 120, qPrintable(QString::number(kept.size())));
        QCOMPARE(kept.first(), points.first());
        QCOMPARE(kept.last(), points.last());
        QVERIFY(kept.contains(points[200]));
        qsizetype segment = 0;
        for (const QPointF& point : points) {
            while (kept[segment + 1].x() < point.x()) {
                ++segment;
            }
            const QPointF a = kept[segment];
            const QPointF b = kept[segment + 1];
            const double y = a.y() + (b.y() - a.y()) * (point.x() - a.x()) / (b.x() - a.x());
            QVERIFY(std::abs(y - point.y()) < 0.34);
        }
    }

    void saysWhatIsMissing_whenEmpty()
    {
        LinePlot plot(QStringLiteral("sigma"), QStringLiteral("Singular values"));
        plot.resize(400, 200);
        const QImage bare = plot.grab().toImage();
        plot.setEmptyText(QStringLiteral("No step yet"));
        plot.plot()->replot();
        QVERIFY(plot.grab().toImage() != bare);
    }

    void readsOutTheValuesUnderThePointer()
    {
        LinePlot plot(QStringLiteral("sigma"), QStringLiteral("Singular values"));
        showSpectrum(plot);
        const QImage bare = plot.grab().toImage();
        hover(plot, onCursor(plot, 330));
        const QImage hovered = plot.grab().toImage();
        const QPoint onCurve(
            onCursor(plot, 330).x(),
            qRound(plot.plot()->yAxis->coordToPixel(plot.plot()->graph(2)->dataMainValue(329))));
        QCOMPARE(hovered.pixelColor(onCurve).name(),
                 Theme::instance().methodCycle(2).name()); // the dot on down_proj
        QVERIFY(hovered != bare);
        QEvent leave(QEvent::Leave);
        QApplication::sendEvent(plot.plot(), &leave);
        QCOMPARE(plot.grab().toImage(), bare);
    }

    // With PISSARRO_SHOTS=DIR also leaves the pictures there.
    void drawsTheSameNamesInLightAndDark()
    {
        for (const ThemeMode mode : {ThemeMode::Light, ThemeMode::Dark}) {
            Theme::instance().setMode(mode);
            LinePlot plot(QStringLiteral("sigma"), QStringLiteral("Singular values"));
            showSpectrum(plot);
            hover(plot, onCursor(plot, 330));
            const QImage image = plot.grab().toImage();
            QCOMPARE(image.pixelColor(3, 3).name(), Theme::instance().colors().card.name());
            const QString folder = qEnvironmentVariable("PISSARRO_SHOTS");
            if (!folder.isEmpty()) {
                image.save(folder
                           + (mode == ThemeMode::Dark ? QStringLiteral("/line-dark.png")
                                                      : QStringLiteral("/line-light.png")));
            }
        }
        Theme::instance().setMode(ThemeMode::Light);
    }
};

QTEST_MAIN(TestLinePlot)
#include "tst_line_plot.moc"
