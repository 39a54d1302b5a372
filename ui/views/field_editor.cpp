// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/field_editor.h"

#include "core/text/number_text.h"
#include "ui/look/metrics.h"
#include "ui/widgets/number_edit.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/field_look.h"

#include <QComboBox>
#include <QLineEdit>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace pissarro::ui {

namespace {

constexpr int kSmallField = 72; // px: four digits and the arrows
constexpr qsizetype kMostSegments = 3; // more are a list that unfolds

void dress(QWidget& widget, const FieldLook& look)
{
    widget.setObjectName(look.object);
    widget.setAccessibleName(look.title);
    widget.setToolTip(look.toolTip);
}

// "every 5 steps", "every 1 step": what stands around a number, by the number.
template <class Box>
void frameBy(Box& box, const FieldLook& look)
{
    setFrame(box, look.frame(std::llround(box.value())));
}

// The number's frame and the words for the lowest one.
template <class Box>
void dressBox(Box& box, const FieldLook& look)
{
    dress(box, look);
    if (look.frame) {
        frameBy(box, look);
        QObject::connect(&box, &Box::valueChanged, &box, [&box, look] { frameBy(box, look); });
    }
    box.setSpecialValueText(look.lowest);
    box.setKeyboardTracking(!look.isSlow);
    box.setMinimumWidth(scaled(kSmallField));
}

class WholeEditor : public FieldEditor {
public:
    WholeEditor(const core::FieldInfo& field, const FieldLook& look, QObject* parent)
        : FieldEditor(parent)
        , m_box(new WholeEdit)
    {
        constexpr double kMost = std::numeric_limits<int>::max();
        const core::FieldLimits limits = field.limits.value_or(core::FieldLimits {0.0, kMost});
        m_box->setLimits(static_cast<int>(limits.lowest), // beyond them checkSpec() speaks
                         static_cast<int>(std::min(limits.highest, kMost)));
        dressBox(*m_box, look);
        connect(m_box, &QSpinBox::valueChanged, this, &FieldEditor::changed);
    }

    QWidget* widget() const override { return m_box; }
    core::FieldValue value() const override { return std::int64_t {m_box->value()}; }
    void setValue(const core::FieldValue& value) override
    {
        constexpr std::int64_t kMost = std::numeric_limits<int>::max();
        m_box->setValue(static_cast<int>(std::clamp(std::get<std::int64_t>(value), -kMost, kMost)));
    }
    QString problem() const override { return m_box->unread(); }

private:
    WholeEdit* m_box;
};

// A number with a unit behind it.
class UnitEditor : public FieldEditor {
public:
    UnitEditor(const core::FieldInfo& field, const FieldLook& look, QObject* parent)
        : FieldEditor(parent)
        , m_box(new RealEdit)
        , m_factor(look.isPercent ? 100.0 : 1.0)
    {
        if (field.limits) {
            m_box->setLimits(field.limits->lowest * m_factor, field.limits->highest * m_factor);
        }
        dressBox(*m_box, look);
        connect(m_box, &QDoubleSpinBox::valueChanged, this, &FieldEditor::changed);
    }

    QWidget* widget() const override { return m_box; }
    core::FieldValue value() const override { return m_box->value() / m_factor; }
    void setValue(const core::FieldValue& value) override
    {
        m_box->setValue(std::get<double>(value) * m_factor);
    }
    QString problem() const override { return m_box->problem(); } // in the unit that is shown

private:
    RealEdit* m_box;
    double m_factor;
};

// A number as it is typed, of many powers of ten.
class TypedEditor : public FieldEditor {
public:
    TypedEditor(const FieldLook& look, QObject* parent)
        : FieldEditor(parent)
        , m_edit(new QLineEdit)
    {
        dress(*m_edit, look);
        m_edit->setMinimumWidth(scaled(kSmallField));
        connect(m_edit, &QLineEdit::textChanged, this, &FieldEditor::changed);
    }

    QWidget* widget() const override { return m_edit; }
    core::FieldValue value() const override { return readNumber(m_edit->text()).value; }
    void setValue(const core::FieldValue& value) override
    {
        m_edit->setText(QString::fromStdString(core::fieldText(value)));
    }
    QString problem() const override { return readNumber(m_edit->text()).problem; }

protected:
    QString text() const { return m_edit->text().trimmed(); }

private:
    QLineEdit* m_edit;
};

// A whole number of all 64 bits: a seed.
class NaturalEditor : public TypedEditor {
public:
    using TypedEditor::TypedEditor;

    core::FieldValue value() const override { return std::uint64_t {text().toULongLong()}; }
    QString problem() const override
    {
        bool isNumber = false;
        text().toULongLong(&isNumber);
        return isNumber ? QString() : FieldEditor::tr("must be a whole number from 0 on");
    }
};

class TextEditor : public TypedEditor {
public:
    using TypedEditor::TypedEditor;

    core::FieldValue value() const override { return text().toStdString(); }
    QString problem() const override { return {}; }
};

QStringList titlesOf(const core::FieldInfo& field, const FieldLook& look, bool isFlag)
{
    if (!look.choices.isEmpty()) {
        return look.choices;
    }
    if (isFlag) {
        return {FieldEditor::tr("off"), FieldEditor::tr("on")};
    }
    QStringList titles;
    for (const std::string_view name : field.choices) {
        titles.append(QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size())));
    }
    return titles;
}

// One of a few: of names, or of off and on.
class ChoiceEditor : public FieldEditor {
public:
    ChoiceEditor(const core::FieldInfo& field, const FieldLook& look, bool isFlag, QObject* parent)
        : FieldEditor(parent)
        , m_names(field.choices.begin(), field.choices.end())
    {
        const QStringList titles = titlesOf(field, look, isFlag);
        if (titles.size() > kMostSegments) {
            m_box = new QComboBox;
            dress(*m_box, look);
            m_box->addItems(titles);
            connect(m_box, &QComboBox::currentIndexChanged, this, &FieldEditor::changed);
            return;
        }
        m_segments = new SegmentedControl(look.object, look.title, titles);
        m_segments->setToolTip(look.toolTip);
        for (qsizetype i = 0; i < look.choiceTips.size(); ++i) {
            m_segments->setSegmentEnabled(static_cast<int>(i), true, look.choiceTips[i]);
        }
        connect(m_segments, &SegmentedControl::changed, this, &FieldEditor::changed);
    }

    QWidget* widget() const override
    {
        return m_box != nullptr ? static_cast<QWidget*>(m_box) : m_segments;
    }
    core::FieldValue value() const override
    {
        const int index = m_box != nullptr ? m_box->currentIndex() : m_segments->current();
        return m_names.empty() ? core::FieldValue(index == 1)
                               : core::FieldValue(m_names.at(static_cast<std::size_t>(index)));
    }
    void setValue(const core::FieldValue& value) override
    {
        int index = 0;
        if (m_names.empty()) {
            index = std::get<bool>(value) ? 1 : 0;
        } else {
            const auto found =
                std::find(m_names.begin(), m_names.end(), std::get<std::string>(value));
            index = static_cast<int>(found - m_names.begin());
        }
        if (m_box != nullptr) {
            m_box->setCurrentIndex(index);
        } else {
            m_segments->setCurrent(index);
        }
    }

private:
    std::vector<std::string> m_names; // of a flag: none
    QComboBox* m_box = nullptr; // or
    SegmentedControl* m_segments = nullptr;
};

FieldEditor* madeFor(const core::FieldInfo& field, const FieldLook& look,
                     const core::FieldValue& standard, QObject* parent)
{
    const bool isFlag = std::holds_alternative<bool>(standard);
    if (isFlag || !field.choices.empty()) {
        return new ChoiceEditor(field, look, isFlag, parent);
    }
    if (std::holds_alternative<std::int64_t>(standard)) {
        return new WholeEditor(field, look, parent);
    }
    if (std::holds_alternative<std::uint64_t>(standard)) {
        return new NaturalEditor(look, parent);
    }
    if (std::holds_alternative<std::string>(standard)) {
        return new TextEditor(look, parent);
    }
    return look.frame ? static_cast<FieldEditor*>(new UnitEditor(field, look, parent))
                      : new TypedEditor(look, parent);
}

} // namespace

FieldEditor* FieldEditor::make(const core::FieldInfo& field, const FieldLook& look,
                               const core::FieldValue& standard, QObject* parent)
{
    FieldEditor* editor = madeFor(field, look, standard, parent);
    editor->setValue(standard);
    return editor;
}

} // namespace pissarro::ui
