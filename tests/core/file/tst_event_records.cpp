// SPDX-License-Identifier: GPL-3.0-or-later
// The framing of TensorBoard's files: known checksums, torn and hostile files. tests/parity/history_parity.py holds it against
// TensorBoard's own.
#include "core/file/event_records.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <algorithm>
#include <bit>
#include <iterator>

using namespace pissarro;
using namespace pissarro::core;

namespace {

std::vector<std::string> dataOf(std::string_view file, EventRecords::End end)
{
    EventRecords records(file);
    std::vector<std::string> found;
    for (std::string_view data; records.next(data);) {
        found.emplace_back(data);
    }
    return records.end() == end ? found : std::vector<std::string> {"another end"};
}

} // namespace

class EventRecordsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // RFC 3720, B.4, and the check value of the catalogue of CRCs.
    void crcs_areCastagnolis()
    {
        std::string rising;
        std::string falling;
        for (char i = 0; i < 32; ++i) {
            rising.push_back(i);
            falling.push_back(static_cast<char>(31 - i));
        }
        QCOMPARE(crc32c(std::string(32, '\0')), 0x8A9136AAU);
        QCOMPARE(crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
        QCOMPARE(crc32c(rising), 0x46DD794EU);
        QCOMPARE(crc32c(falling), 0x113FDB5CU);
        QCOMPARE(crc32c("123456789"), 0xE3069283U);
        QCOMPARE(crc32c(""), 0U);
        QCOMPARE(maskedCrc32c(""), 0xA282EAD8U);
        QCOMPARE(maskedCrc32c("123456789"), std::rotr(0xE3069283U, 15) + 0xA282EAD8U);
    }

    void records_readBack_andTornAtEachByte_theyEnd()
    {
        const std::vector<std::string> data {"one", "", std::string(300, 'x')};
        std::string file;
        std::vector<std::size_t> ends {0};
        for (const std::string& one : data) {
            file += eventRecord(one);
            ends.push_back(file.size());
        }
        for (std::size_t size = 0; size <= file.size(); ++size) {
            const auto behind = std::upper_bound(ends.begin(), ends.end(), size);
            const bool isWhole = *std::prev(behind) == size;
            const std::vector<std::string> wanted(data.begin(),
                                                  data.begin() + (behind - ends.begin() - 1));
            QVERIFY(dataOf(file.substr(0, size),
                           isWhole ? EventRecords::End::None : EventRecords::End::Torn)
                    == wanted);
        }
    }

    void hostileLengths_endTheFile()
    {
        for (const std::uint64_t length : {std::uint64_t {0} - 1, std::uint64_t {1} << 63U,
                                           std::uint64_t {0} - 16, std::uint64_t {100}}) {
            std::string head;
            test::put(head, length);
            std::string file = head;
            test::put(file, maskedCrc32c(head));
            QVERIFY(dataOf(file + "few bytes", EventRecords::End::Torn).empty());
            test::put(head, std::uint32_t {0}); // a length that its checksum denies
            QVERIFY(dataOf(head + "few bytes", EventRecords::End::Damaged).empty());
        }
    }

    void damagedData_isPassedOver()
    {
        const std::string first = eventRecord("first");
        std::string file = first + eventRecord("second") + eventRecord("third");
        file[first.size() + 13] ^= 1;
        EventRecords records(file);
        std::string_view data;
        QVERIFY(records.next(data) && data == "first");
        QVERIFY(records.next(data) && data == "third");
        QVERIFY(!records.next(data));
        QCOMPARE(records.damaged(), 1);
        QVERIFY(records.end() == EventRecords::End::None);
    }
};

QTEST_GUILESS_MAIN(EventRecordsTest)
#include "tst_event_records.moc"
