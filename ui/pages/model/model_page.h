// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/views/page.h"

class QStackedLayout;
class QTreeView;

namespace pissarro::ui {

class Card;
class FirstScreen;
class ModuleTreeModel;
class RecentList;
class SummaryCard;
class TokenizerCard;

// The Model page: tree of layers and modules with a sparkline of σ, summary, tokenizer to try,
// recent models.
class ModelPage : public Page {
    Q_OBJECT

public:
    explicit ModelPage(Services& services, QWidget* parent = nullptr);

    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* buildContent();
    void runDemo();
    void showModel();
    void showSpectra(const QStringList& arrived);
    void showProgress();

    Services& m_services;
    ModuleTreeModel* m_tree;
    QTreeView* m_view;
    Card* m_treeCard;
    SummaryCard* m_summary;
    TokenizerCard* m_tokenizer;
    RecentList* m_recent;
    FirstScreen* m_empty;
    QWidget* m_content;
    QStackedLayout* m_pages;
};

} // namespace pissarro::ui
