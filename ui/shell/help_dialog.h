// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QString>
#include <QVector>

class QTreeWidget;

namespace pissarro::ui {

class MainWindow;

// A key and what it does, or a word and what it means.
struct HelpRow {
    QString name;
    QString text;
};
struct HelpGroup {
    QString title;
    QVector<HelpRow> rows;
};

// Groups of rows in two columns, and a field that leaves those which hold what is typed.
class HelpDialog : public QDialog {
    Q_OBJECT

public:
    HelpDialog(const QString& title, const QVector<HelpGroup>& groups, QWidget* parent);

private:
    void narrow(const QString& wanted);

    QTreeWidget* m_rows;
};

// Every entry of every menu with its key, those of other pages too, and the keys of a plot. An entry without a key says so.
QVector<HelpGroup> keysOf(const MainWindow& window);
// What this program's and the field's words mean.
QVector<HelpGroup> glossary();

} // namespace pissarro::ui
