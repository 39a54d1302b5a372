// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/compared_run.h"

#include "core/run/compared_runs.h"
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/views/run_curves.h"
#include "ui/words/format.h"
#include "ui/words/method_look.h"

#include <QPainter>
#include <QSet>

#include <map>

namespace pissarro::ui {

namespace {

constexpr int kColours = 6; // of Theme::methodCycle(); the one behind them is grey
constexpr QSize kSample {26, 12}; // px, of a curve

QString titleOfRun(const ComparedRun& one)
{
    return !one.said.isEmpty() ? one.said : one.own ? runTitle(one.own->spec) : one.name;
}

// "PiSSA r16, 2e-4"
QString titleWithRate(const ComparedRun& one)
{
    const QString title = titleOfRun(one);
    return one.own ? QStringLiteral("%1, %2").arg(title, formatRate(one.own->spec.learningRate))
                   : title;
}

using Drawn = std::map<QRgb, int>; // how many runs have a colour

// Of a run whose method is not known: the colour that the fewest have so far. From the end of the palette, where the methods
// are that are seldom beside it.
QColor othersColor(const Drawn& drawn)
{
    QColor found;
    int fewest = 0;
    for (int place = kColours - 1; place >= 0; --place) {
        const QColor color = Theme::instance().methodCycle(place);
        const auto had = drawn.find(color.rgb());
        const int count = had == drawn.end() ? 0 : had->second;
        if (!found.isValid() || count < fewest) {
            found = color;
            fewest = count;
        }
    }
    return found;
}

} // namespace

QPixmap sampleOf(const RunStroke& stroke)
{
    const QSize size(scaled(kSample.width()), scaled(kSample.height()));
    constexpr double kDensity = 2.0; // sharp on any screen
    QPixmap picture(size * kDensity);
    picture.setDevicePixelRatio(kDensity);
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    painter.setRenderHint(QPainter::Antialiasing);
    QPen pen(stroke.color, 2.4);
    if (!stroke.dash.isEmpty()) {
        pen.setDashPattern(stroke.dash);
    }
    pen.setCapStyle(Qt::FlatCap);
    painter.setPen(pen);
    painter.drawLine(QPointF(0, size.height() / 2.0), QPointF(size.width(), size.height() / 2.0));
    return picture;
}

ComparedRun comparedRun(const core::RunSummary& run)
{
    ComparedRun compared;
    compared.run.path = directoryOf(run);
    compared.run.log = textOf(run.directory / core::kMetricsFile);
    compared.own = run;
    compared.name = runName(run);
    return compared;
}

// By its name alone: the disk may be away.
ComparedRun comparedRun(const QString& othersPath)
{
    ComparedRun compared;
    compared.run.path = othersPath;
    const QString leaf = othersPath.section(QLatin1Char('/'), -1);
    const bool isFile = leaf == QLatin1String("trainer_state.json")
        || leaf == QLatin1String("trainer_log.jsonl") || leaf.contains(QLatin1String("tfevents"));
    const QString folder = othersPath.section(QLatin1Char('/'), -2, -2);
    compared.name = lineOf(isFile && !folder.isEmpty() ? folder : leaf);
    return compared;
}

void dressRuns(const QVector<ComparedRun*>& chosen)
{
    QHash<QString, int> titles;
    for (const ComparedRun* one : chosen) {
        ++titles[titleOfRun(*one)];
    }
    Drawn drawn;
    QHash<QString, int> labels;
    for (ComparedRun* one : chosen) {
        if (one->own) { // of those alone: there may be a thousand
            one->run.flopsPerToken = core::flopsPerToken(*one->own);
            one->run.recipe = QString::fromStdString(core::recipeOf(one->own->spec));
        }
        const QString title = titleOfRun(*one);
        one->label = titles[title] > 1 ? one->name : title;
        if (const int again = labels[one->label]++; again > 0) { // the same name in two folders
            one->label += QStringLiteral(" (%1)").arg(again + 1);
        }
        if (one->color.isValid()) {
            one->stroke = {one->color, {}};
            continue;
        }
        const QColor color = one->own ? methodColor(one->own->spec.method) : othersColor(drawn);
        one->stroke = runStroke(color, drawn[color.rgb()]++);
    }
}

QHash<QString, OverlayLook> overlayLooksOf(const QVector<ComparedRun>& chosen)
{
    QHash<QString, QSet<QString>>
        recipes; // by what may name them: "PiSSA r16" of two rates names neither
    for (const ComparedRun& one : chosen) {
        recipes[titleOfRun(one)].insert(one.run.recipe);
        recipes[titleWithRate(one)].insert(one.run.recipe);
    }
    QHash<QString, OverlayLook> looks;
    for (const ComparedRun& one : chosen) {
        QString band = one.label;
        for (const QString& name : {titleWithRate(one), titleOfRun(one)}) {
            band = recipes[name].size() == 1 ? name : band;
        }
        looks.insert(one.run.path, {one.label, band, one.stroke});
    }
    return looks;
}

} // namespace pissarro::ui
