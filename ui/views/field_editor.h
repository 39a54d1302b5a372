// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/settings/field.h"

#include <QObject>

class QWidget;

namespace pissarro::ui {

struct FieldLook;

// What a person sets one setting with: a spin box, a line or segments, as the setting's type and range have it.
// The widget belongs to the layout that it is put into; both live as long as the form.
class FieldEditor : public QObject {
    Q_OBJECT

public:
    // Made for the kind of `standard`, which it shows. Requires: no list and no rank map.
    static FieldEditor* make(const core::FieldInfo& field, const FieldLook& look,
                             const core::FieldValue& standard, QObject* parent);

    virtual QWidget* widget() const = 0;
    virtual core::FieldValue value() const = 0; // as it stands; NaN where no number is typed
    // As near as the widget comes: what it cannot hold is for the caller to keep.
    virtual void setValue(const core::FieldValue& value) = 0;
    virtual QString problem() const { return {}; } // why what is typed is no value at all

Q_SIGNALS:
    void changed();

protected:
    using QObject::QObject;
};

} // namespace pissarro::ui
