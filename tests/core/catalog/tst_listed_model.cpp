// SPDX-License-Identifier: GPL-3.0-or-later
// What a listed model's headers say, that no weight is read for it, and that it is kept.
#include "core/base/error.h"
#include "core/catalog/listed_model.h"
#include "tests/core/catalog/model_stores.h"
#include "tests/core/model/model_folders.h"

#include <QTest>

#include <fcntl.h>
#include <numeric>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace pissarro;
using namespace pissarro::core;
using test::changeSecretly;
using test::elementsIn;
using test::lookIn;
using test::rowOf;
using test::says;
namespace fs = std::filesystem;

namespace {

// Pages of the file from `offset` on that are in memory.
std::int64_t residentPages(const fs::path& file, std::int64_t offset)
{
    const auto size = static_cast<std::int64_t>(fs::file_size(file)) - offset;
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    void* const data =
        ::mmap(nullptr, static_cast<std::size_t>(size), PROT_READ, MAP_SHARED, descriptor, offset);
    std::vector<unsigned char> pages(
        static_cast<std::size_t>((size + ::sysconf(_SC_PAGESIZE) - 1) / ::sysconf(_SC_PAGESIZE)));
    const int failed = ::mincore(data, static_cast<std::size_t>(size), pages.data());
    ::munmap(data, static_cast<std::size_t>(size));
    ::close(descriptor);
    return failed != 0
        ? -1
        : std::accumulate(pages.begin(), pages.end(), std::int64_t {0},
                          [](std::int64_t sum, unsigned char one) { return sum + (one & 1U); });
}

// A tied model that stores its head all the same, with holes for weights, far behind the header.
fs::path writeHollowModel(const fs::path& folder)
{
    constexpr std::int64_t kVocabulary = 1 << 20; // 128 MB of each matrix, none of it on disk
    const fs::path tiny = folder.parent_path() / "tiny-of-hollow";
    tests::writeTinyModel(tiny, nullptr, 1);
    nlohmann::json config = test::configOf(tiny);
    nlohmann::ordered_json header;
    std::uint64_t end = 0;
    for (const test::StoredTensor& tensor : test::tensorsOf(tiny / "model.safetensors")) {
        auto shape = tensor.shape;
        const bool isWide =
            tensor.name == "lm_head.weight" || tensor.name == "model.embed_tokens.weight";
        shape[0] = isWide ? kVocabulary : shape[0];
        std::uint64_t bytes = 4;
        for (const std::int64_t side : shape) {
            bytes *= static_cast<std::uint64_t>(side);
        }
        header[tensor.name] = {
            {"dtype", "F32"}, {"shape", shape}, {"data_offsets", {end, end + bytes}}};
        end += bytes;
    }
    config["vocab_size"] = kVocabulary;
    config["tie_word_embeddings"] = true;
    fs::create_directories(folder);
    const std::string begin = test::safetensorsBytes(header.dump(), {});
    test::writeBytes(folder / "model.safetensors", begin);
    fs::resize_file(folder / "model.safetensors", begin.size() + end);
    test::writeBytes(folder / "config.json", config.dump());
    fs::remove_all(tiny);
    return folder / "model.safetensors";
}

} // namespace

class ListedModelTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_scratch = std::make_unique<test::Scratch>();
        qputenv("XDG_CACHE_HOME", QByteArray::fromStdString((*m_scratch / "cache").string()));
    }

    void unknownFamilies_areListedAsFarAsTheyTell();
    void noWeight_isRead();
    void headers_areKeptByPathSizeAndTime();
    void damagedCache_isMadeAgain();
    void memory_isThatOfTheTrainer();
    void search_findsWords();

private:
    fs::path made(const std::string& name) const { return *m_scratch / name; }

    std::unique_ptr<test::Scratch> m_scratch;
};

void ListedModelTest::unknownFamilies_areListedAsFarAsTheyTell()
{
    const fs::path root = made("models");
    tests::writeTinyModel(root / "other");
    nlohmann::json config = test::configOf(root / "other");
    config["model_type"] = "never-heard-of";
    test::writeBytes(root / "other/config.json", config.dump());
    test::writeBytes(root / "strange.gguf", test::strangeGguf());
    const ModelList list = lookIn(root);
    const ListedModel* folder = rowOf(list, "other");
    QVERIFY(says(folder, "'never-heard-of' is not supported"));
    QCOMPARE(folder->architecture, std::string("never-heard-of"));
    QCOMPARE(folder->parameters, elementsIn(root / "other/model.safetensors"));
    QCOMPARE(folder->layers, tests::kTinyLayers);
    QCOMPARE(folder->storedAs, std::string("F32"));
    QVERIFY(!folder->need.isKnown());
    const ListedModel* file = rowOf(list, "strange");
    QVERIFY(says(file, "'phi9' is not supported"));
    QVERIFY(file->architecture == "phi9" && file->isGguf && file->width == 64 && file->layers == 1);
    QCOMPARE(file->parameters, 32 * 64 + 16 * 64);
    QCOMPARE(file->storedAs, std::string("Q4_0")); // most elements are
    QCOMPARE(file->types.size(), 2U);
    QVERIFY(storageOf(*file) == Storage::Blocks);
}

void ListedModelTest::noWeight_isRead()
{
    const fs::path root = made("models");
    const fs::path weights = writeHollowModel(root / "hollow");
    constexpr std::int64_t kFar = 4 << 20; // what the system reads ahead of a header ends before
    QVERIFY(residentPages(weights, kFar) == 0);
    const ModelList list = lookIn(root);
    const ListedModel* row = rowOf(list, "hollow");
    QVERIFY(row != nullptr);
    QVERIFY2(row->canBeOpened(), row->problem.c_str());
    QCOMPARE(residentPages(weights, kFar), 0);
    // Opened to be worked with it is compared with its embedding, a few rows.
    QVERIFY(!ModelFiles::open(root / "hollow")->weights().empty());
    QVERIFY(residentPages(weights, kFar) > 0);
}

void ListedModelTest::headers_areKeptByPathSizeAndTime()
{
    const fs::path root = made("models");
    tests::writeTinyModel(root / "one");
    const ModelList first = lookIn(root);
    QVERIFY(rowOf(first, "one")->canBeOpened());
    changeSecretly(root / "one/config.json", 'x');
    const ModelList kept = lookIn(root); // another lister, as another program
    QVERIFY(rowOf(kept, "one")->canBeOpened());
    const ListedModel& before = *rowOf(first, "one");
    const ListedModel& after = *rowOf(kept, "one");
    QVERIFY(before.place == after.place && before.path == after.path);
    QVERIFY(before.parameters == after.parameters && before.diskBytes == after.diskBytes
            && before.types.size() == after.types.size() && before.storedAs == after.storedAs);
    QCOMPARE(before.need.adapter.total(), after.need.adapter.total());
    QCOMPARE(before.need.fourBit.weights, after.need.fourBit.weights);
    QCOMPARE(before.need.full.optimizer, after.need.full.optimizer);
    ModelLister lister;
    const ModelList afresh = lister.look({{PlaceKind::Folder, root}}, {}, {}, Look::Afresh);
    QVERIFY(!rowOf(afresh, "one")->canBeOpened());
    tests::writeTinyModel(root / "one"); // with another time
    QVERIFY(rowOf(lister.look({{PlaceKind::Folder, root}}, {}), "one")->canBeOpened());
    qputenv("PISSARRO_CACHE_MB", "0");
    const fs::path cache = made("cache");
    fs::remove_all(cache);
    QVERIFY(rowOf(lookIn(root), "one")->canBeOpened());
    QVERIFY(!fs::exists(cache / "pissarro/models"));
    qunsetenv("PISSARRO_CACHE_MB");
}

void ListedModelTest::damagedCache_isMadeAgain()
{
    const fs::path root = made("models");
    tests::writeTinyModel(root / "one");
    lookIn(root);
    fs::path kept;
    for (const auto& entry : fs::directory_iterator(made("cache") / "pissarro/models")) {
        kept = entry.path().extension() == ".safetensors" ? entry.path() : kept; // not its lock
    }
    QVERIFY(!kept.empty());
    const std::string whole = test::readBytes(kept);
    for (const std::string& json :
         {std::string("["), std::string("[1]"), std::string(R"({"x": {"identity": 3, "row": []}})"),
          std::string(64, '\0')}) {
        const auto header = nlohmann::json {
            {"models",
             {{"dtype", "U8"}, {"shape", {json.size()}}, {"data_offsets", {0, json.size()}}}}};
        test::writeBytes(kept, test::safetensorsBytes(header.dump(), json));
        QVERIFY(rowOf(lookIn(root), "one")->canBeOpened());
    }
    test::writeBytes(kept, whole.substr(0, whole.size() / 2));
    QVERIFY(rowOf(lookIn(root), "one")->canBeOpened());
    QCOMPARE(test::readBytes(kept), whole); // as it was
}

void ListedModelTest::memory_isThatOfTheTrainer()
{
    const fs::path root = made("models");
    tests::writeTinyModel(root / "one");
    const ModelList list = lookIn(root);
    const TrainingNeed& need = rowOf(list, "one")->need;
    const auto files = ModelFiles::open(root / "one");
    RunSpec spec;
    const std::int64_t tokens = spec.batchSize * spec.maxLength;
    spec.method = methodNamed("pissa");
    QCOMPARE(need.adapter.total(), estimateMemory(*files, spec, {}, tokens).total());
    spec.method = methodNamed("full");
    QCOMPARE(need.full.total(), estimateMemory(*files, spec, {}, tokens).total());
    QVERIFY(need.fourBit.weights > 0 && need.isKnown());
    QVERIFY(fitOf(need, need.adapter.total() - 1) == MemoryFit::TooBig);
    QVERIFY(fitOf(need, need.adapter.total()) == MemoryFit::Tight);
    QVERIFY(fitOf(need, 2 * need.adapter.total()) == MemoryFit::Fits);
    QVERIFY(fitOf({}, 1) == MemoryFit::Unknown && fitOf(need, 0) == MemoryFit::Unknown);
}

void ListedModelTest::search_findsWords()
{
    ListedModel model;
    model.author = "HuggingFaceTB";
    model.name = "SmolLM2-135M";
    model.architecture = "LLaMA";
    model.storedAs = "Q4_K_M";
    model.path = "/somewhere/else";
    QVERIFY(isFoundBy(model, "") && isFoundBy(model, "  smollm2 "));
    QVERIFY(isFoundBy(model, "huggingfacetb llama q4_k") && isFoundBy(model, "somewhere"));
    QVERIFY(!isFoundBy(model, "smollm2 qwen"));
}

QTEST_GUILESS_MAIN(ListedModelTest)
#include "tst_listed_model.moc"
