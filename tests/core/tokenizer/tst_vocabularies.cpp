// SPDX-License-Identifier: GPL-3.0-or-later
// Every vocabulary below shared/data/vocab: the ids of transformers, sentencepiece and llama.cpp that are stored with it.
#include "tests/core/tokenizer/tokenizer_files.h"

#include <QProcess>
#include <QTest>

#include <sstream>

using namespace pissarro;
using core::openTokenizer;
using test::Ids;
using test::json;

namespace {

const test::fs::path kVocab = PISSARRO_SHARED "/data/vocab";

// The files of a folder, those that end in .gz unpacked.
void unpack(const test::fs::path& from, const test::fs::path& into)
{
    for (const auto& entry : test::fs::directory_iterator(from)) {
        const test::fs::path& file = entry.path();
        if (file.extension() == ".gz") {
            QProcess gzip;
            gzip.start("gzip", {"-dc", QString::fromStdString(file.string())});
            gzip.waitForFinished();
            test::writeBytes(into / file.stem(), gzip.readAllStandardOutput().toStdString());
        } else if (file.filename() != "expected.json") {
            test::writeBytes(into / file.filename(), test::readBytes(file));
        }
    }
}

// The first text whose ids differ; empty: none does.
QString firstDifference(const std::string& text, const Ids& got, const Ids& expected)
{
    return got == expected ? QString()
                           : QStringLiteral("%1: %2, expected %3")
                                 .arg(QString::fromStdString(json(text).dump()),
                                      QString::fromStdString(json(got).dump()),
                                      QString::fromStdString(json(expected).dump()));
}

std::vector<std::string> textsOf(const std::string& inp)
{
    constexpr std::string_view kBetween = "\n__ggml_vocab_test__\n";
    std::vector<std::string> texts;
    for (std::size_t at = 0; at <= inp.size();) {
        const std::size_t end = std::min(inp.find(kBetween, at), inp.size());
        texts.push_back(inp.substr(at, end - at));
        at = end + kBetween.size();
    }
    return texts;
}

} // namespace

class VocabulariesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        if (!test::fs::exists(kVocab)) {
            QSKIP("the vocabularies are not here");
        }
    }

    void equals_theStoredIds_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("kind");
        QTest::newRow("WordPiece") << "bert-base-uncased"
                                   << "WordPiece";
        QTest::newRow("pair, GPT-2") << "gpt2"
                                     << "byte-level BPE";
        QTest::newRow("pair, Qwen2") << "qwen2"
                                     << "byte-level BPE";
        QTest::newRow("spm.model") << "deberta-v3"
                                   << "SentencePiece unigram";
        QTest::newRow("tokenizer.model, BPE") << "llama2"
                                              << "SentencePiece BPE";
        QTest::newRow("tokenizer.model, unigram") << "sp-unigram-en"
                                                  << "SentencePiece unigram";
        QTest::newRow("tokenizer.model, Japanese") << "sp-unigram-ja"
                                                   << "SentencePiece unigram";
    }
    void equals_theStoredIds()
    {
        QFETCH(QString, name);
        QFETCH(QString, kind);
        const test::fs::path folder = kVocab / name.toStdString();
        const test::Scratch scratch;
        unpack(folder, scratch.path());
        const auto tokenizer = openTokenizer(scratch.path());
        QCOMPARE(QString::fromStdString(tokenizer->kind()), kind);
        const json golden = test::readJson(folder / "expected.json");
        const bool isHuggingFace = golden.at("truth") == "ids";
        int compared = 0;
        for (const json& row : golden.at("rows")) {
            const auto text = row.at("text").get<std::string>();
            if (isHuggingFace) {
                QCOMPARE(firstDifference(text, tokenizer->encode(text), row.at("ids")), QString());
                QCOMPARE(
                    firstDifference(text, tokenizer->encode(text, false), row.at("ids_no_special")),
                    QString());
                QCOMPARE(tokenizer->decode(row.at("ids")), row.at("decoded").get<std::string>());
                QCOMPARE(tokenizer->decode(row.at("ids"), true),
                         row.at("decoded_skip_special").get<std::string>());
            } else if (text.find("<s>") != std::string::npos) {
                continue; // the library alone spells special tokens out
            } else {
                QCOMPARE(firstDifference(text, tokenizer->encode(text, false), row.at("sp_ids")),
                         QString());
            }
            ++compared;
        }
        QVERIFY(compared >= 39);
    }

    void equals_llamaCpp_data()
    {
        QTest::addColumn<QString>("name");
        for (const char* name : {"bert-bge", "phi-3", "deepseek-coder", "falcon"}) {
            QTest::newRow(name) << QString::fromLatin1(name);
        }
    }
    void equals_llamaCpp()
    {
        QFETCH(QString, name);
        const std::string file = "ggml-vocab-" + name.toStdString() + ".gguf";
        const test::Scratch scratch;
        unpack(kVocab / "gguf", scratch.path());
        const auto tokenizer = openTokenizer(scratch / file);
        const auto texts = textsOf(test::readBytes(scratch / (file + ".inp")));
        QVERIFY(texts.size() > 40);
        std::istringstream lines(test::readBytes(scratch / (file + ".out")));
        for (const std::string& text : texts) {
            std::string line;
            std::getline(lines, line); // the last text is empty, and so is its line
            std::istringstream numbers(line);
            const Ids expected {std::istream_iterator<std::int32_t>(numbers), {}};
            QCOMPARE(firstDifference(text, tokenizer->encode(text, false), expected), QString());
        }
        // Written out for a Hugging Face folder the ids stay the same.
        const test::Scratch folder;
        core::writeTokenizerFiles(scratch / file, folder.path());
        const auto written = openTokenizer(folder.path());
        for (const std::string& text : texts) {
            QCOMPARE(firstDifference(text, written->encode(text), tokenizer->encode(text)),
                     QString());
        }
    }
};

QTEST_GUILESS_MAIN(VocabulariesTest)
#include "tst_vocabularies.moc"
