// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QScrollArea;
class QWidget;

namespace pissarro::ui {

// Around `content`: up and down alone, without a frame, a ground or the focus of its own, as wide as its place.
QScrollArea* scrollColumn(QWidget* content);

} // namespace pissarro::ui
