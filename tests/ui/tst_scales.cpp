// SPDX-License-Identifier: GPL-3.0-or-later
// The window and its dialogs with text of every size, in a window that was drawn for text of 13 px: what has no room is
// scrolled to, nothing is squeezed.
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/pages/pages.h"
#include "ui/services/services.h"
#include "ui/shell/main_window.h"
#include "ui/shell/settings_dialog.h"
#include "ui/widgets/dialog_ground.h"
#include "ui/widgets/elided_label.h"

#include <QAbstractButton>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QMenuBar>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <string>
#include <vector>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

const QString kTinyModel = QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama");

// Words on several lines that have fewer lines than they need.
QStringList cutIn(const QWidget& part)
{
    QStringList cut;
    for (const QLabel* label : part.findChildren<QLabel*>()) {
        if (label->isVisible() && label->wordWrap()
            && label->height() < label->heightForWidth(label->width())) {
            cut << QStringLiteral("«%1» has %2 px of %3")
                       .arg(label->text())
                       .arg(label->height())
                       .arg(label->heightForWidth(label->width()));
        }
    }
    return cut;
}

} // namespace

class TestScales : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_scales"));
    }

    void init() { QSettings().clear(); }

    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void cleanupTestCase()
    {
        setTextPercent(100);
        Theme::instance().setMode(ThemeMode::Light);
    }

    void pagesScroll_whereTheyHaveNoRoom_data() { addSizes(); }
    void pagesScroll_whereTheyHaveNoRoom()
    {
        QFETCH(int, percent);
        if (!QDir(kTinyModel).exists()) {
            QSKIP("shared/golden is not there");
        }
        useText(percent);
        Services services;
        MainWindow window(services, allPages());
        window.resize(1100, 700);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window, hangMs()));
        QCOMPARE(window.size(), QSize(1100, 700)); // whatever the pages would like
        services.model.open(kTinyModel);
        QTRY_VERIFY_WITH_TIMEOUT(services.model.files() != nullptr, hangMs());
        for (const QString& id : window.pageIds()) {
            window.showPage(id);
            QCoreApplication::processEvents(); // layouts
            const Page* page = window.pageWidget(id);
            QVERIFY2(page->isVisible(), qPrintable(id));
            const QSize least = page->minimumSizeHint();
            QTRY_VERIFY2(page->width() >= least.width() && page->height() >= least.height(),
                         qPrintable(QStringLiteral("%1: %2 × %3, at least %4 × %5")
                                        .arg(id)
                                        .arg(page->width())
                                        .arg(page->height())
                                        .arg(least.width())
                                        .arg(least.height())));
        }
    }

    void theFirstScreen_cutsNoWord_data() { addSizes(); }
    void theFirstScreen_cutsNoWord()
    {
        QFETCH(int, percent);
        useText(percent);
        Services services;
        MainWindow window(services, allPages());
        window.resize(1100, 700);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window, hangMs()));
        window.showPage(QStringLiteral("model"));
        const auto* first = window.findChild<QWidget*>(QStringLiteral("model.empty"));
        QTRY_COMPARE(cutIn(*first), QStringList());
    }

    void theSettings_cutNoWord_data() { addSizes(); }
    void theSettings_cutNoWord()
    {
        QFETCH(int, percent);
        useText(percent);
        Services services;
        SettingsDialog dialog(services, {});
        dialog.show();
        QVERIFY(QTest::qWaitForWindowExposed(&dialog, hangMs()));
        QTRY_COMPARE(cutIn(dialog), QStringList());
        QVERIFY(dialog.findChild<DialogGround*>() != nullptr);
    }

    // With the memory of each second, which has no room beside the model's name.
    void theMenus_keepTheirRoom()
    {
        if (!QDir(kTinyModel).exists()) {
            QSKIP("shared/golden is not there");
        }
        useText(100);
        Services services;
        MainWindow window(services, allPages());
        window.resize(1100, 700);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window, hangMs()));
        services.model.open(kTinyModel);
        QTRY_VERIFY_WITH_TIMEOUT(services.model.files() != nullptr, hangMs());
        std::vector<std::string> more; // so that there is more of it each time
        for (int second = 0; second < 3; ++second) {
            more.emplace_back(std::size_t {32} << 20, 'm');
            QSignalSpy known(&services.machine, &Machine::memoryKnown);
            services.machine.askMemory();
            QVERIFY(known.wait(hangMs()));
            QCoreApplication::processEvents(); // layouts
            QCOMPARE(window.menus()->width(), window.menus()->sizeHint().width());
        }
    }

    // Nine pages in a low window: no button lies on the next, and the last one is in sight.
    void theRail_hasRoomForEachPage_data() { addSizes(); }
    void theRail_hasRoomForEachPage()
    {
        QFETCH(int, percent);
        useText(percent);
        Services services;
        MainWindow window(services, allPages());
        window.resize(1100, 700);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window, hangMs()));
        QCoreApplication::processEvents(); // layouts
        const auto* rail = window.findChild<QWidget*>(QStringLiteral("rail"));
        int below = 0;
        for (const QString& id : window.pageIds()) {
            const auto* button = rail->findChild<QAbstractButton*>(QStringLiteral("rail.") + id);
            QVERIFY2(button != nullptr, qPrintable(id));
            QVERIFY2(button->y() >= below, qPrintable(id));
            below = button->geometry().bottom() + 1;
        }
        QVERIFY2(below <= rail->height(), qPrintable(QString::number(below)));
    }

    // The model's name is read before the device is.
    void theModelsName_isReadable()
    {
        if (!QDir(kTinyModel).exists()) {
            QSKIP("shared/golden is not there");
        }
        QTemporaryDir place;
        const QString path = place.filePath(QStringLiteral("SmolLM2-135M-Instruct"));
        QVERIFY(QFile::link(kTinyModel, path));
        useText(200);
        Services services;
        MainWindow window(services, allPages());
        window.resize(1100, 700);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window, hangMs()));
        services.model.open(path);
        QTRY_VERIFY_WITH_TIMEOUT(services.model.files() != nullptr, hangMs());
        const auto* name = window.findChild<ElidedLabel*>(QStringLiteral("modelName"));
        QTRY_VERIFY2(name->width() >= std::min(name->sizeHint().width(), 200),
                     qPrintable(QString::number(name->width())));
    }

    void theRail_isLowerInALowWindow()
    {
        useText(100);
        Services services;
        MainWindow window(services, allPages());
        window.resize(1100, 900);
        window.show();
        const auto* button = window.findChild<QAbstractButton*>(QStringLiteral("rail.train"));
        QTRY_COMPARE(button->height(), 58);
        window.resize(1100, 700);
        QTRY_COMPARE(button->height(), 48);
    }

private:
    static void addSizes()
    {
        QTest::addColumn<int>("percent");
        for (const int percent : {100, 150, 200}) {
            QTest::addRow("%d %%", percent) << percent;
        }
    }

    static void useText(int percent)
    {
        setTextPercent(percent);
        Theme::instance().setMode(ThemeMode::Light);
    }
};

QTEST_MAIN(TestScales)
#include "tst_scales.moc"
