// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/card.h"

#include <cstdint>

class QLabel;
class QListWidget;
class QPushButton;

namespace pissarro::ui {

class Data;

// What may be wrong with the rows, each with its count; the chosen one shows its rows, and Enter on one of them goes there.
class ChecksCard : public Card {
    Q_OBJECT

public:
    explicit ChecksCard(Data& data, QWidget* parent = nullptr);

    void showData();
    void chooseTestSet();

Q_SIGNALS:
    void lineChosen(std::int64_t line); // of the file, by a person
    void saveBadRowsWanted();

private:
    enum Check { Bad, Cut, LeftOut, Repeated, SameQuestion, Empty, Invisible, Near, CheckCount };

    void addCheck(Check check, std::int64_t count, const QString& text);
    void showFound();
    void addFound(std::int64_t line, const QString& text);
    void showFoundOf(Check check);
    void showState();

    Data& m_data;
    QListWidget* m_checks;
    QListWidget* m_found;
    QLabel* m_state;
    QPushButton* m_test;
    QPushButton* m_cancel;
    QPushButton* m_save;
};

} // namespace pissarro::ui
