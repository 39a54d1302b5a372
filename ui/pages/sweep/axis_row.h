// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/spec_fields.h"

#include <QHash>
#include <QString>
#include <QVector>
#include <QWidget>

#include <optional>
#include <string>
#include <vector>

class QHBoxLayout;
class QToolButton;

namespace pissarro::ui {

class ChipEdit;
class ElidedLabel;

// A setting of a draft with the values that it takes, or those of one method.
class AxisRow : public QWidget {
    Q_OBJECT

public:
    AxisRow(const core::SpecField& field, std::optional<core::Method> method,
            QWidget* parent = nullptr);

    const std::string& key() const { return m_field.key; }
    const std::optional<core::Method>& method() const { return m_method; }
    void setValues(const std::vector<core::FieldValue>& values, const core::RunSpec& base);
    std::vector<core::FieldValue> values() const;
    void setNote(const QString& note); // grey, behind the title
    void addHeadWidget(QWidget* widget); // before the button that removes the row
    void setRemovable(bool on);
    ChipEdit* chips() const { return m_chips; }
    QVector<QWidget*> tabChain() const; // what the tab key comes to, as the eye does

Q_SIGNALS:
    void changed(); // values(), by a person
    void removed();

private:
    void showColors();

    const core::SpecField& m_field;
    std::optional<core::Method> m_method;
    core::RunSpec m_base; // of what is typed
    QHash<QString, core::FieldValue> m_known; // by text
    ChipEdit* m_chips;
    ElidedLabel* m_note;
    QHBoxLayout* m_head;
    QToolButton* m_remove;
};

} // namespace pissarro::ui
