// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QLayout;
class QLineEdit;
class QPushButton;

namespace pissarro::ui {

class RecentList;
struct Services;

// The Model page while no model is open: the demo in one click and what it does, what PiSSA is, and the three steps of a
// run: a model by its folder, file or id, or one of those opened last; a rank; a pair of runs. The later two show an example.
class FirstScreen : public QWidget {
    Q_OBJECT

public:
    explicit FirstScreen(Services& services, QWidget* parent = nullptr);

    void setBack(bool on); // a model is open: there is something to go back to

Q_SIGNALS:
    void demoRequested();
    void backRequested();
    void chooseRequested(); // a person wants to look for one
    void modelsRequested(); // a list of those at hand
    void openRequested(const QString& path); // or an id

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* buildQuestion();
    QWidget* buildOpen();
    QLayout* buildWhat();
    QWidget* buildDemo();
    QWidget* buildMachine();
    void openTyped();
    void showMachine();

    Services& m_services;
    QLineEdit* m_path;
    RecentList* m_recent;
    QPushButton* m_demo;
    QPushButton* m_back;
    QLabel* m_processor;
    QLabel* m_memory;
    QLabel* m_accelerator;
};

} // namespace pissarro::ui
