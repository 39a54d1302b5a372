// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/views/page.h"

#include <QStackedWidget>

namespace pissarro::ui {

// A page that needs something, or its invitation while that is not there. The page's actions are the frame's too: their
// keys work beside the invitation.
class PageFrame : public QStackedWidget {
    Q_OBJECT

public:
    // `entry` and `services` outlive this; the page becomes its child.
    PageFrame(Page* page, const PageEntry& entry, Services& services);

private:
    void showWhatThereIs();

    Services& m_services;
    Needs m_needs;
};

} // namespace pissarro::ui
