// SPDX-License-Identifier: GPL-3.0-or-later
// A real tiny model put to tasks: with scores, paused and gone on with, kept from its end, opened again.
#include "core/file/atomic_file.h"
#include "tests/cli/cli_process.h"
#include "tests/cli/tiny_model.h"
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/services/evaluated_path.h"
#include "ui/services/evaluations.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

using namespace pissarro;
using namespace pissarro::ui;
using nlohmann::json;
using pissarro::tests::hangMs;
using pissarro::tests::runCli;

class TestEvaluations : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_evaluations"));
    }

    void init()
    {
        QSettings().clear();
        m_folder = std::make_unique<QTemporaryDir>();
        tests::writeTinyModel(path("model").toStdString());
        tests::writeTinyTokenizer(path("model").toStdString());
        QFile config(path("model/config.json")); // no token ends an answer
        QVERIFY(config.open(QIODevice::ReadOnly));
        QByteArray text = config.readAll();
        config.close();
        text.replace("\"eos_token_id\": 2", "\"eos_token_id\": null");
        core::writeFileAtomically(config.fileName().toStdString(), text.toStdString());
        writeQuestions(4);
        m_evaluations = std::make_unique<Evaluations>();
    }

    void cleanup()
    {
        m_evaluations.reset();
        m_folder.reset();
        QCOMPARE(tests::WarningTrap::take(), QStringList());
    }

    void severalTasks_areOnePass_andOpenAgain()
    {
        core::writeFileAtomically(path("text.txt").toStdString(),
                                  "abcdefghijabcdefghijabcdefghijabcdefghij");
        core::EvaluationSpec text = spec("perplexity", "text.txt");
        text.windows.length = 16;
        text.windows.stride = 8;
        m_evaluations->start({spec("own", "own.jsonl"), text}, path("out"),
                             core::CodeConsent::NotGiven);
        QVERIFY(m_evaluations->isAnswering());
        waitForEnd();
        QVERIFY2(m_evaluations->failure() == nullptr, why());
        QVERIFY(m_evaluations->isWhole());
        const TaskPicture& own = *m_evaluations->tasks().at(0);
        QCOMPARE(own.answers(), std::int64_t {8});
        QCOMPARE(own.expected, std::int64_t {8});
        QCOMPARE(own.fraction, 1.0);
        QCOMPARE(own.questions.size(), std::size_t {4});
        QCOMPARE(own.questions[0].asked, QStringLiteral("abc0")); // no template around it
        QCOMPARE(own.questions[0].gold, QStringLiteral("a"));
        QVERIFY(own.questions[3].answers.at(1) != nullptr);
        QCOMPARE(own.evaluation.summary.models.size(), std::size_t {2});
        QCOMPARE(own.claims.size(), std::size_t {1});
        const TaskPicture& loss = *m_evaluations->tasks().at(1);
        QVERIFY(loss.evaluation.summary.models.at(0).loss.has_value());
        QVERIFY(loss.evaluation.summary.pairs.at(0).nllDifference.has_value());

        Evaluations again;
        again.open(path("out"));
        QTRY_VERIFY_WITH_TIMEOUT(!again.isRunning(), hangMs());
        QVERIFY(again.isWhole() && again.failure() == nullptr);
        QCOMPARE(core::toJson(again.tasks().at(0)->evaluation.summary).dump(),
                 core::toJson(own.evaluation.summary).dump());
        QCOMPARE(evaluatedKindOf(path("out")), EvaluatedKind::Evaluation);
        QCOMPARE(evaluatedKindOf(path("out/own")), EvaluatedKind::Evaluation);
        QCOMPARE(evaluatedKindOf(path("model")), EvaluatedKind::Model);
    }

    void paused_itKeepsWhatIsAnswered_andGoesOnThere()
    {
        constexpr std::size_t kQuestions = 240;
        writeQuestions(kQuestions);
        core::EvaluationSpec long_ = spec("own", "own.jsonl");
        long_.models.resize(1);
        long_.maxNewTokens = 120;
        long_.batchSize = 4;
        m_evaluations->start({long_, spec("own", "own.jsonl")}, path("out"),
                             core::CodeConsent::NotGiven);
        QTRY_VERIFY_WITH_TIMEOUT(m_evaluations->answers() > 0, hangMs());
        m_evaluations->pause();
        waitForEnd();
        QVERIFY(std::holds_alternative<Idle>(m_evaluations->state()));
        const std::int64_t kept = m_evaluations->answers();
        QVERIFY(kept > 0 && kept < std::int64_t {kQuestions});
        QVERIFY(!m_evaluations->isWhole());
        QVERIFY(m_evaluations->tasks().at(0)->fraction < 1.0);

        Evaluations later; // the task that had not begun is known, too
        later.open(path("out"));
        QTRY_VERIFY_WITH_TIMEOUT(!later.isRunning(), hangMs());
        QCOMPARE(later.plan().size(), std::size_t {2});
        QCOMPARE(later.answers(), kept);
        later.goOn(core::CodeConsent::NotGiven);
        QTRY_VERIFY_WITH_TIMEOUT(!later.isRunning(), hangMs());
        QVERIFY(later.isWhole());
        std::set<std::tuple<std::string, std::int64_t>> asked;
        for (const core::Transcript& one : later.tasks().at(0)->evaluation.transcripts) {
            QVERIFY(asked.emplace(one.model, one.index).second); // none twice
        }
        QCOMPARE(asked.size(), kQuestions);
    }

    void whatKeepsOneTask_isSaid_andTheOthersAreAsked()
    {
        core::writeFileAtomically(path("bad.jsonl").toStdString(), "{\"no\": 1}\n");
        m_evaluations->start({spec("gsm8k", "bad.jsonl"), spec("own", "own.jsonl")}, path("out"),
                             core::CodeConsent::NotGiven);
        waitForEnd();
        QVERIFY(m_evaluations->failure() != nullptr);
        QCOMPARE(m_evaluations->failure()->what, QStringLiteral("Could not evaluate GSM8K"));
        QVERIFY2(m_evaluations->failure()->why.contains(QLatin1String("bad.jsonl")), why());
        QVERIFY(!m_evaluations->tasks().at(0)->problem.isEmpty());
        QVERIFY(m_evaluations->tasks().at(1)->isWhole());
        // A folder that is taken is refused.
        Evaluations other;
        other.start({spec("own", "own.jsonl")}, path("out"), core::CodeConsent::NotGiven);
        QTRY_VERIFY_WITH_TIMEOUT(!other.isRunning(), hangMs());
        QVERIFY(other.failure() != nullptr);
        other.open(path("nowhere"));
        QTRY_VERIFY_WITH_TIMEOUT(!other.isRunning(), hangMs());
        QCOMPARE(other.failure()->what, QStringLiteral("Could not open the evaluation"));
    }

    void programs_areNotRunWithoutConsent()
    {
        core::writeFileAtomically(
            path("code.jsonl").toStdString(),
            json {{"task_id", "HumanEval/0"},
                  {"prompt", "def f():\n"},
                  {"entry_point", "f"},
                  {"canonical_solution", "    return 1\n"},
                  {"test", "def check(candidate):\n    assert candidate() == 1\n"}}
                    .dump()
                + "\n");
        m_evaluations->start({spec("humaneval", "code.jsonl")}, path("out"),
                             core::CodeConsent::NotGiven);
        waitForEnd();
        QVERIFY(m_evaluations->failure() != nullptr);
        QVERIFY2(m_evaluations->failure()->why.contains(QLatin1String("sandbox")), why());
        QVERIFY(m_evaluations->runsCode()); // what is left of it
        QCOMPARE(m_evaluations->answers(), std::int64_t {0});
        // It is a project's, and outlives the window.
        QVERIFY(!Evaluations::hasConsent(path("runs")));
        Evaluations::giveConsent(path("runs"));
        QVERIFY(Evaluations::hasConsent(path("runs")));
        QVERIFY(!Evaluations::hasConsent(path("others")));
    }

    void theCommandLinesFolder_opens()
    {
        const auto result = runCli({QStringLiteral("eval"), path("model"), QStringLiteral("--task"),
                                    QStringLiteral("own"), QStringLiteral("--data"),
                                    path("own.jsonl"), QStringLiteral("--template"),
                                    QStringLiteral("plain"), QStringLiteral("--max-new-tokens"),
                                    QStringLiteral("4"), QStringLiteral("-o"), path("cli")});
        QCOMPARE(result.exitCode, 0);
        m_evaluations->open(path("cli"));
        waitForEnd();
        QVERIFY2(m_evaluations->failure() == nullptr, why());
        QVERIFY(m_evaluations->isWhole());
        QCOMPARE(m_evaluations->tasks().at(0)->answers(), std::int64_t {4});
        m_evaluations->close();
        QVERIFY(m_evaluations->tasks().empty() && m_evaluations->folder().isEmpty());
    }

    void votes_lieBesideTheTranscripts()
    {
        core::writeFileAtomically(
            path("mt.jsonl").toStdString(),
            json {{"question_id", 81}, {"category", "writing"}, {"turns", {"abc", "de"}}}.dump()
                + "\n");
        core::EvaluationSpec talks = spec("mt-bench", "mt.jsonl");
        talks.promptTemplate = core::PromptTemplate::Chat;
        m_evaluations->start({talks}, path("out"), core::CodeConsent::NotGiven);
        waitForEnd();
        QVERIFY2(m_evaluations->failure() == nullptr, why());
        core::Vote vote;
        vote.questionId = 81;
        vote.modelA = "base";
        vote.modelB = "same";
        for (int i = 0; i < 5; ++i) { // faster than they are written
            vote.winner = i == 4 ? core::VoteWinner::B : core::VoteWinner::A;
            m_evaluations->vote(0, vote);
        }
        QCOMPARE(m_evaluations->votes(0).size(), std::size_t {5});
        const std::filesystem::path folder = path("out/mt-bench").toStdString();
        QTRY_COMPARE_WITH_TIMEOUT(core::readVotes(folder).size(), std::size_t {5}, hangMs());
        Evaluations again;
        again.open(path("out"));
        QTRY_VERIFY_WITH_TIMEOUT(!again.isRunning(), hangMs());
        QCOMPARE(core::tallyOf(again.votes(0), "base", "same").winsOfB, std::int64_t {1});
    }

    void files_areLookedAt()
    {
        QSignalSpy seen(m_evaluations.get(), &Evaluations::filesSeen);
        m_evaluations->lookAt({{QStringLiteral("own"), path("own.jsonl")},
                               {QStringLiteral("math"), path("nowhere.jsonl")}});
        QTRY_COMPARE_WITH_TIMEOUT(seen.count(), 1, hangMs());
        QCOMPARE(m_evaluations->file(QStringLiteral("own")).questions, std::int64_t {4});
        QVERIFY(m_evaluations->file(QStringLiteral("own")).problem.isEmpty());
        QVERIFY(m_evaluations->file(QStringLiteral("math"))
                    .problem.contains(QLatin1String("nowhere.jsonl")));
    }

private:
    QString path(const char* name) const { return m_folder->filePath(QLatin1String(name)); }
    const char* why() const
    {
        static QByteArray text;
        text = m_evaluations->failure() == nullptr ? QByteArray()
                                                   : m_evaluations->failure()->why.toUtf8();
        return text.constData();
    }

    void writeQuestions(std::size_t count)
    {
        std::string lines;
        for (std::size_t i = 0; i < count; ++i) {
            lines += json {{"prompt", "abc" + std::to_string(i)}, {"expected", "a"}}.dump() + "\n";
        }
        core::writeFileAtomically(path("own.jsonl").toStdString(), lines);
    }

    // Of the tiny model by two names.
    core::EvaluationSpec spec(const std::string& task, const char* data) const
    {
        core::EvaluationSpec one;
        one.task = task;
        one.data = path(data).toStdString();
        const std::string model = path("model").toStdString();
        one.models = {{"base", model}, {"same", model}};
        one.promptTemplate = core::PromptTemplate::Plain;
        one.maxNewTokens = 4;
        one.threads = 1;
        return one;
    }

    void waitForEnd() { QTRY_VERIFY_WITH_TIMEOUT(!m_evaluations->isRunning(), hangMs()); }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Evaluations> m_evaluations;
};

QTEST_GUILESS_MAIN(TestEvaluations)
#include "tst_evaluations.moc"
