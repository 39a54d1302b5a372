// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/tokenizer/tokenizer_files.h"
#include "tests/tools/patience.h"

#include <QTest>

using namespace pissarro;
using pissarro::tests::CpuClock;
using pissarro::tests::kSoonS;
using test::errorOf;
using test::json;

namespace {

std::vector<core::ChatMessage> messagesOf(const json& talk)
{
    std::vector<core::ChatMessage> messages;
    for (const json& message : talk.at("messages")) {
        messages.push_back({message.at("role"), message.at("content")});
    }
    return messages;
}

// A tokenizer whose only purpose is its template.
std::shared_ptr<const core::Tokenizer> withTemplate(const test::Scratch& folder, const json& model)
{
    json tokenizer = test::smallTokenizer();
    tokenizer["added_tokens"] = json::array();
    json config = {{"chat_template", model.at("template")}};
    int id = 5;
    for (const char* name : {"bos", "eos"}) {
        const json& token = model.at(name);
        if (token != "") {
            tokenizer["added_tokens"].push_back(
                {{"id", id++}, {"content", token}, {"special", true}});
            config[std::string(name) + "_token"] = token;
        }
    }
    return openJson(folder, tokenizer, config);
}

} // namespace

class ChatTemplateTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // The texts that Jinja gives: tests/tools/make_chat_fixtures.py.
    void equals_jinja_data()
    {
        QTest::addColumn<QString>("model");
        for (const json& model :
             test::readJson(PISSARRO_SOURCE "/tests/fixtures/chat_templates/cases.json")) {
            const auto name = model.at("model").get<std::string>();
            QTest::newRow(name.c_str()) << QString::fromStdString(model.dump());
        }
    }
    void equals_jinja()
    {
        QFETCH(QString, model);
        const json fixture = json::parse(model.toStdString());
        const test::Scratch scratch;
        const auto tokenizer = withTemplate(scratch, fixture);
        int compared = 0;
        for (const json& talk : fixture.at("talks")) {
            if (talk.at("text").is_null()) { // the template raises an exception
                const auto error = errorOf([&] { tokenizer->applyChatTemplate(messagesOf(talk)); });
                QVERIFY(error && error->kind() == core::ErrorKind::Format);
            } else {
                QCOMPARE(tokenizer->applyChatTemplate(messagesOf(talk)),
                         talk.at("text").get<std::string>());
                ++compared;
            }
        }
        QVERIFY(compared >= 2);
    }

    void speaksAs_smolLm2()
    {
        if (!test::fs::exists(test::kSmolLm2)) {
            QSKIP("the demo model is not here (./dev fetches it)");
        }
        const auto tokenizer = core::openTokenizer(test::kSmolLm2);
        QCOMPARE(tokenizer->applyChatTemplate({{"user", "Hi"}}),
                 std::string("<|im_start|>system\nYou are a helpful AI assistant named SmolLM, "
                             "trained by Hugging Face<|im_end|>\n"
                             "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"));
    }

    void trims_muchSpaceAndBrokenUtf8()
    {
        const test::Scratch scratch;
        const auto tokenizer = openJson(scratch, test::smallTokenizer(),
                                        {{"chat_template", "{{ messages[0].content | trim }}|"}});
        std::string space;
        for (int i = 0; i < 100'000; ++i) {
            space += "\xE3\x80\x80"; // U+3000
        }
        QCOMPARE(tokenizer->applyChatTemplate({{"user", space + "x" + space}}), std::string("x|"));
        // A character that begins like a tab and is cut off.
        QCOMPARE(tokenizer->applyChatTemplate({{"user", "\xE0\x89"}}),
                 std::string("\xEF\xBF\xBD\xEF\xBF\xBD|")); // two ill-formed parts
    }

    void gives_theTemplateTheSpecialTokens()
    {
        const test::Scratch scratch;
        const json config = {{"chat_template", "{{ bos_token }}{{ unk_token }}{{ sep_token }}|"},
                             {"bos_token", "<s>"},
                             {"unk_token", {{"content", "<unk>"}}}};
        test::writeBytes(scratch / "special_tokens_map.json", R"({"sep_token": "</s>"})");
        QCOMPARE(
            openJson(scratch, test::smallTokenizer(), config)->applyChatTemplate({{"user", "x"}}),
            std::string("<s><unk></s>|"));
    }

    void refuses_noneAndUnknown()
    {
        const test::Scratch scratch;
        const auto refused = [&](const json& config) {
            const auto error = errorOf([&] {
                openJson(scratch, test::smallTokenizer(), config)
                    ->applyChatTemplate({{"user", "x"}});
            });
            return error && error->kind() == core::ErrorKind::Format;
        };
        QVERIFY(refused(json::object()));
        QVERIFY(refused({{"chat_template", "{{ messages[0] | nosuch }}"}}));
        QVERIFY(refused({{"chat_template", "{{ raise_exception('no') }}"}}));
    }

    void takes_theDefaultOfSeveral()
    {
        const test::Scratch scratch;
        const json config = {{"chat_template",
                              json::array({{{"name", "tool_use"}, {"template", "x"}},
                                           {{"name", "default"}, {"template", "y"}}})}};
        QCOMPARE(openJson(scratch, test::smallTokenizer(), config)->chatTemplate(),
                 std::string("y"));
        test::writeBytes(scratch / "chat_template.jinja",
                         "z"); // a file of its own goes before both
        QCOMPARE(openJson(scratch, test::smallTokenizer(), config)->chatTemplate(),
                 std::string("z"));
    }
};

QTEST_GUILESS_MAIN(ChatTemplateTest)

#include "tst_chat_template.moc"
