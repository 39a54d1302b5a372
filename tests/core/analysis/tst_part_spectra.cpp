// SPDX-License-Identifier: GPL-3.0-or-later
// Spectra of the parts of a fused matrix: together they hold what the whole holds, and each is the spectrum of its rows.
#include "core/analysis/part_spectra.h"
#include "core/model/plan/layer_plan.h"
#include "core/weights/weights.h"
#include "tests/core/decoder/family_models.h"

#include <QTest>

using namespace pissarro::core;
using namespace pissarro::tests;

class PartSpectraTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void parts_areThoseOfTheirRows_data()
    {
        QTest::addColumn<QByteArray>("type");
        QTest::addColumn<int>("parts"); // of a layer
        QTest::newRow("one after the other") << QByteArray("phi3") << 5;
        QTest::newRow("head by head") << QByteArray("gpt_neox") << 3;
        QTest::newRow("none is fused") << QByteArray("llama") << 0;
    }

    void parts_areThoseOfTheirRows()
    {
        QFETCH(QByteArray, type);
        QFETCH(int, parts);
        const FamilyModel model(type.constData(),
                                type == "gpt_neox" ? R"({"rotary_pct": 1.0})" : "{}");
        const auto all = model.files()->linearModules();
        const auto found = partSpectra(*model.files(), all, {}, {});
        QCOMPARE(found.size(), static_cast<std::size_t>(parts * model.config().layers));
        std::map<std::string, double> squares; // of the parts of each
        for (const ModuleSpectrum& one : found) {
            QVERIFY(one.spectrum.isComplete() && one.problem.empty());
            squares[one.module.substr(0, one.module.find(" ("))] += one.spectrum.squaredNorm;
        }
        for (const auto& [module, sum] : squares) {
            const at::Tensor w = loadWeight(*model.files(), module + ".weight");
            QVERIFY(std::abs(sum / w.square().sum().item<double>() - 1.0) < 1e-5);
        }
        if (parts > 0) {
            const auto first = partsOf(layerPlan(model.config(), 0), all.front().name).front();
            const at::Tensor w = loadWeight(*model.files(), all.front().name + ".weight");
            std::vector<at::Tensor> rows;
            for (const MatrixPart::Rows& some : first.rows) {
                rows.push_back(w.narrow(0, some.first, some.count));
            }
            QCOMPARE(found.front().module, all.front().name + " (q)");
            const Spectrum want = computeSpectrum(at::cat(rows), {}, {});
            QVERIFY(found.front().spectrum.values == want.values);
        }
    }
};

QTEST_GUILESS_MAIN(PartSpectraTest)
#include "tst_part_spectra.moc"
