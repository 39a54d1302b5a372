// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/empty_state.h"

#include "ui/shell/theme.h"
#include "ui/widgets/icons.h"

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
    label->setFixedWidth(kTextWidth);
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
        picture->setPixmap(drawn.pixmap(QSize(kIconSize, kIconSize), picture->devicePixelRatioF()));
    };
    draw();
    connect(&Theme::instance(), &Theme::changed, picture, draw);

    auto* column = new QVBoxLayout(this);
    column->setSpacing(10);
    column->addStretch(2);
    column->addWidget(picture, 0, Qt::AlignHCenter);
    column->addWidget(centred(headline, "headline"), 0, Qt::AlignHCenter);
    column->addWidget(centred(sentence, "muted"), 0, Qt::AlignHCenter);
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
