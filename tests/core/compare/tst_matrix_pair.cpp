// SPDX-License-Identifier: GPL-3.0-or-later
// A matrix of two runs closely, and what keeps two runs from being laid over one another.
#include "core/base/error.h"
#include "core/compare/matrix_pair.h"
#include "tests/core/compare/compared_runs.h"

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace pissarro;
using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

const std::string kModule = "model.layers.0.self_attn.v_proj";

ComparedRun comparedRun(const RunSummary& run)
{
    ComparedRun one;
    one.name = run.directory.filename().string();
    one.path = run.directory;
    one.run = run;
    return one;
}

} // namespace

class MatrixPairTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_place = std::make_unique<TinyPlace>();
        m_pissa = m_place->train(m_place->spec("pissa"), "pissa");
        RunSpec some = m_place->spec("lora");
        some.targets = {"v_proj"};
        m_lora = m_place->train(some, "lora");
    }

    // A run against itself: the same spectra as spectraOf() tells, every angle zero; at another state another change.
    void aRunAgainstItself_hasNoAngles()
    {
        const MatrixPair pair = matrixPair({m_pissa, {}}, {m_pissa, {}}, kModule, 4, JobContext());
        const auto single = spectraOf(m_pissa, {kModule}, JobContext());
        QCOMPARE(pair.module, kModule);
        QVERIFY(pair.a && pair.b);
        QCOMPARE(pair.a->delta.values, single[0].delta.values);
        QCOMPARE(pair.a->before.values, single[0].before.values);
        QCOMPARE(pair.b->after.values, single[0].after.values);
        QCOMPARE(pair.between.output.size(), std::size_t {4});
        for (const auto* side : {&pair.between.output, &pair.between.input}) {
            QVERIFY(std::all_of(side->begin(), side->end(),
                                [](double one) { return std::abs(one - 1.0) < 1e-9; }));
        }
        const MatrixPair earlier = matrixPair({m_pissa, {StateChoice::Kind::Step, 2}},
                                              {m_pissa, {}}, kModule, 4, JobContext());
        QVERIFY(earlier.a->delta.squaredNorm < earlier.b->delta.squaredNorm);
        QCOMPARE(earlier.a->before.values, earlier.b->before.values);
        QVERIFY(earlier.between.output.back() < 1.0 - 1e-9);
    }

    // A matrix that only one of them trained is no fault.
    void whatOnlyOneTrained_isTold()
    {
        const MatrixPair both = matrixPair({m_pissa, {}}, {m_lora, {}}, kModule, 4, JobContext());
        QVERIFY(both.a && both.b && !both.between.output.empty());
        const MatrixPair one = matrixPair({m_pissa, {}}, {m_lora, {}},
                                          "model.layers.0.self_attn.q_proj", 4, JobContext());
        QVERIFY(one.a && !one.b);
        QVERIFY(one.between.output.empty() && one.between.input.empty());
        const auto error = test::errorOf([&] {
            matrixPair({m_pissa, {StateChoice::Kind::Step, 77}}, {m_lora, {}}, kModule, 4,
                       JobContext());
        });
        QVERIFY(error);
    }

    void otherModels_areNamed()
    {
        const ComparedRun a = comparedRun(m_pissa);
        ComparedRun b = comparedRun(m_lora);
        const auto modules = ModelFiles::open(m_pissa.spec.model)->linearModules();
        QVERIFY(!pairFault(a, modules, b, modules));
        auto others = modules;
        others[3].rows += 1;
        const auto shape = pairFault(a, modules, b, others);
        QVERIFY(shape);
        QVERIFY2(shape->text().find(modules[3].name) != std::string::npos, shape->text().c_str());
        others.erase(others.begin() + 3); // that one alone has is none
        QVERIFY(!pairFault(a, modules, b, others));
        b.run->inputs.weights.front().fingerprint = "other";
        const auto base = pairFault(a, modules, b, modules);
        QVERIFY(base && base->text().find("other weights") != std::string::npos);
        b.run->inputs = {}; // of an older version: nothing is known
        QVERIFY(!pairFault(a, modules, b, modules));
    }

    void cancelling_isHeard()
    {
        std::stop_source stop;
        stop.request_stop();
        QVERIFY_THROWS_EXCEPTION(
            Cancelled,
            matrixPair({m_pissa, {}}, {m_lora, {}}, kModule, 4, JobContext(stop.get_token())));
    }

private:
    std::unique_ptr<TinyPlace> m_place;
    RunSummary m_pissa;
    RunSummary m_lora;
};

QTEST_GUILESS_MAIN(MatrixPairTest)
#include "tst_matrix_pair.moc"
