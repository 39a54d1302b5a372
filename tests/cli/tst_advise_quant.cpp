// SPDX-License-Identifier: GPL-3.0-or-later
// advise --by quant-error: every rank against what quant-error finds at it and at the rank below.
#include "tests/cli/measured_cli.h"
#include "tests/cli/tiny_model.h"
#include "tests/tools/patience.h"

#include <QJsonArray>
#include <QtTest/QtTest>

#include <algorithm>
#include <csignal>
#include <map>

using namespace pissarro;
using namespace pissarro::tests;

class TestAdviseQuant : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void meets_theTargetAndNoRankBelowDoes_data();
    void meets_theTargetAndNoRankBelowDoes();
    void needs_noHigherRankForALargerShare_data();
    void needs_noHigherRankForALargerShare();
    void counts_whatFallsShort_data();
    void counts_whatFallsShort();
    void holds_theLowestRank();
    void prints_theRanksAsText();
    void warns_ofWhatHasNoMeaning();
    void stoppedInTheMiddle_nothingIsLeft();

private:
    QString path(const QString& name) const { return m_folder.filePath(name); }
    QString model() const { return path("tiny"); }
    QJsonObject advise(const QStringList& how) const; // its JSON document
    // Nuclear errors at a rank as quant-error finds them, by module ("" for what has no such rank).
    const std::map<QString, QJsonObject>& errorsAt(int rank, int iters);

    std::map<std::pair<int, int>, std::map<QString, QJsonObject>> m_errors; // by rank and T
    const QTemporaryDir m_folder;
};

namespace {

int smallerSideOf(const QString& module)
{
    const bool narrow = module.endsWith("k_proj") || module.endsWith("v_proj");
    return int(narrow ? kTinyKvWidth : kTinyWidth);
}

bool meets(const QJsonObject& errors, const QString& method, double share)
{
    return errors[method]["nuclear"].toDouble() <= share * errors["qlora"]["nuclear"].toDouble();
}

} // namespace

void TestAdviseQuant::initTestCase()
{
    qputenv("OMP_NUM_THREADS", "1"); // two threads would wait for each other on a busy machine
    qputenv("XDG_CACHE_HOME", path("cache").toUtf8());
    writeTinyModel(model().toStdString());
}

QJsonObject TestAdviseQuant::advise(const QStringList& how) const
{
    const CliResult result =
        runCli(QStringList {"advise", model(), "--by", "quant-error", "--json"} + how);
    if (result.exitCode != 0) {
        qWarning("%s", result.err.constData());
    }
    return result.json();
}

const std::map<QString, QJsonObject>& TestAdviseQuant::errorsAt(int rank, int iters)
{
    std::map<QString, QJsonObject>& errors = m_errors[{rank, iters}];
    if (errors.empty()) {
        QStringList line {
            "quant-error",         model(), "--json", "--rank", QString::number(rank), "--iters",
            QString::number(iters)};
        if (rank > kTinyKvWidth) {
            line += {"--modules", "q_proj,o_proj,gate_proj,up_proj,down_proj"};
        }
        for (const QJsonValue& one : runCli(line).json()["modules"].toArray()) {
            errors[one["name"].toString()] = one.toObject();
        }
    }
    return errors;
}

void TestAdviseQuant::meets_theTargetAndNoRankBelowDoes_data()
{
    QTest::addColumn<QString>("method");
    QTest::addColumn<double>("share");
    QTest::addColumn<int>("iters");
    for (const char* method : {"qpissa", "loftq"}) {
        for (const double share : {0.95, 0.8, 0.5, 0.25}) {
            QTest::addRow("%s, %g", method, share) << method << share << 1;
        }
        QTest::addRow("%s, T = 3", method) << method << 0.7 << 3;
    }
}

void TestAdviseQuant::meets_theTargetAndNoRankBelowDoes()
{
    QFETCH(const QString, method);
    QFETCH(const double, share);
    QFETCH(const int, iters);
    const QJsonObject ranks = advise({"--value", QString::number(share), "--method", method,
                                      "--iters", QString::number(iters)})["rank_pattern"]
                                  .toObject();
    QCOMPARE(ranks.size(), int(kTinyModules));
    for (const QString& module : ranks.keys()) {
        const int rank = ranks[module].toInt();
        QVERIFY(rank >= 1 && rank <= smallerSideOf(module));
        const QByteArray what = module.toUtf8() + " at " + QByteArray::number(rank);
        const QJsonObject here = errorsAt(rank, iters).at(module);
        QVERIFY2(meets(here, method, share), what.constData());
        if (rank > 1) { // below rank 1 is QLoRA itself
            QVERIFY2(!meets(errorsAt(rank - 1, iters).at(module), method, share), what.constData());
        }
    }
}

void TestAdviseQuant::needs_noHigherRankForALargerShare_data()
{
    QTest::addColumn<QString>("method");
    QTest::newRow("qpissa") << "qpissa";
    QTest::newRow("loftq") << "loftq";
}

void TestAdviseQuant::needs_noHigherRankForALargerShare()
{
    QFETCH(const QString, method);
    QJsonObject before;
    for (const char* share : {"5%", "15%", "0.3", "0.45", "0.6", "0.75", "0.85", "0.95", "1"}) {
        const QJsonObject ranks =
            advise({"--method", method, "--value", share})["rank_pattern"].toObject();
        QCOMPARE(ranks.size(), int(kTinyModules));
        for (const QString& module : ranks.keys()) {
            QVERIFY2(before.isEmpty() || ranks[module].toInt() <= before[module].toInt(), share);
        }
        before = ranks;
    }
    for (const QString& module : before.keys()) {
        QCOMPARE(before[module].toInt(), 1); // any rank leaves at most what none does
    }
}

void TestAdviseQuant::counts_whatFallsShort_data()
{
    needs_noHigherRankForALargerShare_data();
}

void TestAdviseQuant::counts_whatFallsShort()
{
    QFETCH(const QString, method);
    const QJsonObject advice = advise({"--method", method, "--value", "0.7", "--max-rank", "5"});
    int failed = 0;
    int free = 0;
    const QJsonObject ranks = advice["rank_pattern"].toObject();
    for (const QString& module : ranks.keys()) {
        const int rank = ranks[module].toInt();
        QVERIFY(rank <= 5);
        failed += rank == 5 && !meets(errorsAt(5, 1).at(module), method, 0.7) ? 1 : 0;
        free += meets(errorsAt(rank, 1).at(module), method, 0.7) ? 1 : 0;
    }
    QCOMPARE(failed + free, int(kTinyModules));
    QVERIFY(failed > 0);
    const QString reason = advice["reason"].toString();
    QVERIFY2(reason.contains(QString("%1 of 14 matrices fell short").arg(failed)),
             qPrintable(reason));
    QVERIFY2(reason.contains("at most 5"), qPrintable(reason));
    // Nothing is left of a whole matrix, so without a bound every target is met.
    const QString all = advise({"--method", method, "--value", "0.0001"})["reason"].toString();
    QVERIFY2(all.contains("at their smaller side") && !all.contains("fell short"), qPrintable(all));
}

void TestAdviseQuant::holds_theLowestRank()
{
    const QJsonObject advice = advise({"--value", "95%", "--min-rank", "16", "--scale", "2"});
    const QJsonObject ranks = advice["rank_pattern"].toObject();
    QCOMPARE(ranks.size(), int(kTinyModules));
    for (const QString& module : ranks.keys()) {
        QCOMPARE(ranks[module].toInt(), 16);
        QCOMPARE(advice["alpha_pattern"][module].toDouble(), 32.0);
    }
    const QString reason = advice["reason"].toString();
    QVERIFY2(reason.contains("at least 16") && !reason.contains("smaller side"),
             qPrintable(reason));
}

void TestAdviseQuant::prints_theRanksAsText()
{
    const QStringList how {"--modules", "q_proj", "--method", "loftq", "--value", "80%"};
    const QJsonObject advice = advise(how);
    const CliResult text = runCli(QStringList {"advise", model(), "--by", "quant-error"} + how);
    QCOMPARE(text.exitCode, 0);
    const QJsonObject ranks = advice["rank_pattern"].toObject();
    QCOMPARE(ranks.size(), int(kTinyLayers));
    for (const QString& module : ranks.keys()) {
        const QString line = module + "  " + QString::number(ranks[module].toInt()) + "\n";
        QVERIFY2(text.out.contains(line.toUtf8()), text.out.constData());
    }
    QVERIFY(text.out.contains(advice["reason"].toString().toUtf8()));
    QVERIFY(advice["reason"].toString().contains("LoftQ with T = 1"));
}

void TestAdviseQuant::warns_ofWhatHasNoMeaning()
{
    for (const QStringList& flag : {QStringList {"--method", "loftq"}, {"--iters", "2"}}) {
        const CliResult result = runCli(QStringList {"advise", model(), "--json"} + flag);
        QCOMPARE(result.exitCode, 0);
        QVERIFY(result.err.contains("warning: " + flag.first().toUtf8()));
    }
}

void TestAdviseQuant::stoppedInTheMiddle_nothingIsLeft()
{
    if (demoModel().isEmpty()) {
        QSKIP("SmolLM2 is not there: run ./dev setup");
    }
    const QString file = path("stopped.json");
    QProcess process;
    process.start(QStringLiteral(PISSARRO_CLI),
                  {"advise", demoModel(), "--by", "quant-error", "--value", "0.5", "-o", file});
    QVERIFY(process.waitForStarted(hangMs()));
    QTRY_VERIFY_WITH_TIMEOUT(hears(process.processId(), SIGINT), hangMs());
    QTest::qWait(500); // into the work
    QCOMPARE(process.state(), QProcess::Running);
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    QVERIFY(process.waitForFinished(hangMs()));
    QCOMPARE(process.exitCode(), 130);
    QVERIFY(!QFile::exists(file));
}

QTEST_GUILESS_MAIN(TestAdviseQuant)

#include "tst_advise_quant.moc"
