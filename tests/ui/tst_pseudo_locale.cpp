// SPDX-License-Identifier: GPL-3.0-or-later
// The window in a language that is a third longer than English, made of the sources: every word of the frame and of the
// Train page has its room, and none was forgotten by tr().
#include "tests/ui/spoken.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"

#include <QProcess>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QTranslator>

using namespace pissarro;
using namespace pissarro::ui;

class TestPseudoLocale : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_pseudo_locale"));
        QSettings().clear();
        if (!tests::SpokenWindow::hasModel()) {
            QSKIP("shared/golden is not there");
        }
        const QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("pseudo.qm"));
        QProcess words;
        words.start(QStringLiteral("python3"),
                    {QStringLiteral(PISSARRO_SOURCE "/tests/tools/words.py"),
                     QStringLiteral("--pseudo"), file});
        QVERIFY2(words.waitForFinished(-1), qPrintable(words.errorString()));
        constexpr int kNoTools = 77;
        if (words.exitCode() == kNoTools) {
            QSKIP("Qt's lupdate is not here (Debian: qt6-l10n-tools)");
        }
        QVERIFY2(words.exitCode() == 0, words.readAllStandardError().constData());
        QVERIFY(m_longer.load(file));
        QVERIFY(QCoreApplication::installTranslator(&m_longer));
        Theme::instance().setMode(ThemeMode::Light);
    }

    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void everyTextIsTranslated()
    {
        const tests::SpokenWindow spoken;
        QVERIFY(spoken.isReady());
        QStringList plain;
        for (const QString& text : spoken.texts()) {
            if (!text.contains(QLatin1Char('[')) && !tests::englishIn(text).isEmpty()) {
                plain << text;
            }
        }
        QVERIFY2(plain.isEmpty(), qPrintable(plain.join(QLatin1Char('\n'))));
    }

    void nothingIsClipped()
    {
        tests::SpokenWindow spoken;
        QVERIFY(spoken.isReady());
        const QStringList clipped = spoken.clipped();
        QVERIFY2(clipped.isEmpty(), qPrintable(clipped.join(QLatin1Char('\n'))));
    }

private:
    QTranslator m_longer;
};

QTEST_MAIN(TestPseudoLocale)
#include "tst_pseudo_locale.moc"
