// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QWidget>

class QFormLayout;
class QHBoxLayout;
class QLabel;
class QLineEdit;
class QToolButton;
class QVBoxLayout;

namespace pissarro::ui {

// One row of a form: label, one or two fields, and under them a grey line of consequence or a red
// one that says what is wrong. It stands alone, or in a QFormLayout (addTo()) whose labels are a column.
class FormField : public QWidget {
    Q_OBJECT

public:
    FormField(const QString& label, const QVector<QWidget*>& fields, QWidget* parent = nullptr);

    // A layout for such rows, spaced as all forms are.
    static QFormLayout* newForm();
    void addTo(QFormLayout* form); // as its last row
    void setRowVisible(bool on); // with its label; it takes no room then

    void setNote(const QString& text); // grey
    void
    setNoteInSight(bool on); // else it is the tool tip of the label; a problem is seen either way
    // Red, in place of the note; `field` is the one to mark. Empty: none.
    void setProblem(const QString& text, int field = 0);
    QString problem() const { return m_problem; }
    QString note() const { return m_noteText; }
    QVBoxLayout* column() const
    {
        return m_column;
    } // fields, then what a caller adds, then the note

protected:
    void changeEvent(QEvent* event) override;

private:
    void showLine();

    QFormLayout* m_form = nullptr; // that it is a row of; null: it stands alone
    QVector<QWidget*> m_fields;
    QVBoxLayout* m_column;
    QLabel* m_name = nullptr;
    QLabel* m_line;
    QString m_noteText;
    QString m_problem;
    int m_badField = 0;
    bool m_noteInSight = true;
};

// A file or folder: its name while nobody edits, the whole path while somebody does, and a button
// to choose it.
class PathField : public QWidget {
    Q_OBJECT

public:
    enum class Kind { OpenFile, Folder };

    PathField(const QString& name, const QString& accessible, Kind kind, QString filter,
              QWidget* parent = nullptr);

    QString path() const { return m_path; }
    void setPath(const QString& path); // emits nothing
    // Each letter tells: for what wakes a button, which a click could not leave the field for while it is grey. Otherwise the
    // path is told where the field is left.
    void setTellsWhileTyped() { m_tellsWhileTyped = true; }
    QLineEdit* edit() const { return m_edit; }
    void browse();

Q_SIGNALS:
    void pathEdited(const QString& path); // by a person

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void showText();
    void take(const QString& text);
    void takeTyped(const QString& text); // which stays as it is typed

    Kind m_kind;
    bool m_tellsWhileTyped = false;
    QString m_filter;
    QString m_path;
    QLineEdit* m_edit;
    QToolButton* m_button;
};

// Keeps the wheel from changing a field that a person only scrolls past.
class WheelGuard : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;
    void watch(QWidget* field);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
};

} // namespace pissarro::ui
