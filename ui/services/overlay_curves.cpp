// SPDX-License-Identifier: GPL-3.0-or-later
// What an Overlay draws of the runs that were read. A curve is made again only where something that it is made of changed.
#include "core/run/run_directory.h"
#include "core/stats/curve.h"
#include "ui/plot/fixed_curve.h"
#include "ui/services/overlay_reader_p.h"

#include <algorithm>
#include <utility>

namespace pissarro::ui {

namespace {

using Part = OverlayCurve::Part;
using Points = std::vector<core::CurvePoint>;

constexpr qsizetype kFewRuns = 12; // more are drawn without their raw lines under the smoothed ones

std::shared_ptr<const PlotSource> drawn(const Points& points, const OverlayWish& wish)
{
    std::vector<QPointF> pixels;
    pixels.reserve(points.size());
    for (const core::CurvePoint& point : points) {
        pixels.emplace_back(point.x, point.y);
    }
    return std::make_shared<const FixedCurve>(std::move(pixels), wish.logX, wish.logY);
}

Points smoothed(Points points, double weight)
{
    core::MovingAverage average(weight);
    for (core::CurvePoint& point : points) {
        point.y = average.next(point.y);
    }
    return points;
}

// The steps of those points of `all` that `points` has left.
std::vector<std::int64_t> stepsLeft(const Points& all, const std::vector<std::int64_t>& steps,
                                    const Points& points)
{
    std::vector<std::int64_t> left;
    left.reserve(points.size());
    std::size_t next = 0;
    for (std::size_t i = 0; i < all.size() && next < points.size(); ++i) {
        if (all[i].x == points[next].x) {
            left.push_back(steps[i]);
            ++next;
        }
    }
    return left;
}

} // namespace

// And not what an earlier wish had of it.
bool OverlayReader::isReadFor(const Entry& entry, const OverlayWish& wish)
{
    return entry.reading != 0 && entry.metric == wish.metric && entry.axis == wish.axis;
}

QByteArray OverlayReader::madeBy(const Entry& entry, const OverlayWish& wish) const
{
    const auto baseline = m_entries.find(wish.baseline);
    QByteArray key = QByteArray::number(static_cast<qulonglong>(entry.reading)) + ' '
        + QByteArray::number(static_cast<qulonglong>(
            baseline == m_entries.end() ? 0 : baseline->second.reading));
    for (const double number :
         {wish.smoothing, wish.xUnit, wish.yUnit, wish.logX ? 1.0 : 0.0, wish.logY ? 1.0 : 0.0}) {
        key += ' ' + QByteArray::number(number, 'g', 17);
    }
    return key;
}

// A difference is that of what was told: it is smoothed afterwards.
OverlayReader::Line OverlayReader::lineOf(const Entry& entry, const OverlayWish& wish) const
{
    Line line;
    line.points = entry.curve.points;
    const bool bySteps = entry.curve.steps.empty();
    for (const core::CurvePoint& point : line.points) {
        if (bySteps) {
            line.steps.push_back(static_cast<std::int64_t>(point.x));
        }
    }
    if (!bySteps) {
        line.steps = entry.curve.steps;
    }
    if (const auto baseline = m_entries.find(wish.baseline); baseline != m_entries.end()) {
        Points apart = core::differenceTo(line.points, baseline->second.curve.points);
        line.steps = stepsLeft(line.points, line.steps, apart);
        line.points = std::move(apart);
    }
    for (core::CurvePoint& point : line.points) {
        point.x /= wish.xUnit;
        point.y /= wish.yUnit;
    }
    return line;
}

const std::vector<OverlayCurve>& OverlayReader::linesOf(Entry& entry, const OverlayWish& wish,
                                                        bool withRaw)
{
    const QByteArray by = madeBy(entry, wish) + (withRaw ? " raw" : "");
    if (std::exchange(entry.drawnBy, by) != by) {
        entry.drawn.clear();
        Points points = lineOf(entry, wish).points;
        if (withRaw && !points.empty()) {
            entry.drawn.push_back({{entry.run.path}, Part::Raw, drawn(points, wish)});
        }
        if (!points.empty()) {
            points = smoothed(std::move(points), wish.smoothing);
            entry.drawn.push_back({{entry.run.path}, Part::Line, drawn(points, wish)});
        }
    }
    return entry.drawn;
}

// By steps, at which runs of one recipe all tell; where those stand on the axis is averaged with them. A band needs two.
const std::vector<OverlayCurve>&
OverlayReader::bandOf(const QString& recipe, const QStringList& runs, const OverlayWish& wish)
{
    QByteArray by;
    for (const QString& run : runs) {
        by += madeBy(m_entries[run], wish) + ' ' + run.toUtf8() + '\n';
    }
    Band& band = m_bands[recipe];
    if (std::exchange(band.drawnBy, by) == by) {
        return band.drawn;
    }
    band.drawn.clear();
    std::vector<Points> values;
    std::vector<Points> places;
    for (const QString& run : runs) {
        Line line = lineOf(m_entries[run], wish);
        line.points = smoothed(std::move(line.points), wish.smoothing);
        Points& value = values.emplace_back();
        Points& place = places.emplace_back();
        for (std::size_t i = 0; i < line.points.size(); ++i) {
            const auto step = static_cast<double>(line.steps[i]);
            value.push_back({step, line.points[i].y});
            place.push_back({step, line.points[i].x});
        }
    }
    const auto over = core::bandOver(values);
    const auto at = core::bandOver(places);
    Points lowest;
    Points highest;
    Points mean;
    for (std::size_t i = 0; i < over.size(); ++i) {
        const core::SampleSummary& summary = over[i].summary;
        const double x = at[i].summary.mean;
        if (summary.count >= 2 && (mean.empty() || mean.back().x < x)) {
            lowest.push_back({x, summary.lowest});
            highest.push_back({x, summary.highest});
            mean.push_back({x, summary.mean});
        }
    }
    if (!mean.empty()) {
        band.drawn = {{runs, Part::Lowest, drawn(lowest, wish)},
                      {runs, Part::Highest, drawn(highest, wish)},
                      {runs, Part::Mean, drawn(mean, wish)}};
    }
    return band.drawn;
}

OverlayPicture OverlayReader::pictureOf(const QVector<OverlayRun>& runs, const OverlayWish& wish)
{
    OverlayPicture picture;
    picture.wish = wish;
    picture.serial = m_serial;
    QHash<QString, QStringList> ofRecipe; // of the runs that are drawn as bands
    for (const OverlayRun& run : runs) {
        const Entry& entry = m_entries[run.path];
        if (entry.reading == 0) {
            continue;
        }
        picture.facts.insert(run.path, entry.facts);
        if (wish.bands && !run.recipe.isEmpty() && !entry.curve.points.empty()) {
            ofRecipe[run.recipe].append(run.path);
        }
    }
    const auto found = m_entries.find(wish.baseline);
    const Entry* const baseline = found == m_entries.end() ? nullptr : &found->second;
    const bool withRaw = wish.smoothing > 0.0 && runs.size() <= kFewRuns;
    std::vector<OverlayCurve> lines; // above what is faint
    const auto take = [&](const std::vector<OverlayCurve>& curves) {
        for (const OverlayCurve& curve : curves) {
            const bool isAbove = curve.part == Part::Line || curve.part == Part::Mean;
            (isAbove ? lines : picture.curves).push_back(curve);
        }
    };
    for (const OverlayRun& run : runs) {
        Entry& entry = m_entries[run.path];
        const bool isRead = isReadFor(entry, wish) && (!baseline || isReadFor(*baseline, wish));
        const QStringList seeds = ofRecipe.value(run.recipe);
        if (isRead && seeds.size() < 2) {
            take(linesOf(entry, wish, withRaw));
        } else if (isRead && seeds.first() == run.path) {
            take(bandOf(run.recipe, seeds, wish));
        }
    }
    picture.curves.insert(picture.curves.end(), lines.begin(), lines.end());
    return picture;
}

} // namespace pissarro::ui
