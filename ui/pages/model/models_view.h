// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/model/models_model.h"
#include "ui/services/state.h"

#include <QWidget>

class QAction;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QStackedLayout;

namespace pissarro::ui {

class Card;
class ChosenModelCard;
class EmptyState;
class FilterChips;
class ModelsTree;
struct Services;

// «Models at hand»: search, filters and the list by place, and what is known of the one that is chosen. It looks for models
// when it comes into sight. Typing goes to the search, Escape clears it, Enter opens.
class ModelsView : public QWidget {
    Q_OBJECT

public:
    explicit ModelsView(Services& services, QWidget* parent = nullptr);

    void setBack(bool on); // a model is open: there is something to go back to
    void startSearch();
    ModelsModel* model() const { return m_model; }
    ModelsTree* tree() const { return m_tree; }

Q_SIGNALS:
    void openRequested(const QString& path);
    void backRequested();
    void firstStepsRequested();
    void failed(const pissarro::ui::Failed& failure);

protected:
    void showEvent(QShowEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override; // keys of the search

private:
    QWidget* buildList();
    QWidget* buildSide();
    QWidget* buildSearch();
    void buildActions();
    void showMenu(const QPoint& at);
    void showModels();
    void showWishes();
    void showChosen();
    void showState();
    void takeFilter();
    void open();
    void showInFolder();
    void copyPath();
    void forgetChosen();
    void chooseFolder();
    void look(bool afresh);
    QString summary() const;
    bool canForget(const core::ListedModel& model) const;

    Services& m_services;
    ModelsModel* m_model;
    ModelsTree* m_tree;
    QLineEdit* m_search;
    FilterChips* m_chips;
    QComboBox* m_order;
    Card* m_card = nullptr;
    ChosenModelCard* m_chosen;
    EmptyState* m_empty = nullptr;
    QLabel* m_none; // where nothing holds what is asked for
    QLabel* m_notes;
    QPushButton* m_back;
    QStackedLayout* m_stack = nullptr;
    QAction* m_add = nullptr;
    QAction* m_again = nullptr;
    QAction* m_stop = nullptr;
    QAction* m_reveal = nullptr;
    QAction* m_copy = nullptr;
    QAction* m_forget = nullptr;
    bool m_isFilling = false; // chips are being made: nothing a person did
};

} // namespace pissarro::ui
