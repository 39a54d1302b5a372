// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/page_frame.h"

#include "ui/services/services.h"
#include "ui/widgets/empty_state.h"

namespace pissarro::ui {

namespace {

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
    const QString id = QLatin1String(entry.id);
    const Invitation words = page->invitation();
    auto* empty = new EmptyState(id + QStringLiteral(".empty"), id, words.headline, words.sentence,
                                 tr("Open model…"));
    connect(empty, &EmptyState::acted, page, [page] { Q_EMIT page->openRequested({}); });
    addWidget(empty);
    addWidget(page);
    addActions(page->actions());
    // After the page, which has heard of it before it comes into sight.
    connect(&m_services.model, &Model::opened, this, &PageFrame::showWhatThereIs);
    connect(&m_services.training, &Training::stateChanged, this, &PageFrame::showWhatThereIs);
    showWhatThereIs();
}

void PageFrame::showWhatThereIs()
{
    setCurrentIndex(isThere(m_needs, m_services) ? 1 : 0);
}

} // namespace pissarro::ui
