// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/readable_table.h"

#include <QColor>
#include <QSharedPointer>
#include <QString>
#include <QVector>
#include <QWidget>

#include <memory>
#include <optional>
#include <vector>

class QCPAxis;
class QCPRange;
class QCustomPlot;
class QMenu;

namespace pissarro::ui {

class LinearTicker;
class PlotSource;
class PlotStream;

// One curve of a LinePlot.
struct PlotSeries {
    QString label;
    QVector<double> x;
    QVector<double> y; // NaN makes a gap
    QColor color;
    double width = 1.6; // px
    double opacity = 1.0;
    bool dashed = false;
    bool labelOnLine = false; // the label is written on the curve, away from the others
    bool markers = false; // for the few points of a young run
    std::shared_ptr<const PlotSource> source {}; // of a curve that grows, in place of x and y
    QVector<double> dash {}; // in widths of the line, in place of `dashed`; empty: by that
    bool labelAtEnd = false; // the label stands behind the curve's end, with its last value
    bool inReadOut = true; // of the pointer; the table has every curve
    int fillTo = -1; // the area to that series is tinted; -1: none is
};

// One entry of a colour key: a swatch, or a scale of the colours between two words.
struct PlotKey {
    QString text; // before the scale; after a single colour
    QVector<QColor> colors; // one, or a scale from the first to the last
    QString last; // after the scale
};

// What the pointer reads.
enum class ReadOut {
    Points, // of the curves that have a point where it is, those nearest to it
    All, // of every curve that goes through there its nearest point, as many as there is room for
};

// A line plot in the look of UI.md on QCustomPlot: faint grid, no frame, axis titles at the ends,
// colours of the theme.
//
// A person can: zoom with the wheel, pan by dragging, double-click or press Home to see everything,
// read values by hovering (crosshair with x and every curve's y), drag the cursor line or move it
// by arrow keys (Shift: ten), open a context menu to copy or export PNG, PDF, SVG, CSV. By keys
// alone: up and down read the curves, left and right their points (with Ctrl where there is a
// cursor), Page Up and Page Down pan, plus and minus zoom. Screen readers have a table: a row a
// curve, a column for each x in sight, no more than a few hundred of them, and the cursor as a
// value. New data keep the zoom that a person chose. Cost: replots are queued, at most one a frame.
class LinePlot : public QWidget, public ReadableTable {
    Q_OBJECT

public:
    // name becomes the objectName; accessible the accessible name.
    LinePlot(const QString& name, const QString& accessible, QWidget* parent = nullptr);

    void setAxisTitles(const QString& x, const QString& y); // with units
    // Replaces all curves. Of a source that was there before only the points that are new are looked at, and of a long one
    // no more are drawn than there are pixels, its peaks among them: a run is set again with each of its steps.
    void setSeries(const QVector<PlotSeries>& series);
    void setLogX(bool on); // points at x <= 0 are left out; a lower limit <= 0 is taken as unset
    void setLogY(bool on); // values <= 0 are left out
    // What the colours mean where no curve bears a name: below the plot, in exports too. Empty: nothing.
    void setColorKey(const QVector<PlotKey>& key);
    void setXRange(std::optional<double> lower,
                   std::optional<double> upper); // limits of the full view; unset: by data
    void setYRange(std::optional<double> lower, std::optional<double> upper);
    void setYSuffix(const QString& suffix); // " %" behind tick labels
    void setEmptyText(const QString& text); // shown while there is no point
    void setReadOut(ReadOut readOut); // Points unless said otherwise
    void resetView();
    // The visible part of x, for plots that share it: set one when another reports. Emits nothing.
    void setXView(double lower, double upper);

    // The vertical cursor: a line with a labelled grip, whole numbers in [minimum, maximum]; kept
    // part tinted left of it.
    void enableCursor(int minimum, int maximum, const QString& prefix); // "r = "
    void setCursor(int value); // emits nothing
    void hideCursor(); // until enableCursor()
    void setTinted(bool on); // left of the cursor; on unless said otherwise
    // Where the tint begins; as wide as the cursor's value. 0 unless said otherwise.
    void setTintStart(int start);
    int cursor() const;

    int pointCount() const; // of all curves
    QCustomPlot* plot() const { return m_plot; } // for tests
    // Format by the suffix: .png .pdf .svg .csv. Returns an error text, empty when written. What a person exports is
    // written on a worker.
    QString exportTo(const QString& path) const;
    QString csv() const;
    QMenu* exportMenu() const; // copy and export, for a button of the page; owned by the plot

    QAccessible::Role tableRole() const override { return QAccessible::Chart; }
    int tableRows() const override;
    int tableColumns() const override;
    QString rowName(int row) const override;
    QString columnName(int column) const override;
    QString cellText(TablePlace cell) const override;
    QRect cellPlace(TablePlace cell) const override;
    std::optional<TablePlace> currentCell() const override; // that is read by keys
    void selectCell(TablePlace cell) override; // reads it
    QString tableSummary() const override;
    std::optional<MovedValue> movedValue() const override; // the cursor
    void moveValue(double value) override;

Q_SIGNALS:
    void cursorMoved(int value); // by a person
    void exportFailed(const QString& message);
    void xViewChanged(double lower, double upper); // zoomed, panned or reset by a person
    void viewReset(); // everything shows again

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Private;
    void applyTheme();
    void showMargins();
    void setLabelRoom(); // for the names behind the curves' ends
    void showFills(); // between curves
    void useScale(QCPAxis* axis, bool log, const QSharedPointer<LinearTicker>& ticker);
    bool setPoints(int place, const PlotSeries& curve);
    bool setStream(int place, const std::shared_ptr<const PlotSource>& source,
                   const std::vector<std::shared_ptr<PlotStream>>& before);
    void showStreams(int fineness = 1) const; // the points of growing curves that are seen
    void applyFullView(); // of the axes that no person has zoomed
    void keepInBounds(bool isX, const QCPRange& range);
    bool handleKey(int key, Qt::KeyboardModifiers modifiers);
    bool handleMouse(QEvent* event);
    void moveCursorTo(int value);
    const QVector<double>& readKeys() const; // of the table's columns
    double readValue(TablePlace cell) const; // NaN: no point
    int nearestPoint(int row, int column) const;
    void read(TablePlace cell);
    void readAlong(int points);
    void readAcross(int rows);
    void zoom(double factor);
    void pan(double share); // of what is in sight
    void redrawOverlay();
    QCustomPlot* m_plot;
    std::shared_ptr<Private> d;
};

} // namespace pissarro::ui
