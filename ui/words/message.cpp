// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/words/message.h"

#include "core/run/spec_fields.h"
#include "ui/words/field_look.h"
#include "ui/words/language.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include <array>
#include <string>

namespace pissarro::ui {

namespace {

// Advice of the command line and what the window has in its place: «%1» is the button or field.
struct Advice {
    const char* pattern;
    const char* shown;
    const char* context = nullptr; // of the name
    const char* name = nullptr;
};

constexpr std::array kAdvice {
    Advice {", go on with --resume, or replace it with --force", " or go on with «%1»",
            "pissarro::ui::ProgressCard", "Resume training"},
    Advice {"; begin it anew with --resume --restart, which keeps those records as [^ ;,]+",
            "; «%1» trains its settings in another folder", "pissarro::ui::ProgressCard",
            "Begin anew"},
    Advice {"train it with --resume, which writes one", "«%1» writes one",
            "pissarro::ui::ProgressCard", "Resume training"},
    Advice {"go on with --resume", "go on with «%1»", "pissarro::ui::ProgressCard",
            "Resume training"},
    Advice {",? or replace (it|an earlier output) with --force", ""},
    Advice {": --force does not replace it", ": it is not replaced"},
    Advice {"which --force never replaces", "which is never replaced"},
    Advice {": try --dtype float32, or get the model again", "; get the model again"},
    Advice {"choose --dtype float32", "choose «%1» float32", "pissarro::ui::ExportDialog",
            "Weights"},
    Advice {"use --workers 1", "use «%1» 1", "pissarro::ui::DraftOptions", "Runs at a time"},
    Advice {" \\(--[a-z-]+( [A-Z]+)?( gives them)?\\)", ""}, // "agree to that first (--run-code)"
};

// Of a setting of a run «its field», of another option its name.
QString optionInWords(const QString& name)
{
    const std::string flag = "--" + name.toStdString();
    for (const core::SpecField& field : core::specFields()) {
        if (field.flag == flag) {
            return QStringLiteral("«%1»").arg(fieldLook(field).label);
        }
    }
    return name;
}

QString proseInWords(QString text)
{
    for (const Advice& one : kAdvice) {
        QString shown = QString::fromUtf8(one.shown);
        if (one.name != nullptr) {
            shown = shown.arg(QCoreApplication::translate(one.context, one.name));
        }
        text.replace(QRegularExpression(QString::fromUtf8(one.pattern)), shown);
    }
    static const QRegularExpression kOption(QStringLiteral("(?<![^\\s(«\"'])--([a-z][a-z0-9-]*)"));
    QString out;
    qsizetype at = 0;
    for (const QRegularExpressionMatch& found : kOption.globalMatch(text)) {
        out += text.mid(at, found.capturedStart() - at) + optionInWords(found.captured(1));
        at = found.capturedEnd();
    }
    return out + text.mid(at);
}

} // namespace

QString withoutOptionDashes(const QString& message)
{
    if (!message.contains(QStringLiteral("--"))) {
        return message;
    }
    static const QRegularExpression kCommand(QStringLiteral("pissarro-cli [^,;]+"));
    QString out;
    qsizetype at = 0;
    for (const QRegularExpressionMatch& command : kCommand.globalMatch(message)) {
        out += proseInWords(message.mid(at, command.capturedStart() - at)) + command.captured();
        at = command.capturedEnd();
    }
    return out + proseInWords(message.mid(at));
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
