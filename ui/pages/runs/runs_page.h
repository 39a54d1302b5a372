// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/run_spec.h"

#include <QWidget>

#include <memory>

namespace pissarro::ui {

class Workbench;

// The Runs page: every run on disk in a table, the losses of those selected in one plot, and where
// their configurations differ. While it is on screen, running ones are read again every second.
// Its QActions (add folder, open, copy path, copy command, use as template) are in actions().
class RunsPage : public QWidget {
    Q_OBJECT

public:
    explicit RunsPage(Workbench& workbench, QWidget* parent = nullptr);
    ~RunsPage() override;

Q_SIGNALS:
    // Connect to TrainPage::useAsTemplate() and show that page.
    void templateRequested(const core::RunSpec& spec);
    void trainRequested(); // the button of the empty state: show the Train page

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace pissarro::ui
