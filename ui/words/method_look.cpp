// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/words/method_look.h"

#include "ui/look/theme.h"

namespace pissarro::ui {

QColor methodColor(core::Method method)
{
    const Theme& theme = Theme::instance();
    switch (method) {
    case core::Method::Pissa:
        return theme.series(0);
    case core::Method::Lora:
        return theme.series(1);
    case core::Method::Qpissa:
        return theme.series(2);
    case core::Method::Qlora:
        return theme.series(3);
    case core::Method::Loftq:
        return theme.series(4);
    case core::Method::Full:
        return theme.isDark() ? QColor(0xff9aa0a6) : QColor(0xff6a6f76);
    }
    return theme.colors().muted;
}

} // namespace pissarro::ui
