// SPDX-License-Identifier: GPL-3.0-or-later
// Models at hand: each store as its program lays it out, whatever is broken in it, and no weight read.
#include "core/base/error.h"
#include "core/catalog/listed_model.h"
#include "core/catalog/model_list.h"
#include "core/catalog/model_place.h"
#include "tests/core/catalog/model_stores.h"
#include "tests/core/file/owner_rights.h"
#include "tests/core/model/model_folders.h"

#include <QTest>

#include <fcntl.h>
#include <sys/stat.h>

using namespace pissarro;
using namespace pissarro::core;
using test::changeSecretly;
using test::elementsIn;
using test::isNoted;
using test::lookIn;
using test::rowOf;
using test::says;
namespace fs = std::filesystem;

class ModelListTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_scratch = std::make_unique<test::Scratch>();
        qputenv("XDG_CACHE_HOME", QByteArray::fromStdString((*m_scratch / "cache").string()));
        m_tiny = *m_scratch / "made/tiny";
        fs::create_directories(m_tiny.parent_path());
        tests::writeTinyModel(m_tiny);
    }

    void hubCache_hasASnapshotOfEachName();
    void hubCache_saysWhatIsNotWhole();
    void lmStudio_hasFilesAndTheirParts();
    void ollama_namesWeightsByManifests();
    void ollama_brokenManifests_areALineEach();
    void folders_holdAnyOfThem();
    void whatIsNoModel_isPassedOver();
    void hostileTrees_areALineEach();
    void rows_areToldAsTheyAreFound();
    void aCancelledLook_keepsWhatItRead();
    void openedModels_areListedOnce();
    void usualPlaces_followTheEnvironment();

private:
    fs::path made(const std::string& name) const { return *m_scratch / name; }

    std::unique_ptr<test::Scratch> m_scratch;
    fs::path m_tiny;
};

void ModelListTest::hubCache_hasASnapshotOfEachName()
{
    const fs::path hub = made("hub");
    const fs::path main = test::writeHubRepository(hub, "models--org--tiny-1", m_tiny);
    test::writeHubRepository(hub, "models--org--tiny-1", m_tiny, "beef01", "half");
    test::writeHubRepository(hub, "models--org--tiny-1", m_tiny, "dead02", ""); // left of an update
    test::writeHubRepository(hub, "models--alone", m_tiny, "0f0f0f", "");
    test::writeHubRepository(hub, "datasets--org--rows", m_tiny);
    const ModelList list = lookIn(hub, PlaceKind::HubCache);
    QCOMPARE(list.models.size(), 3U);
    const ListedModel* row = rowOf(list, "org/tiny-1");
    QVERIFY(row != nullptr && row->canBeOpened());
    QVERIFY(row->path == main && row->author == "org" && row->name == "tiny-1");
    QCOMPARE(row->architecture, std::string("LLaMA"));
    QCOMPARE(row->parameters, elementsIn(m_tiny / "model.safetensors"));
    QCOMPARE(row->layers, tests::kTinyLayers);
    QCOMPARE(row->width, tests::kTinyWidth);
    QCOMPARE(row->vocabulary, tests::kTinyVocabulary);
    QCOMPARE(row->storedAs, std::string("F32"));
    QVERIFY(storageOf(*row) == Storage::Float);
    QCOMPARE(row->diskBytes,
             fs::file_size(m_tiny / "model.safetensors") + fs::file_size(m_tiny / "config.json"));
    QVERIFY(rowOf(list, "org/tiny-1", "half") != nullptr);
    QVERIFY(rowOf(list, "alone", "0f0f0f")
            != nullptr); // no name leads there, but it is all there is
    QCOMPARE(list.places.size(), 1U);
    QVERIFY(list.places.front().isThere && list.places.front().models == 3);
    QVERIFY(list.notes.empty());
}

void ModelListTest::hubCache_saysWhatIsNotWhole()
{
    const fs::path hub = made("hub");
    const fs::path cut = test::writeHubRepository(hub, "models--org--cut", m_tiny);
    fs::remove(cut / "model.safetensors");
    test::writeBytes(hub / "models--org--cut/blobs/0123.incomplete", std::string(2'500'000, 'x'));
    const fs::path gone = test::writeHubRepository(hub, "models--org--gone", m_tiny);
    fs::remove(hub / "models--org--gone/blobs/blob-a1b2c3-model.safetensors");
    const fs::path bare = test::writeHubRepository(hub, "models--org--bare", m_tiny);
    fs::remove(bare / "model.safetensors"); // somebody wanted its configuration alone
    fs::create_directories(hub / "models--org--begun/snapshots");
    fs::create_directories(hub / "models--org--begun/blobs");
    test::writeBytes(hub / "models--org--begun/blobs/99.incomplete", "xyz");
    fs::create_directories(hub / "models--org--empty/refs");
    const ModelList list = lookIn(hub, PlaceKind::HubCache);
    QCOMPARE(list.models.size(), 4U);
    QVERIFY(says(rowOf(list, "org/cut"), "its download is not finished: 2.5"));
    QVERIFY(
        says(rowOf(list, "org/gone"), "'model.safetensors' is a link to a file that is not there"));
    QVERIFY(says(rowOf(list, "org/bare"), "no model.safetensors"));
    QVERIFY(says(rowOf(list, "org/begun"), "its download is not finished"));
    QCOMPARE(rowOf(list, "org/gone")->architecture,
             std::string("llama")); // as its config.json says
}

void ModelListTest::lmStudio_hasFilesAndTheirParts()
{
    const fs::path root = made("lm");
    const fs::path two = root / "maker/Two-GGUF";
    fs::create_directories(two);
    test::writeBytes(two / "two-Q8_0.gguf", test::strangeGguf());
    test::writeBytes(two / "two-Q4_0.gguf", test::ggufOf(test::kTiny + "llama", "llama").bytes());
    test::writeBytes(two / "mmproj-two.gguf", "GGUF");
    test::writeBytes(two / "two-Q2_K.gguf.part", "GGUF");
    const fs::path split = root / "maker/Split-GGUF";
    fs::create_directories(split);
    for (const char* part : {"1", "3"}) {
        test::writeBytes(split / ("big-0000" + std::string(part) + "-of-00003.gguf"),
                         test::strangeGguf());
    }
    const ModelList list = lookIn(root, PlaceKind::LmStudio);
    QCOMPARE(list.models.size(), 3U);
    const ListedModel* whole = rowOf(list, "maker/Two-GGUF", "two-Q4_0");
    QVERIFY(whole != nullptr && whole->canBeOpened() && whole->isGguf);
    QCOMPARE(whole->architecture, std::string("LLaMA"));
    QCOMPARE(whole->storedAs, std::string("F32")); // what is in it goes before its name
    QVERIFY(rowOf(list, "maker/Two-GGUF", "two-Q8_0") != nullptr);
    const ListedModel* parts = rowOf(list, "maker/Split-GGUF");
    QVERIFY(says(parts, "part 2 of 3 is not there"));
    QCOMPARE(parts->diskBytes, 2 * std::uint64_t {test::strangeGguf().size()});
    QVERIFY(isNoted(list, "two-Q2_K.gguf.part: is a download that is not finished"));
    QCOMPARE(list.notes.size(), 1U);
}

void ModelListTest::ollama_namesWeightsByManifests()
{
    const fs::path store = made("ollama");
    const std::string bytes = test::ggufOf(test::kTiny + "llama", "llama").bytes();
    for (const char* name :
         {"registry.ollama.ai/library/tiny/latest", "registry.ollama.ai/library/tiny/7b",
          "registry.ollama.ai/maker/own/q4", "hf.co/org/Model-GGUF/Q4_K_M"}) {
        test::writeManifest(store, name, test::ollamaManifest(test::digestOf('a'), bytes.size()));
    }
    test::writeBytes(store / "blobs" / test::blobName('a'), bytes);
    test::writeBytes(store / "blobs" / test::blobName('c'), R"({"file_type": "F32_K_M"})");
    const ModelList list = lookIn(store, PlaceKind::Ollama);
    QCOMPARE(list.models.size(), 4U);
    for (const char* title :
         {"tiny:latest", "tiny:7b", "maker/own:q4", "hf.co/org/Model-GGUF:Q4_K_M"}) {
        const ListedModel* row = rowOf(list, title);
        QVERIFY2(row != nullptr && row->canBeOpened(), title);
        QVERIFY(row->path == store / "blobs" / test::blobName('a') && row->isGguf);
        QCOMPARE(row->storedAs, std::string("F32_K_M")); // as the store describes it
    }
    QCOMPARE(list.places.front().bytes, std::uint64_t {bytes.size()}); // one blob of four tags
}

void ModelListTest::ollama_brokenManifests_areALineEach()
{
    const fs::path store = made("ollama");
    const std::string library = "registry.ollama.ai/library/";
    test::writeManifest(store, library + "torn/1", "{\"layers\": [");
    test::writeManifest(store, library + "list/1", "[]");
    test::writeManifest(store, library + "cloud/1", R"({"layers": []})");
    test::writeManifest(store, library + "evil/1",
                        test::ollamaManifest("sha256:../../etc/passwd", 1));
    test::writeManifest(store, library + "gone/1", test::ollamaManifest(test::digestOf('b'), 1));
    test::writeManifest(store, library + "half/1", test::ollamaManifest(test::digestOf('d'), 1));
    test::writeBytes(store / "blobs" / (test::blobName('d') + "-partial-0"), "x");
    test::writeManifest(store, library + "short/1", test::ollamaManifest(test::digestOf('f'), 99));
    test::writeBytes(store / "blobs" / test::blobName('f'), "GGUF");
    test::writeManifest(store, library + "whole/1",
                        test::ollamaManifest(test::digestOf('1'), test::strangeGguf().size()));
    test::writeBytes(store / "blobs" / test::blobName('1'), test::strangeGguf());
    const ModelList list = lookIn(store, PlaceKind::Ollama);
    QCOMPARE(list.models.size(), 8U);
    QVERIFY(says(rowOf(list, "torn:1"), "its manifest is not JSON"));
    QVERIFY(says(rowOf(list, "list:1"), "its manifest has no list of layers"));
    QVERIFY(says(rowOf(list, "cloud:1"), "names no weights"));
    QVERIFY(says(rowOf(list, "evil:1"), "expected sha256: and 64 digits"));
    QVERIFY(says(rowOf(list, "gone:1"), "its weights are not there ('sha256-bbbb"));
    QVERIFY(says(rowOf(list, "half:1"), "its download is not finished"));
    QVERIFY(says(rowOf(list, "short:1"), "its weights have 4 bytes (expected 99"));
    QVERIFY(says(rowOf(list, "whole:1"), "'phi9' is not supported"));
    QCOMPARE(rowOf(list, "whole:1")->architecture, std::string("phi9"));
}

void ModelListTest::folders_holdAnyOfThem()
{
    const fs::path root = made("models");
    test::writeHubRepository(root / "cache", "models--org--cached", m_tiny);
    tests::writeTinyModel(root / "mine");
    tests::writeTinyModel(root / "by-date/today/run-1");
    test::writeBytes(root / "loose-Q4_0.gguf", test::strangeGguf());
    test::writeManifest(root / "store", "registry.ollama.ai/library/kept/1",
                        test::ollamaManifest(test::digestOf('1'), test::strangeGguf().size()));
    test::writeBytes(root / "store/blobs" / test::blobName('1'), test::strangeGguf());
    const ModelList list = lookIn(root);
    for (const char* title :
         {"org/cached", "mine", "by-date/today/run-1", "loose-Q4_0", "kept:1"}) {
        QVERIFY2(rowOf(list, title) != nullptr, title);
    }
    QCOMPARE(list.models.size(), 5U);
    const ModelList one = lookIn(root / "mine"); // the folder is a model
    QVERIFY(one.models.size() == 1 && rowOf(one, "mine") != nullptr);
    const ModelList file = lookIn(root / "loose-Q4_0.gguf");
    QVERIFY(file.models.size() == 1 && rowOf(file, "loose-Q4_0") != nullptr);
    QVERIFY(isNoted(lookIn(made("nowhere")), "there is no such folder"));
}

void ModelListTest::whatIsNoModel_isPassedOver()
{
    const fs::path root = made("models");
    fs::create_directories(root / "web");
    test::writeBytes(root / "web/config.json", R"({"port": 8080})");
    fs::create_directories(root / "adapter");
    test::writeBytes(root / "adapter/adapter_config.json", "{}");
    tests::writeTinyModel(root / "run/model");
    test::writeBytes(root / "run/run.json", "{}"); // a run: the library of runs has it
    tests::writeTinyModel(root / ".hidden/model");
    const ModelList list = lookIn(root);
    QVERIFY(list.models.empty() && list.notes.empty());
}

void ModelListTest::hostileTrees_areALineEach()
{
    const fs::path root = made("models");
    tests::writeTinyModel(root / "good");
    fs::create_directories(root / "a/b");
    fs::create_directory_symlink(root / "a", root / "a/b/again");
    fs::create_symlink("self", root / "self");
    tests::writeTinyModel(root / "not-\xff-utf8");
    fs::create_directories(root / "pipe");
    QVERIFY(::mkfifo((root / "pipe/config.json").c_str(), 0600) == 0);
    QVERIFY(::mkfifo((root / "pipe/model.gguf").c_str(), 0600) == 0);
    tests::writeTinyModel(root / "torn");
    test::writeBytes(root / "torn/model.safetensors", "cut");
    tests::writeTinyModel(root / "pickle");
    fs::rename(root / "pickle/model.safetensors", root / "pickle/pytorch_model.bin");
    tests::writeTinyModel(root / "json");
    test::writeBytes(root / "json/config.json", "{");
    const ModelList list = lookIn(root);
    QVERIFY(rowOf(list, "good") != nullptr && rowOf(list, "good")->canBeOpened());
    QVERIFY(isNoted(list, "again: is a link to a folder that it lies in"));
    QVERIFY(isNoted(list, "not-\\xff-utf8: has a name that is not UTF-8"));
    QVERIFY(says(rowOf(list, "torn"), "model.safetensors: file has 3 bytes"));
    QVERIFY(says(rowOf(list, "pickle"), "pickle"));
    QVERIFY(says(rowOf(list, "json"), "config.json"));
    QCOMPARE(list.models.size(), 4U);
    QCOMPARE(list.notes.size(), 2U);
    fs::create_directories(root / "closed");
    fs::permissions(root / "closed", fs::perms::none);
    const auto closed = [&] {
        const test::OwnerRights rights;
        return lookIn(root);
    }();
    fs::permissions(root / "closed", fs::perms::owner_all);
    QVERIFY(isNoted(closed, "closed: cannot be read"));
    QCOMPARE(closed.models.size(), 4U);
}

void ModelListTest::rows_areToldAsTheyAreFound()
{
    const fs::path root = made("models");
    constexpr int kCount = 150;
    for (int i = 0; i < kCount; ++i) {
        const fs::path folder = root / ("m" + std::to_string(i));
        fs::create_directories(folder);
        test::writeBytes(folder / "x.gguf", test::strangeGguf());
    }
    std::vector<std::size_t> sizes;
    std::size_t told = 0;
    ModelLister lister;
    const ModelList list = lister.look({{PlaceKind::LmStudio, root}}, {}, [&](ListedModels batch) {
        sizes.push_back(batch.size());
        told += batch.size();
    });
    QCOMPARE(list.models.size(), std::size_t {kCount});
    QCOMPARE(told, list.models.size());
    QCOMPARE(sizes.front(), 1U); // at once
    QVERIFY(*std::max_element(sizes.begin(), sizes.end()) <= ModelLister::kBatch);
}

void ModelListTest::aCancelledLook_keepsWhatItRead()
{
    const fs::path root = made("models");
    for (const char* name : {"a", "b", "c"}) {
        tests::writeTinyModel(root / name);
    }
    std::stop_source stop;
    ModelLister lister;
    int told = 0;
    QVERIFY_EXCEPTION_THROWN(lister.look({{PlaceKind::Folder, root}}, JobContext(stop.get_token()),
                                         [&](const ListedModels&) {
                                             ++told;
                                             stop.request_stop();
                                         }),
                             Cancelled);
    QCOMPARE(told, 1);
    changeSecretly(root / "a/config.json", 'x');
    QVERIFY(rowOf(lookIn(root), "a")->canBeOpened()); // it was kept
}

void ModelListTest::openedModels_areListedOnce()
{
    const fs::path root = made("models");
    tests::writeTinyModel(root / "one");
    ModelLister lister;
    const ModelList list = lister.look({{PlaceKind::Folder, root},
                                        {PlaceKind::Opened, root / "one"},
                                        {PlaceKind::Opened, m_tiny},
                                        {PlaceKind::Opened, root / "gone"}},
                                       {});
    QCOMPARE(list.models.size(), 3U);
    QVERIFY(list.models[0]->place.kind == PlaceKind::Folder);
    QVERIFY(list.models[1]->path == m_tiny && list.models[1]->canBeOpened());
    QVERIFY(says(list.models[2].get(), "it is not there any more"));
}

void ModelListTest::usualPlaces_followTheEnvironment()
{
    const QByteArray home = qgetenv("HOME");
    for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME"}) {
        qunsetenv(name);
    }
    qputenv("HOME", "/home/somebody");
    qputenv("HF_HOME", "/hf");
    qputenv("OLLAMA_MODELS", "/ollama");
    const auto has = [](PlaceKind kind, const char* folder) {
        const auto places = usualPlaces();
        return std::count(places.begin(), places.end(), ModelPlace {kind, folder}) == 1;
    };
    QVERIFY(has(PlaceKind::HubCache, "/hf/hub"));
    QVERIFY(has(PlaceKind::HubCache, "/home/somebody/.cache/huggingface/hub"));
    QVERIFY(has(PlaceKind::LmStudio, "/home/somebody/.lmstudio/models"));
    QVERIFY(has(PlaceKind::LmStudio, "/home/somebody/.cache/lm-studio/models"));
    QVERIFY(has(PlaceKind::Ollama, "/ollama"));
    QVERIFY(has(PlaceKind::Ollama, "/home/somebody/.ollama/models"));
    qputenv("HF_HUB_CACHE", "/hf/hub"); // the same place by another name
    QVERIFY(has(PlaceKind::HubCache, "/hf/hub"));
    for (const char* name : {"HF_HUB_CACHE", "HF_HOME", "OLLAMA_MODELS"}) {
        qunsetenv(name);
    }
    qputenv("HOME", home);
}

QTEST_GUILESS_MAIN(ModelListTest)
#include "tst_model_list.moc"
