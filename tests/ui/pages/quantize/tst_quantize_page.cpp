// SPDX-License-Identifier: GPL-3.0-or-later
// The Quantize page on a real tiny model: measured, read, selected, cancelled.
#include "core/analysis/quant_error.h"
#include "core/analysis/spectrum_sweep.h"
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/jobs/job_board.h"
#include "ui/look/theme.h"
#include "ui/pages/quantize/quantize_page.h"
#include "ui/plot/heat_map.h"
#include "ui/plot/line_plot.h"
#include "ui/services/services.h"
#include "ui/services/settings.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/format.h"

#include <QAction>
#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QGuiApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QtEndian>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

const QString kTinyModel = QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama");
const int kPatienceMs = hangMs();
const core::Method kLoftq = core::methodNamed("loftq");
const core::Method kQpissa = core::methodNamed("qpissa");

} // namespace

class TestQuantizePage : public QObject {
    Q_OBJECT

private:
    template <class Widget>
    Widget* find(const char* name) const
    {
        auto* widget = m_page->findChild<Widget*>(QLatin1String(name));
        Q_ASSERT(widget);
        return widget;
    }
    void measure()
    {
        QTest::mouseClick(find<QPushButton>("quantize.measure"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!m_page->bench()->isMeasuring(), kPatienceMs);
        QCOMPARE(m_page->bench()->errors().size(), m_bench->spectra.total());
    }
    // A copy of the tiny model with NaN as the first value of that matrix.
    static QString modelWithANan(const QString& folder, const QString& module)
    {
        const QDir source(kTinyModel);
        for (const QString& name :
             source.entryList({QStringLiteral("*.json"), QStringLiteral("model.safetensors")})) {
            QFile::copy(source.filePath(name), folder + QLatin1Char('/') + name);
        }
        QFile file(folder + QStringLiteral("/model.safetensors"));
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
        if (!file.open(QIODevice::ReadWrite)) {
            return {};
        }
        const qint64 length = qFromLittleEndian<qint64>(file.read(8).constData());
        const QJsonObject head = QJsonDocument::fromJson(file.read(length)).object();
        for (auto entry = head.begin(); entry != head.end(); ++entry) {
            if (entry.key().contains(module)) {
                const auto tensor = entry.value().toObject();
                const qint64 begin =
                    tensor.value(QStringLiteral("data_offsets")).toArray().first().toInteger();
                file.seek(8 + length + begin);
                file.write(QByteArray(
                    tensor.value(QStringLiteral("dtype")).toString() == QLatin1String("F32") ? 4
                                                                                             : 2,
                    '\xff')); // NaN in all of them
            }
        }
        return folder;
    }
    QString cell(int row, int column) const
    {
        const QTableWidgetItem* item = find<QTableWidget>("quantize.table")->item(row, column);
        return item == nullptr ? QString() : item->text();
    }

    std::unique_ptr<Services> m_bench;
    std::unique_ptr<QuantizePage> m_page;

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_quantize_page"));
        Theme::instance().setMode(ThemeMode::Light);
        if (!QDir(kTinyModel).exists()) {
            QSKIP("shared/golden is not there");
        }
    }

    void init()
    {
        QSettings().clear();
        m_bench = std::make_unique<Services>();
        m_page = std::make_unique<QuantizePage>(*m_bench);
        m_page->resize(1328, 796);
        QSignalSpy opened(&m_bench->model, &Model::opened);
        m_bench->model.open(kTinyModel);
        QVERIFY(opened.wait(kPatienceMs));
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get(), hangMs()));
        find<QSpinBox>("quantize.rank")->setValue(4);
        find<QSpinBox>("quantize.iters")->setValue(3);
    }

    void cleanup()
    {
        m_page.reset();
        m_bench.reset();
        QCOMPARE(tests::WarningTrap::take(), QStringList());
    }

    // A rank dragged on another page decomposed a matrix at every pixel.
    void hidden_itDecomposesNothing()
    {
        auto* bench = m_page->bench();
        QTRY_VERIFY(bench->inspection() != nullptr);
        m_page->hide();
        for (int rank = 5; rank <= 20; ++rank) {
            m_bench->ranks.setRank(rank);
            QVERIFY(!bench->isInspecting() && !bench->inspecting().isRunning());
        }
        QVERIFY(bench->inspection() == nullptr); // of another rank
        m_page->show();
        QVERIFY(bench->isInspecting());
        QTRY_VERIFY(bench->inspection() != nullptr);
    }

    void aRankThatAMatrixLacks_isSaidBeforeTheStart()
    {
        find<QSpinBox>("quantize.rank")->setValue(65);
        QVERIFY(!find<QPushButton>("quantize.measure")->isEnabled());
        QVERIFY2(find<QLabel>("quantize.state")
                     ->text()
                     .contains(QStringLiteral("must be at most 64, found 65")),
                 qPrintable(find<QLabel>("quantize.state")->text()));
        for (QAction* action : m_page->actions()) {
            if (action->objectName() == QLatin1String("quantize.start")) {
                action->trigger(); // by key
            }
        }
        QVERIFY(!m_page->bench()->isMeasuring());
        QCOMPARE(find<LinePlot>("quantize.matrix")->pointCount(),
                 0); // not of a rank cut in silence
        find<QSpinBox>("quantize.rank")->setValue(4);
        QVERIFY(find<QPushButton>("quantize.measure")->isEnabled());
        QTRY_VERIFY(m_page->bench()->inspection() != nullptr);
    }

    // One matrix holds a NaN: what failed says so and can be tried again.
    void aFailure_isAState()
    {
        const QTemporaryDir folder;
        const QString model = modelWithANan(folder.path(), QStringLiteral("layers.1.mlp.up_proj"));
        QSignalSpy opened(&m_bench->model, &Model::opened);
        m_bench->model.open(model);
        QVERIFY(opened.wait(kPatienceMs));
        QTRY_VERIFY(m_page->bench()->inspection() != nullptr); // of another matrix
        const auto& modules = m_bench->model.files()->linearModules();
        const auto bad = std::find_if(modules.begin(), modules.end(), [](const auto& one) {
            return one.name.find("layers.1.mlp.up_proj") != std::string::npos;
        });
        m_page->bench()->inspect(static_cast<int>(bad - modules.begin()));
        QTRY_VERIFY(!m_page->bench()->inspectionProblem().isEmpty());
        QTRY_VERIFY(find<QPushButton>("quantize.retry")->isVisible());
        QVERIFY(m_page->bench()->inspecting().failure() != nullptr);
        QTest::mouseClick(find<QPushButton>("quantize.retry"), Qt::LeftButton);
        QVERIFY(m_page->bench()->isInspecting());
        QVERIFY(m_page->bench()->inspecting().isRunning());
        QTRY_VERIFY(m_page->bench()->inspecting().failure() != nullptr);
        QVERIFY(m_page->bench()->inspecting().failure()->file.endsWith(
            QStringLiteral("layers.1.mlp.up_proj")));

        auto* over = find<SegmentedControl>("quantize.over");
        over->setCurrent(1); // ranks
        QTRY_VERIFY(find<QPushButton>("quantize.retryRanks")->isVisible());
        QVERIFY(!m_page->bench()->byRankProblem().isEmpty());
        over->setCurrent(0);
    }

    void ranksThatAreCancelled_canBeMeasuredAnew()
    {
        auto* bench = m_page->bench();
        QTRY_VERIFY(bench->inspection() != nullptr);
        find<SegmentedControl>("quantize.over")->setCurrent(1); // ranks
        const auto& jobs = JobBoard::instance().entries();
        QCOMPARE(jobs.size(), std::size_t {1});
        JobBoard::instance().cancel(jobs.front().id); // as the status strip does
        QTRY_VERIFY(find<QPushButton>("quantize.retryRanks")->isVisible());
        QVERIFY2(bench->byRankProblem().contains(QStringLiteral("cancelled")),
                 qPrintable(bench->byRankProblem()));
        QTest::mouseClick(find<QPushButton>("quantize.retryRanks"), Qt::LeftButton);
        QTRY_VERIFY(!bench->byRank().isEmpty());
        QVERIFY(bench->byRankProblem().isEmpty());
    }

    // The table is what core says of the errors, and the better method is set bold.
    void theTableIsThePapers()
    {
        measure();
        const auto& errors = m_page->bench()->errors();
        const std::vector<core::ModuleQuantError> all(errors.cbegin(), errors.cend());
        auto* table = find<QTableWidget>("quantize.table");
        QCOMPARE(table->rowCount(), 4); // T = 1 and T = 3
        QCOMPARE(table->columnCount(), 9); // method, q k v o gate up down, average
        QCOMPARE(cell(3, 0), QStringLiteral("QPiSSA, T = 3"));
        const core::QuantReductions last = core::reductionsOf(all);
        QCOMPARE(cell(2, 8), QString::number(last.average.at(kLoftq), 'f', 1));
        QCOMPARE(cell(3, 1), QString::number(last.byType.at("q_proj").at(kQpissa), 'f', 1));
        const bool loftq = last.average.at(kLoftq) > last.average.at(kQpissa);
        QCOMPARE(table->item(2, 8)->font().weight() == QFont::DemiBold, loftq);
        QCOMPARE(table->item(3, 8)->font().weight() == QFont::DemiBold, !loftq);
        const QString sentence = find<QLabel>("quantize.ahead")->text();
        QVERIFY2(sentence.contains(QStringLiteral("on %1 of %2 matrices")
                                       .arg(last.ahead.at(kLoftq))
                                       .arg(last.matrices)),
                 qPrintable(sentence));
        // FP4 leaves more than NF4, eight bits far less.
        QVERIFY(last.others.at("fp4") < 0.0 && last.others.at("int8") > 50.0);
        QVERIFY2(sentence.contains(
                     QStringLiteral("INT8 %1 % less").arg(last.others.at("int8"), 0, 'f', 1)),
                 qPrintable(sentence));

        find<SegmentedControl>("quantize.norm")->setCurrent(1);
        const core::QuantReductions frobenius =
            core::reductionsOf(all, core::ErrorNorm::Frobenius, 1);
        QCOMPARE(cell(0, 8), QString::number(frobenius.average.at(kLoftq), 'f', 1));
        find<SegmentedControl>("quantize.scope")->setCurrent(1);
        QCOMPARE(table->rowCount(), 5); // the three methods, then W alone in FP4 and INT8
        QVERIFY(cell(2, 1).contains(QStringLiteral("(−")));
        QCOMPARE(cell(3, 0), QStringLiteral("FP4 alone"));
        QVERIFY(cell(3, 1).contains(QStringLiteral("(+")));
    }

    void theMapChoosesTheMatrix()
    {
        measure();
        auto* map = find<HeatMap>("quantize.map");
        QVERIFY(std::isfinite(map->value({0, 0})));
        QTest::mouseClick(map, Qt::LeftButton, {}, map->cellRect({1, 6}).center().toPoint());
        QTRY_VERIFY_WITH_TIMEOUT(m_page->bench()->inspection(), kPatienceMs);
        QCOMPARE(QString::fromStdString(m_page->bench()->inspection()->module),
                 QStringLiteral("model.layers.1.mlp.down_proj"));
        QVERIFY(find<LinePlot>("quantize.matrix")->pointCount() > 400);
        QVERIFY(find<QLabel>("quantize.fits")->text().contains(QStringLiteral("Student ν")));
        for (int view = 0; view < 3; ++view) {
            find<SegmentedControl>("quantize.view")->setCurrent(view);
        }
        // Who is ahead is a difference: below 0 where LoftQ leaves less.
        find<QComboBox>("quantize.what")->setCurrentIndex(2);
        const core::ModuleQuantError& one =
            *m_page->bench()->errors().constFind(QStringLiteral("model.layers.1.mlp.down_proj"));
        const double ahead = core::errorReduction(one.errors.at(kQpissa).back(), one.qlora)
            - core::errorReduction(one.errors.at(kLoftq).back(), one.qlora);
        QVERIFY(std::abs(map->value({1, 6}) - ahead) < 1e-9);

        auto* curves = find<LinePlot>("quantize.curves");
        QCOMPARE(curves->pointCount(), 4 * 3); // two means, two of the matrix, three iterations
        find<SegmentedControl>("quantize.over")->setCurrent(1);
        QTRY_COMPARE_WITH_TIMEOUT(curves->pointCount(), 2 * 4, kPatienceMs); // r = 1, 2, 4, 8
        QVERIFY(m_page->bench()->byRank().last().errors.errors.at(kQpissa).back().nuclear
                < m_page->bench()->byRank().first().errors.errors.at(kQpissa).back().nuclear);
    }

    // By what this machine took before: for errors, else for spectra; what is not known is not told.
    void theTime_isToldBeforeThePress()
    {
        const auto* bench = m_page->bench();
        const auto toldAt = [&](int iters) { // anew, as the settings change
            m_page->bench()->readPace();
            find<QSpinBox>("quantize.iters")->setValue(iters);
            return find<QLabel>("quantize.state")->text();
        };
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->spectra.isRunning(), kPatienceMs);
        QSettings().clear();
        QVERIFY2(toldAt(2).contains(QStringLiteral("for the table and the map")),
                 qPrintable(toldAt(2)));
        double work = 0.0;
        for (const core::LinearModule& module : m_bench->model.files()->linearModules()) {
            work += core::spectrumWork(module);
        }
        store(setting::kSpectrumPace, 10.0 / work);
        // Four bits in three types, a spectrum and a decomposition after each iteration of two methods: 3 + 3 * 2 * 2.
        QVERIFY2(toldAt(3).contains(QStringLiteral("in about ")
                                    + formatDuration(bench->expectedSeconds())),
                 qPrintable(toldAt(3)));
        QCOMPARE(bench->expectedSeconds(), 150.0);
        store(setting::kQuantPace, 1.0 / work);
        toldAt(5);
        QCOMPARE(bench->expectedSeconds(), 23.0);
    }

    void staysUsableAfterACancel()
    {
        find<QSpinBox>("quantize.iters")->setValue(100);
        QTest::mouseClick(find<QPushButton>("quantize.measure"), Qt::LeftButton);
        QVERIFY(m_page->bench()->isMeasuring());
        QTest::mouseClick(find<QPushButton>("quantize.measure"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!m_page->bench()->isMeasuring(), kPatienceMs);
        find<QSpinBox>("quantize.iters")->setValue(1);
        measure();
        QCOMPARE(find<QTableWidget>("quantize.table")->rowCount(), 2);
        find<QSpinBox>("quantize.rank")->setValue(2);
        QVERIFY(m_page->bench()->isStale());
        QVERIFY(find<QLabel>("quantize.state")->text().contains(QStringLiteral("measure again")));
        QTest::mouseClick(find<QPushButton>("quantize.copyCommand"), Qt::LeftButton);
        // An absolute path of the same folder; a link on the way to it may stay one.
        const std::filesystem::path model = m_bench->model.files()->path();
        QVERIFY(model.is_absolute()
                && std::filesystem::equivalent(model, kTinyModel.toStdString()));
        QVERIFY(QGuiApplication::clipboard()->text().contains(
            QStringLiteral("quant-error %1 --rank 2 --iters 1")
                .arg(QString::fromStdString(model.string()))));
        QVERIFY(find<QLabel>("quantize.memory")->text().contains(QStringLiteral("28.1 %")));
    }
};

QTEST_MAIN(TestQuantizePage)
#include "tst_quantize_page.moc"
