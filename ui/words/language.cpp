// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/words/language.h"

#include <QCoreApplication>
#include <QDir>
#include <QLibraryInfo>
#include <QLocale>
#include <QRegularExpression>
#include <QTranslator>

#include <algorithm>
#include <limits>

// Of a static library: the linker would leave it out. Outside every namespace, as Qt asks.
static void addTranslations()
{
    Q_INIT_RESOURCE(translations);
}

namespace pissarro::ui {

namespace {

const QString kFolder = QStringLiteral(":/translations");
const QString kEnglish = QStringLiteral("en");
const QString kPrefix = QStringLiteral("words."); // of a translator's object name

QStringList codesThere()
{
    addTranslations();
    QStringList codes;
    for (const QString& file : QDir(kFolder).entryList({QStringLiteral("pissarro_*.qm")})) {
        codes.append(file.section(QLatin1Char('_'), 1).section(QLatin1Char('.'), 0, 0));
    }
    std::sort(codes.begin(), codes.end());
    return codes;
}

void install(const QString& file, const QString& folder)
{
    auto* words = new QTranslator(QCoreApplication::instance());
    words->setObjectName(kPrefix + file);
    if (words->load(file, folder)) {
        QCoreApplication::installTranslator(words);
    } else {
        delete words; // Qt's own words may not be installed
    }
}

// Under every other language: what it lacks is said in English, and in the right number.
void speakEnglish()
{
    addTranslations();
    install(QStringLiteral("pissarro_en"), kFolder);
}

// In every program that links this file: those of tests too.
Q_COREAPP_STARTUP_FUNCTION(speakEnglish)

} // namespace

QVector<Language> languages()
{
    QVector<Language> all {{kEnglish, QStringLiteral("English")}};
    for (const QString& code : codesThere()) {
        if (code != kEnglish) {
            all.append({code, QLocale(code).nativeLanguageName()});
        }
    }
    return all;
}

QString languageFor(const QString& wanted)
{
    const QStringList known = codesThere();
    if (wanted != QLatin1String("system")) {
        return known.contains(wanted) ? wanted : kEnglish;
    }
    for (const QString& tag : QLocale::system().uiLanguages()) { // "ja-JP", "ja", "en-US"
        static const QRegularExpression kPart(QStringLiteral("[-_]"));
        const QString code = tag.section(kPart, 0, 0);
        if (known.contains(code)) {
            return code;
        }
    }
    return kEnglish;
}

void speak(const QString& wanted)
{
    const QString code = languageFor(wanted);
    for (QTranslator* old : QCoreApplication::instance()->findChildren<QTranslator*>()) {
        if (old->objectName().startsWith(kPrefix)) {
            delete old; // takes itself out
        }
    }
    speakEnglish();
    if (code == kEnglish) {
        return;
    }
    install(QStringLiteral("qtbase_") + code, QLibraryInfo::path(QLibraryInfo::TranslationsPath));
    install(QStringLiteral("pissarro_") + code, kFolder);
}

int pluralOf(std::int64_t count)
{
    constexpr std::int64_t kMost = std::numeric_limits<int>::max();
    return static_cast<int>(std::clamp<std::int64_t>(count, 0, kMost));
}

QString plainLabel(QString text)
{
    static const QRegularExpression kKey(QStringLiteral("\\s*[(（]&[^&)）][)）]"));
    return text.remove(kKey).remove(QLatin1Char('&'));
}

} // namespace pissarro::ui
