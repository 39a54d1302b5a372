// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QSplitter>

namespace pissarro::ui {

// Two cards, or two rows of them, with the gap of a page between them as the handle. Named, so that the window keeps its
// state from session to session.
QSplitter* pageSplitter(const char* name, Qt::Orientation orientation, QWidget* first,
                        QWidget* second, const QList<int>& sizes);

} // namespace pissarro::ui
