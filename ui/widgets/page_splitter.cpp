// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/page_splitter.h"

namespace pissarro::ui {

QSplitter* pageSplitter(const char* name, Qt::Orientation orientation, QWidget* first,
                        QWidget* second, const QList<int>& sizes)
{
    constexpr int kGap = 12; // px between cards
    auto* splitter = new QSplitter(orientation);
    splitter->setObjectName(QLatin1String(name));
    splitter->setHandleWidth(kGap);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(first);
    splitter->addWidget(second);
    splitter->setSizes(sizes);
    return splitter;
}

} // namespace pissarro::ui
