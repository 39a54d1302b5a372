// SPDX-License-Identifier: GPL-3.0-or-later
// Rows read and tokenized: with and without a model, a tokenizer, a file; and again when the model or a length changes.
#include "tests/core/model/encoder_folder.h"
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/services/data.h"

#include <QDir>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

const QString kRows = QStringLiteral(PISSARRO_SOURCE "/resources/demo/demo_train.jsonl");

OpenedModel tiny(const std::string& name)
{
    OpenedModel opened;
    opened.files = core::ModelFiles::open(PISSARRO_SHARED "/golden/tiny/" + name);
    opened.tokenizer = core::openTokenizer(opened.files->path());
    return opened;
}

// As Model does.
void give(Data& data, const OpenedModel& opened)
{
    data.takeModel(opened);
    data.tellWhatIsGone();
}

bool isReady(const Data& data)
{
    return std::holds_alternative<Ready>(data.state());
}

} // namespace

class TestDataService : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        if (!QDir(QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama")).exists()) {
            QSKIP("shared/golden is not there");
        }
    }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void rowsWaitForAModel_andTokensForBoth()
    {
        Data data;
        data.open(kRows);
        QVERIFY(data.isRunning());
        QTRY_VERIFY_WITH_TIMEOUT(data.head() && !data.isRunning(), hangMs());
        QVERIFY(!data.tokenized() && data.problem().isEmpty());
        give(data, tiny("llama"));
        QTRY_VERIFY_WITH_TIMEOUT(!data.isRunning(), hangMs());
        QVERIFY2(isReady(data), qPrintable(data.problem()));
        QVERIFY(data.tokenized() != nullptr);
    }

    void anotherModel_tokenizesAgain()
    {
        Data data;
        give(data, tiny("llama"));
        data.open(kRows);
        QTRY_VERIFY_WITH_TIMEOUT(!data.isRunning(), hangMs());
        QVERIFY2(isReady(data), qPrintable(data.problem()));
        const auto before = data.tokenized();
        data.takeModel(tiny("qwen2"));
        QVERIFY(!data.tokenized()); // those of the tokenizer before
        data.tellWhatIsGone();
        QTRY_VERIFY_WITH_TIMEOUT(!data.isRunning(), hangMs());
        QVERIFY2(isReady(data), qPrintable(data.problem()));
        QVERIFY(data.tokenized() && data.tokenized() != before);
    }

    void anotherLength_keepsTheOldFiguresInSight()
    {
        Data data;
        give(data, tiny("llama"));
        data.open(kRows);
        QTRY_VERIFY_WITH_TIMEOUT(!data.isRunning(), hangMs());
        QVERIFY2(isReady(data), qPrintable(data.problem()));
        const auto before = data.tokenized();
        const auto shorter = static_cast<int>(data.whole()->summary.longest - 1);
        data.setMaxLength(shorter);
        QVERIFY(data.isRunning() && data.tokenized() == before);
        QTRY_VERIFY_WITH_TIMEOUT(!data.isRunning(), hangMs());
        QVERIFY2(isReady(data), qPrintable(data.problem()));
        QVERIFY(data.tokenized() != before);
        QVERIFY(data.cost().cut.cut > 0);
        QSignalSpy changed(&data, &Data::changed);
        data.setMaxLength(shorter); // the same
        QVERIFY(isReady(data) && changed.isEmpty());
    }

    void columnsChosenByHand_areRead()
    {
        const QTemporaryDir folder;
        const QString table = folder.filePath(QStringLiteral("table.csv"));
        QFile file(table);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("topic,reply\na,b\na,b\nc,\n") > 0);
        file.close();
        Data data;
        give(data, tiny("llama"));
        data.open(table);
        QTRY_VERIFY_WITH_TIMEOUT(data.failure() != nullptr && data.head(), hangMs());
        QVERIFY2(data.problem().contains(QStringLiteral("named by «Columns»")),
                 qPrintable(data.problem()));
        data.setReading({{{"instruction", "topic"}, {"output", "reply"}}});
        QTRY_VERIFY_WITH_TIMEOUT(isReady(data), hangMs());
        QCOMPARE(data.tokenized()->summary.rows, 3);
        data.wantChecks(true);
        QTRY_VERIFY_WITH_TIMEOUT(data.checks().has_value(), hangMs());
        QCOMPARE(data.duplicates()->rows, 1);
        QCOMPARE(data.checks()->emptyAnswers.lines, (std::vector<std::int64_t> {4}));
        QSignalSpy row(&data, &Data::rowRead);
        data.readRow(2);
        QTRY_COMPARE_WITH_TIMEOUT(row.size(), 1, hangMs());
        data.open(kRows); // its columns are others
        QVERIFY(data.reading().columns.empty());
        QTRY_VERIFY_WITH_TIMEOUT(isReady(data), hangMs());
    }

    void fails_withTheFileAndWhy_untilItIsClosed()
    {
        const QTemporaryDir folder;
        const QString broken = folder.filePath(QStringLiteral("broken.jsonl"));
        QFile file(broken);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("not json\n") > 0);
        file.close();
        Data data;
        int told = 0; // that it failed
        connect(&data, &Data::stateChanged, this, [&] { told += data.failure() != nullptr; });
        data.open(broken);
        QTRY_VERIFY_WITH_TIMEOUT(data.failure() != nullptr, hangMs());
        QCOMPARE(data.failure()->what, QStringLiteral("Could not use broken.jsonl"));
        QCOMPARE(data.failure()->file, broken);
        QCOMPARE(data.problem(), data.failure()->why);
        QVERIFY2(data.problem().contains(broken), qPrintable(data.problem()));
        QCOMPARE(told, 1);
        data.close();
        QVERIFY(data.path().isEmpty() && data.problem().isEmpty() && data.failure() == nullptr);
    }

    void aModelWithoutTokenizer_isAProblem_butNoFailure()
    {
        OpenedModel mute = tiny("llama");
        mute.tokenizer.reset();
        mute.tokenizerProblem = QStringLiteral("there is no tokenizer.json");
        Data data;
        give(data, mute);
        data.open(kRows);
        QTRY_VERIFY_WITH_TIMEOUT(data.head() && !data.isRunning(), hangMs());
        QCOMPARE(data.problem(), mute.tokenizerProblem);
        QVERIFY(data.failure() == nullptr);
        data.setPromptTemplate(core::PromptTemplate::Chat);
        QVERIFY(!data.tokenized() && !data.isRunning());
        QCOMPARE(data.problem(), mute.tokenizerProblem);
    }

    void aModelThatSortsTexts_readsTheirLabels()
    {
        const QTemporaryDir folder;
        OpenedModel sorter;
        sorter.files = core::ModelFiles::open(test::writeEncoder(
            folder.filePath(QStringLiteral("model")).toStdString(), {"other", "same"}));
        sorter.tokenizer = core::openTokenizer(sorter.files->path());
        const QString rows = folder.filePath(QStringLiteral("rows.jsonl"));
        test::writeBytes(rows.toStdString(),
                         R"({"text": "w5 w6", "label": "same"})"
                         "\n"
                         R"({"text": "w5 w6", "label": "other"})"
                         "\n");
        Data data;
        give(data, sorter);
        data.wantChecks(true);
        data.open(rows);
        QTRY_VERIFY_WITH_TIMEOUT(isReady(data), hangMs());
        QVERIFY(data.sortsTexts());
        QCOMPARE(data.labels().count, std::int64_t {2});
        QCOMPARE(data.tokenized()->examples.front().target, std::optional<double>(1.0));
        // Checked, too, when the page comes back; questions and answers are not looked for.
        data.wantChecks(false);
        data.wantChecks(true);
        QTRY_VERIFY_WITH_TIMEOUT(data.duplicates() && !data.isChecking(), hangMs());
        QCOMPARE(data.duplicates()->sameQuestion, std::int64_t {1});
        QVERIFY(!data.checks());
        QVERIFY2(data.checksProblem().isEmpty(), qPrintable(data.checksProblem()));
        give(data, tiny("llama"));
        QVERIFY(!data.sortsTexts());
    }

    // No row has room in two tokens: what was made for the length before is no more that of the data.
    void aLengthThatFails_leavesNoTokensOfTheOneBefore()
    {
        Data data;
        give(data, tiny("llama"));
        data.open(kRows);
        QTRY_VERIFY_WITH_TIMEOUT(!data.isRunning(), hangMs());
        QVERIFY2(isReady(data), qPrintable(data.problem()));
        data.setMaxLength(2);
        QTRY_VERIFY_WITH_TIMEOUT(data.failure() != nullptr, hangMs());
        QVERIFY(!data.tokenized() && data.whole());
        data.setMaxLength(500);
        QTRY_VERIFY_WITH_TIMEOUT(isReady(data), hangMs());
        QVERIFY(data.tokenized() != nullptr);
    }
};

QTEST_GUILESS_MAIN(TestDataService)
#include "tst_data.moc"
