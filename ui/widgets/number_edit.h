// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDoubleSpinBox>
#include <QSpinBox>
#include <QString>

#include <limits>
#include <optional>
#include <utility>

namespace pissarro::ui {

// A number as a person typed it, or why it is none.
struct TypedNumber {
    double value = std::numeric_limits<double>::quiet_NaN();
    QString problem; // "must be a number, such as 0.5 or 2e-5"; empty: value is good

    bool isGood() const { return problem.isEmpty(); }
};

// Reads both decimal signs and any grouping that leaves one meaning, whatever the locale: "2.5", "2,5", "2,5e-4",
// "1,234.5", "1.234,5", "4,884,480", "10 000". "2,125" could be two numbers: the smaller one where the other lies above
// `highest`, else a problem that names both.
TypedNumber readNumber(const QString& text,
                       double highest = std::numeric_limits<double>::infinity());

// Why `value` is outside: "must be at most 192, found 600". Empty: it is not.
QString limitProblem(double value, double lowest, double highest);

// What stands around the number of a spin box, out of the whole: "every %1 steps".
template <class Box>
void setFrame(Box& box, const QString& frame)
{
    const qsizetype at = frame.indexOf(QLatin1String("%1"));
    const QString suffix = frame.mid(at + 2);
    if (const QString prefix = frame.left(at); prefix != box.prefix()) {
        box.setPrefix(prefix);
    }
    if (suffix != box.suffix()) { // else the cursor would move while a person types
        box.setSuffix(suffix);
    }
}

// What the two boxes below have in common: they keep what was typed and say what is wrong with it, where a spin box would
// drop the key that leads out of its limits or go back to the number before. value() of what is no number that the box can
// hold is maximum(); valueChanged() comes again where only such a text changes. The arrows stay within the limits.
template <class Box>
class KeptNumber : public Box {
public:
    using Value = decltype(std::declval<Box>().value());

    QString problem() const; // of what stands there; empty: none
    virtual QString unread() const = 0; // likewise, of what is no value() at all

protected:
    explicit KeptNumber(QWidget* parent);

    QAbstractSpinBox::StepEnabled stepEnabled() const override;
    QValidator::State validate(QString& text, int& position) const override;
    Value valueFromText(const QString& text) const override;
    // The number in a text without what stands around it, also one that the box cannot hold; nullopt: there is none.
    virtual std::optional<Value> read(const QString& typed) const = 0;
    bool isUnread() const { return this->value() == this->maximum() && !m_typed.isNull(); }

    Value m_lowest = 0;
    Value m_highest = std::numeric_limits<Value>::max();
    mutable QString m_typed; // what could not be read; null: all could

private:
    void tellOfText();

    QString m_told; // that valueChanged() came for
};

// For whole numbers: 600 never becomes 60, "2.5" never 25, "abc" never what stood there. maximum() is above every limit that
// is below 2^31 - 1.
class WholeEdit : public KeptNumber<QSpinBox> {
    Q_OBJECT

public:
    explicit WholeEdit(QWidget* parent = nullptr);

    // Requires: 0 <= lowest <= highest.
    void setLimits(int lowest, int highest);
    QString unread() const override; // "must be a whole number, found 2.5"
    void stepBy(int steps) override;

protected:
    QString textFromValue(int value) const override;
    std::optional<int> read(const QString& typed) const override;
};

// For real numbers with a unit behind them: "2,5 %" is 2.5 and "2.125 %" stays that.
class RealEdit : public KeptNumber<QDoubleSpinBox> {
    Q_OBJECT

public:
    explicit RealEdit(QWidget* parent = nullptr);

    void setLimits(double lowest, double highest);
    QString unread() const override;
    void stepBy(int steps) override;

protected:
    QString textFromValue(double value) const override;
    std::optional<double> read(const QString& typed) const override;
};

} // namespace pissarro::ui
