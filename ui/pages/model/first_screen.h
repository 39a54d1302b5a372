// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QLineEdit;
class QPushButton;

namespace pissarro::ui {

class RecentList;
struct Services;

// The Model page while no model is open: the demo in one click, a model by its folder, file or id, those opened last, and
// what all this is for.
class FirstScreen : public QWidget {
    Q_OBJECT

public:
    explicit FirstScreen(Services& services, QWidget* parent = nullptr);

Q_SIGNALS:
    void demoRequested();
    void chooseRequested(); // a person wants to look for one
    void openRequested(const QString& path); // or an id

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* buildQuestion();
    QWidget* buildOpen();
    QWidget* buildWhat();
    QWidget* buildSteps();
    QWidget* buildMachine();
    void openTyped();
    void showMachine();

    Services& m_services;
    QLineEdit* m_path;
    RecentList* m_recent;
    QPushButton* m_demo;
    QLabel* m_processor;
    QLabel* m_memory;
    QLabel* m_accelerator;
};

} // namespace pissarro::ui
