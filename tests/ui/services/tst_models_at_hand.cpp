// SPDX-License-Identifier: GPL-3.0-or-later
// The models on this machine, as a service: told as they are found, kept, stopped, with folders added by hand.
#include "core/analysis/spectrum_cache.h"
#include "core/model/model_files.h"
#include "tests/core/catalog/model_stores.h"
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/services/models_at_hand.h"
#include "ui/words/format.h"

#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;
namespace fs = std::filesystem;

class TestModelsAtHand : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_models_at_hand"));
    }

    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        QSettings().clear();
        for (const char* name : {"HF_HOME", "HUGGINGFACE_HUB_CACHE", "OLLAMA_MODELS"}) {
            qunsetenv(name);
        }
        qputenv("HOME", QFile::encodeName(m_folder->filePath(QStringLiteral("home"))));
        qputenv("XDG_CACHE_HOME", QFile::encodeName(m_folder->filePath(QStringLiteral("cache"))));
        qputenv("HF_HUB_CACHE", QFile::encodeName(m_folder->filePath(QStringLiteral("hub"))));
        tests::writeTinyModel(path("tiny"));
        fs::create_directories(path("hub"));
    }

    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void models_areFoundWherePrograms_putThem()
    {
        test::writeHubRepository(path("hub"), "models--org--tiny", path("tiny"));
        ModelsAtHand hand;
        QSignalSpy changes(&hand, &ModelsAtHand::changed);
        QVERIFY(hand.models().empty() && !hand.isRunning()); // nobody has asked
        hand.look({textOf(path("tiny"))});
        QVERIFY(hand.isRunning());
        QTRY_VERIFY_WITH_TIMEOUT(hand.wasWhole(), hangMs());
        QVERIFY(std::holds_alternative<Ready>(hand.state()) && !changes.isEmpty());
        QCOMPARE(hand.models().size(), 2U);
        QVERIFY(hand.models()[0]->place.kind == core::PlaceKind::HubCache);
        QVERIFY(hand.models()[1]->place.kind == core::PlaceKind::Opened);
        QVERIFY(hand.notes().isEmpty() && hand.places().size() > 3U);
        QVERIFY(hand.memoryBytes() > 100'000'000);
    }

    void folders_areRemembered()
    {
        ModelsAtHand hand;
        hand.addFolder(textOf(path("tiny")) + QStringLiteral("/."));
        QCOMPARE(hand.folders(), QStringList {textOf(path("tiny"))});
        QTRY_VERIFY_WITH_TIMEOUT(hand.wasWhole(), hangMs());
        QCOMPARE(hand.models().size(), 1U);
        ModelsAtHand later;
        QCOMPARE(later.folders(), hand.folders());
        later.removeFolder(hand.folders().first());
        QTRY_VERIFY_WITH_TIMEOUT(later.wasWhole(), hangMs());
        QVERIFY(later.models().empty() && ModelsAtHand().folders().isEmpty());
    }

    // Rows are there before the last of them is; a look that is stopped leaves them.
    void aLongLook_tellsAndStops()
    {
        constexpr int kCount = 400;
        const fs::path root = path("many");
        for (int i = 0; i < kCount; ++i) {
            const fs::path folder = root / ("m" + std::to_string(i));
            fs::create_directories(folder);
            test::writeBytes(folder / "x.gguf", test::strangeGguf());
        }
        ModelsAtHand hand;
        std::size_t least = kCount;
        connect(&hand, &ModelsAtHand::changed, this, [&] {
            if (!hand.models().empty()) {
                least = std::min(least, hand.models().size());
                hand.stop();
            }
        });
        hand.addFolder(textOf(root));
        QTRY_VERIFY_WITH_TIMEOUT(!hand.isRunning(), hangMs());
        QVERIFY(least > 0 && !hand.models().empty());
        disconnect(&hand, &ModelsAtHand::changed, this, nullptr);
        hand.rescan({});
        QTRY_VERIFY_WITH_TIMEOUT(hand.wasWhole() && !hand.isRunning(), hangMs());
        QCOMPARE(hand.models().size(), std::size_t {kCount});
    }

    // What an earlier look at the spectra left is told; a model without any is told too.
    void keptSpectra_areThoseOfTheCache()
    {
        const QString model = textOf(path("tiny"));
        ModelsAtHand hand;
        QSignalSpy known(&hand, &ModelsAtHand::spectraKnown);
        hand.askSpectra(model);
        QTRY_COMPARE_WITH_TIMEOUT(known.size(), 1, hangMs());
        QVERIFY(hand.spectraOf(model) == nullptr);
        const auto files = core::ModelFiles::open(path("tiny"));
        core::SpectrumCache cache(*files);
        for (const core::LinearModule& module : files->linearModules()) {
            core::Spectrum spectrum;
            spectrum.rows = module.rows;
            spectrum.cols = module.cols;
            for (std::int64_t i = 0; i < module.smallerSide(); ++i) {
                spectrum.values.push_back(i < 16 ? 3.0 : 1.0);
                spectrum.squaredNorm += spectrum.values.back() * spectrum.values.back();
            }
            cache.add(module, spectrum);
        }
        cache.save();
        hand.askSpectra(model);
        QTRY_COMPARE_WITH_TIMEOUT(known.size(), 2, hangMs());
        const KeptSpectra* kept = hand.spectraOf(model);
        QVERIFY(kept != nullptr);
        QCOMPARE(kept->layer, tests::kTinyLayers / 2);
        QCOMPARE(kept->matrices.size(), qsizetype {7});
        const KeptSpectrum& query = kept->matrices.first();
        QVERIFY(query.type == QStringLiteral("q_proj") && query.rows == tests::kTinyWidth);
        QCOMPARE(query.values.size(), qsizetype {tests::kTinyWidth});
        QCOMPARE(query.energy, 16 * 9.0 / (16 * 9.0 + 16)); // of 32 values, 16 are 3 and 16 are 1
    }

private:
    fs::path path(const char* name) const
    {
        return fs::path(m_folder->path().toStdString()) / name;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_MAIN(TestModelsAtHand)
#include "tst_models_at_hand.moc"
