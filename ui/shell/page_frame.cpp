// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/page_frame.h"

#include "ui/services/services.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/scroll_column.h"

#include <QEvent>
#include <QScrollArea>

namespace pissarro::ui {

namespace {

// What a page stands on, as large as there is room for and as the page needs least: large text in a small window is scrolled
// to, not laid over the rest. In a scroll area of its own the page would be as high as all its wrapped texts like to be.
class PageGround : public QWidget {
public:
    explicit PageGround(Page* page)
        : m_page(page)
    {
        page->setParent(this);
        page->show(); // with the ground
    }

    QSize sizeHint() const override { return m_page->sizeHint(); }
    QSize minimumSizeHint() const override { return m_page->minimumSizeHint(); }

protected:
    void resizeEvent(QResizeEvent* /*event*/) override { m_page->setGeometry(rect()); }

    bool event(QEvent* event) override
    {
        if (event->type() == QEvent::LayoutRequest) { // the page needs something else now
            updateGeometry();
        }
        return QWidget::event(event);
    }

private:
    Page* m_page;
};

bool isThere(Needs needs, const Services& services)
{
    const auto model = services.model.files();
    switch (needs) {
    case Needs::Nothing:
        break;
    case Needs::Model:
        return model && !model->linearModules().empty();
    case Needs::ModelOrRun:
        return model || !services.training.runs().isEmpty();
    }
    return true;
}

} // namespace

PageFrame::PageFrame(Page* page, const PageEntry& entry, Services& services)
    : m_services(services)
    , m_needs(entry.needs)
{
    if (m_needs != Needs::Nothing) {
        addInvitation(page, QLatin1String(entry.id));
    }
    QScrollArea* scroll = scrollColumn(new PageGround(page));
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    m_page = addWidget(scroll);
    addActions(page->actions());
    // After the page, which has heard of it before it comes into sight.
    connect(&m_services.model, &Model::opened, this, &PageFrame::showWhatThereIs);
    connect(&m_services.training, &Training::stateChanged, this, &PageFrame::showWhatThereIs);
    showWhatThereIs();
}

void PageFrame::addInvitation(Page* page, const QString& id)
{
    const Invitation words = page->invitation();
    auto* empty = new EmptyState(id + QStringLiteral(".empty"), id, words.headline, words.sentence,
                                 tr("Open model…"));
    connect(empty, &EmptyState::acted, page, [page] { Q_EMIT page->openRequested({}); });
    addWidget(empty);
}

void PageFrame::showWhatThereIs()
{
    setCurrentIndex(isThere(m_needs, m_services) ? m_page : 0);
}

} // namespace pissarro::ui
