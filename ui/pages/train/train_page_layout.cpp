// SPDX-License-Identifier: GPL-3.0-or-later
// What the Train page shows at which size.
#include "ui/look/metrics.h"
#include "ui/pages/train/train_form.h"
#include "ui/pages/train/train_page.h"
#include "ui/views/memory_bar.h"
#include "ui/widgets/card.h"

#include <QSplitter>

#include <utility>

namespace pissarro::ui {

namespace {

constexpr int kWideForm = 616; // px, both places of the form
constexpr int kWidePage = 1488; // px: a window of 1,600 px
constexpr int kLowPage = 780; // px: a lower one says less beside its fields
constexpr int kMediumPage = 820; // px: a lower one says less of the memory

} // namespace

void TrainPage::resizeEvent(QResizeEvent* event)
{
    Page::resizeEvent(event);
    const bool low = height() < scaled(kLowPage);
    m_form->setTight(low);
    m_memory->setTight(height() < scaled(kMediumPage));
    m_smallButtons->setVisible(!low);
    const bool wide = width() >= scaled(kWidePage);
    if (std::exchange(m_wide, wide) != wide) {
        m_form->setSideBySide(wide);
        const int least = scaled(wide ? kWideForm : kFormWidth);
        m_formCard->setMinimumWidth(least);
        m_columns->setSizes({least, width() - least});
    }
}

} // namespace pissarro::ui
