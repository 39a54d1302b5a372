// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDoubleSpinBox>
#include <QSpinBox>

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

// A spin box for whole numbers that keeps what was typed and says what is wrong with it, where QSpinBox would drop the key
// that leads out of its limits or go back to the number before: 600 never becomes 60, "2.5" never 25, "abc" never what
// stood there. value() of what is no number that it can hold is maximum(), which is above every limit that is below 2^31 - 1;
// valueChanged() comes again where only such a text changes. The arrows stay within the limits.
class WholeEdit : public QSpinBox {
    Q_OBJECT

public:
    explicit WholeEdit(QWidget* parent = nullptr);

    // Requires: 0 <= lowest <= highest.
    void setLimits(int lowest, int highest);
    QString problem() const; // of what stands there; empty: none
    QString
    unread() const; // likewise, of what is no value() at all: "must be a whole number, found 2.5"
    void stepBy(int steps) override;

protected:
    StepEnabled stepEnabled() const override;
    QValidator::State validate(QString& text, int& position) const override;
    int valueFromText(const QString& text) const override;
    QString textFromValue(int value) const override;

private:
    void tellOfText();

    int m_lowest = 0;
    int m_highest = std::numeric_limits<int>::max();
    mutable QString m_typed; // what could not be read; null: all could
    QString m_told; // that valueChanged() came for
};

// The same for real numbers with a unit behind them: "2,5 %" is 2.5 and "2.125 %" stays that.
class RealEdit : public QDoubleSpinBox {
    Q_OBJECT

public:
    explicit RealEdit(QWidget* parent = nullptr);

    void setLimits(double lowest, double highest);
    QString problem() const;
    QString unread() const;
    void stepBy(int steps) override;

protected:
    StepEnabled stepEnabled() const override;
    QValidator::State validate(QString& text, int& position) const override;
    double valueFromText(const QString& text) const override;
    QString textFromValue(double value) const override;

private:
    void tellOfText();

    double m_lowest = 0.0;
    double m_highest = 100.0;
    mutable QString m_typed;
    QString m_told;
};

} // namespace pissarro::ui
