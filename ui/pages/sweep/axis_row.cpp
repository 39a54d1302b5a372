// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/sweep/axis_row.h"

#include "ui/look/icons.h"
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/services/sweep_draft.h"
#include "ui/widgets/chip_edit.h"
#include "ui/widgets/elided_label.h"
#include "ui/words/field_look.h"
#include "ui/words/format.h"
#include "ui/words/method_look.h"

#include <QHBoxLayout>
#include <QToolButton>
#include <QVBoxLayout>

namespace pissarro::ui {

namespace {

constexpr int kLeastName = 48; // px, of a long title in a narrow card

QString nameOfRow(const core::SpecField& field, const std::optional<core::Method>& method)
{
    const QString name = QStringLiteral("sweep.axis.") + QString::fromStdString(field.key);
    return method ? name + QLatin1Char('.') + nameOf(*method) : name;
}

QString titleOfRow(const core::SpecField& field, const std::optional<core::Method>& method)
{
    const QString title = fieldLook(field).title;
    return method ? AxisRow::tr("%1 of %2").arg(title, titleOf(*method)) : title;
}

} // namespace

AxisRow::AxisRow(const core::SpecField& field, std::optional<core::Method> method, QWidget* parent)
    : QWidget(parent)
    , m_field(field)
    , m_method(method)
    , m_chips(new ChipEdit(nameOfRow(field, method) + QStringLiteral(".chips"),
                           titleOfRow(field, method)))
    , m_note(new ElidedLabel)
    , m_head(new QHBoxLayout)
    , m_remove(new QToolButton)
{
    const QString title = titleOfRow(field, method);
    setObjectName(nameOfRow(field, method));
    auto* name = new ElidedLabel(title);
    name->setElision(Qt::ElideRight, scaled(kLeastName));
    name->setProperty("role", QByteArray("title"));
    name->setToolTip(fieldLook(field).toolTip);
    m_note->setProperty("role", QByteArray("small"));
    m_remove->setObjectName(objectName() + QStringLiteral(".remove"));
    m_remove->setIcon(themedIcon(QStringLiteral("close")));
    m_remove->setAccessibleName(tr("Do not vary %1").arg(title));
    m_remove->setToolTip(tr("Do not vary it: every run has the base's"));
    m_head->setSpacing(scaled(6));
    m_head->addWidget(name);
    m_head->addWidget(m_note, 1);
    m_head->addWidget(m_remove);
    auto* rows = new QVBoxLayout(this);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(scaled(4));
    rows->addLayout(m_head);
    rows->addWidget(m_chips);
    QStringList known = fieldLook(field).choices;
    if (known.isEmpty()) {
        for (const std::string_view choice : field.choices) {
            known.append(fromView(choice));
        }
    }
    if (!known.isEmpty()) {
        m_chips->setSuggestions(known);
    }
    m_chips->setPlaceholder(tr("add…"));
    m_chips->setRead([this](const QString& text) {
        const TypedValue typed = readAxisValue(m_field, text, m_base);
        if (!typed.value) {
            return ChipEdit::Typed {{}, typed.problem};
        }
        const QString shown = axisValueText(m_field, *typed.value);
        m_known.insert(shown, *typed.value);
        return ChipEdit::Typed {shown, {}};
    });
    connect(m_chips, &ChipEdit::changed, this, [this] {
        showColors();
        Q_EMIT changed();
    });
    connect(m_remove, &QToolButton::clicked, this, &AxisRow::removed);
    connect(&Theme::instance(), &Theme::changed, this, &AxisRow::showColors);
}

void AxisRow::setValues(const std::vector<core::FieldValue>& values, const core::RunSpec& base)
{
    m_base = base;
    QStringList texts;
    for (const core::FieldValue& value : values) {
        texts.append(axisValueText(m_field, value));
        m_known.insert(texts.last(), value);
    }
    m_chips->setTexts(texts);
    showColors();
}

std::vector<core::FieldValue> AxisRow::values() const
{
    std::vector<core::FieldValue> values;
    for (const QString& text : m_chips->texts()) {
        values.push_back(m_known.value(text));
    }
    return values;
}

void AxisRow::setNote(const QString& note)
{
    m_note->setText(note);
}

void AxisRow::addHeadWidget(QWidget* widget)
{
    m_head->insertWidget(m_head->count() - 1, widget);
}

void AxisRow::setRemovable(bool on)
{
    m_remove->setVisible(on);
}

QVector<QWidget*> AxisRow::tabChain() const
{
    return QVector<QWidget*> {m_remove} + m_chips->tabChain();
}

void AxisRow::showColors()
{
    QVector<QColor> colors;
    if (m_field.key == "method") {
        for (const core::FieldValue& value : values()) {
            colors.append(methodColor(core::methodNamed(std::get<std::string>(value))));
        }
    }
    m_chips->setColors(colors);
}

} // namespace pissarro::ui
