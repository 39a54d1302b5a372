// SPDX-License-Identifier: GPL-3.0-or-later
// What the Rank card says of four bits, against the errors that quant-error measures.
#include "core/analysis/quant_error.h"
#include "tests/tools/patience.h"
#include "ui/pages/spectrum/quant_error_meter.h"
#include "ui/words/format.h"

#include <QSignalSpy>
#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

const int kPatienceMs = hangMs();

} // namespace

class TestQuantErrorMeter : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        if (!QFile::exists(QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama"))) {
            QSKIP("the golden models are not there");
        }
        m_files = core::ModelFiles::open(PISSARRO_SHARED "/golden/tiny/llama");
        core::ModuleSpectrum one;
        one.spectrum.values = {1.0}; // there is one: what it says does not matter here
        m_spectrum = std::make_shared<const core::ModuleSpectrum>(one);
    }

    void measuresTheMean()
    {
        QuantErrorMeter meter;
        QSignalSpy changed(&meter, &QuantErrorMeter::changed);
        meter.setModel(m_files);
        QCOMPARE(meter.text(), QStringLiteral("–"));
        for (const int rank : {2, 9}) {
            meter.ask(views(3, rank));
            QCOMPARE(meter.text(), QStringLiteral("measuring…"));
            QVERIFY(changed.wait(kPatienceMs));
            QCOMPARE(meter.text(), formatPercent(measured(3, rank)));
            const auto before = changed.size();
            meter.ask(views(3, rank)); // known
            QCOMPARE(meter.text(), formatPercent(measured(3, rank)));
            QVERIFY(!changed.wait(600));
            QCOMPARE(changed.size(), before);
        }
    }

    // A drag: only where it ends is measured.
    void answersTheLastQuestion()
    {
        QuantErrorMeter meter;
        QSignalSpy changed(&meter, &QuantErrorMeter::changed);
        meter.setModel(m_files);
        for (int rank = 1; rank <= 8; ++rank) {
            meter.ask(views(2, rank));
        }
        QVERIFY(changed.wait(kPatienceMs));
        QCOMPARE(meter.text(), formatPercent(measured(2, 8)));
        QVERIFY(!changed.wait(600));
    }

    void saysWhyThereIsNone()
    {
        QuantErrorMeter meter;
        meter.setModel(m_files);
        meter.ask(views(9, 4));
        QCOMPARE(meter.text(), QStringLiteral("–"));
        QVERIFY(meter.problem().contains(QStringLiteral("8")));
        meter.ask({});
        QVERIFY(meter.problem().isEmpty());
        core::LinearModule large;
        large.rows = large.cols = 4096;
        QVector<MatrixView> one = views(1, 4);
        one[0].module = std::make_shared<const core::LinearModule>(large);
        meter.ask(one);
        QCOMPARE(meter.text(), QStringLiteral("–"));
        QVERIFY(meter.problem().contains(QStringLiteral("2,048")));
        QVector<MatrixView> unready = views(2, 4);
        unready[1].spectrum = nullptr; // the sweep has not come to it
        meter.ask(unready);
        QCOMPARE(meter.text(), QStringLiteral("–"));
        QSignalSpy changed(&meter, &QuantErrorMeter::changed);
        meter.ask(views(2, 100'000)); // more than the matrix has
        QVERIFY(changed.wait(kPatienceMs));
        QCOMPARE(meter.text(), QStringLiteral("–"));
        QVERIFY(meter.problem().contains(QStringLiteral("model.layers.0.self_attn")));
        meter.ask(views(2, 4));
        QVERIFY(changed.wait(kPatienceMs));
        QCOMPARE(meter.text(), formatPercent(measured(2, 4)));
    }

private:
    QVector<MatrixView> views(int count, int rank) const
    {
        QVector<MatrixView> matrices;
        for (int i = 0; i < count; ++i) {
            MatrixView view;
            view.module = {m_files, &m_files->linearModules()[static_cast<std::size_t>(i)]};
            view.spectrum = m_spectrum;
            view.rank = rank;
            matrices.append(view);
        }
        return matrices;
    }
    double measured(int count, int rank) const
    {
        core::QuantErrorOptions options;
        options.rank = rank;
        options.iters = 1;
        const auto& modules = m_files->linearModules();
        double sum = 0.0;
        core::measureQuantErrors(
            *m_files, {modules.begin(), modules.begin() + count}, options,
            [&](const core::ModuleQuantError& one) {
                sum +=
                    one.errors.at(core::methodNamed("qpissa")).back().nuclear / one.qlora.nuclear;
            },
            core::JobContext());
        return sum / count;
    }

    std::shared_ptr<const core::ModelFiles> m_files;
    std::shared_ptr<const core::ModuleSpectrum> m_spectrum;
};

QTEST_MAIN(TestQuantErrorMeter)
#include "tst_quant_error_meter.moc"
