// SPDX-License-Identifier: GPL-3.0-or-later
// The table of prompt templates: what is in it is in files, flags and messages, and each does what it says.
#include "core/base/error.h"
#include "core/dataset/dataset.h"
#include "core/dataset/prompt_template.h"

#include <QtTest>

#include <set>

using namespace pissarro::core;

class TestPromptTemplate : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rows_areNamedOnce()
    {
        std::set<std::string_view> names;
        for (const PromptTemplate one : allPromptTemplates()) {
            QVERIFY(names.insert(one.info().name).second);
            QVERIFY(!one.info().title.empty() && !one.info().help.empty());
            QVERIFY(parsePromptTemplate(one.info().name) == one);
        }
        QCOMPARE(EnumNames<PromptTemplate>::all.size(), allPromptTemplates().size());
        QVERIFY(PromptTemplate() == allPromptTemplates().front());
    }

    void aPrompt_holdsWhatIsAsked()
    {
        const std::vector<ChatMessage> turns {{"user", "2 + 2?"}};
        for (const PromptTemplate one : allPromptTemplates()) {
            if (!one.isModels()) {
                QVERIFY(promptOf(turns, one, nullptr).find("2 + 2?") != std::string::npos);
            }
        }
        QCOMPARE(promptOf(turns, PromptTemplate::Plain, nullptr), std::string("2 + 2?"));
        QCOMPARE(promptOf(turns, PromptTemplate::Alpaca, nullptr),
                 std::string("Below is an instruction that describes a task. Write a response that "
                             "appropriately completes the request.\n\n### Instruction:\n2 + 2?"
                             "\n\n### Response:"));
    }

    void anUnknownName_isToldWhatThereIs()
    {
        try {
            parsePromptTemplate("vicuna");
            QFAIL("took a name that is none");
        } catch (const Error& e) {
            const QString text = QString::fromUtf8(e.what());
            for (const PromptTemplate one : allPromptTemplates()) {
                QVERIFY(text.contains(QString::fromStdString(std::string(one.info().name))));
            }
        }
        QCOMPARE(ownPromptTemplates(), std::string("alpaca and plain"));
    }
};

QTEST_GUILESS_MAIN(TestPromptTemplate)
#include "tst_prompt_template.moc"
