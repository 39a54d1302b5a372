// SPDX-License-Identifier: GPL-3.0-or-later
// What the Model page shows before a model was opened.
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/pages/model/first_screen.h"
#include "ui/pages/model/model_page.h"
#include "ui/plot/line_plot.h"
#include "ui/services/demo_order.h"
#include "ui/services/services.h"

#include <QAbstractButton>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

class TestFirstScreen : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_first_screen"));
    }

    void init()
    {
        QSettings().clear();
        m_home = std::make_unique<QTemporaryDir>();
        qputenv("XDG_DATA_HOME", m_home->path().toUtf8());
        m_services = std::make_unique<Services>();
        m_page = std::make_unique<ModelPage>(*m_services);
        m_page->resize(1100, 640);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get(), hangMs()));
    }

    void cleanup()
    {
        m_page.reset();
        m_services.reset();
        QCOMPARE(tests::WarningTrap::take(), QStringList());
    }

    void opensWhatIsTyped_aPathOrAnId_data()
    {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("opened");
        QTest::newRow("id") << QStringLiteral(" HuggingFaceTB/SmolLM2-135M ")
                            << QStringLiteral("HuggingFaceTB/SmolLM2-135M");
        QTest::newRow("folder") << QStringLiteral("/models/tiny") << QStringLiteral("/models/tiny");
        QTest::newRow("of the home")
            << QStringLiteral("~/a.gguf") << QDir::homePath() + QStringLiteral("/a.gguf");
        QTest::newRow("as a file manager copies it")
            << QStringLiteral("file:///models/a%20b.gguf") << QStringLiteral("/models/a b.gguf");
    }

    void opensWhatIsTyped_aPathOrAnId()
    {
        QFETCH(QString, typed);
        QFETCH(QString, opened);
        QSignalSpy asked(m_page.get(), &Page::openRequested);
        auto* open = find<QAbstractButton>("model.empty.open");
        QVERIFY(!open->isEnabled());
        auto* path = find<QLineEdit>("model.empty.path");
        QTest::keyClicks(path, typed);
        QVERIFY(open->isEnabled());
        QTest::mouseClick(open, Qt::LeftButton);
        QTest::keyClick(path, Qt::Key_Return);
        QCOMPARE(asked.size(), 2);
        QCOMPARE(asked[0][0].toString(), opened);
        QCOMPARE(asked[1][0].toString(), opened);
    }

    void asksForOne_byTheButton()
    {
        QSignalSpy asked(m_page.get(), &Page::openRequested);
        QTest::mouseClick(find<QAbstractButton>("model.empty.button"), Qt::LeftButton);
        QCOMPARE(asked.size(), 1);
        QVERIFY(asked[0][0].toString().isEmpty());
    }

    // One click: a run with model, data and its steps is sent to be trained. A file stands for the model: nothing is opened.
    void theDemo_isOneClick()
    {
        const QString model = m_home->filePath(QStringLiteral("small.gguf"));
        QFile file(model);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.close();
        m_services->recent.addModel(model);
        QSignalSpy gone(m_page.get(), &Page::go);
        QTest::mouseClick(find<QAbstractButton>("model.empty.demo"), Qt::LeftButton);
        QCOMPARE(gone.size(), 1);
        QCOMPARE(gone[0][0].toString(), QStringLiteral("train"));
        const auto order = gone[0][1].value<QVariant>().value<DemoOrder>();
        QVERIFY(!order.spec.model.empty());
        QVERIFY(order.spec.steps > 0);
        QFile rows(QString::fromStdString(order.spec.data));
        QFile own(QStringLiteral(":/demo/demo_train.jsonl"));
        QVERIFY(rows.open(QIODevice::ReadOnly) && own.open(QIODevice::ReadOnly));
        QVERIFY(own.size() > 0);
        QCOMPARE(rows.readAll(), own.readAll());
    }

    void saysWhatPissaIs_andWhatThisMachineHas()
    {
        QStringList words;
        for (const QLabel* label : m_page->findChildren<QLabel*>()) {
            if (label->isVisible()) {
                words.append(label->text());
            }
        }
        const QString all = words.join(u'\n');
        QVERIFY(all.contains(QStringLiteral("largest singular")));
        QVERIFY(all.contains(QStringLiteral("CPU")));
        for (const char* name :
             {"model.empty.demo", "model.empty.open", "model.empty.button", "model.empty.path"}) {
            QVERIFY2(!find<QWidget>(name)->accessibleName().isEmpty(), name);
        }
    }

    // Of the run that make_example.py names: the figures of shared/golden/README.md, and what the matrix keeps.
    void theExample_isMeasured_andFollowsTheRank()
    {
        const auto figure = [this](const char* name) { return find<QLabel>(name)->text(); };
        QCOMPARE(figure("model.empty.pissa"), QStringLiteral("1.007"));
        QCOMPARE(figure("model.empty.lora"), QStringLiteral("1.173"));
        QCOMPARE(figure("model.empty.difference"), QStringLiteral("−0.166"));
        QCOMPARE(figure("model.empty.parameters"), QStringLiteral("4,884,480"));
        QCOMPARE(figure("model.empty.share"), QStringLiteral("3.6 %"));
        const QString kept = figure("model.empty.kept");
        auto* plot = find<LinePlot>("model.empty.sigma");
        QCOMPARE(plot->cursor(), 16);
        QCOMPARE(plot->pointCount(), 576);
        plot->moveValue(1000); // as a person by keys; v_proj has 192
        QCOMPARE(plot->cursor(), 192);
        QVERIFY(figure("model.empty.kept") != kept);
        QCOMPARE(figure("model.empty.parameters"), QStringLiteral("58,613,760"));
        plot->moveValue(16);
        QCOMPARE(figure("model.empty.kept"), kept);
    }

private:
    template <class Widget>
    Widget* find(const char* name) const
    {
        auto* widget = m_page->findChild<Widget*>(QLatin1String(name));
        Q_ASSERT(widget);
        return widget;
    }

    std::unique_ptr<QTemporaryDir> m_home;
    std::unique_ptr<Services> m_services;
    std::unique_ptr<ModelPage> m_page;
};

QTEST_MAIN(TestFirstScreen)
#include "tst_first_screen.moc"
