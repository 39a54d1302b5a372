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

template <class Box>
KeptNumber<Box>::KeptNumber(QWidget* parent)
    : Box(parent)
{
    QObject::connect(this->lineEdit(), &QLineEdit::textChanged, this, [this] {
        if (this->keyboardTracking()) {
            tellOfText();
        }
    });
    QObject::connect(this, &QAbstractSpinBox::editingFinished, this, [this] { tellOfText(); });
}

template <class Box>
QString KeptNumber<Box>::problem() const
{
    const QString none = unread();
    return none.isEmpty() ? limitProblem(this->value(), m_lowest, m_highest) : none;
}

template <class Box>
QAbstractSpinBox::StepEnabled KeptNumber<Box>::stepEnabled() const
{
    return isUnread() ? QAbstractSpinBox::StepUpEnabled | QAbstractSpinBox::StepDownEnabled
                      : Box::stepEnabled();
}

// An empty field is the lowest number, so that it is never the one that stood there before.
template <class Box>
QValidator::State KeptNumber<Box>::validate(QString& text, int& /*position*/) const
{
    const bool isSpecial = !this->specialValueText().isEmpty() && text == this->specialValueText();
    const QString typed = inside(text, this->prefix(), this->suffix());
    return isSpecial || typed.isEmpty() || read(typed)
            || isWhole(text, this->prefix(), this->suffix())
        ? QValidator::Acceptable
        : QValidator::Invalid;
}

template <class Box>
typename KeptNumber<Box>::Value KeptNumber<Box>::valueFromText(const QString& text) const
{
    m_typed = QString();
    const QString typed = inside(text, this->prefix(), this->suffix());
    if (typed.isEmpty()
        || (!this->specialValueText().isEmpty() && text == this->specialValueText())) {
        return this->minimum();
    }
    const std::optional<Value> value = read(typed);
    const Value most = this->maximum();
    if (value && *value >= this->minimum()
        && (*value < most || (*value == most && m_highest >= most))) {
        return *value;
    }
    m_typed = typed;
    return this->maximum();
}

// A text that cannot be read after another one that could not is the same value().
template <class Box>
void KeptNumber<Box>::tellOfText()
{
    const QString now = isUnread() ? m_typed : QString();
    if (now != m_told) {
        const bool wasUnread = !m_told.isNull();
        m_told = now;
        if (wasUnread && !now.isNull()) {
            Q_EMIT this->valueChanged(this->value());
        }
    }
}

template class KeptNumber<QSpinBox>;
template class KeptNumber<QDoubleSpinBox>;

WholeEdit::WholeEdit(QWidget* parent)
    : KeptNumber(parent)
{
    setLimits(0, std::numeric_limits<int>::max());
}

// What can be typed is wider, yet not so wide that it decides the field's width.
void WholeEdit::setLimits(int lowest, int highest)
{
    constexpr int kRoom = 99'999;
    m_lowest = lowest;
    m_highest = highest;
    const int above = highest < std::numeric_limits<int>::max() ? highest + 1 : highest;
    const bool wasUnread = isUnread();
    setRange(0, std::max(kRoom, above));
    if (wasUnread) {
        setValue(maximum());
    }
}

QString WholeEdit::unread() const
{
    if (!isUnread()) {
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

void WholeEdit::stepBy(int steps)
{
    const qint64 from = isUnread() ? m_lowest : value();
    const qint64 wanted = from + qint64 {steps} * singleStep();
    setValue(static_cast<int>(std::clamp<qint64>(wanted, m_lowest, m_highest)));
    selectAll();
}

// "10 000" and "1e3" too.
std::optional<int> WholeEdit::read(const QString& typed) const
{
    const double value = readNumber(typed, m_highest).value; // NaN where it is none
    return value >= 0.0 && value <= std::numeric_limits<int>::max() && std::floor(value) == value
        ? std::optional(static_cast<int>(value))
        : std::nullopt;
}

QString WholeEdit::textFromValue(int value) const
{
    return value == maximum() && !m_typed.isNull() ? m_typed : QSpinBox::textFromValue(value);
}

RealEdit::RealEdit(QWidget* parent)
    : KeptNumber(parent)
{
    constexpr double kFar = 1e9; // what is typed is kept; the limits are said
    setDecimals(kDecimals);
    setRange(0.0, kFar);
    setLimits(0.0, 100.0);
}

void RealEdit::setLimits(double lowest, double highest)
{
    m_lowest = lowest;
    m_highest = highest;
}

QString RealEdit::unread() const
{
    if (!isUnread()) {
        return {};
    }
    const TypedNumber number = readNumber(m_typed, m_highest);
    return number.isGood() ? limitProblem(number.value, m_lowest, std::min(m_highest, maximum()))
                           : number.problem;
}

void RealEdit::stepBy(int steps)
{
    const double from = isUnread() ? m_lowest : value();
    setValue(std::clamp(from + steps * singleStep(), m_lowest, m_highest));
    selectAll();
}

std::optional<double> RealEdit::read(const QString& typed) const
{
    const TypedNumber number = readNumber(typed, m_highest);
    return number.isGood() ? std::optional(number.value) : std::nullopt;
}

QString RealEdit::textFromValue(double value) const
{
    return value == maximum() && !m_typed.isNull() ? m_typed : shortest(value);
}

} // namespace pissarro::ui
