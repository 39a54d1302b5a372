// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace pissarro::ui {

// How LoRA and PiSSA begin, a line each: the frozen matrix, and the two thin ones that train, in the method's colour.
class StartPicture : public QWidget {
    Q_OBJECT

public:
    explicit StartPicture(QWidget* parent = nullptr);

    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace pissarro::ui
