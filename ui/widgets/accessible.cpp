// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/accessible.h"

#include "ui/widgets/accessible_table_p.h"
#include "ui/widgets/readable_table.h"

#include <QAbstractItemView>
#include <QAccessibleWidget>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QTextDocumentFragment>

namespace pissarro::ui {

namespace {

constexpr const char* kRole = "spokenRole";
Hearer hearer = nullptr;

void tell(QAccessibleEvent& event)
{
    if (hearer != nullptr) {
        hearer(&event);
    }
    QAccessible::updateAccessibility(&event);
}

// «caption, text»: Qt's own says the caption alone where there is one.
class AccessibleLabel : public QAccessibleWidget {
public:
    explicit AccessibleLabel(QLabel* label)
        : QAccessibleWidget(label, QAccessible::StaticText)
    {
    }

    QString text(QAccessible::Text which) const override
    {
        if (which != QAccessible::Name) {
            return QAccessibleWidget::text(which);
        }
        const auto* label = static_cast<const QLabel*>(object());
        const QString caption = label->accessibleName();
        const bool rich = label->textFormat() == Qt::RichText
            || (label->textFormat() == Qt::AutoText && Qt::mightBeRichText(label->text()));
        const QString shown =
            rich ? QTextDocumentFragment::fromHtml(label->text()).toPlainText() : label->text();
        if (caption.isEmpty() || caption == shown) {
            return shown;
        }
        return shown.isEmpty() ? caption : QStringLiteral("%1, %2").arg(caption, shown);
    }

    QList<QPair<QAccessibleInterface*, QAccessible::Relation>>
    relations(QAccessible::Relation match) const override
    {
        auto all = QAccessibleWidget::relations(match);
        QWidget* buddy = static_cast<const QLabel*>(object())->buddy();
        if (buddy != nullptr && match.testFlag(QAccessible::Labelled)) {
            all.append({QAccessible::queryAccessibleInterface(buddy), QAccessible::Labelled});
        }
        return all;
    }
};

// Qt 6.4 names a combo box by what is chosen in it, on Linux, whatever it is for.
class AccessibleComboBox : public QAccessibleWidget {
public:
    explicit AccessibleComboBox(QComboBox* box)
        : QAccessibleWidget(box, QAccessible::ComboBox)
    {
    }

    int childCount() const override { return box()->isEditable() ? 2 : 1; }
    QAccessibleInterface* child(int index) const override
    {
        return index == 0 ? QAccessible::queryAccessibleInterface(box()->view())
            : index == 1 && box()->isEditable()
            ? QAccessible::queryAccessibleInterface(box()->lineEdit())
            : nullptr;
    }
    int indexOfChild(const QAccessibleInterface* child) const override
    {
        return child->object() == box()->view()                           ? 0
            : box()->isEditable() && child->object() == box()->lineEdit() ? 1
                                                                          : -1;
    }
    QString text(QAccessible::Text which) const override
    {
        const QString own = QAccessibleWidget::text(which);
        const bool nameless = which == QAccessible::Name && own.isEmpty();
        return which == QAccessible::Value || nameless ? box()->currentText() : own;
    }
    QAccessible::State state() const override
    {
        QAccessible::State state = QAccessibleWidget::state();
        state.expandable = true;
        state.editable = box()->isEditable();
        return state;
    }
    QStringList actionNames() const override
    {
        return QStringList {showMenuAction()} + QAccessibleWidget::actionNames();
    }
    void doAction(const QString& name) override
    {
        name == showMenuAction() ? box()->showPopup() : QAccessibleWidget::doAction(name);
    }

private:
    QComboBox* box() const { return static_cast<QComboBox*>(object()); }
};

// A widget without a class of its own for readers: its role is asked each time, for Qt may make this before it is set.
class AccessiblePart : public QAccessibleWidget {
public:
    AccessiblePart(QWidget* widget, QAccessible::Role standard)
        : QAccessibleWidget(widget, standard)
    {
    }

    QAccessible::Role role() const override
    {
        const QVariant role = object()->property(kRole);
        return role.isValid() ? static_cast<QAccessible::Role>(role.toInt())
                              : QAccessibleWidget::role();
    }
};

// Called with the names of the widget's class and of those above it, until there is an answer; before Qt's own.
QAccessibleInterface* accessibleOf(const QString& className, QObject* object)
{
    auto* widget = qobject_cast<QWidget*>(object);
    if (widget == nullptr) {
        return nullptr;
    }
    if (dynamic_cast<ReadableTable*>(widget) != nullptr) {
        return new AccessibleTable(widget);
    }
    if (auto* label = qobject_cast<QLabel*>(widget);
        label != nullptr && label->pixmap(Qt::ReturnByValue).isNull()) {
        return new AccessibleLabel(label);
    }
    if (auto* box = qobject_cast<QComboBox*>(widget)) {
        return new AccessibleComboBox(box);
    }
    if (className == QLatin1String("QWidget") || className == QLatin1String("QFrame")) {
        const bool frame = className == QLatin1String("QFrame"); // as Qt has it
        return new AccessiblePart(widget, frame ? QAccessible::Border : QAccessible::Client);
    }
    return nullptr;
}

} // namespace

void installAccessible()
{
    QAccessible::installFactory(accessibleOf);
}

void setSpokenRole(QWidget* widget, QAccessible::Role role)
{
    installAccessible();
    widget->setProperty(kRole, static_cast<int>(role));
}

bool isHeard()
{
    return hearer != nullptr || QAccessible::isActive();
}

Hearer setHearer(Hearer another)
{
    return std::exchange(hearer, another);
}

void announceAs(QWidget* widget, const QString& name)
{
    if (widget->accessibleName() != name) {
        widget->setAccessibleName(name); // Qt tells its bridge
        if (hearer != nullptr) {
            QAccessibleEvent event(widget, QAccessible::NameChanged);
            hearer(&event);
        }
    }
}

void tellCurrentCell(QWidget* table)
{
    if (!isHeard()) {
        return;
    }
    const QAccessibleInterface* whole = QAccessible::queryAccessibleInterface(table);
    QAccessibleInterface* cell = whole != nullptr ? whole->focusChild() : nullptr;
    if (cell != nullptr && cell != whole) {
        QAccessibleEvent event(cell, QAccessible::Focus);
        tell(event);
    }
}

void tellOtherTable(QWidget* table)
{
    if (isHeard()) {
        QAccessibleTableModelChangeEvent event(table, QAccessibleTableModelChangeEvent::ModelReset);
        tell(event);
    }
}

void tellValue(QWidget* widget, double value)
{
    if (isHeard()) {
        QAccessibleValueChangeEvent event(widget, value);
        tell(event);
    }
}

} // namespace pissarro::ui
