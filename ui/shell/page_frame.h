// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/views/page.h"

#include <QStackedWidget>

namespace pissarro::ui {

// A page, scrolled where it has no room; or its invitation while what it needs is not there. The page's actions are the
// frame's too: their keys work beside the invitation.
class PageFrame : public QStackedWidget {
    Q_OBJECT

public:
    // `entry` and `services` outlive this; the page becomes its child.
    PageFrame(Page* page, const PageEntry& entry, Services& services);

private:
    void addInvitation(Page* page, const QString& id);
    void showWhatThereIs();

    Services& m_services;
    Needs m_needs;
    int m_page = 0; // its index; the invitation's is 0
};

} // namespace pissarro::ui
