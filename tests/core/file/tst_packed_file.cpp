// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/file/mapped_file.h"
#include "core/file/packed_file.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <zlib.h>

using namespace pissarro;
using test::complaint;
using test::errorOf;

namespace {

std::string gzipped(const std::string& text)
{
    z_stream stream {};
    constexpr int kGzip = 16 + MAX_WBITS;
    if (::deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        return {};
    }
    std::string out(::deflateBound(&stream, text.size()) + 64, '\0');
    std::string in = text;
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    ::deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    return out;
}

std::string textOf(const core::UnpackedFile& file)
{
    const auto bytes = file.file->bytes();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

} // namespace

class PackedFileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void maps_whatIsNotPacked()
    {
        const test::Scratch scratch;
        test::writeBytes(scratch / "a", "text");
        const auto file = core::openUnpacked(scratch / "a", {}, 2);
        QCOMPARE(file.packing, core::Packing::None);
        QVERIFY(file.isWhole);
        QCOMPARE(textOf(file), std::string("text"));
    }

    void unpacks_moreThanABuffer()
    {
        const test::Scratch scratch;
        std::string text;
        for (int i = 0; i < 400'000; ++i) {
            text += std::to_string(i) + "\n";
        }
        test::writeBytes(scratch / "a.gz", gzipped(text) + std::string(512, '\0')); // as tapes end
        const auto file = core::openUnpacked(scratch / "a.gz");
        QCOMPARE(file.packing, core::Packing::Gzip);
        QVERIFY(textOf(file) == text);
        const auto some = core::openUnpacked(scratch / "a.gz", {}, 1'500'000);
        QVERIFY(!some.isWhole);
        QVERIFY(textOf(some) == text.substr(0, 1'500'000));
    }

    void refuses_tornOnes()
    {
        const test::Scratch scratch;
        const std::string whole = gzipped("some text that is packed");
        for (const std::size_t size : {std::size_t {3}, std::size_t {12}, whole.size() - 1}) {
            test::writeBytes(scratch / "a.gz", whole.substr(0, size));
            const auto error = errorOf([&] { core::openUnpacked(scratch / "a.gz"); });
            QCOMPARE(complaint(error, scratch / "a.gz", "torn"), QString());
        }
        std::string wrong = whole;
        wrong[wrong.size() - 6] = static_cast<char>(wrong[wrong.size() - 6] ^ 1); // of its checksum
        test::writeBytes(scratch / "a.gz", wrong + "text behind it");
        QVERIFY(errorOf([&] { core::openUnpacked(scratch / "a.gz"); }));
    }

    void takes_whatIsPackedVeryWell()
    {
        const test::Scratch scratch;
        // A thousandfold, as gzip packs zeros: nothing is thought of it below 256 MB.
        test::writeBytes(scratch / "a.gz", gzipped(std::string(8U << 20U, '\0')));
        QCOMPARE(core::openUnpacked(scratch / "a.gz").file->bytes().size(),
                 std::size_t {8U << 20U});
    }

    void stops_whenAsked()
    {
        const test::Scratch scratch;
        test::writeBytes(scratch / "a.gz", gzipped(std::string(1U << 20U, 'a')));
        std::stop_source stop;
        stop.request_stop();
        QVERIFY_THROWS_EXCEPTION(
            core::Cancelled,
            core::openUnpacked(scratch / "a.gz", core::JobContext(stop.get_token())));
    }
};

QTEST_GUILESS_MAIN(PackedFileTest)
#include "tst_packed_file.moc"
