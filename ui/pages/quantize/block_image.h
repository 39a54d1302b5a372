// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/matrix_inspection.h"

#include <QImage>
#include <QWidget>

namespace pissarro::ui {

// The errors of a matrix's blocks as a picture, cividis from 0 to the largest: a pixel is a block, the matrix's rows from
// top to bottom. Hovering tells block and value.
class BlockImage : public QWidget {
    Q_OBJECT

public:
    explicit BlockImage(QWidget* parent = nullptr);

    // `most`: where the colours end, the same for pictures that are compared.
    void setBlocks(const core::BlockErrors& blocks, double most, std::int64_t blockSize);
    void clear(const QString& text); // shown instead
    QSize minimumSizeHint() const override { return {120, 100}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    QRect imageRect() const;
    void paintBar(QPainter& painter) const;

    core::BlockErrors m_blocks;
    std::int64_t m_blockSize = 64;
    double m_most = 0.0;
    QImage m_image;
    QString m_text;
};

} // namespace pissarro::ui
