// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QWidget>

namespace pissarro::ui {

// The ground of a token by how likely it was for the model: none of one that was certain, the deepest of one that was not to
// be expected. Text is readable on each of them.
QColor shadeOf(double probability);

// What the grounds mean: from 0 to 1.
class ShadeScale : public QWidget {
    Q_OBJECT

public:
    explicit ShadeScale(QWidget* parent = nullptr);

    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace pissarro::ui
