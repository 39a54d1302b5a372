// SPDX-License-Identifier: GPL-3.0-or-later
// How the maps of two updates stand beside one another.
#include "ui/look/metrics.h"
#include "ui/pages/compare/update_maps_card.h"
#include "ui/services/run_pair.h"
#include "ui/widgets/segmented_control.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSlider>

#include <algorithm>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr int kLinkPadding = 5; // px, of a link's text from its edge
constexpr int kRows = 3; // of a measure: what it is, whose, the maps

} // namespace

void UpdateMapsCard::buildFoot()
{
    m_slider->setObjectName(QStringLiteral("pair.step"));
    m_slider->setAccessibleName(tr("Checkpoint that the maps show"));
    m_slider->setToolTip(tr("The checkpoint that the maps show (Alt+Left, Alt+Right)"));
    m_slider->setPageStep(1);
    connect(m_slider, &QSlider::valueChanged, this, [this] {
        m_stepChosen = true;
        showStep();
        if (m_pair != nullptr) {
            showMaps(*m_pair);
            showFoot(*m_pair);
        }
        Q_EMIT stepChosen();
    });
    m_stepLine->setObjectName(QStringLiteral("pair.step.line"));
    m_stepLine->setProperty("role", QByteArray("muted"));
    m_summary->setObjectName(QStringLiteral("pair.summary"));
    m_summary->setProperty("role", QByteArray("muted"));
    m_summary->setWordWrap(true);
    auto* time = new QHBoxLayout;
    time->addWidget(m_slider, 1);
    time->addWidget(m_stepLine);
    body()->addLayout(time);
    body()->addWidget(m_summary);
    for (int side = 0; side < 2; ++side) {
        auto* use = new QPushButton;
        use->setObjectName(side == 0 ? QStringLiteral("pair.use.a") : QStringLiteral("pair.use.b"));
        use->setAccessibleName(side == 0 ? tr("Use the ranks that A needs")
                                         : tr("Use the ranks that B needs"));
        use->setProperty("kind", QByteArray("link"));
        use->hide();
        connect(use, &QPushButton::clicked, this, [this, side] { Q_EMIT ranksWanted(side); });
        m_use[static_cast<std::size_t>(side)] = use;
        auto* row = new QHBoxLayout;
        row->setContentsMargins(-scaled(kLinkPadding), 0, 0, 0); // its text under the sentence's
        row->addWidget(use);
        row->addStretch(1);
        body()->addLayout(row);
    }
}

// Side by side where there is room, else a measure above the other.
void UpdateMapsCard::layOut()
{
    const bool differences = m_which->current() == 1;
    for (int measure = 0; measure < MeasureCount; ++measure) {
        const int row = m_isWide ? 0 : kRows * measure;
        const int first = m_isWide ? 2 * measure : 0;
        QLabel* headline = m_headlines[static_cast<std::size_t>(measure)];
        m_grid->removeWidget(headline);
        m_grid->addWidget(headline, row, first, 1, 2);
        for (int side = 0; side < 2; ++side) {
            const std::size_t at = place(measure, side);
            m_grid->removeWidget(m_titles[at]);
            m_grid->removeWidget(m_maps[at]);
            m_grid->addWidget(m_titles[at], row + 1, first + side);
            m_grid->addWidget(m_maps[at], row + 2, first + side);
            m_titles[at]->setVisible(!differences);
            m_maps[at]->setVisible(side == 0 || !differences);
            m_maps[at]->setBarInSight(side == 1 || differences);
        }
    }
    for (int row = 0; row < MeasureCount * kRows; ++row) {
        const bool isMaps = row % kRows == kRows - 1 && (row < kRows || !m_isWide);
        m_grid->setRowStretch(row, isMaps ? 1 : 0); // an empty row would take as much
    }
    setMinimumWidth(
        leastWidth(1)); // what stands side by side now may have to go one above the other
    shareWidth();
}

// Of the card with the maps of so many measures side by side.
int UpdateMapsCard::leastWidth(int measures) const
{
    int width = m_grid->horizontalSpacing() * (2 * measures - 1);
    for (int side = 0; side < 2; ++side) {
        width += measures * m_maps[place(Change, side)]->minimumSizeHint().width();
    }
    const QMargins around = layout()->contentsMargins();
    return width + around.left() + around.right();
}

// Cells as wide in every map: the one with the bar gets the bar's room on top.
void UpdateMapsCard::shareWidth()
{
    const bool differences = m_which->current() == 1;
    const int bar = m_maps[place(Change, 1)]->minimumSizeHint().width()
        - m_maps[place(Change, 0)]->minimumSizeHint().width();
    const int columns = m_isWide ? 4 : 2;
    const int cells = std::max(1, (contentsRect().width() - columns / 2 * bar) / columns);
    for (int column = 0; column < 4; ++column) {
        const bool isUsed = column < columns;
        const int width = differences ? (column % 2 == 0 ? cells : 0)
            : column % 2 == 0         ? cells
                                      : cells + bar;
        m_grid->setColumnStretch(column, isUsed ? width : 0);
    }
}

void UpdateMapsCard::resizeEvent(QResizeEvent* event)
{
    Card::resizeEvent(event);
    const bool wide = width() >= leastWidth(MeasureCount);
    if (std::exchange(m_isWide, wide) != wide) {
        layOut();
    } else {
        shareWidth();
    }
}

// "● A, PiSSA r16"
void UpdateMapsCard::showTitles()
{
    const bool differences = m_which->current() == 1;
    for (int side = 0; side < 2; ++side) {
        const Look& look = m_looks[static_cast<std::size_t>(side)];
        const QString letter = side == 0 ? tr("A, %1") : tr("B, %1");
        const QString title = // runs of one name have their letter already
            look.title.startsWith(letter.arg(QString())) ? look.title : letter.arg(look.title);
        for (int measure = 0; measure < MeasureCount; ++measure) {
            QLabel* label = m_titles[place(measure, side)];
            label->setText(look.title.isEmpty()
                               ? QString()
                               : QStringLiteral("<span style=\"color:%1\">●</span> %2")
                                     .arg(look.color.name(), title.toHtmlEscaped()));
            label->setToolTip(look.title);
        }
    }
    const std::array<QString, MeasureCount> measures {tr("Change ‖ΔW‖ / ‖W‖"),
                                                      tr("Effective rank of ΔW")};
    for (std::size_t i = 0; i < measures.size(); ++i) {
        m_headlines[i]->setText(differences ? tr("%1, A − B").arg(measures[i]) : measures[i]);
    }
}

} // namespace pissarro::ui
