// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/error_banner.h"

#include "ui/look/icons.h"
#include "ui/look/metrics.h"
#include "ui/widgets/accessible.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>

namespace pissarro::ui {

namespace {

constexpr qsizetype kShortMessage = 220; // characters that two lines hold

QLabel* textLabel(const QString& name)
{
    auto* label = new QLabel;
    label->setObjectName(name);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

QPushButton* smallButton(const QString& name, const QString& label, const QString& tip)
{
    auto* button = new QPushButton(label);
    button->setObjectName(name);
    button->setAccessibleName(tip);
    button->setToolTip(tip);
    button->setProperty("kind", QStringLiteral("flat"));
    return button;
}

} // namespace

ErrorBanner::ErrorBanner(QWidget* parent)
    : QFrame(parent)
    , m_icon(new QLabel)
    , m_headline(textLabel(QStringLiteral("banner.headline")))
    , m_sentence(textLabel(QStringLiteral("banner.message")))
    , m_details(textLabel(QStringLiteral("banner.details")))
    , m_fold(
          smallButton(QStringLiteral("banner.fold"), tr("Details"), tr("Show the whole message")))
    , m_copy(smallButton(QStringLiteral("banner.copy"), tr("Copy"), tr("Copy the whole message")))
    , m_action(smallButton(QStringLiteral("banner.action"), {}, tr("Act on the message")))
    , m_close(new QToolButton)
{
    setObjectName(QStringLiteral("banner"));
    setAccessibleName(tr("Message"));
    setSpokenRole(this, QAccessible::AlertMessage);
    m_headline->setProperty("role", QStringLiteral("title"));
    m_details->setProperty("role", QStringLiteral("muted"));
    m_icon->setAlignment(Qt::AlignTop);
    m_close->setObjectName(QStringLiteral("banner.close"));
    m_close->setAccessibleName(tr("Dismiss the message"));
    m_close->setToolTip(tr("Dismiss (Esc)"));
    m_close->setIcon(themedIcon(QStringLiteral("close")));
    m_close->setShortcut(Qt::Key_Escape);

    auto* text = new QVBoxLayout;
    text->setSpacing(3);
    text->addWidget(m_headline);
    text->addWidget(m_sentence);
    text->addWidget(m_details);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(12, 9, 9, 9);
    row->setSpacing(10);
    row->addWidget(m_icon, 0, Qt::AlignTop);
    row->addLayout(text, 1);
    row->addWidget(m_action, 0, Qt::AlignTop);
    row->addWidget(m_fold, 0, Qt::AlignTop);
    row->addWidget(m_copy, 0, Qt::AlignTop);
    row->addWidget(m_close, 0, Qt::AlignTop);

    m_action->hide();
    connect(m_action, &QPushButton::clicked, this, [this] {
        const auto act = m_act; // which may show another message here
        dismiss();
        act();
    });
    connect(m_fold, &QPushButton::clicked, this, [this] { unfold(m_details->isHidden()); });
    connect(m_copy, &QPushButton::clicked, this, &ErrorBanner::copy);
    connect(m_close, &QToolButton::clicked, this, &ErrorBanner::dismiss);
    hide();
}

void ErrorBanner::showFailure(const QString& headline, const QString& message)
{
    showText(headline, message, true);
}

void ErrorBanner::showNotice(const QString& headline, const QString& message)
{
    showText(headline, message, false);
}

void ErrorBanner::showText(const QString& headline, const QString& message, bool failure)
{
    m_message = message;
    setAction({}, {});
    m_headline->setText(headline);
    qsizetype end = message.indexOf(QLatin1Char('\n'));
    if (end < 0 || end > kShortMessage) {
        end = message.size() <= kShortMessage ? message.size() : kShortMessage;
    }
    const bool whole = end == message.size();
    m_sentence->setText(whole ? message : message.left(end).trimmed() + QStringLiteral("…"));
    m_details->setText(message);
    m_fold->setVisible(!whole);
    m_copy->setVisible(failure);
    m_copy->setText(tr("Copy"));
    m_icon->setPixmap(themedIcon(QStringLiteral("warning")).pixmap(scaled(18), scaled(18)));
    m_icon->setVisible(failure);
    setProperty("kind", failure ? QStringLiteral("failure") : QStringLiteral("notice"));
    style()->unpolish(this);
    style()->polish(this);
    unfold(false);
    show();
    announceAs(this, (failure ? tr("Failure: %1. %2") : tr("%1. %2")).arg(headline, message));
}

void ErrorBanner::unfold(bool on)
{
    m_details->setVisible(on);
    m_sentence->setVisible(!on);
    m_fold->setText(on ? tr("Less") : tr("Details"));
}

void ErrorBanner::copy()
{
    QGuiApplication::clipboard()->setText(m_headline->text() + QLatin1Char('\n') + m_message);
    m_copy->setText(tr("Copied"));
}

void ErrorBanner::setAction(const QString& text, std::function<void()> act)
{
    m_act = std::move(act);
    m_action->setText(text);
    m_action->setAccessibleName(text.isEmpty() ? tr("Act on the message") : text);
    m_action->setVisible(!text.isEmpty());
}

void ErrorBanner::setDismissedByEscape(bool on)
{
    m_close->setShortcut(on ? QKeySequence(Qt::Key_Escape) : QKeySequence());
}

void ErrorBanner::dismiss()
{
    hide();
    Q_EMIT dismissed();
}

QString ErrorBanner::headline() const
{
    return m_headline->text();
}

} // namespace pissarro::ui
