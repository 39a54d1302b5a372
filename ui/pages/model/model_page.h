// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/views/page.h"

class QLineEdit;
class QSortFilterProxyModel;
class QStackedLayout;
class QTreeView;

namespace pissarro::ui {

class Card;
class FirstScreen;
class ModelsView;
class ModuleTreeModel;
class RecentList;
class SummaryCard;
class TokenizerCard;

// The Model page: tree of layers and modules with a sparkline of σ, summary, tokenizer to try,
// recent models. While no model is open, and over one when asked: the models at hand, or the first screen.
class ModelPage : public Page {
    Q_OBJECT

public:
    explicit ModelPage(Services& services, QWidget* parent = nullptr);

    QSize minimumSizeHint() const override;
    void take(const QVariant& with) override; // any: the first screen, also over an open model
    void showModelsAtHand(); // also over an open model

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    enum Sight { First, Content, AtHand }; // what stands in the page

    QWidget* buildContent();
    QWidget* buildRecent();
    void connectFirst();
    void buildAtHand();
    void showSight(Sight sight);
    QLineEdit* buildFind();
    void find(const QString& text);
    void unfoldFirst();
    void startFind();
    void runDemo();
    void showModel();
    void showSpectra(const QStringList& arrived);
    void showProgress();

    Services& m_services;
    ModuleTreeModel* m_tree;
    QSortFilterProxyModel* m_found; // of its rows, those that are looked for
    QTreeView* m_view;
    Card* m_treeCard;
    SummaryCard* m_summary;
    TokenizerCard* m_tokenizer;
    RecentList* m_recent;
    FirstScreen* m_empty;
    ModelsView* m_models;
    QWidget* m_content;
    QStackedLayout* m_pages;
};

} // namespace pissarro::ui
