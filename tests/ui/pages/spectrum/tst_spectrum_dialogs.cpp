// SPDX-License-Identifier: GPL-3.0-or-later
// What the Spectrum page opens beside itself, on a real tiny model: long work in it outlives a slip on Esc, and what is
// compared is named.
#include "core/file/atomic_file.h"
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/pages/spectrum/heat_card.h"
#include "ui/pages/spectrum/rank_map_dialog.h"
#include "ui/pages/spectrum/spectrum_page.h"
#include "ui/services/services.h"
#include "ui/widgets/widget_export.h"

#include <QAction>
#include <QComboBox>
#include <QDialog>
#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

using namespace pissarro;
using namespace pissarro::ui;

namespace {

const QString kTinyModel = QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama");
const int kPatienceMs = pissarro::tests::hangMs();

} // namespace

class TestSpectrumDialogs : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        Theme::instance().setMode(ThemeMode::Light);
        if (!QDir(kTinyModel).exists()) {
            QSKIP("shared/golden is not there");
        }
    }

    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_services = std::make_unique<Services>();
        m_page = std::make_unique<SpectrumPage>(*m_services);
        m_page->resize(1328, 796);
        m_services->model.open(kTinyModel);
        QTRY_VERIFY_WITH_TIMEOUT(m_services->model.files() && !m_services->spectra.isRunning(),
                                 kPatienceMs);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get(), kPatienceMs));
    }

    void cleanup()
    {
        m_page.reset();
        m_services.reset();
        m_folder.reset();
        QCOMPARE(tests::WarningTrap::take(), QStringList());
    }

    void aMeasurement_goesOnWhenItsDialogIsClosed()
    {
        QSignalSpy unseen(m_page.get(), &Page::noticed);
        openMeter();
        find<QLineEdit>("meter.ranks")->setText(QStringLiteral("2, 4"));
        find<QLineEdit>("meter.niters")->setText(QStringLiteral("0, 1, 4"));
        QTest::mouseClick(find<QPushButton>("meter.start"), Qt::LeftButton);
        QVERIFY(m_services->fastSvd.isRunning());
        QVERIFY(find<QLabel>("meter.line")->text().contains(QStringLiteral("goes on")));
        find<QDialog>("dialog.meter")->reject(); // Esc
        QVERIFY(m_services->fastSvd.isRunning());
        QTRY_COMPARE_WITH_TIMEOUT(unseen.count(), 1, kPatienceMs);
        QVERIFY(m_page->findChild<QDialog*>(QStringLiteral("dialog.meter")) == nullptr);

        m_page->showMeasurement(); // of the matrices that were measured
        QCOMPARE(find<QTableWidget>("meter.table")->rowCount(), 3);
        QCOMPARE(find<QTableWidget>("meter.table")->columnCount(), 2);
        QCOMPARE(find<QLineEdit>("meter.niters")->text(), QStringLiteral("0, 1, 4"));
        QVERIFY(find<QPushButton>("meter.save")->isEnabled());
        QTest::mouseClick(find<QPushButton>("meter.start"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!m_services->fastSvd.isRunning(), kPatienceMs);
        QCOMPARE(unseen.count(), 1); // this one was seen
    }

    void aMeasurement_isShownAgainWhileItGoesOn_andEndsWithItsModel()
    {
        openMeter();
        QTest::mouseClick(find<QPushButton>("meter.start"), Qt::LeftButton);
        find<QDialog>("dialog.meter")->reject();
        openMeter();
        QVERIFY(m_services->fastSvd.isRunning());
        QCOMPARE(find<QPushButton>("meter.start")->text(), QStringLiteral("Cancel"));
        QSignalSpy opened(&m_services->model, &Model::opened);
        m_services->model.open(QStringLiteral(PISSARRO_SHARED "/golden/tiny/qwen2"));
        QVERIFY(opened.wait(kPatienceMs));
        QTRY_VERIFY_WITH_TIMEOUT(!m_services->fastSvd.isRunning(), kPatienceMs);
        QVERIFY(m_services->fastSvd.measurement().modules.isEmpty());
    }

    void aFilesMap_isReadBesideTheWindow()
    {
        trigger("spectrum.editMap");
        auto* dialog = m_page->findChild<RankMapDialog*>();
        QVERIFY(dialog);
        const auto line = [dialog] {
            return dialog->findChild<QLabel*>(QStringLiteral("rankMap.line"))->text();
        };
        const QString file = m_folder->filePath(QStringLiteral("adapter_config.json"));
        core::writeFileAtomically(file.toStdString(),
                                  R"({"rank_pattern": {"q_proj": 3, "layers.0.mlp.*": 900}})");
        dialog->take(file);
        QTRY_VERIFY_WITH_TIMEOUT(!m_services->ranks.map().ranks.empty(), kPatienceMs);
        for (const core::LinearModule& module : m_services->model.files()->linearModules()) {
            const bool isQ = module.name.ends_with("q_proj");
            const bool isMlp = module.name.find("layers.0.mlp.") != std::string::npos;
            const std::int64_t named = isQ ? 3 : isMlp ? 900 : m_services->ranks.rank();
            QCOMPARE(m_services->ranks.map().ranks.at(module.name),
                     std::min(named, module.smallerSide()));
        }
        QVERIFY(line().contains(QStringLiteral("adapter_config.json")));
        const auto before = m_services->ranks.map().ranks;
        const QString pipe = m_folder->filePath(QStringLiteral("pipe.json"));
        QCOMPARE(mkfifo(pipe.toUtf8().constData(), 0600), 0);
        dialog->take(pipe); // and does not wait for whoever may write
        QTRY_VERIFY_WITH_TIMEOUT(line().contains(QStringLiteral("pipe.json"))
                                     && !line().startsWith(QStringLiteral("Reading")),
                                 kPatienceMs);
        QVERIFY(m_services->ranks.map().ranks == before);
    }

    void escAsks_beforeItDropsASearch()
    {
        trigger("spectrum.editMap");
        auto* rule = find<QComboBox>("rankMap.rule");
        rule->setCurrentIndex(4); // what four bits leave
        QTest::mouseClick(find<QPushButton>("rankMap.apply"), Qt::LeftButton);
        QVERIFY(m_services->rankSearch.isRunning());
        auto* dialog = find<QDialog>("dialog.rankMap");
        dialog->reject();
        dialog->reject(); // one question is enough
        QCOMPARE(dialog->findChildren<QMessageBox*>(QStringLiteral("drop.question")).size(), 1);
        QVERIFY(dialog->isVisible() && m_services->rankSearch.isRunning());
        press(*find<QMessageBox>("drop.question"), QStringLiteral("Go on"));
        QTRY_VERIFY_WITH_TIMEOUT(!m_services->rankSearch.isRunning(), kPatienceMs);
        QVERIFY(dialog->isVisible());
        QVERIFY(!m_services->ranks.map().ranks.empty()); // found

        QTest::mouseClick(find<QPushButton>("rankMap.apply"), Qt::LeftButton);
        dialog->reject();
        press(*find<QMessageBox>("drop.question"), QStringLiteral("Drop it"));
        QVERIFY(!dialog->isVisible());
        QVERIFY(m_services->ranks.map().ranks.empty()); // as it was before the dialog
    }

    void aComparison_saysWithWhat()
    {
        const QString tuned = m_folder->filePath(QStringLiteral("run-7/model"));
        QVERIFY(QDir().mkpath(tuned));
        for (const char* name : {"config.json", "model.safetensors"}) {
            QVERIFY(QFile::copy(kTinyModel + QLatin1Char('/') + QLatin1String(name),
                                tuned + QLatin1Char('/') + QLatin1String(name)));
        }
        m_services->comparison.start(tuned, m_services->ranks.rank());
        trigger("spectrum.showUpdate");
        auto* measure = find<QComboBox>("spectrum.measure");
        measure->setCurrentIndex(measure->count() - 1);
        QTRY_VERIFY_WITH_TIMEOUT(!m_services->comparison.isRunning(), kPatienceMs);
        int told = 0; // beside σ and over the map
        for (const QLabel* label : m_page->findChildren<QLabel*>()) {
            told += label->isVisible() && label->text().startsWith(QStringLiteral("run-7/model"));
        }
        QCOMPARE(told, 2);
        m_services->comparison.end();
        for (const QLabel* label : m_page->findChildren<QLabel*>()) {
            QVERIFY2(!label->isVisible() || !label->text().contains(QStringLiteral("run-7")),
                     qPrintable(label->text()));
        }
    }

    // What a dialog saves is written on a worker; the dialog says when and where, or why not.
    void aRankMapAndAMeasurement_areSaved()
    {
        QSignalSpy saved(&SavedFiles::instance(), &SavedFiles::saved);
        trigger("spectrum.editMap");
        QTest::mouseClick(find<QPushButton>("rankMap.save"), Qt::LeftButton);
        const QString path = m_folder->filePath(QStringLiteral("map.json"));
        Q_EMIT find<QFileDialog>("dialog.save")->fileSelected(path);
        QVERIFY(saved.isEmpty()); // not on this thread
        QTRY_COMPARE_WITH_TIMEOUT(saved.count(), 1, kPatienceMs);
        QVERIFY(find<QLabel>("rankMap.line")->text().startsWith(QStringLiteral("Saved")));
        QVERIFY(core::readWholeFile(path.toStdString(), 1 << 20).find("rank_pattern")
                != std::string::npos);
        Q_EMIT find<QFileDialog>("dialog.save")->fileSelected(QStringLiteral("/no/such/map.json"));
        QTRY_VERIFY_WITH_TIMEOUT(
            find<QLabel>("rankMap.line")->text().contains(QStringLiteral("/no/such")), kPatienceMs);
        QCOMPARE(saved.count(), 1);
    }

private:
    template <class Widget>
    Widget* find(const char* name) const
    {
        Widget* found = nullptr;
        for (auto* one : m_page->findChildren<Widget*>(QLatin1String(name))) {
            found = one; // the newest: a dialog that was closed goes later
        }
        Q_ASSERT_X(found != nullptr, "find", name);
        return found;
    }
    void trigger(const char* name) const { find<QAction>(name)->trigger(); }
    void openMeter() const
    {
        QVERIFY(!m_services->spectra.isRunning());
        trigger("spectrum.meter");
        QVERIFY(find<QDialog>("dialog.meter")->isVisible());
    }
    static void press(const QMessageBox& box, const QString& text)
    {
        for (QAbstractButton* button : box.buttons()) {
            if (button->text() == text) {
                button->click();
                return;
            }
        }
        QFAIL(qPrintable(text));
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Services> m_services;
    std::unique_ptr<SpectrumPage> m_page;
};

QTEST_MAIN(TestSpectrumDialogs)
#include "tst_spectrum_dialogs.moc"
