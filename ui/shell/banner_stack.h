// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/error_banner.h"

#include <QVector>

#include <functional>

class QVBoxLayout;

namespace pissarro::ui {

// The messages at the top of the page, the newest first: each stays until a person dismisses it or what it tells is over.
// Three are in sight; older ones come back as newer ones go.
class BannerStack : public QWidget {
    Q_OBJECT

public:
    explicit BannerStack(QWidget* parent = nullptr);

    // Of whom: a service, so that it can be dismissed with what else it told; null: nobody.
    void showFailure(const QString& headline, const QString& message, const QObject* of = nullptr);
    // With a button that does `act` and ends the notice; no `actionText`: none.
    void showNotice(const QString& headline, const QString& message, const QString& actionText = {},
                    std::function<void()> act = {});
    void dismissFailures(const QObject* of); // they are out of date
    void dismissNotice(const QString& headline);
    ErrorBanner* newest() const; // never null; hidden when there is no message

private:
    struct Message {
        ErrorBanner* banner = nullptr;
        const QObject* of = nullptr;
        bool failure = false;
    };

    ErrorBanner* add(bool failure, const QObject* of, const QString& headline,
                     const QString& message);
    void remove(const ErrorBanner* banner);
    void arrange();

    QVector<Message> m_messages; // the newest first
    ErrorBanner* m_none; // what newest() is without a message
    QVBoxLayout* m_column;
};

} // namespace pissarro::ui
