// SPDX-License-Identifier: GPL-3.0-or-later
// What the cache of exact decompositions takes for the same matrix, and that programs keep each other's entries.
#include "core/linalg/factor_cache_tensors.h"
#include "core/tensor/parallel_tasks.h"
#include "tests/core/file/test_files.h"

#include <ATen/ATen.h>
#include <torch/version.h>

#include <QTest>

#include <atomic>
#include <cstdint>
#include <functional>
#include <set>
#include <thread>

using namespace pissarro;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kRoomy = 64U << 20U;

// Of full rank, another one for each seed.
at::Tensor matrix(std::uint64_t seed, std::int64_t rows = 24, std::int64_t cols = 16)
{
    std::vector<float> values(static_cast<std::size_t>(rows * cols));
    std::uint64_t state = seed * 2654435761U + 12345U;
    for (float& value : values) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        value = static_cast<float>(static_cast<double>(state >> 40U) / 8388608.0 - 1.0);
    }
    return at::tensor(values).view({rows, cols});
}

std::string nameOf(const core::FactorKey& key)
{
    return core::FactorCache({}, kRoomy).fileOf(key).string(); // in no folder: the name
}

std::string nameOf(const at::Tensor& w_OI, c10::Device device = c10::kCPU)
{
    return nameOf(core::factorKeyOf(w_OI, device));
}

std::set<std::string> filesIn(const fs::path& folder)
{
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) {
        names.insert(entry.path().filename().string());
    }
    return names;
}

bool sameBits(const core::TruncatedSvd& a, const core::TruncatedSvd& b)
{
    return at::equal(a.u_OR, b.u_OR) && at::equal(a.s_R, b.s_R) && at::equal(a.v_IR, b.v_IR);
}

} // namespace

class FactorCacheTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_scratch = std::make_unique<test::Scratch>(); }

    // Every field alone makes another entry, and no two changes make the same one.
    void eachFieldOfTheKeyCounts()
    {
        const core::FactorKey key = core::factorKeyOf(matrix(1), c10::kCPU);
        QCOMPARE(key.library, std::string("torch" TORCH_VERSION));
        QVERIFY(!key.maker.empty()
                && key.maker != core::factorKeyOf(matrix(1), {c10::kCUDA, 0}).maker);
        std::set<std::string> names {nameOf(key)};
        std::size_t expected = 1;
        const auto changed = [&](const std::function<void(core::FactorKey&)>& change) {
            core::FactorKey other = key;
            change(other);
            names.insert(nameOf(other));
            QCOMPARE(names.size(), ++expected);
        };
        changed([](core::FactorKey& one) { one.content.back() ^= 1; });
        changed([](core::FactorKey& one) { one.content.front() ^= 1; });
        changed([](core::FactorKey& one) { one.rows += 1; });
        changed([](core::FactorKey& one) { one.cols += 1; });
        changed([](core::FactorKey& one) { std::swap(one.rows, one.cols); });
        changed([](core::FactorKey& one) { one.library = "torch2.11.1"; });
        for (const char* maker : {"avx2", "default", "avx512-vnni", "cuda", "xpu"}) {
            changed([&](core::FactorKey& one) { one.maker = maker; });
        }
    }

    // Every single byte of the weights, their shape and the device.
    void theKeyIsOfTheVeryWeights()
    {
        const at::Tensor w = matrix(1, 6, 4);
        std::set<std::string> names {nameOf(w)};
        QCOMPARE(nameOf(w.clone()), nameOf(w)); // wherever it lies
        for (std::size_t byte = 0; byte < w.nbytes(); ++byte) {
            const at::Tensor other = w.clone();
            static_cast<unsigned char*>(other.data_ptr())[byte] ^= 1U;
            names.insert(nameOf(other));
        }
        QCOMPARE(names.size(), w.nbytes() + 1);
        const at::Tensor zero = at::zeros({6, 4});
        const at::Tensor minus = zero.clone();
        minus[0][0] = -0.0F;
        QVERIFY(nameOf(zero) != nameOf(minus)); // equal numbers, other bits
        QVERIFY(nameOf(w) != nameOf(w.view({4, 6})));
        QVERIFY(nameOf(w) != nameOf(w.t().contiguous()));
        QVERIFY(nameOf(w) != nameOf(w, {c10::kCUDA, 0}));
        QCOMPARE(nameOf(w, {c10::kCUDA, 1}),
                 nameOf(w, {c10::kCUDA, 0})); // a second card of its kind
    }

    // An entry that somebody else made is not taken: here one with wrong factors, which would be seen.
    void takesNothingThatAnotherMakerLeft()
    {
        const at::Tensor w = matrix(1);
        const core::FactorCache cache(m_scratch->path(), kRoomy);
        const core::TruncatedSvd right = cache.exactSvd(w, 4);
        const std::string own = nameOf(w);
        cache.exactSvd(matrix(2), 4);
        const auto plant = [&](const core::FactorKey& key) {
            fs::copy_file(*m_scratch / nameOf(matrix(2)), *m_scratch / nameOf(key),
                          fs::copy_options::overwrite_existing);
        };
        fs::remove(*m_scratch / own);
        core::FactorKey key = core::factorKeyOf(w, c10::kCPU);
        key.library = "torch1.13.0";
        plant(key);
        key = core::factorKeyOf(w, c10::kCPU);
        key.maker = "cuda";
        plant(key);
        QVERIFY(sameBits(cache.exactSvd(w, 4), right));
        plant(core::factorKeyOf(w, c10::kCPU)); // and its very own name is what is looked for
        QVERIFY(!sameBits(cache.exactSvd(w, 4), right));
    }

    // What is asked for is no part of the key: rank, slice and threads read one entry, with the bits of no cache.
    void oneEntryServesEveryRankSliceAndThreadCount()
    {
        const at::Tensor w = matrix(1, 96, 64);
        const core::FactorCache cache(m_scratch->path(), kRoomy);
        for (const int threads : {1, 2, 3}) {
            const core::ThreadBudget budget(threads);
            for (const auto& [rank, first] :
                 {std::pair {4, 0}, std::pair {16, 0}, std::pair {4, 30}}) {
                QVERIFY(sameBits(cache.exactSvd(w, rank, first), core::exactSvd(w, rank, first)));
            }
        }
        QCOMPARE(filesIn(m_scratch->path()), std::set {nameOf(w)});
    }

    // What it cannot hold to the bit it does not hold.
    void keepsFloat32Alone()
    {
        const core::FactorCache cache(m_scratch->path(), kRoomy);
        const at::Tensor wide = matrix(1).to(at::kDouble);
        QVERIFY(sameBits(cache.exactSvd(wide, 4), core::exactSvd(wide, 4)));
        QVERIFY(filesIn(m_scratch->path()).empty());
    }

    // Programs side by side, on the same matrices in other orders: none erases what another wrote, and all read the same.
    void programsKeepEachOthersEntries()
    {
        constexpr std::uint64_t kPrograms = 4;
        constexpr std::uint64_t kMatrices = 12;
        std::set<std::string> wanted;
        std::vector<core::TruncatedSvd> right;
        for (std::uint64_t i = 0; i < kMatrices; ++i) {
            wanted.insert(nameOf(matrix(i)));
            right.push_back(core::exactSvd(matrix(i), 4));
        }
        std::vector<std::jthread> programs;
        std::atomic<int> wrong = 0;
        for (std::uint64_t program = 0; program < kPrograms; ++program) {
            programs.emplace_back([&, program] {
                const core::SingleThread single; // as in a job: no team of MKL's below ours
                const core::FactorCache cache(m_scratch->path(), kRoomy);
                for (std::uint64_t i = 0; i < kMatrices; ++i) {
                    const std::uint64_t one =
                        (i * (2 * (program % 3) + 5) + program * 3) % kMatrices;
                    const auto found = cache.exactSvd(matrix(one), 4);
                    wrong += sameBits(found, right[one]) ? 0 : 1;
                }
            });
        }
        programs.clear(); // all have ended
        QCOMPARE(wrong.load(), 0);
        const auto after = filesIn(m_scratch->path());
        QVERIFY(std::includes(after.begin(), after.end(), wanted.begin(), wanted.end()));
        QCOMPARE(after.size(), wanted.size()); // and nothing half written beside
    }

private:
    std::unique_ptr<test::Scratch> m_scratch;
};

QTEST_GUILESS_MAIN(FactorCacheTest)
#include "tst_factor_cache.moc"
