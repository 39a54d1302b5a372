// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QScrollArea>

class QDialog;
class QLayout;

namespace pissarro::ui {

// The cards of a dialog, above its foot. As high as their wrapped texts need at the width they like to have; what the screen
// has no room for is scrolled to, never cut.
class DialogGround : public QScrollArea {
    Q_OBJECT

public:
    // width: px that the cards like to have. 0: as they say themselves.
    explicit DialogGround(QLayout* cards, int width = 0);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

private:
    int m_width;
};

// As its layout likes to be, as far as the screen goes: Qt stops at two thirds of it. For the end of a dialog's constructor.
void fitToScreen(QDialog* dialog);
// As large as it is drawn beside text of 13 px, in proportion to the text, as far as the screen goes. For dialogs whose content
// scrolls.
void sizeAsDrawn(QDialog* dialog, QSize drawn);

} // namespace pissarro::ui
