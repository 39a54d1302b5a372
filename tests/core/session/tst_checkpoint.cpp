// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoints as the trainer writes and reads them, on two tensors: a whole master and one that is split.
#include "core/base/error.h"
#include "core/format/safetensors.h"
#include "core/optim/optimizer_tensors.h"
#include "core/session/checkpoint_tensors.h"
#include "tests/core/file/test_files.h"

#include <ATen/ATen.h>

#include <QTest>

#include <csignal>
#include <sys/mman.h>
#include <unistd.h>

using namespace pissarro;
using namespace pissarro::core;
namespace fs = std::filesystem;

namespace {

// Two tensors in training; `seed` tells one state from another.
struct Training {
    Training()
        : split(trainableWeight("split", at::ones({5}, at::kBFloat16)))
    {
    }
    void step(int seed)
    {
        for (Trainable* one : {&whole, &split}) {
            one->sum().fill_(0.25 * seed);
        }
        optimizer->step(1e-2);
        trained.zeroGradients();
    }
    NamedTensors tensors() const { return optimizer->tensors(); }
    std::vector<at::Tensor> copies()
    {
        std::vector<at::Tensor> all;
        for (const auto& [name, tensor] : tensors()) {
            all.push_back(tensor.clone());
        }
        return all;
    }
    bool isAt(const std::vector<at::Tensor>& then)
    {
        const NamedTensors now = tensors();
        return std::equal(
            now.begin(), now.end(), then.begin(), then.end(),
            [](const auto& a, const at::Tensor& b) { return at::equal(a.second, b); });
    }

    Trainable whole {"whole", at::ones({2, 3}), {}, {}};
    Trainable split;
    TrainableSet trained {std::vector {&whole, &split}};
    std::unique_ptr<Optimizer> optimizer = defaultOptimizer().make(trained, {.weightDecay = 0.1});
};

// Memory whose first write cuts a file short: what happens between opening a checkpoint and copying out of it.
class CutsAtFirstWrite {
public:
    CutsAtFirstWrite(std::string path, std::size_t bytes)
        : m_path(std::move(path))
        , m_bytes(bytes)
        , m_memory(mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
    {
        s_one = this;
        struct sigaction action { };
        action.sa_flags = SA_SIGINFO;
        action.sa_sigaction = &atFault;
        sigaction(SIGSEGV, &action, &m_before);
    }
    ~CutsAtFirstWrite()
    {
        sigaction(SIGSEGV, &m_before, nullptr);
        munmap(m_memory, m_bytes);
    }
    Q_DISABLE_COPY_MOVE(CutsAtFirstWrite)

    void* memory() const { return m_memory; }
    bool hasCut() const { return m_cuts; }

private:
    static void atFault(int signal, siginfo_t* info, void* /*context*/)
    {
        const auto* address = static_cast<const char*>(info->si_addr);
        const auto* begin = static_cast<const char*>(s_one->m_memory);
        if (s_one->m_cuts || address < begin || address >= begin + s_one->m_bytes
            || truncate(s_one->m_path.c_str(), 4096) != 0) {
            ::signal(signal, SIG_DFL); // a fault of another kind
            return;
        }
        s_one->m_cuts = true;
        mprotect(s_one->m_memory, s_one->m_bytes, PROT_READ | PROT_WRITE);
    }

    inline static CutsAtFirstWrite* s_one = nullptr;
    std::string m_path;
    std::size_t m_bytes;
    void* m_memory;
    volatile bool m_cuts = false;
    struct sigaction m_before { };
};

TrainState stateAt(std::int64_t step)
{
    TrainState state;
    state.step = step;
    state.tokens = 10 * step;
    state.elapsedS = 0.1;
    state.bestEvalLoss = 1.0 / 3.0;
    state.bestStep = 1;
    state.stale = 2;
    return state;
}

} // namespace

class CheckpointTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_scratch = std::make_unique<test::Scratch>();
        Training training;
        for (const int step : {2, 4}) {
            training.step(step);
            m_then[step] = training.copies();
            writeCheckpoint(run(), stateAt(step), training.tensors());
        }
    }

    void theNewest_isRead_bitForBit()
    {
        Training training;
        QCOMPARE(newestCheckpoint(run()), std::int64_t {4});
        const auto state = readNewestCheckpoint(run(), training.tensors());
        QVERIFY(state.has_value());
        QCOMPARE(stateToJson(*state), stateToJson(stateAt(4)));
        QVERIFY(training.isAt(m_then[4]));
    }

    // The names that checkpoints have had from the first version on: older ones are gone on from.
    void itsTensors_haveTheirNames()
    {
        const auto file = SafetensorsFile::open(checkpointDirectory(run(), 4) / kStateTensors);
        std::vector<std::string> names;
        for (const TensorView& view : file.tensors()) {
            names.push_back(view.name);
        }
        std::sort(names.begin(), names.end());
        const std::vector<std::string> expected {
            "split", "split.exp_avg", "split.exp_avg_sq", "split.low",
            "whole", "whole.exp_avg", "whole.exp_avg_sq"};
        QVERIFY(names == expected);
    }

    void aCutOne_isPassedOver_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<double>("share");
        for (const char* file : {kStateTensors, kStateFile}) {
            for (const double share : {0.0, 0.3, 0.9}) {
                QTest::addRow("%s at %g", file, share) << QString(file) << share;
            }
        }
    }
    void aCutOne_isPassedOver()
    {
        QFETCH(QString, file);
        QFETCH(double, share);
        const fs::path cut = checkpointDirectory(run(), 4) / file.toStdString();
        fs::resize_file(
            cut, static_cast<std::uintmax_t>(share * static_cast<double>(fs::file_size(cut))));
        QCOMPARE(newestCheckpoint(run()), std::int64_t {2});
        Training training;
        const auto state = readNewestCheckpoint(run(), training.tensors());
        QVERIFY(state && state->step == 2);
        QVERIFY(training.isAt(m_then[2]));
    }

    void none_isNothing()
    {
        Training training;
        const std::vector<at::Tensor> before = training.copies();
        fs::remove_all(run() / "checkpoints");
        QCOMPARE(newestCheckpoint(run()), std::int64_t {0});
        QVERIFY(!readNewestCheckpoint(run(), training.tensors()));
        QVERIFY(training.isAt(before));
    }

    // Another name, shape or number of tensors: nothing of it is taken.
    void another_isRefused_data()
    {
        QTest::addColumn<int>("what");
        QTest::newRow("name") << 0;
        QTest::newRow("shape") << 1;
        QTest::newRow("fewer") << 2;
        QTest::newRow("type") << 3;
    }
    void another_isRefused()
    {
        QFETCH(int, what);
        Trainable one {what == 0 ? "other" : "whole",
                       what == 1 ? at::zeros({3, 2}) : at::zeros({2, 3}),
                       {},
                       {}};
        Trainable two = what == 3 ? Trainable {"split", at::zeros({5}), {}, {}}
                                  : trainableWeight("split", at::zeros({5}, at::kBFloat16));
        const TrainableSet trained(what == 2 ? std::vector {&one} : std::vector {&one, &two});
        const auto optimizer = defaultOptimizer().make(trained, {});
        const auto error =
            test::errorOf([&] { readNewestCheckpoint(run(), optimizer->tensors()); });
        QVERIFY(error && error->kind() == ErrorKind::Format);
        QVERIFY2(std::string(error->what()).find("step-4: belongs to another run")
                     != std::string::npos,
                 error->what());
        QVERIFY(!at::any(one.value).item<bool>());
        QVERIFY(!at::any(two.value).item<bool>());
    }

    // Its zeros are not taken for what was learned.
    void oneThatShrinksWhileItIsRead_isRefused()
    {
        constexpr std::int64_t kCount = 1 << 18;
        writeBest(run(), stateAt(4), {{"whole", at::ones({kCount})}});
        const fs::path weights = bestDirectory(run()) / kStateTensors;
        const CutsAtFirstWrite place(weights, kCount * sizeof(float));
        const NamedTensors read {{"whole", at::from_blob(place.memory(), {kCount})}};
        const auto error = test::errorOf([&] { readTrained(bestDirectory(run()), read); });
        QVERIFY(place.hasCut());
        QVERIFY(error && error->kind() == ErrorKind::Io);
        const std::string text = error->what();
        QVERIFY2(text.starts_with(weights.string()) && text.find("became shorter") != text.npos,
                 text.c_str());
    }

private:
    fs::path run() const { return *m_scratch / "run"; }

    std::unique_ptr<test::Scratch> m_scratch;
    std::map<int, std::vector<at::Tensor>> m_then; // by step
};

QTEST_GUILESS_MAIN(CheckpointTest)
#include "tst_checkpoint.moc"
