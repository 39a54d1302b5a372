// SPDX-License-Identifier: GPL-3.0-or-later
// Where training went, of every method, against the dense matrices and LAPACK in float64.
#include "core/adapter/adapter_tensors.h"
#include "core/adapter/make_adapter_tensors.h"
#include "core/base/error.h"
#include "core/compare/update_map.h"
#include "core/compare/update_source_tensors.h"
#include "core/compare/update_table.h"
#include "core/export/export_run.h"
#include "core/weights/weights.h"
#include "tests/core/compare/compared_runs.h"

#include <ATen/ATen.h>

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace pissarro;
using namespace pissarro::core;
using namespace pissarro::tests;
namespace fs = std::filesystem;

namespace {

at::Tensor productOf(const Adapter& adapter)
{
    return adapter.b_OR.to(at::kDouble).mm(adapter.a_RI.to(at::kDouble)).mul(adapter.scale);
}

at::Tensor productIn(const AdapterSet& set, const std::string& module)
{
    for (const Adapter& one : set) {
        if (one.module == module) {
            return productOf(one);
        }
    }
    return {};
}

// Delta W in full, from what the run wrote for other programs.
at::Tensor denseUpdate(const RunSummary& run, const std::string& module)
{
    const auto base = ModelFiles::open(run.spec.model);
    const std::string weight = module + ".weight";
    if (!hasAdapter(run.spec.method)) {
        return loadWeight(*ModelFiles::open(run.directory / "model"), weight, at::kDouble)
            - loadWeight(*base, weight, at::kDouble);
    }
    const auto files = isFourBit(run.spec.method) ? ModelFiles::open(baseOf(run)) : base;
    const at::Tensor end =
        productIn(readPeftAdapter(run.directory / "adapter", *files).adapters, module);
    return isFourBit(run.spec.method)
        ? end - productIn(readPeftAdapter(initialAdapterOf(run), *files).adapters, module)
        : end; // a plain LoRA for the untouched model
}

bool isClose(double found, double wanted, double relative)
{
    return std::abs(found - wanted) <= relative * std::abs(wanted);
}

bool descends(const std::vector<double>& cosines)
{
    return std::is_sorted(cosines.rbegin(), cosines.rend())
        && std::all_of(cosines.begin(), cosines.end(),
                       [](double one) { return one >= 0.0 && one <= 1.0; });
}

} // namespace

class UpdateMapTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_place = std::make_unique<TinyPlace>(); }

    // Thin factors give the singular values that LAPACK finds of the product, and zeros for the rest.
    void changes_areTheDifferenceOfProducts()
    {
        at::manual_seed(1);
        const auto wide = [](std::int64_t rows, std::int64_t cols) {
            return at::randn({rows, cols}, at::kFloat);
        };
        Adapter start {"m", wide(3, 20), wide(12, 3), 0.5};
        Adapter trained = start;
        trained.a_RI = start.a_RI + 1e-3 * wide(3, 20);
        trained.b_OR = start.b_OR + 1e-3 * wide(12, 3);
        const Change change = changeBetween(trained, &start);
        const at::Tensor dense = productOf(trained) - productOf(start);
        QVERIFY((change.b_OQ.mm(change.a_QI) - dense).abs().max().item<double>() < 1e-12);
        const at::Tensor wanted = at::linalg_svdvals(dense);
        const at::Tensor found = svdOfProduct(change.b_OQ, change.a_QI).s_R;
        QCOMPARE(found.size(0), std::int64_t {6});
        QVERIFY((found - wanted.narrow(0, 0, 6)).abs().max().item<double>()
                < 1e-12 * wanted[0].item<double>());
        start.b_OR.zero_(); // a LoRA: it began at nothing
        QCOMPARE(changeBetween(trained, &start).b_OQ.size(1), std::int64_t {3});
        QCOMPARE(changeBetween(trained, nullptr).b_OQ.size(1), std::int64_t {3});
    }

    void everyMethod_isTheDenseDifference_data()
    {
        QTest::addColumn<QString>("method");
        for (const Method method : allMethods()) {
            const std::string name(methodName(method));
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
        }
    }

    void everyMethod_isTheDenseDifference()
    {
        QFETCH(QString, method);
        const RunSummary run =
            m_place->train(m_place->spec(method.toStdString()), method.toStdString());
        const RunUpdate update = updateOfRun(run, {}, JobContext());
        QVERIFY(update.notes.empty());
        QVERIFY(update.states.size() >= 2);
        QCOMPARE(update.usual().step, std::int64_t {4});
        QCOMPARE(update.usual().modules.size(), static_cast<std::size_t>(kTinyModules));
        const auto base = ModelFiles::open(run.spec.model);
        for (const ModuleUpdate& one : update.usual().modules) {
            const at::Tensor delta_OI = denseUpdate(run, one.module.name);
            const at::Tensor wanted = at::linalg_svdvals(delta_OI);
            const double norm = delta_OI.norm().item<double>();
            QVERIFY(norm > 0.0);
            QVERIFY2(isClose(one.norm(), norm, 1e-4), one.module.name.c_str());
            const double size =
                loadWeight(*base, one.module.name + ".weight", at::kDouble).norm().item<double>();
            QVERIFY(isClose(one.relativeNorm, norm / size, 1e-4));
            QCOMPARE(static_cast<std::int64_t>(one.delta.values.size()), one.module.smallerSide());
            for (std::int64_t i = 0; i < 4; ++i) {
                QVERIFY(isClose(one.delta.values[static_cast<std::size_t>(i)],
                                wanted[i].item<double>(), 1e-3));
            }
            QVERIFY(effectiveRank(one.delta) >= 1.0);
            QVERIFY(descends(one.toBase.output) && descends(one.toBase.input));
            QVERIFY(!one.toBase.output.empty());
            QCOMPARE(one.rank, hasAdapter(run.spec.method) ? std::int64_t {4} : std::int64_t {0});
            QCOMPARE(!std::isnan(one.startError), isFourBit(run.spec.method));
        }
    }

    // Training goes on: the change of a later state is another, and the first is the smaller.
    void states_areInTheOrderOfTime()
    {
        RunSpec spec = m_place->spec("pissa");
        spec.steps = 8;
        const RunUpdate update = updateOfRun(m_place->train(spec, "longer"), {}, JobContext());
        QVERIFY(update.states.size() >= 4);
        const UpdateTable table = updateTable(update, UpdateMeasure::Norm);
        QCOMPARE(table.modules.size() * table.steps.size(), table.values.size());
        QVERIFY(std::is_sorted(table.steps.begin(), table.steps.end()));
        for (std::size_t i = 0; i < table.modules.size(); ++i) {
            QVERIFY(table.at(i, 0) > 0.0);
            QVERIFY(table.at(i, 0) < table.at(i, table.steps.size() - 1));
        }
        const LayerTable layers = layerTable(update.usual(), UpdateMeasure::EffectiveRank);
        QCOMPARE(layers.layers.size(), static_cast<std::size_t>(kTinyLayers));
        QCOMPARE(layers.types.size(), std::size_t {7});
        QVERIFY(std::none_of(layers.values.begin(), layers.values.end(),
                             [](double one) { return std::isnan(one); }));
        QVERIFY(meanOf(update.usual(), UpdateMeasure::EffectiveRank) > 1.0);
    }

    // PiSSA begins in the leading directions of W, so the angles to both are the same; LoRA's B is zero at the start.
    void starts_areThoseOfTheMethod()
    {
        const RunUpdate pissa = updateOfRun(m_place->train(m_place->spec("pissa"), "start-pissa"),
                                            {{}, 4}, JobContext());
        for (const ModuleUpdate& one : pissa.usual().modules) {
            QCOMPARE(one.toStart.output.size(), one.toBase.output.size());
            for (std::size_t i = 0; i < one.toStart.output.size(); ++i) {
                QVERIFY(std::abs(one.toStart.output[i] - one.toBase.output[i]) < 1e-3);
                QVERIFY(std::abs(one.toStart.input[i] - one.toBase.input[i]) < 1e-3);
            }
        }
        const RunUpdate lora =
            updateOfRun(m_place->train(m_place->spec("lora"), "start-lora"), {{}, 4}, JobContext());
        for (const ModuleUpdate& one : lora.usual().modules) {
            QVERIFY(one.toStart.output.empty());
            QVERIFY(!one.toStart.input.empty()
                    && one.toStart.input.front() > 0.99); // A has hardly moved
        }
    }

    // DoRA changes every row's length: the update is no product of thin factors, and told in full. float32 of the lengths is
    // left, 1e-7 of W, whose update is some thousandths.
    void magnitudes_areTheDenseDifference_data()
    {
        QTest::addColumn<QString>("method");
        for (const char* method : {"lora", "pissa", "qlora"}) {
            QTest::newRow(method) << method;
        }
    }

    void magnitudes_areTheDenseDifference()
    {
        QFETCH(QString, method);
        RunSpec spec = m_place->spec(method.toStdString());
        spec.adapterKind = "dora";
        const std::string name = "dora-" + method.toStdString();
        const RunSummary run = m_place->train(spec, name);
        const auto files =
            ModelFiles::open(isFourBit(run.spec.method) ? baseOf(run).string() : run.spec.model);
        const AdapterSet end = readPeftAdapter(run.directory / "adapter", *files).adapters;
        ExportOptions options;
        options.form = ExportForm::Pair;
        exportRun(run.directory, options, *m_place / (name + "-out"), JobContext());
        const RunUpdate update = updateOfRun(run, {}, JobContext());
        const RunUpdate pair = updateOfPair(*m_place / (name + "-out"), {}, JobContext());
        QCOMPARE(update.usual().modules.size(), end.size());
        for (std::size_t i = 0; i < end.size(); ++i) {
            const ModuleUpdate& one = update.usual().modules[i];
            const auto trained = std::find_if(end.begin(), end.end(), [&](const Adapter& adapter) {
                return adapter.module == one.module.name;
            });
            QVERIFY(trained != end.end() && trained->magnitude_O.defined());
            Adapter wide = *trained;
            for (const AdapterTensor& tensor : wide.kind->tensors) {
                at::Tensor& value = wide.*tensor.value;
                value = value.to(at::kDouble);
            }
            const at::Tensor w_OI = loadWeight(*files, one.module.name + ".weight", at::kDouble);
            // LoRA's and QLoRA's start adds nothing; PiSSA's adapter here is for the untouched model.
            const double norm = (mergedWeight(w_OI, wide) - w_OI).norm().item<double>();
            QVERIFY(norm > 0.0);
            QVERIFY2(isClose(one.norm(), norm, 1e-3), one.module.name.c_str());
            QVERIFY2(isClose(pair.usual().modules[i].norm(), norm, 1e-3), one.module.name.c_str());
        }
    }

    // What `export --as pair` writes tells the same as the run that it is of.
    void pairs_areTheirRuns_data()
    {
        QTest::addColumn<QString>("method");
        for (const char* method : {"pissa", "lora", "qpissa", "qlora"}) {
            QTest::newRow(method) << method;
        }
    }

    void pairs_areTheirRuns()
    {
        QFETCH(QString, method);
        const std::string name = "pair-" + method.toStdString();
        const RunSummary run = m_place->train(m_place->spec(method.toStdString()), name);
        ExportOptions options;
        options.form = ExportForm::Pair;
        exportRun(run.directory, options, *m_place / (name + "-out"), JobContext());
        QVERIFY(isPairOrAdapter(*m_place / (name + "-out")));
        QVERIFY(!isPairOrAdapter(*m_place / "model"));
        const RunUpdate own = updateOfRun(run, {}, JobContext());
        const RunUpdate pair = updateOfPair(*m_place / (name + "-out"), {}, JobContext());
        QCOMPARE(pair.usual().modules.size(), own.usual().modules.size());
        for (std::size_t i = 0; i < own.usual().modules.size(); ++i) {
            const ModuleUpdate& a = own.usual().modules[i];
            const ModuleUpdate& b = pair.usual().modules[i];
            QCOMPARE(b.module.name, a.module.name);
            QVERIFY(isClose(b.norm(), a.norm(), 1e-6));
            QVERIFY(isClose(effectiveRank(b.delta), effectiveRank(a.delta), 1e-6));
        }
    }

    void modules_areThoseAskedFor()
    {
        RunSpec spec = m_place->spec("lora");
        spec.targets = {"q_proj", "down_proj"};
        const RunSummary run = m_place->train(spec, "some");
        QCOMPARE(updateOfRun(run, {}, JobContext()).usual().modules.size(),
                 static_cast<std::size_t>(2 * kTinyLayers));
        QCOMPARE(updateOfRun(run, {{"down_proj"}}, JobContext()).usual().modules.size(),
                 static_cast<std::size_t>(kTinyLayers));
        const auto error = test::errorOf([&] { updateOfRun(run, {{"v_proj"}}, JobContext()); });
        QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
    }

    // A model that was changed since is a note: what the factors tell stands.
    void aChangedModel_isSaid()
    {
        TinyPlace place;
        const RunSummary run = place.train(place.spec("lora"), "run");
        const RunUpdate before = updateOfRun(run, {}, JobContext());
        std::fstream weights(place / "model/model.safetensors",
                             std::ios::in | std::ios::out | std::ios::binary);
        weights.seekp(-4, std::ios::end);
        const float other = 0.5F;
        weights.write(reinterpret_cast<const char*>(&other), sizeof other);
        weights.close();
        const RunUpdate after = updateOfRun(run, {}, JobContext());
        QCOMPARE(after.notes.size(), std::size_t {1});
        QVERIFY(std::isnan(after.usual().modules[0].relativeNorm));
        QVERIFY(after.usual().modules[0].toBase.output.empty());
        QCOMPARE(after.usual().modules[0].norm(), before.usual().modules[0].norm());
    }

    void brokenStates_areNamed()
    {
        const RunSummary run = m_place->train(m_place->spec("lora"), "broken");
        const auto newest = checkpointDirectory(run.directory, 4);
        fs::copy_file(
            checkpointDirectory(m_place->train(m_place->spec("full"), "other").directory, 4)
                / kStateTensors,
            newest / kStateTensors, fs::copy_options::overwrite_existing);
        const auto error = test::errorOf([&] { updateOfRun(run, {}, JobContext()); });
        QVERIFY(error && error->kind() == ErrorKind::Format);
        QVERIFY2(std::string(error->what()).find("another run") != std::string::npos,
                 error->what());
    }

    void cancelling_isHeard()
    {
        const RunSummary run = m_place->train(m_place->spec("lora"), "cancelled");
        std::stop_source stop;
        stop.request_stop();
        QVERIFY_THROWS_EXCEPTION(Cancelled, updateOfRun(run, {}, JobContext(stop.get_token())));
    }

    // Every matrix is told of once, after a frame of all of them, and what was told is what is returned.
    void whoListens_hearsEachMatrix()
    {
        class Listener : public UpdateObserver {
        public:
            void begun(const RunUpdate& frame) override
            {
                QVERIFY(m_frame.states.empty());
                m_frame = frame;
                QVERIFY(frame.states[0].modules[0].delta.values.empty());
            }
            void measured(std::size_t place, const std::vector<ModuleUpdate>& states) override
            {
                QCOMPARE(states.size(), m_frame.states.size());
                for (std::size_t i = 0; i < states.size(); ++i) {
                    QCOMPARE(states[i].module.name, m_frame.states[i].modules[place].module.name);
                    QCOMPARE(states[i].rank, m_frame.states[i].modules[place].rank);
                    QVERIFY(m_frame.states[i].modules[place].delta.values.empty()); // once
                    m_frame.states[i].modules[place] = states[i];
                }
            }
            RunUpdate m_frame;
        };
        Listener listener;
        const RunUpdate update = updateOfRun(m_place->train(m_place->spec("pissa"), "heard"), {},
                                             JobContext(), &listener);
        QCOMPARE(listener.m_frame.states.size(), update.states.size());
        for (std::size_t i = 0; i < update.states.size(); ++i) {
            for (std::size_t m = 0; m < update.states[i].modules.size(); ++m) {
                QCOMPARE(listener.m_frame.states[i].modules[m].norm(),
                         update.states[i].modules[m].norm());
            }
        }
    }

    void spectra_areBeforeAndAfter()
    {
        const RunSummary run = m_place->train(m_place->spec("qpissa"), "spectra");
        const std::string module = "model.layers.1.self_attn.q_proj";
        const auto all = spectraOf(run, {module}, JobContext());
        QCOMPARE(all.size(), std::size_t {1});
        QCOMPARE(all[0].module, module);
        const auto files = ModelFiles::open(baseOf(run));
        const at::Tensor before = loadWeight(*files, module + ".weight", at::kDouble)
            + productIn(readPeftAdapter(initialAdapterOf(run), *files).adapters, module);
        const at::Tensor after = before + denseUpdate(run, module);
        QVERIFY(
            isClose(all[0].before.values[0], at::linalg_svdvals(before)[0].item<double>(), 1e-5));
        QVERIFY(isClose(all[0].after.values[0], at::linalg_svdvals(after)[0].item<double>(), 1e-5));
    }

private:
    std::unique_ptr<TinyPlace> m_place;
};

QTEST_GUILESS_MAIN(UpdateMapTest)
#include "tst_update_map.moc"
