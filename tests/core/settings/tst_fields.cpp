// SPDX-License-Identifier: GPL-3.0-or-later
// Rows that tell of a setting: what one takes, refuses, and how it reads, whoever holds it.
#include "core/settings/field.h"
#include "core/settings/fields.h"

#include <QTest>

#include <cmath>
#include <limits>
#include <set>

using namespace pissarro::core;

namespace {

struct Whole {
    int before = 1;
    SvdOptions svd;
};

template <class Owner>
const Field<Owner>& named(const std::vector<Field<Owner>>& fields, const std::string& key)
{
    return *std::find_if(fields.begin(), fields.end(),
                         [&](const Field<Owner>& field) { return field.key == key; });
}

FieldInfo limited(double lowest, double highest, bool open = false)
{
    FieldInfo info;
    info.limits = FieldLimits {lowest, highest, open};
    return info;
}

} // namespace

class TestFields : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rows_areTheMembers()
    {
        SvdOptions svd;
        const auto fields = svdFields();
        QVERIFY(named(fields, "svd").set(svd, std::string("fast")));
        QVERIFY(named(fields, "niter").set(svd, std::int64_t {3}));
        QVERIFY(named(fields, "oversampling").set(svd, std::int64_t {17}));
        const SvdOptions wanted {SvdKind::Fast, {3, 17}};
        QVERIFY(svd == wanted);
        QVERIFY(sameValue(named(fields, "svd").get(svd), std::string("fast")));
        QVERIFY(sameValue(named(fields, "niter").get(svd), std::int64_t {3}));
        QuantOptions quant;
        const auto others = quantFields();
        QVERIFY(named(others, "quant_type").set(quant, std::string("fp4")));
        QVERIFY(named(others, "quant_block").set(quant, std::int64_t {256}));
        QVERIFY(named(others, "double_quant").set(quant, true));
        const QuantOptions four {QuantType::Fp4, 256, true};
        QVERIFY(quant == four);
    }

    // Each setting has a flag, a label and a help of its own: what is made from the table is not told twice.
    void rows_areToldApart()
    {
        std::set<std::string> keys;
        std::set<std::string> flags;
        const auto see = [&](const FieldInfo& field) {
            QVERIFY(keys.insert(field.key).second);
            QVERIFY(flags.insert(field.flag).second);
            QVERIFY(field.flag.starts_with("--"));
            QVERIFY(!field.label.empty() && !field.help.empty());
        };
        for (const auto& field : svdFields()) {
            see(field);
        }
        for (const auto& field : quantFields()) {
            see(field);
        }
    }

    void another_kindOfValueChangesNothing()
    {
        SvdOptions svd;
        const SvdOptions before;
        const auto fields = svdFields();
        QVERIFY(!named(fields, "svd").set(svd, std::string("slow")));
        QVERIFY(!named(fields, "svd").set(svd, std::int64_t {1}));
        QVERIFY(!named(fields, "niter").set(svd, std::string("3")));
        QVERIFY(!named(fields, "niter").set(svd, std::int64_t {1} << 31)); // no int
        QVERIFY(!named(fields, "oversampling").set(svd, 3.0));
        QVERIFY(svd == before);
    }

    void aPart_isARowOfTheWhole()
    {
        Whole whole;
        const auto field = liftedField(named(svdFields(), "niter"), &Whole::svd);
        QCOMPARE(field.flag, std::string("--niter"));
        QVERIFY(field.set(whole, std::int64_t {5}));
        QCOMPARE(whole.svd.fast.niter, 5);
        QVERIFY(sameValue(field.get(whole), std::int64_t {5}));
        const auto own = memberField<&Whole::before>(
            {.key = "before", .flag = "--before", .label = "Before", .help = "what was"});
        QCOMPARE(std::string(own.expected), std::string("a whole number of at most 32 bits"));
    }

    void ranges_sayWhatIsAllowed_data()
    {
        QTest::addColumn<QString>("problem");
        QTest::addColumn<QString>("wanted");
        const auto row = [](const char* name, const std::string& problem, const char* wanted) {
            QTest::newRow(name) << QString::fromStdString(problem) << QString(wanted);
        };
        const double nan = std::numeric_limits<double>::quiet_NaN();
        row("whole", rangeProblem(limited(1, 8), std::int64_t {9}),
            "must be a whole number from 1 to 8, found 9");
        row("first", rangeProblem(limited(1, 8), std::int64_t {1}), "");
        row("last", rangeProblem(limited(1, 8), std::int64_t {8}), "");
        row("natural", rangeProblem(limited(0, 8), std::uint64_t {9}),
            "must be a whole number from 0 to 8, found 9");
        row("real", rangeProblem(limited(0, 1), 1.5),
            "must be at least 0 and at most 1, found 1.5");
        row("open", rangeProblem(limited(0, 1, true), 0.0),
            "must be above 0 and at most 1, found 0");
        row("closed", rangeProblem(limited(0, 1), 0.0), "");
        row("no number", rangeProblem(limited(0, 1), nan),
            "must be at least 0 and at most 1, found nan");
        row("no limits", rangeProblem({}, 1e300), "");
        row("a text", rangeProblem(limited(0, 1), std::string("x")), "");
        row("one of some", rangeProblem(named(quantFields(), "quant_block"), std::int64_t {96}),
            "must be 64, 128, 256, 512, 1024, 2048 or 4096, found 96");
        row("one of them", rangeProblem(named(quantFields(), "quant_block"), std::int64_t {4096}),
            "");
        row("a name", choiceProblem(named(svdFields(), "svd"), "--svd", "slow"),
            "--svd must be one of exact, fast, found 'slow'");
    }
    void ranges_sayWhatIsAllowed()
    {
        QFETCH(QString, problem);
        QFETCH(QString, wanted);
        QCOMPARE(problem.replace('"', '\''), wanted);
    }

    void values_readAsWords()
    {
        QCOMPARE(fieldText(true), std::string("true"));
        QCOMPARE(fieldText(2e-5), std::string("2e-5"));
        QCOMPARE(fieldText(std::int64_t {-3}), std::string("-3"));
        QCOMPARE(fieldText(std::numeric_limits<std::uint64_t>::max()),
                 std::string("18446744073709551615"));
        const std::vector<std::string> two {"q_proj", "v_proj"};
        QCOMPARE(fieldText(two), std::string("q_proj, v_proj"));
        QCOMPARE(fieldText(two, ","), std::string("q_proj,v_proj"));
        QCOMPARE(fieldText(PatternValues<std::int64_t>()), std::string("none"));
        QCOMPARE(fieldText(PatternValues<std::int64_t> {{"a", 1}, {"b", 2}}),
                 std::string("2 modules"));
    }

    void aNumberThatIsNone_isItself()
    {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        QVERIFY(sameValue(nan, nan));
        QVERIFY(!sameValue(nan, 0.0));
        QVERIFY(!sameValue(1.0, std::int64_t {1}));
    }
};

QTEST_GUILESS_MAIN(TestFields)
#include "tst_fields.moc"
