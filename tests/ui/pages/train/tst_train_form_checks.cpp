// SPDX-License-Identifier: GPL-3.0-or-later
// What the training form refuses, and what it says under the fields.
#include "tests/ui/pages/train/train_form_bench.h"
#include "ui/pages/train/train_form.h"

#include <QAbstractButton>
#include <QDir>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>

using namespace pissarro;
using namespace pissarro::tests;
using namespace pissarro::ui;

class TestTrainFormChecks : public TrainFormBench {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { beginTests(); }
    void cleanup() { endTest(); }

    // A device that this machine lacks is kept and refused by name; nothing is trained in its place.
    void anUnknownDevice_isRefusedByName()
    {
        TrainForm form;
        const core::DatasetSummary summary = someRows();
        form.setModel(m_model);
        core::RunSpec spec = form.spec();
        spec.data = "rows.jsonl";
        spec.device = "cuda:77";
        form.setSpec(spec);
        form.setData(QStringLiteral("rows.jsonl"), &summary, {});
        QCOMPARE(form.spec().device, std::string("cuda:77"));
        QVERIFY2(form.problem().contains(QStringLiteral("cuda:77")), qPrintable(form.problem()));
        spec.device = "cpu";
        form.setSpec(spec);
        QCOMPARE(form.problem(), QString());
    }

    // A rank map whose entries name nothing that trains is refused; one with some such entries says how many.
    void aRankMapThatNamesNothing_isRefused()
    {
        TrainForm form;
        const core::DatasetSummary summary = someRows();
        form.setModel(m_model);
        core::RunSpec spec = form.spec();
        spec.data = "rows.jsonl";
        spec.patterns.ranks = {{"z_proj", 4}};
        form.setSpec(spec);
        form.setData(QStringLiteral("rows.jsonl"), &summary, {});
        QVERIFY2(form.problem().contains(QStringLiteral("names no module")),
                 qPrintable(form.problem()));
        spec.patterns.ranks = {{"z_proj", 4}, {"q_proj", 2}};
        form.setSpec(spec);
        QCOMPARE(form.problem(), QString());
        QVERIFY(says(form, QStringLiteral("1 entry of the rank map names no module")));
    }

    void saysWhenABatchOrARow_isLongerThanThereIs()
    {
        TrainForm form;
        const core::DatasetSummary summary = someRows();
        form.setModel(m_model);
        form.setData(QStringLiteral("rows.jsonl"), &summary, {});
        child<QSpinBox>(form, "train.batch")->setValue(9999);
        QVERIFY(says(form, QStringLiteral("more than the 98 rows")));
        const auto context = static_cast<int>(m_model->config().maxPositions);
        QVERIFY(context > 0);
        child<QSpinBox>(form, "train.maxLength")->setValue(context + 1);
        QVERIFY(says(form, QStringLiteral("the model was made for")));
    }

    void saysWhatIsWrongUnderTheField_data()
    {
        QTest::addColumn<QByteArray>("field");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("part");
        QTest::newRow("rank above the smaller side")
            << QByteArray("train.rank") << QStringLiteral("65") << QStringLiteral("at most 64");
        QTest::newRow("rate no number") << QByteArray("train.rate") << QStringLiteral("fast")
                                        << QStringLiteral("must be a number");
        QTest::newRow("rate too high") << QByteArray("train.rate") << QStringLiteral("2")
                                       << QStringLiteral("above 0 and at most 1, found 2");
        QTest::newRow("alpha") << QByteArray("train.alpha") << QStringLiteral("-1")
                               << QStringLiteral("above 0");
        QTest::newRow("length") << QByteArray("train.length") << QStringLiteral("0")
                                << QStringLiteral("above 0");
        QTest::newRow("an advanced field opens the disclosure")
            << QByteArray("train.clip") << QStringLiteral("-3") << QStringLiteral("at least 0");
        QTest::newRow("seed") << QByteArray("train.seed") << QStringLiteral("-1")
                              << QStringLiteral("from 0 on");
        QTest::newRow("no such module") << QByteArray("train.module.pattern")
                                        << QStringLiteral("z_proj") << QStringLiteral("z_proj");
        QTest::newRow("nothing chosen by a pattern of braces")
            << QByteArray("train.module.pattern") << QStringLiteral("{") << QStringLiteral("{");
    }

    void saysWhatIsWrongUnderTheField()
    {
        QFETCH(QByteArray, field);
        QFETCH(QString, text);
        QFETCH(QString, part);
        TrainForm form;
        const core::DatasetSummary summary = someRows();
        form.setModel(m_model);
        form.setData(QStringLiteral("rows.jsonl"), &summary, {});
        QCOMPARE(form.problem(), QString());
        auto* widget = child<QWidget>(form, field);
        if (auto* spin = qobject_cast<QSpinBox*>(widget)) {
            spin->setValue(text.toInt());
        } else {
            qobject_cast<QLineEdit*>(widget)->setText(text);
        }
        QVERIFY2(form.problem().contains(part), qPrintable(form.problem()));
        QVERIFY(says(form, part));
        const bool advanced = field == "train.clip" || field == "train.seed";
        QVERIFY(!advanced || child<QAbstractButton>(form, "train.advanced")->isChecked());
    }

    // use.md 19, 20: «2,5» became 25 % and a rank of 70000 became 7000, in silence.
    void takesWhatIsTyped()
    {
        TrainForm form;
        form.setModel(m_model);
        auto* warmup = child<QDoubleSpinBox>(form, "train.warmup");
        warmup->selectAll();
        QTest::keyClicks(warmup, QStringLiteral("2,5"));
        QCOMPARE(form.spec().warmupRatio, 0.025);
        auto* rate = child<QLineEdit>(form, "train.rate");
        rate->setText(QStringLiteral("2,5e-4"));
        QCOMPARE(form.spec().learningRate, 2.5e-4);
        rate->setText(QStringLiteral("2,125"));
        QVERIFY(says(form, QStringLiteral("2,125 can be read as 2.125 or as 2125")));
        rate->setText(QStringLiteral("2e-5"));
        auto* rank = child<QSpinBox>(form, "train.rank");
        rank->selectAll();
        QTest::keyClicks(rank, QStringLiteral("70000"));
        QCOMPARE(form.spec().rank, 70'000);
        QVERIFY(says(form, QStringLiteral("65536")) || says(form, QStringLiteral("65,536")));
        // Nor is a key dropped where it makes no whole number: 2.5 became 25, and «1,5» rows 15.
        rank->selectAll();
        QTest::keyClicks(rank, QStringLiteral("2.5"));
        QVERIFY(says(form, QStringLiteral("must be a whole number, found 2.5")));
        QVERIFY(child<QLineEdit>(form, "train.alpha")->text() != QStringLiteral("99999"));
        rank->setValue(8);
        QVERIFY(!says(form, QStringLiteral("must be a whole number")));
        for (const char* field : {"train.batch", "train.maxLength"}) {
            auto* box = child<QSpinBox>(form, field);
            const int before = box->value();
            box->selectAll();
            QTest::keyClicks(box, QStringLiteral("1,5"));
            QTest::keyClick(box, Qt::Key_Return); // a slow one is read now
            QVERIFY2(says(form, QStringLiteral("must be a whole number, found 1,5")), field);
            box->setValue(before);
            QVERIFY2(!says(form, QStringLiteral("must be a whole number")), field);
        }
    }

    void needsModelAndDataAndAFreshFolder()
    {
        QTemporaryDir folder;
        TrainForm form;
        QVERIFY(form.problem().contains(QStringLiteral("model")));
        form.setModel(m_model);
        QVERIFY(form.problem().contains(QStringLiteral("data file")));
        const core::DatasetSummary summary = someRows();
        form.setData(QStringLiteral("rows.jsonl"), &summary, {});
        QCOMPARE(form.problem(), QString());
        form.setData(QStringLiteral("rows.jsonl"), nullptr, QStringLiteral("line 3 is torn"));
        QVERIFY(form.problem().contains(QStringLiteral("could not be read")));
        form.setData(QStringLiteral("rows.jsonl"), &summary, {});

        QDir(folder.path()).mkpath(QStringLiteral("used/lora"));
        QFile file(folder.filePath(QStringLiteral("used/lora/run.json")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        auto* directory = child<QLineEdit>(form, "train.directory");
        directory->setText(folder.filePath(QStringLiteral("used")));
        directory->setModified(true);
        QTest::keyClick(directory, Qt::Key_Return);
        QCOMPARE(form.problem(), QString()); // until the disk has said so
        form.takeLook(lookAtFolder(form.directoryToLookAt()));
        QVERIFY2(form.problem().contains(QStringLiteral("holds a run already")),
                 qPrintable(form.problem()));
        form.proposeRunDirectory();
        QCOMPARE(form.problem(), QString());
    }
};

QTEST_MAIN(TestTrainFormChecks)
#include "tst_train_form_checks.moc"
