// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/batches.h"
#include "core/dataset/shuffle_p.h"
#include "core/format/safetensors.h"
#include "tests/core/tokenizer/tokenizer_files.h"

#include <QTest>

#include <algorithm>
#include <numeric>

using namespace pissarro;
using core::Batch;
using test::errorOf;

namespace {

// Example i has i % 4 + 2 tokens, all of them i, the first one the prompt's.
std::shared_ptr<const core::TokenizedData> numbered(std::int32_t count)
{
    auto data = std::make_shared<core::TokenizedData>();
    for (std::int32_t i = 0; i < count; ++i) {
        data->examples.push_back(
            {i, test::Ids(static_cast<std::size_t>(i % 4 + 2), i), 1, false, {}});
    }
    return data;
}

bool operator==(const Batch& a, const Batch& b)
{
    return a.rows == b.rows && a.length == b.length && a.ids == b.ids && a.labels == b.labels
        && a.mask == b.mask;
}

// input_ids, labels and attention_mask of one dtype, [2, 1, 4] unless said.
std::string batchFile(const std::string& dtype, const std::vector<std::int64_t>& mask,
                      const test::json& maskShape = {2, 1, 4})
{
    std::string data;
    const auto value = [&](std::int64_t v) {
        dtype == "I32" ? test::put(data, static_cast<std::int32_t>(v)) : test::put(data, v);
    };
    for (std::int64_t i = 0; i < 16; ++i) {
        value(i < 8 ? i : i == 8 ? -100 : i - 8);
    }
    const std::size_t half = data.size() / 2;
    for (const std::int64_t v : mask) {
        value(v);
    }
    const auto entry = [&](const test::json& shape, std::size_t begin, std::size_t end) {
        return test::json {{"dtype", dtype}, {"shape", shape}, {"data_offsets", {begin, end}}};
    };
    const test::json header = {{"input_ids", entry({2, 1, 4}, 0, half)},
                               {"labels", entry({2, 1, 4}, half, 2 * half)},
                               {"attention_mask", entry(maskShape, 2 * half, data.size())}};
    return test::safetensorsBytes(header.dump(), data);
}

} // namespace

class BatchesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void equals_theReferenceOnGsm8k()
    {
        const test::fs::path golden = test::kGolden / "smollm2_batches.safetensors";
        const test::fs::path data = PISSARRO_SHARED "/data/gsm8k_train.jsonl";
        if (!test::fs::exists(golden) || !test::fs::exists(data)
            || !test::fs::exists(test::kSmolLm2)) {
            QSKIP("the golden batches, GSM8K or the demo model (./dev fetches it) are not here");
        }
        const auto tokenizer = core::openTokenizer(test::kSmolLm2);
        const core::DataFile file = core::readDataFile(data, core::PromptTemplate::Alpaca, nullptr);
        QCOMPARE(file.rows.size(), 7473U);
        const auto tensors = core::SafetensorsFile::open(golden);
        const auto source = core::fileBatches(golden);
        QCOMPARE(source->batchesPerEpoch(), 20);
        std::vector<std::int64_t> rows(40);
        std::memcpy(rows.data(), tensors.at("row").data, 320);
        for (std::size_t step = 0; step < 20; ++step) {
            // The two rows of the step, batched by us: any order of two is one of the shuffles.
            auto pair = std::make_shared<core::TokenizedData>();
            for (const std::size_t i : {2 * step, 2 * step + 1}) {
                const auto row = static_cast<std::size_t>(rows[i]);
                pair->examples.push_back(
                    core::makeExample(file.rows[row], rows[i], *tokenizer, 256));
            }
            if (core::shuffledOrder(2, 1, 0)[0] == 1) {
                std::swap(pair->examples[0], pair->examples[1]);
            }
            const Batch ours = core::shuffledBatches(pair, 2, 1, tokenizer->padId())->next();
            const Batch theirs = source->next();
            QVERIFY2(ours == theirs, qPrintable(QString::number(step)));
            QCOMPARE(core::batchHash({ours}), core::batchHash({theirs}));
        }
    }

    void givesEveryExample_onceAnEpoch()
    {
        const auto source = core::shuffledBatches(numbered(10), 4, 7, 99);
        QCOMPARE(source->batchesPerEpoch(), 3);
        std::vector<std::vector<std::int64_t>> orders;
        for (std::int64_t epoch = 0; epoch < 3; ++epoch) {
            std::vector<std::int64_t> order;
            for (const std::int64_t expectedRows : {4, 4, 2}) {
                const Batch batch = source->next();
                QCOMPARE(batch.rows, expectedRows);
                for (std::int64_t row = 0; row < batch.rows; ++row) {
                    order.push_back(batch.ids[static_cast<std::size_t>(row * batch.length)]);
                }
                QCOMPARE(source->cursor().epoch, epoch);
                QCOMPARE(source->cursor().position, static_cast<std::int64_t>(order.size()));
            }
            orders.push_back(order);
            std::sort(order.begin(), order.end());
            std::vector<std::int64_t> all(10);
            std::iota(all.begin(), all.end(), 0);
            QCOMPARE(order, all);
        }
        QVERIFY(orders[0] != orders[1] && orders[1] != orders[2]);
    }

    void pads_toTheLongestRow()
    {
        const Batch batch = core::shuffledBatches(numbered(4), 4, 0, 99)->next();
        QCOMPARE(batch.length, 5);
        QCOMPARE(batch.tokens(), 2 + 3 + 4 + 5);
        for (std::int64_t row = 0; row < 4; ++row) {
            const auto at = static_cast<std::size_t>(row * 5);
            const std::int64_t example = batch.ids[at];
            for (std::size_t i = 0; i < 5; ++i) {
                const bool real = static_cast<std::int64_t>(i) < example + 2;
                QCOMPARE(batch.ids[at + i], real ? example : 99);
                QCOMPARE(batch.mask[at + i], real ? 1 : 0);
                QCOMPARE(batch.labels[at + i], real && i > 0 ? example : core::kIgnoreLabel);
            }
        }
    }

    void knows_itsLargestBatchBeforehand()
    {
        auto data = std::make_shared<core::TokenizedData>();
        std::vector<std::int32_t> lengths;
        for (int i = 0; i < 23; ++i) {
            core::Example example;
            example.ids.assign(static_cast<std::size_t>(1 + (i * 5) % 11), 3);
            lengths.push_back(static_cast<std::int32_t>(example.ids.size()));
            data->examples.push_back(example);
        }
        for (const std::int64_t batches : {1, 3, 6, 100}) {
            const auto source = core::shuffledBatches(data, 4, 5, 0);
            std::int64_t most = 0;
            for (std::int64_t i = 0; i < std::min<std::int64_t>(batches, 6); ++i) {
                most = std::max(most, source->next().tokens());
            }
            QCOMPARE(core::largestBatch(lengths, 4, 5, batches), most);
            QCOMPARE(source->largest(batches), most);
        }
        QCOMPARE(core::largestBatch({}, 4, 5, 1), 0);
    }

    void goesOn_whereTheCursorStood()
    {
        const auto data = numbered(11);
        const auto first = core::shuffledBatches(data, 3, 42, 0);
        for (int i = 0; i < 6; ++i) {
            first->next();
        }
        const auto second = core::shuffledBatches(data, 3, 42, 0);
        second->seek(first->cursor());
        for (int i = 0; i < 9; ++i) {
            QVERIFY(first->next() == second->next());
        }
        QVERIFY(errorOf([&] { second->seek({0, 12}); }));
        QVERIFY(errorOf([&] { second->seek({-1, 0}); }));
        const auto other = core::shuffledBatches(data, 3, 43, 0);
        QVERIFY(!(other->next() == core::shuffledBatches(data, 3, 42, 0)->next()));
    }

    // The order is part of what a seed means: it may never change. Computed by
    // tests/tools/shuffle_reference.py.
    void shuffles_asDocumented()
    {
        QCOMPARE(core::shuffledOrder(8, 0, 0),
                 (std::vector<std::uint32_t> {2, 4, 6, 5, 1, 0, 3, 7}));
        QCOMPARE(core::shuffledOrder(8, 0, 1),
                 (std::vector<std::uint32_t> {2, 4, 3, 7, 5, 0, 1, 6}));
        QCOMPARE(core::shuffledOrder(8, 42, 0),
                 (std::vector<std::uint32_t> {1, 7, 3, 5, 6, 4, 2, 0}));
        QVERIFY(core::shuffledOrder(0, 1, 1).empty());
        QCOMPARE(core::shuffledOrder(1, 1, 1), (std::vector<std::uint32_t> {0}));
    }

    void reads_aFileOverAndOver()
    {
        const test::Scratch scratch;
        for (const char* dtype : {"I64", "I32"}) {
            test::writeBytes(scratch / "b.safetensors", batchFile(dtype, {1, 1, 1, 0, 1, 0, 0, 0}));
            const auto source = core::fileBatches(scratch / "b.safetensors");
            QCOMPARE(source->batchesPerEpoch(), 2);
            const Batch first = source->next();
            QCOMPARE(first.length, 3); // the last column is padding in every row
            QCOMPARE(first.ids, (std::vector<std::int64_t> {0, 1, 2}));
            QCOMPARE(first.labels, (std::vector<std::int64_t> {-100, 1, 2}));
            const Batch second = source->next();
            QCOMPARE(second.ids, (std::vector<std::int64_t> {4}));
            QCOMPARE(source->cursor().position, 2);
            QVERIFY(source->next() == first);
            QCOMPARE(source->cursor().epoch, 1);
            source->seek({0, 1});
            QVERIFY(source->next() == second);
        }
    }

    void refuses_filesThatAreNoBatches()
    {
        const test::Scratch scratch;
        const test::fs::path path = scratch / "b.safetensors";
        const auto refusal = [&](const std::string& bytes, const char* says) {
            test::writeBytes(path, bytes);
            return test::complaint(errorOf([&] { core::fileBatches(path)->next(); }), path, says);
        };
        QCOMPARE(refusal(batchFile("F64", {1, 1, 1, 1, 1, 1, 1, 1}), "F64"), QString());
        QCOMPARE(refusal(batchFile("I64", {1, 1, 1, 1}, {1, 1, 4}), "[1, 1, 4]"), QString());
        QCOMPARE(refusal(batchFile("I64", {1, 1, 1, 1, 1, 1, 1, 1}, {2, 4}), "[2, 4]"), QString());
        QCOMPARE(refusal(batchFile("I64", {0, 0, 0, 0, 1, 1, 1, 1}), "all padding"), QString());
        QCOMPARE(refusal(test::safetensorsBytes("{}", ""), "input_ids"), QString());
        QVERIFY(errorOf([&] { core::shuffledBatches(numbered(2), 0, 0, 0); }));
        QVERIFY(errorOf([&] { core::shuffledBatches(numbered(0), 1, 0, 0); }));
    }

    // 64-bit FNV-1a; the value is computed by tests/tools/shuffle_reference.py.
    void hashes_idsAndShape()
    {
        const Batch a {1, 2, {5, 6}, {}, {}};
        const Batch turned {2, 1, {5, 6}, {}, {}};
        QCOMPARE(core::batchHash({a}), std::string("a573fcc30207d565"));
        QVERIFY(core::batchHash({a}) != core::batchHash({turned}));
        QVERIFY(core::batchHash({a, turned}) != core::batchHash({turned, a}));
    }
};

QTEST_GUILESS_MAIN(BatchesTest)
#include "tst_batches.moc"
