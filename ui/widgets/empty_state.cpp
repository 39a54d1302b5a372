// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/empty_state.h"

#include "ui/look/icons.h"
#include "ui/look/metrics.h"
#include "ui/look/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace pissarro::ui {

namespace {

constexpr int kIconSize = 44; // px
constexpr int kTextWidth = 460; // px

QLabel* centred(const QString& text, const char* role)
{
    auto* label = new QLabel(text);
    label->setProperty("role", QLatin1String(role));
    label->setAlignment(Qt::AlignCenter);
    label->setWordWrap(true);
    return label;
}

} // namespace

EmptyState::EmptyState(const QString& name, const QString& icon, const QString& headline,
                       const QString& sentence, const QString& action, QWidget* parent)
    : QWidget(parent)
    , m_below(new QVBoxLayout)
{
    setObjectName(name);
    setAccessibleName(headline);
    auto* picture = new QLabel;
    picture->setAlignment(Qt::AlignCenter);
    const QIcon drawn = themedIcon(icon);
    const auto draw = [picture, drawn] {
        picture->setPixmap(drawn.pixmap(QSize(scaled(kIconSize), scaled(kIconSize)),
                                        picture->devicePixelRatioF()));
    };
    draw();
    connect(&Theme::instance(), &Theme::changed, picture, draw);

    // The middle column lays out its texts at a known width: wrapped lines get their height.
    auto* middle = new QWidget;
    middle->setFixedWidth(scaled(kTextWidth));
    auto* row = new QHBoxLayout(this);
    row->addStretch(1);
    row->addWidget(middle);
    row->addStretch(1);
    auto* column = new QVBoxLayout(middle);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(10);
    column->addStretch(2);
    column->addWidget(picture);
    column->addWidget(centred(headline, "headline"));
    column->addWidget(centred(sentence, "muted"));
    if (!action.isEmpty()) {
        m_button = new QPushButton(action);
        m_button->setObjectName(name + QStringLiteral(".button"));
        m_button->setAccessibleName(action);
        m_button->setProperty("kind", QStringLiteral("primary"));
        column->addSpacing(4);
        column->addWidget(m_button, 0, Qt::AlignHCenter);
        connect(m_button, &QPushButton::clicked, this, &EmptyState::acted);
    }
    column->addSpacing(10);
    column->addLayout(m_below);
    column->addStretch(3);
}

} // namespace pissarro::ui
