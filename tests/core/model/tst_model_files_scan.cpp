// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/model_files_scan.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/model/model_folders.h"

#include <QTest>

#include <csignal>
#include <limits>
#include <sys/mman.h>
#include <unistd.h>

using namespace pissarro;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kRows = 1 << 17; // of 32: 16 MB
const std::string kName = "model.embed_tokens.weight";

// A tiny model with a long embedding whose last number is NaN.
void writeLongModel(const fs::path& folder)
{
    tests::writeTinyModel(folder, nullptr, 1);
    auto tensors = test::tensorsOf(folder / "model.safetensors");
    nlohmann::json config = test::configOf(folder);
    std::erase_if(tensors, [](const auto& tensor) { return tensor.name == "lm_head.weight"; });
    for (test::StoredTensor& tensor : tensors) {
        if (tensor.name == kName) {
            tensor.shape[0] = kRows;
            tensor.bytes.assign(static_cast<std::size_t>(kRows * tensor.shape[1]) * 4, '\0');
            const float nan = std::numeric_limits<float>::quiet_NaN();
            std::memcpy(tensor.bytes.data() + tensor.bytes.size() - 4, &nan, 4);
        }
    }
    config["vocab_size"] = kRows;
    config["tie_word_embeddings"] = true;
    test::writeTensors(folder / "model.safetensors", tensors);
    test::writeBytes(folder / "config.json", config.dump());
}

// A page that asks for the stop when it is read: the one moment that no clock has to hit.
std::stop_source trapStop;
std::byte* trapPage = nullptr;

void openTrap(int signal, siginfo_t* info, void*)
{
    if (info->si_addr < trapPage || info->si_addr >= trapPage + ::sysconf(_SC_PAGESIZE)) {
        ::signal(signal, SIG_DFL);
        return;
    }
    trapStop.request_stop();
    ::mprotect(trapPage, static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)), PROT_READ);
}

} // namespace

class ModelFilesScanTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void findsWhatIsNoNumber_atTheEnd()
    {
        const test::Scratch scratch;
        writeLongModel(scratch / "model");
        const auto files = core::ModelFiles::open(scratch / "model");
        const auto scan = [&](const std::string& name) {
            return test::errorOf([&] { core::requireFinite(*files, name, {}); });
        };
        QCOMPARE(
            test::complaint(scan(kName), "model.safetensors", "'" + kName + "' holds NaN or Inf"),
            QString());
        QVERIFY(!scan("model.layers.0.mlp.up_proj.weight"));
        QVERIFY(!scan("model.norm.weight"));
        QCOMPARE(test::complaint(scan("lm_head.weight"), "model", "has no weight"), QString());
    }

    // The stop comes while the first of its megabytes is read: the NaN at the end is not found any more.
    void isGivenUp_withinTheWeight()
    {
        const test::Scratch scratch;
        writeLongModel(scratch / "model");
        const auto files = core::ModelFiles::open(scratch / "model");
        const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
        const auto inside =
            reinterpret_cast<std::uintptr_t>(files->find(kName)->data) + (1U << 20U);
        trapPage = reinterpret_cast<std::byte*>(inside / page * page);
        struct sigaction trap { };
        struct sigaction before { };
        trap.sa_sigaction = openTrap;
        trap.sa_flags = SA_SIGINFO;
        QCOMPARE(::sigaction(SIGSEGV, &trap, &before), 0);
        QCOMPARE(::mprotect(trapPage, page, PROT_NONE), 0);
        const core::JobContext job(trapStop.get_token());
        QVERIFY_THROWS_EXCEPTION(core::Cancelled, core::requireFinite(*files, kName, job));
        QVERIFY(trapStop.stop_requested());
        ::sigaction(SIGSEGV, &before, nullptr);
    }
};

QTEST_GUILESS_MAIN(ModelFilesScanTest)
#include "tst_model_files_scan.moc"
