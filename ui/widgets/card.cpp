// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/card.h"

#include "ui/look/metrics.h"
#include "ui/widgets/accessible.h"
#include "ui/widgets/elided_label.h"

#include <QHBoxLayout>
#include <QStyle>
#include <QVBoxLayout>

namespace pissarro::ui {

namespace {
constexpr int kPadding = 12; // px, UI.md
constexpr int kTitleRowHeight =
    26; // px: switches do not make one card's title lower than another's
constexpr int kLeastTitleWidth = 96; // px
} // namespace

Card::Card(const QString& title, QWidget* parent)
    : QFrame(parent)
    , m_title(new ElidedLabel(title))
    , m_subtitle(new ElidedLabel)
    , m_left(new QHBoxLayout)
    , m_right(new QHBoxLayout)
    , m_body(new QVBoxLayout)
{
    setAccessibleName(title);
    setSpokenRole(this, QAccessible::Grouping);
    m_title->setProperty("role", QStringLiteral("title"));
    m_title->setElision(Qt::ElideRight, scaled(kLeastTitleWidth));
    m_subtitle->setProperty("role", QStringLiteral("muted"));
    m_subtitle->setElision(Qt::ElideRight, 0);
    m_subtitle->hide();

    m_left->setSpacing(8);
    m_left->addWidget(m_title);
    m_left->addWidget(m_subtitle);
    m_right->setSpacing(8);

    auto* titleRow = new QHBoxLayout;
    titleRow->setSpacing(8);
    titleRow->addLayout(m_left, 0);
    titleRow->addStretch(1);
    titleRow->addLayout(m_right, 0);
    titleRow->addItem(new QSpacerItem(0, scaled(kTitleRowHeight), QSizePolicy::Fixed,
                                      QSizePolicy::Fixed)); // the last

    m_body->setContentsMargins(0, 0, 0, 0);
    m_body->setSpacing(8);

    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(kPadding, kPadding - 3, kPadding, kPadding);
    outer->setSpacing(8);
    outer->addLayout(titleRow);
    outer->addLayout(m_body, 1);
}

QVBoxLayout* Card::bodyOfNew(QVBoxLayout* into, const QString& title, int stretch)
{
    auto* card = new Card(title);
    into->addWidget(card, stretch);
    return card->body();
}

void Card::setTitle(const QString& title)
{
    m_title->setText(title);
    setAccessibleName(title);
}

void Card::setTitleInSight(bool on)
{
    m_title->setVisible(on);
    const QLayout* titleRow = layout()->itemAt(0)->layout();
    titleRow->itemAt(titleRow->count() - 1)
        ->spacerItem()
        ->changeSize(0, on ? scaled(kTitleRowHeight) : 0, QSizePolicy::Fixed, QSizePolicy::Fixed);
    layout()->invalidate();
}

void Card::setSubtitle(const QString& subtitle)
{
    m_subtitleText = subtitle;
    showSubtitle();
}

void Card::setProblem(const QString& problem)
{
    m_problem = problem;
    showSubtitle();
}

void Card::showSubtitle()
{
    const bool bad = !m_problem.isEmpty();
    const QString& text = bad ? m_problem : m_subtitleText;
    const QString role = bad ? QStringLiteral("bad") : QStringLiteral("muted");
    if (m_subtitle->property("role") != role) {
        m_subtitle->setProperty("role", role);
        m_subtitle->style()->unpolish(m_subtitle);
        m_subtitle->style()->polish(m_subtitle);
    }
    m_subtitle->setText(text);
    m_subtitle->setVisible(!text.isEmpty());
}

void Card::addTitleWidget(QWidget* widget)
{
    widget->setProperty("inTitle", true); // the style sheet makes buttons as low as switches
    m_right->addWidget(widget);
}

void Card::addBeforeTitle(QWidget* widget)
{
    m_left->insertWidget(0, widget);
}

void Card::addBesideTitle(QWidget* widget)
{
    m_left->addWidget(widget);
}

} // namespace pissarro::ui
