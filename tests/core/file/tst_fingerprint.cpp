// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/fingerprint.h"
#include "tests/core/file/test_files.h"

#include <QTest>

using namespace pissarro;

class FingerprintTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // Longer than the piece between two looks at the job, and no multiple of it.
    void knowsContent()
    {
        const test::Scratch scratch;
        std::string content((17U << 20U) + 5, 'a');
        test::writeBytes(scratch / "one", content);
        test::writeBytes(scratch / "other name", content);
        const std::string print = core::fileFingerprint(scratch / "one");
        QCOMPARE(core::fileFingerprint(scratch / "other name"), print);
        core::Fingerprint whole;
        whole.add(content.data(), content.size());
        QCOMPARE(whole.text(), print);
        content.back() = 'b';
        test::writeBytes(scratch / "one", content);
        QVERIFY(core::fileFingerprint(scratch / "one") != print);
        content.pop_back();
        test::writeBytes(scratch / "one", content);
        QVERIFY(core::fileFingerprint(scratch / "one") != print);
    }

    void tellsTextsApart_wherePartsMove()
    {
        core::Fingerprint one;
        one.add(std::string_view("ab"));
        one.add(std::string_view("c"));
        core::Fingerprint other;
        other.add(std::string_view("a"));
        other.add(std::string_view("bc"));
        QVERIFY(one.text() != other.text());
        QCOMPARE(one.text().size(), std::size_t {32});
    }

    // A weight file is gigabytes: a stop does not wait for its end.
    void isGivenUp()
    {
        const test::Scratch scratch;
        test::writeBytes(scratch / "file", "content");
        std::stop_source stop;
        stop.request_stop();
        QVERIFY_THROWS_EXCEPTION(
            core::Cancelled,
            core::fileFingerprint(scratch / "file", core::JobContext(stop.get_token())));
    }

    void names_whatIsMissing()
    {
        const test::Scratch scratch;
        const auto error = test::errorOf([&] { core::fileFingerprint(scratch / "none"); });
        QVERIFY(error && error->kind() == core::ErrorKind::Io);
        QVERIFY(std::string(error->what()).find("none") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(FingerprintTest)
#include "tst_fingerprint.moc"
