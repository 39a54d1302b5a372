// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/prompt/chat_request.h"
#include "core/prompt/chat_template.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <map>

using namespace pissarro;
using Json = nlohmann::ordered_json;

namespace {

const test::fs::path kGolden = PISSARRO_SHARED "/golden/eval/templates.json";

core::ChatTemplate plain(const char* source)
{
    return core::ChatTemplate(source, Json {{"bos_token", "<s>"}, {"eos_token", "</s>"}});
}

core::ChatRequest talk(const Json& messages)
{
    core::ChatRequest request;
    request.messages = messages;
    return request;
}

const Json kTalk = {{{"role", "user"}, {"content", "Hi"}},
                    {{"role", "assistant"}, {"content", " One "}},
                    {{"role", "user"}, {"content", "More"}},
                    {{"role", "assistant"}, {"content", "Two"}}};

// The golden file's templates and conversations.
class Renders {
public:
    Renders()
        : m_file(Json::parse(test::readBytes(kGolden)))
    {
        const auto add = [&](const std::string& name, const Json& entry) {
            m_templates.emplace(name,
                                core::ChatTemplate(entry.at("text").get<std::string>(),
                                                   entry.at("special_tokens")));
        };
        for (const auto& [name, entry] : m_file.at("templates").items()) {
            add(entry.contains("name") ? entry.at("name").get<std::string>() : name, entry);
        }
    }
    const Json& file() const { return m_file; }
    // The text, or "error: …".
    std::string text(const Json& of, bool prompt, bool goesOn) const
    {
        const Json& from = m_file.at("conversations").at(of.at("conversation").get<std::string>());
        core::ChatRequest request = talk(from.at("messages"));
        request.tools = from.value("tools", Json());
        request.variables = of.value("variables", Json::object());
        request.now = m_file.at("now").get<std::string>();
        request.addGenerationPrompt = prompt;
        request.continueFinalMessage = goesOn;
        try {
            return m_templates.at(of.at("template")).render(request).text;
        } catch (const core::Error& e) {
            return std::string("error: ") + e.what();
        }
    }

private:
    Json m_file;
    std::map<std::string, core::ChatTemplate> m_templates;
};

std::string withoutEnd(std::string text, int characters)
{
    for (; characters > 0 && !text.empty(); --characters) {
        while ((static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U) {
            text.pop_back();
        }
        text.pop_back();
    }
    return text;
}

} // namespace

class ChatRenderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // 45 published templates over 17 conversations, plain, with a prompt, and to be continued.
    void equals_transformers()
    {
        if (!test::fs::exists(kGolden)) {
            QSKIP("the golden renderings are not here (../shared/golden)");
        }
        const Renders renders;
        QStringList wrong;
        int compared = 0;
        const auto compare = [&](const Json& of, const char* what, const std::string& got,
                                 const std::optional<std::string>& wanted) {
            ++compared;
            const bool isRight = wanted ? got == *wanted : got.starts_with("error: ");
            if (!isRight) {
                wrong << QString::fromStdString(of.at("template").dump() + " "
                                                + of.at("conversation").dump() + " " + what + ": "
                                                + Json(got.substr(0, 300)).dump());
            }
        };
        for (const Json& of : renders.file().at("renders")) {
            const auto field = [&](const char* name) -> std::optional<std::string> {
                return of.contains(name) ? std::optional(of.at(name).get<std::string>())
                                         : std::nullopt;
            };
            const std::string whole = renders.text(of, false, false);
            compare(of, "whole", whole, field("text"));
            std::optional<std::string> prompt = field("prompt_text");
            if (of.contains("prompt_suffix")) {
                prompt = *field("text") + *field("prompt_suffix");
            }
            compare(of, "prompt", renders.text(of, true, false), prompt);
            if (of.contains("continue_cut") || of.contains("continue_text")
                || of.contains("continue_error")) {
                compare(of, "continued", renders.text(of, false, true),
                        of.contains("continue_cut")
                            ? std::optional(withoutEnd(*field("text"), of.at("continue_cut")))
                            : field("continue_text"));
            }
            if (of.contains("error") && of.at("error").at("kind") == "raise_exception") {
                const auto message = of.at("error").at("message").get<std::string>();
                compare(of, "message",
                        whole.find(message.substr(0, 80)) != std::string::npos ? "said"
                                                                               : "not said",
                        "said");
            }
        }
        for (const Json& of : renders.file().at("with_variables")) {
            compare(of, "variables", renders.text(of, true, false),
                    of.contains("prompt_text")
                        ? std::optional(of.at("prompt_text").get<std::string>())
                        : std::nullopt);
        }
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join("\n")));
        QVERIFY(compared > 1500);
    }

    void finds_answersByPrefixes()
    {
        const auto chat = plain("{{ bos_token }}{% for m in messages %}[{{ m.role }}]"
                                "{{ m.content | trim }}.{% endfor %}"
                                "{% if add_generation_prompt %}[assistant]{% endif %}");
        const core::LearnedText learned = chat.learned(talk(kTalk));
        QCOMPARE(learned.text,
                 std::string("<s>[user]Hi.[assistant]One.[user]More.[assistant]Two."));
        QCOMPARE(learned.answers.size(), std::size_t {2});
        const auto said = [&](std::size_t i) {
            return learned.text.substr(learned.answers[i].begin,
                                       learned.answers[i].end - learned.answers[i].begin);
        };
        QCOMPARE(said(0), std::string("One.")); // as the template trims it, its end with it
        QCOMPARE(said(1), std::string("Two."));
    }

    void finds_answersByTheirMarks()
    {
        const auto chat = plain("{% for m in messages %}{% if m.role == 'assistant' %}<"
                                "{% generation %}{{ m.content }}{% endgeneration %}>{% else %}"
                                "{{ m.content }}{% endif %}{% endfor %}");
        const core::LearnedText learned = chat.learned(talk(kTalk));
        QCOMPARE(learned.text, std::string("Hi< One >More<Two>"));
        QCOMPARE(learned.answers.size(), std::size_t {2});
        QCOMPARE(learned.answers[1].begin, std::size_t {14});
        QCOMPARE(learned.answers[1].end, std::size_t {17});
    }

    void refuses_aPrefixThatIsNone() // an answer that is written otherwise once more follows
    {
        const auto chat = plain("{% for m in messages %}{{ m.role }}:"
                                "{% if loop.last %}<think>{% endif %}{{ m.content }}\n{% endfor %}"
                                "{% if add_generation_prompt %}assistant:{% endif %}");
        const auto error = test::errorOf([&] { chat.learned(talk(kTalk)); });
        QVERIFY(error && error->kind() == core::ErrorKind::Format);
        QVERIFY(std::string(error->what()).find("prefix") != std::string::npos);
    }

    void drops_keysWithoutValue()
    {
        const auto chat = plain("{% for m in messages %}{{ m.keys() | list }}{% endfor %}");
        QCOMPARE(
            chat.render(talk({{{"role", "user"}, {"content", nullptr}, {"thinking", "t"}}})).text,
            std::string("['thinking', 'role', 'reasoning_content']"));
    }

    void refuses_whatIsNoConversation()
    {
        const auto chat = plain("{{ messages }}");
        for (const Json& messages : {Json::array(), Json(), Json({"text"})}) {
            const auto error = test::errorOf([&] { chat.render(talk(messages)); });
            QVERIFY(error && error->kind() == core::ErrorKind::Format);
        }
        QVERIFY(test::errorOf([] { plain("{% if %}"); }));
    }
};

QTEST_GUILESS_MAIN(ChatRenderTest)

#include "tst_chat_render.moc"
