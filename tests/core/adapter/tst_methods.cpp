// SPDX-License-Identifier: GPL-3.0-or-later
// Every method of the list, whatever they are: a new one is tested by being there.
#include "core/adapter/make_adapter_tensors.h"
#include "core/adapter/method.h"
#include "core/adapter/method_start_tensors.h"
#include "core/base/error.h"
#include "core/export/export_run.h"
#include "core/init/init_model.h"
#include "core/init/init_quantized.h"
#include "core/session/open_model_tensors.h"
#include "core/session/session.h"
#include "core/tensor/threads.h"
#include "core/train/trainer.h"
#include "core/weights/weights.h"
#include "tests/tools/tiny_llama.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>

#include <limits>
#include <set>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kRank = 4;
constexpr double kAlpha = 8.0; // scale 2: a start that forgets it is found

void addRows(bool (*is)(Method))
{
    QTest::addColumn<QString>("name");
    for (const Method method : methodsWhere(is)) {
        const std::string name(method->name);
        QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }
}

AdapterOptions optionsOf(Method method)
{
    AdapterOptions options;
    options.method = method;
    options.rank = kRank;
    options.alpha = kAlpha;
    options.seed = 3;
    options.device = "cpu";
    return options;
}

} // namespace

class TestMethods : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { PISSARRO_NEEDS(golden()); }
    void init()
    {
        m_temporary = std::make_unique<QTemporaryDir>();
        m_root = m_temporary->path().toStdString();
    }

    void theListKnowsEach()
    {
        std::set<std::string_view> names;
        std::set<std::string_view> titles;
        for (const Method method : allMethods()) {
            QVERIFY(methodNamed(method->name) == method);
            QVERIFY(names.insert(method->name).second);
            QVERIFY(titles.insert(method->title).second);
            QVERIFY(twinOf(method) != method);
            QCOMPARE(method->start != nullptr, hasAdapter(method));
            QVERIFY(!iterates(method) || (isFourBit(method) && !method->reference.empty()));
        }
        QVERIFY(Method() == allMethods().front());
        QVERIFY_THROWS_EXCEPTION(Error, methodNamed("dora"));
    }

    void namesAreListed()
    {
        const std::vector<Method> four = methodsWhere(isFourBit);
        QVERIFY(four.size() > 2);
        const std::string text = namesWhere(isFourBit, "or");
        QCOMPARE(text.find(four.front()->name), std::size_t {0});
        QVERIFY(text.find(" or " + std::string(four.back()->name)) != std::string::npos);
        QVERIFY(text.find(", " + std::string(four[1]->name)) != std::string::npos);
    }

    // What init writes is read back: the factors are those of the start, and base + scale B A is W, but for what four bits
    // take away.
    void initReadsBack_data() { addRows(hasAdapter); }
    void initReadsBack()
    {
        QFETCH(QString, name);
        const ThreadBudget one(1); // the same bits here and there
        const Method method = methodNamed(name.toStdString());
        const auto files = ModelFiles::open(tiny());
        QuantInitOptions options {optionsOf(method)};
        const InitReport report = isFourBit(method)
            ? initQuantized(*files, options, m_root / "out", JobContext())
            : initModel(*files, options.adapters, m_root / "out", JobContext());
        QCOMPARE(report.baseDirectory.empty(), isUntouched(method));
        const auto base =
            ModelFiles::open(report.baseDirectory.empty() ? tiny() : report.baseDirectory);
        const AdapterSet adapters = readPeftAdapter(report.adapterDirectory, *base).adapters;
        QCOMPARE(adapters.size(), files->linearModules().size());
        for (std::size_t i = 0; i < adapters.size(); ++i) {
            const LinearModule& module = files->linearModules()[i];
            const Adapter& adapter = adapters[i];
            QCOMPARE(adapter.scale, 2.0);
            const at::Tensor w_OI = loadWeight(*files, module.name + ".weight");
            StartInput input;
            input.module = module;
            input.weight = [&] { return w_OI; };
            input.rank = kRank;
            input.scale = 2.0;
            input.how = options.adapters;
            input.iters = options.iters;
            const MethodStart start = method->start(input, JobContext());
            QVERIFY(at::equal(adapter.a_RI, start.a_RI));
            QVERIFY(at::equal(adapter.b_OR, start.b_OR));
            Adapter added = adapter;
            added.scale = -adapter.scale;
            const at::Tensor sum_OI =
                subtractAdapter(loadWeight(*base, module.name + ".weight"), added);
            QVERIFY(relativeDifference(sum_OI, w_OI) < (isFourBit(method) ? 0.15 : 1e-6));
        }
    }

    // Trained, it passes step 0, and every form of export is the trained model.
    void trainsAndExports_data()
    {
        addRows([](Method) { return true; });
    }
    void trainsAndExports()
    {
        QFETCH(QString, name);
        const RunSummary run = trainInto(methodNamed(name.toStdString()));
        const Method method = run.spec.method;
        QCOMPARE(run.stepZero.has_value(), hasAdapter(method));
        QVERIFY(!run.stepZero || run.stepZero->passed);
        const at::Tensor tuned = logitsOf(m_root / "run");
        QVERIFY(maxDifference(tuned, logitsOf(tiny())) > 1e-4); // it learned something
        exportAs(ExportForm::Merged);
        QVERIFY(maxDifference(logitsOf(m_root / "merged"), tuned) < 1e-4);
        if (!hasAdapter(method)) {
            return;
        }
        exportAs(ExportForm::Lora);
        const fs::path base = isFourBit(method) ? baseOf(run) : tiny();
        QVERIFY(maxDifference(logitsOf(base, m_root / "lora"), tuned) < 1e-4);
        const std::int64_t rank = readPeftAdapter(m_root / "lora", *ModelFiles::open(base)).rank;
        QCOMPARE(rank, isResidual(method) ? 2 * kRank : kRank);
        exportAs(ExportForm::Pair);
        const fs::path pair = m_root / "pair" / (std::string(method->name) + "_ft");
        QVERIFY(maxDifference(logitsOf(m_root / "pair", pair), tuned) < 1e-4);
    }

    // A NaN is refused with the file's name, whatever the method does with W.
    void aNaNIsRefused_data()
    {
        addRows([](Method method) { return isResidual(method); });
    }
    void aNaNIsRefused()
    {
        QFETCH(QString, name);
        const Method method = methodNamed(name.toStdString());
        StartInput input;
        input.module = {"m", "m", 0, 6, 9};
        input.weight = [] {
            at::Tensor w_OI = at::randn({6, 9});
            w_OI[2][3] = std::numeric_limits<float>::quiet_NaN();
            return w_OI;
        };
        input.rank = 2;
        input.how = optionsOf(method);
        try {
            method->start(input, JobContext());
            QFAIL("a NaN was decomposed");
        } catch (const Error& e) {
            QVERIFY(e.kind() == ErrorKind::Numeric);
        }
    }

    // B A is Q_r R_r of W in float64, B orthonormal, A upper trapezoidal, whatever the scale.
    void oloraIsTheQr()
    {
        const Method olora = methodNamed("olora");
        for (const auto& [rows, cols] : {std::pair(40, 24), std::pair(24, 40)}) {
            const at::Tensor w_OI = at::randn({rows, cols});
            StartInput input;
            input.module = {"m", "m", 0, rows, cols};
            input.weight = [&] { return w_OI; };
            input.rank = 5;
            input.how = optionsOf(olora);
            const MethodStart start = olora->start(input, JobContext());
            const auto [q, r] = at::linalg_qr(w_OI.to(at::kDouble));
            const at::Tensor wanted = at::mm(q.narrow(1, 0, 5), r.narrow(0, 0, 5));
            const at::Tensor a = start.a_RI.to(at::kDouble);
            const at::Tensor b = start.b_OR.to(at::kDouble);
            QVERIFY(relativeDifference(at::mm(b, a), wanted) < 1e-6);
            QVERIFY(maxDifference(at::mm(b.t(), b), at::eye(5)) < 1e-6);
            QCOMPARE(a.tril(-1).abs().max().item<double>(), 0.0);
            input.scale = 4.0;
            QVERIFY(at::equal(olora->start(input, JobContext()).a_RI, start.a_RI));
            input.rank = 25;
            QVERIFY_THROWS_EXCEPTION(Error, olora->start(input, JobContext()));
        }
    }

private:
    RunSummary trainInto(Method method) const
    {
        RunSpec spec = tinySpec(method);
        spec.rank = kRank;
        spec.alpha = kAlpha;
        spec.steps = 3;
        return trainQuietly(spec, m_root / "run");
    }
    void exportAs(ExportForm form) const
    {
        ExportOptions options;
        options.form = form;
        if (form == ExportForm::Merged) {
            options.dtype = "float32";
        }
        exportRun(m_root / "run", options, m_root / std::string(exportFormName(form)),
                  JobContext());
    }

    std::unique_ptr<QTemporaryDir> m_temporary;
    fs::path m_root;
};

QTEST_GUILESS_MAIN(TestMethods)
#include "tst_methods.moc"
