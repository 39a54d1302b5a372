// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QString>

class QPushButton;
class QTextBrowser;
class QUrl;

namespace pissarro::ui {

// The guide, resources/guide, in a window of its own: read-only, beside the one that it is about.
class GuideWindow : public QDialog {
    Q_OBJECT

public:
    explicit GuideWindow(QWidget* parent = nullptr);

    // "is-it-better", or with a heading of it "is-it-better#the-rules". Empty, or no such page: what pages there are.
    void showPage(const QString& page);
    QString page() const; // that is shown: "is-it-better"
    QTextBrowser* browser() const { return m_browser; }

private:
    void follow(const QUrl& link);
    void scrollToHeading(const QString& slug);

    QTextBrowser* m_browser;
    QPushButton* m_back;
};

// Opens it beside the window, or brings it to the front.
void showGuide(QWidget* window, const QString& page = {});

} // namespace pissarro::ui
