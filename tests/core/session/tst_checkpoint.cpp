// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoints as the trainer writes and reads them, on two tensors: a whole master and one that is split.
#include "core/base/error.h"
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
        optimizer.step(1e-2);
        optimizer.zeroGradients();
    }
    std::vector<at::Tensor> tensors()
    {
        std::vector<at::Tensor> all {whole.value, split.value, split.low};
        for (const auto* moments : {&optimizer.firstMoments(), &optimizer.secondMoments()}) {
            all.insert(all.end(), moments->begin(), moments->end());
        }
        return all;
    }
    std::vector<at::Tensor> copies()
    {
        std::vector<at::Tensor> all = tensors();
        for (at::Tensor& one : all) {
            one = one.clone();
        }
        return all;
    }
    bool isAt(const std::vector<at::Tensor>& then)
    {
        const std::vector<at::Tensor> now = tensors();
        return std::equal(now.begin(), now.end(), then.begin(), then.end(),
                          [](const at::Tensor& a, const at::Tensor& b) { return at::equal(a, b); });
    }

    Trainable whole {"whole", at::ones({2, 3}), {}, {}};
    Trainable split;
    AdamW optimizer {{&whole, &split}, 0.1};
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
            training.optimizer.setSteps(step);
            m_then[step] = training.copies();
            writeCheckpoint(run(), stateAt(step), training.optimizer);
        }
    }

    void theNewest_isRead_bitForBit()
    {
        Training training;
        QCOMPARE(newestCheckpoint(run()), std::int64_t {4});
        const auto state = readNewestCheckpoint(run(), training.optimizer);
        QVERIFY(state.has_value());
        QCOMPARE(stateToJson(*state), stateToJson(stateAt(4)));
        QVERIFY(training.isAt(m_then[4]));
        QCOMPARE(training.optimizer.steps(), std::int64_t {4});
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
        const auto state = readNewestCheckpoint(run(), training.optimizer);
        QVERIFY(state && state->step == 2);
        QVERIFY(training.isAt(m_then[2]));
    }

    void none_isNothing()
    {
        Training training;
        const std::vector<at::Tensor> before = training.copies();
        fs::remove_all(run() / "checkpoints");
        QCOMPARE(newestCheckpoint(run()), std::int64_t {0});
        QVERIFY(!readNewestCheckpoint(run(), training.optimizer));
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
        AdamW optimizer(
            what == 2 ? std::vector<Trainable*> {&one} : std::vector<Trainable*> {&one, &two}, 0.0);
        const auto error = test::errorOf([&] { readNewestCheckpoint(run(), optimizer); });
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
        Trainable written {"whole", at::ones({kCount}), {}, {}};
        AdamW optimizer({&written}, 0.0);
        writeBest(run(), stateAt(4), optimizer);
        const fs::path weights = bestDirectory(run()) / kStateTensors;
        const CutsAtFirstWrite place(weights, kCount * sizeof(float));
        Trainable read {"whole", at::from_blob(place.memory(), {kCount}), {}, {}};
        const auto error = test::errorOf([&] { readTrained(bestDirectory(run()), {&read}); });
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
