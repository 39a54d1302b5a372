// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/spectrum_cache.h"
#include "core/file/cache.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <chrono>
#include <cmath>
#include <limits>

using namespace pissarro;
namespace fs = std::filesystem;

namespace {

core::Spectrum spectrumOf(const core::LinearModule& module, double first)
{
    core::Spectrum spectrum;
    spectrum.rows = module.rows;
    spectrum.cols = module.cols;
    spectrum.values.assign(static_cast<std::size_t>(module.smallerSide()), 0.5);
    spectrum.values.front() = first;
    for (const double value : spectrum.values) {
        spectrum.squaredNorm += value * value;
    }
    return spectrum;
}

} // namespace

class SpectrumCacheTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_scratch = std::make_unique<test::Scratch>();
        qputenv("XDG_CACHE_HOME", QByteArray::fromStdString((*m_scratch / "cache").string()));
        qunsetenv("PISSARRO_CACHE_MB");
        tests::writeTinyModel(*m_scratch / "model");
        m_files = core::ModelFiles::open(*m_scratch / "model");
    }

    // Two programs look at one model, each at other matrices: the one that writes last once erased what the other had.
    void keeps_whatAnotherProgramWrote()
    {
        const auto modules = m_files->linearModules();
        core::SpectrumCache one(*m_files);
        core::SpectrumCache other(*m_files);
        one.add(modules[0], spectrumOf(modules[0], 3.0));
        one.add(modules[2], spectrumOf(modules[2], 3.0));
        one.save();
        other.add(modules[1], spectrumOf(modules[1], 4.0));
        other.add(modules[2], spectrumOf(modules[2], 4.0)); // its own is newer
        other.save();
        const core::SpectrumCache later(*m_files);
        QCOMPARE(later.find(modules[0])->values.front(), 3.0);
        QCOMPARE(later.find(modules[1])->values.front(), 4.0);
        QCOMPARE(later.find(modules[2])->values.front(), 4.0);
        QCOMPARE(later.find(modules[0])->squaredNorm, spectrumOf(modules[0], 3.0).squaredNorm);
        QVERIFY(!later.find(modules[3]));
    }

    // What belongs to weights that are no more does not pile up.
    void drops_whatNoMatrixHasAnyMore()
    {
        const auto modules = m_files->linearModules();
        core::SpectrumCache before(*m_files);
        for (const core::LinearModule& module : modules) {
            before.add(module, spectrumOf(module, 3.0));
        }
        before.save();
        const auto size = [&] { return fs::file_size(cacheFile()); };
        const auto full = size();
        m_files.reset();
        fs::last_write_time(*m_scratch / "model" / "model.safetensors",
                            fs::file_time_type::clock::now() + std::chrono::hours(1));
        m_files = core::ModelFiles::open(*m_scratch / "model");
        core::SpectrumCache after(*m_files);
        QVERIFY(!after.find(modules[0]));
        after.add(modules[0], spectrumOf(modules[0], 5.0));
        after.save();
        QVERIFY(size() < full / 2);
        QCOMPARE(core::SpectrumCache(*m_files).find(modules[0])->values.front(), 5.0);
    }

    void isRebuilt_whereItIsCorrupt()
    {
        const auto modules = m_files->linearModules();
        core::SpectrumCache first(*m_files);
        first.add(modules[0], spectrumOf(modules[0], 3.0));
        first.save();
        test::writeBytes(cacheFile(), "not safetensors");
        core::SpectrumCache second(*m_files);
        QVERIFY(!second.find(modules[0]));
        second.add(modules[1], spectrumOf(modules[1], 4.0));
        second.save();
        QCOMPARE(core::SpectrumCache(*m_files).find(modules[1])->values.front(), 4.0);
    }

    // A file that somebody else put there: spectra that no matrix has are computed again.
    void takesNothing_thatNoMatrixHas_data()
    {
        QTest::addColumn<double>("first");
        QTest::addColumn<double>("last");
        QTest::addColumn<double>("more"); // than the squares add up to
        QTest::addColumn<bool>("isTaken");
        const double infinite = std::numeric_limits<double>::infinity();
        QTest::newRow("right") << 3.0 << 0.25 << 0.0 << true;
        QTest::newRow("not a number") << std::nan("") << 0.25 << 0.0 << false;
        QTest::newRow("infinite") << infinite << 0.25 << 0.0 << false;
        QTest::newRow("negative") << 3.0 << -0.25 << 0.0 << false;
        QTest::newRow("rising") << 3.0 << 0.75 << 0.0 << false;
        QTest::newRow("another norm") << 3.0 << 0.25 << 0.01 << false;
        QTest::newRow("norm not a number") << 3.0 << 0.25 << std::nan("") << false;
    }
    void takesNothing_thatNoMatrixHas()
    {
        QFETCH(double, first);
        QFETCH(double, last);
        QFETCH(double, more);
        QFETCH(bool, isTaken);
        const auto modules = m_files->linearModules();
        core::Spectrum spectrum = spectrumOf(modules[0], first);
        spectrum.values.back() = last;
        spectrum.squaredNorm += last * last - 0.25 + more;
        core::SpectrumCache cache(*m_files);
        cache.add(modules[0], spectrum);
        cache.add(modules[1], spectrumOf(modules[1], 4.0));
        cache.save();
        const core::SpectrumCache later(*m_files);
        QCOMPARE(later.find(modules[0]).has_value(), isTaken);
        QCOMPARE(later.find(modules[1])->values.front(), 4.0);
    }

    // One that a later program wrote, under the name of today's.
    void isRebuilt_whereItIsOfAnotherVersion()
    {
        const auto modules = m_files->linearModules();
        core::SpectrumCache first(*m_files);
        first.add(modules[0], spectrumOf(modules[0], 3.0));
        first.save();
        std::string bytes = test::readBytes(cacheFile());
        const std::string said = "\"version\":\"" + std::to_string(core::kCacheFileVersion) + "\"";
        const auto at = bytes.find(said);
        QVERIFY(at != std::string::npos);
        bytes[at + said.size() - 2] = '9';
        test::writeBytes(cacheFile(), bytes);
        QVERIFY(!core::SpectrumCache(*m_files).find(modules[0]));
    }

    void canBeOff()
    {
        const auto modules = m_files->linearModules();
        qputenv("PISSARRO_CACHE_MB", "0");
        core::SpectrumCache off(*m_files);
        off.add(modules[0], spectrumOf(modules[0], 3.0));
        off.save();
        QVERIFY(!fs::exists(core::cacheRoot() / "spectra"));
    }

private:
    static fs::path cacheFile()
    {
        for (const auto& entry : fs::directory_iterator(core::cacheRoot() / "spectra")) {
            if (entry.path().extension() == ".safetensors") {
                return entry.path();
            }
        }
        return {};
    }

    std::unique_ptr<test::Scratch> m_scratch;
    std::shared_ptr<const core::ModelFiles> m_files;
};

QTEST_GUILESS_MAIN(SpectrumCacheTest)
#include "tst_spectrum_cache.moc"
