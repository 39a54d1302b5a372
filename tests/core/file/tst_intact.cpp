// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/file/intact.h"
#include "core/file/mapped_file.h"
#include "core/format/safetensors.h"
#include "core/model/model_files.h"
#include "tests/cli/tiny_model.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <csignal>
#include <filesystem>
#include <functional>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace pissarro;
using namespace pissarro::core;

namespace {

constexpr std::size_t kSize = 1 << 20;

std::string complaintOf(const std::function<void()>& body)
{
    try {
        body();
    } catch (const Error& e) {
        return (e.kind() == ErrorKind::Io ? "" : "of another kind: ") + std::string(e.what());
    }
    return {};
}

} // namespace

class TestIntact : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { std::signal(SIGBUS, SIG_DFL); } // Qt Test's own handler ends nothing
    void aFileThatShrinks_readsAsZerosAndIsBroken()
    {
        const auto file = MappedFile::open(write("cut", kSize));
        const auto other = MappedFile::open(write("whole", kSize));
        const std::span<const std::byte> bytes = file->bytes();
        QCOMPARE(bytes[kSize - 1], std::byte {'x'});
        requireIntact(bytes.data());
        std::filesystem::resize_file(path("cut"), 10000);
        requireIntact(bytes.data()); // nothing wrong was read yet
        int wrong = 0;
        std::thread reader([&] { // as a worker of a team
            for (std::size_t i = 3 * 4096; i < kSize; ++i) {
                wrong += bytes[i] == std::byte {0} ? 0 : 1;
            }
        });
        reader.join();
        QCOMPARE(wrong, 0);
        QCOMPARE(bytes[5000], std::byte {'x'}); // what is there is read
        const std::string complaint = complaintOf([&] { requireIntact(bytes.data() + 5000); });
        QVERIFY2(complaint.starts_with(path("cut")), complaint.c_str());
        QVERIFY(complaint.find("became shorter") != std::string::npos);
        // What was there before counts on: the spectra of a page stay drawn.
        QVERIFY(complaint.find("what was being computed from it is dropped") != std::string::npos);
        requireIntact(other->bytes().data());
    }

    void theNextMapping_isWholeAgain()
    {
        for (int i = 0; i < 3; ++i) {
            const std::string name = write("again", kSize);
            const auto file = MappedFile::open(name);
            requireIntact(file->bytes().data());
            std::filesystem::resize_file(name, 0);
            QCOMPARE(file->bytes()[0], std::byte {0});
            QVERIFY(!complaintOf([&] { requireIntact(file->bytes().data()); }).empty());
        }
    }

    void aModel_saysWhichFile()
    {
        tests::writeTinyModel(path("model"));
        const auto files = ModelFiles::open(path("model"));
        const std::string weights = path("model") + "/model.safetensors";
        std::filesystem::resize_file(weights, std::filesystem::file_size(weights) / 2);
        const std::string last = "model.norm.weight";
        std::vector<float> values(static_cast<std::size_t>(tests::kTinyWidth));
        for (const auto& use :
             std::vector<std::function<void()>> {[&] { files->requireFinite(last); },
                                                 [&] {
                                                     files->readFloat32(last, values.data());
                                                     files->release(last);
                                                 }}) {
            const std::string complaint = complaintOf(use);
            QVERIFY2(complaint.starts_with(weights), complaint.c_str());
        }
    }

    void aFaultElsewhere_isTheSystems()
    {
        const pid_t child = fork();
        if (child == 0) {
            const auto file = MappedFile::open(write("other", kSize)); // installs the handler
            raise(SIGBUS);
            raise(SIGBUS); // the first gave the signal its old effect back
            _exit(0);
        }
        int status = 0;
        QCOMPARE(waitpid(child, &status, 0), child);
        QVERIFY(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
    }

private:
    std::string path(const char* name) const { return m_folder.filePath(name).toStdString(); }

    std::string write(const char* name, std::size_t size) const
    {
        QFile file(m_folder.filePath(name));
        if (!file.open(QIODevice::WriteOnly)) {
            qFatal("%s cannot be written", qPrintable(file.fileName()));
        }
        file.write(QByteArray(static_cast<qsizetype>(size), 'x'));
        return path(name);
    }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestIntact)
#include "tst_intact.moc"
