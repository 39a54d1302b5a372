// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/words/column_words.h"

#include <QCoreApplication>

namespace pissarro::ui {

namespace {

// The labels of core's table that are no settings': lupdate knows no texts of core.
[[maybe_unused]] constexpr const char* kLabelsOfCore[] = {
    QT_TRANSLATE_NOOP("pissarro::ui::ColumnWords", "Name"),
    QT_TRANSLATE_NOOP("pissarro::ui::ColumnWords", "Tags"),
    QT_TRANSLATE_NOOP("pissarro::ui::ColumnWords", "Notes"),
    QT_TRANSLATE_NOOP("pissarro::ui::ColumnWords", "Pinned"),
    QT_TRANSLATE_NOOP("pissarro::ui::ColumnWords", "Archived"),
    QT_TRANSLATE_NOOP("pissarro::ui::ColumnWords", "Folder"),
    QT_TRANSLATE_NOOP("pissarro::ui::ColumnWords", "State"),
    QT_TRANSLATE_NOOP("pissarro::ui::ColumnWords", "Started"),
    QT_TRANSLATE_NOOP("pissarro::ui::ColumnWords", "Computed on"),
    QT_TRANSLATE_NOOP("pissarro::ui::ColumnWords", "Steps done"),
    QT_TRANSLATE_NOOP("pissarro::ui::ColumnWords", "Steps planned"),
    QT_TRANSLATE_NOOP("pissarro::ui::ColumnWords", "Last loss"),
    QT_TRANSLATE_NOOP("pissarro::ui::ColumnWords", "Mean loss of the last steps"),
    QT_TRANSLATE_NOOP("pissarro::ui::ColumnWords", "Tokens/s"),
    QT_TRANSLATE_NOOP("pissarro::ui::ColumnWords", "Best held-out loss"),
    QT_TRANSLATE_NOOP("pissarro::ui::ColumnWords", "Best score"),
    QT_TRANSLATE_NOOP("pissarro::ui::ColumnWords", "Best step"),
    QT_TRANSLATE_NOOP("pissarro::ui::ColumnWords", "Trained parameters"),
    QT_TRANSLATE_NOOP("pissarro::ui::ColumnWords", "Parameters"),
    QT_TRANSLATE_NOOP("pissarro::ui::ColumnWords", "Preparing (s)"),
};

} // namespace

QString columnTitle(const core::RunColumn& column)
{
    return QCoreApplication::translate("pissarro::ui::ColumnWords", column.label.c_str());
}

} // namespace pissarro::ui
