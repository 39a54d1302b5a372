// SPDX-License-Identifier: GPL-3.0-or-later
// The page of the data: empty, columns chosen by hand, a row on its way to the loss, the cut by keys, checks.
#include "tests/core/model/encoder_folder.h"
#include "tests/ui/pages/page_bench.h"
#include "ui/pages/data/column_list.h"
#include "ui/pages/data/data_page.h"
#include "ui/pages/data/length_plot.h"
#include "ui/pages/data/row_card.h"
#include "ui/widgets/segmented_control.h"

#include <QComboBox>
#include <QDir>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTextEdit>

#include <algorithm>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

class TestDataPage : public tests::PageBench<DataPage> {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        beginTests("tst_data_page");
        if (!QDir(QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama")).exists()) {
            QSKIP("shared/golden is not there");
        }
    }
    void init()
    {
        beginFolder();
        openPage({1300, 800});
    }
    void cleanup() { endTest(); }

    void isEmpty_untilDataAreOpen()
    {
        QVERIFY(child<QPushButton>("data.empty.button")->isVisible());
        m_bench->data.open(write("rows.jsonl", R"({"question": "Two?", "answer": "4"})"));
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.head() && !m_bench->data.isRunning(), hangMs());
        QTRY_VERIFY_WITH_TIMEOUT(!child<QPushButton>("data.empty.button")->isVisible(), hangMs());
        QTRY_VERIFY_WITH_TIMEOUT(
            child<QTextEdit>("data.row.file")->toPlainText().contains(QStringLiteral("Two?")),
            hangMs());
        QVERIFY(!child<QPushButton>("data.train")->isEnabled()); // no model yet
    }

    void columnsAreChosenByHand()
    {
        openModel();
        m_bench->data.open(
            write("rows.csv", "topic,reply\nWhat is two?,Two it is.\nAnd three?,No\n"));
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.failure() != nullptr, hangMs());
        auto* topic = child<QComboBox>("data.column.0");
        QTRY_VERIFY_WITH_TIMEOUT(topic->isVisible(), hangMs());
        choose(*topic, "instruction");
        QVERIFY(child<QLabel>("data.columns.note")->property("problem").toBool());
        choose(*child<QComboBox>("data.column.1"), "output");
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.tokenized() != nullptr, hangMs());
        QCOMPARE(m_bench->data.tokenized()->examples.size(), std::size_t {2});
        QTRY_VERIFY_WITH_TIMEOUT(child<QTextEdit>("data.row.read")
                                     ->toPlainText()
                                     .contains(QStringLiteral("### Response:")),
                                 hangMs());
        QTRY_VERIFY_WITH_TIMEOUT(child<QPushButton>("data.train")->isEnabled(), hangMs());
        QSignalSpy goes(m_page.get(), &Page::go);
        child<QPushButton>("data.train")->click();
        QCOMPARE(goes.size(), 1);
        // A role is one column's.
        choose(*topic, "output");
        QCOMPARE(child<QComboBox>("data.column.1")->currentIndex(), 0);
        child<QPushButton>("data.columns.byName")->click();
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.failure() != nullptr, hangMs());
    }

    void cutIsMovedByKeys_andStrikesOut()
    {
        openModel();
        m_bench->data.open(QStringLiteral(PISSARRO_SOURCE "/resources/demo/demo_train.jsonl"));
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.tokenized() != nullptr, hangMs());
        auto* plot = child<LengthPlot>("data.lengths");
        QTRY_VERIFY_WITH_TIMEOUT(plot->tableRows() > 1, hangMs());
        const std::int64_t longest = m_bench->data.lengths().longest;
        QTest::keyClick(plot, Qt::Key_End);
        QCOMPARE(m_bench->data.maxLength(), longest);
        QTRY_COMPARE_WITH_TIMEOUT(child<QSpinBox>("data.maxLength")->value(), longest, hangMs());
        QTest::keyClick(plot, Qt::Key_Left);
        QVERIFY(m_bench->data.maxLength() < longest);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.cost().cut.cut > 0, hangMs());
        const core::Example example = *std::max_element(
            m_bench->data.whole()->examples.begin(), m_bench->data.whole()->examples.end(),
            [](const auto& a, const auto& b) { return a.ids.size() < b.ids.size(); });
        const auto parts =
            readParts(example, *m_bench->model.tokenizer(), m_bench->data.maxLength());
        QVERIFY(!parts.first().counted && !parts.first().cut);
        QVERIFY(parts.last().counted && parts.last().cut);
        QVERIFY(plot->movedValue().has_value());
        plot->moveValue(40.0);
        QCOMPARE(m_bench->data.maxLength(), 40);
    }

    // Of a model that sorts texts: other roles, no template, and no token that counts.
    void textsWithLabels_areShownAsSuch()
    {
        const std::string folder = m_folder->filePath(QStringLiteral("encoder")).toStdString();
        m_bench->model.open(QString::fromStdString(test::writeEncoder(folder, {"other", "same"})));
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files() != nullptr, hangMs());
        m_bench->data.open(write(
            "pairs.jsonl", "{\"a\": \"w5\", \"sentence2\": \"w6 w7\", \"label\": \"same\"}\n"));
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.failure() != nullptr, hangMs());
        auto* first = child<QComboBox>("data.column.0");
        QTRY_VERIFY_WITH_TIMEOUT(first->isVisible(), hangMs());
        QCOMPARE(first->findData(QStringLiteral("output")), -1);
        QVERIFY(child<QLabel>("data.columns.note")->property("problem").toBool());
        QVERIFY(!child<SegmentedControl>("data.template")->isVisible());
        choose(*first, "text");
        choose(*child<QComboBox>("data.column.1"), "pair");
        choose(*child<QComboBox>("data.column.2"), "label");
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.tokenized() != nullptr, hangMs());
        QTRY_VERIFY_WITH_TIMEOUT(
            child<QLabel>("data.row.counts")->text().contains(QStringLiteral("label same")),
            hangMs());
        QTRY_VERIFY_WITH_TIMEOUT(!child<QLabel>("data.totals")->text().isEmpty(), hangMs());
        QVERIFY(!child<QLabel>("data.totals")->text().contains(QStringLiteral("count for")));
        QVERIFY(!child<QPushButton>("data.testSet")->isVisible());
    }

    void checksShowTheirRows()
    {
        openModel();
        m_bench->data.open(write("rows.jsonl",
                                 "{\"question\": \"a\", \"answer\": \"b\"}\nno row\n"
                                 "{\"question\": \"a\", \"answer\": \"b\"}\n"
                                 "{\"question\": \"c\", \"answer\": \"\"}\n"));
        auto* checks = child<QListWidget>("data.checks");
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.checks().has_value(), hangMs());
        QTRY_VERIFY_WITH_TIMEOUT(checks->count() >= 7, hangMs());
        QVERIFY(child<QPushButton>("data.badRows")->isVisible());
        auto* found = child<QListWidget>("data.found");
        checks->setCurrentRow(0);
        QCOMPARE(found->count(), 1);
        QVERIFY(found->item(0)->text().contains(QStringLiteral("not JSON")));
        checks->setCurrentRow(3); // repeated
        QCOMPARE(found->count(), 1);
        QCOMPARE(found->item(0)->data(Qt::UserRole).toInt(), 3);
        Q_EMIT found->itemActivated(found->item(0));
        QTRY_COMPARE_WITH_TIMEOUT(child<RowCard>("data.row")->example(), 1, hangMs());
    }

private:
    QString write(const char* name, const char* text) const
    {
        const QString path = m_folder->filePath(QLatin1String(name));
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(text) < 0) {
            qFatal("cannot write");
        }
        return path;
    }
    void openModel()
    {
        m_bench->model.open(QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama"));
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.tokenizer() != nullptr, hangMs());
    }
    // As a person does.
    static void choose(QComboBox& box, const char* role)
    {
        const int index = box.findData(QString::fromUtf8(role));
        QVERIFY(index >= 0);
        box.setCurrentIndex(index);
        Q_EMIT box.activated(index);
    }
};

QTEST_MAIN(TestDataPage)
#include "tst_data_page.moc"
