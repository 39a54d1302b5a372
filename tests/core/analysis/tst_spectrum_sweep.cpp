// SPDX-License-Identifier: GPL-3.0-or-later
// The spectra of a whole model through their cache.
#include "core/analysis/spectrum_sweep.h"
#include "core/model/model_files.h"
#include "tests/tools/golden.h"

#include <QTemporaryDir>

#include <map>

using namespace pissarro::core;
using namespace pissarro::tests;

class TestSpectrumSweep : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void usesItsCache_andOutlivesADamagedOne()
    {
        PISSARRO_NEEDS(golden());
        const QTemporaryDir cache;
        const QByteArray before = qgetenv("XDG_CACHE_HOME");
        qputenv("XDG_CACHE_HOME", cache.path().toUtf8());
        const auto files = ModelFiles::open(golden() / "tiny" / "qwen2");
        const auto sweep = [&] {
            std::map<std::string, ModuleSpectrum> found;
            sweepSpectra(
                files, files->linearModules(), {}, SweepPriority(),
                [&](ModuleSpectrum m) { found.emplace(m.module, std::move(m)); }, JobContext());
            return found;
        };
        const auto first = sweep();
        const auto second = sweep();
        QCOMPARE(first.size(), files->linearModules().size());
        QCOMPARE(second.size(), first.size());
        for (const auto& [name, result] : second) {
            QVERIFY(result.fromCache);
            QVERIFY(!first.at(name).fromCache);
            QCOMPARE(result.spectrum.values, first.at(name).spectrum.values);
            QCOMPARE(result.spectrum.squaredNorm, first.at(name).spectrum.squaredNorm);
        }
        for (const auto& entry :
             std::filesystem::recursive_directory_iterator(cache.path().toStdString())) {
            if (entry.is_regular_file()) {
                std::filesystem::resize_file(entry.path(), entry.file_size() / 2);
            }
        }
        QVERIFY(!sweep().begin()->second.fromCache);
        QVERIFY(sweep().begin()->second.fromCache);
        qputenv("XDG_CACHE_HOME", before);
    }

    void stopsWithinAMatrix_andTakesWantedOnesFirst()
    {
        PISSARRO_NEEDS(golden());
        const QTemporaryDir cache;
        const QByteArray before = qgetenv("XDG_CACHE_HOME");
        qputenv("XDG_CACHE_HOME", cache.path().toUtf8());
        const auto files = ModelFiles::open(golden() / "tiny" / "llama");
        SweepPriority priority;
        priority.wantFirst({files->linearModules().back().name});
        std::stop_source stop;
        std::vector<std::string> order;
        QVERIFY_THROWS_EXCEPTION(Cancelled,
                                 sweepSpectra(
                                     files, files->linearModules(), {}, priority,
                                     [&](const ModuleSpectrum& m) {
                                         order.push_back(m.module);
                                         stop.request_stop();
                                     },
                                     JobContext(stop.get_token())));
        QVERIFY(order.size() <= 2);
        QVERIFY(std::find(order.begin(), order.end(), files->linearModules().back().name)
                != order.end());
        qputenv("XDG_CACHE_HOME", before);
    }
};

QTEST_GUILESS_MAIN(TestSpectrumSweep)
#include "tst_spectrum_sweep.moc"
