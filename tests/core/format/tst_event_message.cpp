// SPDX-License-Identifier: GPL-3.0-or-later
// What is in TensorBoard's files: each form of a number, and hostile messages. tests/parity/history_parity.py holds it against
// TensorBoard's own.
#include "core/format/event_message.h"
#include "core/format/protobuf.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <bit>
#include <cmath>

using namespace pissarro;
using namespace pissarro::core;

namespace {

// An event of step 7 whose summary holds these values.
std::string eventOf(const std::vector<std::string>& values)
{
    std::string summary;
    for (const std::string& value : values) {
        putBytesField(summary, 1, value);
    }
    std::string message;
    putDoubleField(message, 1, 100.5);
    putVarintField(message, 2, 7);
    putBytesField(message, 5, summary);
    return message;
}

std::string tensorValue(const std::string& tag, const std::string& tensor,
                        const std::string& plugin = {})
{
    std::string value;
    putBytesField(value, 1, tag);
    putBytesField(value, 8, tensor);
    if (!plugin.empty()) {
        std::string name;
        putBytesField(name, 1, plugin);
        std::string metadata;
        putBytesField(metadata, 1, name);
        putBytesField(value, 9, metadata);
    }
    return value;
}

std::string tensorOf(unsigned type, const std::function<void(std::string&)>& number,
                     std::uint64_t side = 0)
{
    std::string tensor;
    putVarintField(tensor, 1, type);
    if (side > 0) {
        std::string dim;
        putVarintField(dim, 1, side);
        std::string shape;
        putBytesField(shape, 2, dim);
        putBytesField(tensor, 2, shape);
    }
    number(tensor);
    return tensor;
}

// The only scalar of a tensor; NaN: there is none.
double numberOf(const std::string& tensor)
{
    EventReader reader;
    const auto event = reader.read(eventOf({tensorValue("x", tensor)}));
    return event && event->scalars.size() == 1 ? event->scalars[0].value : std::nan("");
}

} // namespace

class EventMessageTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void written_readsBack()
    {
        EventReader reader;
        const std::string first = versionMessage(12.5); // what is read lies in it
        const auto version = reader.read(first);
        QVERIFY(version && version->fileVersion == "brain.Event:2" && version->wallTime == 12.5);
        const std::string second = scalarMessage(13.5, 1LL << 40, "train/loss", 0.1);
        const auto scalar = reader.read(second);
        QVERIFY(scalar && scalar->scalars.size() == 1 && !scalar->sessionStart);
        QCOMPARE(scalar->step, 1LL << 40);
        QVERIFY(scalar->scalars[0].tag == "train/loss");
        QCOMPARE(scalar->scalars[0].value, static_cast<double>(0.1F));
        const auto start = reader.read(sessionStartMessage(14.5, 13));
        QVERIFY(start && start->sessionStart && start->step == 13 && start->scalars.empty());
    }

    void tensors_ofOneNumber_areScalars()
    {
        const auto raw = [](auto number) {
            return [number](std::string& tensor) {
                std::string bytes;
                test::put(bytes, number);
                putBytesField(tensor, 4, bytes);
            };
        };
        QCOMPARE(numberOf(tensorOf(1, raw(1.5F))), 1.5);
        QCOMPARE(numberOf(tensorOf(2, raw(-2.25), 1)), -2.25);
        QCOMPARE(numberOf(tensorOf(3, raw(std::int32_t {-7}))), -7.0);
        QCOMPARE(numberOf(tensorOf(9, raw(std::int64_t {1} << 40))), 1099511627776.0);
        QCOMPARE(numberOf(tensorOf(14, raw(std::uint16_t {0x3FC0}))), 1.5);
        QCOMPARE(numberOf(tensorOf(19, raw(std::uint16_t {0x3E00}))), 1.5);
        QCOMPARE(numberOf(tensorOf(1, [](std::string& t) { putFloatField(t, 5, 0.5F); })), 0.5);
        QCOMPARE(numberOf(tensorOf(2, [](std::string& t) { putDoubleField(t, 6, 0.5); })), 0.5);
        const auto packed = [](std::string& tensor) {
            std::string number;
            putVarint(number, static_cast<std::uint64_t>(-7LL));
            putBytesField(tensor, 7, number);
        };
        QCOMPARE(numberOf(tensorOf(3, packed)), -7.0);
        QVERIFY(std::isnan(numberOf(tensorOf(1, raw(1.5))))); // eight bytes for a float
        QVERIFY(std::isnan(numberOf(tensorOf(1, raw(1.5F), 2)))); // the shape of two
        QVERIFY(std::isnan(numberOf(tensorOf(7, raw(1.5F))))); // a string
        QVERIFY(std::isnan(numberOf(tensorOf(1, [](std::string&) {}))));
        const auto two = [](std::string& t) {
            putFloatField(t, 5, 1.0F);
            putFloatField(t, 5, 2.0F);
        };
        QVERIFY(std::isnan(numberOf(tensorOf(1, two))));
    }

    // The plugin is said once for a tag, and holds for what follows.
    void otherPlugins_areNoScalars()
    {
        const std::string one = tensorOf(1, [](std::string& t) { putFloatField(t, 5, 1.0F); });
        EventReader reader;
        const std::string begin =
            eventOf({tensorValue("a", one, "histograms"), tensorValue("b", one, "scalars")});
        const auto first = reader.read(begin);
        QVERIFY(first && first->scalars.size() == 1 && first->scalars[0].tag == "b");
        const std::string more = eventOf({tensorValue("a", one), tensorValue("b", one)});
        const auto later = reader.read(more);
        QVERIFY(later && later->scalars.size() == 1 && later->scalars[0].tag == "b");
    }

    void whatIsNoMessage_isRefused()
    {
        EventReader reader;
        const std::string right = scalarMessage(1.0, 3, "train/loss", 1.0);
        for (std::size_t size = 1; size < right.size(); ++size) {
            const auto event = reader.read(std::string_view(right).substr(0, size));
            QVERIFY(!event || event->scalars.empty());
        }
        std::string negative;
        putVarintField(negative, 2, ~std::uint64_t {0});
        QVERIFY(!reader.read(negative));
        QVERIFY(!reader.read(std::string("\x0b\x0c", 2))); // a group
        QVERIFY(!reader.read(std::string(1, '\0'))); // field 0
        QVERIFY(!reader.read(std::string("\x2a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11)));
        QVERIFY(reader.read("")); // an event of which nothing is told
    }

    void fields_readBack()
    {
        std::string message;
        putVarintField(message, 1, 300);
        putBytesField(message, 2, "text");
        putDoubleField(message, 3, 0.25);
        putFloatField(message, 4, 0.5F);
        QCOMPARE(QByteArray::fromStdString(message.substr(0, 3)), QByteArray("\x08\xac\x02"));
        ProtoReader reader(message);
        ProtoField field;
        QVERIFY(reader.next(field) && field.number == 1 && field.value == 300);
        QVERIFY(reader.next(field) && field.type == ProtoType::Bytes && field.bytes == "text");
        QVERIFY(reader.next(field) && field.type == ProtoType::Fixed64 && field.bytes.size() == 8);
        QVERIFY(reader.next(field) && field.type == ProtoType::Fixed32 && field.bytes.size() == 4);
        QVERIFY(!reader.next(field) && !reader.failed());
    }
};

QTEST_GUILESS_MAIN(EventMessageTest)
#include "tst_event_message.moc"
