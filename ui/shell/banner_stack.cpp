// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/banner_stack.h"

#include "ui/words/message.h"

#include <QVBoxLayout>

#include <algorithm>

namespace pissarro::ui {

namespace {
constexpr qsizetype kInSight = 3;
} // namespace

BannerStack::BannerStack(QWidget* parent)
    : QWidget(parent)
    , m_none(new ErrorBanner(this))
    , m_column(new QVBoxLayout(this))
{
    setObjectName(QStringLiteral("banners"));
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(8);
    m_none->setDismissedByEscape(false);
    arrange();
}

void BannerStack::showFailure(const QString& headline, const QString& message, const QObject* of)
{
    const QString text = withoutOptionDashes(message);
    add(true, of, headline, text)->showFailure(headline, text);
    arrange();
}

void BannerStack::showNotice(const QString& headline, const QString& message,
                             const QString& actionText, std::function<void()> act)
{
    ErrorBanner* banner = add(false, nullptr, headline, message);
    banner->showNotice(headline, message);
    banner->setAction(actionText, std::move(act));
    arrange();
}

void BannerStack::dismissFailures(const QObject* of)
{
    const QVector<Message> all = m_messages;
    for (const Message& one : all) {
        if (one.failure && one.of == of) {
            remove(one.banner);
        }
    }
}

void BannerStack::dismissNotice(const QString& headline)
{
    const QVector<Message> all = m_messages;
    for (const Message& one : all) {
        if (!one.failure && one.banner->headline() == headline) {
            remove(one.banner);
        }
    }
}

ErrorBanner* BannerStack::newest() const
{
    return m_messages.isEmpty() ? m_none : m_messages.first().banner;
}

// What says the same as one in sight takes its place.
ErrorBanner* BannerStack::add(bool failure, const QObject* of, const QString& headline,
                              const QString& message)
{
    const QVector<Message> all = m_messages;
    for (const Message& one : all) {
        if (one.failure == failure && one.banner->headline() == headline
            && one.banner->message() == message) {
            remove(one.banner);
        }
    }
    auto* banner = new ErrorBanner(this);
    m_messages.prepend({banner, of, failure});
    m_column->insertWidget(0, banner);
    connect(banner, &ErrorBanner::dismissed, this, [this, banner] { remove(banner); });
    return banner;
}

void BannerStack::remove(const ErrorBanner* banner)
{
    const auto gone = std::find_if(m_messages.begin(), m_messages.end(),
                                   [banner](const Message& one) { return one.banner == banner; });
    if (gone == m_messages.end()) {
        return;
    }
    gone->banner->hide();
    gone->banner->deleteLater(); // it may be the one whose button was pressed
    m_messages.erase(gone);
    arrange();
}

void BannerStack::arrange()
{
    for (qsizetype i = 0; i < m_messages.size(); ++i) {
        m_messages[i].banner->setVisible(i < kInSight);
        m_messages[i].banner->setDismissedByEscape(i == 0);
    }
    setVisible(!m_messages.isEmpty());
}

} // namespace pissarro::ui
