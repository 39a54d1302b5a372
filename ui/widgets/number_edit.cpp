// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/number_edit.h"

#include "core/text/number_text.h"

#include <QCoreApplication>
#include <QLocale>
#include <QRegularExpression>

#include <algorithm>
#include <cmath>

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
}

// What can be typed is wider, yet not so wide that it decides the field's width.
void WholeEdit::setLimits(int lowest, int highest)
{
    constexpr int kRoom = 99'999;
    m_lowest = lowest;
    m_highest = highest;
    setRange(0, std::max(kRoom, highest));
}

QString WholeEdit::problem() const
{
    return limitProblem(value(), m_lowest, m_highest);
}

void WholeEdit::stepBy(int steps)
{
    const qint64 wanted = qint64 {value()} + qint64 {steps} * singleStep();
    setValue(static_cast<int>(std::clamp<qint64>(wanted, m_lowest, m_highest)));
    selectAll();
}

QString WholeEdit::digitsOf(const QString& text) const
{
    return inside(text, prefix(), suffix());
}

// An empty field is 0, so that it is never the number that stood there before.
QValidator::State WholeEdit::validate(QString& text, int& /*position*/) const
{
    if (!specialValueText().isEmpty() && text == specialValueText()) {
        return QValidator::Acceptable;
    }
    const QString digits = digitsOf(text);
    if (digits.isEmpty()) {
        return QValidator::Acceptable;
    }
    if (!matches(digits, "\\d+")) {
        return QValidator::Invalid;
    }
    bool good = false;
    digits.toInt(&good);
    return good ? QValidator::Acceptable : QValidator::Invalid;
}

int WholeEdit::valueFromText(const QString& text) const
{
    if (!specialValueText().isEmpty() && text == specialValueText()) {
        return minimum();
    }
    return digitsOf(text).toInt();
}

RealEdit::RealEdit(QWidget* parent)
    : QDoubleSpinBox(parent)
{
    constexpr double kFar = 1e9; // what is typed is kept; the limits are said
    setDecimals(kDecimals);
    setRange(0.0, kFar);
}

void RealEdit::setLimits(double lowest, double highest)
{
    m_lowest = lowest;
    m_highest = highest;
}

QString RealEdit::problem() const
{
    return limitProblem(value(), m_lowest, m_highest);
}

void RealEdit::stepBy(int steps)
{
    setValue(std::clamp(value() + steps * singleStep(), m_lowest, m_highest));
    selectAll();
}

QString RealEdit::numberOf(const QString& text) const
{
    return inside(text, prefix(), suffix());
}

QValidator::State RealEdit::validate(QString& text, int& /*position*/) const
{
    if (!specialValueText().isEmpty() && text == specialValueText()) {
        return QValidator::Acceptable;
    }
    const QString typed = numberOf(text);
    if (typed.isEmpty()
        || (readNumber(typed, m_highest).value <= maximum() && typed.front() != u'-')) {
        return QValidator::Acceptable;
    }
    return matches(typed, "[.,eE+0-9-]*") && typed.front() != u'-' ? QValidator::Intermediate
                                                                   : QValidator::Invalid;
}

double RealEdit::valueFromText(const QString& text) const
{
    const QString typed = numberOf(text);
    if (typed.isEmpty() || (!specialValueText().isEmpty() && text == specialValueText())) {
        return minimum();
    }
    return readNumber(typed, m_highest).value;
}

QString RealEdit::textFromValue(double value) const
{
    return shortest(value);
}

} // namespace pissarro::ui
