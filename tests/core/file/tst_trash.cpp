// SPDX-License-Identifier: GPL-3.0-or-later
// The trash as file managers know it (freedesktop.org's specification 1.0), and the lock of files that several change.
#include "core/file/file_lock.h"
#include "core/file/trash.h"
#include "tests/core/file/test_files.h"

#include <QRegularExpression>
#include <QTest>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

using namespace pissarro;
using namespace pissarro::core;
using test::errorOf;
namespace fs = std::filesystem;

namespace {

// $XDG_DATA_HOME in a scratch folder, and back again.
class DataHome {
public:
    explicit DataHome(const fs::path& folder)
        : m_before(qgetenv("XDG_DATA_HOME"))
        , m_wasSet(qEnvironmentVariableIsSet("XDG_DATA_HOME"))
    {
        qputenv("XDG_DATA_HOME", QByteArray::fromStdString(folder.string()));
    }
    ~DataHome()
    {
        if (m_wasSet) {
            qputenv("XDG_DATA_HOME", m_before);
        } else {
            qunsetenv("XDG_DATA_HOME");
        }
    }
    DataHome(const DataHome&) = delete;
    DataHome& operator=(const DataHome&) = delete;

private:
    QByteArray m_before;
    bool m_wasSet;
};

} // namespace

class TrashTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatWasMovedThere_isFoundByItsPlace()
    {
        const test::Scratch scratch;
        const DataHome home(scratch / "data");
        const fs::path run = scratch / "100% \xC3\xA9";
        QVERIFY(!newestInTrash(run)); // there is no trash yet
        for (const char* content : {"one", "two", "three"}) {
            test::writeBytes(run, content);
            moveToTrash(run);
        }
        test::writeBytes(scratch / "data/Trash/info/torn.trashinfo", "[Trash Info]\nPath=%4");
        test::writeBytes(scratch / "data/Trash/files/torn", "");
        const auto newest = newestInTrash(run);
        QVERIFY(newest.has_value());
        QCOMPARE(test::readBytes(newest->file), std::string("three"));
        restoreFromTrash(*newest);
        QCOMPARE(test::readBytes(run), std::string("three"));
        QCOMPARE(test::readBytes(newestInTrash(run)->file), std::string("two"));
        QVERIFY(!newestInTrash(scratch / "another"));
    }

    void aFolder_goesWhole_andComesBack()
    {
        const test::Scratch scratch;
        const DataHome home(scratch / "data");
        const fs::path run = fs::canonical(scratch.path()) / "my run 100%\xC3\xA9";
        fs::create_directories(run / "adapter");
        test::writeBytes(run / "adapter/a.bin", "bytes");
        const Trashed trashed = moveToTrash(run / ""); // a slash behind it is no other folder
        QVERIFY(!fs::exists(run));
        QVERIFY(trashed.original == run);
        QVERIFY(trashed.file == scratch / "data/Trash/files" / run.filename());
        QCOMPARE(test::readBytes(trashed.file / "adapter/a.bin"), std::string("bytes"));
        const QString info = QString::fromStdString(test::readBytes(trashed.info));
        QVERIFY(trashed.info
                == scratch / "data/Trash/info" / (run.filename().string() + ".trashinfo"));
        const QRegularExpression form(
            QStringLiteral("^\\[Trash Info\\]\nPath=(.*/my%20run%20100%25%C3%A9)\n"
                           "DeletionDate=\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\n$"));
        const auto match = form.match(info);
        QVERIFY2(match.hasMatch(), qPrintable(info));
        QVERIFY(QByteArray::fromPercentEncoding(match.captured(1).toUtf8()).toStdString()
                == run.string());
        restoreFromTrash(trashed);
        QCOMPARE(test::readBytes(run / "adapter/a.bin"), std::string("bytes"));
        QVERIFY(!fs::exists(trashed.file) && !fs::exists(trashed.info));
    }

    void oneName_manyTimes()
    {
        const test::Scratch scratch;
        const DataHome home(scratch / "data");
        std::vector<Trashed> all;
        for (const char* text : {"one", "two", "three"}) {
            test::writeBytes(scratch / "log.txt", text);
            all.push_back(moveToTrash(scratch / "log.txt"));
        }
        QCOMPARE(test::readBytes(all[0].file), std::string("one"));
        QCOMPARE(test::readBytes(all[2].file), std::string("three"));
        QVERIFY(all[1].file.filename() == "log.txt.2");
        restoreFromTrash(all[1]);
        const auto error = errorOf([&] { restoreFromTrash(all[0]); });
        QVERIFY(error
                && std::string(error->what()).find("something is there again")
                    != std::string::npos);
        QCOMPARE(test::readBytes(scratch / "log.txt"), std::string("two"));
        QCOMPARE(test::readBytes(all[0].file), std::string("one"));
    }

    void aLink_goesItself()
    {
        const test::Scratch scratch;
        const DataHome home(scratch / "data");
        fs::create_directories(scratch / "kept");
        fs::create_directory_symlink(scratch / "kept", scratch / "link");
        const Trashed trashed = moveToTrash(scratch / "link");
        QVERIFY(fs::is_symlink(trashed.file) && fs::is_directory(scratch / "kept"));
    }

    void whatCannotGo_stays()
    {
        const test::Scratch scratch;
        const DataHome home(scratch / "data");
        const auto missing = errorOf([&] { moveToTrash(scratch / "none"); });
        QVERIFY(missing && missing->kind() == ErrorKind::Io);
        test::writeBytes(scratch / "a.txt", "x");
        test::writeBytes(scratch / "data", "no folder");
        QVERIFY(errorOf([&] { moveToTrash(scratch / "a.txt"); }).has_value());
        QCOMPARE(test::readBytes(scratch / "a.txt"), std::string("x"));
    }

    // A disk of its own has a trash of its own, with paths from its top.
    void anotherDisk_hasItsOwn()
    {
        const test::Scratch scratch;
        const DataHome home(scratch / "data");
        std::string name = "/dev/shm/pissarro-trash-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) {
            QSKIP("there is no second disk to try");
        }
        const fs::path folder = name;
        test::writeBytes(folder / "a.txt", "x");
        const Trashed trashed = moveToTrash(folder / "a.txt");
        const std::string user = std::to_string(::getuid());
        if (trashed.file == scratch / "data/Trash/files/a.txt") {
            fs::remove_all(folder);
            QSKIP("/dev/shm is on the same disk");
        }
        QVERIFY(trashed.file.string().starts_with("/dev/shm/.Trash"));
        const std::string info = test::readBytes(trashed.info);
        QVERIFY(info.find("Path=pissarro-trash-") != std::string::npos);
        restoreFromTrash(trashed);
        QCOMPARE(test::readBytes(folder / "a.txt"), std::string("x"));
        fs::remove_all(folder);
        std::error_code notEmpty; // what others have there stays
        for (const fs::path& made : {trashed.file.parent_path(), trashed.info.parent_path(),
                                     trashed.file.parent_path().parent_path()}) {
            fs::remove(made, notEmpty);
        }
    }

    void aLock_keepsOthersOut()
    {
        const test::Scratch scratch;
        const fs::path file = scratch / "a.json";
        const auto isFree = [&] {
            const int other = ::open((file.string() + ".lock").c_str(), O_RDWR | O_CREAT, 0600);
            const bool took = ::flock(other, LOCK_EX | LOCK_NB) == 0;
            ::close(other);
            return took;
        };
        {
            const FileLock lock(file);
            QVERIFY(!isFree());
        }
        QVERIFY(isFree());
        const FileLock nowhere(scratch / "no/such/a.json"); // nothing to lock, and no harm
    }
};

QTEST_GUILESS_MAIN(TrashTest)
#include "tst_trash.moc"
