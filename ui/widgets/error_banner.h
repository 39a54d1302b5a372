// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

#include <functional>

class QLabel;
class QPushButton;
class QToolButton;

namespace pissarro::ui {

// Where failures are told: a strip at the top of the page with what could not be done, the file and
// the advice in one sentence, details folded, a copy and a dismiss button. Never a message box.
class ErrorBanner : public QFrame {
    Q_OBJECT

public:
    explicit ErrorBanner(QWidget* parent = nullptr);

    // The first sentence of `message` is shown; the rest, and long messages, are folded under
    // «Details».
    void showFailure(const QString& headline, const QString& message);
    // Something to know that is no failure; without details.
    void showNotice(const QString& headline, const QString& message);
    // A button that does `act` and dismisses the message; no text: none. Each message begins without.
    void setAction(const QString& text, std::function<void()> act);
    void setDismissedByEscape(bool on); // of several banners, one
    void dismiss();
    QString headline() const;
    QString message() const { return m_message; } // whole

Q_SIGNALS:
    void dismissed();

private:
    void showText(const QString& headline, const QString& message, bool failure);
    void unfold(bool on);
    void copy();

    QLabel* m_icon;
    QLabel* m_headline;
    QLabel* m_sentence;
    QLabel* m_details;
    QPushButton* m_fold;
    QPushButton* m_copy;
    QPushButton* m_action;
    QToolButton* m_close;
    QString m_message;
    std::function<void()> m_act;
};

} // namespace pissarro::ui
