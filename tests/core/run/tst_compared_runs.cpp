// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/compared_runs.h"
#include "core/run/spec_fields.h"

#include <QTest>

using namespace pissarro;
using namespace pissarro::core;

class TestComparedRuns : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void operations_countWhatIsFrozenAndWhatTrains()
    {
        RunSummary run;
        run.spec.method = methodNamed("lora");
        QCOMPARE(flopsPerToken(run), 0.0); // not told
        run.modelParameters = 1000;
        run.trainableParameters = 10;
        QCOMPARE(flopsPerToken(run), 4060.0);
        run.spec.method = methodNamed("full");
        run.trainableParameters = 1000;
        QCOMPARE(flopsPerToken(run), 6000.0);
    }

    // Walks the table of settings: each but the seed makes another recipe.
    void recipes_differInAnythingButTheSeed()
    {
        const RunSpec spec;
        RunSpec seeded = spec;
        seeded.seed = 42;
        QVERIFY(recipeOf(seeded) == recipeOf(spec));
        RunSpec other = spec;
        other.learningRate *= 3.0;
        QVERIFY(recipeOf(other) != recipeOf(spec));
        other = spec;
        other.rank += 1;
        QVERIFY(recipeOf(other) != recipeOf(spec));
        for (const SpecField& field : specFields()) {
            const bool isThere = recipeOf(spec).find(field.key + '=') != std::string::npos;
            QVERIFY2(isThere == (field.key != "seed"), field.key.c_str());
        }
    }
};

QTEST_GUILESS_MAIN(TestComparedRuns)
#include "tst_compared_runs.moc"
