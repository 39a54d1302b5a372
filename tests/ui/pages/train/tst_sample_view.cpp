// SPDX-License-Identifier: GPL-3.0-or-later
// The tokens of a row for people who hear them: each with its text and id, whether it counts, and where it stands.
#include "tests/tools/patience.h"
#include "tests/ui/tiny_models.h"
#include "tests/ui/told.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/pages/train/sample_card.h"
#include "ui/views/sample_view.h"

#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;
using pissarro::tests::Told;

namespace {

QAccessibleInterface* read(QObject* object)
{
    return QAccessible::queryAccessibleInterface(object);
}

} // namespace

class TestSampleView : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        Theme::instance().setMode(ThemeMode::Light);
        if (!tests::hasTinyModels()) {
            QSKIP("shared/golden is not there");
        }
        m_tokenizer = core::openTokenizer(tests::tinyPath().toStdString());
    }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void aLabelledText_isJudgedAsAWhole()
    {
        core::Example example = exampleOf("One", " Tea");
        QVERIFY(!sampleText(example, *m_tokenizer).label);
        example.target = 0.5;
        const SampleText sample = sampleText(example, *m_tokenizer);
        QCOMPARE(sample.label, std::optional<double>(0.5));
        QCOMPARE(sample.lossTokens, qint64 {1});
    }

    // The places follow each other and end where the text does; a character of several tokens is told of each.
    void eachTokenHasItsText()
    {
        const core::Example example = exampleOf("One ₁ and\ntwo.", " Tea for 😀.");
        QVector<SampleToken> tokens = tokensOf(example, *m_tokenizer);
        QCOMPARE(static_cast<std::size_t>(tokens.size()), example.ids.size());
        const SampleText sample = sampleText(example, *m_tokenizer);
        QString whole;
        for (const SamplePart& part : sample.parts) {
            whole += part.text;
        }
        int end = 0;
        for (qsizetype i = 0; i < tokens.size(); ++i) {
            const auto at = static_cast<std::size_t>(i);
            QCOMPARE(tokens[i].id, example.ids[at]);
            QCOMPARE(tokens[i].counted, example.isLearned(at));
            const bool eos = i + 1 == tokens.size();
            if (!eos) {
                QCOMPARE(tokens[i].text,
                         whole.mid(tokens[i].begin, tokens[i].end - tokens[i].begin));
            }
            QVERIFY(tokens[i].begin == end
                    || (i > 0 && tokens[i].begin == tokens[i - 1].begin
                        && tokens[i].end == tokens[i - 1].end));
            end = tokens[i].end;
        }
        QCOMPARE(tokens.last().text, QStringLiteral("‹eos›"));
        QCOMPARE(tokens.last().begin, int(whole.size()));
    }

    void theCard_isATableOfTokens()
    {
        SampleCard card;
        auto rows = std::make_shared<core::TokenizedData>();
        rows->examples.push_back(exampleOf("One and\ntwo.", " Tea."));
        rows->examples.push_back(exampleOf("Three.", " Milk."));
        card.setData(rows, m_tokenizer, {});
        card.resize(320, 260);
        card.show();
        card.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&card, hangMs()));
        auto* view = card.findChild<SampleView*>();
        QVERIFY(view);
        const core::Example& example = rows->examples.front();
        const QVector<SampleToken> tokens = tokensOf(example, *m_tokenizer);
        QAccessibleInterface* whole = read(view);
        QCOMPARE(whole->role(), QAccessible::Table);
        QAccessibleTableInterface* table = whole->tableInterface();
        QVERIFY(table);
        QCOMPARE(table->rowCount(), int(tokens.size()));
        QVERIFY2(whole->text(QAccessible::Description).contains(QStringLiteral("count for the")),
                 qPrintable(whole->text(QAccessible::Description)));
        const auto first = static_cast<int>(example.promptTokens);
        QCOMPARE(table->rowDescription(first - 1),
                 QStringLiteral("token %1, does not count").arg(first));
        QCOMPARE(table->rowDescription(first), QStringLiteral("token %1, counts").arg(first + 1));
        for (int row = 0; row < table->rowCount(); ++row) {
            QCOMPARE(table->cellAt(row, 1)->text(QAccessible::Value),
                     QString::number(tokens[row].id));
        }

        // The caret stands where the loss begins; arrows say token by token.
        const Told told;
        view->setFocus(Qt::TabFocusReason);
        const auto said = [] { return Told::take().filter(QStringLiteral("Focus: token")); };
        const auto named = [table](int row) {
            return QStringLiteral("Focus: ") + table->cellAt(row, 0)->text(QAccessible::Name);
        };
        QCOMPARE(said(), QStringList {named(first)});
        for (int i = tokens[first].begin; i < tokens[first].end; ++i) {
            QTest::keyClick(view, Qt::Key_Right);
        }
        QCOMPARE(said(), QStringList {named(first + 1)});
        table->cellAt(1, 0)->actionInterface()->doAction(QAccessibleActionInterface::pressAction());
        QCOMPARE(view->textCursor().selectedText(), tokens[1].text);
        QCOMPARE(said(), QStringList {named(1)});
        QVERIFY(table->cellAt(1, 0)->state().selected);
        QVERIFY(!table->cellAt(first, 0)->state().selected);
        const QPoint middle = table->cellAt(first, 0)->rect().center();
        QCOMPARE(whole->childAt(middle.x(), middle.y()), table->cellAt(first, 0));

        QTest::keyClick(view, Qt::Key_PageDown); // the other row
        QCOMPARE(read(view)->tableInterface()->rowCount(), int(rows->examples[1].ids.size()));
    }

private:
    core::Example exampleOf(const char* prompt, const char* answer) const
    {
        core::Example example;
        example.ids = m_tokenizer->encode(prompt);
        example.promptTokens = static_cast<std::int32_t>(example.ids.size());
        for (const std::int32_t id : m_tokenizer->encode(answer, false)) {
            example.ids.push_back(id);
        }
        example.ids.push_back(m_tokenizer->eosId());
        return example;
    }

    std::shared_ptr<const core::Tokenizer> m_tokenizer;
};

QTEST_MAIN(TestSampleView)
#include "tst_sample_view.moc"
