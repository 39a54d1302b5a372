// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/model/models_model.h"

#include <QSet>
#include <QString>
#include <QTreeView>

namespace pissarro::ui {

// The list of models at hand, under the places where they lie. What is chosen stays chosen and what a person closed stays
// closed while models come and go; letters that are typed are handed on to the search.
class ModelsTree : public QTreeView {
    Q_OBJECT

public:
    explicit ModelsTree(ModelsModel* model, QWidget* parent = nullptr);

    const core::ListedModel* currentModel() const; // null: none is chosen
    void choose(const QModelIndex& index);

Q_SIGNALS:
    void chosen(); // another model, or none
    void openAsked();
    void typed(const QString& text);
    void orderAsked(pissarro::ui::ModelsOrder order); // by the head of a column

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;

private:
    void takeReset();
    QString groupKey(int group) const;

    ModelsModel* m_models;
    QSet<QString> m_closed; // groups
    QString m_path; // of the model that is chosen
    QString m_title;
    bool m_isTaking = false; // a reset: nothing of it is a person's doing
};

} // namespace pissarro::ui
