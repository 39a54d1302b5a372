// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/jobs/job_bridge.h"
#include "ui/pages/spectrum/rank_rules.h"

#include <QDialog>

class QLabel;
class QLineEdit;
class QTableView;
class QComboBox;
class QProgressBar;
class QPushButton;

namespace pissarro::ui {

class RankTableModel;
struct Services;

// The ranks of single matrices as a table that is a heat map too: typed one by one or for a whole selection, or found
// by a rule. Opening it changes nothing. Every change goes to the services at once, and the Spectrum page shows it
// beside; Cancel and Esc bring back what was in force before. While a search runs, Esc asks first.
class RankMapDialog : public QDialog {
    Q_OBJECT

public:
    explicit RankMapDialog(Services& services, QWidget* parent = nullptr);
    ~RankMapDialog() override; // cancels what runs
    void setRule(RankRule rule, const QString& value); // shown, not applied
    void reject() override;
    void take(const QString& path); // the map in that file, as «Open…» does it

private:
    void buildRules(class QVBoxLayout* into);
    void buildFoot(QVBoxLayout* into);
    void showMap();
    core::RankMap shownMap() const; // in force, else the rank for all as a map
    void showRule();
    void showSearch(); // how far it is, and how it ended
    void showState(); // a search runs, or none does
    void applyRule();
    void takeEdit(const QModelIndex& index, int rank);
    void save();
    void load();
    void say(const QString& text, bool bad);
    void cancel(); // the search, and bring back what was

    Services& m_services;
    JobBridge m_files; // reads a chosen file
    core::RankMap m_before; // in force when the dialog opened
    RankTableModel* m_model;
    QTableView* m_table;
    QComboBox* m_rule;
    RuleValidator* m_validator;
    QLineEdit* m_value;
    QPushButton* m_apply; // Cancel while a search runs
    QProgressBar* m_bar;
    QLabel* m_line; // reason, or what is wrong
    QLabel* m_figures;
};

} // namespace pissarro::ui
