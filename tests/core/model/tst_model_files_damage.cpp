// SPDX-License-Identifier: GPL-3.0-or-later
// Model files that were right once: cut short, or with numbers that are none.
#include "core/model/model_files.h"
#include "tests/core/model/model_folders.h"

#include <QFile>
#include <QTest>

#include <cmath>
#include <limits>

using namespace pissarro;
using core::ModelFiles;
using test::errorOf;
using test::kTiny;
using test::StoredTensor;
namespace fs = std::filesystem;

namespace {

// Sizes to cut a file of `whole` bytes down to, falling: a hundred within the weights, then every
// 64th byte of the header.
std::vector<std::uintmax_t> cutsOf(std::uintmax_t whole, std::uintmax_t header)
{
    constexpr std::uintmax_t kPadding = 32; // of the last tensor of a GGUF, which may be missing
    std::vector<std::uintmax_t> sizes;
    for (std::uintmax_t i = 0; i < 100; ++i) {
        sizes.push_back(whole - kPadding - 1 - (whole - kPadding - 1 - header) * i / 100);
    }
    for (std::uintmax_t size = header / 64 * 64; size > 0; size -= 64) {
        sizes.push_back(size);
    }
    sizes.push_back(0);
    return sizes;
}

} // namespace

class ModelFilesDamageTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        if (!QFile::exists(QString::fromStdString(kTiny))) {
            QSKIP("shared/golden is not here");
        }
    }

    void refuses_everyCut_data()
    {
        QTest::addColumn<bool>("isGguf");
        QTest::newRow("safetensors") << false;
        QTest::newRow("GGUF") << true;
    }

    void refuses_everyCut()
    {
        QFETCH(bool, isGguf);
        const test::Scratch scratch;
        test::copyModel(scratch / "model");
        const fs::path file =
            isGguf ? scratch / "model.gguf" : scratch / "model" / "model.safetensors";
        const fs::path model = isGguf ? file : file.parent_path();
        if (isGguf) {
            test::writeBytes(file, test::ggufOf(scratch / "model", "llama").bytes());
        }
        const std::uintmax_t header = fs::file_size(file) - ModelFiles::open(model)->weightBytes();
        const auto sizes = cutsOf(fs::file_size(file), header);
        QVERIFY(sizes.size() > 120); // the header is as long as it should be
        for (const std::uintmax_t size : sizes) {
            fs::resize_file(file, size);
            const auto error = errorOf([&] { ModelFiles::open(model); });
            const QString bad = test::complaint(error, file, "");
            QVERIFY2(bad.isEmpty(), qPrintable(QString::number(size) + ": " + bad));
        }
    }

    void refuses_numbersThatAreNone_data()
    {
        QTest::addColumn<float>("number");
        QTest::newRow("NaN") << std::numeric_limits<float>::quiet_NaN();
        QTest::newRow("-NaN") << -std::numeric_limits<float>::quiet_NaN();
        QTest::newRow("Inf") << HUGE_VALF;
        QTest::newRow("-Inf") << -HUGE_VALF;
    }

    // Opening reads headers only; whoever is to compute with a weight asks for its numbers.
    void refuses_numbersThatAreNone()
    {
        QFETCH(float, number);
        const test::Scratch scratch;
        const std::string name = "model.layers.1.self_attn.k_proj.weight";
        test::copyModel(scratch / "model", "llama", [&](auto& tensors, auto&) {
            for (StoredTensor& tensor : tensors) {
                if (tensor.name == name) {
                    std::memcpy(tensor.bytes.data() + tensor.bytes.size() - 4, &number, 4);
                }
            }
        });
        test::writeBytes(scratch / "model.gguf", test::ggufOf(scratch / "model", "llama").bytes());
        const auto folder = ModelFiles::open(scratch / "model");
        const auto gguf = ModelFiles::open(scratch / "model.gguf");
        const std::string what = "'" + name + "' holds NaN or Inf";
        QCOMPARE(test::complaint(errorOf([&] { folder->requireFinite(name); }), "model.safetensors",
                                 what),
                 QString());
        QCOMPARE(test::complaint(errorOf([&] { gguf->requireFinite(name); }), "model.gguf", what),
                 QString());
        QVERIFY(!errorOf([&] { folder->requireFinite("model.norm.weight"); }));
        QVERIFY(!errorOf([&] { gguf->requireFinite("model.norm.weight"); }));
    }
};

QTEST_GUILESS_MAIN(ModelFilesDamageTest)
#include "tst_model_files_damage.moc"
