// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/matrix_inspection.h"
#include "ui/widgets/readable_table.h"

#include <QImage>
#include <QWidget>

namespace pissarro::ui {

// The errors of a matrix's blocks as a picture, cividis from 0 to the largest: a pixel is a block, the matrix's rows from
// top to bottom. Hovering tells block and value. With the keyboard, arrows move a frame; screen readers walk the picture as
// a table, whose cells are blocks, or the largest of neighbouring ones where there are more than one can walk.
class BlockImage : public QWidget, public ReadableTable {
    Q_OBJECT

public:
    explicit BlockImage(QWidget* parent = nullptr);

    // `most`: where the colours end, the same for pictures that are compared.
    void setBlocks(const core::BlockErrors& blocks, double most, std::int64_t blockSize);
    void clear(const QString& text); // shown instead
    QSize minimumSizeHint() const override { return {120, 100}; }

    int tableRows() const override;
    int tableColumns() const override;
    QString rowName(int row) const override; // "row 14", "rows 28 to 29"
    QString columnName(int column) const override; // "block 3", "blocks 6 to 7"
    QString cellText(TablePlace cell) const override; // the RMS error
    QString cellDetails(TablePlace cell) const override; // as hovering tells it
    QRect cellPlace(TablePlace cell) const override;
    std::optional<TablePlace> currentCell() const override;
    bool isCellSelected(TablePlace cell) const override { return currentCell() == cell; }
    void selectCell(TablePlace cell) override;
    QString tableSummary() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override;

private:
    QRect imageRect() const;
    void paintBar(QPainter& painter) const;
    std::int64_t largestOf(TablePlace cell) const; // index of a block; -1: the picture ends before
    QString blockText(std::int64_t block) const;

    core::BlockErrors m_blocks;
    std::int64_t m_blockSize = 64;
    double m_most = 0.0;
    QImage m_image;
    QString m_text;
    int m_rowsOfCell = 1; // of the picture, in one cell of the table
    int m_columnsOfCell = 1;
    TablePlace m_current;
    bool m_showCurrent = false; // focus came by the keyboard
};

} // namespace pissarro::ui
