// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/file/test_files.h"
#include "tests/fuzz/readers.h"
#include "tests/tools/patience.h"

#include <QTest>

#include <algorithm>
#include <random>

using namespace pissarro;
using pissarro::tests::CpuClock;
using pissarro::tests::kSoonS;

namespace {

const test::fs::path kFuzz = PISSARRO_SOURCE "/tests/fuzz";

std::vector<test::fs::path> filesOf(const char* kind, const char* reader)
{
    std::vector<test::fs::path> files;
    std::error_code absent; // a reader without finds has no folder
    for (const auto& entry : test::fs::directory_iterator(kFuzz / kind / reader, absent)) {
        files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

constexpr int kChanges = 300; // of each reader

// One to four changes: a bit, a part that goes or stands twice, what numbers and kinds are confused with. The generator's own
// numbers, not those of a distribution: these differ between libraries.
std::string changed(std::string bytes, std::mt19937& random)
{
    static const std::vector<std::string> kWords {
        "null",    "-1",      "1e308", "9223372036854775807",
        "\"\"",    "[]",      "{}",    "true",
        "0",       "\x1C",    "\n",    "\xFF",
        "\\u0000", "../../a", "1",     "18446744073709551616"};
    for (std::size_t left = 1 + random() % 4; left > 0 && !bytes.empty(); --left) {
        const std::size_t at = random() % bytes.size();
        const std::size_t length = std::min<std::size_t>(1 + random() % 24, bytes.size() - at);
        const std::size_t number = std::min(bytes.find_first_of("0123456789", at), bytes.size());
        const std::string& word = kWords[random() % kWords.size()];
        switch (random() % 6) {
        case 0:
            bytes[at] =
                static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1U << random() % 8));
            break;
        case 1:
            bytes.erase(at, length);
            break;
        case 2:
            bytes.insert(at, bytes.substr(at, length));
            break;
        case 3:
            bytes.insert(at, word);
            break;
        case 4:
            bytes.replace(at, length, word);
            break;
        default: // a number becomes another value
            bytes.replace(number, std::min<std::size_t>(1, bytes.size() - number), word);
            break;
        }
    }
    return bytes;
}

} // namespace

class FuzzFindsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void isReadOrRefused_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<int>("reader");
        QTest::addColumn<bool>("isRight");
        for (int i = 0; i < static_cast<int>(fuzz::readers().size()); ++i) {
            const char* const name = fuzz::readers()[static_cast<std::size_t>(i)].name;
            QVERIFY(!filesOf("seeds", name).empty());
            for (const char* kind : {"seeds", "finds"}) {
                for (const test::fs::path& file : filesOf(kind, name)) {
                    const std::string row =
                        std::string(name) + "/" + kind + "/" + file.filename().string();
                    QTest::newRow(row.c_str()) << QString::fromStdString(file.string()) << i
                                               << file.filename().string().starts_with("right_");
                }
            }
        }
    }

    void isReadOrRefused()
    {
        QFETCH(QString, path);
        QFETCH(int, reader);
        QFETCH(bool, isRight);
        const std::string bytes = test::readBytes(path.toStdString());
        const CpuClock clock;
        try {
            const auto refused = fuzz::readers()[static_cast<std::size_t>(reader)].read(bytes);
            QVERIFY2(!isRight || !refused, refused.value_or("").c_str());
        } catch (const std::exception& e) {
            QFAIL(e.what());
        }
        QVERIFY2(clock.seconds() < kSoonS, qPrintable(QString::number(clock.seconds()) + " s"));
    }

    void isReadOrRefused_howeverItChanges_data()
    {
        QTest::addColumn<int>("reader");
        for (int i = 0; i < static_cast<int>(fuzz::readers().size()); ++i) {
            QTest::newRow(fuzz::readers()[static_cast<std::size_t>(i)].name) << i;
        }
    }

    // The seeds with a few of their bytes others, the same ones each time: what a fuzzer finds within its first moments.
    void isReadOrRefused_howeverItChanges()
    {
        QFETCH(int, reader);
        const fuzz::Reader& one = fuzz::readers()[static_cast<std::size_t>(reader)];
        const std::vector<test::fs::path> seeds = filesOf("seeds", one.name);
        std::mt19937 random(1);
        for (int change = 0; change < kChanges; ++change) {
            const test::fs::path& seed = seeds[static_cast<std::size_t>(change) % seeds.size()];
            const std::string bytes = changed(test::readBytes(seed), random);
            const QString where =
                QString("%1, change %2").arg(QString::fromStdString(seed.string())).arg(change);
            const CpuClock clock;
            try {
                one.read(bytes);
            } catch (const std::exception& e) {
                QFAIL(qPrintable(where + ": " + e.what()));
            }
            QVERIFY2(clock.seconds() < kSoonS, qPrintable(where));
        }
    }

    // Nested as deep as a call stack never is, in every place where a reader looks; longer than inputs that a fuzzer makes.
    void isNoDeeper_thanTheStack_data()
    {
        QTest::addColumn<QByteArray>("text");
        const QByteArray deep = QByteArray(200'000, '[') + QByteArray(200'000, ']');
        const QByteArray objects =
            QByteArray(R"({"a":)").repeated(200'000) + "1" + QByteArray(200'000, '}');
        QTest::newRow("lists") << deep;
        QTest::newRow("objects") << objects;
        for (const char* key :
             {"peft_type", "target_modules", "rank_pattern", "run", "model", "targets", "files",
              "weight_map", "chat_template", "added_tokens_decoder", "normalizer", "rope_scaling",
              "instruction", "__metadata__"}) {
            QTest::newRow(key) << "{\"generator\":\"pissarro\",\"" + QByteArray(key) + "\":" + deep
                    + "}";
        }
        for (int spaces = 0; spaces < 4; ++spaces) { // a chat template each
            QTest::addRow("tools as a text, %d", spaces)
                << "{\"messages\":[{\"role\":\"user\",\"content\":\"u\"},{\"role\":\"assistant\","
                   "\"content\":\"a\"}],\"tools\":\""
                    + deep + "\"}" + QByteArray(spaces, ' ') + "\n";
        }
        QTest::newRow("brackets of an expression")
            << "{{ " + QByteArray(200'000, '(') + "1" + QByteArray(200'000, ')') + " }}";
        QTest::newRow("signs of an expression") << "{{ " + QByteArray(200'000, '-') + "1 }}";
        QTest::newRow("blocks") << QByteArray("{% if 1 %}").repeated(100'000)
                + QByteArray("{% endif %}").repeated(100'000);
        QTest::newRow("a rank's expression") << "{\"rank_pattern\":{\"" + QByteArray(2000, '(')
                + "a" + QByteArray(2000, ')') + "\":4}}";
        QTest::newRow("a target's alternatives")
            << "{\"targets\":[\"" + QByteArray(200'000, '{') + QByteArray(200'000, '}') + "\"]}";
    }

    void isNoDeeper_thanTheStack()
    {
        QFETCH(QByteArray, text);
        for (const fuzz::Reader& reader : fuzz::readers()) {
            const CpuClock clock;
            try {
                reader.read(text.toStdString());
            } catch (const std::exception& e) {
                QFAIL((std::string(reader.name) + ": " + e.what()).c_str());
            }
            QVERIFY2(clock.seconds() < kSoonS, reader.name);
        }
    }
};

QTEST_GUILESS_MAIN(FuzzFindsTest)

#include "tst_fuzz_finds.moc"
