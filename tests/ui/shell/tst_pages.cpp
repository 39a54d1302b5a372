// SPDX-License-Identifier: GPL-3.0-or-later
// A page that the program does not have is put into the list: all that a page gets from the window, it gets from there.
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/pages/pages.h"
#include "ui/services/services.h"
#include "ui/shell/banner_stack.h"
#include "ui/shell/launch.h"
#include "ui/shell/main_window.h"
#include "ui/widgets/page_action.h"

#include <QAbstractButton>
#include <QAction>
#include <QDir>
#include <QFileDialog>
#include <QMenu>
#include <QSettings>
#include <QTest>

#include <vector>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

const QString kTinyModel = QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama");
const QString kNotes = QStringLiteral("notes");

class NotesPage : public Page {
public:
    explicit NotesPage(QWidget* parent)
        : Page(parent)
    {
        // A key that Spectrum and Runs have too.
        addPageAction(this, QStringLiteral("notes.count"), QStringLiteral("&Count"),
                      Qt::CTRL | Qt::Key_E, [this] { ++counted; });
    }

    Invitation invitation() const override
    {
        return {QStringLiteral("Notes on a model"), QStringLiteral("Open one.")};
    }
    void take(const QVariant& with) override { taken = with; }
    void saveState(QSettings& session) const override
    {
        session.setValue(QStringLiteral("notes/text"), QStringLiteral("a word"));
    }
    void offerState(QSettings& session) override
    {
        if (const QVariant kept = session.value(QStringLiteral("notes/text")); kept.isValid()) {
            Q_EMIT noticed({kept.toString(), {}, {}, {}});
        }
    }

    QVector<NextStep> nextSteps() const override { return {{QStringLiteral("Note it"), {}, 9}}; }
    void showNextSteps(const QVector<NextStep>& steps) override { offered = steps; }

    QVector<NextStep> offered;
    int counted = 0;
    QVariant taken;
    QStringList shown;
};

Page* makeNotes(Services& /*services*/, QWidget* parent)
{
    return new NotesPage(parent);
}

std::vector<PageEntry> pagesWithNotes(Needs needs)
{
    std::vector<PageEntry> pages(allPages().begin(), allPages().end());
    pages.push_back({"notes", "&Notes", needs, makeNotes});
    return pages;
}

} // namespace

class TestPages : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aHiddenPage_showsNothing_andEachThingOnceWhenItComesIntoSight()
    {
        NotesPage page(nullptr);
        const auto wish = [&page](const char* what, int number) {
            page.whenInSight(what, [&page, what, number] {
                page.shown << QStringLiteral("%1 %2").arg(QLatin1String(what)).arg(number);
            });
        };
        for (int i = 0; i < 30; ++i) {
            wish("steps", i);
        }
        wish("runs", 1);
        wish("steps", 30);
        QVERIFY(page.shown.isEmpty());
        page.show();
        const QStringList once {QStringLiteral("steps 30"), QStringLiteral("runs 1")};
        QCOMPARE(page.shown, once);
        wish("steps", 31); // in sight: at once
        QCOMPARE(page.shown.size(), 3);
        page.hide();
        wish("steps", 32);
        QCOMPARE(page.shown.size(), 3);
        page.show();
        QCOMPARE(page.shown.last(), QStringLiteral("steps 32"));
        page.hide();
        page.show(); // nothing changed
        QCOMPARE(page.shown.size(), 4);
    }

    void initTestCase()
    {
        tests::WarningTrap::install();
        nameApplication();
        QCoreApplication::setApplicationName(QStringLiteral("tst_pages"));
    }

    void init()
    {
        QSettings().clear();
        m_pages = pagesWithNotes(Needs::Nothing);
        m_bench = std::make_unique<Services>();
        open();
    }

    void cleanup()
    {
        m_window.reset();
        m_bench.reset();
        QCOMPARE(tests::WarningTrap::take(), QStringList());
    }

    void isInTheRail_andInTheMenus()
    {
        QTest::mouseClick(find<QAbstractButton>("rail.notes"), Qt::LeftButton);
        QCOMPARE(m_window->page(), kNotes);
        QCOMPARE(find<QAbstractButton>("rail.notes")->text(), QStringLiteral("Notes"));

        auto* view = find<QAction>("action.page.notes");
        QCOMPARE(view->text(), QStringLiteral("&Notes"));
        QVERIFY(m_pages.size() > 10); // digits are for the first ten, and it is the last
        QCOMPARE(view->shortcut(), QKeySequence());
        m_window->showPage(QStringLiteral("model"));
        view->trigger();
        QCOMPARE(m_window->page(), kNotes);

        QVERIFY(find<QMenu>("menu.notes")->menuAction()->isVisible());
        m_window->showPage(QStringLiteral("model"));
        QVERIFY(!find<QMenu>("menu.notes")->menuAction()->isVisible());
        m_window->showPage(kNotes);
        const QList<QAction*> entries = find<QMenu>("menu.notes")->actions();
        QCOMPARE(entries.size(), 1);
        QCOMPARE(entries[0]->text(), QStringLiteral("&Count\tCtrl+E"));
        entries[0]->trigger();
        QCOMPARE(notes()->counted, 1);
        notes()->actions().first()->setEnabled(false);
        QVERIFY(!entries[0]->isEnabled());
    }

    // Wherever in the window the focus is, and on no other page.
    void itsKey_isItsOwnWhileItIsInSight()
    {
        const auto press = [this] {
            QTest::keyClick(m_window.get(), Qt::Key_E, Qt::ControlModifier);
            return notes()->counted;
        };
        QCOMPARE(press(), 0);
        m_window->showPage(kNotes);
        QCOMPARE(press(), 1);
        find<QAbstractButton>("rail.notes")->setFocus();
        QCOMPARE(press(), 2);
        for (const QString& page : m_window->pageIds()) {
            if (page != kNotes) {
                m_window->showPage(page);
                QCOMPARE(press(), 2);
            }
        }
    }

    void isKept_fromOneStartToTheNext()
    {
        m_window->showPage(kNotes);
        m_window->close();
        QCOMPARE(QSettings().value(QStringLiteral("window/page")).toString(), kNotes);
        open();
        m_window->restoreSession();
        QCOMPARE(m_window->page(), kNotes);
        QVERIFY(notes()->isVisible());
        m_window->offerLastSession();
        QCOMPARE(m_window->banner()->headline(), QStringLiteral("a word"));
    }

    void theCommandLine_knowsIt()
    {
        const auto parse = [this](const char* page) {
            return parseLaunch(
                {QStringLiteral("pissarro"), QStringLiteral("--page"), QLatin1String(page)},
                m_pages);
        };
        const LaunchParse parsed = parse("notes");
        QVERIFY(parsed.options);
        launch(*m_window, *m_bench, *parsed.options);
        QCOMPARE(m_window->page(), kNotes);
        QStringList ids = m_window->pageIds();
        QCOMPARE(
            parse("nuts").text,
            QStringLiteral("error: --page nuts is unknown (expected %1); see pissarro --help\n")
                .arg(ids.join(QStringLiteral(", "))));
        const QString help =
            parseLaunch({QStringLiteral("pissarro"), QStringLiteral("--help")}, m_pages).text;
        QCOMPARE(ids.takeLast(), kNotes);
        const QString list = ids.join(QStringLiteral(", ")) + QStringLiteral(" or notes.");
        QVERIFY2(help.simplified().contains(list), qPrintable(help)); // it may be broken into lines
    }

    void anotherPage_sendsThere()
    {
        Q_EMIT m_window->pageWidget(QStringLiteral("model"))->go(kNotes, 7);
        QCOMPARE(m_window->page(), kNotes);
        QCOMPARE(notes()->taken, QVariant(7));
        Q_EMIT notes()->go(QStringLiteral("nowhere"), {});
        QCOMPARE(m_window->page(), kNotes);
    }

    // Whatever page asks hears of every page, this one among them, and none has to know another.
    void whatIsNext_isAskedOfEveryPage()
    {
        Q_EMIT notes()->nextStepsWanted();
        QVERIFY(!notes()->offered.isEmpty());
        QCOMPARE(notes()->offered.last().page, kNotes);
        QCOMPARE(notes()->offered.last().with, QVariant(9));
    }

    void whatChanges_isKeptAsItComes()
    {
        Q_EMIT notes()->stateToKeep();
        QTest::qWait(0);
        QVERIFY(!QSettings().contains(QStringLiteral("session/notes/text"))); // nothing restored
        m_window->restoreSession();
        Q_EMIT notes()->stateToKeep();
        QTRY_COMPARE(QSettings().value(QStringLiteral("session/notes/text")).toString(),
                     QStringLiteral("a word"));
    }

    void whatFailsOnIt_isToldAboveThePages()
    {
        Q_EMIT notes()->failed({QStringLiteral("Could not count"), QStringLiteral("a.txt"),
                                QStringLiteral("a.txt: is empty")});
        QVERIFY(m_window->banner()->isVisible());
        QCOMPARE(m_window->banner()->headline(), QStringLiteral("Could not count"));
        QCOMPARE(m_window->banner()->message(), QStringLiteral("a.txt: is empty"));
        Q_EMIT notes()->noticed({QStringLiteral("Counted"), {}, {}, {}});
        QCOMPARE(m_window->banner()->headline(), QStringLiteral("Counted"));
        Q_EMIT notes()->noticeOver(QStringLiteral("Counted"));
        QCOMPARE(m_window->banner()->headline(), QStringLiteral("Could not count"));
    }

    // Every page of the list that needs a model, this one and the program's.
    void whatAPageNeeds_isAskedFor()
    {
        if (!QDir(kTinyModel).exists()) {
            QSKIP("shared/golden is not there");
        }
        m_window.reset(); // before its list
        m_pages = pagesWithNotes(Needs::Model);
        open();
        QStringList needy;
        for (const PageEntry& entry : m_pages) {
            if (entry.needs != Needs::Nothing) {
                needy.append(QLatin1String(entry.id));
            }
        }
        QCOMPARE(needy.last(), kNotes);
        for (const QString& id : needy) {
            m_window->showPage(id);
            QVERIFY2(!m_window->pageWidget(id)->isVisible(), qPrintable(id));
            auto* button =
                m_window->findChild<QAbstractButton*>(id + QStringLiteral(".empty.button"));
            QTest::mouseClick(button, Qt::LeftButton);
            auto* dialog = find<QFileDialog>("dialog.model");
            dialog->reject();
            QTRY_VERIFY(!m_window->findChild<QFileDialog*>(QStringLiteral("dialog.model")));
        }
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get(), hangMs()));
        QTest::keyClick(m_window.get(), Qt::Key_E, Qt::ControlModifier);
        QCOMPARE(notes()->counted, 1); // its key works beside the invitation too
        m_window->openPath(kTinyModel);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files() && !m_bench->spectra.isRunning(), hangMs());
        for (const QString& id : needy) {
            m_window->showPage(id);
            QVERIFY2(m_window->pageWidget(id)->isVisible(), qPrintable(id));
        }
    }

private:
    void open()
    {
        m_window.reset();
        m_window = std::make_unique<MainWindow>(*m_bench, m_pages);
        m_window->show();
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get(), hangMs()));
    }
    template <class Object>
    Object* find(const char* name) const
    {
        auto* object = m_window->findChild<Object*>(QLatin1String(name));
        Q_ASSERT(object);
        return object;
    }
    NotesPage* notes() const { return static_cast<NotesPage*>(m_window->pageWidget(kNotes)); }

    std::vector<PageEntry> m_pages;
    std::unique_ptr<Services> m_bench;
    std::unique_ptr<MainWindow> m_window;
};

QTEST_MAIN(TestPages)
#include "tst_pages.moc"
