// SPDX-License-Identifier: GPL-3.0-or-later
// The guide in the window: every page is there and readable, links and headings are found, Help opens it.
#include "tests/ui/shell/main_window_bench.h"
#include "ui/shell/guide_window.h"

#include <QAbstractButton>
#include <QAction>
#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QScrollBar>
#include <QTest>
#include <QTextBlock>
#include <QTextBrowser>
#include <QTextTable>

using namespace pissarro;
using namespace pissarro::tests;
using namespace pissarro::ui;

namespace {

QString textOfPage(const QString& name)
{
    QFile file(QStringLiteral(":/guide/%1.md").arg(name));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

} // namespace

class TestGuide : public MainWindowBench {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { beginTests("tst_guide"); }
    void init() { beginTest(); }
    void cleanup() { endTest(); }

    void everyPage_isShown_withItsPicturesAndLinks()
    {
        GuideWindow guide;
        guide.show();
        QVERIFY(QTest::qWaitForWindowExposed(&guide, hangMs()));
        QCOMPARE(guide.page(), QStringLiteral("README"));
        const QDir folder(QStringLiteral(":/guide"));
        const QStringList pages = folder.entryList({QStringLiteral("*.md")});
        QCOMPARE(pages,
                 QDir(QStringLiteral(PISSARRO_SOURCE "/resources/guide"))
                     .entryList({QStringLiteral("*.md")}));
        static const QRegularExpression kLink(QStringLiteral("\\]\\(([^)#:]+)(#[^)]*)?\\)"));
        for (const QString& file : pages) {
            const QString name = file.section(u'.', 0, 0);
            guide.showPage(name);
            QCOMPARE(guide.page(), name);
            QVERIFY2(guide.browser()->document()->characterCount() > 400, qPrintable(name));
            QVERIFY(guide.browser()->document()->firstBlock().blockFormat().headingLevel() == 1);
            auto links = kLink.globalMatch(textOfPage(name));
            while (links.hasNext()) {
                const QString to = links.next().captured(1);
                QVERIFY2(to.startsWith(QLatin1String("..")) || folder.exists(to),
                         qPrintable(name + QStringLiteral(": ") + to));
            }
        }
    }

    void theRules_standOnOnePage_andItsHeadingsAreFound()
    {
        GuideWindow guide;
        guide.show();
        QVERIFY(QTest::qWaitForWindowExposed(&guide, hangMs()));
        guide.showPage(QStringLiteral("is-it-better"));
        const QString text = guide.browser()->toPlainText();
        for (const char* part :
             {"Two-sided, 5 %", "Holm", "five seeds", "Suggests", "Picked afterwards", "one half",
              "It depends on the rate", "pissarro-cli sweep", "pissarro-cli compare"}) {
            QVERIFY2(text.contains(QString::fromUtf8(part)), part);
        }
        // What guide_case.sh writes between.
        const QString page = textOfPage(QStringLiteral("is-it-better"));
        QVERIFY(page.contains(QStringLiteral("<!-- guide_case: begin"))
                && page.contains(QStringLiteral("<!-- guide_case: end")));
        QCOMPARE(guide.browser()->verticalScrollBar()->value(), 0);
        guide.showPage(QStringLiteral("is-it-better#if-it-says-no-difference-can-be-shown"));
        QVERIFY(guide.browser()->verticalScrollBar()->value() > 0);
        QCOMPARE(guide.browser()->textCursor().block().blockFormat().headingLevel(), 2);
    }

    void aLink_opensItsPage_andBackGoesBack()
    {
        GuideWindow guide;
        guide.show();
        QVERIFY(QTest::qWaitForWindowExposed(&guide, hangMs()));
        auto* back = guide.findChild<QAbstractButton*>(QStringLiteral("guide.back"));
        QVERIFY(!back->isEnabled());
        Q_EMIT guide.browser()->anchorClicked(QUrl(QStringLiteral("is-it-better.md")));
        QCOMPARE(guide.page(), QStringLiteral("is-it-better"));
        for (const char* elsewhere : {"../../README.md", "nowhere.md", "qrc:/README.md"}) {
            Q_EMIT guide.browser()->anchorClicked(QUrl(QLatin1String(elsewhere)));
            QCOMPARE(guide.page(), QStringLiteral("is-it-better"));
        }
        QVERIFY(back->isEnabled());
        back->click();
        QCOMPARE(guide.page(), QStringLiteral("README"));
        guide.showPage(QStringLiteral("no-such-page"));
        QCOMPARE(guide.page(), QStringLiteral("README"));
        QVERIFY(guide.browser()->isReadOnly());
    }

    void help_opensIt_onceAndWithItsPage()
    {
        auto* entry = m_window->findChild<QAction*>(QStringLiteral("action.guide"));
        QCOMPARE(entry->shortcut(), QKeySequence(Qt::CTRL | Qt::Key_F1));
        entry->trigger();
        auto* guide = m_window->findChild<GuideWindow*>();
        QVERIFY(guide != nullptr && guide->isVisible() && !guide->isModal());
        m_window->findChild<QAction*>(QStringLiteral("action.isItBetter"))->trigger();
        QCOMPARE(m_window->findChildren<GuideWindow*>().size(), 1);
        QCOMPARE(guide->page(), QStringLiteral("is-it-better"));
    }
};

QTEST_MAIN(TestGuide)
#include "tst_guide.moc"
