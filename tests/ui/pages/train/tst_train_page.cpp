// SPDX-License-Identifier: GPL-3.0-or-later
// The Train page on a real tiny model: its data and template, what it says, and what it offers next.
#include "core/file/atomic_file.h"
#include "core/train/memory_estimate.h"
#include "tests/ui/pages/train/train_page_bench.h"
#include "ui/pages/train/sample_card.h"
#include "ui/pages/train/train_form.h"
#include "ui/services/services.h"

#include <QAbstractButton>
#include <QComboBox>
#include <QDir>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>
#include <QTextCursor>
#include <QTextEdit>

#include <filesystem>
#include <nlohmann/json.hpp>

using namespace pissarro;
using namespace pissarro::tests;
using namespace pissarro::ui;

class TestTrainPage : public TrainPageBench {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { beginTests("tst_train_page"); }
    void init() { beginTest(); }
    void cleanup() { endTest(); }

    void showsWhatTheLossSees()
    {
        openBoth();
        const auto tokenized = m_bench->data.tokenized();
        const core::Example& example = tokenized->examples.front();
        const SampleText sample = sampleText(example, *m_bench->model.tokenizer());
        QVERIFY(sample.prompt.endsWith(QStringLiteral("### Response:")));
        QVERIFY2(sample.response.startsWith(QStringLiteral("The notebooks cost")),
                 qPrintable(sample.response));
        QVERIFY(sample.endsWithEos);
        QCOMPARE(sample.lossTokens, example.lossTokens());

        auto* text = child<QTextEdit>("train.sample.text");
        QVERIFY(text->toPlainText().contains(QStringLiteral("‹eos›")));
        QVERIFY(child<QLabel>("train.sample.count")
                    ->text()
                    .contains(QStringLiteral("%1 count").arg(example.lossTokens())));
        const QString first = text->toPlainText();
        text->setFocus();
        QTest::keyClick(text, Qt::Key_PageDown);
        QVERIFY(text->toPlainText() != first);
        QTest::mouseClick(child<QAbstractButton>("train.sample.previous"), Qt::LeftButton);
        QCOMPARE(text->toPlainText(), first);
        QVERIFY(!child<QAbstractButton>("train.sample.previous")->isEnabled());
    }

    void goodData_afterABrokenFile_healTheForm()
    {
        openBoth();
        const QString broken = m_folder->filePath(QStringLiteral("broken.jsonl"));
        core::writeFileAtomically(broken.toStdString(), "not json\n");
        m_bench->data.open(broken);
        QTRY_VERIFY_WITH_TIMEOUT(
            m_page->form()->problem().contains(QStringLiteral("could not be read")), kPatienceMs);
        m_bench->data.open(kDemoData); // dropped, or by the menu
        QTRY_COMPARE_WITH_TIMEOUT(m_page->form()->problem(), QString(), kPatienceMs);
        QVERIFY(child<QAbstractButton>("train.start")->isEnabled());
        m_bench->comparison.start(QStringLiteral("/nowhere/tuned"), 4);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->comparison.failure() != nullptr, kPatienceMs);
        QCOMPARE(m_page->form()->problem(), QString()); // not the data's
    }

    void aModelWithoutTokenizer_saysSo_insteadOfReadingForEver()
    {
        const QString bare = m_folder->filePath(QStringLiteral("bare"));
        QVERIFY(QDir().mkpath(bare));
        for (const char* name : {"config.json", "model.safetensors"}) {
            QVERIFY(QFile::copy(kTinyModel + QLatin1Char('/') + QLatin1String(name),
                                bare + QLatin1Char('/') + QLatin1String(name)));
        }
        m_bench->data.open(kDemoData);
        m_bench->model.open(bare);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files() && m_bench->data.head(), kPatienceMs);
        QTRY_VERIFY2_WITH_TIMEOUT(m_page->form()->problem().contains(QStringLiteral("tokenizer")),
                                  qPrintable(m_page->form()->problem()), kPatienceMs);
        QVERIFY(!child<QAbstractButton>("train.start")->isEnabled());
    }

    // What core counts of a file and the command line prints stands at the data's field.
    void whatIsLeftOutOfTheData_isCounted()
    {
        openBoth();
        auto* notes = child<QPushButton>("train.dataNotes");
        QVERIFY2(notes->isHidden(), qPrintable(notes->accessibleDescription()));
        nlohmann::ordered_json row {
            {"question", "How much?"}, {"answer", "Ten."}, {"why", "it was so said"}};
        std::string rows = row.dump() + "\n" + row.dump() + "\n" + row.dump() + "\n";
        row.erase("why");
        row["question"] = std::string(4000, 'q'); // more than the longest row
        rows += row.dump() + "\n";
        const QString path = m_folder->filePath(QStringLiteral("rows.jsonl"));
        core::writeFileAtomically(path.toStdString(), rows);
        m_bench->data.open(path);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.tokenized() && notes->isVisible(), kPatienceMs);
        QVERIFY2(notes->text().contains(QStringLiteral("2 notes")), qPrintable(notes->text()));
        notes->click();
        const QString said = child<QLabel>("train.dataNotesText")->text();
        QVERIFY2(said.contains(QStringLiteral("the field 'why' of 3 rows is not used")),
                 qPrintable(said));
        QVERIFY2(said.contains(QStringLiteral("1 of 4 rows left out")), qPrintable(said));
        m_bench->data.open(kDemoData);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.tokenized() && notes->isHidden(), kPatienceMs);
    }

    // The page shows the tokens of the template that the form says, and follows a model's.
    void theChosenTemplate_isWhatIsShown()
    {
        openBoth();
        const auto shown = [this] { return child<QTextEdit>("train.sample.text")->toPlainText(); };
        QVERIFY(shown().contains(QStringLiteral("### Instruction")));
        choose("train.prompt.2"); // plain
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.tokenized()
                                     && !shown().contains(QStringLiteral("### Instruction")),
                                 kPatienceMs);
        choose("train.prompt.1"); // this model has no chat template
        QTRY_VERIFY2_WITH_TIMEOUT(m_page->form()->problem().contains(QStringLiteral("chat")),
                                  qPrintable(m_page->form()->problem()), kPatienceMs);
        QVERIFY(!child<QAbstractButton>("train.start")->isEnabled());

        m_bench->model.open(chattyModel());
        QTRY_VERIFY2_WITH_TIMEOUT(m_bench->data.tokenized() && m_page->form()->problem().isEmpty(),
                                  qPrintable(m_page->form()->problem()), kPatienceMs);
        QTRY_VERIFY2_WITH_TIMEOUT(shown().contains(QStringLiteral("[user]")), qPrintable(shown()),
                                  kPatienceMs);
        // A conversation of two answers: what is learned is tinted, and not what stands between.
        const QString talk = m_folder->filePath(QStringLiteral("talk.jsonl"));
        core::writeFileAtomically(
            talk.toStdString(),
            "{\"messages\": [{\"role\": \"user\", \"content\": \"one\"}, "
            "{\"role\": \"assistant\", \"content\": \"two\", \"train\": true}, "
            "{\"role\": \"user\", \"content\": \"three\"}, "
            "{\"role\": \"assistant\", \"content\": \"four\", \"train\": true}]}\n");
        m_bench->data.open(talk);
        QTRY_VERIFY_WITH_TIMEOUT(shown().contains(QStringLiteral("three")), kPatienceMs);
        const SampleText sample =
            sampleText(m_bench->data.tokenized()->examples.front(), *m_bench->model.tokenizer());
        QCOMPARE(sample.parts.size(), 4);
        for (int i = 0; i < 4; ++i) {
            QCOMPARE(sample.parts[i].counted, i % 2 == 1);
        }
        QVERIFY2(sample.parts[1].text.startsWith(QStringLiteral("two"))
                     && sample.parts[2].text.contains(QStringLiteral("three")),
                 qPrintable(sample.parts[1].text + sample.parts[2].text));
        QTextCursor cursor =
            child<QTextEdit>("train.sample.text")->document()->find(QStringLiteral("three"));
        QCOMPARE(cursor.charFormat().background().style(), Qt::NoBrush);
        cursor = child<QTextEdit>("train.sample.text")->document()->find(QStringLiteral("four"));
        QCOMPARE(cursor.charFormat().background().style(), Qt::SolidPattern);

        core::RunSpec spec = m_page->form()->spec(); // a spec's template is taken with it
        QCOMPARE(spec.promptTemplate, core::PromptTemplate::Chat);
        spec.promptTemplate = core::PromptTemplate::Alpaca;
        m_page->useAsTemplate(spec);
        QTRY_VERIFY_WITH_TIMEOUT(shown().contains(QStringLiteral("### Instruction")), kPatienceMs);
    }

    // What the window holds is no part of a run that has a process of its own.
    void theProgramsMemory_isTheRunsOwn()
    {
        openBoth();
        const core::RunSpec spec = m_page->form()->spec();
        const auto bare =
            core::estimateMemory(*m_bench->model.files(), spec, {core::methodNamed("lora")}, 512);
        m_bench->training.setTrainsInProcess(true);
        QCOMPARE(m_bench->training.memoryEstimate(spec, {core::methodNamed("lora")}).fixed,
                 bare.fixed);
        m_bench->training.setTrainsInProcess(false);
        QVERIFY(m_bench->training.memoryEstimate(spec, {core::methodNamed("lora")}).fixed
                >= bare.fixed);
    }

    void saysThatDataCouldNotBeRead()
    {
        openBoth();
        const QString broken = m_folder->filePath(QStringLiteral("broken.jsonl"));
        core::writeFileAtomically(broken.toStdString(), "not json\n");
        m_bench->data.open(broken);
        QTRY_VERIFY(m_bench->data.failure() != nullptr);
        QVERIFY(!child<QAbstractButton>("train.start")->isEnabled());
        QVERIFY2(m_page->form()->problem().contains(QStringLiteral("could not be read")),
                 qPrintable(m_page->form()->problem()));
    }

    // The page asks for what is next and offers what it is told, once a run came to its end.
    void theNextSteps_areOffered()
    {
        openBoth();
        connect(m_page.get(), &Page::nextStepsWanted, m_page.get(), [this] {
            m_page->showNextSteps({{QStringLiteral("Look"), {}, 7, QStringLiteral("spectrum")}});
        });
        QSignalSpy gone(m_page.get(), &Page::go);
        child<QLineEdit>("train.length")->setText(QStringLiteral("3"));
        child<QComboBox>("train.lengthUnit")->setCurrentIndex(1);
        choose("train.process.0"); // in this window
        QTest::keyClick(m_page.get(), Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->training.isRunning(), kPatienceMs);
        QVERIFY(!child<QWidget>("train.next")->isVisible());
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), kPatienceMs);
        QTRY_VERIFY(child<QWidget>("train.next")->isVisible());
        child<QAbstractButton>("train.next.0")->click();
        QCOMPARE(gone.last().at(0).toString(), QStringLiteral("spectrum"));
        QCOMPARE(gone.last().at(1).value<QVariant>(), QVariant(7));
    }

    void theRankIsSharedWithTheSpectrumPage()
    {
        openBoth();
        m_bench->ranks.setRank(6);
        QCOMPARE(child<QSpinBox>("train.rank")->value(), 6);
        child<QSpinBox>("train.rank")->setValue(7);
        QCOMPARE(m_bench->ranks.rank(), 7);
    }

    void everyControlHasAName_data()
    {
        QTest::addColumn<bool>("advanced");
        QTest::newRow("basic") << false;
        QTest::newRow("advanced") << true;
    }

    void everyControlHasAName()
    {
        QFETCH(bool, advanced);
        openBoth();
        child<QAbstractButton>("train.advanced")->setChecked(advanced);
        for (const QWidget* widget : m_page->findChildren<QWidget*>()) {
            const bool internal = widget->objectName().startsWith(QStringLiteral("qt_"));
            const bool partOfAField = qobject_cast<QAbstractSpinBox*>(widget->parentWidget())
                || qobject_cast<QComboBox*>(widget->parentWidget());
            if (!widget->isVisible() || (widget->focusPolicy() & Qt::TabFocus) == 0 || internal
                || partOfAField || widget->focusProxy() != nullptr) {
                continue;
            }
            const QString what = QString::fromLatin1(widget->metaObject()->className())
                + QLatin1Char(' ') + widget->objectName();
            QVERIFY2(!widget->objectName().isEmpty(), qPrintable(what));
            QVERIFY2(!widget->accessibleName().isEmpty(), qPrintable(what));
        }
    }

private:
    // The tiny model with a chat template.
    QString chattyModel() const
    {
        const QString folder = m_folder->filePath(QStringLiteral("chatty"));
        QDir().mkpath(folder);
        for (const QString& name : QDir(kTinyModel).entryList(QDir::Files)) {
            QFile::copy(kTinyModel + QLatin1Char('/') + name, folder + QLatin1Char('/') + name);
        }
        const std::filesystem::path config = folder.toStdString() + "/tokenizer_config.json";
        auto json = nlohmann::json::parse(core::readWholeFile(config, 1 << 20));
        json["chat_template"] =
            "{% for m in messages %}[{{ m.role }}]{{ m.content }}</s>{% endfor %}"
            "{% if add_generation_prompt %}[assistant]{% endif %}";
        QFile::remove(QString::fromStdString(config.string()));
        core::writeFileAtomically(config, json.dump());
        return folder;
    }
};

QTEST_MAIN(TestTrainPage)
#include "tst_train_page.moc"
