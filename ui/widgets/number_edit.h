// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDoubleSpinBox>
#include <QSpinBox>
#include <QString>

#include <limits>

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

// A spin box for whole numbers that keeps a number outside its limits and says so, where QSpinBox would drop the digit
// that leads out of them: 600 never becomes 60. Takes digits only: "1,5" never becomes 15. The arrows stay within.
class WholeEdit : public QSpinBox {
    Q_OBJECT

public:
    explicit WholeEdit(QWidget* parent = nullptr);

    // Requires: 0 <= lowest <= highest.
    void setLimits(int lowest, int highest);
    QString problem() const; // of value(); empty: none
    void stepBy(int steps) override;

protected:
    QValidator::State validate(QString& text, int& position) const override;
    int valueFromText(const QString& text) const override;

private:
    QString digitsOf(const QString& text) const; // without prefix and suffix

    int m_lowest = 0;
    int m_highest = std::numeric_limits<int>::max();
};

// The same for real numbers with a unit behind them: "2,5 %" is 2.5 and "2.125 %" stays that.
class RealEdit : public QDoubleSpinBox {
    Q_OBJECT

public:
    explicit RealEdit(QWidget* parent = nullptr);

    void setLimits(double lowest, double highest);
    QString problem() const; // of value(); empty: none
    void stepBy(int steps) override;

protected:
    QValidator::State validate(QString& text, int& position) const override;
    double valueFromText(const QString& text) const override;
    QString textFromValue(double value) const override;

private:
    QString numberOf(const QString& text) const; // without prefix and suffix

    double m_lowest = 0.0;
    double m_highest = 100.0;
};

} // namespace pissarro::ui
