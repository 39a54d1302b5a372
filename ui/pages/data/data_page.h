// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/jobs/job_bridge.h"
#include "ui/views/page.h"

class QAction;
class QPushButton;
class QStackedWidget;

namespace pissarro::ui {

class Card;
class ChecksCard;
class EmptyState;
class LengthPlot;
class RowCard;
class SourceCard;

// The Data page: which column of the open file is what, a row on its way to the loss, lengths with the cut, and what may be
// wrong with the rows.
class DataPage : public Page {
    Q_OBJECT

public:
    explicit DataPage(Services& services, QWidget* parent = nullptr);

    // A path: the data that are opened.
    void take(const QVariant& with) override;

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    QWidget* buildContent();
    QWidget* buildLengths();
    void buildActions();
    void connectWidgets();
    void showData();
    void setCut(std::int64_t length);
    void openChosen();
    void train();
    void copyCommand();
    void saveBadRows();

    Services& m_services;
    QStackedWidget* m_stack;
    EmptyState* m_empty;
    SourceCard* m_source;
    RowCard* m_row;
    Card* m_lengthCard;
    LengthPlot* m_lengths;
    QPushButton* m_cutSome;
    QPushButton* m_cutNone;
    ChecksCard* m_checks;
    QAction* m_train = nullptr;
    QAction* m_stop = nullptr;
    JobBridge m_saving; // last: destroyed first
};

} // namespace pissarro::ui
