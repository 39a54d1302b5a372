// SPDX-License-Identifier: GPL-3.0-or-later
// The window in Japanese: the frame and each page are said whole, and every word has its room.
#include "core/run/spec_fields.h"
#include "tests/ui/spoken.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/pages/pages.h"
#include "ui/services/settings.h"
#include "ui/shell/launch.h"
#include "ui/words/field_look.h"
#include "ui/words/format.h"
#include "ui/words/language.h"
#include "ui/words/run_words.h"

#include <QFontDatabase>
#include <QPushButton>
#include <QSettings>
#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;

class TestJapanese : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_japanese"));
        QSettings().clear();
        speak(QStringLiteral("ja"));
        Theme::instance().setMode(ThemeMode::Light);
    }

    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void languagesAreListedByTheirOwnNames()
    {
        QStringList listed;
        for (const Language& one : languages()) {
            listed << one.code + QLatin1Char(' ') + one.name;
        }
        QCOMPARE(listed, (QStringList {QStringLiteral("en English"), QStringLiteral("ja 日本語")}));
        QCOMPARE(languageFor(QStringLiteral("ja")), QStringLiteral("ja"));
        QCOMPARE(languageFor(QStringLiteral("tlh")), QStringLiteral("en"));
        QCOMPARE(stored(setting::kLanguage), QStringLiteral("system"));
    }

    void theCommandLineChooses()
    {
        const auto parse = [](const char* language) {
            return parseLaunch(
                {QStringLiteral("pissarro"), QStringLiteral("--language"), QLatin1String(language)},
                allPages());
        };
        QCOMPARE(parse("ja").options->language, QStringLiteral("ja"));
        QVERIFY(!parse("tlh").options);
        QVERIFY2(parse("tlh").text.contains(QStringLiteral("expected system, en, ja")),
                 qPrintable(parse("tlh").text));
    }

    void aSwitchTakesBothWays()
    {
        QCOMPARE(stateWord(core::RunState::Paused), QStringLiteral("一時停止中"));
        speak(QStringLiteral("en"));
        QCOMPARE(stateWord(core::RunState::Paused), QStringLiteral("Paused"));
        speak(QStringLiteral("ja"));
        QCOMPARE(formatDuration(360.0), QStringLiteral("6 分"));
    }

    void everySettingHasAWord()
    {
        QStringList english;
        for (const core::SpecField& field : core::specFields()) {
            const QString title = settingTitle(field.key);
            if (!field.label.empty() && !tests::englishIn(title).isEmpty()) {
                english << QString::fromStdString(field.key) + QStringLiteral(": ") + title;
            }
        }
        QVERIFY2(english.isEmpty(), qPrintable(english.join(QLatin1Char('\n'))));
    }

    void frameAndPagesAreWhole()
    {
        if (!tests::SpokenWindow::hasModel()) {
            QSKIP("shared/golden is not there");
        }
        const tests::SpokenWindow spoken;
        QVERIFY(spoken.isReady());
        QStringList english;
        for (const QString& text : spoken.texts()) {
            const QStringList words = tests::englishIn(text);
            if (!words.isEmpty()) {
                english << QStringLiteral("«%1»: %2").arg(text, words.join(QLatin1Char(' ')));
            }
        }
        QVERIFY2(english.isEmpty(), qPrintable(english.join(QLatin1Char('\n'))));
        QCOMPARE(spoken.window().findChild<QPushButton*>(QStringLiteral("train.start"))->text(),
                 QStringLiteral("LoRA ツインと学習"));
    }

    void nothingIsClipped()
    {
        if (!tests::SpokenWindow::hasModel()) {
            QSKIP("shared/golden is not there");
        }
        if (QFontDatabase::families(QFontDatabase::Japanese).isEmpty()) {
            QSKIP("no font here has Japanese (Debian: fonts-ipaexfont-gothic)");
        }
        tests::SpokenWindow spoken;
        QVERIFY(spoken.isReady());
        const QStringList clipped = spoken.clipped();
        QVERIFY2(clipped.isEmpty(), qPrintable(clipped.join(QLatin1Char('\n'))));
    }
};

QTEST_MAIN(TestJapanese)
#include "tst_japanese.moc"
