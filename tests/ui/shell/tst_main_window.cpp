// SPDX-License-Identifier: GPL-3.0-or-later
// The window around the pages, with a real tiny model: opening, dropping, keys, memory of the session.
#include "tests/ui/shell/main_window_bench.h"
#include "ui/look/theme.h"
#include "ui/pages/pages.h"
#include "ui/services/services.h"
#include "ui/shell/launch.h"
#include "ui/shell/main_window.h"
#include "ui/widgets/error_banner.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QAccessible>
#include <QComboBox>
#include <QDir>
#include <QDropEvent>
#include <QFile>
#include <QFileDialog>
#include <QHash>
#include <QLabel>
#include <QLineEdit>
#include <QMenuBar>
#include <QMimeData>
#include <QSettings>
#include <QSignalSpy>
#include <QSplitter>
#include <QTemporaryDir>
#include <QTest>

using namespace pissarro;
using namespace pissarro::tests;
using namespace pissarro::ui;

namespace {

// Share of pixels that differ from the commonest colour.
double inkOf(const QImage& image)
{
    QHash<QRgb, int> counts;
    for (int y = 0; y < image.height(); y += 2) {
        for (int x = 0; x < image.width(); x += 2) {
            ++counts[image.pixel(x, y)];
        }
    }
    const int most = *std::max_element(counts.cbegin(), counts.cend());
    const int all = ((image.width() + 1) / 2) * ((image.height() + 1) / 2);
    return 1.0 - static_cast<double>(most) / all;
}

void drop(QWidget& on, const QString& path)
{
    QMimeData mime;
    mime.setUrls({QUrl::fromLocalFile(path)});
    QDragEnterEvent enter(QPoint(200, 200), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&on, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent event(QPointF(200, 200), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&on, &event);
}

bool isControl(const QWidget* widget)
{
    return qobject_cast<const QAbstractButton*>(widget) != nullptr
        || qobject_cast<const QLineEdit*>(widget) != nullptr
        || qobject_cast<const QComboBox*>(widget) != nullptr
        || qobject_cast<const QAbstractSpinBox*>(widget) != nullptr
        || qobject_cast<const QAbstractItemView*>(widget) != nullptr;
}

// What a screen reader says: the accessible name, else a button's text.
QString spokenName(QWidget* widget)
{
    const QAccessibleInterface* interface = QAccessible::queryAccessibleInterface(widget);
    return interface != nullptr ? interface->text(QAccessible::Name) : QString();
}

// Qt's own parts of a control: the edit of a spin box, the popup of a combo box, a table's corner
// button.
bool isPartOfAnother(const QWidget* widget)
{
    for (const QWidget* at = widget->parentWidget(); at != nullptr; at = at->parentWidget()) {
        if (isControl(at) || at->inherits("QComboBoxPrivateContainer")) {
            return true;
        }
    }
    return widget->objectName().startsWith(QLatin1String("qt_")) || widget->inherits("QHeaderView")
        || widget->inherits("QMenuBarExtension") || widget->inherits("QToolBarExtension");
}

// Names the windows that come up.
class WindowCounter : public QObject {
public:
    QStringList shown;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        const auto* widget = qobject_cast<QWidget*>(watched);
        if (widget != nullptr && widget->isWindow() && event->type() == QEvent::Show) {
            shown.append(widget->objectName());
        }
        return QObject::eventFilter(watched, event);
    }
};

} // namespace

class TestMainWindow : public MainWindowBench {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { beginTests("tst_main_window"); }
    void init() { beginTest(); }
    void cleanup() { endTest(); }

    void building_showsNoOtherWindow()
    {
        m_window->recent().addModel(kTinyModel);
        WindowCounter counter;
        qApp->installEventFilter(&counter);
        const MainWindow another(*m_bench, allPages());
        QCOMPARE(counter.shown, QStringList());
    }

    void opens_whatTheCommandLineNames()
    {
        const LaunchParse parsed =
            parseLaunch({QStringLiteral("pissarro"), kTinyModel, QStringLiteral("--data"),
                         kDemoData, QStringLiteral("--page"), QStringLiteral("model"),
                         QStringLiteral("--size"), QStringLiteral("1200x800")},
                        allPages());
        QVERIFY(parsed.options);
        launch(*m_window, *m_bench, *parsed.options);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files() && !m_bench->spectra.isRunning(),
                                 kPatienceMs);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.tokenized(), kPatienceMs);
        QCOMPARE(m_bench->spectra.all().size(), m_bench->spectra.total());
        QCOMPARE(m_window->page(), QStringLiteral("model"));
        QCOMPARE(m_window->size(), QSize(1200, 800));
        QCOMPARE(m_window->recent().models(), QStringList {QDir::cleanPath(kTinyModel)});
        QVERIFY(m_window->windowTitle().startsWith(QLatin1String("llama")));
        auto* what = m_window->findChild<QLabel*>(QStringLiteral("status.what"));
        QVERIFY(what->text().startsWith(QLatin1String("Spectra ")));
    }

    void draws_everyPageInLightAndDark()
    {
        m_window->openPath(kTinyModel);
        m_bench->data.open(kDemoData);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files() && !m_bench->spectra.isRunning(),
                                 kPatienceMs);
        for (const ThemeMode mode : {ThemeMode::Light, ThemeMode::Dark}) {
            Theme::instance().setMode(mode);
            for (const QString& page : m_window->pageIds()) {
                m_window->showPage(page);
                QTest::qWait(80);
                const QImage image = m_window->pageWidget(page)->grab().toImage();
                QVERIFY2(inkOf(image) > 0.005,
                         qPrintable(QStringLiteral("page %1 is blank").arg(page)));
                const QColor corner = m_window->grab().toImage().pixelColor(2, 200); // of the rail
                QCOMPARE(corner.name(), Theme::instance().colors().card.name());
            }
        }
    }

    void names_everyControl()
    {
        m_window->openPath(kTinyModel);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files() && !m_bench->spectra.isRunning(),
                                 kPatienceMs);
        QStringList nameless;
        for (QWidget* widget : m_window->findChildren<QWidget*>()) {
            if (isControl(widget) && !isPartOfAnother(widget)
                && (widget->objectName().isEmpty() || spokenName(widget).isEmpty())) {
                nameless.append(QStringLiteral("%1 '%2' in %3")
                                    .arg(QLatin1String(widget->metaObject()->className()),
                                         widget->objectName(),
                                         widget->parentWidget()->objectName()));
            }
        }
        QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join(QStringLiteral("; "))));
    }

    void goesThroughThePages_byKeysAndRail()
    {
        const QStringList pages = m_window->pageIds();
        for (int page = static_cast<int>(pages.size()) - 1; page >= 0; --page) {
            QTest::keyClick(m_window.get(), static_cast<Qt::Key>(Qt::Key_0 + (page + 1) % 10),
                            Qt::ControlModifier);
            QCOMPARE(m_window->page(), pages[page]);
        }
        QTest::mouseClick(m_window->findChild<QAbstractButton*>(QStringLiteral("rail.runs")),
                          Qt::LeftButton);
        QCOMPARE(m_window->page(), QStringLiteral("runs"));
        QTest::keyClick(m_window.get(), Qt::Key_L, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(Theme::instance().isDark());
        QCOMPARE(rememberedTheme(), ThemeMode::Dark);
        QTest::mouseClick(m_window->findChild<QAbstractButton*>(QStringLiteral("themeSwitch")),
                          Qt::LeftButton);
        QVERIFY(!Theme::instance().isDark());
    }

    // Ctrl+E was a button's on Spectrum and, through the menu bar, an action's of Runs: neither fired.
    void givesEachKeyOnce()
    {
        for (const QString& page : m_window->pageIds()) {
            m_window->showPage(page);
            QHash<QString, QStringList> owners;
            for (const QAction* action : m_window->findChildren<QAction*>()) {
                const QObject* of = action->parent(); // also of a part of a page
                while (of != nullptr && qobject_cast<const Page*>(of) == nullptr) {
                    of = of->parent();
                }
                const bool inSight = of == nullptr || of == m_window->pageWidget(page);
                if (inSight && !action->shortcut().isEmpty()) {
                    owners[action->shortcut().toString()].append(action->text());
                }
            }
            for (const QAbstractButton* button : m_window->findChildren<QAbstractButton*>()) {
                if (!button->shortcut().isEmpty()
                    && !button->text().contains(QLatin1Char('&'))) { // mnemonics are Alt+
                    owners[button->shortcut().toString()].append(button->objectName());
                }
            }
            for (auto keys = owners.cbegin(); keys != owners.cend(); ++keys) {
                QVERIFY2(keys->size() == 1,
                         qPrintable(QStringLiteral("page %1, %2: %3")
                                        .arg(page)
                                        .arg(keys.key(), keys->join(QStringLiteral(" and ")))));
            }
        }
    }

    void theModelDialog_takesAFolder()
    {
        m_window->chooseModel();
        auto* dialog = m_window->findChild<QFileDialog*>(QStringLiteral("dialog.model"));
        QVERIFY(dialog);
        QSignalSpy opened(&m_bench->model, &Model::opened);
        Q_EMIT dialog->directoryEntered(kTinyModel); // a person walks into it
        QVERIFY(opened.wait(tests::hangMs()));
        QCOMPARE(QString::fromStdString(m_bench->model.files()->path().string()),
                 QDir(kTinyModel).absolutePath());
    }

    // An id of the local Hugging Face cache is no file: it is opened by its name.
    void theModelDialog_takesAnId()
    {
        m_window->chooseModel();
        auto* dialog = m_window->findChild<QFileDialog*>(QStringLiteral("dialog.model"));
        QVERIFY(dialog);
        QSignalSpy opening(&m_bench->model, &Model::opening);
        dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"))
            ->setText(QStringLiteral("nobody/has-this"));
        static_cast<QDialog*>(dialog)->accept();
        QTRY_COMPARE_WITH_TIMEOUT(opening.size(), 1, kPatienceMs);
        QCOMPARE(opening[0][0].toString(), QStringLiteral("nobody/has-this"));
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.failure() != nullptr, kPatienceMs);
    }

    void menusAndChips_shareARow()
    {
        QMenuBar* menus = m_window->menus();
        QCOMPARE(menus->parentWidget()->objectName(), QStringLiteral("topBar"));
        for (const int width : {1100, 1440, 2560}) {
            m_window->resize(width, 800);
            QTRY_COMPARE(m_window->width(), width);
            QVERIFY2(menus->width() >= menus->sizeHint().width(), // every menu is in sight
                     qPrintable(QStringLiteral("%1 of %2 px at %3")
                                    .arg(menus->width())
                                    .arg(menus->sizeHint().width())
                                    .arg(width)));
        }
    }

    void takesDrops_whereTheyBelong()
    {
        QTemporaryDir folder;
        drop(*m_window, kTinyModel);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files(), kPatienceMs);
        drop(*m_window, kDemoData);
        QTRY_COMPARE_WITH_TIMEOUT(m_window->page(), QStringLiteral("train"), kPatienceMs);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.tokenized(), kPatienceMs);
        QFile notes(folder.filePath(QStringLiteral("notes.txt")));
        QVERIFY(notes.open(QIODevice::WriteOnly));
        drop(*m_window, notes.fileName());
        QTRY_VERIFY_WITH_TIMEOUT(m_window->banner()->isVisible(), kPatienceMs);
        QVERIFY(m_window->banner()->message().contains(notes.fileName()));
    }

    void remembers_pageSizeAndSplitters()
    {
        auto* splitter = m_window->findChild<QSplitter*>(QStringLiteral("train.columns"));
        QVERIFY(splitter);
        m_window->showPage(QStringLiteral("runs"));
        m_window->resize(1234, 777);
        m_window->close();
        const QByteArray state = splitter->saveState();

        MainWindow again(*m_bench, allPages());
        again.restoreSession();
        QCOMPARE(again.page(), QStringLiteral("runs"));
        QCOMPARE(again.size(), QSize(1234, 777));
        QCOMPARE(again.findChild<QSplitter*>(QStringLiteral("train.columns"))->saveState(), state);
    }

    // Sessions kept the number of a page before they kept its id.
    void anOldSession_opensTheRightPage()
    {
        const QString key = QStringLiteral("window/page");
        QSettings().setValue(key, 3);
        m_window->restoreSession();
        QCOMPARE(m_window->page(), QStringLiteral("train"));
        for (const QVariant& unknown : {QVariant(QStringLiteral("gone")), QVariant(12)}) {
            QSettings().setValue(key, unknown); // of another version of the program
            m_window->restoreSession();
            QCOMPARE(m_window->page(), QStringLiteral("train"));
        }
    }

    void twoWindows_shareTheRecentModels()
    {
        Recent other; // of a window that is open too
        m_window->recent().addModel(QStringLiteral("/a"));
        other.addModel(QStringLiteral("/b"));
        m_window->recent().addModel(QStringLiteral("/c"));
        const QStringList all {QStringLiteral("/c"), QStringLiteral("/b"), QStringLiteral("/a")};
        QCOMPARE(m_window->recent().models(), all);
        QCOMPARE(Recent().models(), all);
    }

    void twoWindows_shareTheRunFolders()
    {
        Services other;
        m_bench->library.addFolder(QStringLiteral("/runs/a"));
        other.library.addFolder(QStringLiteral("/runs/b"));
        QCOMPARE(QSettings().value(QStringLiteral("runs/folders")).toStringList(),
                 (QStringList {QStringLiteral("/runs/a"), QStringLiteral("/runs/b")}));
    }

    void refusesWrongArguments()
    {
        const auto code = [](const QStringList& more) {
            const LaunchParse parsed =
                parseLaunch(QStringList {QStringLiteral("pissarro")} + more, allPages());
            return parsed.options ? 0 : parsed.exitCode;
        };
        QCOMPARE(code({}), 0);
        QCOMPARE(code({QStringLiteral("--size"), QStringLiteral("big")}), 2);
        QCOMPARE(code({QStringLiteral("--theme"), QStringLiteral("pink")}), 2);
        QCOMPARE(code({QStringLiteral("--page"), QStringLiteral("nuts")}), 2);
        QCOMPARE(code({QStringLiteral("--no-such-option")}), 2);
        QCOMPARE(code({QStringLiteral("a"), QStringLiteral("b")}), 2);
        QCOMPARE(code({QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("--page"),
                       QStringLiteral("runs")}),
                 2);
        QCOMPARE(code({QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("--page"),
                       QStringLiteral("compare")}),
                 0);
        QCOMPARE(code({QStringLiteral("--demo"), QStringLiteral("out")}), 2);
        QCOMPARE(code({QStringLiteral("m"), QStringLiteral("--data"), QStringLiteral("d"),
                       QStringLiteral("--demo"), QStringLiteral("out"), QStringLiteral("--steps"),
                       QStringLiteral("0")}),
                 2);
        const LaunchParse help =
            parseLaunch({QStringLiteral("pissarro"), QStringLiteral("--help")}, allPages());
        QVERIFY(!help.options && help.exitCode == 0 && help.text.contains(QLatin1String("--data")));
    }
};

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
