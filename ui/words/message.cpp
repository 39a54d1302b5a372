// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/words/message.h"

#include "ui/words/language.h"

#include <QCoreApplication>
#include <QRegularExpression>

namespace pissarro::ui {

QString withoutOptionDashes(const QString& message)
{
    static const QRegularExpression kOption(QStringLiteral("(^|[\\s(«\"'])--(?=[a-z])"));
    return QString(message).replace(kOption, QStringLiteral("\\1"));
}

namespace {

// A figure of core's has a true minus here.
QString shownArgument(const std::string& argument)
{
    QString text = QString::fromStdString(argument);
    bool isNumber = false;
    text.toDouble(&isNumber);
    if (isNumber && text.startsWith(QLatin1Char('-'))) {
        text[0] = QChar(0x2212);
    }
    return text;
}

} // namespace

QString messageText(const core::Said& said)
{
    QString text = QCoreApplication::translate("pissarro::core", said.id.c_str(), nullptr,
                                               pluralOf(said.count));
    QString out;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const int place =
            text[i] == QLatin1Char('%') && i + 1 < text.size() ? text[i + 1].digitValue() : 0;
        if (place >= 1 && static_cast<std::size_t>(place) <= said.args.size()) {
            out += shownArgument(said.args[static_cast<std::size_t>(place - 1)]);
            ++i;
        } else {
            out += text[i];
        }
    }
    return out;
}

QString stageText(const QString& stage)
{
    return titleText(stage.toStdString());
}

QString titleText(std::string_view title)
{
    return QCoreApplication::translate("pissarro::core", std::string(title).c_str());
}

} // namespace pissarro::ui
