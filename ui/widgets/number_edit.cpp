// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/number_edit.h"

#include "core/text/number_text.h"

#include <QCoreApplication>
#include <QLineEdit>
#include <QLocale>
#include <QRegularExpression>

#include <algorithm>
#include <cmath>
#include <optional>

namespace pissarro::ui {

namespace {

constexpr int kDecimals = 9; // of a real field: what a person types is not rounded

struct Words {
    Q_DECLARE_TR_FUNCTIONS(pissarro::ui::NumberEdit)
};

TypedNumber noNumber()
{
    return {std::numeric_limits<double>::quiet_NaN(),
            Words::tr("must be a number, such as 0.5 or 2e-5")};
}

TypedNumber plain(const QString& text)
{
    bool good = false;
    const double value = QLocale::c().toDouble(text, &good);
    return good && std::isfinite(value) ? TypedNumber {value, {}} : noNumber();
}

bool matches(const QString& text, const char* form)
{
    const QRegularExpression whole(QRegularExpression::anchoredPattern(QLatin1String(form)));
    return whole.match(text).hasMatch();
}

QString without(QString text, QChar sign)
{
    return text.remove(sign);
}

QString withPoint(QString text)
{
    return text.replace(QLatin1Char(','), QLatin1Char('.'));
}

QString shortest(double value)
{
    return QString::fromStdString(core::numberText(value));
}

// Without what may stand around it.
QString inside(const QString& text, const QString& prefix, const QString& suffix)
{
    QString inner = text;
    if (!prefix.isEmpty() && inner.startsWith(prefix)) {
        inner.remove(0, prefix.size());
    }
    if (!suffix.isEmpty() && inner.endsWith(suffix)) {
        inner.chop(suffix.size());
    }
    return inner.trimmed();
}

// What stands around the number is no part of it, and is not typed over key by key.
bool isWhole(const QString& text, const QString& prefix, const QString& suffix)
{
    constexpr qsizetype kLongest = 64;
    return text.size() <= kLongest && text.startsWith(prefix) && text.endsWith(suffix);
}

// What a field of whole numbers takes: "10 000" and "1e3" too.
std::optional<int> readWhole(const QString& text, int highest)
{
    const double value = readNumber(text, highest).value; // NaN where it is none
    return value >= 0.0 && value <= std::numeric_limits<int>::max() && std::floor(value) == value
        ? std::optional(static_cast<int>(value))
        : std::nullopt;
}

} // namespace

TypedNumber readNumber(const QString& text, double highest)
{
    static const QRegularExpression spaces(QStringLiteral("(?<=\\d)[\\s'’](?=\\d{3}(\\D|$))"));
    QString typed = text.trimmed();
    typed.replace(QChar(0x2212), QLatin1Char('-')).remove(spaces);
    const qsizetype commas = typed.count(QLatin1Char(','));
    const qsizetype points = typed.count(QLatin1Char('.'));
    if (commas == 0 && points <= 1) {
        return matches(typed, "[-+.0-9eE]+") ? plain(typed) : noNumber(); // not "inf", "nan"
    }
    if (commas == 1 && points == 0) {
        const TypedNumber decimal = plain(withPoint(typed));
        const TypedNumber grouped = plain(without(typed, QLatin1Char(',')));
        if (matches(typed, "[-+]?[1-9]\\d{0,2},\\d{3}") && grouped.value <= highest) {
            return {noNumber().value,
                    Words::tr("%1 can be read as %2 or as %3; write one of these")
                        .arg(typed, shortest(decimal.value), shortest(grouped.value))};
        }
        return decimal;
    }
    if (matches(typed, "[-+]?\\d{1,3}(,\\d{3})+(\\.\\d*)?([eE][-+]?\\d+)?")) {
        return plain(without(typed, QLatin1Char(',')));
    }
    if (matches(typed, "[-+]?\\d{1,3}(\\.\\d{3})+(,\\d*)?([eE][-+]?\\d+)?")) {
        return plain(withPoint(without(typed, QLatin1Char('.'))));
    }
    return noNumber();
}

QString limitProblem(double value, double lowest, double highest)
{
    if (value < lowest) {
        return Words::tr("must be at least %1, found %2").arg(shortest(lowest), shortest(value));
    }
    if (value > highest) {
        return Words::tr("must be at most %1, found %2").arg(shortest(highest), shortest(value));
    }
    return {};
}

WholeEdit::WholeEdit(QWidget* parent)
    : QSpinBox(parent)
{
    setLimits(0, std::numeric_limits<int>::max());
    connect(lineEdit(), &QLineEdit::textChanged, this, [this] {
        if (keyboardTracking()) {
            tellOfText();
        }
    });
    connect(this, &QAbstractSpinBox::editingFinished, this, &WholeEdit::tellOfText);
}

// What can be typed is wider, yet not so wide that it decides the field's width.
void WholeEdit::setLimits(int lowest, int highest)
{
    constexpr int kRoom = 99'999;
    m_lowest = lowest;
    m_highest = highest;
    const int above = highest < std::numeric_limits<int>::max() ? highest + 1 : highest;
    const bool isUnread = value() == maximum() && !m_typed.isNull();
    setRange(0, std::max(kRoom, above));
    if (isUnread) {
        setValue(maximum());
    }
}

QString WholeEdit::unread() const
{
    if (value() != maximum() || m_typed.isNull()) {
        return {};
    }
    const TypedNumber number = readNumber(m_typed, m_highest);
    if (!number.isGood() && number.problem != noNumber().problem) {
        return number.problem; // which of two numbers is meant
    }
    if (!number.isGood() || std::floor(number.value) != number.value) {
        return Words::tr("must be a whole number, found %1").arg(m_typed);
    }
    return limitProblem(number.value, m_lowest, m_highest);
}

QString WholeEdit::problem() const
{
    const QString none = unread();
    return none.isEmpty() ? limitProblem(value(), m_lowest, m_highest) : none;
}

void WholeEdit::stepBy(int steps)
{
    const qint64 from = unread().isEmpty() ? value() : m_lowest;
    const qint64 wanted = from + qint64 {steps} * singleStep();
    setValue(static_cast<int>(std::clamp<qint64>(wanted, m_lowest, m_highest)));
    selectAll();
}

QAbstractSpinBox::StepEnabled WholeEdit::stepEnabled() const
{
    return unread().isEmpty() ? QSpinBox::stepEnabled() : StepUpEnabled | StepDownEnabled;
}

// An empty field is 0, so that it is never the number that stood there before.
QValidator::State WholeEdit::validate(QString& text, int& /*position*/) const
{
    const bool isSpecial = !specialValueText().isEmpty() && text == specialValueText();
    const QString typed = inside(text, prefix(), suffix());
    return isSpecial || typed.isEmpty() || readWhole(typed, m_highest)
            || isWhole(text, prefix(), suffix())
        ? QValidator::Acceptable
        : QValidator::Invalid;
}

int WholeEdit::valueFromText(const QString& text) const
{
    m_typed = QString();
    const QString typed = inside(text, prefix(), suffix());
    if (typed.isEmpty() || (!specialValueText().isEmpty() && text == specialValueText())) {
        return minimum();
    }
    const std::optional<int> value = readWhole(typed, m_highest);
    if (value && (*value < maximum() || *value <= m_highest)) {
        return *value;
    }
    m_typed = typed;
    return maximum();
}

QString WholeEdit::textFromValue(int value) const
{
    return value == maximum() && !m_typed.isNull() ? m_typed : QSpinBox::textFromValue(value);
}

// A text that cannot be read after another one that could not is the same value().
void WholeEdit::tellOfText()
{
    const QString now = value() == maximum() ? m_typed : QString();
    if (now != m_told) {
        const bool wasUnread = !m_told.isNull();
        m_told = now;
        if (wasUnread && !now.isNull()) {
            Q_EMIT valueChanged(value());
        }
    }
}

RealEdit::RealEdit(QWidget* parent)
    : QDoubleSpinBox(parent)
{
    constexpr double kFar = 1e9; // what is typed is kept; the limits are said
    setDecimals(kDecimals);
    setRange(0.0, kFar);
    connect(lineEdit(), &QLineEdit::textChanged, this, [this] {
        if (keyboardTracking()) {
            tellOfText();
        }
    });
    connect(this, &QAbstractSpinBox::editingFinished, this, &RealEdit::tellOfText);
}

void RealEdit::setLimits(double lowest, double highest)
{
    m_lowest = lowest;
    m_highest = highest;
}

QString RealEdit::unread() const
{
    if (value() != maximum() || m_typed.isNull()) {
        return {};
    }
    const TypedNumber number = readNumber(m_typed, m_highest);
    return number.isGood() ? limitProblem(number.value, m_lowest, std::min(m_highest, maximum()))
                           : number.problem;
}

QString RealEdit::problem() const
{
    const QString none = unread();
    return none.isEmpty() ? limitProblem(value(), m_lowest, m_highest) : none;
}

void RealEdit::stepBy(int steps)
{
    const double from = unread().isEmpty() ? value() : m_lowest;
    setValue(std::clamp(from + steps * singleStep(), m_lowest, m_highest));
    selectAll();
}

QAbstractSpinBox::StepEnabled RealEdit::stepEnabled() const
{
    return unread().isEmpty() ? QDoubleSpinBox::stepEnabled() : StepUpEnabled | StepDownEnabled;
}

QValidator::State RealEdit::validate(QString& text, int& /*position*/) const
{
    const bool isSpecial = !specialValueText().isEmpty() && text == specialValueText();
    const QString typed = inside(text, prefix(), suffix());
    return isSpecial || typed.isEmpty() || readNumber(typed, m_highest).isGood()
            || isWhole(text, prefix(), suffix())
        ? QValidator::Acceptable
        : QValidator::Invalid;
}

double RealEdit::valueFromText(const QString& text) const
{
    m_typed = QString();
    const QString typed = inside(text, prefix(), suffix());
    if (typed.isEmpty() || (!specialValueText().isEmpty() && text == specialValueText())) {
        return minimum();
    }
    const double value = readNumber(typed, m_highest).value;
    if (value >= 0.0 && value < maximum()) {
        return value;
    }
    m_typed = typed;
    return maximum();
}

QString RealEdit::textFromValue(double value) const
{
    return value == maximum() && !m_typed.isNull() ? m_typed : shortest(value);
}

void RealEdit::tellOfText()
{
    const QString now = value() == maximum() ? m_typed : QString();
    if (now != m_told) {
        const bool wasUnread = !m_told.isNull();
        m_told = now;
        if (wasUnread && !now.isNull()) {
            Q_EMIT valueChanged(value());
        }
    }
}

} // namespace pissarro::ui
