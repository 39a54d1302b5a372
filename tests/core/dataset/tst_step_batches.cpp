// SPDX-License-Identifier: GPL-3.0-or-later
// The micro-batches of a step, what the loss counts of them and what an epoch is known by, against small cases by hand; and
// a conversation as its template writes it.
#include "core/dataset/conversation.h"
#include "core/dataset/step_batches.h"
#include "tests/core/tokenizer/tokenizer_files.h"

#include <QTest>

using namespace pissarro;
using core::Batch;
using core::DataCursor;

namespace {

// `count` rows given `rows` at a time; row i holds the tokens i, i + 1, i + 2 and learns the last two.
class Rows : public core::BatchSource {
public:
    Rows(std::int64_t count, std::int64_t rows)
        : m_count(count)
        , m_rows(rows)
    {
    }
    Batch next() override
    {
        if (m_cursor.position >= m_count) {
            m_cursor = {m_cursor.epoch + 1, 0};
        }
        Batch batch;
        batch.length = 3;
        for (; batch.rows < m_rows && m_cursor.position < m_count; ++batch.rows) {
            const std::int64_t first = m_cursor.position++;
            for (std::int64_t t = 0; t < 3; ++t) {
                batch.ids.push_back(first + t);
                batch.labels.push_back(t == 0 ? core::kIgnoreLabel : first + t);
                batch.mask.push_back(1);
            }
        }
        return batch;
    }
    std::int64_t batchesPerEpoch() const override { return (m_count + m_rows - 1) / m_rows; }
    std::int64_t rows() const override { return m_rows; }
    std::int64_t largest(std::int64_t) const override { return 3 * m_rows; }
    DataCursor cursor() const override { return m_cursor; }
    void seek(const DataCursor& cursor) override { m_cursor = cursor; }

private:
    std::int64_t m_count;
    std::int64_t m_rows;
    DataCursor m_cursor;
};

constexpr std::int64_t kNone = core::kIgnoreLabel;

core::RenderedConversation rendered(const test::Scratch& folder, const std::string& chatTemplate,
                                    const char* request)
{
    const auto tokenizer = openJson(folder, test::smallTokenizer(), {{"bos_token", "<s>"}});
    return core::renderConversation(chatTemplate, *tokenizer,
                                    nlohmann::ordered_json::parse(request));
}

} // namespace

class TestStepBatches : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // A label counts where the token before it is shown: logits of position t answer label t + 1.
    void counts_whatTheLossSees_data()
    {
        QTest::addColumn<QList<qint64>>("labels");
        QTest::addColumn<QList<qint64>>("mask");
        QTest::addColumn<qint64>("counted");
        QTest::newRow("the first label has no token before it")
            << QList<qint64> {7, 8, 9, 7, 8, 9} << QList<qint64>(6, 1) << qint64 {4};
        QTest::newRow("a prompt") << QList<qint64> {kNone, kNone, 9, kNone, 8, 9}
                                  << QList<qint64>(6, 1) << qint64 {3};
        QTest::newRow("padding") << QList<qint64> {7, 8, kNone, 7, kNone, kNone}
                                 << QList<qint64> {1, 1, 0, 1, 0, 0} << qint64 {1};
        QTest::newRow("a label behind padding")
            << QList<qint64> {7, 8, 9, 7, 8, 9} << QList<qint64> {1, 0, 0, 0, 0, 0} << qint64 {1};
        QTest::newRow("nothing") << QList<qint64>(6, kNone) << QList<qint64>(6, 1) << qint64 {0};
    }
    void counts_whatTheLossSees()
    {
        QFETCH(QList<qint64>, labels);
        QFETCH(QList<qint64>, mask);
        QFETCH(qint64, counted);
        Batch batch {2, 3, std::vector<std::int64_t>(6, 1), {}, {}};
        batch.labels.assign(labels.begin(), labels.end());
        batch.mask.assign(mask.begin(), mask.end());
        QCOMPARE(qint64 {countedTokens(batch)}, counted);
    }

    // 7 rows, 2 a time, 3 times a step: 2 2 2, then what is left of the epoch, then the next one.
    void aStep_endsWithItsEpoch()
    {
        Rows source(7, 2);
        const auto rowsOf = [&] {
            std::vector<std::int64_t> rows;
            for (const Batch& batch : nextStep(source, 3)) {
                rows.push_back(batch.rows);
            }
            return rows;
        };
        const std::vector<std::int64_t> whole {2, 2, 2};
        const std::vector<std::int64_t> rest {1};
        QVERIFY(rowsOf() == whole);
        QVERIFY(rowsOf() == rest);
        QVERIFY(rowsOf() == whole);
        QCOMPARE(source.cursor().epoch, 1);
        Rows one(4, 2);
        QCOMPARE(nextStep(one, 2).size(), 2U); // the epoch's end, exactly
        QCOMPARE(nextStep(one, 1).size(), 1U);
        QCOMPARE(one.cursor().epoch, 1);
    }

    void anEpoch_isKnownByWhatItHolds()
    {
        Rows source(6, 2);
        source.next();
        const std::string print = epochFingerprint(source);
        QCOMPARE(source.cursor().position, 0); // at its start again
        Rows same(6, 2);
        QCOMPARE(epochFingerprint(same), print);
        Rows longer(7, 2);
        QVERIFY(epochFingerprint(longer) != print);
        Rows wider(6, 3); // the same rows in other micro-batches
        QVERIFY(epochFingerprint(wider) != print);
    }

    // By hand: a b c ab abc are the pieces, <s> is put in by the template, and only the answer is learned.
    void aConversation_isWrittenAndMasked()
    {
        const test::Scratch scratch;
        const std::string chat =
            "{{ bos_token }}{% for m in messages %}{% if m.role == 'assistant' %}"
            "{% generation %}{{ m.content }}</s>{% endgeneration %}"
            "{% else %}{{ m.content }}{% endif %}{% endfor %}";
        const auto seen = rendered(scratch, chat,
                                   R"([{"role": "user", "content": "ab"},
                                       {"role": "assistant", "content": "abc"}])");
        QCOMPARE(seen.text, std::string("<s>ababc</s>"));
        const test::Ids ids {5, 3, 4, 6};
        QVERIFY(seen.ids == ids);
        const std::vector<bool> learned {false, false, true, true};
        QVERIFY2(seen.learned == learned, seen.whyNoMask.c_str());
        QVERIFY(seen.whyNoMask.empty());
    }

    void aConversation_mayNameItsVariables()
    {
        const test::Scratch scratch;
        const auto seen =
            rendered(scratch, "{{ bos_token }}{{ messages[0].content }}{{ letter }}",
                     R"({"messages": [{"role": "user", "content": "a"}], "letter": "c",
                                       "special_tokens": {"bos_token": "</s>"}})");
        QCOMPARE(seen.text, std::string("</s>ac"));
        const test::Ids ids {6, 0, 2};
        QVERIFY(seen.ids == ids);
    }

    void refuses_whatIsNoConversation_data()
    {
        QTest::addColumn<QString>("chat");
        QTest::addColumn<QString>("request");
        QTest::addColumn<QString>("says");
        const QString chat = "{{ messages }}";
        QTest::newRow("no template") << QString() << QString("[]") << QString("no chat template");
        QTest::newRow("a number") << chat << QString("3") << QString("the messages are a number");
        QTest::newRow("no messages")
            << chat << QString(R"({"tools": []})") << QString("the messages are an object");
        QTest::newRow("a flag") << chat
                                << QString(R"({"messages": [], "add_generation_prompt": 1})")
                                << QString("\"add_generation_prompt\" is a number");
        QTest::newRow("the time") << chat << QString(R"({"messages": [], "now": 5})")
                                  << QString("\"now\" is a number");
        QTest::newRow("special tokens")
            << chat << QString(R"({"messages": [], "special_tokens": []})")
            << QString("\"special_tokens\" is a list");
    }
    void refuses_whatIsNoConversation()
    {
        QFETCH(QString, chat);
        QFETCH(QString, request);
        QFETCH(QString, says);
        const test::Scratch scratch;
        const auto error = test::errorOf(
            [&] { rendered(scratch, chat.toStdString(), request.toUtf8().constData()); });
        QVERIFY(error && error->kind() == core::ErrorKind::Format);
        QVERIFY2(QString(error->what()).contains(says), error->what());
    }
};

QTEST_GUILESS_MAIN(TestStepBatches)
#include "tst_step_batches.moc"
