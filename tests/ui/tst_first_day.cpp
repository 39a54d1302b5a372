// SPDX-License-Identifier: GPL-3.0-or-later
// Six things that a first-day user does, each of which once ended the program; and the start of the second day.
#include "core/file/atomic_file.h"
#include "core/run/spec_settings.h"
#include "tests/tools/demo_model.h"
#include "tests/ui/warning_trap.h"
#include "ui/pages/pages.h"
#include "ui/pages/spectrum/rank_rules.h"
#include "ui/pages/train/train_form.h"
#include "ui/pages/train/train_page.h"
#include "ui/plot/heat_map.h"
#include "ui/plot/line_plot.h"
#include "ui/services/services.h"
#include "ui/shell/launch.h"
#include "ui/shell/main_window.h"
#include "ui/widgets/error_banner.h"
#include "ui/widgets/segmented_control.h"

#include <QAbstractButton>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <limits>
#include <memory>

using namespace pissarro;
using namespace pissarro::tests;
using namespace pissarro::ui;

namespace {

const QString kTiny = QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama"); // 21 matrices
const QString kData = QStringLiteral(PISSARRO_SOURCE "/resources/demo/demo_train.jsonl");

} // namespace

class TestFirstDay : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        WarningTrap::install();
        nameApplication();
        if (!QDir(kTiny).exists()) {
            QSKIP("shared/golden is not there");
        }
    }

    void init()
    {
        m_home = std::make_unique<QTemporaryDir>(); // nothing cached, nothing remembered
        for (const char* name :
             {"XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"}) {
            qputenv(name, m_home->path().toUtf8());
        }
        m_bench = std::make_unique<Services>();
        m_window = std::make_unique<MainWindow>(*m_bench, allPages());
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    }

    void cleanup()
    {
        m_window.reset();
        m_bench.reset();
        QCOMPARE(WarningTrap::take(), QStringList());
    }

    void residual_ofAModelOpenedForTheFirstTime()
    {
        if (demoModel().isEmpty()) {
            QSKIP("SmolLM2 is not there: run ./dev setup");
        }
        m_window->showPage(QStringLiteral("spectrum"));
        open(demoModel());
        auto* sigma = find<LinePlot>("spectrum.sigma");
        QTRY_COMPARE(sigma->pointCount(), 576 + 192 + 576); // the selected ones come first
        const int energy = find<LinePlot>("spectrum.energy")->pointCount();
        auto* content = find<SegmentedControl>("spectrum.content");
        while (m_bench->spectra.isRunning()) { // spectra arrive, their table grows
            content->setCurrent(content->current() == 0 ? 1 : 0);
            QTest::qWait(20);
        }
        content->setCurrent(1);
        QCOMPARE(find<LinePlot>("spectrum.energy")->pointCount(), energy);
    }

    void pattern_thatMatchesNothing()
    {
        m_window->showPage(QStringLiteral("train"));
        open(kTiny);
        find<QAbstractButton>("train.advanced")->click();
        auto* pattern = find<QLineEdit>("train.module.pattern");
        pattern->setFocus();
        QTest::keyClicks(pattern, QStringLiteral("x"));
        QVERIFY(!find<QAbstractButton>("train.start")->isEnabled()); // at once
        QTRY_VERIFY(shows(QStringLiteral("no module matches 'x'"))); // when typing pauses
        pattern->clear();
        QTest::keyClicks(pattern, QStringLiteral("*.q_proj"));
        QVERIFY(!shows(QStringLiteral("no module matches"))); // not half-typed
        QTRY_VERIFY(shows(QStringLiteral("3 matrices")));
    }

    void theLastChip_off()
    {
        m_window->showPage(QStringLiteral("train"));
        open(kTiny);
        for (const char* name : {"q", "k", "v", "o", "gate", "up", "down"}) {
            auto* chip = m_window->findChild<QAbstractButton*>(
                QStringLiteral("train.module.%1").arg(QLatin1String(name)));
            QTest::mouseClick(chip, Qt::LeftButton);
        }
        QVERIFY(shows(QStringLiteral("choose at least one")));
        QVERIFY(!find<QAbstractButton>("train.start")->isEnabled());
    }

    void aSmallerVocabulary_withDataOpen()
    {
        if (demoModel().isEmpty()) {
            QSKIP("SmolLM2 is not there: run ./dev setup");
        }
        m_window->showPage(QStringLiteral("train"));
        open(demoModel());
        m_bench->data.open(kData);
        QTRY_VERIFY(m_bench->data.tokenized() != nullptr);
        const auto rows = m_bench->data.tokenized();
        bool stale = false;
        connect(&m_bench->model, &Model::opened, this,
                [&] { stale = m_bench->data.tokenized() == rows; });
        open(kTiny);
        QVERIFY(!stale);
        QTRY_VERIFY(m_bench->data.tokenized() != nullptr);
        for (const core::Example& example : m_bench->data.tokenized()->examples) {
            for (const std::int32_t id : example.ids) {
                QVERIFY(id < m_bench->model.tokenizer()->vocabularySize());
            }
        }
        QVERIFY(shows(QStringLiteral("count for the loss")));
    }

    void aSmallerModel_withARankMapAndASelection()
    {
        if (demoModel().isEmpty()) {
            QSKIP("SmolLM2 is not there: run ./dev setup");
        }
        m_window->showPage(QStringLiteral("spectrum"));
        open(demoModel());
        auto* map = find<HeatMap>("spectrum.map");
        QTest::mouseClick(map, Qt::LeftButton, {}, map->cellRect({29, 6}).center().toPoint());
        m_bench->ranks.setMap(uniformMap(*m_bench, 8));
        open(kTiny);
        QVERIFY(m_bench->ranks.map().ranks.empty());
        QCOMPARE(map->rowCount(), 3);
        QTRY_VERIFY(find<LinePlot>("spectrum.sigma")->pointCount() > 0);
    }

    void aSpec_whoseTargetsMatchNothing()
    {
        m_window->showPage(QStringLiteral("train"));
        core::RunSpec spec;
        spec.model = kTiny.toStdString();
        spec.targets = {"h.*.attn.c_proj"};
        m_window->findChild<TrainPage*>()->useAsTemplate(spec);
        QTRY_VERIFY(m_bench->model.files() != nullptr);
        QTRY_VERIFY(shows(QStringLiteral("no module matches")));
        QCOMPARE(find<QLineEdit>("train.module.pattern")->text(),
                 QStringLiteral("h.*.attn.c_proj"));
        QVERIFY(!find<QAbstractButton>("train.start")->isEnabled());
    }

    // It opens, and fails on the text that stands in «Try the tokenizer»: the pages are told of the new model all the same.
    void aTokenizer_thatExplodesOnThatText()
    {
        if (demoModel().isEmpty()) {
            QSKIP("SmolLM2 is not there: run ./dev setup");
        }
        const QString hostile = m_home->filePath(QStringLiteral("hostile"));
        QVERIFY(QDir().mkpath(hostile));
        for (const char* name : {"config.json", "model.safetensors", "tokenizer_config.json"}) {
            QVERIFY(QFile::copy(kTiny + QLatin1Char('/') + QLatin1String(name),
                                hostile + QLatin1Char('/') + QLatin1String(name)));
        }
        QFile ours(kTiny + QStringLiteral("/tokenizer.json"));
        QVERIFY(ours.open(QIODevice::ReadOnly));
        QJsonObject tokenizer = QJsonDocument::fromJson(ours.readAll()).object();
        tokenizer["pre_tokenizer"] = QJsonObject {{"type", "Split"},
                                                  {"pattern", QJsonObject {{"Regex", "(a|aa)+$"}}},
                                                  {"behavior", "Isolated"},
                                                  {"invert", false}};
        core::writeFileAtomically((hostile + QStringLiteral("/tokenizer.json")).toStdString(),
                                  QJsonDocument(tokenizer).toJson().toStdString());
        m_window->showPage(QStringLiteral("spectrum"));
        open(demoModel());
        auto* map = find<HeatMap>("spectrum.map");
        QTest::mouseClick(map, Qt::LeftButton, {}, map->cellRect({29, 6}).center().toPoint());
        find<QPlainTextEdit>("tokenizer.text")
            ->setPlainText(QString(3000, QLatin1Char('a')) + QLatin1Char('b'));
        open(hostile);
        QCOMPARE(map->rowCount(), 3);
        QTRY_VERIFY(find<LinePlot>("spectrum.sigma")->pointCount() > 0);
        m_window->showPage(QStringLiteral("model"));
        QVERIFY(shows(QStringLiteral("too many steps")));
        find<QPlainTextEdit>("tokenizer.text")->setPlainText(QStringLiteral("b"));
        QVERIFY(!shows(QStringLiteral("too many steps")));
    }

    // A field in sight held no number, and then meant nothing: whoever trains every weight has no alpha.
    void aNumberThatIsNone_inAFieldThatMeansNothingNow()
    {
        m_window->showPage(QStringLiteral("train"));
        open(kTiny);
        m_bench->data.open(kData);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.tokenized() != nullptr, hangMs());
        auto* form = m_window->findChild<TrainForm*>();
        form->setTwins({});
        find<QLineEdit>("train.alpha")->setText(QStringLiteral("abc"));
        QVERIFY(!find<QAbstractButton>("train.start")->isEnabled());
        auto* method = find<QComboBox>("train.method");
        method->setCurrentIndex(method->findData(QStringLiteral("full")));
        form->setTwins({});
        QVERIFY(find<QAbstractButton>("train.start")->isEnabled());
        const core::RunSpec spec = form->spec();
        QCOMPARE(spec.alpha, core::RunSpec().alpha);
        core::specToJson(spec);
        core::RunSpec shown = spec; // what is only shown may hold anything
        shown.alpha = std::numeric_limits<double>::quiet_NaN();
        const auto settings = core::settingsOf(shown);
        QVERIFY(std::any_of(settings.begin(), settings.end(), [](const auto& one) {
            return one.key == "alpha" && one.value == "nan";
        }));
    }

    // use.md 13: an empty window, whatever was open.
    void theSecondStart_goesOnWhereOneWas()
    {
        m_window->restoreSession(); // as launch() does
        open(kTiny);
        m_bench->data.open(kData);
        find<QLineEdit>("train.rate")->setText(QStringLiteral("3.7e-4"));
        find<SegmentedControl>("train.prompt")->setCurrent(2);
        m_window->findChild<TrainPage*>()->form()->setTwins({core::methodNamed("olora")});
        const auto kept = [] {
            return QSettings().value(QStringLiteral("session/form")).toString();
        };
        const auto twins = [] {
            return QSettings().value(QStringLiteral("session/form.twins")).toStringList();
        };
        QTRY_VERIFY(kept().contains(QStringLiteral("0.00037"))
                    && twins().contains(QStringLiteral("olora")));
        m_window.reset(); // not closed: as by a crash
        m_bench = std::make_unique<Services>();
        m_window = std::make_unique<MainWindow>(*m_bench, allPages());
        launch(*m_window, *m_bench, {});
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files() && m_bench->data.tokenized(), hangMs());
        QCOMPARE(m_window->findChild<TrainPage*>()->form()->twins(),
                 QVector<core::Method> {core::methodNamed("olora")});
        const core::RunSpec spec = m_window->findChild<TrainPage*>()->form()->spec();
        QCOMPARE(spec.learningRate, 3.7e-4);
        QCOMPARE(spec.promptTemplate, core::PromptTemplate::Plain);
        QCOMPARE(m_bench->data.path(), kData);
    }

    // What did not survive being opened is not opened again unasked.
    void aStartThatDidNotComeThrough_isOnlyOffered()
    {
        core::RunSpec spec;
        spec.model = kTiny.toStdString();
        spec.data = kData.toStdString();
        QSettings().setValue(QStringLiteral("session/form"),
                             QString::fromStdString(core::specToJson(spec)));
        QSettings().setValue(QStringLiteral("session/form.returning"), true);
        launch(*m_window, *m_bench, {});
        QCOMPARE(m_window->banner()->headline(), QStringLiteral("Go on where you were?"));
        QVERIFY(m_window->banner()->message().contains(QStringLiteral("demo_train.jsonl")));
        QVERIFY(m_bench->model.files() == nullptr);
        m_window->banner()->findChild<QAbstractButton*>(QStringLiteral("banner.action"))->click();
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files() && m_bench->data.tokenized(), hangMs());
        QTRY_VERIFY(!QSettings().contains(QStringLiteral("session/form.returning")));
    }

private:
    template <class Widget>
    Widget* find(const char* name) const
    {
        auto* widget = m_window->findChild<Widget*>(QLatin1String(name));
        Q_ASSERT(widget);
        return widget;
    }
    void open(const QString& path)
    {
        QSignalSpy opened(&m_bench->model, &Model::opened);
        m_bench->model.open(path);
        QVERIFY(opened.wait(hangMs()));
    }
    // A label in sight holds these words.
    bool shows(const QString& words) const
    {
        const auto labels = m_window->findChildren<QLabel*>();
        return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) {
            return label->isVisible() && label->text().contains(words);
        });
    }

    std::unique_ptr<QTemporaryDir> m_home;
    std::unique_ptr<Services> m_bench;
    std::unique_ptr<MainWindow> m_window;
};

QTEST_MAIN(TestFirstDay)
#include "tst_first_day.moc"
